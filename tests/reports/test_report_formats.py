"""One board for pipes: the same rows in every format, in the order that was asked for."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from bench.domain import Candidate, Leaderboard
from bench.reports.boards import PROBABILITIES, RANKING, SUMMARY
from bench.reports.formats import render_view_csv, render_view_latex, render_view_markdown
from bench.reports.json_file import render_leaderboard_json
from bench.reports.latex import escape_latex
from bench.reports.views import build_view


def names_in(text: str, leaderboard: Leaderboard) -> list[str]:
    """Return the candidates of ``leaderboard`` in the order in which ``text`` names them."""
    known = "|".join(
        re.escape(str(row.candidate)) for row in sorted(leaderboard.rows, key=str, reverse=True)
    )
    return re.findall(rf"(?<![\w-])(?:{known})(?![\w+-])", text)


def test_every_format_has_the_same_rows_in_the_same_order(leaderboard: Leaderboard) -> None:
    view = build_view(leaderboard, PROBABILITIES, sort_by="log_loss", n_rows=6)
    expected = [str(row.candidate) for row in view.rows]

    document = json.loads(
        render_leaderboard_json(leaderboard, boards=(view.board,), rows=view.rows)
    )
    lines = list(csv.DictReader(io.StringIO(render_view_csv(view))))

    assert len(expected) == 7  # the baseline is always there
    assert expected[-1].startswith("prior-only")
    assert names_in(render_view_markdown(view), leaderboard) == expected
    assert names_in(render_view_latex(view), leaderboard) == expected
    assert [f"{r['model']}+{r['strategy']}+{r['tuning']}" for r in lines] == expected
    assert ["+".join([*row["candidate"].values()][:3]) for row in document["rows"]] == expected
    assert [board["name"] for board in document["boards"]] == ["probabilities"]


def test_sorting_by_another_metric_leads_with_it_and_keeps_the_ranks(
    leaderboard: Leaderboard,
) -> None:
    view = build_view(leaderboard, RANKING, sort_by="brier", n_rows=5)

    means = [row.scores["brier"].mean for row in view.rows]
    assert means == sorted(means)
    assert view.board.columns[0].name == "brier"
    assert [row.rank for row in view.rows][:5] == [1, 2, 7, 9, 23]  # as ROC-AUC has them
    assert "Sorted by Brier" in render_view_markdown(view)


def test_what_is_hidden_is_counted(leaderboard: Leaderboard) -> None:
    view = build_view(leaderboard, SUMMARY, n_rows=10)

    assert view.n_hidden == len(leaderboard.rows) - 11
    assert f"{view.n_hidden} more candidates not shown." in render_view_markdown(view)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a_b & 50 %", r"a\_b \& 50 \%"),
        ("$x^2$", r"\$x\textasciicircum{}2\$"),
        ("\\input{/etc/passwd}", r"\textbackslash{}input\{/etc/passwd\}"),
        ("a--b---c", "a-{}-b-{}-{}-c"),
        ("#1 ~ {x}", r"\#1 \textasciitilde{} \{x\}"),
        ("<b>|", r"\textless{}b\textgreater{}\textbar{}"),
        ("two\nlines", "two lines"),
    ],
)
def test_latex_shows_text_literally(text: str, escaped: str) -> None:
    assert escape_latex(text) == escaped


def hostile_view(make: SimpleNamespace, hostile_name: str) -> str:
    rows = [
        make.row(Candidate(hostile_name), 0.84, rank=1, is_tied_with_best=True),
        make.row(Candidate("logistic"), 0.83, rank=2),
    ]
    board = make.leaderboard(rows, facts=make.facts(title=hostile_name))
    return render_view_latex(build_view(board, RANKING))


def test_no_name_closes_or_opens_anything_in_latex(
    make: SimpleNamespace, hostile_name: str
) -> None:
    text = hostile_view(make, hostile_name)

    bare = re.sub(r"\\[\\{}$&#%_]", "", text)
    assert bare.count("{") == bare.count("}")
    assert bare.count("$") % 2 == 0
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    assert len(rows) == 3
    assert len({re.sub(r"\\&", "", row).count("&") for row in rows}) == 1
    assert text.count("%") - text.count(r"\%") == 1  # our comment on the packages


def test_a_table_of_hostile_names_compiles(make: SimpleNamespace, tmp_path: Path) -> None:
    engine = shutil.which("pdflatex")
    if engine is None:
        pytest.skip("pdflatex is not installed")
    names = ("\\input{x}", "50 % of $x^2$ & #1", "a_b~c", "<b>|\"'`", "a--b", "x" * 300, "[2pt]")
    tables = "\n".join(hostile_view(make, name) for name in names)
    (tmp_path / "table.tex").write_text(
        "\\documentclass{article}\\usepackage{booktabs,textcomp}\\begin{document}\n"
        f"{tables}\\end{{document}}\n"
    )
    done = subprocess.run(
        [engine, "-interaction=nonstopmode", "-halt-on-error", "table.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
    )
    assert done.returncode == 0, done.stdout
