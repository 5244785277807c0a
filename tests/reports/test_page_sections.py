"""The sections on features, segments and tuning: what they hold, and that nobody is in them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from page_runs import (
    Outline,
    make_page_dataset,
    make_page_findings,
    make_page_results,
    make_page_run,
    write_page_searches,
)

from bench.analysis import Findings, analyse
from bench.domain import Candidate, Finding
from bench.reports.page.data import verify_command
from bench.reports.page.stored import read_trials_of
from bench.reports.page.writing import write_page
from bench.reports.segments import read_segments, write_segments

CANDIDATES = (
    Candidate("logistic"),
    Candidate("logistic", "smote"),
    Candidate("lightgbm"),
    Candidate("lightgbm", "auto", "optuna"),
    Candidate("prior-only"),
)


@pytest.fixture(scope="module")
def findings() -> Findings:
    return make_page_findings(
        CANDIDATES, findings=(Finding("note", "arithmetic-clone", "a is b times c", ("a", "b")),)
    )


@pytest.fixture(scope="module")
def folder(findings: Findings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sections")
    write_segments(folder, findings, make_page_dataset(findings.leaderboard.run))
    write_page_searches(findings.leaderboard.run, folder)
    write_page(folder, findings)
    return folder


def data_of(folder: Path) -> Any:
    page = (folder / "report.html").read_text(encoding="utf-8")
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


# --- features -------------------------------------------------------------------------


def test_the_three_features_that_matter_stand_there_without_scripts(folder: Path) -> None:
    page = (folder / "report.html").read_text(encoding="utf-8")
    section = page[page.index('<section id="features">') : page.index('<section id="segments">')]

    words = " ".join("".join(Outline(section).text).split())

    head = page[page.index('<section id="answer">') : page.index('<section id="boards">')]
    assert "Most important: a (" in words
    assert re.search(
        r"Most important: a \(\d+\.\d % of all importance, among the first 3 in (\d) of \1 "
        r"rankings\), b \(\d+\.\d %, \1 of \1\), c \(\d+\.\d %, \1 of \1\)\.",
        words,
    )
    answer = " ".join("".join(Outline(head).text).split())
    assert "Most important: a (" in answer
    assert "Read together, for they share their importance: a is b times c" in answer


def test_shares_of_a_judge_sum_to_one_and_methods_agree_with_themselves(folder: Path) -> None:
    found = data_of(folder)["features"]

    assert found["names"] == ["a", "b", "c", "d", "e", "f"]
    for judge in found["judges"]:
        assert sum(judge["share"]) == pytest.approx(1, abs=1e-3)
    assert all(found["agreement"][k][k] == pytest.approx(1) for k in range(len(found["judges"])))
    assert {one[1] for one in found["stability"]} == {"coefficient", "permutation", "shap"}
    assert found["twins"] == [[[0, 1], "a is b times c"]]


def test_without_importances_there_is_no_section_but_a_word_on_how_to_get_it(
    tmp_path: Path,
) -> None:
    run = make_page_run()
    results = {
        job_id: replace(result, record=replace(result.record, importance={}))
        for job_id, result in make_page_results(run).items()
    }

    page = write_page(tmp_path, analyse(run, results)).read_text(encoding="utf-8")

    assert '<section id="features">' not in page
    assert "--importance native" in page


def test_importances_that_failed_stand_in_the_fine_print_and_are_no_failed_fits(
    tmp_path: Path,
) -> None:
    run = make_page_run()
    plain, *_, last = run.jobs
    results = make_page_results(run)
    unexplained = replace(
        results[last.id].record, messages=("no importance by gain: OSError: <b>",)
    )
    results[last.id] = replace(results[last.id], record=unexplained)
    run = replace(run, failures={plain.id: "ValueError: in vain"})

    page = write_page(tmp_path, analyse(run, results)).read_text(encoding="utf-8")

    told = page[page.index("Importances that failed") :]
    assert (
        f"importance by gain failed in 1 fit of {last.candidate} (not tried again): "
        "OSError: &lt;b&gt;<" in told
    )
    assert (
        "importances could not be added to 1 fit (the next run tries again): "
        "ValueError: in vain<" in told
    )
    assert "failed;</strong>" not in page


def test_importances_that_came_later_are_put_on_the_page(tmp_path: Path) -> None:
    run = make_page_run()
    full = make_page_results(run)
    bare = {
        job_id: replace(result, record=replace(result.record, importance={}, explained="none"))
        for job_id, result in full.items()
    }
    write_page(tmp_path, analyse(run, bare))

    page = write_page(tmp_path, analyse(run, full)).read_text(encoding="utf-8")

    assert '<section id="features">' in page


def test_values_of_features_are_pooled_over_splits_and_levels_have_their_names(
    folder: Path,
) -> None:
    found = data_of(folder)
    (first, *_) = found["features"]["dependence"]

    a, b = first["features"]

    assert found["rows"][first["row"]]["model"] == "lightgbm"
    # Four splits that say the same: rows add up, means stay.
    assert a["bins"][0] == ["missing", None, 48, 0.3, 0.1, 0.5]
    assert a["bins"][1] == [None, -1.5, 80, -0.5, -0.7, -0.3]
    assert [label for label, *_ in b["bins"]] == ["<b>", "level 8"]


# --- the command that checks ----------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "folder"),
    [
        ("", "results/toy"),
        ("python -m bench run --dataset toy", "results/toy"),
        ("python -m bench run --out elsewhere --dataset toy", "elsewhere/toy"),
        ("python -m bench run --out='two words'", "'two words/toy'"),
        ("bench.run('toy', …)", "results/toy"),
        ("no closing ' quotation", "results/toy"),
        ("ends in --out", "results/toy"),
    ],
)
def test_results_are_checked_where_the_command_of_the_run_puts_them(
    command: str, folder: str
) -> None:
    run = replace(make_page_run(), command=command)

    assert verify_command(run) == f"python -m bench verify {folder}"


# --- segments -------------------------------------------------------------------------


def test_no_slice_is_smaller_than_ten_and_no_row_is_named(folder: Path) -> None:
    text = (folder / "segments.json").read_text(encoding="utf-8")
    found = json.loads(text)

    assert min(n for _, _, n, _ in found["slices"]) >= 10
    assert found["n"] == 960
    # Sums only: for a customer of 960 there is no list that long.
    assert max(len(one["order"]) for one in found["candidates"]) == len(found["slices"]) < 20


def test_segments_hold_the_best_of_each_model_with_figures_for_every_slice(folder: Path) -> None:
    found = data_of(folder)
    segments = found["segments"]

    models = [found["rows"][one["row"]]["model"] for one in segments["candidates"]]
    assert sorted(models) == ["lightgbm", "logistic"]
    for one in segments["candidates"]:
        assert len(one["order"]) == len(one["level"]) == len(segments["slices"])
    assert len(segments["disagreement"]) == len(segments["slices"])


def test_segments_of_other_fits_or_of_another_table_are_not_shown(
    findings: Findings, tmp_path: Path
) -> None:
    dataset = make_page_dataset(findings.leaderboard.run)
    write_segments(tmp_path, findings, replace(dataset, digest="e" * 64))
    assert not (tmp_path / "segments.json").exists()

    write_segments(tmp_path, findings, dataset)
    others = make_page_run(CANDIDATES)
    others = replace(others, jobs=tuple(replace(job, seed=1) for job in others.jobs))

    assert read_segments(tmp_path, findings) is not None
    assert read_segments(tmp_path, analyse(others, make_page_results(others))) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"candidates": [1]}', '"x"'])
def test_a_damaged_file_of_segments_counts_as_none(
    findings: Findings, tmp_path: Path, text: str
) -> None:
    (tmp_path / "segments.json").write_text(text, encoding="utf-8")

    assert read_segments(tmp_path, findings) is None


def test_columns_that_hold_the_same_as_others_are_found_with_the_slices_and_told(
    tmp_path: Path,
) -> None:
    findings = make_page_findings(CANDIDATES)
    dataset = make_page_dataset(findings.leaderboard.run)
    X = dataset.X.assign(b=dataset.X["a"] * -2.0)
    write_segments(tmp_path, findings, dataset)
    before = json.loads((tmp_path / "segments.json").read_text(encoding="utf-8"))
    del before["twins"]
    (tmp_path / "segments.json").write_text(json.dumps(before), encoding="utf-8")

    write_segments(tmp_path, findings, replace(dataset, X=X))
    page = write_page(tmp_path, findings).read_text(encoding="utf-8")

    assert data_of(tmp_path)["features"]["twins"][0][0] == [1, 0]
    assert "Read together, for they share their importance" in page


# --- tuning ---------------------------------------------------------------------------


def test_searches_are_shown_with_what_tuning_bought(folder: Path) -> None:
    found = data_of(folder)

    tuning = found["tuning"]
    assert [study["split"] for study in tuning["studies"]] == ["1.1", "1.2", "1.3", "1.4"]
    assert [found["rows"][k]["name"] for k in tuning["bought"][0][:2]] == [
        "lightgbm+auto+optuna",
        "lightgbm+none+default",
    ]
    assert {link["name"] for link in tuning["links"]} == {"rate", "strategy"}


def test_without_tuned_candidates_there_is_no_section(tmp_path: Path) -> None:
    page = write_page(tmp_path, make_page_findings()).read_text(encoding="utf-8")

    assert '<section id="tuning">' not in page
    assert 'href="#tuning"' not in page


@pytest.mark.parametrize("text", ["", "{", "[]", '{"x": 1}', '{"x": [{"value": "a"}]}'])
def test_a_damaged_file_of_searches_counts_as_none(
    findings: Findings, tmp_path: Path, text: str
) -> None:
    (tmp_path / "searches.json").write_text(text, encoding="utf-8")

    assert read_trials_of(tmp_path, findings) == {}


def test_the_page_is_the_same_without_the_journals_and_the_data(
    findings: Findings, folder: Path
) -> None:
    before = (folder / "report.html").read_bytes()

    write_page(folder, findings, is_forced=True)

    assert (folder / "report.html").read_bytes() == before
