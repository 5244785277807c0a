"""A file is found in the right place, or fetched within bounds, or honestly missed."""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import os
import threading
import time
import zipfile
from pathlib import Path

import pytest

from bench.data.adapters import load_spec
from bench.data.download import _Budget, download
from bench.data.limits import Limits
from bench.data.sources import FAILURE_SECONDS, fetch, places
from bench.errors import SourceError, UnavailableError

BODY = b"a,b\n1,2\n"
SHA256 = hashlib.sha256(BODY).hexdigest()


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def web_spec(add_adapter, server, path: str = "/demo.csv", *, extra: str = ""):
    add_adapter(table=None, source=f'url = "{server.url(path)}"\nfile = "demo.csv"\n{extra}')
    return load_spec("demo")


# --- where files are found ------------------------------------------------------------


def test_the_data_folder_comes_before_the_adapters_and_the_cache(home: Path, add_adapter) -> None:
    add_adapter(table=None)
    for folder in (home / "data", home / "cache" / "demo", home / "datasets"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "demo.csv").touch()
    spec = load_spec("demo")

    assert fetch(spec, places(home / "data")).path == home / "data" / "demo.csv"
    assert fetch(spec, places()).path == home / "datasets" / "demo.csv"
    (home / "datasets" / "demo.csv").unlink()
    assert fetch(spec, places()).path == home / "cache" / "demo" / "demo.csv"
    assert fetch(spec, places()).origin == "cache"


def test_the_data_folder_is_named_by_the_environment(
    home: Path, add_adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "data").mkdir()
    monkeypatch.setenv("BENCH_DATA_DIR", str(home / "data"))

    assert places().data_dir == home / "data"


def test_a_data_folder_that_does_not_exist_is_an_error(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BENCH_DATA_DIR", "nowhere")

    with pytest.raises(SourceError) as caught:
        places()

    assert str(caught.value) == (
        "BENCH_DATA_DIR: no such folder: nowhere\nhint: name the folder that holds the data files"
    )


def test_a_path_is_taken_from_the_folder_of_the_adapter(home: Path, add_adapter) -> None:
    (home / "tables").mkdir()
    (home / "tables" / "t.csv").touch()
    add_adapter(table=None, source='file = "../tables/t.csv"')

    assert fetch(load_spec("demo"), places()).path.resolve() == home / "tables" / "t.csv"


def test_a_file_to_be_fetched_by_hand_is_missed_with_clear_words(home: Path, add_adapter) -> None:
    add_adapter(table=None, source='file = "demo.csv"\nmanual = "ask the sales department"')
    (home / "data").mkdir()

    with pytest.raises(UnavailableError) as caught:
        fetch(load_spec("demo"), places(home / "data"))

    assert str(caught.value) == (
        "demo: demo.csv is not here, and there is no address to download it\n"
        f"hint: ask the sales department; put it as demo.csv into {home / 'data'}"
    )


# --- downloading ----------------------------------------------------------------------


def test_a_download_is_kept_and_not_repeated(home: Path, add_adapter, server) -> None:
    server.answers["/demo.csv"] = (200, {}, BODY)
    spec = web_spec(add_adapter, server, extra=f'sha256 = "{SHA256}"')

    first, second = fetch(spec, places()), fetch(spec, places())

    assert (first.origin, second.origin) == ("download", "cache")
    assert first.path.read_bytes() == BODY
    assert server.asked == ["/demo.csv"]
    assert os.listdir(home / "cache" / "demo") == ["demo.csv"]


def test_refresh_downloads_anew(home: Path, add_adapter, server) -> None:
    server.answers["/demo.csv"] = (200, {}, BODY)
    spec = web_spec(add_adapter, server)
    fetch(spec, places())
    server.answers["/demo.csv"] = (200, {}, b"new")

    assert fetch(spec, places(), refresh=True).path.read_bytes() == b"new"


def test_a_refresh_that_fails_leaves_the_cached_copy(home: Path, add_adapter, server) -> None:
    server.answers["/demo.csv"] = (200, {}, BODY)
    spec = web_spec(add_adapter, server)
    fetch(spec, places())
    del server.answers["/demo.csv"]

    file = fetch(spec, places(), refresh=True)

    assert file.origin == "cache"
    assert file.notes == (
        "could not be downloaded anew, the cached copy was used: "
        f"{server.url('/demo.csv')}: the server answered 404 Not Found",
    )


def test_redirects_are_followed(home: Path, add_adapter, server) -> None:
    server.answers["/old.csv"] = (302, {"Location": server.url("/demo.csv")}, b"")
    server.answers["/demo.csv"] = (200, {}, BODY)

    file = fetch(web_spec(add_adapter, server, "/old.csv"), places())

    assert file.path.read_bytes() == BODY


@pytest.mark.parametrize(
    ("scheme", "message"),
    [
        ("file:///etc/hostname", "the server answered 302 Found - Redirection to url"),
        ("ftp://127.0.0.1/x", "refused to follow a redirect to ftp://127.0.0.1/x"),
    ],
)
def test_redirects_lead_to_http_only(
    home: Path, add_adapter, server, scheme: str, message: str
) -> None:
    server.answers["/demo.csv"] = (302, {"Location": scheme}, b"")

    with pytest.raises(UnavailableError) as caught:
        fetch(web_spec(add_adapter, server), places())

    assert f"{server.url('/demo.csv')}: {message}" in caught.value.message


def test_a_failure_is_remembered_for_an_hour(home: Path, add_adapter, server) -> None:
    spec = web_spec(add_adapter, server)
    reason = f"{server.url('/demo.csv')}: the server answered 404 Not Found"

    with pytest.raises(UnavailableError) as first:
        fetch(spec, places())
    with pytest.raises(UnavailableError) as second:
        fetch(spec, places())

    by_hand = (
        f"fetch {server.url('/demo.csv')} by hand; "
        "put it as demo.csv into a folder that BENCH_DATA_DIR names"
    )
    assert server.asked == ["/demo.csv"]
    assert str(first.value) == f"demo: download failed: {reason}\nhint: {by_hand}"
    assert str(second.value) == (
        f"demo: download failed within the last hour, not tried again: {reason}\n"
        f"hint: --refresh tries at once, or {by_hand}"
    )


def test_refresh_forgets_a_failure(home: Path, add_adapter, server) -> None:
    spec = web_spec(add_adapter, server)
    with pytest.raises(UnavailableError):
        fetch(spec, places())
    server.answers["/demo.csv"] = (200, {}, BODY)

    assert fetch(spec, places(), refresh=True).origin == "download"
    assert not (home / "cache" / "demo" / "failure.json").exists()


@pytest.mark.parametrize("age", [FAILURE_SECONDS + 60, -60.0])
def test_a_failure_older_than_an_hour_or_of_the_future_is_tried_again(
    home: Path, add_adapter, server, age: float
) -> None:
    spec = web_spec(add_adapter, server)
    with pytest.raises(UnavailableError):
        fetch(spec, places())
    path = home / "cache" / "demo" / "failure.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"time": time.time() - age}))
    server.answers["/demo.csv"] = (200, {}, BODY)

    assert fetch(spec, places()).origin == "download"


@pytest.mark.parametrize("content", ["", "[]", '{"time": "x"}'])
def test_a_spoilt_memory_of_failures_is_no_failure(
    home: Path, add_adapter, server, content: str
) -> None:
    spec = web_spec(add_adapter, server)
    (home / "cache" / "demo").mkdir(parents=True)
    (home / "cache" / "demo" / "failure.json").write_text(content)
    server.answers["/demo.csv"] = (200, {}, BODY)

    assert fetch(spec, places()).origin == "download"


def test_another_address_is_not_held_responsible_for_a_failure(
    home: Path, add_adapter, server
) -> None:
    with pytest.raises(UnavailableError):
        fetch(web_spec(add_adapter, server, "/gone.csv"), places())
    server.answers["/demo.csv"] = (200, {}, BODY)

    assert fetch(web_spec(add_adapter, server), places()).origin == "download"


def test_a_download_with_a_wrong_checksum_is_refused_and_not_kept(
    home: Path, add_adapter, server
) -> None:
    server.answers["/demo.csv"] = (200, {}, b"<html>log in</html>")
    spec = web_spec(add_adapter, server, extra=f'sha256 = "{SHA256}"')

    with pytest.raises(SourceError) as caught:
        fetch(spec, places())

    found = hashlib.sha256(b"<html>log in</html>").hexdigest()
    assert not isinstance(caught.value, UnavailableError)
    assert str(caught.value) == (
        f"{server.url('/demo.csv')} has sha256 {found}, expected {SHA256}; it was not kept\n"
        "hint: if the source changed, update sha256 and [expect] together"
    )
    assert os.listdir(home / "cache" / "demo") == []


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "2000"}])
def test_what_is_too_large_is_not_kept(home: Path, server, headers: dict[str, str]) -> None:
    server.answers["/big.csv"] = (200, headers, b"x" * 2000)

    with pytest.raises(SourceError) as caught:
        download(server.url("/big.csv"), home / "big.csv", limits=Limits(max_bytes=1024))

    assert not isinstance(caught.value, UnavailableError)
    assert str(caught.value) == (
        f"{server.url('/big.csv')} is larger than the limit of 0.000976562 MB"
    )
    assert os.listdir(home) == []


def test_a_download_without_end_is_broken_off(home: Path, server) -> None:
    server.answers["/flood.csv"] = (200, {"X-Endless": "yes"}, b"x" * 65536)

    with pytest.raises(SourceError, match=r"is larger than the limit of 1 MB$"):
        download(server.url("/flood.csv"), home / "f.csv", limits=Limits(max_bytes=1 << 20))

    assert server.n_floods < server.most_floods


def test_a_download_that_ends_early_is_not_kept(home: Path, server) -> None:
    server.answers["/cut.csv"] = (200, {"Content-Length": "100"}, BODY)

    with pytest.raises(UnavailableError) as caught:
        download(server.url("/cut.csv"), home / "cut.csv")

    assert str(caught.value) == f"{server.url('/cut.csv')}: ended after {len(BODY)} of 100 bytes"
    assert os.listdir(home) == []


def test_a_failed_download_leaves_the_file_that_was_there(home: Path, server) -> None:
    (home / "demo.csv").write_bytes(BODY)
    server.answers["/demo.csv"] = (200, {}, b"other")

    with pytest.raises(SourceError):
        download(server.url("/demo.csv"), home / "demo.csv", sha256=SHA256)

    assert (home / "demo.csv").read_bytes() == BODY


# --- time -----------------------------------------------------------------------------


def test_a_handshake_that_never_comes_ends_connecting(home: Path, silent_port: int) -> None:
    url = f"https://127.0.0.1:{silent_port}/x.csv"
    started = time.monotonic()

    with pytest.raises(UnavailableError) as caught:
        download(url, home / "x.csv", limits=Limits(connect_seconds=0.3, read_seconds=20))

    assert str(caught.value) == f"{url}: no connection within 0.3 s"
    assert time.monotonic() - started < 5


def test_redirects_share_the_time_for_connecting(home: Path, server, silent_port: int) -> None:
    end = f"https://127.0.0.1:{silent_port}/x.csv"
    server.answers["/a.csv"] = (302, {"Location": server.url("/b.csv")}, b"")
    server.answers["/b.csv"] = (302, {"Location": end}, b"")

    with pytest.raises(UnavailableError) as caught:
        download(server.url("/a.csv"), home / "x.csv", limits=Limits(connect_seconds=0.3))

    assert str(caught.value) == f"{server.url('/a.csv')}: no connection within 0.3 s"


def test_time_spent_on_one_connection_is_gone_for_the_next() -> None:
    budget, connection = _Budget(0.1), http.client.HTTPConnection("127.0.0.1")
    is_over = threading.Event()

    with pytest.raises(TimeoutError, match=r"^no connection within 0\.1 s$"):
        budget.connect(connection, is_over.wait)

    assert budget.left <= 0
    is_over.set()


def test_a_server_that_falls_silent_is_given_up(home: Path, silent_port: int) -> None:
    url = f"http://127.0.0.1:{silent_port}/x.csv"

    with pytest.raises(UnavailableError) as caught:
        download(url, home / "x.csv", limits=Limits(read_seconds=0.2))

    assert str(caught.value) == f"{url}: timed out"


def test_a_port_where_nobody_listens_is_unavailable(home: Path, silent_port: int) -> None:
    with pytest.raises(UnavailableError, match="Connection refused"):
        download("http://127.0.0.1:1/x.csv", home / "x.csv")


# --- archives -------------------------------------------------------------------------


def test_a_member_is_taken_out_of_an_archive_and_checked(home: Path, server) -> None:
    server.answers["/a.zip"] = (200, {}, zipped({"in/demo.csv": BODY, "other": b"x"}))

    download(server.url("/a.zip"), home / "d.csv", sha256=SHA256, member="in/demo.csv")

    assert (home / "d.csv").read_bytes() == BODY
    assert os.listdir(home) == ["d.csv"]


def test_a_member_may_lie_in_an_archive_inside_the_archive(home: Path, server) -> None:
    inner = zipped({"deep/demo.csv": BODY})
    server.answers["/a.zip"] = (200, {}, zipped({"inner.zip": inner}))

    download(server.url("/a.zip"), home / "d.csv", member="inner.zip/deep/demo.csv")

    assert (home / "d.csv").read_bytes() == BODY


def test_an_archive_that_swells_is_refused(home: Path, server) -> None:
    server.answers["/a.zip"] = (200, {}, zipped({"demo.csv": b"0" * 3_000_000}))
    limits = Limits(max_bytes=1 << 20)

    with pytest.raises(SourceError) as caught:
        download(server.url("/a.zip"), home / "d.csv", member="demo.csv", limits=limits)

    assert str(caught.value) == (
        f"demo.csv in {server.url('/a.zip')} is larger than the limit of 1 MB"
    )
    assert os.listdir(home) == []


def test_a_member_that_is_not_there_is_told_with_those_that_are(home: Path, server) -> None:
    server.answers["/a.zip"] = (200, {}, zipped({"demo.csv": BODY}))

    with pytest.raises(SourceError) as caught:
        download(server.url("/a.zip"), home / "d.csv", member="Demo.csv")

    assert str(caught.value) == f"{server.url('/a.zip')} holds no 'Demo.csv', only: demo.csv"


def test_what_is_no_archive_is_refused(home: Path, server) -> None:
    server.answers["/a.zip"] = (200, {}, BODY)

    with pytest.raises(SourceError) as caught:
        download(server.url("/a.zip"), home / "d.csv", member="demo.csv")

    assert str(caught.value) == (
        f"{server.url('/a.zip')} is not a ZIP archive that can be read: File is not a zip file"
    )
