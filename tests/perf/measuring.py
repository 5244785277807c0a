"""What the scripts of `nox -s perf` share: whole processes timed, and tables written."""

from __future__ import annotations

import csv
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.data.adapters import load_spec
from bench.data.sources import fetch, places
from bench.environment import describe_machine, find_commit, library_versions, usable_cores

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "results" / "perf"
BENCH = (sys.executable, "-m", "bench")
_BURN = "import os, sys\nwhile os.getppid() == int(sys.argv[1]):\n    sum(range(100_000))"


@dataclass(frozen=True)
class Timing:
    """One run of a command.

    Attributes
    ----------
    wall_seconds, cpu_seconds : float
        CPU of the command and of all processes below it that it waited for.
    others : float or None
        How many cores other processes (and the host of a virtual machine)
        kept busy meanwhile, on average; None where the system does not say.
    """

    wall_seconds: float
    cpu_seconds: float
    others: float | None


def run_timed(command: Sequence[str], *, env: Mapping[str, str] | None = None) -> Timing:
    """Run ``command`` in the repository; it ends with this process, and must succeed."""
    busy, started = _busy_seconds(), time.perf_counter()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            process.send_signal(signal.SIGINT)
            process.wait()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
        if process.returncode:
            errors.seek(0)
            text = errors.read().decode(errors="replace")[-3000:]
            raise SystemExit(f"{text}\nexit code {process.returncode}: {' '.join(command)}")
    cpu = usage.ru_utime + usage.ru_stime
    now = _busy_seconds()
    others = None if busy is None or now is None else max(0.0, (now - busy - cpu) / wall)
    return Timing(wall, cpu, others)


def _busy_seconds() -> float | None:
    """Return the seconds that all cores have worked since the start, stolen ones included."""
    try:
        fields = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0].split()[1:9]
    except OSError:
        return None
    user, nice, system, _idle, _waiting, irq, softirq, steal = map(int, fields)
    return (user + nice + system + irq + softirq + steal) / os.sysconf("SC_CLK_TCK")


@contextmanager
def burners(count: int) -> Iterator[None]:
    """Keep ``count`` cores busy; the burners end with the block, or with this process."""
    started: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(count):
            started.append(subprocess.Popen([sys.executable, "-c", _BURN, str(os.getpid())]))
        yield
    finally:
        for process in started:
            process.kill()
        for process in started:
            process.wait()


def telco_file() -> Path:
    """Return the raw Telco file, downloaded if need be; there is no stand-in for it here."""
    return fetch(load_spec("telco"), places()).path


def board_scores(folder: Path) -> dict[str, float]:
    """Return model+strategy → mean ROC-AUC over folds of the leaderboard in ``folder``."""
    with open(folder / "leaderboard.csv", encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["repair"] == "none"]
    if incomplete := [row["model"] for row in rows if row["status"] != "complete"]:
        raise SystemExit(f"{folder}: incomplete rows: {', '.join(incomplete)}")
    return {f"{row['model']}+{row['strategy']}": float(row["roc_auc"]) for row in rows}


def read_records(folder: Path) -> dict[str, dict[str, Any]]:
    """Return job id → record of a results folder."""
    files = sorted((folder / "records").glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}


def fit_seconds(records: Mapping[str, Mapping[str, Any]]) -> tuple[float, float]:
    """Return the CPU seconds of all fits, and of all resampling, each done once.

    Every record names the resampling that it used; it is shared by all models
    of a split and a strategy.
    """
    resamples: dict[tuple[int, int, str], float] = {}
    for record in records.values():
        split, strategy = record["job"]["split"], record["chosen_strategy"]
        key = (split["repeat"], split["fold"], strategy)
        resamples[key] = max(resamples.get(key, 0.0), record["seconds"]["resample"])
    fits = sum(record["seconds"]["fit"] for record in records.values())
    return fits, sum(resamples.values())


class Runs:
    """The raw figures behind one table: a JSON file that every call adds to.

    Every run carries when its call began, by which command, on which commit
    and with which load. A table shows the runs of the last call that measured
    the same thing; older ones stay in the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._runs: list[dict[str, Any]] = []
        if path.exists():
            self._runs = json.loads(path.read_text(encoding="utf-8"))["runs"]
        self._call = {
            "call": datetime.now(UTC).isoformat(timespec="seconds"),
            "command": "python " + " ".join([_relative(sys.argv[0]), *sys.argv[1:]]),
            "commit": find_commit(ROOT),
            "machine": describe_machine(),
            "versions": library_versions(),
            "load_at_start": round(os.getloadavg()[0], 2),
        }

    def add(self, timing: Timing, **facts: object) -> None:
        """Keep one run, on disk at once."""
        self._runs.append({**self._call, **facts, **asdict(timing)})
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".part")
        temporary.write_text(json.dumps({"runs": self._runs}, indent=1) + "\n", encoding="utf-8")
        os.replace(temporary, self._path)

    def last(self, **facts: object) -> list[dict[str, Any]]:
        """Return the runs with these facts, of the last call that made any."""
        found = self._having(facts)
        return [run for run in found if run["call"] == found[-1]["call"]]

    def values(self, field: str, **facts: object) -> list[Any]:
        """Return what ``field`` is in the runs with these facts, each value once."""
        return list(dict.fromkeys(run[field] for run in self._having(facts)))

    def _having(self, facts: Mapping[str, object]) -> list[dict[str, Any]]:
        return [run for run in self._runs if all(run.get(k) == v for k, v in facts.items())]


def _relative(path: str) -> str:
    full = Path(path).resolve()
    return str(full.relative_to(ROOT)) if full.is_relative_to(ROOT) else full.name


def median(runs: Sequence[Mapping[str, Any]], field: str = "wall_seconds") -> float | None:
    """Return the median of a field, or None where there are no runs or it is not known."""
    values = [run[field] for run in runs if run[field] is not None]
    return statistics.median(values) if values else None


def ratio(dividend: float | None, divisor: float | None) -> float | None:
    """Return how many times as large; None where one of the two is missing."""
    return None if dividend is None or divisor is None else dividend / divisor


def shown(value: float | None, digits: int = 1, *, sign: bool = False) -> str:
    """Return a number as a cell of a table; a dash where there is none."""
    return "–" if value is None else f"{value:{'+' if sign else ''}.{digits}f}"


def render_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table: first column left, the others right."""
    rule = ["---", *["---:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, rule, *rows))


def render_sources(runs: Sequence[Mapping[str, Any]]) -> str:
    """Return for every call behind ``runs`` its command, commit, machine, versions and load."""
    lines = []
    for call in dict.fromkeys(run["call"] for run in runs):
        run = next(run for run in runs if run["call"] == call)
        machine = ", ".join(
            (
                f"{run['machine']['cores']} cores",
                str(run["machine"]["processor"]),
                f"{run['machine']['memory_gb']} GB",
                f"Python {run['machine']['python']}",
                *(f"{name} {version}" for name, version in run["versions"].items()),
            )
        )
        lines.append(
            f"- {call}, commit {run['commit'] or 'unknown'}, load {run['load_at_start']} at the "
            f"start: `{run['command']}`  \n  {machine}"
        )
    return "\n".join(lines)


def write_report(path: Path, *parts: str) -> None:
    """Write the parts with a blank line between them, and print them."""
    text = "\n\n".join(part for part in parts if part) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    print(text)


def busy_cores(setting: str) -> int:
    """Return how many burners a setting has."""
    return {"quiet": 0, "one-busy": 1, "both-busy": usable_cores()}[setting]
