"""One visual language: colours, marks, dashes, type, and a sheet measured in inches.

Margins are worked out from the words that go there, not found by trying: a
layout that tries draws everything several times. The object-oriented interface
shares no state with a caller's own figures, and settings hold for one drawing
only, so that a user's ``matplotlibrc`` changes nothing. Names of strangers are
never read as mathematics.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal

from bench.reports.escaping import clean

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Okabe & Ito (2008), told apart with every common colour blindness, and shapes
# and dashes for those who print in black and white.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
DASHES: tuple[Any, ...] = (
    "solid",
    (0, (6, 2)),
    (0, (7, 2, 1.5, 2)),
    (0, (3, 1.5)),
    (0, (10, 3)),
    (0, (5, 1.5, 1, 1.5, 1, 1.5)),
)
BLUE, ORANGE, GREY, LIGHT, RED = "#0072B2", "#D55E00", "#767676", "#DDDDDD", "#B03A00"

WIDTH = 8.0
"""Of every figure, in inches, as all lengths here."""
EDGE = 0.12
LINE = 0.18
SIZE = 9.0
SMALL = 8.0
_FINE = 200  # measured at this size, in points, where pixels matter little
_ROOM = 1.02  # so much more than the bare letters

Anchor = Literal["left", "center", "right"]

FONT = "DejaVu Sans"  # comes with matplotlib, hence the same everywhere

_SETTINGS = {
    "svg.hashsalt": "churnbench",
    "svg.fonttype": "path",
    "text.hinting": "none",  # a fifth of the time, and widths as `width_of` has them
    "text.parse_math": False,
    "font.family": [FONT],
    "font.size": SIZE,
    "axes.titlesize": 10.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.edgecolor": GREY,
    "xtick.color": GREY,
    "xtick.labelcolor": "black",
    "ytick.left": False,
}


@contextmanager
def own_settings() -> Iterator[None]:
    """Draw with our settings, whatever the user's are."""
    import matplotlib

    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        settings: Any = matplotlib.rcParams  # its keys are typed, differently in each version
        settings.update(_SETTINGS)
        yield


def colour_of(look: int) -> str:
    """Return the colour of a candidate's number; grey for what is no candidate."""
    return GREY if look < 0 else COLOURS[look % len(COLOURS)]


def marker_of(look: int) -> str:
    """Return the shape of a candidate's number."""
    return MARKERS[look % len(MARKERS)]


def dash_of(look: int) -> Any:
    """Return how the line of a candidate's number is broken."""
    return {-1: "dotted", -2: (0, (5, 3))}[look] if look < 0 else DASHES[look % len(DASHES)]


@cache
def _font() -> Any:
    from matplotlib.font_manager import findfont, get_font

    return get_font(findfont(FONT))


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(_font().get_charmap())


def drawable(text: str) -> str:
    """Return ``text`` with a box for what the font lacks; matplotlib would warn instead."""
    glyphs = _glyphs()
    return "".join(c if ord(c) in glyphs else "\N{WHITE SQUARE}" for c in text)


@cache
def _advance(character: str) -> float:
    """Return how far a character moves the pen, in widths of the type's size."""
    font = _font()
    font.set_size(_FINE, 72)
    advance: float = font.load_char(ord(character)).linearHoriAdvance / 65536
    return advance / _FINE


def width_of(text: str, *, size: float = SIZE) -> float:
    """Return how many inches ``text`` fills in print, or a little less."""
    return sum(map(_advance, drawable(text))) * size * _ROOM / 72


@cache
def _printed_width(text: str) -> float:
    """Return how wide ``text`` is with its kerning, in widths of the type's size."""
    font = _font()
    font.set_size(_FINE, 72)
    font.set_text(text, 0.0)
    width: float = font.get_width_height()[0] / 64
    return width / _FINE


def fit(text: str, width: float, *, size: float = SIZE) -> str:
    """Return `clean` text of at most ``width`` inches, its beginning and end kept."""
    text = clean(text)
    if width_of(text, size=size) <= width:
        return text
    room = width - width_of("…", size=size)
    tail = _beginning(text[::-1], room / 3, size=size)[::-1]
    return _beginning(text, room - width_of(tail, size=size), size=size) + "…" + tail


def _beginning(text: str, width: float, *, size: float) -> str:
    """Return as much of ``text`` as is at most so wide."""
    ends = accumulate(width_of(character, size=size) for character in text)
    return text[: sum(end <= width for end in ends)]


@cache
def _words() -> Any:
    """Return an artist that writes at a place worked out before.

    matplotlib's own measures its text anew for every file, a fifth of the time that figures take.
    """
    from matplotlib.artist import Artist
    from matplotlib.font_manager import FontProperties

    class Words(Artist):
        zorder = 3.0

        def __init__(self, sheet: Sheet, at: tuple[float, float], text: str, **style: Any) -> None:
            super().__init__()
            self.sheet, self.at, self.text = sheet, at, text
            self.colour, self.angle = style["color"], style["angle"]
            self.font = FontProperties(family=FONT, weight=style["weight"], size=style["size"])

        def draw(self, renderer: Any) -> None:
            dpi = self.sheet.figure.dpi
            (x, y), height = self.at, self.sheet.height
            gc = renderer.new_gc()
            gc.set_foreground(self.colour)
            place = x * dpi, (height - y) * dpi  # renderers count from the upper edge
            renderer.draw_text(gc, *place, self.text, self.font, self.angle)
            gc.restore()

    return Words


@dataclass(frozen=True)
class Entry:
    """What a mark of a legend looks like and means."""

    name: str
    look: int
    kind: str
    """``line``, ``dot`` or ``band``."""


@dataclass(frozen=True)
class Sheet:
    """A figure of a given height, with everything placed in inches from its lower left."""

    figure: Figure
    height: float

    def write(self, x: float, y: float, text: str, *, ha: Anchor = "left", **style: Any) -> None:
        """Write ``text`` with the ``ha`` of its base line at a place.

        ``style`` are ``size`` in points, ``color``, ``weight``, and ``angle``.
        """
        style = {"size": SIZE, "color": "black", "weight": "normal", "angle": 0.0, **style}
        text = drawable(text)
        if ha != "left":
            width = _printed_width(text) * style["size"] / 72
            x -= width if ha == "right" else width / 2
        self.figure.add_artist(_words()(self, (x, y), text, **style))

    def write_lines(self, top: float, lines: Sequence[str]) -> None:
        """Write small lines below each other, the first just under ``top``."""
        for k, line in enumerate(lines):
            self.write(EDGE, top - LINE * (k + 0.75), line, size=SMALL)

    def write_legend(self, top: float, entries: Sequence[Entry]) -> None:
        """Write what marks mean, in as many lines as `legend_lines` says."""
        for row, line in enumerate(_placed(entries)):
            y = top - LINE * (row + 0.75)
            for x, entry in line:
                self._draw_sample(x, y + 0.04, entry)
                self.write(x + _SAMPLE + 0.06, y, entry.name, size=SMALL)

    def _draw_sample(self, x: float, y: float, entry: Entry) -> None:
        from matplotlib.lines import Line2D

        is_band, is_dot = entry.kind == "band", entry.kind == "dot"
        middle = [x + _SAMPLE / 2] if is_dot else [x, x + _SAMPLE]
        self.figure.add_artist(
            Line2D(
                [at / WIDTH for at in middle],
                [y / self.height] * len(middle),
                color=colour_of(entry.look),
                linestyle="none" if is_dot else "solid" if is_band else dash_of(entry.look),
                linewidth=7 if is_band else 1.6,
                alpha=0.25 if is_band else None,
                marker=marker_of(entry.look) if is_dot else "none",
                markersize=5,
                solid_capstyle="butt",
            )
        )


_SAMPLE = 0.32


def _placed(entries: Sequence[Entry]) -> list[list[tuple[float, Entry]]]:
    """Return the entries in lines, each with where it starts."""
    lines: list[list[tuple[float, Entry]]] = []
    x = WIDTH
    for entry in entries:
        needed = _SAMPLE + 0.06 + width_of(entry.name, size=SMALL)
        if not lines or x + needed > WIDTH - EDGE:
            lines.append([])
            x = EDGE
        lines[-1].append((x, entry))
        x += needed + 0.2
    return lines


def legend_lines(entries: Sequence[Entry]) -> int:
    """Return how many lines such a legend fills."""
    return len(_placed(entries))


def wrap(text: str, *, size: float = SMALL, width: float = WIDTH - 2 * EDGE) -> list[str]:
    """Return ``text`` in lines that are at most so wide, broken at spaces."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size=size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def open_sheet(height: float, title: str) -> tuple[Sheet, float]:
    """Return a figure that has room for so much below its title, and where the title ends.

    The first line of ``title`` says what is shown, the rest of which data.
    """
    from matplotlib.figure import Figure

    subject, *about = title.split("\n")
    lines = [line for text in about for line in wrap(text, size=SIZE)]
    top = height + EDGE
    whole = top + 0.24 + LINE * len(lines)
    sheet = Sheet(Figure(figsize=(WIDTH, whole)), whole)
    sheet.write(EDGE, whole - 0.24, subject, weight="bold", size=10)
    for k, line in enumerate(lines):
        sheet.write(EDGE, whole - 0.24 - LINE * (k + 1), line)
    return sheet, top
