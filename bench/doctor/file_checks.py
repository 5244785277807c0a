"""What only the file itself can show: dates, gaps, and what the adapter leaves out."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.data.canonical import is_numeric
from bench.data.cells import collapse, number
from bench.data.duplicates import duplicate_groups
from bench.doctor.adapter_lines import time_line
from bench.doctor.columns import find_useless
from bench.doctor.dates import looks_like_dates, read_dates
from bench.doctor.kinds import finding
from bench.doctor.leaks import find_leaks, judge_columns
from bench.doctor.raw import Raw, RawColumn
from bench.doctor.rows import find_entities
from bench.domain import Dataset, Finding

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_FEW_LATER = 0.05
_QUESTION = re.compile(r": [^']*$")
"""What a message asks at its end, and the adapter has answered."""

_MOST_TOLD = 3


def find_dates(raw: Raw, dataset: Dataset, *, today: datetime.date) -> Iterator[Finding]:
    """Yield columns of dates that the adapter does not know, and dates that cannot be."""
    columns = dataset.spec.columns
    features = set(map(str, dataset.X.columns))
    known = {collapse(other) for other in (columns.time, *columns.dates) if other}
    for name, column in raw.items():
        if name == collapse(dataset.spec.target.column) or not looks_like_dates(column.texts):
            continue
        yield from _impossible(name, column, today)
        # Dates that are taken for levels are seen without the file, too.
        is_level = name in features and not is_numeric(dataset.X[name])
        if not columns.time and not is_level:
            yield finding(
                "time-column",
                f"column {name!r} holds dates{_churn_by_half(column, dataset.y)}: do rows of later "
                "dates have to be predicted from earlier ones?",
                [name],
                remedy=time_line(name),
                severity="warning" if name in features and name not in known else "note",
            )


def _churn_by_half(column: RawColumn, y: NDArray[np.int8]) -> str:
    """Return how many leave in the earlier and the later half, in words."""
    import numpy as np

    # One more entry at the end: code -1, which is missing, picks it.
    days = np.array([*(np.nan if d is None else d for d in read_dates(column.texts).days), np.nan])
    day = days[column.codes]
    later = day > np.nanmedian(day)
    earlier = ~later & ~np.isnan(day)
    if not (later.any() and earlier.any()):
        return ""
    return (
        f" ({100 * y[earlier].mean():.1f} % leave in the earlier half, "
        f"{100 * y[later].mean():.1f} % in the later)"
    )


def _impossible(name: str, column: RawColumn, today: datetime.date) -> Iterator[Finding]:
    import numpy as np

    dates = read_dates(column.texts)
    counts = list(column.counts().values())
    wrong = dict.fromkeys(dates.impossible, "")
    later = (today - datetime.date(1970, 1, 1)).days
    ahead = [k for k, day in enumerate(dates.days) if day is not None and day > later]
    ahead = [k for k in ahead if k not in wrong]
    n_rows = int((column.codes >= 0).sum())
    # A date to come may be the end of a contract; a few among past ones are mistakes.
    if 0 < sum(counts[k] for k in ahead) <= _FEW_LATER * n_rows:
        wrong |= dict.fromkeys(ahead, " (in the future)")
    if not wrong:
        return
    n_wrong = int(np.isin(column.codes, list(wrong)).sum())
    shown = ", ".join(f"{column.texts[k]!r}{why}" for k, why in list(wrong.items())[:_MOST_TOLD])
    texts = ", ".join(f'"{column.texts[k]}"' for k in list(wrong)[:_MOST_TOLD])
    yield finding(
        "impossible-dates",
        f"column {name!r} holds dates that cannot be, in {n_wrong} of {n_rows} rows: {shown}",
        [name],
        remedy=f"correct them in the file, or if they mean no value: [source] missing = [{texts}]",
    )


def find_gaps(raw: Raw, dataset: Dataset) -> Iterator[Finding]:
    """Yield one note on all columns with missing cells, as the file has them."""
    fill = {collapse(name): value for name, value in dataset.spec.columns.fill.items()}
    told = []
    for name in map(str, dataset.X.columns):
        missing = raw[name].codes < 0 if name in raw else dataset.X[name].isna().to_numpy()
        n_missing = int(missing.sum())
        if n_missing:
            text = f"{name!r} {n_missing}"
            text += _where(name, missing, dataset.X)
            if name in fill:
                text += f", filled with {fill[name]!r} by the adapter"
            told.append((name, n_missing, text))
    if told:
        n_cells = sum(n for _, n, _ in told)
        yield finding(
            "missing-cells",
            f"{n_cells} cells are empty or blank: " + "; ".join(text for _, _, text in told[:10]),
            [name for name, _, _ in told],
            remedy="nothing to declare, unless their value is known: [columns.fill]",
        )


def _where(name: str, missing: NDArray[np.bool_], X: pd.DataFrame) -> str:
    """Return the one value of another column at which, and only at which, cells are missing."""
    for other in map(str, X.columns):
        if other == name or X[other].isna().any():
            continue
        value = X[other].iloc[int(missing.argmax())]
        if ((X[other] == value).to_numpy() == missing).all():
            shown = f"{value:g}" if is_numeric(X[other]) else repr(str(value))
            return f" (just where {other!r} is {shown})"
    return ""


def find_left_out(raw: Raw, dataset: Dataset) -> Iterator[Finding]:
    """Yield what would be wrong with columns that the adapter leaves out already, as notes."""
    spec = dataset.spec
    apart = {*map(collapse, spec.columns.id), *map(collapse, spec.columns.drop)}
    names = [name for name in raw if name in apart]
    if not names:
        return
    left_out = left_out_features(raw, names)
    filled = left_out[[name for name in names if left_out[name].notna().any()]]
    found = list(find_useless(filled, spec))
    named = {column for f in found for column in f.columns}
    keys = [
        f
        for f in find_leaks(judge_columns(filled, dataset.y), dataset.y, spec)
        if f.code in ("target-leak", "one-class-fill") and not named & set(f.columns)
    ]
    yield from find_entities(dataset, filled)
    for f in (*found, *keys):
        yield finding(
            f.code,
            f"{_QUESTION.sub('', f.message)}; the adapter keeps it out of the features",
            f.columns,
            remedy="nothing: the adapter has it",
            severity="note",
        )


def left_out_features(raw: Raw, names: list[str]) -> pd.DataFrame:
    """Return columns of the file as canonical ones: numbers where all texts are."""
    import numpy as np
    import pandas as pd

    found: dict[str, object] = {}
    for name in names:
        column = raw[name]
        numbers = [number(text) for text in column.texts]
        if None in numbers:
            found[name] = pd.Categorical.from_codes(
                column.codes, categories=pd.Index(column.texts, dtype="str")
            )
        else:
            found[name] = np.array([*numbers, np.nan], dtype=np.float64)[column.codes]
    return pd.DataFrame(found, copy=False)


def count_repeats(raw: Raw, dataset: Dataset) -> int | None:
    """Return how many rows repeat an earlier one, features and label, as the file spells them."""
    import numpy as np
    import pandas as pd

    names = [name for name in map(str, dataset.X.columns) if name in raw]
    if len(names) < dataset.X.shape[1]:
        return None  # features that a hook made are in no file
    columns = {name: raw[name].codes.astype(np.float64) for name in names}
    groups = duplicate_groups(pd.DataFrame({**columns, "": dataset.y.astype(np.float64)}))
    return len(groups) - len(np.unique(groups))


def is_same_length(raw: Raw, dataset: Dataset) -> bool:
    """Whether the file has the rows of the dataset, one for one."""
    return all(len(column.codes) == len(dataset.y) for column in raw.values())
