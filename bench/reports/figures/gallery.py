"""``figures/``: every figure of the page for a paper, with a caption and the table behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.domain import Leaderboard
from bench.identity import digest
from bench.reports import escaping
from bench.reports.csv_files import render_csv
from bench.reports.escaping import clean, escape_markdown
from bench.reports.figures.exhibits import Exhibit, Material
from bench.reports.figures.files import remove_figure, write_figure
from bench.reports.figures.of_boards import exhibits_of_boards
from bench.reports.figures.of_curves import exhibits_of_curves
from bench.reports.figures.of_features import exhibits_of_features
from bench.reports.figures.of_money import exhibits_of_money
from bench.reports.figures.of_segments import exhibits_of_segments
from bench.reports.figures.of_tuning import exhibits_of_tuning
from bench.reports.markdown_context import render_banner
from bench.reports.markdown_parts import join_blocks
from bench.reports.tables import accepted_faults, plural
from bench.store import write_text

NAMES = (
    "ranking",
    "decisions",
    "probabilities",
    "profit",
    "strategies",
    "differences",
    "profit_curves",
    "roc",
    "precision_recall",
    "gains",
    "lift",
    "calibration",
    "thresholds",
    "feature_importance",
    "feature_shares",
    "feature_agreement",
    "feature_stability",
    "feature_dependence",
    "segments_ranking",
    "segments_calibration",
    "segments_disagreement",
    "tuning_gains",
    "searches",
    "quality_and_time",
)
"""Of all figures, in the order of the page; one that is not made any more is removed."""

CAPTIONS = "README.md"
_SUFFIXES = (".svg", ".png", ".csv")


def build_exhibits(material: Material) -> list[Exhibit]:
    """Return all figures that there is something to show in, in the order of `NAMES`."""
    found = {exhibit.name: exhibit for exhibit in _all(material)}
    return [found[name] for name in NAMES if name in found]


def _all(material: Material) -> Iterator[Exhibit]:
    yield from exhibits_of_boards(material)
    yield from exhibits_of_curves(material)
    yield from exhibits_of_money(material)
    yield from exhibits_of_features(material)
    yield from exhibits_of_segments(material)
    yield from exhibits_of_tuning(material)


def write_gallery(folder: Path, material: Material, *, mark: str) -> list[Path]:
    """Write all figures, their tables and captions into ``folder``, and return their paths.

    ``mark`` is a digest of what they show, kept with the captions, which come
    last: where they are as `has_gallery` wants them, so is all else.
    """
    exhibits = build_exhibits(material)
    paths = []
    for exhibit in exhibits:
        table = folder / f"{exhibit.name}.csv"
        write_text(table, render_csv(exhibit.columns, exhibit.rows))
        paths += [*write_figure(folder / exhibit.name, exhibit.data), table]
    shown = {exhibit.name for exhibit in exhibits}
    for name in NAMES:
        if name not in shown:
            remove_figure(folder / name)
    captions = folder / CAPTIONS
    write_text(captions, render_captions(exhibits, material.leaderboard, mark=_whole(mark)))
    return [*paths, captions]


def is_begun(folder: Path) -> bool:
    """Return whether figures were written there, of whatever they showed then."""
    return (folder / CAPTIONS).is_file()


def has_gallery(folder: Path, *, mark: str) -> bool:
    """Return whether the figures there show what has this ``mark``, and all of them are there."""
    try:
        captions = (folder / CAPTIONS).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    shown = [name for name in NAMES if f"]({name}.svg)" in captions]
    return f"<!-- {_whole(mark)} -->" in captions and all(
        (folder / f"{name}{suffix}").is_file() for name in shown for suffix in _SUFFIXES
    )


def _whole(mark: str) -> str:
    """Return ``mark`` with the source of figures and tables, so that changed ones are made."""
    paths = [*sorted(Path(__file__).parent.glob("*.py")), Path(escaping.__file__)]
    source = [path.read_text(encoding="utf-8") for path in paths]
    return digest("gallery", mark, source)[:20]


def render_captions(exhibits: Sequence[Exhibit], leaderboard: Leaderboard, *, mark: str) -> str:
    """Return Markdown with every figure, its caption and links to its files."""
    facts = leaderboard.run.facts
    title = escape_markdown(facts.title or facts.name, width=80)
    blocks = [f"# Figures of {title}", render_banner(facts)]
    blocks.append(
        "Each as SVG and PNG, with the table behind it as CSV. Made from stored results, like "
        "[report.html](../report.html)."
    )
    for exhibit in exhibits:
        links = " · ".join(f"[{exhibit.name}{end}]({exhibit.name}{end})" for end in _SUFFIXES)
        heading = escape_markdown(exhibit.heading)
        caption = escape_markdown(f"{exhibit.caption} {source_of(leaderboard)}")
        image = f"![{heading}]({exhibit.name}.svg)"
        blocks += [f"## {heading}", image, caption, links]
    return join_blocks([*blocks, f"<!-- {mark} -->"])


def source_of(leaderboard: Leaderboard) -> str:
    """Return the end of every caption: which data, in how many splits, and a warning if need be."""
    facts = leaderboard.run.facts
    title = f" ({clean(facts.title)})" if facts.title else ""
    words = (
        f"Data: {clean(facts.name)}{title}, {facts.n_samples:,} customers, "
        f"{plural(leaderboard.n_splits, 'split')}, sha256 {facts.digest[:16]}…"
    )
    warnings = []
    if facts.is_standin:
        warnings.append("STAND-IN DATA, not the real table: never quote as results.")
    if accepted_faults(facts):
        warnings.append("SEVERE FAULTS ACCEPTED: do not believe these figures.")
    return " ".join([words, *warnings])
