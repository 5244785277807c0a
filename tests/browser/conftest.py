"""A headless Chromium, and reports to show in it.

``nox -s browser`` installs selenium; Chromium and its driver are the system's.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from browsing import Browser
from page_runs import (
    DEPENDENCE,
    make_page_dataset,
    make_page_findings,
    make_page_results,
    make_page_run,
    write_page_searches,
)

from bench.analysis import Findings, analyse
from bench.domain import Candidate, Finding, Result, Skip
from bench.reports.page.writing import write_page
from bench.reports.segments import write_segments

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HOSTILE = (
    "<script>document.title='hacked'</script>",
    '"=cmd()"',
    "'; DROP TABLE customers",
    "קהל לקוחות",
    "x" * 300,
    "<img src=x onerror=\"document.title='hacked'\">",
)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One Chromium for all tests, with a profile of its own."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        yield Browser(driver)
    finally:
        driver.quit()


@pytest.fixture(scope="session")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a small run."""
    strategies = ("none", "smote", "class-weight", "random-over", "random-under", "smote-enn")
    candidates = [
        Candidate(model, strategy)
        for model in ("catboost", "lightgbm", "logistic", "svm-rbf", "xgboost")
        for strategy in strategies
    ]
    candidates += [
        Candidate("prior-only"),
        Candidate("lightgbm", "none", "recommended"),
        Candidate("lightgbm", "class-weight", repair="prior"),
    ]
    candidates.append(Candidate("xgboost", "auto", "optuna"))
    folder, findings = tmp_path_factory.mktemp("page"), make_page_findings(candidates)
    write_segments(folder, findings, make_page_dataset(findings.leaderboard.run))
    write_page_searches(findings.leaderboard.run, folder)
    return write_page(folder, findings)


@pytest.fixture(scope="session")
def findings() -> Findings:
    """What a run of a few candidates shows."""
    return make_page_findings()


@pytest.fixture(scope="session")
def few_page(findings: Findings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of it."""
    return write_page(tmp_path_factory.mktemp("few"), findings)


@pytest.fixture(scope="session", params=HOSTILE, ids=lambda name: ascii(name)[:20])
def hostile_page(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    """A report whose title, models, strategies, findings and errors nobody wishes for."""
    name = str(request.param)
    run = make_page_run(
        (
            Candidate("logistic"),
            Candidate("logistic", name),
            Candidate(name),
            Candidate(name, name),
            Candidate("logistic", "auto", "optuna"),
        ),
        title=name,
        findings=(Finding("severe", "leak", f"{name} tells all", (name,), name, name),),
        notes=(name,),
    )
    run = replace(run, skips=(Skip(Candidate(name), name),), versions={name: name}, command=name)
    results = make_page_results(run)
    lost = run.jobs[-1]
    results[lost.id] = Result(replace(results[lost.id].record, status="failed", error=name), None)
    for job_id, result in results.items():
        shares = {name: 2.0, f"{name}2": 1.0, "c": 0.5}
        told = {name: DEPENDENCE["a"], f"{name}2": DEPENDENCE["b"]}
        record = replace(result.record, importance={name: shares, "shap": shares}, dependence=told)
        results[job_id] = replace(result, record=record)
    run = replace(run, failures={lost.id: name})
    found, folder = analyse(run, results), tmp_path_factory.mktemp("hostile")
    write_segments(folder, found, make_page_dataset(run, a=name, b=f"{name}2"))
    write_page_searches(run, folder, name=name)
    return name, write_page(folder, found)
