"""A home of its own for every test, adapters on demand, and a server on this machine."""

from __future__ import annotations

import contextlib
import http.server
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from data_tables import TABLE

AddAdapter = Callable[..., Path]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder, a cache of its own and no data folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BENCH_DATA_DIR", raising=False)
    monkeypatch.setenv("BENCH_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return tmp_path


@pytest.fixture
def add_adapter(home: Path) -> AddAdapter:
    """Write ``datasets/<name>.toml`` and, beside it, its table."""

    def add(
        toml: str = "",
        *,
        table: str | bytes | None = TABLE,
        name: str = "demo",
        source: str = 'file = "demo.csv"',
        target: str = 'column = "churned"',
        file: str = "demo.csv",
    ) -> Path:
        folder = home / "datasets"
        folder.mkdir(exist_ok=True)
        if table is not None:
            (folder / file).write_bytes(table.encode() if isinstance(table, str) else table)
        path = folder / f"{name}.toml"
        path.write_text(f'name = "{name}"\n[source]\n{source}\n[target]\n{target}\n{toml}')
        return path

    return add


@dataclass
class Server:
    """What a server hands out: path → (status, headers, body), and what it was asked for."""

    port: int
    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    n_floods: int = 0
    most_floods: int = 500  # 31 MB, more than any buffer on the way

    def url(self, path: str, *, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            running.asked.append(self.path)
            status, headers, body = running.answers.get(self.path, (404, {}, b""))
            self.send_response(status)
            for key, value in headers.items():
                self.send_header(key, value)
            self.end_headers()
            with contextlib.suppress(OSError):  # the client may have heard enough
                self.wfile.write(body)
                while "X-Endless" in headers and running.n_floods < running.most_floods:
                    self.wfile.write(body)
                    running.n_floods += 1

        def log_message(self, *args: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        running = Server(listening.server_port)
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield running
        listening.shutdown()
        thread.join()


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]
