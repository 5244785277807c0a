"""``feature_importance.md``: what matters, by which measure, and how far that can be relied on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import TYPE_CHECKING

from bench.domain import Candidate, Leaderboard
from bench.reports.banners import standin_words
from bench.reports.escaping import escape_markdown
from bench.reports.importance_views import (
    main_candidates,
    rows_by_method,
    share_spread,
    top_features,
)
from bench.reports.markdown_context import render_banner
from bench.reports.markdown_parts import fold, join_blocks, render_table
from bench.reports.numbers import format_number, plural

if TYPE_CHECKING:
    from bench.analysis.importance import Agreement, ImportanceRow, ImportanceTable

_MEANING = {
    "permutation": "how much ROC-AUC on test rows is lost when the column is shuffled; "
    "near 0 for a column that another one can stand in for",
    "shap": "mean size of the column's contribution to the score of a test row; "
    "shared out among columns that move together",
    "gain": "the library's own figure for what the column's splits gained in training; "
    "it favours columns with many distinct values",
    "coefficient": "spread over test rows of what the column adds to a linear model's score; "
    "columns that move together may cancel each other out",
}

_N_FEATURES = 10
_N_NAMED = 5
_NAME_WIDTH = 36
_FAILURE_WIDTH = 300


def render_importance_markdown(
    table: ImportanceTable, leaderboard: Leaderboard, *, figures: Sequence[str] = ()
) -> str:
    """Return the page; ``figures`` are the images' paths as seen from it."""
    facts = leaderboard.run.facts
    title = escape_markdown(facts.title or facts.name, width=80)
    words = standin_words(leaderboard)
    blocks = [f"# Feature importance: {title}{words}", render_banner(facts)]
    candidates = main_candidates(table, leaderboard)
    if not candidates:
        nothing = "No importance was measured in this run."
        return join_blocks([*blocks, nothing, *_failures(table, words)])
    blocks += [
        _answer(table, candidates),
        *(f"![Share of importance of the top columns, by method and model]({f})" for f in figures),
        f"## What the measures mean{words}",
        _meanings(table),
    ]
    for candidate in candidates:
        blocks.append(f"## {escape_markdown(str(candidate))}{words}")
        blocks.append(_candidate_table(table, candidate))
    blocks += _reliance(table, candidates, words)
    blocks += _failures(table, words)
    blocks.append("All candidates, in the methods' own units: `feature_importance.csv`.")
    return join_blocks(blocks)


def _answer(table: ImportanceTable, candidates: tuple[Candidate, ...]) -> str:
    names = [
        escape_markdown(name, width=_NAME_WIDTH)
        for name in top_features(table, candidates, n=_N_NAMED)
    ]
    return (
        f"The columns with the largest share of importance, averaged over "
        f"{plural(len(candidates), 'model')} and their methods: {', '.join(names)}.\n"
        "Importance says what a model uses, not what makes customers leave."
    )


def _meanings(table: ImportanceTable) -> str:
    used = {row.method for row in table.rows}
    lines = [f"- {method}: {words}." for method, words in _MEANING.items() if method in used]
    lines.append(
        "\nTables show the share of the total in percent, mean ± standard deviation over splits, "
        "for one candidate per model."
    )
    return "\n".join(lines)


def _candidate_table(table: ImportanceTable, candidate: Candidate) -> str:
    """Return the top features of one candidate with a column per method."""
    methods = rows_by_method(table, candidate)
    features = top_features(table, (candidate,), n=_N_FEATURES)
    return render_table(
        ["feature", *(escape_markdown(method) for method in methods)],
        [
            [
                escape_markdown(feature, width=_NAME_WIDTH),
                *(_share(rows.get(feature)) for rows in methods.values()),
            ]
            for feature in features
        ],
        right=range(1, 1 + len(methods)),
    )


def _share(row: ImportanceRow | None) -> str:
    if row is None:
        return ""
    spread = share_spread(row)
    text = f"{100 * row.share:.1f}"
    return text if spread is None else f"{text} ± {100 * spread:4.1f}"


def _reliance(
    table: ImportanceTable, candidates: tuple[Candidate, ...], words: str
) -> Iterable[str]:
    """Return the sections on agreement and stability; nothing that was not measured."""
    if table.between_models:
        yield f"## Do the models agree?{words}"
        yield "Spearman correlation of the importances, 1 is the same order of columns."
        yield _between_models(table.between_models)
    if table.between_methods:
        yield f"## Do the methods agree?{words}"
        yield _agreements("model", table.between_methods)
    rows = [row for row in table.stability if row.candidate in candidates]
    if rows:
        yield f"## Is it the same in every split?{words}"
        yield (
            "Mean Spearman correlation between splits of one candidate.\n"
            "Stable is not yet right: a measure can be wrong in the same way each time."
        )
        yield render_table(
            ["candidate", "method", "correlation", "splits"],
            [
                [
                    escape_markdown(str(row.candidate)),
                    escape_markdown(row.method),
                    format_number(row.correlation, digits=2),
                    str(row.n_splits),
                ]
                for row in rows
            ],
            right=(2, 3),
        )


def _failures(table: ImportanceTable, words: str) -> Iterable[str]:
    if table.failures:
        yield f"## What failed{words}"
        yield "\n".join(f"- {escape_markdown(why, width=_FAILURE_WIDTH)}" for why in table.failures)


def _between_models(agreements: Sequence[Agreement]) -> str:
    """Return the mean and the extremes per method, with all pairs folded below."""
    methods: dict[str, list[Agreement]] = defaultdict(list)
    for agreement in agreements:
        methods[agreement.within].append(agreement)
    rows = []
    for method, pairs in methods.items():
        least, most = (pick(pairs, key=lambda p: p.correlation) for pick in (min, max))
        mean = fmean(pair.correlation for pair in pairs)
        rows.append([escape_markdown(method), format_number(mean, digits=2)])
        rows[-1] += [_pair(least), _pair(most)]
    summary = render_table(["method", "mean", "least", "most"], rows, right=(1,))
    if len(agreements) <= len(rows):
        return summary
    return f"{summary}\n\n{fold('all pairs of models', _agreements('method', agreements))}"


def _pair(agreement: Agreement) -> str:
    correlation = format_number(agreement.correlation, digits=2)
    return escape_markdown(f"{agreement.first} and {agreement.second}: {correlation}")


def _agreements(within: str, agreements: Sequence[Agreement]) -> str:
    return render_table(
        [within, "first", "second", "correlation", "pairs"],
        [
            [
                escape_markdown(pair.within),
                escape_markdown(pair.first),
                escape_markdown(pair.second),
                format_number(pair.correlation, digits=2),
                str(pair.n_pairs),
            ]
            for pair in agreements
        ],
        right=(3, 4),
    )
