"""List what there is: datasets, models, strategies, preparations, metrics and so on."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.cli.options import add_plugin_option

SUMMARY = "list datasets, models, strategies, preparations, metrics, findings and so on"

Row = dict[str, Any]


def add_options(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("kind", nargs="?", choices=tuple(KINDS), help="default: all of them")
    parser.add_argument("--datasets-dir", type=Path, metavar="DIR")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    add_plugin_option(parser)


def execute(arguments: argparse.Namespace) -> int:
    """Print one table a kind, or one JSON object."""
    from bench.plugins import load_plugins

    load_plugins(arguments.plugin)
    kinds = [arguments.kind] if arguments.kind else list(KINDS)
    found = {kind: KINDS[kind](arguments.datasets_dir) for kind in kinds}
    if arguments.json:
        print(json.dumps(found, indent=1))
        return 0
    _print_tables(found)
    return 0


def _print_tables(found: dict[str, list[Row]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from bench.cli.output import table_console
    from bench.reports.escaping import clean

    console = table_console()
    for kind, rows in found.items():
        table = Table(
            title=kind, title_justify="left", title_style="bold", box=None, pad_edge=False
        )
        for column in rows[0]:
            table.add_column(column, overflow="fold", style="bold" if column == "name" else "")
        for row in rows:
            table.add_row(*(Text(clean(str(value))) for value in row.values()))
        console.print(table)
        console.print()


def _datasets(datasets_dir: Path | None) -> list[Row]:
    from bench.data import list_adapters

    return [
        {
            "name": entry.name,
            "availability": entry.availability,
            "title": entry.error or entry.title,
        }
        for entry in list_adapters(datasets_dir)
    ]


def _models(_: Path | None) -> list[Row]:
    from bench.models import MODELS

    rows = []
    for model in MODELS:
        levels = ["default"]
        levels += ["recommended"] if model.recommended is not None else []
        levels += ["optuna"] if model.is_tunable else []
        rows.append(
            {
                "name": model.name,
                "tuning": ", ".join(levels),
                "outputs": model.capabilities.outputs,
                "summary": model.summary,
            }
        )
    return rows


def _strategies(_: Path | None) -> list[Row]:
    from bench.strategies import STRATEGIES

    rows = [
        {
            "name": strategy.name,
            "acts on": "weights" if strategy.weigh else strategy.needs.stage,
            "summary": strategy.summary,
        }
        for strategy in STRATEGIES
    ]
    auto = "a study (--tuning optuna) chooses one of the run's strategies on inner folds"
    return [*rows, {"name": "auto", "acts on": "study", "summary": auto}]


def _preparations(_: Path | None) -> list[Row]:
    from bench.evaluation.preparations import PREPARATIONS

    return [
        {"name": entry.name, "changes": entry.changes, "summary": entry.summary}
        for entry in PREPARATIONS
    ]


def _repairs(_: Path | None) -> list[Row]:
    from bench.repairs import REPAIRS, SUITABLE

    rows = [{"name": repair.name, "summary": repair.summary} for repair in REPAIRS]
    return [*rows, {"name": SUITABLE, "summary": "whichever of these is right for a candidate"}]


def _decisions(_: Path | None) -> list[Row]:
    from bench.rules import RULES, Decision

    return [{"name": Decision(rule, rule.percent).slug, "summary": rule.summary} for rule in RULES]


def _metrics(_: Path | None) -> list[Row]:
    from bench.metrics import METRICS

    return [
        {
            "name": metric.name,
            "board": metric.board,
            "better": metric.direction,
            "title": metric.title,
        }
        for metric in METRICS
    ]


def _presets(_: Path | None) -> list[Row]:
    from bench.execution.presets import PRESETS

    return [{"name": preset.name, "summary": preset.summary} for preset in PRESETS]


def _findings(_: Path | None) -> list[Row]:
    from bench.doctor.kinds import KINDS

    return [{"name": kind.code, "severity": kind.severity, "effect": kind.effect} for kind in KINDS]


KINDS: dict[str, Callable[[Path | None], list[Row]]] = {
    "datasets": _datasets,
    "models": _models,
    "strategies": _strategies,
    "preparations": _preparations,
    "repairs": _repairs,
    "decisions": _decisions,
    "metrics": _metrics,
    "presets": _presets,
    "findings": _findings,
}
