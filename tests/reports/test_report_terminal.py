"""The final table: 80 columns, plain when piped, deaf to markup and control characters."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from bench.domain import Candidate, Leaderboard, Skip
from bench.reports.boards import DECISIONS
from bench.reports.escaping import clean, width_of
from bench.reports.terminal import print_board


def printed(leaderboard: Leaderboard, *, is_terminal: bool = False, **options: object) -> str:
    file = io.StringIO()
    console = Console(file=file, width=80, force_terminal=is_terminal, legacy_windows=False)
    print_board(leaderboard, console, **options)  # type: ignore[arg-type]
    return file.getvalue()


def test_no_line_is_wider_than_80(make: SimpleNamespace, hostile_name: str) -> None:
    longest = Candidate("random-forest", "borderline-smote", "recommended", "native")
    rows = [
        make.row(longest, 0.84, rank=1, is_tied_with_best=True),
        make.row(Candidate("logistic"), 0.83, status="partial", n_splits=3, coverage=0.6),
    ]
    board = make.leaderboard(rows, facts=make.facts(title=hostile_name, origin="stand-in"))

    text = printed(board, answer=["A sentence of many words. " * 9], folder=Path("results/telco"))

    assert max(width_of(line) for line in text.splitlines()) <= 80
    assert "".join(text.split()).count("random-forest+borderline-smote") == 1
    assert "  +recommended+native" in text
    assert next(line.split()[-3:] for line in text.splitlines() if "candidate " in line) == [
        "done",
        "AP",
        "F1",
    ]
    assert "╋" in text
    assert "60 %" in text


def test_a_pipe_gets_plain_text(leaderboard: Leaderboard) -> None:
    text = printed(leaderboard)

    assert "\x1b" not in text
    lines = text.splitlines()
    assert lines[0] == "Leaderboard: IBM Telco Customer Churn"
    assert lines[3].split() == [
        "1", "=", "catboost+none+recommended", ".8468", "━━━━━━━━╋━━━━━━━", ".662", ".635",
    ]  # fmt: skip
    assert len([line for line in lines if "╋" in line or "< " in line]) == 16
    assert "37 more candidates in the files" in text
    assert "5 candidates skipped, reasons in leaderboard.md" in text


def test_names_of_strangers_reach_the_terminal_as_text(
    make: SimpleNamespace, hostile_name: str
) -> None:
    board = make.leaderboard(facts=make.facts(title=hostile_name))

    first = printed(board).splitlines()[0]
    coloured = printed(board, is_terminal=True)

    if width_of(clean(hostile_name)) <= 40:
        assert first == f"Leaderboard: {clean(hostile_name)}"
    assert "\u202e" not in coloured
    assert "\x1b[31mred" not in coloured


def test_names_of_plugins_are_not_markup(make: SimpleNamespace) -> None:
    board = make.leaderboard([make.row(Candidate("[red]x[/red]"), 0.84, rank=1)])

    assert "[red]x[/red]+none+default" in printed(board)


def test_a_standin_is_announced_twice(standin_leaderboard: Leaderboard) -> None:
    lines = printed(standin_leaderboard).splitlines()

    assert lines[:2] == [
        "STAND-IN DATA: not measured on the real table. Do not quote these figures.",
        "Leaderboard: IBM Telco Customer Churn (STAND-IN DATA, not the real table)",
    ]


def test_the_baseline_is_shown_below_the_first_rows_and_does_not_flatten_them(
    leaderboard: Leaderboard,
) -> None:
    lines = printed(leaderboard, n_rows=3).splitlines()

    assert "prior-only" in lines[6]
    assert lines[6].split()[:4] == ["53", "prior-only+none+default", ".5000", "<"]
    assert all(line.count("━") > 10 for line in lines[3:6])


def test_an_encoding_without_box_characters_gets_plain_ones(leaderboard: Leaderboard) -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="replace")
    console = Console(file=file, width=80, legacy_windows=False)

    print_board(leaderboard, console, n_rows=3)
    file.flush()
    text = file.buffer.getvalue().decode("ascii")  # type: ignore[attr-defined]

    rows = [line for line in text.splitlines() if "+none+" in line or "+class-" in line]
    assert any("---+---" in row for row in rows)
    assert "?" not in "".join(rows)
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("width", range(40, 81, 5))
@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_no_width_breaks_a_name_within_a_word_or_a_number_from_its_percent(
    make: SimpleNamespace, width: int, encoding: str
) -> None:
    rows = [make.row(Candidate("catboost", "class-weight", "recommended"), 0.84, rank=1)]
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="replace")
    console = Console(file=file, width=width, legacy_windows=False)
    answer = ["It is best, within ±.005 of " + "x" * k + " and 28 %." for k in range(20)]

    print_board(make.leaderboard(rows), console, answer=answer)
    file.flush()
    lines = file.buffer.getvalue().decode(encoding).splitlines()  # type: ignore[attr-defined]

    assert max(map(len, lines)) <= width
    assert not [line for line in lines if line.startswith("%")]
    text = "".join(lines)
    assert sum(text.count(word) for word in ("catboost", "class-weight", "recommended")) == 3
    assert ("within ±.005" in text) == (encoding == "utf-8")


def test_rows_that_share_fits_are_one_candidate_and_a_few_are_named(
    make: SimpleNamespace,
) -> None:
    failed = Candidate("svm-rbf")
    twins = [replace(failed, repair=repair) for repair in ("none", "prior", "platt")]
    rows = [make.row(Candidate("logistic"), 0.84, rank=1)]
    rows += [make.row(twin, 0.8, status="failed", coverage=0.0, scores={}) for twin in twins]
    board = make.leaderboard(rows)
    skips = tuple(Skip(replace(skip.candidate, repair="prior"), "") for skip in board.run.skips)
    board = replace(board, run=replace(board.run, skips=(*board.run.skips, *skips)))

    text = printed(board)

    assert "1 candidate (svm-rbf+none+default) without all splits, not ranked" in text
    assert "5 candidates skipped, reasons in leaderboard.md" in text


def test_no_few_rows_are_hidden(make: SimpleNamespace) -> None:
    rows = [make.row(Candidate(f"m{k}"), 0.84, rank=k + 1) for k in range(18)]

    assert "more candidate" not in printed(make.leaderboard(rows))
    rows.append(make.row(Candidate("m18"), 0.84, rank=19))
    assert "4 more candidates in the files" in printed(make.leaderboard(rows))


def test_a_roomy_terminal_gets_the_ends_of_intervals_in_figures(leaderboard: Leaderboard) -> None:
    file = io.StringIO()
    print_board(leaderboard, Console(file=file, width=120, legacy_windows=False), n_rows=1)

    assert "[.8358, .8578]" in file.getvalue()


def test_the_figure_that_ranks_leads_the_table(leaderboard: Leaderboard) -> None:
    header = printed(replace(leaderboard, rank_by="mcc")).splitlines()[1]

    assert header.split()[:3] == ["#", "candidate", "MCC"]
    assert header.split()[5:] == ["ROC-AUC", "AP", "F1"]


def test_another_board_and_another_length_can_be_asked_for(leaderboard: Leaderboard) -> None:
    text = printed(leaderboard, board=DECISIONS, n_rows=3)

    assert text.startswith("Decisions: IBM Telco Customer Churn")
    assert [line.split()[0] for line in text.splitlines()[3:7]] == ["1", "2", "3", "53"]


@pytest.mark.parametrize("folder", ["results/telco", "deep/" * 30 + "telco"])
def test_the_path_of_the_files_is_never_broken(leaderboard: Leaderboard, folder: str) -> None:
    text = printed(leaderboard, folder=Path(folder), answer=["Best is `a+b+c`."])

    assert text.splitlines()[-2:] == ["Best is a+b+c.", f"Full boards: {folder}"]
