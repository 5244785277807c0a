"""``segments.json``: sums over slices of customers, so that a page needs no data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.analysis import segments
from bench.analysis.choice import BASELINE, choose
from bench.analysis.findings import Findings
from bench.analysis.scoring import ScoredSplit
from bench.doctor.clones import find_clones
from bench.domain import Candidate, Dataset
from bench.identity import digest
from bench.serial import from_json, to_json
from bench.store import write_text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "segments.json"
MOST_CANDIDATES = 4
MOST_LEVELS = 100
DIGITS = 4


def write_segments(folder: Path, findings: Findings, dataset: Dataset) -> None:
    """Write the slices of ``dataset``, unless the file there is about the same fits."""
    candidates = _chosen(findings)
    if not candidates or dataset.digest != findings.leaderboard.run.facts.digest:
        return
    found = read_segments(folder, findings)
    # Files of earlier versions know of no twins.
    known = [_candidate(one) for one in found["candidates"]] if found and "twins" in found else []
    if known == candidates:
        return
    text = json.dumps(build_segments(findings, dataset, candidates), ensure_ascii=False)
    write_text(folder / NAME, text + "\n")


def read_segments(folder: Path, findings: Findings) -> dict[str, Any] | None:
    """Return what the file holds; ``None`` where there is none, or it is about other fits."""
    try:
        found = json.loads((folder / NAME).read_text(encoding="utf-8"))
        candidates = [_candidate(one) for one in found["candidates"]]
        is_ours = found["key"] == _key(findings, candidates)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return found if is_ours else None


def build_segments(
    findings: Findings, dataset: Dataset, candidates: Sequence[Candidate]
) -> dict[str, Any]:
    """Return the sums over slices as JSON values, see `bench.analysis.segments`."""
    import numpy as np

    kept = _drawn(len(dataset.y))
    y = np.asarray(dataset.y)[kept]
    slices = segments.build_slices(dataset.X.iloc[kept])
    pooled = {c: _pool(findings.scored[c], len(dataset.y), kept) for c in candidates}
    places = [scores.place for scores in pooled.values()]
    apart = segments.disagreement_in_slices(slices, places) if len(places) > 1 else []
    return {
        "key": _key(findings, candidates),
        "n": len(y),
        "ofN": len(dataset.y),
        "levels": _level_names(dataset),
        "twins": [[one.columns, one.message] for one in find_clones(dataset.X, dataset.spec)],
        "slices": [
            [one.feature, one.label, int(one.is_in.sum()), int(y[one.is_in].sum())]
            for one in slices
        ],
        "candidates": [
            {
                "candidate": to_json(candidate),
                "order": _listed(segments.order_in_slices(slices, y, scores.place)),
                "level": []
                if scores.probability is None
                else _listed(segments.level_in_slices(slices, y, scores.probability)),
            }
            for candidate, scores in pooled.items()
        ],
        "disagreement": _listed(apart),
    }


def _level_names(dataset: Dataset) -> dict[str, dict[str, str]]:
    """Return feature → number of a level → its name, of levels with ten customers or more."""
    import numpy as np

    found = {}
    for name, column in dataset.X.items():
        if str(column.dtype) == "category":
            told = np.unique(column.cat.codes.to_numpy(), return_counts=True)
            sizes = zip(*(part.tolist() for part in told), strict=True)
            codes = [code for code, size in sizes if size >= segments.FEWEST_ROWS]
            names = [*map(str, column.cat.categories), "missing"]  # code -1 stands last
            found[str(name)] = {str(code % len(names)): names[code] for code in codes[:MOST_LEVELS]}
    return found


def _chosen(findings: Findings) -> list[Candidate]:
    """Return the candidate to take, then the best ranked one of each of the other best models."""
    best: dict[str, Candidate] = {}
    ranked = [row for row in findings.leaderboard.rows if row.rank is not None]
    choice = choose(findings.leaderboard)
    taken = [] if choice is None else [choice.row]
    for row in [*taken, *sorted(ranked, key=lambda row: row.rank or 0)]:
        candidate = row.candidate
        is_plain = candidate == candidate.fitted and candidate.model != BASELINE
        if is_plain and findings.scored.get(candidate):
            best.setdefault(candidate.model, candidate)
    return list(best.values())[:MOST_CANDIDATES]


def _candidate(entry: Mapping[str, Any]) -> Candidate:
    return from_json(Candidate, entry["candidate"])


def _key(findings: Findings, candidates: Sequence[Candidate]) -> str:
    jobs = [[one.record.job.id for one in findings.scored.get(c, ())] for c in candidates]
    source = Path(segments.__file__).read_text(encoding="utf-8")
    return digest("segments", findings.leaderboard.run.facts.digest, jobs, source)[:20]


def _drawn(n_samples: int) -> NDArray[np.int64]:
    import numpy as np

    if n_samples <= segments.MOST_ROWS:
        return np.arange(n_samples)
    random = np.random.default_rng(0)
    return np.sort(random.choice(n_samples, segments.MOST_ROWS, replace=False))


def _pool(
    splits: Sequence[ScoredSplit], n_samples: int, kept: NDArray[np.int64]
) -> segments.Scores:
    whole = segments.pool_scores(splits, n_samples)
    probability = None if whole.probability is None else whole.probability[kept]
    return segments.Scores(whole.place[kept], probability)


def _listed(found: Sequence[Any]) -> list[list[float] | None]:
    """Return the values of each, p-values to their first digits and shares to the fourth."""
    return [
        None
        if one is None
        else [
            float(f"{value:.3g}") if name == "p_value" else round(value, DIGITS)
            for name, value in to_json(one).items()
        ]
        for one in found
    ]
