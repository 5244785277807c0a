"""The answer in plain words: who is best, how sure that is, and what strategies change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bench.analysis.choice import BASELINE, PLAIN, choice_sentence, is_chance
from bench.analysis.effects import StrategyEffect
from bench.analysis.race_summary import first_of, race_sentences
from bench.analysis.racing import shared_repeats
from bench.analysis.wording import format_figure, format_margin, join_words
from bench.domain import BoardRow, Leaderboard
from bench.metrics import METRICS

_LISTED = 2


def answer(
    leaderboard: Leaderboard,
    effects: Sequence[StrategyEffect] = (),
    tuning: Sequence[str] = (),
) -> list[str]:
    """Return a few sentences that say what the board shows, and no more than that.

    Parameters
    ----------
    leaderboard : Leaderboard
    effects : sequence of StrategyEffect
        Those of the same run on the metric that ranks the board; without them
        nothing is said about strategies.
    tuning : sequence of str
        What `bench.analysis.tuning.tuning_sentences` says of the same run.
    """
    ranked = [row for row in leaderboard.rows if row.rank is not None]
    sentences = caveats(leaderboard)
    if not ranked:
        return [
            *sentences,
            f"No candidate finished all {leaderboard.n_splits} splits, so nothing is ranked.",
            *race_sentences(leaderboard),
        ]
    title = METRICS.lookup(leaderboard.rank_by).title
    if is_chance(leaderboard):
        sentences.append(
            "No candidate was shown to rank customers better than chance (ROC-AUC .5): "
            "what follows is noise."
        )
    sentences.append(_best_sentence(leaderboard, ranked, title))
    if choice := advice(leaderboard):
        sentences.append(choice)
    expected = leaderboard.expected_of_selection
    if expected is not None:
        sentences.append(_luck_sentence(leaderboard, ranked, expected=expected))
    if effects:
        sentences.append(_effects_sentence(leaderboard, effects, title))
    sentences += tuning
    resolvable = leaderboard.resolvable_difference
    if resolvable is not None:
        sentences.append(_resolution_sentence(leaderboard, resolvable))
    return [*sentences, *race_sentences(leaderboard)]


def advice(leaderboard: Leaderboard) -> str:
    """Return which candidate to take if in doubt; nothing where there is no doubt, or all is noise.

    The rule is that of `bench.analysis.choice.choose`.
    """
    n_tied = sum(row.is_tied_with_best for row in leaderboard.rows if row.rank is not None)
    return choice_sentence(leaderboard) if n_tied > 1 else ""


def caveats(leaderboard: Leaderboard) -> list[str]:
    """Return what makes every figure doubtful: severe findings about the data."""
    severe = [f for f in leaderboard.run.facts.findings if f.severity == "severe"]
    if not severe:
        return []
    more = f" (and {len(severe) - 1} more)" if severe[1:] else ""
    return [f"Believe no figure before this is settled: {severe[0].message}{more}"]


# --- who is best ----------------------------------------------------------------------


def _best_sentence(leaderboard: Leaderboard, ranked: Sequence[BoardRow], title: str) -> str:
    best, others = ranked[0], ranked[1:]
    score = best.scores[leaderboard.rank_by]
    name, figure = f"`{best.candidate}`", f"mean {title} {format_figure(score.mean)}"
    if leaderboard.n_splits < 2:
        return (
            f"{name} has the best {figure}, but a single split cannot tell a difference from noise."
        )
    figure += f", 95 % interval {format_figure(score.low)} to {format_figure(score.high)}"
    if not others:
        if leaderboard.run.stopped:
            return f"{name} is the best: all others were stopped on the way, behind it ({figure})."
        if best.candidate.model == BASELINE:
            return (
                f"Nothing but {name} finished all splits, the baseline that scores all customers "
                f"alike ({figure})."
            )
        return f"{name} is the only candidate that finished all splits ({figure})."
    tied = [row for row in others if row.is_tied_with_best]
    if not tied:
        rest = "the one other candidate" if len(others) == 1 else f"all {len(others)} others"
        rest += _left_in_race(leaderboard, len(others))
        return f"{name} is the best, ahead of {rest} by more than noise ({figure})."
    if len(tied) == 1:
        behind = "" if len(others) == 1 else "; all others are behind by more than noise"
        return (
            f"{name} has the best {figure}, but `{tied[0].candidate}` cannot be told apart "
            f"from it{behind}."
        )
    return _tie_sentence(leaderboard, ranked, tied, f"{name} ({figure})")


def _left_in_race(leaderboard: Leaderboard, n: int) -> str:
    if not leaderboard.run.stopped:
        return ""
    return f" that {'was' if n == 1 else 'were'} left in the race"


def _tie_sentence(
    leaderboard: Leaderboard, ranked: Sequence[BoardRow], tied: Sequence[BoardRow], best: str
) -> str:
    n_tied = len(tied) + 1
    count = f"all {n_tied}" if n_tied == len(ranked) else f"{n_tied} of {len(ranked)}"
    left = " left in the race" if leaderboard.run.stopped else ""
    models = Counter(row.candidate.model for row in (ranked[0], *tied))
    named = ", ".join(f"{model} {n}" for model, n in sorted(models.items()))
    text = (
        f"There is no single winner: {count} candidates{left} ({named}) cannot be told apart "
        f"from the {_extreme(leaderboard)} mean, that of {best}"
    )
    n_equivalent = sum(row.is_equivalent_to_best for row in ranked[1:])
    if n_equivalent and leaderboard.equivalence_margin is not None:
        text += (
            f"; {n_equivalent} of the others {'is' if n_equivalent == 1 else 'are'} shown to be "
            f"within ±{format_margin(leaderboard.equivalence_margin)} of it"
        )
    return f"{text}{_about_plain(leaderboard, ranked, tied)}."


def _about_plain(
    leaderboard: Leaderboard, ranked: Sequence[BoardRow], tied: Sequence[BoardRow]
) -> str:
    """Say whether the plain model is as good, where it took part and is not the best itself."""
    if PLAIN in [row.candidate for row in leaderboard.rows if row.status == "stopped"]:
        return f"; plain `{PLAIN}` was stopped, behind"
    if PLAIN not in [row.candidate for row in ranked[1:]]:
        return ""
    if PLAIN in [row.candidate for row in tied]:
        return f"; plain `{PLAIN}` is among those tied"
    return f"; plain `{PLAIN}` is behind it by more than noise"


def _extreme(leaderboard: Leaderboard) -> str:
    """Return what the best mean is, by the direction of the metric."""
    return "highest" if METRICS.lookup(leaderboard.rank_by).direction == "higher" else "lowest"


def _luck_sentence(leaderboard: Leaderboard, ranked: Sequence[BoardRow], *, expected: float) -> str:
    best = ranked[0].candidate
    honest, told = map(format_figure, (expected, ranked[0].scores[leaderboard.rank_by].mean))
    chance = ranked[0].p_best
    choosing = f"Choosing the {_extreme(leaderboard)} of {len(ranked)}, `{best}`, flatters it"
    if honest == told:
        text = f"{choosing} by less than .0001"
    else:
        text = f"{choosing}: expect {honest} of it on other customers, not {told}"
    if chance is not None:
        text += f"; the chance that it is really the best is {100 * chance:.0f} %"
    return f"{text}."


def _resolution_sentence(leaderboard: Leaderboard, resolvable: float) -> str:
    repeats = leaderboard.repeats_to_separate
    text = (
        f"With {leaderboard.n_splits} splits, differences below about "
        f"{format_figure(resolvable)} cannot be resolved"
    )
    if repeats is None:
        return f"{text}."
    if repeats == 0:
        return f"{text}; no number of repeats up to 100 would tell the first two apart."
    return f"{text}; about {repeats} repeats would tell the first two apart, if they differ so."


# --- what strategies change -----------------------------------------------------------


def _effects_sentence(
    leaderboard: Leaderboard, effects: Sequence[StrategyEffect], title: str
) -> str:
    real = [effect for effect in effects if effect.is_beyond_noise]
    n = len(effects)
    compared = f"{n} comparison{'' if n == 1 else 's'} with `none` in the same model"
    n_shared, n_repeats = shared_repeats(leaderboard.run).n_repeats, leaderboard.run.n_repeats
    tested = "Holm-corrected"
    if n_shared < n_repeats:
        tested += f"; over {first_of(n_shared, n_repeats)}, which all candidates finished"
    if not real:
        named = join_words([f"`{name}`" for name in _strategies(effects)])
        return (
            f"No imbalance strategy ({named}) was shown to change {title}, in {compared} "
            f"({tested})."
        )
    better = [effect for effect in real if effect.is_better]
    worse = [effect for effect in real if not effect.is_better]
    said = []
    if better:
        said.append(f"improve {title} in {len(better)} of {compared}{_examples(better)}")
    if worse and better:
        said.append(f"worsen it in {len(worse)}{_examples(worse)}")
    elif worse:
        said.append(f"worsen {title} in {len(worse)} of {compared}{_examples(worse)}")
    rest = n - len(real)
    others = "one" if rest == 1 else f"{rest}"
    end = f"; in the other {others} no change was shown" if rest else ""
    return f"Imbalance strategies {' and '.join(said)}{end} ({tested})."


def _strategies(effects: Sequence[StrategyEffect]) -> list[str]:
    return sorted({effect.candidate.strategy for effect in effects})


def _examples(effects: Sequence[StrategyEffect]) -> str:
    """Return the models that are concerned, where they are few, and the largest changes."""
    largest = sorted(effects, key=lambda e: (-abs(e.difference), str(e.candidate)))[:_LISTED]
    figures = ", ".join(
        f"`{e.candidate}` {format_figure(e.difference, is_signed=True)}" for e in largest
    )
    models = sorted({effect.candidate.model for effect in effects})
    concerned = ""
    if len(effects) > 1 and len(models) <= 2:
        concerned = f", all of {' or '.join(models)}"
    lead = "such as " if len(effects) > len(largest) else ""
    return f"{concerned} ({lead}{figures})"
