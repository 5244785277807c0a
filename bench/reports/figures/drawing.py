"""From plain values to SVG and PNG: the same values give the same bytes."""

from __future__ import annotations

import hashlib
import io
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.reports.figures import dots, frames, grids, looks, panels, plots, ticks, values
from bench.reports.figures.dots import draw_dots
from bench.reports.figures.grids import draw_grid
from bench.reports.figures.looks import own_settings
from bench.reports.figures.panels import draw_importance, draw_pairs, draw_sweep
from bench.reports.figures.plots import draw_plots
from bench.reports.figures.values import (
    DotsFigure,
    Drawable,
    GridFigure,
    ImportanceFigure,
    PairsFigure,
    PlotsFigure,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DPI = 150
_SOURCES = (dots, frames, grids, looks, panels, plots, ticks, values)
_N_COLOURS = 128
"""Of PNG files: a third of the size, and nobody sees the difference."""


def draw(data: Drawable, *, mark: str) -> tuple[bytes, bytes]:
    """Return the figure as SVG and as PNG, with ``mark`` in the description of both."""
    with own_settings():
        figure = build_figure(data)
        svg = io.BytesIO()
        facts: dict[str, Any] = {"Date": None, "Creator": None, "Description": mark}
        figure.savefig(svg, format="svg", metadata=facts)
        return svg.getvalue(), _png(figure, mark)


def _png(figure: Figure, mark: str) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    figure.set_dpi(_DPI)
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    size = canvas.get_width_height()
    image = Image.frombuffer("RGBA", size, canvas.buffer_rgba()).convert("RGB")
    few = image.quantize(_N_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    # The nearest of few colours to white is a little grey.
    few.putpalette([255 if value > 250 else value for value in few.getpalette() or []])
    facts = PngInfo()
    facts.add_text("Description", mark)
    png = io.BytesIO()
    few.save(png, format="PNG", pnginfo=facts, dpi=(_DPI, _DPI))
    return png.getvalue()


def build_figure(data: Drawable) -> Figure:
    """Return ``data`` as matplotlib draws it, for `own_settings`."""
    if isinstance(data, DotsFigure):
        return draw_dots(data)
    if isinstance(data, PlotsFigure):
        return draw_plots(data)
    if isinstance(data, GridFigure):
        return draw_grid(data)
    if isinstance(data, ImportanceFigure):
        return draw_importance(data)
    if isinstance(data, PairsFigure):
        return draw_pairs(data)
    return draw_sweep(data)


@cache
def looks_digest() -> str:
    """Return a digest of everything that makes figures look as they do."""
    paths = [Path(str(m.__file__)) for m in _SOURCES]
    text = b"\0".join(path.read_bytes() for path in (*paths, Path(__file__)))
    return hashlib.sha256(text).hexdigest()
