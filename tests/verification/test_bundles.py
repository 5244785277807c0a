"""Bundles: what is in them, what is not, and that they can be checked like a folder."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.domain import Candidate, Record, Result
from bench.errors import StoreError
from bench.store import Store
from bench.verification.bundle import open_results, write_bundle
from bench.verification.checking import load_here, read_recorded


def pack(shop: Any) -> bytes:
    return write_bundle(shop.recorded(), Path("shop.zip"))


def members(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def packed(original: Any) -> bytes:
    return pack(original)


def test_a_bundle_holds_boards_protocol_scores_and_environment(
    packed: bytes, original: Any
) -> None:
    names = set(members(packed))
    ids = [job.id for job in original.store.read_run().jobs]
    assert {f"records/{i}.json" for i in ids} | {f"predictions/{i}.npz" for i in ids} <= names
    assert {"leaderboard.csv", "leaderboard.md", "run.json", "README.md"} <= names
    assert {"requirements.txt", "environment.json", "costs.csv"} <= names
    assert "values.npz" not in names
    assert not any(name.startswith("studies") for name in names)


def test_equal_folders_are_equal_bytes(packed: bytes, shop: Any) -> None:
    assert pack(shop) == packed


def test_no_identifier_no_row_and_no_path_is_in_a_bundle(packed: bytes, original: Any) -> None:
    lines = original.table.read_text(encoding="utf-8").splitlines()[1:]
    ids = {line.split(",")[0] for line in lines}
    texts = {n: t.decode() for n, t in members(packed).items() if not n.endswith((".npz", ".png"))}
    for name, text in texts.items():
        assert not ids & set(re.findall(r"K\d+", text)), name
        assert str(original.folder) not in text, name
        assert not [line for line in lines if line.partition(",")[2] in text], name


def test_no_column_of_the_table_is_in_the_scores(packed: bytes, original: Any) -> None:
    fees = {line.split(",")[1] for line in original.table.read_text().splitlines()[1:]}
    with open_results_of(packed) as store:
        run = store.read_run()
        for result in store.read_results(run.jobs).values():
            assert result.predictions is not None
            found = {f"{value:.2f}" for value in result.predictions.score if value > 1}
            assert not found & fees


@contextlib.contextmanager
def open_results_of(packed: bytes) -> Iterator[Store]:
    """Open the bundle of these bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shop.zip"
        path.write_bytes(packed)
        with open_results(path) as store:
            yield store


def test_a_bundle_reads_as_the_folder_it_was_made_of(packed: bytes, original: Any) -> None:
    with open_results_of(packed) as store:
        run, expected = store.read_run(), original.store.read_run()
        assert run == expected
        results = store.read_results(run.jobs)
        assert {i: r.record for i, r in results.items()} == {
            i: r.record for i, r in original.store.read_results(expected.jobs).items()
        }
        environment = store.read_environment(run.jobs[0])
        assert environment == original.store.read_environment(run.jobs[0])


def test_boards_of_a_bundle_are_checked_with_the_data_at_hand(packed: bytes, original: Any) -> None:
    with open_results_of(packed) as store:
        here = load_here(store.read_run(), original.loading)
        files = read_recorded(store, here).check_files()
    assert {check.status for check in files} == {"as recorded"}


def test_without_the_data_boards_that_need_values_say_that_they_are_not_checked(
    packed: bytes,
) -> None:
    with open_results_of(packed) as store:
        found = {check.name: check.status for check in read_recorded(store, None).check_files()}
    assert found == {
        "leaderboard.csv": "not checked",
        "leaderboard.json": "not checked",
        "leaderboard.md": "not checked",
        "feature_importance.csv": "as recorded",
        "feature_importance.md": "as recorded",
        "costs.csv": "as recorded",
        "report.html": "not checked",
    }


def test_paths_in_commands_and_tracebacks_are_cut_and_the_boards_still_match(shop: Any) -> None:
    run = shop.store.read_run()
    job = shop.jobs(Candidate("decision-tree"))[0]
    error = 'Traceback:\n  File "/home/ottokar/secret/mine.py", line 3\nValueError: no'
    shop.store.write_result(Result(Record(job, "failed", error=error), None))
    command = "python -m bench run --dataset shop --plugin /home/ottokar/secret/mine.py"
    failures = {job.id: "OSError: /home/ottokar/secret/x: no"}
    shop.store.write_run(replace(run, command=command, failures=failures))
    shop.rewrite([], lambda result: result)
    packed = pack(shop)
    for name, content in members(packed).items():
        assert b"ottokar" not in content, name
        assert b"secret" not in content, name
    with open_results_of(packed) as store:
        assert store.read_run().command == "python -m bench run --dataset shop --plugin mine.py"
        here = load_here(run, shop.loading)
        files = read_recorded(store, here).check_files()
    assert {check.status for check in files} == {"as recorded"}


def test_what_cannot_be_checked_is_not_bundled(shop: Any) -> None:
    path = shop.store.folder / "leaderboard.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("0.", "0.9", 1), encoding="utf-8")
    with pytest.raises(StoreError, match=r"leaderboard\.csv: .* by its records") as raised:
        pack(shop)
    assert raised.value.hint == f"python -m bench leaderboard {shop.store.folder} --write"


def test_damaged_records_are_not_bundled(shop: Any) -> None:
    job = shop.store.read_run().jobs[0]
    (shop.store.folder / "predictions" / f"{job.id}.npz").write_bytes(b"nothing")
    with pytest.raises(StoreError, match="its predictions are not those that it was written with"):
        pack(shop)


def test_lost_records_are_not_bundled_and_the_way_out_is_the_run(shop: Any) -> None:
    job = shop.store.read_run().jobs[0]
    (shop.store.folder / "records" / f"{job.id}.json").unlink()
    with pytest.raises(StoreError, match=f"record {job.id} of .* is missing") as caught:
        pack(shop)
    assert caught.value.hint.startswith("run the experiment again")


def test_folders_of_a_bundle_that_was_packed_again_are_passed_over(
    tmp_path: Path, packed: bytes
) -> None:
    path = tmp_path / "again.zip"
    path.write_bytes(packed)
    with zipfile.ZipFile(path, "a") as archive:
        archive.mkdir("records")
    with open_results(path) as store:
        assert store.read_run().jobs


# --- opening --------------------------------------------------------------------------


def test_a_folder_and_its_run_json_are_opened_where_they_are(original: Any) -> None:
    for path in (original.store.folder, original.store.folder / "run.json"):
        with open_results(path) as store:
            assert store.folder == original.store.folder


def test_what_is_not_there_is_one_clear_message(tmp_path: Path) -> None:
    with (
        pytest.raises(StoreError, match="nowhere: no such results folder or bundle"),
        open_results(tmp_path / "nowhere"),
    ):
        pass


@pytest.mark.parametrize(
    "name", ["../evil.py", "/etc/passwd", "records/../../evil.json", "evil.py", "a\\..\\b.json"]
)
def test_a_bundle_with_a_strange_name_in_it_is_refused_and_unpacks_nothing(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("run.json", "{}")
        archive.writestr(name, "evil")
    with pytest.raises(StoreError, match="no bundle of ours, it holds"), open_results(path):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["bad.zip"]


def test_a_damaged_bundle_is_one_clear_message(tmp_path: Path, packed: bytes) -> None:
    path = tmp_path / "bad.zip"
    for content in (b"", b"no zip", packed[: len(packed) // 2], b"PK\x03\x04" + bytes(100)):
        path.write_bytes(content)
        with pytest.raises(StoreError, match="cannot be read as a bundle"), open_results(path):
            pass
    flipped = bytearray(packed)
    flipped[200] ^= 0xFF
    path.write_bytes(bytes(flipped))
    with pytest.raises(StoreError), open_results(path) as store:
        store.read_run()


def test_an_edited_record_in_a_bundle_is_found(tmp_path: Path, packed: bytes) -> None:
    path = tmp_path / "edited.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members(packed).items():
            edited = content.replace(b'"n_train": 80', b'"n_train": 90')
            archive.writestr(name, edited)
    with open_results(path) as store:
        damages = {store.find_damage(job) for job in store.read_run().jobs}
    assert damages == {"the record was changed since it was written"}


def test_a_record_of_old_that_does_not_say_what_made_it_says_nothing_in_a_bundle(
    shop: Any,
) -> None:
    shutil.rmtree(shop.store.folder / "environments")
    with open_results_of(pack(shop)) as store:
        assert isinstance(store, Store)
        assert {store.read_environment(job) for job in store.read_run().jobs} == {None}


def test_the_page_in_a_bundle_says_how_to_check_it(packed: bytes) -> None:
    page = members(packed)["README.md"].decode()
    assert "python -m bench verify shop.zip" in page
    lines = members(packed)["requirements.txt"].decode().splitlines()
    assert all(re.fullmatch(r"[a-z0-9-]+==[\w.+]+", line) for line in lines)
    about = json.loads(members(packed)["environment.json"])
    assert about["machine"]["python"]
