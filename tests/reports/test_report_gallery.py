"""figures/: every figure of the page with its caption and table, drawn only when it changes."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
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

from bench.analysis import Findings, analyse
from bench.analysis.evidence import build_evidence
from bench.domain import Candidate, Finding, Importance
from bench.reports.figures.drawing import build_figure
from bench.reports.figures.exhibits import Exhibit, Material
from bench.reports.figures.files import write_figure
from bench.reports.figures.gallery import NAMES, build_exhibits
from bench.reports.figures.looks import own_settings
from bench.reports.figures.values import DotsFigure, GridFigure
from bench.reports.page.data import page_data
from bench.reports.page.features import importance_of
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


def write_all(folder: Path, findings: Findings, **changes: Any) -> Path:
    """Write page and figures, and return where the figures are."""
    write_page(folder, findings, has_gallery=True, **changes)
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


def material_of(folder: Path, findings: Findings) -> Material:
    """Return what figures are made of, with the slices and searches that lie in ``folder``."""
    evidence = build_evidence(findings)
    stored = Stored(read_trials_of(folder, findings), read_segments(folder, findings))
    data = page_data(findings, evidence, stored)
    return Material(findings, evidence, importance_of(findings), data)


@pytest.fixture(scope="module")
def exhibits(figures: Path, findings: Findings) -> dict[str, Exhibit]:
    """All figures by name, as values."""
    found = build_exhibits(material_of(figures.parent, findings))
    return {exhibit.name: exhibit for exhibit in found}


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


def test_a_line_of_strategies_is_one_model_in_the_tuning_and_preparation_of_its_best_row(
    tmp_path: Path,
) -> None:
    settings = ("default", "encoded"), ("recommended", "encoded"), ("default", "native")
    candidates = [
        Candidate(model, strategy, tuning, preparation)
        for model in ("catboost", "lightgbm", "logistic", "xgboost")
        for strategy in ("none", "smote", "class-weight")
        for tuning, preparation in settings
    ]
    findings = make_page_findings([*candidates, Candidate("logistic", "auto", "optuna")])
    means = {row.candidate: row.scores["roc_auc"].mean for row in findings.leaderboard.rows}
    best = [
        max((one for one in own if one.strategy == "none"), key=lambda one: means[one])
        for own in (candidates[:9], candidates[9:18], candidates[18:27], candidates[27:])
    ]
    assert {one.preparation for one in best} == {"encoded", "native"}

    (exhibit,) = [
        one for one in build_exhibits(material_of(tmp_path, findings)) if one.name == "strategies"
    ]

    assert [row["candidate"] for row in exhibit.rows] == [
        str(replace(one, strategy=strategy))
        for one in best
        for strategy in ("class-weight", "none", "smote")
    ]
    assert isinstance(exhibit.data, GridFigure)
    assert exhibit.data.columns == ("none", "class-weight", "smote")
    assert exhibit.data.rows == tuple(str(one).replace("+none+", " ") for one in best)
    assert "one model in one tuning and preparation" in exhibit.caption
    assert exhibit.caption.endswith("Under another tuning or preparation only: auto.")


def test_calibration_bins_are_those_of_the_page(figures: Path) -> None:
    data = data_of(figures.parent)
    drawn = read(figures / "calibration.csv")
    first = next(row for row in data["rows"] if row["name"] == drawn[0]["candidate"])

    told = [row for row in drawn if row["candidate"] == first["name"]]

    keys = ("predicted", "churn_rate", "low", "high", "noise")
    for row, one in zip(told, data["curves"][first["curve"]]["bins"], strict=True):
        assert [float(row[key]) for key in keys] == pytest.approx(one, abs=2e-6)


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("quality_and_time", "seconds"),
        ("quality_and_predict_time", "predict_seconds"),
        ("quality_and_memory", "peak_memory_mb"),
    ],
)
def test_nothing_on_the_front_is_beaten_at_the_same_cost(
    figures: Path, name: str, column: str
) -> None:
    rows = [
        (float(row[column]), float(row["mean"]), row["on_front"] == "true")
        for row in read(figures / f"{name}.csv")
    ]

    for cost, mean, is_on_front in rows:
        is_beaten = any(c <= cost and m > mean for c, m, _ in rows)
        assert is_on_front == (not is_beaten)


def test_every_comparison_of_tuning_is_drawn(exhibits: dict[str, Exhibit]) -> None:
    exhibit = exhibits["tuning_gains"]
    assert isinstance(exhibit.data, DotsFigure)

    assert len(exhibit.data.dots) == len(exhibit.rows)


def test_figures_that_leave_something_out_say_so(findings: Findings, figures: Path) -> None:
    material = material_of(figures.parent, findings)
    tuned = {**material.page["tuning"], "bought": material.page["tuning"]["bought"][:1] * 41}
    material = replace(material, page={**material.page, "tuning": tuned})

    (exhibit,) = [one for one in build_exhibits(material) if one.name == "tuning_gains"]

    assert isinstance(exhibit.data, DotsFigure)
    assert len(exhibit.data.dots) == 30
    assert len(exhibit.rows) == 41
    assert "the first 15 and the last 15 of 41" in exhibit.data.notes
    assert "the first 15 and the last 15 of 41" in exhibit.caption


def test_parameters_and_shifts_are_those_of_the_page(figures: Path) -> None:
    data = data_of(figures.parent)

    parameters = read(figures / "tuning_parameters.csv")
    searched = read(figures / "searches.csv")[0]["candidate"]
    links = [
        link for link in data["tuning"]["links"] if data["rows"][link["row"]]["name"] == searched
    ]
    assert {row["candidate"] for row in parameters} == {searched}
    assert [(row["parameter"], float(row["strength"])) for row in parameters] == [
        (link["name"], link["strength"]) for link in links
    ]
    shifts = {row["candidate"]: row for row in read(figures / "feature_shifts.csv")}
    assert len(shifts) == len(data["features"]["shifts"])
    for row, method, correlation, between, *_ in data["features"]["shifts"]:
        told = shifts[data["rows"][row]["name"]]
        assert told["method"] == method
        assert float(told["like_none"]) == correlation
        assert float(told["splits_of_none"]) == between


def test_slices_are_named_whole(findings: Findings, tmp_path: Path) -> None:
    fill(tmp_path, findings, a="average_monthly_charges")

    found = {one.name: one for one in build_exhibits(material_of(tmp_path, findings))}
    svg, _ = write_figure(tmp_path / "slices", found["segments_ranking"].data)

    text = svg.read_text(encoding="utf-8")
    named = re.findall(r"<!-- (average_monthly_charges: .*) -->", text)
    assert len(named) == 4  # quarters
    assert all(re.search(r"\(\d+\)$", name) for name in named)
    assert not any("…" in name for name in named)


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
        job_id: replace(
            result, record=replace(result.record, importance={}, seconds={}, peak_memory_mb=0.0)
        )
        for job_id, result in make_page_results(run).items()
    }
    folder = tmp_path / "figures"
    folder.mkdir()
    for path in figures.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "my_own.svg").write_text("<svg/>", encoding="utf-8")

    write_page(tmp_path, analyse(run, results), has_gallery=True)

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

    write_page(tmp_path, analyse(run, {}), has_gallery=True)

    assert [path.name for path in (tmp_path / "figures").iterdir()] == ["README.md"]


# --- strangers' names -----------------------------------------------------------------

HOSTILE = (
    '=HYPERLINK("x")<script>alert(1)</script>',
    "$x^{2}$ \\frac{1}{2} `code` | a\nb",
    "\u202eevil\u202c קהל 客户 \x1b[31m\x00" + "x" * 300,
)


def make_hostile(name: str) -> Findings:
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
    return analyse(run, results)


@pytest.fixture(scope="module", params=HOSTILE, ids=["formula", "mathematics", "glyphs"])
def hostile(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The figures of such a run."""
    findings = make_hostile(request.param)
    folder = tmp_path_factory.mktemp("hostile")
    fill(folder, findings, a=request.param)
    write_page(folder, findings, has_gallery=True)
    return folder / "figures"


def boxes_of(figure: Any, renderer: Any) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    """Return all words with where matplotlib prints them, in pixels: left, bottom, right, top."""
    for word in figure.artists:
        if not hasattr(word, "text"):
            continue
        x, y = (inches * figure.dpi for inches in word.at)
        width, height, below = renderer.get_text_width_height_descent(word.text, word.font, False)
        above = height - below
        if word.angle:
            yield word.text, (x - above, y, x + below, y + width)
        else:
            yield word.text, (x, y - below, x + width, y + above)


@pytest.mark.parametrize("name", ["tenure", *HOSTILE], ids=["plain", "formula", "math", "glyphs"])
def test_no_word_is_cut_off_or_lies_on_another(name: str, tmp_path: Path) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    findings = make_hostile(name)
    fill(tmp_path, findings, a=name)
    wrong = []
    for exhibit in build_exhibits(material_of(tmp_path, findings)):
        with own_settings():
            figure = build_figure(exhibit.data)
            canvas: Any = FigureCanvasAgg(figure)
            canvas.draw()
            words = list(boxes_of(figure, canvas.get_renderer()))
        width, height = canvas.get_width_height()
        assert words
        for k, (word, (x0, y0, x1, y1)) in enumerate(words):
            if x0 < 0 or y0 < 0 or x1 > width or y1 > height:
                wrong.append(f"{exhibit.name}: {word!r} is cut off")
            for other, (left, bottom, right, top) in words[:k]:
                wide = min(x1, right) - max(x0, left)
                high = min(y1, top) - max(y0, bottom)
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
    ("importance", "was_there", "expected"),
    [
        ("full", (), True),
        ("native", (), False),
        ("native", ("README.md", "ranking.svg"), False),
        ("native", ("README.md", "ranking.svg", "roc.svg"), True),
    ],
)
def test_a_run_draws_them_where_all_is_explained_and_keeps_them_up_to_date(
    tmp_path: Path, importance: Importance, was_there: tuple[str, ...], expected: bool
) -> None:
    store = Store(tmp_path / "toy")
    keep_run(store.folder, {Candidate("logistic"): 1.0, Candidate("lightgbm"): 1.2})
    run = store.read_run()
    run = replace(run, experiment=replace(run.experiment, importance=importance))
    figures = store.folder / "figures"
    for name in was_there:
        write_text(figures / name, "of an earlier run")

    write_boards(run, store.read_results(run.jobs), store)

    assert (figures / "lift.svg").is_file() == expected
    for path in figures.iterdir():
        assert b"earlier run" not in path.read_bytes(), path.name


def test_figures_of_a_brief_run_have_tables_and_captions_too(tmp_path: Path) -> None:
    store = Store(tmp_path / "toy")
    keep_run(store.folder, {Candidate("logistic"): 1.0, Candidate("lightgbm"): 1.2})
    run = store.read_run()
    run = replace(run, experiment=replace(run.experiment, importance="native"))

    for _ in range(2):  # the second finds what the first left
        write_boards(run, store.read_results(run.jobs), store)

    figures = store.folder / "figures"
    drawn = {path.stem for path in figures.glob("*.svg")}
    assert "ranking" in drawn
    assert drawn <= {"ranking", "feature_importance"}
    expected = {f"{name}{suffix}" for name in drawn for suffix in (".svg", ".png", ".csv")}
    assert {path.name for path in figures.iterdir()} == expected | {"README.md"}
    text = (figures / "README.md").read_text(encoding="utf-8")
    for section, name in zip(text.split("\n## ")[1:], sorted(drawn, reverse=True), strict=True):
        assert f"]({name}.csv)" in section
        assert "Data: toy" in section
