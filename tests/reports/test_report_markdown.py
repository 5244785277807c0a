"""``leaderboard.md`` and ``feature_importance.md``: answer first, gaps named, nothing hidden."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from bench.analysis.importance import ImportanceTable
from bench.analysis.wording import Verdict
from bench.domain import Candidate, EvalProtocol, Finding, Leaderboard
from bench.reports.escaping import escape_markdown, width_of
from bench.reports.importance_markdown import render_importance_markdown
from bench.reports.markdown import render_leaderboard_markdown

WORDS = "STAND-IN DATA, not the real table"


def section(page: str, title: str) -> str:
    """The part of ``page`` under the heading that starts with ``title``."""
    return next(part for part in re.split(r"(?m)^##? ", page) if part.startswith(title))


def test_every_board_title_says_that_the_data_is_a_standin(
    standin_leaderboard: Leaderboard, importance: ImportanceTable, make: SimpleNamespace
) -> None:
    effects = make.effects(standin_leaderboard)
    page = render_leaderboard_markdown(standin_leaderboard, effects=effects)
    titles = [line for line in page.splitlines() if line.startswith("#")]

    plain = [title for title in titles if WORDS not in title]

    assert len(titles) == 9
    assert plain == ["## Skipped and incomplete", "## How to reproduce"]
    assert "**STAND-IN DATA: these figures were not measured on the real table.**" in page
    other = render_importance_markdown(importance, standin_leaderboard)
    assert all(WORDS in line for line in other.splitlines() if line.startswith("#"))


def test_real_data_is_never_called_a_standin(
    leaderboard: Leaderboard, importance: ImportanceTable
) -> None:
    page = render_leaderboard_markdown(leaderboard)
    page += render_importance_markdown(importance, leaderboard)

    assert "stand-in" not in page.lower()


def test_the_answer_comes_before_everything_else(leaderboard: Leaderboard) -> None:
    page = render_leaderboard_markdown(leaderboard, answer=["Best is `a+b+c`.", "Second."])

    assert page.startswith(
        "# Leaderboard: IBM Telco Customer Churn\n\nBest is `a+b+c`.\nSecond.\n\n"
        "**Data:** 7,043 rows, 19 features, 26.5 % positive (1,869); from a local file; "
        "digest ab12ab12ab12.\n"
        "73 rows share all features with another, 37 of them the label too; "
        "such rows stay on one side of every split.\n"
    )


def test_the_first_ranking_row_is_exact(leaderboard: Leaderboard) -> None:
    lines = section(render_leaderboard_markdown(leaderboard), "Ranking").splitlines()

    assert lines[4:7] == [
        "| rank | tied | candidate                         |              ROC-AUC |"
        "    average precision |",
        "| ---: | ---- | --------------------------------- | -------------------: |"
        " -------------------: |",
        "|    1 | =    | catboost+none+recommended         | .8468 [.8358, .8578] |"
        " .6618 [.6508, .6728] |",
    ]


def test_tables_are_aligned_as_plain_text(
    leaderboard: Leaderboard, hostile_importance: ImportanceTable
) -> None:
    pages = (
        render_leaderboard_markdown(leaderboard),
        render_importance_markdown(hostile_importance, leaderboard),
    )
    for block in "".join(pages).split("\n\n"):
        if block.startswith("|"):
            assert len({width_of(line) for line in block.splitlines()}) == 1


def test_at_most_25_rows_of_a_board_are_unfolded(leaderboard: Leaderboard) -> None:
    page = render_leaderboard_markdown(leaderboard)
    unfolded = re.sub(r"(?s)<details>.*?</details>", "", page)

    for title in ("Ranking", "Decisions", "Probabilities", "Profit"):
        rows = re.findall(r"(?m)^\| +\d+ \|", section(unfolded, title))
        assert 0 < len(rows) <= 25
    assert len(re.findall(r"(?m)^\| +\d+ \|", section(page, "Ranking"))) == 53
    assert page.count("<details>") == page.count("</details>") == 2


def test_score_only_models_are_named_where_probabilities_are_missing(
    leaderboard: Leaderboard,
) -> None:
    part = section(render_leaderboard_markdown(leaderboard), "Probabilities")

    assert "svm-rbf" not in part
    assert "6 candidates without these figures: scores only." in part


def test_rows_that_differ_after_the_fit_only_are_not_called_score_only(
    make: SimpleNamespace,
) -> None:
    plain, repaired = Candidate("catboost", "smote"), Candidate("catboost", "smote", repair="prior")
    unranked = make.row(repaired, 0.84)
    other = replace(repaired, repair="none", decision="by-cost")
    board = make.leaderboard([make.row(plain, 0.84, rank=1), unranked, make.row(other, 0.84)])

    page = render_leaderboard_markdown(board)

    for title, n_apart in (("Ranking", "2 rows"), ("Decisions", "1 row")):
        assert f"\nLeft out: {n_apart} of the same fits with repaired" in section(page, title)
    assert "scores only" not in page


def test_rows_that_share_a_failed_fit_share_what_was_raised(make: SimpleNamespace) -> None:
    plain = make.row(Candidate("mlp", "smote"), 0.8, status="partial", n_splits=3, coverage=0.6)
    repaired = replace(plain, candidate=Candidate("mlp", "smote", repair="prior"))
    board = make.leaderboard([plain, repaired])
    job = next(job for job in board.run.jobs if job.candidate == plain.candidate)
    run = replace(board.run, failures={job.id: "ValueError: too few rows"})

    page = render_leaderboard_markdown(replace(board, run=run))

    for name in ("mlp+smote+default", "mlp+smote+default+prior"):
        assert f"- {name} (60 % of the splits): ValueError: too few rows\n" in page


def test_folders_that_studies_learnt_from_appear_only_escaped(make: SimpleNamespace) -> None:
    board = make.leaderboard()
    experiment = replace(board.run.experiment, starts_from=("a|b`<script>",))

    page = render_leaderboard_markdown(
        replace(board, run=replace(board.run, experiment=experiment))
    )

    assert f"studies also begin with what those of {escape_markdown('a|b`<script>')} chose" in page
    assert "<script" not in page


def test_failures_show_what_was_raised_and_their_coverage(make: SimpleNamespace) -> None:
    failed = make.row(Candidate("mlp"), 0.8, status="failed", n_splits=0, coverage=0.0, scores={})
    partial = make.row(Candidate("svm-rbf"), 0.8, status="partial", n_splits=3, coverage=0.6)
    board = make.leaderboard([make.row(Candidate("logistic"), 0.84, rank=1), failed, partial])
    job = next(job for job in board.run.jobs if job.candidate.model == "mlp")
    failures = {job.id: "ValueError: <b> is no number"}
    board = replace(board, run=replace(board.run, failures=failures))

    page = render_leaderboard_markdown(board)

    assert "- mlp+none+default (0 % of the splits): ValueError: &#60;b&#62; is no number" in page
    assert "- svm-rbf+none+default (60 % of the splits): not run yet" in page
    assert "coverage |" in section(page, "Ranking")
    assert "Candidates without a rank lack splits" in section(page, "Ranking")


def test_an_interrupted_run_says_so(leaderboard: Leaderboard) -> None:
    board = replace(leaderboard, run=replace(leaderboard.run, is_interrupted=True))

    sentence = "**This run was interrupted; what is missing has no rank.**"
    assert sentence in render_leaderboard_markdown(board)
    assert sentence not in render_leaderboard_markdown(leaderboard)


def test_coverage_is_no_column_where_all_is_covered(leaderboard: Leaderboard) -> None:
    assert "coverage |" not in render_leaderboard_markdown(leaderboard)


def test_skips_are_grouped_by_reason(leaderboard: Leaderboard) -> None:
    part = section(render_leaderboard_markdown(leaderboard), "Skipped")

    assert part.count("smotenc needs categorical columns") == 1
    assert "catboost+smotenc+default, lightgbm+smotenc+default" in part


def test_class_counts_before_and_after_are_shown_per_strategy(leaderboard: Leaderboard) -> None:
    part = section(render_leaderboard_markdown(leaderboard), "Training rows")
    cells = {
        line.split("|")[1].strip(): [cell.strip() for cell in line.split("|")[4:-1]]
        for line in part.splitlines()
        if line.startswith("|")
    }

    assert cells["none"] == ["4,139", "1,495", "4,139", "1,495", "27"]
    assert cells["random-under"] == ["4,139", "1,495", "1,495", "1,495", "50"]
    assert cells["smote-enn"] == ["4,139", "1,495", "2,412", "3,310", "58"]


def test_differing_counts_of_one_strategy_are_a_range(make: SimpleNamespace) -> None:
    rows = [
        make.row(Candidate(model, "auto", "optuna"), 0.84, rank=rank, counts_after=(4000.0, after))
        for rank, (model, after) in enumerate({"a": 1000.0, "b": 4000.0}.items(), start=1)
    ]

    part = section(render_leaderboard_markdown(make.leaderboard(rows)), "Training rows")

    assert "1,000 to 4,000 | 20 to 50 |" in part


def test_strategy_effects_are_folded_and_marked_where_they_are_beyond_noise(
    leaderboard: Leaderboard, make: SimpleNamespace
) -> None:
    effects = make.effects(leaderboard)
    effects = (replace(effects[0], is_equivalent=True), *effects[1:])

    page = render_leaderboard_markdown(leaderboard, effects=effects)

    part = section(page, "What imbalance handling does")
    n_marked = len(re.findall(r"(?m)^\| \*~? +\|", part))
    assert n_marked == sum(effect.is_beyond_noise for effect in effects) > 0
    assert len(re.findall(r"(?m)^\| \*?~ +\|", part)) == 1
    assert "-.0014 | [-.0064, +.0036] |       .600 |" in part
    assert "<details><summary>every change in ROC-AUC</summary>" in part


def test_verdicts_are_sentences_with_their_figures(leaderboard: Leaderboard) -> None:
    verdicts = [
        Verdict("lightgbm", "`lightgbm`: ranking stays as it is [ROC-AUC -.0012 to +.0003].", {}),
        Verdict("defaults", "At <b>default</b> it loses.", {}),
    ]

    page = render_leaderboard_markdown(leaderboard, verdicts=verdicts)

    part = section(page, "What imbalance handling does")
    assert "- `lightgbm`: ranking stays as it is" in part
    assert "<b>" not in part
    assert 'what "was not shown" may be there or not.' in part
    assert "What imbalance handling does" not in render_leaderboard_markdown(leaderboard)


def test_ties_equivalence_and_chances_are_marked_and_explained(make: SimpleNamespace) -> None:
    board = make.leaderboard()
    first, second, *rest = board.rows
    board = replace(
        board,
        equivalence_margin=0.005,
        rows=(
            replace(first, is_equivalent_to_best=True, p_best=0.714),
            replace(second, is_tied_with_best=False, is_equivalent_to_best=True, p_best=0.0004),
            *rest,
        ),
    )

    part = section(render_leaderboard_markdown(board), "Ranking")

    assert re.search(r"(?m)^\|    1 \| =~   \| catboost\+none\+recommended +\|    71 % \|", part)
    assert re.search(r"(?m)^\|    2 \| ~    \| .* \|    <1 % \|", part.replace("&#60;", "<"))
    assert "`~` marks those that it shows to be as good, within ±.005 (two one-sided tests" in part
    assert "P(best) is the share of bootstrap draws of customers and splits it wins." in part


def test_a_margin_below_the_third_digit_is_told_as_it_is(make: SimpleNamespace) -> None:
    page = render_leaderboard_markdown(make.few_rows(equivalence_margin=0.0004))

    assert "within ±.0004 (two one-sided tests" in page


def test_ignored_duplicates_are_said_to_flatter(make: SimpleNamespace) -> None:
    board = make.leaderboard()
    protocol = EvalProtocol(duplicates="ignore")
    experiment = replace(board.run.experiment, protocol=protocol)
    board = replace(board, run=replace(board.run, experiment=experiment))

    page = render_leaderboard_markdown(board)

    assert "**they may lie on both sides of a split, which flatters every figure.**" in page
    assert "duplicates ignored" in page


def test_how_to_reproduce_names_command_protocol_and_versions(leaderboard: Leaderboard) -> None:
    assert section(render_leaderboard_markdown(leaderboard), "How to reproduce") == (
        "How to reproduce\n\n```sh\npython -m bench run --dataset telco\n```\n\n"
        "Protocol: 1 repeat of 5 stratified folds, seed 0, 1 thread a fit, duplicates kept "
        "together, studies of 12 trials over 3 inner folds by roc_auc.\n"
        "Versions: lightgbm 4.7.0, python 3.11.2, scikit-learn 1.9.1.\n"
        "Commit: 777b05a.\n"
    )


def test_hostile_texts_appear_only_escaped(make: SimpleNamespace, hostile_name: str) -> None:
    facts = make.facts(
        title=hostile_name,
        notes=(hostile_name,),
        licence=hostile_name,
        findings=(Finding("warning", "x", hostile_name),),
    )

    page = render_leaderboard_markdown(make.leaderboard(facts=facts))

    assert page.splitlines()[0] == f"# Leaderboard: {escape_markdown(hostile_name, width=80)}"
    assert f"- warning: {escape_markdown(hostile_name, width=400)}" in page.splitlines()
    for raw in ("<script", "\x1b", "\u202e", "[link](", "`code`", "$x^2$", "line\nbreak"):
        assert raw not in page


def test_a_board_without_finished_candidates_is_still_a_page(make: SimpleNamespace) -> None:
    row = make.row(Candidate("mlp"), 0.8, status="failed", n_splits=0, coverage=0.0, scores={})

    page = render_leaderboard_markdown(make.leaderboard([row]), answer=["Nothing is ranked."])

    assert "## Ranking" not in page
    assert "mlp+none+default (0 % of the splits)" in page


def test_the_importance_page_names_the_top_columns_and_one_candidate_per_model(
    leaderboard: Leaderboard, importance: ImportanceTable
) -> None:
    page = render_importance_markdown(importance, leaderboard)

    assert "their methods: Contract, tenure, MonthlyCharges, InternetService, TotalCharges." in page
    headings = [line for line in page.splitlines() if line.startswith("## ")]
    assert headings == [
        "## What the measures mean",
        "## logistic+none+default",
        "## catboost+none+default",
        "## lightgbm+none+default",
        "## xgboost+none+default",
        "## svm-rbf+none+default",
        "## Do the models agree?",
        "## Do the methods agree?",
        "## Is it the same in every split?",
    ]


def test_importance_cells_are_shares_with_their_spread(
    leaderboard: Leaderboard, importance: ImportanceTable
) -> None:
    row = next(r for r in importance.rows if r.model == "svm-rbf" and r.rank == 1)

    part = section(render_importance_markdown(importance, leaderboard), "svm-rbf")

    first = part.splitlines()[4]
    share, spread = 100 * row.share, 100 * row.share / 12
    assert [cell.strip() for cell in first.split("|")[1:-1]] == [
        row.feature,
        f"{share:.1f} ± {spread:4.1f}",
    ]


@pytest.mark.parametrize("raw", ["<script", "\x1b", "\u202e", "x" * 40, "](http", "`code`"])
def test_hostile_columns_are_harmless_on_the_importance_page(
    leaderboard: Leaderboard, hostile_importance: ImportanceTable, raw: str
) -> None:
    assert raw not in render_importance_markdown(hostile_importance, leaderboard)


@pytest.mark.parametrize("is_empty", [False, True])
def test_importances_that_failed_are_told_with_or_without_others(
    leaderboard: Leaderboard, importance: ImportanceTable, is_empty: bool
) -> None:
    table = replace(importance, failures=("importance by gain failed: <b>", "another"))
    if is_empty:
        table = replace(table, rows=())

    page = render_importance_markdown(table, leaderboard)

    assert "## What failed\n\n- importance by gain failed: &#60;b&#62;\n- another\n" in page


def test_a_run_without_importance_says_so(leaderboard: Leaderboard) -> None:
    empty = ImportanceTable(rows=(), between_models=(), between_methods=(), stability=())

    assert render_importance_markdown(empty, leaderboard) == (
        "# Feature importance: IBM Telco Customer Churn\n\n"
        "No importance was measured in this run.\n"
    )
