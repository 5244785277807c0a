"""The data a run is about, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from bench.specs import DatasetSpec, EconomicsSpec

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

Origin = Literal["file", "cache", "download", "built-in", "stand-in"]
Severity = Literal["severe", "warning", "note"]
"""Of a finding: numbers are false, may be misread, or it is just good to know."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Loaded and checked data.

    Attributes
    ----------
    X : DataFrame of shape (n_samples, n_features)
        Numeric columns are float64 with NaN for missing, categorical columns
        are ``category`` with text levels in sorted order.
    y : ndarray of shape (n_samples,), int8
        1 for the positive class.
    groups : ndarray of shape (n_samples,) or None
        Rows with equal values must stay on one side of every split.
    ids : Series or None
        The customers' identifiers; never a feature, never written to results.
    time : ndarray of shape (n_samples,), float64, or None
        When each row was true: days since 1970-01-01 UTC where the column holds
        dates, else its numbers; never missing.
    digest : str
        SHA-256 of the canonical frame, see `bench.data.canonical`.
    notes : tuple of str
        What a reader of the results must know about this copy of the data.
    part_of_row : ndarray of shape (n_samples,), int64, or None
        Which of ``part_names``, the files of the dataset, a row is from.
    """

    spec: DatasetSpec
    X: pd.DataFrame
    y: NDArray[np.int8]
    digest: str
    origin: Origin
    groups: NDArray[np.int64] | None = None
    ids: pd.Series[Any] | None = None
    time: NDArray[np.float64] | None = None
    notes: tuple[str, ...] = ()
    part_of_row: NDArray[np.int64] | None = None
    part_names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The adapter's name, which is also the results folder."""
        return self.spec.name


@dataclass(frozen=True)
class Finding:
    """One thing that the doctor noticed about a dataset.

    ``message`` is the evidence in plain words and figures, ``effect`` what it
    does to the numbers, ``remedy`` the line to put into the adapter, or what
    else to do. What ``code`` can be is in `bench.doctor.kinds`.
    """

    severity: Severity
    code: str
    message: str
    columns: tuple[str, ...] = ()
    effect: str = ""
    remedy: str = ""


@dataclass(frozen=True)
class DatasetFacts:
    """What the boards say of the data, without the data."""

    name: str
    title: str
    digest: str
    origin: Origin
    n_samples: int
    n_features: int
    n_positives: int
    features: tuple[str, ...]
    n_duplicate_rows: int = 0
    """Rows that share all features *and* the label with another row."""
    n_grouped_rows: int = 0
    """Rows that share all features with another row, whatever the label."""
    economics: EconomicsSpec = EconomicsSpec()
    findings: tuple[Finding, ...] = ()
    accepted: tuple[str, ...] = ()
    """What ``--accept`` let pass: the code of a finding, or code and column."""
    notes: tuple[str, ...] = ()
    licence: str = ""
    citation: str = ""

    @property
    def prevalence(self) -> float:
        """Positives divided by rows."""
        return self.n_positives / self.n_samples

    def is_accepted(self, finding: Finding) -> bool:
        """Whether ``--accept`` let ``finding`` pass, by its code or by code and a column."""
        codes = {finding.code, *(f"{finding.code}:{column}" for column in finding.columns)}
        return bool(codes & set(self.accepted))

    @property
    def is_standin(self) -> bool:
        """Whether this is the built-in imitation and not the real table."""
        return self.origin == "stand-in"
