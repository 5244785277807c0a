"""Puts the template, its styles, scripts and data together into one file.

Words of strangers go through Jinja's autoescaping or, in the scripts' data,
through `embed_json` and from there into text nodes only. The page allows itself
no script or style but its own, by their digests, and no connection at all.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.environment import code_digests
from bench.identity import digest
from bench.reports.escaping import clean
from bench.reports.numbers import format_number, with_minus
from bench.reports.page.embedding import embed_json

if TYPE_CHECKING:
    from markupsafe import Markup

FOLDER = Path(__file__).parent
SCRIPTS = (
    "elements",
    "numbers",
    "charts",
    "tables",
    "boards",
    "heat",
    "money",
    "campaign",
    "curves",
    "sweep",
    "features",
    "dependence",
    "segments",
    "tuning",
    "costs",
    "candidate",
    "theme",
    "page",
)
"""Files of ``scripts/``, in the order in which they are read; each knows those before it."""

DRAWN_BY = ("bench/analysis/", "bench/reports/")
"""Whose code has a hand in the page, beside the modules at the top of the package."""


def render_page(context: Mapping[str, Any], data: Mapping[str, Any], *, mark: str) -> str:
    """Return the page.

    Parameters
    ----------
    context : mapping
        The variables of ``page.html``.
    data : mapping
        What the scripts draw.
    mark : str
        A digest of what the page shows, kept in it.
    """
    variables = {**context, "mark": mark}
    return render_template(FOLDER / "page.html", variables, data=data, script=read_scripts())


def render_template(
    path: Path, context: Mapping[str, Any], *, data: Mapping[str, Any], script: str
) -> str:
    """Return a page of ours, in the one style, with ``data`` for its ``script``.

    ``context`` is what the template beside names; what strangers wrote is
    escaped there.
    """
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader([path.parent, FOLDER]),  # where base.html is
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["sentence"] = render_sentence
    environment.filters["number"] = format_number
    environment.filters["clean"] = lambda value: clean(str(value))
    style = _read("page.css")
    return environment.get_template(path.name).render(
        context,
        style=_trusted(style),
        script=_trusted(script),
        style_digest=_digest(style),
        script_digest=_digest(script),
        data=_trusted(embed_json(data)),
    )


def render_sentence(text: str) -> Markup:
    """Return a sentence of ours escaped, with what it has in backticks as code."""
    from markupsafe import Markup

    pieces = clean(text).split("`")
    if len(pieces) % 2 == 0:
        return Markup.escape(with_minus(clean(text)))
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if k % 2 else Markup.escape(with_minus(piece))
        for k, piece in enumerate(pieces)
    )


def read_scripts(names: tuple[str, ...] = SCRIPTS, *more: Path) -> str:
    """Return the scripts, and ``more`` of another page, as one, in a scope of their own."""
    paths = [*(FOLDER / "scripts" / f"{name}.js" for name in names), *more]
    parts = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    return f'(() => {{\n"use strict";\n{parts}}})();\n'


@cache
def page_digest() -> str:
    """Return a digest of the code, templates, styles and scripts that make the page."""
    code = {
        name: digits
        for name, digits in code_digests().items()
        if name.startswith(DRAWN_BY) or name.count("/") == 1
    }
    paths = sorted(path for path in FOLDER.rglob("*") if path.suffix in (".html", ".css", ".js"))
    return digest("page", code, [path.read_text(encoding="utf-8") for path in paths])


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """Return what a content security policy calls a file that it allows."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _trusted(text: str) -> Markup:
    from markupsafe import Markup

    return Markup(text)
