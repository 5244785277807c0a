"""Figures as files, drawn only where what they show has changed.

Everything that is drawn goes through `write_figure`. The digest of what a
figure shows is kept in its files, so that an unchanged run neither draws nor
imports matplotlib.
"""

from __future__ import annotations

from pathlib import Path

from bench.identity import digest
from bench.reports.figures.drawing import draw, looks_digest
from bench.reports.figures.values import Drawable
from bench.serial import to_json
from bench.store import write_bytes

_HEAD_BYTES = 4096


def write_figure(stem: Path, data: Drawable) -> list[Path]:
    """Write ``stem.svg`` and ``stem.png``, unless both were drawn from the same values already."""
    # The drawing's own source is in the mark, so that a changed look is drawn too.
    mark = digest("figure", looks_digest(), type(data).__name__, to_json(data))
    paths = [stem.with_suffix(".svg"), stem.with_suffix(".png")]
    if not all(_is_drawn(path, mark) for path in paths):
        for path, content in zip(paths, draw(data, mark=mark), strict=True):
            write_bytes(path, content)
    return paths


def remove_figure(stem: Path) -> None:
    """Remove the figure and its table, of which there is nothing to show any more."""
    for suffix in (".svg", ".png", ".csv"):
        stem.with_suffix(suffix).unlink(missing_ok=True)


def _is_drawn(path: Path, mark: str) -> bool:
    """Return whether the description near the start of ``path`` holds ``mark``."""
    try:
        with path.open("rb") as file:
            return mark.encode() in file.read(_HEAD_BYTES)
    except FileNotFoundError:
        return False
