"""What an adapter declares: the content of ``datasets/<name>.toml`` as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class SourceSpec:
    """Where a table comes from and how its file is read.

    ``url`` may be empty where a file can only be fetched by hand; ``manual``
    then says how. ``file`` may be a folder or a pattern such as
    ``part-*.csv``: its tables are read as one, in order of their names.

    Attributes
    ----------
    missing : tuple of str
        Tokens that mean "no value" in every column, beside the usual ones.
    missing_numbers : tuple of str
        Tokens that mean it only in columns of numbers or dates; elsewhere
        they are levels.
    separator : str
        One character, or ``blanks`` (runs of them) or ``wide-blanks`` (runs of
        two or more); found out where it is empty.
    member : str
        Of an archive: which file in it.
    skip_rows, skip_below, skip_last : int
        Lines above the header, and rows that hold no data right below it and
        at the end of the file, such as totals; empty ones do not count.
    number_repeats : bool
        Whether a column's name that was met before gets a number: ``x.2``.
    decimal, thousands : str
        How numbers are written where it is not ``1234.5``; a blank stands for
        any kind of blank.
    signs : tuple of str
        What may stand before or after a number, such as ``$`` and ``%``; it
        changes no value.
    """

    file: str = ""
    url: str = ""
    sha256: str = ""
    missing: tuple[str, ...] = ()
    missing_numbers: tuple[str, ...] = ()
    separator: str = ""
    encoding: str = ""
    skip_rows: int = 0
    skip_below: int = 0
    skip_last: int = 0
    number_repeats: bool = False
    decimal: str = ""
    thousands: str = ""
    signs: tuple[str, ...] = ()
    sheet: str = ""
    member: str = ""
    manual: str = ""
    generator: str = ""
    stand_in: str = ""
    homepage: str = ""
    licence: str = ""
    citation: str = ""


@dataclass(frozen=True)
class TargetSpec:
    """The column to predict and the value in it that means "churned"."""

    column: str
    positive: str = ""


@dataclass(frozen=True)
class ColumnsSpec:
    """What the columns are.

    ``None`` means "not declared": the type is inferred. ``rest_categorical``
    stands for ``categorical = "rest"``. ``fill`` replaces missing values by a
    constant that is known beforehand (nothing is learnt); ``levels`` merges
    spellings of one level, of the target too. ``dates`` become days since
    1970-01-01 UTC, read by the column's ``date_format`` (as of ``strptime``),
    else as ISO 8601. ``time`` orders the rows; it is no feature unless it is
    declared as one, too.
    """

    id: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    numeric: tuple[str, ...] | None = None
    categorical: tuple[str, ...] | None = None
    rest: Literal["", "numeric", "categorical"] = ""
    dates: tuple[str, ...] = ()
    date_format: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    time: str = ""
    fill: Mapping[str, Any] = field(default_factory=dict)
    levels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class ExpectSpec:
    """What the loaded table must hold; ``None`` and ``""`` are not checked."""

    rows: int | None = None
    positives: int | None = None
    digest: str = ""


@dataclass(frozen=True)
class EconomicsSpec:
    """What a customer and a campaign are worth, for the profit metrics.

    Amounts are in the dataset's currency per customer. ``value`` names a
    numeric column, what a customer is worth a month: customer i is then worth
    ``clv`` · V_i / mean(V), see `bench.campaigns.customer_clvs`. ``acceptance_alpha``
    and ``acceptance_beta`` shape the Beta distribution of the probability that
    a would-be churner accepts the offer; the defaults (mean .30) and the
    amounts are those of Verbraken, Verbeke & Baesens (2013).
    """

    value: str = ""
    clv: float = 200.0
    incentive: float = 10.0
    contact: float = 1.0
    acceptance_alpha: float = 6.0
    acceptance_beta: float = 14.0


@dataclass(frozen=True)
class DatasetSpec:
    """One adapter: the content of ``datasets/<name>.toml``."""

    name: str
    source: SourceSpec
    target: TargetSpec
    title: str = ""
    columns: ColumnsSpec = ColumnsSpec()
    expect: ExpectSpec = ExpectSpec()
    economics: EconomicsSpec = EconomicsSpec()
    path: str = ""
