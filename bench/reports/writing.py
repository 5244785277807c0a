"""All files of a results folder that people and spreadsheets read, written whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bench.analysis import Findings, analyse, summarise_importance
from bench.analysis.answer import answer
from bench.analysis.preparation_effects import summarise_preparations
from bench.domain import Dataset, Leaderboard, Result, Run
from bench.reports.csv_files import (
    render_costs_csv,
    render_importance_csv,
    render_leaderboard_csv,
)
from bench.reports.economics import describe_economics
from bench.reports.figures.gallery import is_begun, write_first_figures
from bench.reports.importance_markdown import render_importance_markdown
from bench.reports.json_file import render_leaderboard_json
from bench.reports.markdown import render_leaderboard_markdown
from bench.reports.page.writing import write_page
from bench.reports.segments import write_segments
from bench.store import Store, write_text

if TYPE_CHECKING:
    from bench.analysis.effects import StrategyEffect
    from bench.analysis.importance import ImportanceTable
    from bench.analysis.preparation_effects import PreparationSummary
    from bench.analysis.wording import Verdict


def write_boards(
    run: Run, results: Mapping[str, Result], store: Store, *, dataset: Dataset | None = None
) -> Findings:
    """Write all files of the results folder from stored results, and return what they show.

    With the data themselves, sums over slices of the customers are kept, too. The
    figures of the page are drawn where all there is to explain was asked for, and kept
    up to date where they are: a quick run is not made to wait for them.
    """
    values = store.read_values(dataset_digest=run.facts.digest)
    findings = analyse(run, results, values=values)
    importance = summarise_importance(run, results)
    write_reports(
        store.folder,
        findings.leaderboard,
        importance=importance,
        effects=findings.effects,
        tuning=findings.tuning,
        verdicts=findings.verdicts,
        economics=describe_economics(run.facts.economics, findings.references),
        preparations=summarise_preparations(run, results, metric=run.experiment.rank_by),
    )
    if dataset is not None:
        write_segments(store.folder, findings, dataset)
    is_drawn = run.experiment.importance == "full" or is_begun(store.folder / "figures")
    write_page(store.folder, findings, has_gallery=is_drawn)
    return findings


def write_reports(
    folder: Path,
    leaderboard: Leaderboard,
    *,
    importance: ImportanceTable,
    effects: Sequence[StrategyEffect] = (),
    tuning: Sequence[str] = (),
    verdicts: Sequence[Verdict] = (),
    economics: Sequence[str] = (),
    preparations: PreparationSummary | None = None,
) -> list[Path]:
    """Write boards, costs, importance and figures into ``folder`` and return their paths.

    Everything but ``costs.csv``, and how many times as long the answer says that studies
    take, depends on stored scores alone. Figures are drawn only when what they show has
    changed.
    """
    figures = write_first_figures(folder / "figures", leaderboard, importance)
    sentences = answer(leaderboard, effects, tuning)
    texts = {
        "leaderboard.md": render_leaderboard_markdown(
            leaderboard,
            answer=sentences,
            effects=effects,
            verdicts=verdicts,
            economics=economics,
            preparations=preparations,
            figures=_links(figures, "ranking"),
        ),
        "leaderboard.csv": render_leaderboard_csv(leaderboard),
        "leaderboard.json": render_leaderboard_json(
            leaderboard, answer=sentences, verdicts=verdicts
        ),
        "costs.csv": render_costs_csv(leaderboard),
        "feature_importance.md": render_importance_markdown(
            importance, leaderboard, figures=_links(figures, "feature_importance")
        ),
        "feature_importance.csv": render_importance_csv(importance),
    }
    for name, text in texts.items():
        write_text(folder / name, text)
    return [*(folder / name for name in texts), *figures]


def _links(figures: Sequence[Path], name: str) -> list[str]:
    """Return the path of the SVG file as seen from the results folder, if it was drawn."""
    return [f"figures/{path.name}" for path in figures if path.name == f"{name}.svg"]
