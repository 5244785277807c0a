"""Whether the probabilities that a strategy bends can be bent back by prior correction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean

from bench.analysis.effects import Scored, compare, values_of
from bench.analysis.scoring import ScoredSplit
from bench.analysis.wording import Verdict, format_range, join_words
from bench.calibration import brier
from bench.domain import Candidate, Run
from bench.repairs import correct_prior, learned_prevalence

REPAIRED_WITHIN = 0.003
"""A Brier score this near to that of ``none`` counts as repaired."""

_METRIC = "brier"
_LEAST_SHIFT = 0.001


def prior_correction_verdict(
    run: Run, scored: Scored, pairs: Sequence[tuple[Candidate, Candidate]]
) -> Verdict | None:
    """Say which strategies prior correction repairs: all that did no more than shift the prior.

    Every strategy that changed the share of positives is corrected as if that
    were all it did. It is repaired where its Brier score is then at most
    `REPAIRED_WITHIN` above that of ``none``, and not repairable where the test
    shows that it is further off than noise explains.
    """
    corrected = {a: splits for a, _ in pairs if (splits := _corrected(scored.get(a, ())))}
    effects = compare(
        run,
        {**scored, **corrected},
        [(a, b) for a, b in pairs if a in corrected],
        metric=_METRIC,
    )
    if not effects:
        return None
    outcome: dict[str, dict[str, list[Candidate]]] = defaultdict(lambda: defaultdict(list))
    figures: dict[str, float] = {}
    for effect in effects:
        kind = "unclear"
        if effect.difference <= REPAIRED_WITHIN:
            kind = "repaired"
        elif effect.is_beyond_noise:
            kind = "broken"
        outcome[effect.candidate.strategy][kind].append(effect.candidate)
        figures[f"{effect.candidate}: brier above none, corrected"] = effect.difference
        figures[f"{effect.candidate}: brier above none"] = effect.difference + _undone(
            scored[effect.candidate], corrected[effect.candidate]
        )
    return Verdict("prior correction", _sentence(outcome, figures), figures)


def _corrected(splits: Sequence[ScoredSplit]) -> tuple[ScoredSplit, ...]:
    """Return the splits with the Brier score after correction; none where nothing was shifted."""
    done = []
    is_shifted = False
    for split in splits:
        before = split.record.counts_before
        n_before = before.negatives + before.positives
        if split.record.outputs == "score" or not n_before or _METRIC not in split.values:
            return ()
        true, learned = before.positives / n_before, learned_prevalence(split.record)
        if not (0 < learned < 1 and 0 < true < 1):
            return ()
        is_shifted = is_shifted or abs(learned - true) > _LEAST_SHIFT
        repaired = correct_prior(split.predictions.score, learned=learned, true=true)
        values = {**split.values, _METRIC: brier(split.predictions.y, repaired)}
        done.append(replace(split, values=values))
    return tuple(done) if is_shifted else ()


def _undone(before: Sequence[ScoredSplit], after: Sequence[ScoredSplit]) -> float:
    """Return how much the correction lowers the mean Brier score."""
    return fmean(values_of(before, _METRIC)) - fmean(values_of(after, _METRIC))


_Outcome = Mapping[str, Mapping[str, Sequence[Candidate]]]
"""Strategy → "repaired", "broken" or "unclear" → its candidates."""


def _sentence(outcome: _Outcome, figures: Mapping[str, float]) -> str:
    words = {
        "repaired": "repairs the probabilities of",
        "broken": "cannot repair",
        "unclear": "was not shown to repair",
    }
    said = []
    for kind, verb in words.items():
        found = [c for kinds in outcome.values() for c in kinds.get(kind, ())]
        if found:
            left = [figures[f"{c}: brier above none, corrected"] for c in found]
            listed = join_words(
                [_named(strategy, kind, outcome) for strategy in _of(kind, outcome)]
            )
            said.append(f"{verb} {listed} [Brier {format_range(left)} against `none`]")
    return f"Prior correction {join_words(said)}."


def _of(kind: str, outcome: _Outcome) -> list[str]:
    return [strategy for strategy, kinds in outcome.items() if kinds.get(kind)]


def _named(strategy: str, kind: str, outcome: _Outcome) -> str:
    """Return a strategy, with the models that this is true of where it is not true of all."""
    kinds = outcome[strategy]
    if len(kinds) == 1:
        return strategy
    others = {c.model for other, found in kinds.items() if other != kind for c in found}
    names = {c.model if c.model not in others else f"{c.model} {c.tuning}" for c in kinds[kind]}
    return f"{strategy} (with {', '.join(sorted(names))})"
