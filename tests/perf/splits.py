"""Writes our outer folds as row numbers, for whoever compares scores fold by fold.

Usage: python tests/perf/splits.py FILE.json [--seeds 0,1,2] [--folds 5] [--dataset telco]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from bench.data.loading import LoadOptions, load_dataset
from bench.domain import Split
from bench.evaluation.splits import Splitter, row_groups


def write_splits(
    path: Path, *, seeds: Sequence[int], folds: int = 5, dataset: str = "telco"
) -> None:
    """Write the test rows of every fold of the first repeat, by seed."""
    loaded = load_dataset(dataset, options=LoadOptions(require_real=True))
    groups = row_groups(loaded, "together")
    tests = {}
    for seed in seeds:
        splitter = Splitter(loaded.y, groups, folds=folds, seed=seed)
        tests[str(seed)] = [splitter.rows(Split(0, fold))[1].tolist() for fold in range(folds)]
    content = {"dataset": dataset, "digest": loaded.digest, "test_rows": tests}
    path.write_text(json.dumps(content) + "\n", encoding="utf-8")


def main() -> None:
    """Write the file that is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file", type=Path)
    parser.add_argument("--seeds", default="0")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--dataset", default="telco")
    arguments = parser.parse_args()
    seeds = [int(seed) for seed in arguments.seeds.split(",")]
    write_splits(arguments.file, seeds=seeds, folds=arguments.folds, dataset=arguments.dataset)


if __name__ == "__main__":
    main()
