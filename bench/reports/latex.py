r"""Tables for papers: LaTeX with ``booktabs``, names of strangers escaped.

Names in other than Latin letters need XeLaTeX or LuaLaTeX and a font that has
them; all else compiles with any engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from bench.reports.escaping import clean

# The ten characters that mean something to TeX, those that the oldest font
# encoding (OT1) shows as something else, and those that make ligatures.
_LATEX = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "%": r"\%",
    "_": r"\_",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\char34{}",
    "'": r"\textquotesingle{}",
    "`": r"\textasciigrave{}",
    "±": r"$\pm$",
    "−": r"$-$",
    "×": r"$\times$",
    "…": r"\ldots{}",
    "[": "{[}",  # after \\ it would be taken for an optional argument
    "]": "{]}",
}
_SPECIAL = re.compile("|".join(map(re.escape, _LATEX)))
_DASHES = re.compile("-(?=-)")


def escape_latex(text: str) -> str:
    """Return ``text`` as LaTeX source that shows it literally, on one line."""
    escaped = _SPECIAL.sub(lambda match: _LATEX[match.group()], clean(text))
    return _DASHES.sub("-{}", escaped)


def render_latex_table(
    titles: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Iterable[int] = (),
    caption: str = "",
    notes: Sequence[str] = (),
) -> str:
    """Return a ``table`` environment.

    Parameters
    ----------
    titles : sequence of str
        One heading a column.
    rows : iterable of sequences of str
        As many cells a row; like all text here they must already be escaped.
    right : iterable of int
        Positions of the columns that hold numbers.
    caption : str
        Stands above the table.
    notes : sequence of str
        Stand below it, one a line.
    """
    numbers = set(right)
    kinds = "".join("r" if k in numbers else "l" for k in range(len(titles)))
    lines = [
        r"% \usepackage{booktabs,textcomp}",
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{caption}}}",
        rf"\begin{{tabular}}{{{kinds}}}",
        r"\toprule",
        _row(titles),
        r"\midrule",
        *map(_row, rows),
        r"\bottomrule",
        r"\end{tabular}",
        *(rf"\par\footnotesize {note}" for note in notes),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _row(cells: Sequence[str]) -> str:
    return rf"{' & '.join(cells)} \\"
