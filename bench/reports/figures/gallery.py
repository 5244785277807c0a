"""``figures/``: every figure of the page for a paper, with a caption and the table behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.analysis.importance import ImportanceTable
from bench.domain import Leaderboard
from bench.reports.banners import accepted_faults
from bench.reports.csv_files import render_csv
from bench.reports.escaping import clean, escape_markdown
from bench.reports.figures.exhibits import Exhibit, Material
from bench.reports.figures.files import remove_figure, write_figure
from bench.reports.figures.of_boards import exhibits_of_boards, exhibits_of_ranking
from bench.reports.figures.of_costs import exhibits_of_costs
from bench.reports.figures.of_curves import exhibits_of_curves
from bench.reports.figures.of_features import exhibits_of_features, exhibits_of_importance
from bench.reports.figures.of_money import exhibits_of_money
from bench.reports.figures.of_segments import exhibits_of_segments
from bench.reports.figures.of_tuning import exhibits_of_tuning
from bench.reports.markdown_context import render_banner
from bench.reports.markdown_parts import join_blocks
from bench.reports.numbers import plural
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
    "feature_dependence",
    "feature_agreement",
    "feature_stability",
    "feature_shifts",
    "segments_ranking",
    "segments_calibration",
    "segments_disagreement",
    "tuning_gains",
    "searches",
    "tuning_parameters",
    "quality_and_time",
    "quality_and_predict_time",
    "quality_and_memory",
)
"""Of all figures, in the order of the page; one that is not made any more is removed."""

FIRST = ("ranking", "feature_importance")
"""Of these, leaderboard.md and feature_importance.md show one each: every run draws them."""

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
    yield from exhibits_of_costs(material)


def write_gallery(folder: Path, material: Material, *, mark: str) -> list[Path]:
    """Write all figures, their tables and captions into ``folder``, and return their paths.

    ``mark`` is a digest of what they show, kept with the captions, which come
    last: where they are as `is_current` wants them, so is all else.
    """
    exhibits = build_exhibits(material)
    paths = _write(folder, exhibits, names=NAMES)
    text = render_captions(exhibits, material.leaderboard, about=_ABOUT)
    captions = folder / CAPTIONS
    write_text(captions, f"{text}\n<!-- {mark} -->\n")
    return [*paths, captions]


def write_first_figures(
    folder: Path, leaderboard: Leaderboard, importance: ImportanceTable
) -> list[Path]:
    """Write the figures of `FIRST` with tables and captions, and return their paths.

    The captions of a whole gallery are left for `write_gallery`.
    """
    exhibits = [*exhibits_of_ranking(leaderboard), *exhibits_of_importance(importance, leaderboard)]
    paths = _write(folder, exhibits, names=FIRST)
    captions = folder / CAPTIONS
    if is_begun(folder):
        return paths
    if not exhibits:
        captions.unlink(missing_ok=True)
        return []
    write_text(captions, render_captions(exhibits, leaderboard, about=_ABOUT_FIRST))
    return [*paths, captions]


def _write(folder: Path, exhibits: Sequence[Exhibit], *, names: Sequence[str]) -> list[Path]:
    """Write figures and tables, and remove those of ``names`` that are not among them."""
    paths = []
    for exhibit in exhibits:
        table = folder / f"{exhibit.name}.csv"
        write_text(table, render_csv(exhibit.columns, exhibit.rows))
        paths += [*write_figure(folder / exhibit.name, exhibit.data), table]
    for name in set(names) - {exhibit.name for exhibit in exhibits}:
        remove_figure(folder / name)
    return paths


def is_begun(folder: Path) -> bool:
    """Return whether more than the first figures were written there, whatever they showed then."""
    return any((folder / f"{name}.svg").is_file() for name in NAMES if name not in FIRST)


def is_current(folder: Path, *, mark: str) -> bool:
    """Return whether the figures there show what has this ``mark``, and all of them are there."""
    try:
        captions = (folder / CAPTIONS).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    shown = [name for name in NAMES if f"]({name}.svg)" in captions]
    return f"<!-- {mark} -->" in captions and all(
        (folder / f"{name}{suffix}").is_file() for name in shown for suffix in _SUFFIXES
    )


_ABOUT = (
    "Each as SVG and PNG, with the table behind it as CSV. Made from stored results, like "
    "[report.html](../report.html).",
    "Where every candidate would need a figure of its own, hundreds in all, a few are drawn: "
    "curves and calibration of those that the page shows first (the one to take, the best, plain "
    "logistic regression, the best with SMOTE or another strategy), thresholds, slices, what "
    "values add, searches and parameters of one, which the caption names. Strategies are shown "
    "in the metric that ranks. The page shows the other candidates and metrics when asked.",
)
_ABOUT_FIRST = (
    "Each as SVG and PNG, with the table behind it as CSV. Made from stored results; `python -m "
    "bench report` draws all figures of report.html.",
)


def render_captions(
    exhibits: Sequence[Exhibit], leaderboard: Leaderboard, *, about: Sequence[str]
) -> str:
    """Return Markdown with ``about``, and every figure with its caption and its files."""
    facts = leaderboard.run.facts
    title = escape_markdown(facts.title or facts.name, width=80)
    blocks = [f"# Figures of {title}", render_banner(facts), *about]
    for exhibit in exhibits:
        links = " · ".join(f"[{exhibit.name}{end}]({exhibit.name}{end})" for end in _SUFFIXES)
        heading = escape_markdown(exhibit.heading)
        caption = escape_markdown(f"{exhibit.caption} {source_of(leaderboard)}")
        image = f"![{heading}]({exhibit.name}.svg)"
        blocks += [f"## {heading}", image, caption, links]
    return join_blocks(blocks)


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
