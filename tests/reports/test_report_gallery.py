"""figures/: every figure of the page with its caption and table, drawn only when it changes."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from kept import keep_run
from page_runs import (
    make_page_dataset,
    make_page_findings,
    make_page_results,
    make_page_run,
    write_page_searches,
)
from sklearn.metrics import precision_score, recall_score, roc_curve

from bench.analysis import Findings, analyse, summarise_importance
from bench.analysis.evidence import build_evidence
from bench.analysis.importance import ImportanceTable
from bench.domain import Candidate, Finding, Importance, Result, Run
from bench.reports.figures.drawing import build_figure
from bench.reports.figures.exhibits import Material
from bench.reports.figures.gallery import NAMES, build_exhibits
from bench.reports.figures.looks import own_settings
from bench.reports.page.data import page_data
from bench.reports.page.stored import Stored, read_trials_of
from bench.reports.page.writing import write_page
from bench.reports.segments import read_segments, write_segments
from bench.reports.writing import write_boards
from bench.store import Store, write_text

CANDIDATES = (
    Candidate("logistic"),
    Candidate("logistic", "smote"),
    Candidate("lightgbm"),
    Candidate("lightgbm", "none", "recommended"),  # the one to take, though not the first
    Candidate("lightgbm", "smote"),
    Candidate("lightgbm", "class-weight"),
    Candidate("lightgbm", "class-weight", repair="prior"),
    Candidate("lightgbm", "auto", "optuna"),
    Candidate("prior-only"),
)


def table_of(run: Run, results: Mapping[str, Result] | None = None) -> ImportanceTable:
    return summarise_importance(run, make_page_results(run) if results is None else results)


def write_all(folder: Path, findings: Findings, **changes: Any) -> Path:
    """Write page and figures, and return where the figures are."""
    table = table_of(findings.leaderboard.run)
    write_page(folder, findings, importance=table, **changes)
    return folder / "figures"


def fill(folder: Path, findings: Findings, **names: str) -> None:
    """Leave slices and searches in ``folder``."""
    write_segments(folder, findings, make_page_dataset(findings.leaderboard.run, **names))
    write_page_searches(findings.leaderboard.run, folder)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def data_of(folder: Path) -> Any:
    page = (folder / "report.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


@pytest.fixture(scope="module")
def findings() -> Findings:
    return make_page_findings(CANDIDATES)


@pytest.fixture(scope="module")
def figures(findings: Findings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("gallery")
    fill(folder, findings)
    return write_all(folder, findings)


# --- what there is --------------------------------------------------------------------


def test_every_figure_of_the_page_is_there_as_svg_png_and_table(figures: Path) -> None:
    expected = {f"{name}{suffix}" for name in NAMES for suffix in (".svg", ".png", ".csv")}

    assert {path.name for path in figures.iterdir()} == expected | {"README.md"}
    for name in NAMES:
        assert ElementTree.parse(figures / f"{name}.svg").getroot().tag.endswith("svg")
        assert (figures / f"{name}.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        assert read(figures / f"{name}.csv")


def test_every_caption_names_data_splits_and_digest(figures: Path, findings: Findings) -> None:
    text = (figures / "README.md").read_text(encoding="utf-8")

    sections = text.split("\n## ")[1:]

    assert len(sections) == len(NAMES)
    for section, name in zip(sections, NAMES, strict=True):
        assert f"]({name}.svg)" in section
        assert "Data: toy (Toy), 960 customers, 4 splits, sha256 dddddddddddddddd…" in section
    assert "STAND-IN" not in text


# --- what the tables hold -------------------------------------------------------------


def test_roc_is_the_mean_of_the_splits_own_curves(figures: Path, findings: Findings) -> None:
    rows = read(figures / "roc.csv")
    candidate = Candidate("logistic")
    drawn = [row for row in rows if row["candidate"] == str(candidate)]
    assert drawn

    for row in drawn[::7]:
        n_called = np.ceil(round(float(row["share_called"]) * 240, 3))
        tprs, fprs = [], []
        for split in findings.scored[candidate]:
            y, score = split.predictions.y, split.predictions.score
            fpr, tpr, _ = roc_curve(y, score, drop_intermediate=False)
            called = fpr * (y == 0).sum() + tpr * (y == 1).sum()
            fprs.append(np.interp(n_called, called, fpr))
            tprs.append(np.interp(n_called, called, tpr))
        assert float(row["true_positive_rate"]) == pytest.approx(fmean(tprs), abs=1e-6)
        assert float(row["false_positive_rate"]) == pytest.approx(fmean(fprs), abs=1e-6)


def test_thresholds_do_what_scikit_learn_says(figures: Path, findings: Findings) -> None:
    rows = read(figures / "thresholds.csv")
    splits = next(s for c, s in findings.scored.items() if str(c) == rows[0]["candidate"])
    y = np.concatenate([split.predictions.y for split in splits])
    score = np.concatenate([split.predictions.score for split in splits])

    for row in rows[::5]:
        y_pred = score >= float(row["threshold"])
        assert float(row["precision"]) == pytest.approx(precision_score(y, y_pred), abs=1e-6)
        assert float(row["recall"]) == pytest.approx(recall_score(y, y_pred), abs=1e-6)
        assert float(row["alerts_per_1000"]) == pytest.approx(1000 * y_pred.mean(), abs=1e-6)


def test_curves_are_of_the_candidates_that_the_page_shows_first(figures: Path) -> None:
    data = data_of(figures.parent)
    names = [row["name"] for row in data["rows"]]

    drawn = list(dict.fromkeys(row["candidate"] for row in read(figures / "gains.csv")))

    # The one to take, the best, the plain one, the best with SMOTE: as curves.js has it.
    others = [row["name"] for row in data["rows"] if row["rank"] != 1]
    smote = next(name for name in others if "+smote+" in name)
    wanted = [names[data["choice"]], names[0], names[data["plain"]], smote]
    assert drawn == list(dict.fromkeys(wanted))


def test_tables_hold_the_figures_of_the_page(figures: Path) -> None:
    data = data_of(figures.parent)
    rows = data["rows"]

    ranking = {row["candidate"]: row for row in read(figures / "ranking.csv")}
    for row in rows:
        if row["rank"] is not None:
            mean, _, low, high = row["scores"]["roc_auc"]
            told = ranking[row["name"]]
            assert [float(told[k]) for k in ("mean", "low", "high")] == pytest.approx(
                [mean, low, high], abs=2e-6
            )
    changes = {row["candidate"]: row for row in read(figures / "differences.csv")}
    assert len(changes) == len(data["effects"]["roc_auc"])
    for number, difference, low, high, p, *_ in data["effects"]["roc_auc"]:
        told = changes[rows[number]["name"]]
        found = [float(told[k]) for k in ("difference", "low", "high", "adjusted_p_value")]
        assert found == pytest.approx([difference, low, high, p], abs=2e-6)
    shares = read(figures / "feature_shares.csv")
    assert [row["feature"] for row in shares] == data["features"]["names"]
    assert [float(row["share"]) for row in shares] == [s for s, *_ in data["features"]["overall"]]
    sliced = read(figures / "segments_ranking.csv")
    assert len(sliced) == sum(one is not None for one in data["segments"]["candidates"][0]["order"])


def test_calibration_bins_are_those_of_the_page(figures: Path) -> None:
    data = data_of(figures.parent)
    drawn = read(figures / "calibration.csv")
    first = next(row for row in data["rows"] if row["name"] == drawn[0]["candidate"])

    told = [row for row in drawn if row["candidate"] == first["name"]]

    keys = ("predicted", "churn_rate", "low", "high", "noise")
    for row, one in zip(told, data["curves"][first["curve"]]["bins"], strict=True):
        assert [float(row[key]) for key in keys] == pytest.approx(one, abs=2e-6)


def test_nothing_on_the_front_is_beaten_in_the_same_time(figures: Path) -> None:
    rows = [
        (float(row["seconds"]), float(row["mean"]), row["on_front"] == "true")
        for row in read(figures / "quality_and_time.csv")
    ]

    for seconds, mean, is_on_front in rows:
        is_beaten = any(s <= seconds and m > mean for s, m, _ in rows)
        assert is_on_front == (not is_beaten)


def test_the_profit_of_the_best_size_is_that_of_the_answer(figures: Path) -> None:
    page = (figures.parent / "report.html").read_text(encoding="utf-8")
    earned = re.search(r"that earns ([\d.]+) per customer of the base", page)
    assert earned is not None

    profits = [
        float(row["profit_per_customer"]) for row in read(figures / "profit_curves.csv")[:140]
    ]

    assert any(profit == pytest.approx(float(earned[1]), abs=0.005) for profit in profits)


# --- again ----------------------------------------------------------------------------


def test_the_same_results_give_the_same_bytes(
    figures: Path, findings: Findings, tmp_path: Path
) -> None:
    fill(tmp_path, findings)

    again = write_all(tmp_path, findings)

    for path in figures.iterdir():
        assert (again / path.name).read_bytes() == path.read_bytes(), path.name


def test_unchanged_figures_are_left_alone_and_missing_ones_come_back(
    figures: Path, findings: Findings, tmp_path: Path
) -> None:
    for source in (figures.parent / "segments.json", figures.parent / "searches.json"):
        write_text(tmp_path / source.name, source.read_text(encoding="utf-8"))
    for path in figures.iterdir():
        (tmp_path / "figures").mkdir(exist_ok=True)
        (tmp_path / "figures" / path.name).write_bytes(path.read_bytes())
    svg, png = tmp_path / "figures" / "roc.svg", tmp_path / "figures" / "lift.png"
    svg.write_text(svg.read_text(encoding="utf-8") + "<!-- still here -->", encoding="utf-8")

    write_all(tmp_path, findings)
    is_kept = svg.read_text(encoding="utf-8").endswith("<!-- still here -->")
    png.unlink()
    write_all(tmp_path, findings)

    assert is_kept
    assert png.read_bytes() == (figures / "lift.png").read_bytes()
    assert svg.read_text(encoding="utf-8").endswith("<!-- still here -->")


def test_what_there_is_nothing_to_show_of_any_more_is_removed(
    figures: Path, tmp_path: Path
) -> None:
    run = make_page_run((Candidate("logistic"),))
    results = {
        job_id: replace(result, record=replace(result.record, importance={}, seconds={}))
        for job_id, result in make_page_results(run).items()
    }
    folder = tmp_path / "figures"
    folder.mkdir()
    for path in figures.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "my_own.svg").write_text("<svg/>", encoding="utf-8")

    write_page(tmp_path, analyse(run, results), importance=table_of(run, results))

    left = {path.stem for path in folder.iterdir()} - {"README", "my_own"}
    assert left == {
        *("ranking", "decisions", "probabilities", "profit", "profit_curves", "roc"),
        *("precision_recall", "gains", "lift", "calibration", "thresholds"),
    }
    assert (folder / "my_own.svg").is_file()


def test_a_run_without_a_finished_split_has_no_figures_and_says_nothing_wrong(
    tmp_path: Path,
) -> None:
    run = make_page_run((Candidate("logistic"),))

    write_page(tmp_path, analyse(run, {}), importance=table_of(run, {}))

    assert [path.name for path in (tmp_path / "figures").iterdir()] == ["README.md"]


# --- strangers' names -----------------------------------------------------------------

HOSTILE = (
    '=HYPERLINK("x")<script>alert(1)</script>',
    "$x^{2}$ \\frac{1}{2} `code` | a\nb",
    "\u202eevil\u202c קהל 客户 \x1b[31m\x00" + "x" * 300,
)


def make_hostile(name: str) -> tuple[Findings, ImportanceTable]:
    """Return what is shown where the title and a feature are of a stranger's making."""
    leak = Finding("severe", "target-leak", f"column {name} tells the answer", (name,), "too good")
    run = make_page_run(
        CANDIDATES[:4], title=name, origin="stand-in", findings=(leak,), accepted=("target-leak",)
    )
    results = {
        job_id: replace(
            result,
            record=replace(
                result.record,
                importance={
                    method: {name if f == "a" else f: v for f, v in values.items()}
                    for method, values in result.record.importance.items()
                },
                dependence={
                    name if f == "a" else f: v for f, v in result.record.dependence.items()
                },
            ),
        )
        for job_id, result in make_page_results(run).items()
    }
    return analyse(run, results), table_of(run, results)


@pytest.fixture(scope="module", params=HOSTILE, ids=["formula", "mathematics", "glyphs"])
def hostile(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The figures of such a run."""
    findings, table = make_hostile(request.param)
    folder = tmp_path_factory.mktemp("hostile")
    fill(folder, findings, a=request.param)
    write_page(folder, findings, importance=table)
    return folder / "figures"


@pytest.mark.parametrize("name", ["tenure", *HOSTILE], ids=["plain", "formula", "math", "glyphs"])
def test_no_word_is_cut_off_or_lies_on_another(name: str, tmp_path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    findings, table = make_hostile(name)
    fill(tmp_path, findings, a=name)
    evidence, segments = build_evidence(findings), read_segments(tmp_path, findings)
    data = page_data(findings, evidence, Stored(read_trials_of(tmp_path, findings), segments))
    wrong = []
    for exhibit in build_exhibits(Material(findings, evidence, table, data)):
        with own_settings():
            figure = build_figure(exhibit.data)
            canvas: Any = FigureCanvasAgg(figure)
            canvas.draw()
            words = [(text.get_text(), text.get_window_extent()) for text in figure.texts]
        width, height = canvas.get_width_height()
        for k, (word, box) in enumerate(words):
            if box.x0 < 0 or box.y0 < 0 or box.x1 > width or box.y1 > height:
                wrong.append(f"{exhibit.name}: {word!r} is cut off")
            for other, its_box in words[:k]:
                wide = min(box.x1, its_box.x1) - max(box.x0, its_box.x0)
                high = min(box.y1, its_box.y1) - max(box.y0, its_box.y0)
                if wide > 1 and high > 1:
                    wrong.append(f"{exhibit.name}: {word!r} lies on {other!r}")
    assert not wrong, "\n".join(wrong)


def test_hostile_names_are_text_in_figures(hostile: Path) -> None:
    for path in hostile.glob("*.svg"):
        tags = {element.tag.split("}")[-1] for element in ElementTree.parse(path).iter()}
        assert not tags & {"script", "foreignObject", "image", "a"}, path.name


def test_no_cell_of_a_table_is_a_formula(hostile: Path) -> None:
    for path in hostile.glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            cells = [cell for line in csv.reader(file) for cell in line]
        numbers = re.compile(r"-?\d+(\.\d+)?")
        formulas = [
            cell
            for cell in cells
            if cell.lstrip().startswith(("=", "+", "-", "@")) and not numbers.fullmatch(cell)
        ]
        assert not formulas, path.name


def test_captions_neither_hold_markup_of_strangers_nor_hide_a_warning(hostile: Path) -> None:
    text = (hostile / "README.md").read_text(encoding="utf-8")

    assert "<script" not in text
    assert "`code`" not in text
    assert "\u202e" not in text
    assert "\x1b" not in text
    assert "> **STAND-IN DATA" in text
    for section in text.split("\n## ")[1:]:
        assert "STAND-IN DATA, not the real table: never quote as results." in section
        assert "SEVERE FAULTS ACCEPTED: do not believe these figures." in section
    for path in hostile.glob("*.svg"):
        assert "(STAND-IN DATA, not the real table)" in path.read_text(encoding="utf-8"), path.name


# --- when -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("importance", "is_there", "expected"),
    [("full", False, True), ("native", False, False), ("native", True, True)],
)
def test_a_run_draws_them_where_all_is_explained_and_keeps_them_up_to_date(
    tmp_path: Path, importance: Importance, is_there: bool, expected: bool
) -> None:
    store = Store(tmp_path / "toy")
    keep_run(store.folder, {Candidate("logistic"): 1.0, Candidate("lightgbm"): 1.2})
    run = store.read_run()
    run = replace(run, experiment=replace(run.experiment, importance=importance))
    captions = store.folder / "figures" / "README.md"
    if is_there:
        captions.parent.mkdir()
        captions.write_text("of an earlier run", encoding="utf-8")

    write_boards(run, store.read_results(run.jobs), store)

    assert (store.folder / "figures" / "ranking.svg").is_file()
    assert (store.folder / "figures" / "roc.svg").is_file() == expected
    assert not is_there or "earlier run" not in captions.read_text(encoding="utf-8")
