"""What is kept comes back equal; what is damaged counts as not there."""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.domain import (
    Candidate,
    ClassCounts,
    DatasetFacts,
    Experiment,
    Job,
    Predictions,
    Record,
    Result,
    Run,
    Split,
)
from bench.environment import describe_environment
from bench.errors import StoreError
from bench.serial import to_json
from bench.store import SCHEMA_VERSION, Store, is_done, write_bytes

JOB = Job("d" * 64, Candidate("logistic", "smote"), Split(0, 1), folds=5, seed=0)
RUN = Run(
    experiment=Experiment("toy", (JOB.candidate,)),
    facts=DatasetFacts("toy", "Toy", "d" * 64, "file", 9, 2, 3, ("a", "b")),
    jobs=(JOB,),
    skips=(),
)


def make_result() -> Result:
    record = Record(
        JOB,
        "ok",
        n_train=4,
        n_test=2,
        counts_before=ClassCounts(3, 1),
        counts_after=ClassCounts(3, 3),
        params={"C": 0.5, "sizes": [4, 4]},
        chosen_strategy="smote",
        seconds={"fit": 0.25},
        importance={"coefficient": {"a": 1.5, "b": 0.0}},
        explained="native",
        messages=("ConvergenceWarning: it stopped",),
    )
    predictions = Predictions(
        rows=np.array([0, 3], dtype=np.int32),
        y=np.array([0, 1], dtype=np.int8),
        score=np.array([0.1, 1 / 3]),
        inner_y=np.array([0, 0, 1, 0], dtype=np.int8),
        inner_score=np.array([0.2, 1e-300, 0.7, 0.1]),
    )
    return Result(record, predictions)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store that holds one finished result and one run."""
    store = Store(tmp_path / "toy")
    store.write_result(make_result())
    store.write_run(RUN)
    return store


def files(store: Store) -> list[str]:
    return sorted(p.relative_to(store.folder).as_posix() for p in store.folder.rglob("*"))


def read(store: Store) -> Result | None:
    return store.read_results([JOB]).get(JOB.id)


def record_path(store: Store) -> Path:
    return store.folder / "records" / f"{JOB.id}.json"


def predictions_path(store: Store) -> Path:
    return store.folder / "predictions" / f"{JOB.id}.npz"


def test_records_of_any_run_are_read_without_their_scores(store: Store) -> None:
    (store.folder / "records" / "damaged.json").write_text("{", encoding="utf-8")
    predictions_path(store).unlink()
    assert list(store.read_records()) == [make_result().record]


def test_records_that_were_edited_or_are_of_another_schema_are_not_read_without_scores_either(
    store: Store,
) -> None:
    text = record_path(store).read_text(encoding="utf-8")
    unsealed = {k: v for k, v in json.loads(text).items() if k != "record_sha256"}

    record_path(store).write_text(text.replace('"C": 0.5', '"C": 0.4'), encoding="utf-8")
    assert list(store.read_records()) == []
    record_path(store).write_text(json.dumps(unsealed), encoding="utf-8")
    assert len(list(store.read_records())) == 1
    record_path(store).write_text(json.dumps({**unsealed, "schema_version": 2}), encoding="utf-8")
    assert list(store.read_records()) == []
    record_path(store).write_text(json.dumps({**unsealed, "id": "another"}), encoding="utf-8")
    assert list(store.read_records()) == []


def test_a_result_comes_back_equal(store: Store) -> None:
    found, expected = read(store), make_result()
    assert found is not None
    assert found.predictions is not None
    assert expected.predictions is not None
    assert found.record == expected.record
    for name in ("rows", "y", "score", "inner_y", "inner_score"):
        array, wanted = getattr(found.predictions, name), getattr(expected.predictions, name)
        assert array.dtype == wanted.dtype
        np.testing.assert_array_equal(array, wanted)


def test_a_run_comes_back_equal(store: Store) -> None:
    assert store.read_run() == RUN


def test_nothing_but_the_files_themselves_is_left_behind(store: Store) -> None:
    name = json.loads(record_path(store).read_text())["environment"]
    assert files(store) == [
        "environments",
        f"environments/{name}.json",
        "predictions",
        f"predictions/{JOB.id}.npz",
        "records",
        f"records/{JOB.id}.json",
        "run.json",
    ]


def test_a_record_carries_its_id_and_schema_version(store: Store) -> None:
    data = json.loads(record_path(store).read_text(encoding="utf-8"))
    assert (data["id"], data["schema_version"]) == (JOB.id, 1)


def test_predictions_open_without_pickle(store: Store) -> None:
    with np.load(predictions_path(store), allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["score"], [0.1, 1 / 3])


def test_equal_predictions_are_equal_bytes(store: Store, tmp_path: Path) -> None:
    other = Store(tmp_path / "other")
    other.write_result(make_result())
    assert predictions_path(store).read_bytes() == predictions_path(other).read_bytes()
    with zipfile.ZipFile(predictions_path(store)) as archive:  # not the time of writing
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_job_that_was_never_done_is_not_among_the_results(store: Store) -> None:
    assert store.read_results([replace(JOB, seed=1)]) == {}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"schema_version": 2}',
        '{"schema_version": 1}',
        '{"schema_version": 1, "job": 3, "status": "ok"}',
        "\xff",
    ],
)
def test_a_damaged_record_counts_as_missing(store: Store, text: str) -> None:
    record_path(store).write_bytes(text.encode("latin-1"))
    assert read(store) is None


def test_a_record_of_another_schema_version_counts_as_missing(store: Store) -> None:
    data = json.loads(record_path(store).read_text(encoding="utf-8"))
    record_path(store).write_text(json.dumps({**data, "schema_version": 2}), encoding="utf-8")
    assert read(store) is None


@pytest.mark.parametrize("field", ["params", "importance", "seconds", "messages"])
def test_a_record_with_a_field_of_the_wrong_shape_counts_as_missing(
    store: Store, field: str
) -> None:
    data = json.loads(record_path(store).read_text(encoding="utf-8"))
    record_path(store).write_text(json.dumps({**data, field: 3}), encoding="utf-8")
    assert read(store) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"C": 0.5', '"C": 0.4'),
        ('"positives": 3', '"positives": 2'),
        ('"fit": 0.25', '"fit": 0.2'),
        (" ", "  "),
    ],
)
def test_a_record_that_was_edited_counts_as_missing_and_says_so(
    store: Store, old: str, new: str
) -> None:
    text = record_path(store).read_text(encoding="utf-8")
    assert old in text
    assert store.find_damage(JOB) == ""

    record_path(store).write_text(text.replace(old, new), encoding="utf-8")

    assert read(store) is None
    assert store.find_damage(JOB) == "the record was changed since it was written"


def test_a_record_that_was_written_anew_by_another_program_counts_as_missing(store: Store) -> None:
    data = json.loads(record_path(store).read_text(encoding="utf-8"))
    record_path(store).write_text(json.dumps({**data, "n_train": 5}), encoding="utf-8")
    assert read(store) is None


def test_a_record_without_a_seal_is_of_an_older_version_and_read(store: Store) -> None:
    data = json.loads(record_path(store).read_text(encoding="utf-8"))
    del data["record_sha256"]
    record_path(store).write_text(json.dumps(data), encoding="utf-8")
    assert read(store) is not None


def test_the_record_of_another_job_counts_as_missing(store: Store) -> None:
    other = replace(JOB, seed=1)
    record_path(store).rename(record_path(store).with_name(f"{other.id}.json"))
    assert store.read_results([other]) == {}
    assert store.find_damage(other) == f"it holds the record of another job, {JOB.id}"


def test_a_record_knows_what_it_was_made_by(store: Store) -> None:
    assert store.read_environment(JOB) == describe_environment()
    made_by = {"versions": {"numpy": "1.0"}, "machine": {}, "code": {}}
    store.write_result(make_result(), made_by=made_by)
    assert store.read_environment(JOB) == made_by
    store.write_result(make_result(), made_by={})
    assert store.read_environment(JOB) is None
    assert read(store) is not None


def test_missing_predictions_make_the_result_missing(store: Store) -> None:
    predictions_path(store).unlink()
    assert read(store) is None


def test_predictions_cut_off_anywhere_make_the_result_missing(store: Store) -> None:
    whole = predictions_path(store).read_bytes()
    for length in range(len(whole)):
        predictions_path(store).write_bytes(whole[:length])
        assert read(store) is None, f"cut to {length} of {len(whole)} bytes"


def test_predictions_with_a_wrong_byte_are_missing_or_unchanged(store: Store) -> None:
    whole, expected = predictions_path(store).read_bytes(), make_result().predictions
    assert expected is not None
    for position in range(len(whole)):
        damaged = bytearray(whole)
        damaged[position] ^= 0xFF
        predictions_path(store).write_bytes(bytes(damaged))
        found = read(store)
        if found is not None:  # the byte was padding or a time stamp
            assert found.predictions is not None
            np.testing.assert_array_equal(found.predictions.score, expected.score)


def test_predictions_of_another_job_make_the_result_missing(store: Store, tmp_path: Path) -> None:
    other = replace(make_result().predictions, score=np.array([0.9, 0.1]))
    elsewhere = Store(tmp_path / "elsewhere")
    elsewhere.write_result(replace(make_result(), predictions=other))

    predictions_path(store).write_bytes(predictions_path(elsewhere).read_bytes())

    assert read(store) is None


def test_a_record_with_a_status_that_there_is_not_counts_as_missing(store: Store) -> None:
    text = record_path(store).read_text(encoding="utf-8")

    record_path(store).write_text(text.replace('"ok"', '"banana"'), encoding="utf-8")

    assert read(store) is None


def test_pickled_predictions_are_never_opened(store: Store, tmp_path: Path) -> None:
    names = ("y", "score", "inner_y", "inner_score")
    others = {name: getattr(make_result().predictions, name) for name in names}
    np.savez(predictions_path(store), rows=np.array([print], dtype=object), **others)
    record = json.loads(record_path(store).read_text(encoding="utf-8"))
    # The digest is right, so that nothing but the pickle itself stands in the way.
    record["predictions_sha256"] = hashlib.sha256(predictions_path(store).read_bytes()).hexdigest()
    del record["record_sha256"]
    record_path(store).write_text(json.dumps(record), encoding="utf-8")
    assert read(store) is None


def test_a_failed_record_is_kept_without_predictions(tmp_path: Path) -> None:
    store = Store(tmp_path)
    failed = Result(Record(JOB, "failed", error="Traceback\nValueError: no"), None)
    store.write_result(failed)
    assert store.read_results([JOB]) == {JOB.id: failed}
    assert not predictions_path(store).exists()


def test_a_success_replaces_a_failure_and_a_failure_a_success(store: Store) -> None:
    failed = Result(Record(JOB, "failed", error="no"), None)
    store.write_result(failed)
    assert read(store) == failed
    store.write_result(make_result())
    found = read(store)
    assert found is not None
    assert found.record.status == "ok"


def test_failed_and_missing_results_are_done_again() -> None:
    assert not is_done(None, "none")
    assert not is_done(Result(Record(JOB, "failed", error="no"), None), "none")


@pytest.mark.parametrize(
    ("has", "wanted", "expected"),
    [
        ("none", "none", True),
        ("none", "native", False),
        ("native", "none", True),
        ("native", "native", True),
        ("native", "full", False),
        ("full", "native", True),
    ],
)
def test_a_finished_record_is_done_unless_it_lacks_importances(
    has: str, wanted: str, expected: bool
) -> None:
    result = make_result()
    result = Result(replace(result.record, explained=has), result.predictions)
    assert is_done(result, wanted) is expected


def test_an_empty_folder_says_how_to_fill_it(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as raised:
        Store(tmp_path / "toy").read_run()
    assert str(raised.value) == (
        f"{tmp_path / 'toy' / 'run.json'}: no such file, so there are no results to read\n"
        "hint: python -m bench run --dataset toy"
    )


def test_a_run_bears_the_schema_version_of_the_store_alone(store: Store) -> None:
    data = json.loads((store.folder / "run.json").read_text(encoding="utf-8"))
    assert data["schema_version"] == SCHEMA_VERSION
    assert "schema_version" not in to_json(RUN)


def test_another_schema_version_is_refused_with_both_numbers(store: Store) -> None:
    path = store.folder / "run.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**data, "schema_version": 99}), encoding="utf-8")
    with pytest.raises(StoreError) as raised:
        store.read_run()
    assert str(raised.value) == (
        f"{path}: schema_version is 99, but this bench reads 1\n"
        "hint: run the experiment again, or use the version of bench that wrote it"
    )


@pytest.mark.parametrize(
    "text", ["", "{", "\xff", '{"schema_version": 1}', '{"schema_version": 1, "facts": []}']
)
def test_an_unreadable_run_names_its_file(store: Store, text: str) -> None:
    path = store.folder / "run.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(StoreError) as raised:
        store.read_run()
    assert raised.value.message.startswith(f"{path}: cannot be read: ")
    assert raised.value.hint == "remove the file and run the experiment again"


def test_a_run_with_a_field_of_the_wrong_shape_names_its_file(store: Store) -> None:
    path = store.folder / "run.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**data, "failures": []}), encoding="utf-8")
    with pytest.raises(StoreError) as raised:
        store.read_run()
    assert raised.value.message.startswith(f"{path}: cannot be read: ")


def test_a_folder_that_cannot_be_made_is_one_clear_message(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    target = tmp_path / "taken" / "run.json"
    with pytest.raises(StoreError) as raised:
        write_bytes(target, b"")
    assert raised.value.message in (
        f"{target}: cannot be written: Not a directory",
        f"{target}: cannot be written: File exists",
    )
    assert raised.value.hint == "choose another folder with --out, or make room"


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.mkdir()  # a file cannot replace a folder
    with pytest.raises(StoreError, match=r"cannot be written: Is a directory"):
        write_bytes(path, b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["kept"]


def test_a_file_that_holds_the_same_already_is_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    write_bytes(path, b"old")
    first = path.stat().st_ino

    write_bytes(path, b"old")
    same = path.stat().st_ino
    write_bytes(path, b"new")

    assert same == first
    assert path.read_bytes() == b"new"


def test_values_come_back_equal_for_the_same_data_only(store: Store) -> None:
    values = np.array([29.85, np.nan, 0.0])
    store.write_values(values, dataset_digest="d" * 64)
    np.testing.assert_array_equal(store.read_values(dataset_digest="d" * 64), values)
    assert store.read_values(dataset_digest="e" * 64) is None


def test_values_hold_numbers_and_nothing_of_who_the_customers_are(store: Store) -> None:
    store.write_values(np.array([1.0, 2.0]), dataset_digest="d" * 64)
    with np.load(store.folder / "values.npz", allow_pickle=False) as archive:
        assert sorted(archive) == ["digest", "value"]
        assert archive["value"].dtype == np.float64


@pytest.mark.parametrize("content", [None, b"", b"not a zip file"])
def test_values_that_are_missing_or_damaged_are_none(store: Store, content: bytes | None) -> None:
    if content is not None:
        (store.folder / "values.npz").write_bytes(content)
    assert store.read_values(dataset_digest="d" * 64) is None
