"""Fetching one file over HTTP: bounded in time and size, checked, written whole."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.client
import io
import os
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from bench.data.limits import DEFAULT_LIMITS, Limits
from bench.errors import SourceError, UnavailableError

_CHUNK = 1 << 16


def download(
    url: str, target: Path, *, sha256: str = "", member: str = "", limits: Limits = DEFAULT_LIMITS
) -> None:
    """Write the file at ``url`` (or its ``member``, where it is a ZIP archive) to ``target``.

    Parameters
    ----------
    url : str
        ``http`` or ``https``, also after redirects.
    target : Path
        Replaced at once, or left as it was.
    sha256 : str
        Of what is written to ``target``, in hexadecimal; empty is not checked.
    member : str
        Path inside the archive; ``inner.zip/path`` looks inside an inner one.

    Raises
    ------
    UnavailableError
        If the server cannot be reached or does not hand out the file.
    SourceError
        If it hands out something else than expected.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with _whole_file(target) as out:
        if not member:
            _transfer(url, out, limits)
        else:
            with tempfile.TemporaryFile(dir=target.parent) as archive:
                _transfer(url, archive, limits)
                _extract(archive, member, out, url=url, max_bytes=limits.max_bytes)
        if sha256:
            _check_sha256(out, sha256, f"{url} ({member})" if member else url)


@contextlib.contextmanager
def _whole_file(target: Path) -> Iterator[IO[bytes]]:
    """Hand out a temporary file that becomes ``target`` only when all went well."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w+b") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        temporary.chmod(0o644)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _check_sha256(file: IO[bytes], sha256: str, what: str) -> None:
    file.seek(0)
    found = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    if found != sha256:
        raise SourceError(
            f"{what} has sha256 {found}, expected {sha256}; it was not kept",
            hint="if the source changed, update sha256 and [expect] together",
        )


# --- transfer -------------------------------------------------------------------------


def _transfer(url: str, out: IO[bytes], limits: Limits) -> None:
    request = urllib.request.Request(url, headers={"User-Agent": "churnbench"})
    with _reaching(url):
        response = _opener(limits).open(request, timeout=limits.read_seconds)
    declared = response.headers.get("Content-Length", "")
    expected = int(declared) if declared.isdecimal() else None
    received = 0
    with response:
        while (expected or 0) <= limits.max_bytes:
            with _reaching(url):
                chunk = response.read(_CHUNK)
            received += len(chunk)
            if not chunk or received > limits.max_bytes:
                break
            out.write(chunk)
    if max(received, expected or 0) > limits.max_bytes:
        raise _too_large(url, limits.max_bytes)
    if expected is not None and received < expected:
        raise UnavailableError(f"{url}: ended after {received} of {expected} bytes")


@contextlib.contextmanager
def _reaching(url: str) -> Iterator[None]:
    """Turn whatever the network does into an UnavailableError; writing stays outside."""
    try:
        yield
    except urllib.error.HTTPError as error:
        error.close()
        reason = f"the server answered {error.code} {error.reason}"
    except urllib.error.URLError as error:
        reason = str(error.reason)
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = str(error) or type(error).__name__
    else:
        return
    raise UnavailableError(f"{url}: {' '.join(reason.split())}")


def _too_large(what: str, max_bytes: int) -> SourceError:
    return SourceError(f"{what} is larger than the limit of {max_bytes / 2**20:g} MB")


class _Budget:
    """Seconds for connecting that all attempts of one download share."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.left = seconds

    def connect(self, connection: http.client.HTTPConnection, connect: Any) -> None:
        """Run ``connect`` in a thread, for name look-ups and handshakes heed no timeout."""
        errors: list[Exception] = []
        lock = threading.Lock()
        is_abandoned = False

        def work() -> None:
            try:
                connect()
            except (OSError, http.client.HTTPException, ValueError) as error:
                errors.append(error)
            with lock:
                if is_abandoned:
                    connection.close()

        started = time.monotonic()
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        thread.join(max(self.left, 0.0))
        self.left -= time.monotonic() - started
        with lock:
            is_abandoned = thread.is_alive()
        if is_abandoned:
            raise TimeoutError(f"no connection within {self.seconds:g} s")
        if errors:
            raise errors[0]


class _Connection(http.client.HTTPConnection):
    def __init__(self, *args: Any, budget: _Budget, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._budget = budget

    def connect(self) -> None:
        self._budget.connect(self, super().connect)


class _SecureConnection(http.client.HTTPSConnection):
    def __init__(self, *args: Any, budget: _Budget, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._budget = budget

    def connect(self) -> None:
        self._budget.connect(self, super().connect)


class _HTTPHandler(urllib.request.HTTPHandler):
    def __init__(self, budget: _Budget) -> None:
        super().__init__()
        self._budget = budget

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(functools.partial(_Connection, budget=self._budget), req)


class _HTTPSHandler(urllib.request.HTTPSHandler):
    def __init__(self, budget: _Budget) -> None:
        super().__init__()
        self._budget = budget

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(functools.partial(_SecureConnection, budget=self._budget), req)


class _RedirectHandler(urllib.request.HTTPRedirectHandler):
    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        scheme = urllib.parse.urlsplit(newurl).scheme
        if scheme != "https" and scheme != req.type:
            fp.close()
            raise UnavailableError(f"{req.full_url}: refused to follow a redirect to {newurl}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(limits: Limits) -> urllib.request.OpenerDirector:
    """Return an opener for http and https only: no file:, no ftp:, no data:."""
    budget = _Budget(limits.connect_seconds)
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.UnknownHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _RedirectHandler(),
        _HTTPHandler(budget),
        _HTTPSHandler(budget),
    ):
        opener.add_handler(handler)
    return opener


# --- archives -------------------------------------------------------------------------


def _extract(archive: IO[bytes], member: str, out: IO[bytes], *, url: str, max_bytes: int) -> None:
    outer, dot_zip, inner = member.partition(".zip/")
    name = outer + ".zip" if dot_zip else member
    try:
        with zipfile.ZipFile(archive) as opened:
            if name not in opened.namelist():
                inside = ", ".join(opened.namelist()[:10])
                raise SourceError(f"{url} holds no {name!r}, only: {inside}")
            with opened.open(name) as packed:
                if not dot_zip:
                    _copy_unpacked(packed, out, f"{name} in {url}", max_bytes)
                    return
                unpacked = io.BytesIO()
                _copy_unpacked(packed, unpacked, f"{name} in {url}", max_bytes)
        _extract(unpacked, inner, out, url=url, max_bytes=max_bytes)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError) as error:
        raise SourceError(f"{url} is not a ZIP archive that can be read: {error}") from None


def _copy_unpacked(packed: IO[bytes], out: IO[bytes], what: str, max_bytes: int) -> None:
    """Copy, counting what comes out: the size in an archive's directory may lie."""
    written = 0
    while chunk := packed.read(_CHUNK):
        written += len(chunk)
        if written > max_bytes:
            raise _too_large(what, max_bytes)
        out.write(chunk)
