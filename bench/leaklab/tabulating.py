"""Honest and leaky scores, brought together: a row for each mistake and model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bench.domain import Candidate, DatasetFacts, EvalProtocol, Outputs, Run, Split
from bench.environment import library_versions
from bench.execution.running import Outcome
from bench.leaklab.catalogue import Kind, Mistake
from bench.leaklab.fits import LeakyFit, Spoilt, lab_source
from bench.leaklab.judging import (
    Fits,
    LabRow,
    LabTable,
    LeftOut,
    Reference,
    Tested,
    Values,
    adjusted,
    compare,
    judge,
)
from bench.leaklab.mistakes import SELECTION
from bench.models import MODELS

OWN_HONEST: Mapping[Kind, str] = {
    "tune": "chosen by held-back training rows",
    "encode": "churn rates of training rows only",
}
"""Mistakes whose honest counterpart is fitted beside them, and what it is called."""


OTHER_ROWS: tuple[Kind, ...] = ("resample", "duplicates", "entity")
"""Mistakes that test on other rows than their honest counterparts, split by split."""

FAILED = "its honest fits failed"


@dataclass(frozen=True)
class Asked:
    """What a table answers: which mistakes, with which models, on what, by which protocol."""

    facts: DatasetFacts
    protocol: EvalProtocol
    models: tuple[str, ...]
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, eq=False)
class Board:
    """Honest figures by candidate, of one dataset."""

    run: Run
    values: Mapping[Candidate, Values]
    fits: Mapping[Candidate, Fits]

    def why_not(self, candidate: Candidate) -> str:
        """Return why a candidate has no figures; nothing where it has."""
        if candidate in self.values:
            return ""
        skips = {skip.candidate: skip.reason for skip in self.run.skips}
        return skips.get(candidate, FAILED)


def honest_counterpart(mistake: Mistake, model: str) -> Candidate:
    """Return the candidate that differs from the mistake by the mistake alone."""
    if mistake.sampler:
        return Candidate(model, mistake.sampler)
    if mistake.kind == "select":
        return Candidate(model, preparation=SELECTION)
    if mistake.kind == "stop":
        return Candidate(model, tuning="recommended")
    return Candidate(model)


def judge_board(outcome: Outcome) -> Board:
    """Return the figures of all candidates that finished every split."""
    fits: dict[Candidate, dict[Split, Tested]] = {}
    outputs: dict[Candidate, Outputs] = {}
    n_splits = len(outcome.run.experiment.protocol.splits)
    for job in outcome.run.jobs:
        result = outcome.results[job.id]
        if result.predictions is not None:
            tested = Tested(result.predictions.y, result.predictions.score)
            fits.setdefault(job.candidate, {})[job.split] = tested
            outputs[job.candidate] = result.record.outputs
    whole = {candidate: found for candidate, found in fits.items() if len(found) == n_splits}
    values = {candidate: judge(found, outputs[candidate]) for candidate, found in whole.items()}
    return Board(outcome.run, values, whole)


def tabulate(
    asked: Asked,
    board: Board,
    boards: Mapping[Kind, Board],
    *,
    found: Mapping[LeakyFit, Spoilt | str],
    left_out: Sequence[LeftOut],
) -> LabTable:
    """Return the table of what was found.

    Parameters
    ----------
    asked : Asked
    board : Board
        Of the data as they are.
    boards : mapping of kind to Board
        Of the data that some mistakes are made on.
    found : mapping of LeakyFit to Spoilt or str
        Scores, or why there are none.
    left_out : sequence of LeftOut
        What was not tried.
    """
    protocol, left_out = asked.protocol, list(left_out)
    references = [Reference(str(c), c.model, values) for c, values in sorted(board.values.items())]
    rows: list[LabRow] = []
    skipped = {(one.mistake, one.model) for one in left_out}
    for mistake in asked.mistakes:
        for model in asked.models:
            if (mistake.name, model) in skipped:
                continue
            fits = {
                fit.split: outcome
                for fit, outcome in found.items()
                if fit.mistake == mistake and fit.model == model
            }
            problems = sorted({one for one in fits.values() if isinstance(one, str)})
            if problems:
                left_out.append(LeftOut(mistake.name, model, problems[0], is_failure=True))
                continue
            spoilt = {split: one for split, one in fits.items() if isinstance(one, Spoilt)}
            own = boards.get(mistake.kind, board)
            row = _row(mistake, model, spoilt, board=own, is_changed=own is not board)
            row = replace(row, is_paired=mistake.kind not in OTHER_ROWS)
            rows.append(replace(row, inflation=compare(row, folds=protocol.folds)))
            if mistake.kind in OWN_HONEST:
                references.append(Reference(row.honest_candidate, model, row.honest))
    return LabTable(
        facts=replace(asked.facts, findings=()),
        folds=protocol.folds,
        repeats=protocol.repeats,
        seed=protocol.seed,
        models=asked.models,
        mistakes=asked.mistakes,
        references=tuple(references),
        rows=adjusted(rows),
        left_out=tuple(left_out),
        versions=library_versions(),
        source=lab_source(),
    )


def _row(
    mistake: Mistake,
    model: str,
    spoilt: Mapping[Split, Spoilt],
    *,
    board: Board,
    is_changed: bool,
) -> LabRow:
    """Return the figures with the mistake and without it."""
    outputs = MODELS.lookup(model).capabilities.outputs
    counterpart = honest_counterpart(mistake, model)
    if mistake.kind == "threshold":
        leaky = judge(board.fits[counterpart], outputs, on_test=True)
        return LabRow(mistake.name, model, str(counterpart), leaky, board.values[counterpart])
    fits = {split: Tested(one.y, one.score) for split, one in spoilt.items()}
    if mistake.kind in OWN_HONEST:
        beside = {split: Tested(one.y, one.honest_score) for split, one in spoilt.items()}
        label = f"{model}, {OWN_HONEST[mistake.kind]}"
        return LabRow(mistake.name, model, label, judge(fits, outputs), judge(beside, outputs))
    label = str(counterpart) + (_ON_WHAT.get(mistake.kind, "") if is_changed else "")
    return LabRow(mistake.name, model, label, judge(fits, outputs), board.values[counterpart])


_ON_WHAT: Mapping[Kind, str] = {
    "impute": ", a tenth of the numbers taken out",
    "duplicates": ", half of the rows twice, copies kept together",
    "entity": ", several rows a customer, kept together",
}
