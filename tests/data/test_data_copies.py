"""Which copy of a table is taken, and what its boards say of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from data_tables import PATH, TABLE, load, refused, rows

from bench.data import LoadOptions, load_dataset
from bench.errors import DataError, SourceError, SpecError


def pinned(add_adapter, table: str = TABLE, *, toml: str = "") -> str:
    """Pin the demo table by bytes and content, then put ``table`` in its place."""
    add_adapter()
    digest = load().digest
    sha256 = hashlib.sha256(TABLE.encode()).hexdigest()
    add_adapter(
        f'[expect]\ndigest = "{digest}"\n{toml}',
        table=table,
        source=f'file = "demo.csv"\nsha256 = "{sha256}"',
    )
    return digest


def test_the_published_file_needs_no_note(add_adapter) -> None:
    pinned(add_adapter)

    assert load().notes == ()
    assert load(accept_data=True).notes == ()


def test_other_bytes_of_the_same_table_are_accepted_with_a_note(add_adapter) -> None:
    digest = pinned(add_adapter, TABLE.replace("\n", "\r\n"))

    dataset = load()

    assert dataset.digest == digest
    assert dataset.notes == (
        "demo.csv has other bytes than the published file but holds the same table",
    )


def test_another_table_is_refused_with_both_digests(add_adapter) -> None:
    table = TABLE.replace("c7,27", "c7,28")
    digest = pinned(add_adapter, table)
    bytes_found, bytes_expected = (
        hashlib.sha256(text.encode()).hexdigest() for text in (table, TABLE)
    )
    found = load(accept_data=True).digest

    assert refused(SourceError) == (
        f"{PATH}: not the published file: sha256 {bytes_found}, expected {bytes_expected}; "
        f"nor the same table: digest {found}, expected {digest}\n"
        "hint: fetch the file again, or take it as it is with --accept-data"
    )
    assert load(accept_data=True).notes == (
        "demo.csv is not the published table and was accepted by --accept-data: "
        f"sha256 {bytes_found}, expected {bytes_expected}; digest {found}, expected {digest}",
    )


def test_accepted_data_need_not_meet_the_expectations(add_adapter) -> None:
    pinned(add_adapter, TABLE + "c80,30,plus,No\n", toml="rows = 80\npositives = 20")

    assert len(load(accept_data=True).y) == 81


def test_a_digest_that_differs_is_refused_with_both(add_adapter) -> None:
    add_adapter()
    digest = load().digest
    add_adapter(f'[expect]\ndigest = "{"0" * 64}"')

    assert refused() == (
        f'datasets/demo.toml: [expect] digest = "{"0" * 64}", but the table has {digest}\n'
        "hint: if the source changed, update sha256 and [expect] together"
    )


def test_a_spoilt_file_is_told_with_its_checksum(add_adapter) -> None:
    pinned(add_adapter, TABLE[:15])
    found, expected = (hashlib.sha256(text.encode()).hexdigest() for text in (TABLE[:15], TABLE))

    assert refused() == (
        f"{PATH}: there is a header but no rows below it\n"
        f"hint: the file is not the published one: sha256 {found}, expected {expected}; "
        "fetch it again"
    )


# --- made tables and stand-ins --------------------------------------------------------


def test_made_tables_load_without_a_file(home: Path) -> None:
    dataset = load_dataset("synthetic-rare")

    assert (dataset.origin, dataset.notes) == ("built-in", ())
    assert (len(dataset.y), int(dataset.y.sum())) == (20_000, 400)


def test_the_imitation_never_passes_for_the_real_table(home: Path) -> None:
    dataset = load_dataset("telco-standin")

    assert (dataset.name, dataset.origin) == ("telco-standin", "stand-in")
    assert dataset.notes == ("NOT REAL DATA: a built-in imitation of telco",)


STAND_IN = 'file = "demo.csv"\nstand_in = "telco-standin"'


def test_a_stand_in_serves_where_the_file_cannot_be_had(
    add_adapter, caplog: pytest.LogCaptureFixture
) -> None:
    add_adapter(table=None, source=STAND_IN)

    dataset = load()

    assert (dataset.name, dataset.origin) == ("telco-standin", "stand-in")
    assert dataset.notes == (
        "NOT REAL DATA: demo could not be had, this is a built-in imitation of it",
    )
    assert caplog.messages == [
        "demo: demo.csv is not here, and there is no address to download it; using telco-standin"
    ]


def test_real_data_can_be_required(add_adapter) -> None:
    add_adapter(table=None, source=STAND_IN)

    assert refused(SourceError, require_real=True).startswith("demo: demo.csv is not here")
    with pytest.raises(SourceError) as caught:
        load_dataset("telco-standin", options=LoadOptions(require_real=True))
    assert str(caught.value) == (
        "telco-standin is an imitation of telco, and real data is required\n"
        "hint: leave out --require-real, or ask for --dataset telco"
    )


@pytest.mark.parametrize("table", ["", "a,churned\n", rows("1,x,Yes")])
def test_a_bad_file_never_falls_back_to_the_stand_in(add_adapter, table: str) -> None:
    add_adapter(table=table, source=STAND_IN)

    with pytest.raises(DataError):
        load()


def test_a_bad_download_never_falls_back_to_the_stand_in(add_adapter, server) -> None:
    server.answers["/demo.csv"] = (200, {}, TABLE.encode())
    add_adapter(
        table=None,
        source=f'{STAND_IN}\nurl = "{server.url("/demo.csv")}"\nsha256 = "{"0" * 64}"',
    )

    assert "it was not kept" in refused(SourceError)


def test_a_generator_that_is_not_ours_is_refused(add_adapter) -> None:
    add_adapter(table=None, source='generator = "telco"')

    assert refused(SpecError) == (
        "datasets/demo.toml: [source] generator = 'telco' is not one of ours\n"
        "hint: there are: telco-standin, synthetic-rare"
    )
