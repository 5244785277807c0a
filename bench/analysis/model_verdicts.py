"""Whether the simple model keeps up with the boosters, and what defaults cost.

Both look at the candidates without a strategy. Whoever is compared was picked
by the data among them, which the tests are corrected for.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from bench.analysis.choice import PLAIN
from bench.analysis.effects import NONE, Scored, StrategyEffect, compare, values_of
from bench.analysis.wording import Verdict, format_figure, join_words
from bench.domain import Candidate, Leaderboard, Run

BOOSTERS = ("catboost", "lightgbm", "xgboost")
_METRIC = "roc_auc"


def simple_model_verdict(
    run: Run, scored: Scored, *, board: Leaderboard | None = None
) -> Verdict | None:
    """Say which boosters, each at its best plain setting, cannot be told from logistic regression.

    A booster is met by its best candidate at settings other than the library's
    own where there are any: defaults have a verdict of their own. Of the first row of
    ``board`` the board has the last word, so that nothing is said both ways.
    """
    plain = _plain(run, scored)
    simple, rivals = _contenders(scored, plain)
    if simple is None or not rivals:
        return None
    effects = _against(run, scored, plain, simple)
    figures = {str(simple): _mean(scored, simple)}
    tied: list[str] = []
    ahead: list[str] = []
    behind: list[str] = []
    losers: list[Candidate] = []
    for rival in rivals:
        effect = effects[rival]
        mean = _mean(scored, rival)
        figures |= {str(rival): mean, f"{rival}: adjusted p": effect.adjusted_p_value}
        is_tied = _is_tied(effect, simple, board)
        group = tied if is_tied else ahead if effect.is_better else behind
        losers += [] if is_tied else [simple] if effect.is_better else [rival]
        group.append(f"`{rival}` [{format_figure(mean)}]")
    said = []
    if tied:
        said.append(f"cannot be told apart from {join_words(tied, 'or')}")
    if ahead:
        said.append(f"is behind {join_words(ahead)} by more than noise")
    if behind:
        said.append(f"is ahead of {join_words(behind)} by more than noise")
    reference = f"`{simple}` [ROC-AUC {format_figure(figures[str(simple)])}]"
    told = f"Without a strategy, {reference} {join_words(said)}."
    return Verdict("simple model", told + _still_tied(losers, plain, board), figures)


def _is_tied(effect: StrategyEffect, reference: Candidate, board: Leaderboard | None) -> bool:
    """Return whether two candidates cannot be told apart, as ``board`` says if one leads it."""
    rows = () if board is None or board.rank_by != _METRIC else board.rows
    found = [row for row in rows if row.candidate in (effect.candidate, reference)]
    if any(row.rank == 1 for row in found):
        return all(row.is_tied_with_best for row in found)
    return not effect.is_beyond_noise


def _still_tied(
    losers: Sequence[Candidate], plain: Sequence[Candidate], board: Leaderboard | None
) -> str:
    """Say why the board cannot tell some from its first row that are behind another here."""
    if board is None or board.rank_by != _METRIC:
        return ""
    tied = [row.candidate for row in board.rows if row.is_tied_with_best]
    names = [f"`{c}`" for c in dict.fromkeys(losers) if c in tied]
    if not names:
        return ""
    n_ranked = sum(row.rank is not None for row in board.rows)
    return (
        f" On the board {_verb(names, 'is', 'are')} still tied with the first row: that one is the "
        f"best of {n_ranked}, this one of {len(plain)} without a strategy, and the more there are "
        "to pick from, the clearer a difference must be."
    )


def defaults_verdict(
    run: Run, scored: Scored, *, board: Leaderboard | None = None
) -> Verdict | None:
    """Say whether boosters at their library's own settings are behind the best plain candidate."""
    plain = _plain(run, scored)
    simple, rivals = _contenders(scored, plain)
    defaults = [c for c in plain if c.model in BOOSTERS and c.tuning == "default"]
    others = [c for c in (simple, *rivals) if c is not None and c not in defaults]
    if not defaults or not others:
        return None
    best = max(others, key=lambda c: _mean(scored, c))
    effects = _against(run, scored, plain, best)
    figures = {str(best): _mean(scored, best)}
    lose: list[str] = []
    hold: list[str] = []
    losers: list[Candidate] = []
    for default in defaults:
        effect = effects[default]
        figures |= {
            str(default): _mean(scored, default),
            f"{default}: adjusted p": effect.adjusted_p_value,
        }
        is_worse = not effect.is_better and not _is_tied(effect, best, board)
        losers += [default] if is_worse else []
        (lose if is_worse else hold).append(
            f"`{default}` [{format_figure(effect.difference, is_signed=True)}]"
        )
    reference = f"`{best}` [ROC-AUC {format_figure(figures[str(best)])}]"
    said = []
    if lose:
        said.append(f"{_verb(lose, 'is', 'are')} behind {reference} by more than noise")
    if hold:
        said.append(f"{join_words(hold)} cannot be told apart from {'it' if lose else reference}")
    told = f"At the library's own settings {'; '.join(said)}."
    return Verdict("defaults", told + _still_tied(losers, plain, board), figures)


def _plain(run: Run, scored: Scored) -> list[Candidate]:
    """Return the candidates without a strategy that finished all splits."""
    n_splits = len({job.split for job in run.jobs})
    return [
        c
        for c in sorted(scored)
        if c.strategy == NONE and c == c.fitted and len(values_of(scored[c], _METRIC)) == n_splits
    ]


def _contenders(
    scored: Scored, plain: Sequence[Candidate]
) -> tuple[Candidate | None, list[Candidate]]:
    """Return the best simple candidate, and that of each booster, not by default if possible."""

    def best(candidates: Sequence[Candidate]) -> Candidate | None:
        return max(candidates, key=lambda c: _mean(scored, c), default=None)

    rivals = []
    for model in BOOSTERS:
        own = [c for c in plain if c.model == model]
        rivals.append(best([c for c in own if c.tuning != "default"] or own))
    return best([c for c in plain if c.model == PLAIN.model]), [c for c in rivals if c is not None]


def _against(
    run: Run, scored: Scored, plain: Sequence[Candidate], reference: Candidate
) -> dict[Candidate, StrategyEffect]:
    """Return every plain candidate minus ``reference``."""
    effects = compare(
        run,
        scored,
        [(c, reference) for c in plain if c != reference],
        metric=_METRIC,
        n_rows=len(plain),
    )
    return {effect.candidate: effect for effect in effects}


def _mean(scored: Scored, candidate: Candidate) -> float:
    return fmean(values_of(scored[candidate], _METRIC))


def _verb(names: Sequence[str], singular: str, plural: str) -> str:
    return f"{join_words(names)} {singular if len(names) == 1 else plural}"
