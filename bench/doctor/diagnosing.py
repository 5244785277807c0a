"""From a dataset to what boards say of it: briefly for a run, thoroughly for `check`."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator

from bench.data.loading import LoadOptions
from bench.doctor.clones import find_clones
from bench.doctor.columns import (
    find_date_levels,
    find_described,
    find_near_constants,
    find_totals,
    find_useless,
)
from bench.doctor.doubles import Doubles, count_doubles, find_duplicate_ids, note_doubles
from bench.doctor.file_checks import (
    count_repeats,
    find_dates,
    find_gaps,
    find_left_out,
    is_same_length,
)
from bench.doctor.kinds import one_of_each
from bench.doctor.leaks import Suspect, find_leaks, judge_columns
from bench.doctor.numbers import find_sentinels, find_unit_changes
from bench.doctor.overlap import find_overlap, load_others
from bench.doctor.pairs import find_pair_leaks
from bench.doctor.raw import Raw, read_raw
from bench.doctor.rows import find_entities, find_few_positives, find_row_order
from bench.doctor.shift import find_shift
from bench.doctor.spellings import find_numbers_as_text, find_spellings
from bench.domain import Dataset, DatasetFacts, Finding

_PAIR_COLUMNS = 40
_ALL_PAIR_COLUMNS = 120


def diagnose(dataset: Dataset) -> DatasetFacts:
    """Return what boards say of a dataset, with the doctor's findings, severe ones first.

    A brief look, in time linear in the rows and without the file: what would
    make figures false, not what is only good to know.
    """
    doubles = count_doubles(dataset.X, dataset.y)
    suspects = judge_columns(dataset.X, dataset.y)
    found = [
        *_look(dataset, suspects, most=_PAIR_COLUMNS),
        *note_doubles(doubles),
    ]
    return _facts(dataset, doubles, found)


def examine(
    dataset: Dataset, options: LoadOptions = LoadOptions(), *, today: datetime.date | None = None
) -> DatasetFacts:
    """Return what boards say of a dataset, after a look at everything.

    The file is read again as text, other datasets whose files are here are
    compared, and models are fitted that tell the parts of the table apart.

    Parameters
    ----------
    options : LoadOptions
        How the dataset and others are found.
    today : date, optional
        What is the future among dates; the day of the call where it is left out.
    """
    raw = read_raw(dataset, options)
    return examine_with(
        dataset,
        raw if is_same_length(raw, dataset) else {},
        load_others(dataset, options),
        today=today or datetime.datetime.now(datetime.UTC).date(),
    )


def examine_with(
    dataset: Dataset, raw: Raw, others: Iterable[Dataset], *, today: datetime.date
) -> DatasetFacts:
    """Return what `examine` does, of what it would load."""
    X, spec = dataset.X, dataset.spec
    doubles = count_doubles(X, dataset.y)
    suspects = judge_columns(X, dataset.y)
    changes = list(find_unit_changes(X))
    found = [
        *_look(dataset, suspects, most=_ALL_PAIR_COLUMNS),
        *note_doubles(doubles, n_repeats_in_file=count_repeats(raw, dataset) if raw else None),
        *find_near_constants(X, spec),
        *find_clones(X, spec),
        *find_spellings(X, raw, spec),
        *find_sentinels(X),
        *changes,
        *find_dates(raw, dataset, today=today),
        *find_gaps(raw, dataset),
        *find_left_out(raw, dataset),
        *find_shift(dataset, known={column for f in changes for column in f.columns}),
        *find_overlap(dataset, others),
    ]
    return _facts(dataset, doubles, found)


def _look(dataset: Dataset, suspects: list[Suspect], *, most: int) -> Iterator[Finding]:
    """Yield what both looks look for."""
    X, y, spec = dataset.X, dataset.y, dataset.spec
    yield from find_leaks(suspects, y, spec)
    yield from find_pair_leaks(suspects, y, spec, most=most)
    yield from find_few_positives(y)
    yield from find_duplicate_ids(dataset)
    yield from find_useless(X, spec)
    yield from find_date_levels(X, spec)
    yield from find_described(X)
    yield from find_totals(X)
    yield from find_numbers_as_text(X, spec)
    yield from find_entities(dataset, X)
    yield from find_row_order(y)


def _facts(dataset: Dataset, doubles: Doubles, found: list[Finding]) -> DatasetFacts:
    X, spec = dataset.X, dataset.spec
    return DatasetFacts(
        name=dataset.name,
        title=spec.title,
        digest=dataset.digest,
        origin=dataset.origin,
        n_samples=len(X),
        n_features=X.shape[1],
        n_positives=int(dataset.y.sum()),
        features=tuple(str(name) for name in X.columns),
        n_duplicate_rows=doubles.n_rows_with_label,
        n_grouped_rows=doubles.n_rows,
        economics=spec.economics,
        findings=one_of_each(found),
        notes=dataset.notes,
        licence=spec.source.licence,
        citation=spec.source.citation,
    )
