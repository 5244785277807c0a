"""``python -m bench report``: from a results folder to its page."""

from __future__ import annotations

from pathlib import Path

import pytest
from page_runs import make_page_results, make_page_run

from bench.cli.app import main
from bench.store import Store


def fill(folder: Path, **facts: str) -> Path:
    """Leave a finished run in ``folder``."""
    run = make_page_run(**facts)
    store = Store(folder)
    for result in make_page_results(run).values():
        store.write_result(result)
    store.write_run(run)
    return folder


def test_every_dataset_gets_its_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("one", "two"):
        fill(tmp_path / name, title=f"Customers of {name}")

    code = main(["report", "--out", str(tmp_path)])

    pages = [tmp_path / name / "report.html" for name in ("one", "two")]
    assert code == 0
    written = [*pages, tmp_path / "index.html"]
    assert capsys.readouterr().out.split() == [str(page) for page in written]
    assert "Customers of two" in pages[1].read_text(encoding="utf-8")


def test_one_dataset_may_be_named(tmp_path: Path) -> None:
    for name in ("one", "two"):
        fill(tmp_path / name)

    assert main(["report", "--out", str(tmp_path), "--dataset", "two"]) == 0

    assert (tmp_path / "two" / "report.html").is_file()
    assert not (tmp_path / "one" / "report.html").exists()


def test_what_stored_scores_say_is_what_is_written_twice(tmp_path: Path) -> None:
    page = fill(tmp_path / "one") / "report.html"
    main(["report", "--out", str(tmp_path)])
    before = page.read_bytes()

    main(["report", "--out", str(tmp_path)])

    assert page.read_bytes() == before


def test_an_empty_folder_is_one_clear_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "--out", str(tmp_path)]) == 2

    assert capsys.readouterr().err == (
        f"error: {tmp_path}: no results here\nhint: python -m bench run --dataset telco\n"
    )
