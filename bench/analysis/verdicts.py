"""What imbalance handling does to each model, in words that stored scores back.

Something is said to change only where a paired corrected test shows it after
Holm's correction over the run, and to stay as it is only where two one-sided
tests put it within a stated margin. Everything else "was not shown".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from bench.analysis.effects import (
    Scored,
    StrategyEffect,
    compare,
    margin_of,
    strategy_pairs,
    values_of,
)
from bench.analysis.model_verdicts import defaults_verdict, simple_model_verdict
from bench.analysis.repair_verdict import prior_correction_verdict
from bench.analysis.wording import Verdict, format_figure, format_range, join_words
from bench.domain import Candidate, Leaderboard, Run
from bench.metrics import METRICS

_ASPECTS = (
    ("roc_auc", "ranking"),
    ("f1", "decisions at the chosen threshold"),
    ("brier", "probabilities"),
    ("empc", "profit"),
)
"""The metric that stands for each of the four boards."""

_NAMED = 3
"""More strategies than these are counted, not named."""


def build_verdicts(
    run: Run, scored: Scored, *, board: Leaderboard | None = None
) -> tuple[Verdict, ...]:
    """Return what the run shows about each model, the threshold, prior correction and defaults.

    Parameters
    ----------
    run : Run
    scored : mapping of Candidate to sequence of ScoredSplit
        What `score_splits` returns for all metrics.
    board : Leaderboard, optional
        Of the same run: no verdict says anything else of two of its rows.

    Returns
    -------
    tuple of Verdict
        None with a single split. Verdicts on what did not run are absent.
    """
    if len({job.split for job in run.jobs}) < 2:
        return ()
    pairs = strategy_pairs(run.candidates)
    effects = {
        metric: compare(run, scored, pairs, metric=metric)
        for metric in ("roc_auc", "f1", "f1_at_05", "brier", "empc")
    }
    found = [
        simple_model_verdict(run, scored, board=board),
        defaults_verdict(run, scored, board=board),
        *_model_verdicts(effects),
        _threshold_verdict(scored, pairs, effects),
        prior_correction_verdict(run, scored, pairs),
    ]
    return tuple(verdict for verdict in found if verdict is not None)


# --- per model ------------------------------------------------------------------------

Effects = Mapping[str, Sequence[StrategyEffect]]


def _model_verdicts(effects: Effects) -> list[Verdict]:
    models = sorted({e.candidate.model for found in effects.values() for e in found})
    return [
        _model_verdict(
            model,
            {
                metric: [e for e in found if e.candidate.model == model]
                for metric, found in effects.items()
            },
        )
        for model in models
    ]


def _model_verdict(model: str, effects: Effects) -> Verdict:
    """Return a sentence that puts together the aspects of which the same is true."""
    said: dict[str, list[str]] = {"changed": [], "same": [], "unclear": []}
    figures: dict[str, float] = {}
    for metric, noun in _ASPECTS:
        found = effects[metric]
        if not found:
            continue
        figures |= _figures(metric, found)
        kind, words = _aspect(metric, noun, found)
        said[kind].append(words)
    clauses = list(said["changed"])
    if said["same"]:
        verb = "stays" if len(said["same"]) == 1 else "stay"
        clauses.append(f"{join_words(said['same'])} {verb} as {_it_is(said['same'])}")
    if said["unclear"]:
        clauses.append(f"no strategy was shown to change {join_words(said['unclear'], 'or')}")
    n = max(len(found) for found in effects.values())
    strategies = f"{n} comparison{'' if n == 1 else 's'} with `none`"
    return Verdict(model, f"`{model}` ({strategies}): {'; '.join(clauses)}.", figures)


def _it_is(same: Sequence[str]) -> str:
    # "decisions" and "probabilities" are many already.
    is_one = len(same) == 1 and same[0].startswith(("ranking", "profit"))
    return "it is" if is_one else "they are"


def _aspect(metric: str, noun: str, found: Sequence[StrategyEffect]) -> tuple[str, str]:
    """Return whether an aspect changed, stayed the same or is unclear, and the words for it."""
    changed = [effect for effect in found if effect.matters]
    if changed:
        ways = []
        for word, group in (
            ("better", [effect for effect in changed if effect.is_better]),
            ("worse", [effect for effect in changed if not effect.is_better]),
        ):
            if group:
                ways.append(f"{word} with {_which(group, found)} [{_range(metric, group)}]")
        verb = "gets" if noun in ("ranking", "profit") else "get"
        return "changed", f"{noun} {verb} {' and '.join(ways)}"
    n_same = sum(effect.is_equivalent for effect in found)
    if n_same == len(found):
        return "same", f"{noun} [{_range(metric, found)}]"
    share = f", {n_same} of {len(found)} shown to be the same" if n_same else ""
    return "unclear", f"{noun} [{_range(metric, found)}{share}]"


def _range(metric: str, effects: Sequence[StrategyEffect]) -> str:
    """Return ``ROC-AUC -.0012 to +.0031``."""
    return f"{METRICS.lookup(metric).title} {format_range([e.difference for e in effects])}"


def _which(group: Sequence[StrategyEffect], found: Sequence[StrategyEffect]) -> str:
    """Return the strategies of ``group``, or how many of all they are where they are many."""
    names = sorted({effect.candidate.strategy for effect in group})
    tunings = {effect.candidate.tuning for effect in found}
    if len(group) == len(found) > 1:
        return f"all {len(found)}"
    if len(names) > _NAMED or (len(tunings) > 1 and len(group) > _NAMED):
        return f"{len(group)} of {len(found)}"
    if len(tunings) == 1:
        return join_words(names)
    return join_words([f"{e.candidate.strategy} ({e.candidate.tuning})" for e in group])


def _figures(metric: str, found: Sequence[StrategyEffect]) -> dict[str, float]:
    differences = [effect.difference for effect in found]
    return {
        f"{metric}_comparisons": float(len(found)),
        f"{metric}_lowest": min(differences),
        f"{metric}_highest": max(differences),
        f"{metric}_better": float(sum(e.matters and e.is_better for e in found)),
        f"{metric}_worse": float(sum(e.matters and not e.is_better for e in found)),
        f"{metric}_equivalent": float(sum(e.is_equivalent for e in found)),
    }


# --- the threshold --------------------------------------------------------------------


def _threshold_verdict(
    scored: Scored, pairs: Sequence[tuple[Candidate, Candidate]], effects: Effects
) -> Verdict | None:
    """Say whether strategies decide better than the plain model with a moved threshold."""
    found, at_half = effects["f1"], effects["f1_at_05"]
    if not found or not at_half:
        return None
    measured = {effect.candidate for effect in at_half}
    plain = sorted({b for a, b in pairs if a in measured})
    moved = fmean(
        fmean(values_of(scored[c], "f1")) - fmean(values_of(scored[c], "f1_at_05")) for c in plain
    )
    strategies = fmean(effect.difference for effect in at_half)
    beyond = [e for e in found if e.matters and e.is_better]
    n_same = sum(effect.is_equivalent for effect in found)
    margin = margin_of("f1", 0.0)
    if beyond:
        names = [f"`{effect.candidate}`" for effect in beyond]
        listed = join_words(names) if len(names) <= _NAMED else f"{len(names)} candidates"
        lead = f"Only {listed} decide{'s' if len(names) == 1 else ''} better"
    else:
        lead = "No strategy was shown to decide better"
    differences = format_range([effect.difference for effect in found])
    by_strategies = format_figure(strategies, is_signed=True)
    by_moving = format_figure(moved, is_signed=True)
    sentence = (
        f"{lead} than the plain model with a moved threshold: F1 at the chosen threshold differs "
        f"by {differences}, and {n_same} of {len(found)} are shown to be the same within "
        f"±{format_figure(margin, 2)}. At the usual .5 strategies change F1 by {by_strategies} on "
        f"average; moving the threshold of the plain models changes it by {by_moving} [means over "
        f"{len(at_half)} and {len(plain)} candidates, not tested]."
    )
    return Verdict(
        "threshold",
        sentence,
        {
            **_figures("f1", found),
            "margin": margin,
            "f1_at_05_by_strategies": strategies,
            "f1_by_moving_the_threshold": moved,
        },
    )
