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

from bench.analysis import curves, evidence, features, money, tuning
from bench.reports.escaping import clean
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
    "page",
)
"""Files of ``scripts/``, in the order in which they are read; each knows those before it."""


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
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["sentence"] = render_sentence
    environment.filters["clean"] = lambda value: clean(str(value))
    style, script = _read("page.css"), read_scripts()
    return environment.get_template("page.html").render(
        context,
        style=_trusted(style),
        script=_trusted(script),
        style_digest=_digest(style),
        script_digest=_digest(script),
        data=_trusted(embed_json(data)),
        mark=mark,
    )


def render_sentence(text: str) -> Markup:
    """Return a sentence of ours escaped, with what it has in backticks as code."""
    from markupsafe import Markup

    pieces = clean(text).split("`")
    if len(pieces) % 2 == 0:
        return Markup.escape(clean(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(piece) if k % 2 else Markup.escape(piece)
        for k, piece in enumerate(pieces)
    )


def read_scripts(names: tuple[str, ...] = SCRIPTS) -> str:
    """Return the scripts as one, in a scope of their own."""
    parts = "\n".join(_read(f"scripts/{name}.js") for name in names)
    return f'(() => {{\n"use strict";\n{parts}}})();\n'


@cache
def page_digest() -> str:
    """Return a digest of everything that makes the page look as it does."""
    paths = [path for path in FOLDER.rglob("*") if path.suffix in (".py", ".html", ".css", ".js")]
    parts = (curves, evidence, features, money, tuning)
    paths = [*sorted(paths), *(Path(str(part.__file__)) for part in parts)]
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """Return what a content security policy calls a file that it allows."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _trusted(text: str) -> Markup:
    from markupsafe import Markup

    return Markup(text)
