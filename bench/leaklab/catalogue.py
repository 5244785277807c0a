"""The mistakes that the lab can make, in words: what is done, why it flatters, how to spot it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from bench.errors import UsageError
from bench.leaklab.settings import COPY_ERRORS, N_SNAPSHOTS, N_TRIALS, REPEATED_SHARE
from bench.registry import unknown_name
from bench.strategies import STRATEGIES, Strategy

Kind = Literal[
    "resample",
    "scale",
    "impute",
    "encode",
    "select",
    "threshold",
    "tune",
    "stop",
    "duplicates",
    "copy",
    "entity",
]

RESAMPLING = "resampling"
"""On the command line: every sampler there is, one mistake each."""

MODELS_SHOWN = ("lightgbm", "logistic")


@dataclass(frozen=True)
class Mistake:
    """One way to fool oneself.

    Attributes
    ----------
    name, title : str
        The slug, and what tables and pictures call it.
    kind : str
        What is done; the samplers share ``resample``.
    explanation : str
        Two sentences: what is done, and why it flatters or does not.
    tell : str
        What to look for in a paper.
    sampler : str
        The strategy that acts before the split; empty for other kinds.
    """

    name: str
    title: str
    kind: Kind
    explanation: str
    tell: str
    sampler: str = ""


_TOLD_BY_RESAMPLING = (
    "Look for the order of the steps and for the size of the test set: if resampling comes before "
    "the split or the cross-validation, or if test sets are balanced or their rows do not add up "
    "to the table's, the test rows were made or picked by the sampler."
)

_FLATTERY = {
    "repeats": "Copies of one customer then lie on both sides of a split, so that whoever "
    "memorises him is rewarded.",
    "mixes": "New positives are mixed from rows of which some are tested on, so that tests ask "
    "for the sampler's own handiwork beside balanced classes.",
    "mixes and cleans": "Beside testing on mixed rows, it throws out customers whose neighbours "
    "have the other label, which are the very ones that are hard to predict.",
    "cleans": "It throws out customers whose neighbours have the other label, so that no "
    "test holds the cases that are hard to predict.",
    "drops": "What is left to test on was chosen by label, and has another share of churners "
    "than the customers have.",
}

_WAYS = {
    "random-over": "repeats",
    "smote-enn": "mixes and cleans",
    "smote-tomek": "mixes and cleans",
    "tomek-links": "cleans",
    "edited-nearest-neighbours": "cleans",
    "one-sided-selection": "cleans",
    "random-under": "drops",
    "near-miss": "drops",
    "cluster-centroids": "drops",
}

_OTHERS = (
    Mistake(
        "scale-on-all",
        "scaling on all rows",
        "scale",
        "Means and deviations for scaling are taken from all rows, test rows included. No label "
        "is involved and thousands of rows hardly move a mean, so this is careless more than it "
        "is harmful.",
        "One scaled table that is split afterwards is a sign of how the rest was done; by itself "
        "it explains no high figure.",
    ),
    Mistake(
        "impute-on-all",
        "imputing on all rows",
        "impute",
        "Gaps are filled with the medians of all rows, test rows included. Without labels a "
        "median gives next to nothing away; filling by class would give away everything.",
        "Ask whether gaps were filled before the split, and above all whether by class: only "
        "the latter explains a high figure.",
    ),
    Mistake(
        "encode-on-all",
        "target encoding on all rows",
        "encode",
        "Each level of a category becomes the churn rate of all rows that have it, test rows "
        "included. A row's own label is then part of its feature: invisible where a level "
        "has thousands of rows, decisive where it has a handful.",
        "Target, mean or weight-of-evidence encoding needs a sentence on which rows the rates "
        "come from; be alarmed where columns have many levels.",
    ),
    Mistake(
        "select-on-all",
        "selecting features on all rows",
        "select",
        "The columns with the largest χ² are chosen on all rows, test labels included. With few "
        "columns and many rows any fold would choose the same; with thousands of columns of "
        "noise and few rows the choice alone can make chance look like skill.",
        "Compare the number of columns with the number of rows, and ask whether the selection "
        "was repeated inside each fold.",
    ),
    Mistake(
        "threshold-on-test",
        "threshold chosen on the test rows",
        "threshold",
        "The threshold that gives the best F1 is looked up on the rows that F1 is reported for. "
        "Rankings stay as they are; decisions gain by luck, the more the fewer test rows.",
        "F1 with an 'optimal' threshold, and no word on the rows that it is from, was chosen "
        "where it is reported.",
    ),
    Mistake(
        "tune-on-test",
        "tuning on the test rows",
        "tune",
        f"Of {N_TRIALS} settings the one that scores best on the test rows is reported. The best "
        "of several is partly the luckiest, and the luck does not come back on new customers.",
        "A search whose best cross-validation score is the reported result, with no outer loop "
        "and no untouched rows, is the maximum of many tries.",
    ),
    Mistake(
        "stop-on-test",
        "early stopping on the test rows",
        "stop",
        "Boosting stops at the round that is best on the test rows. It picks one of hundreds "
        "of models by their test score, though neighbours are so much alike that little is "
        "gained.",
        "An evaluation set that is also the test set (`eval_set=[(X_test, y_test)]`) in the "
        "published code.",
    ),
    Mistake(
        "duplicates-across-folds",
        "duplicates across folds",
        "duplicates",
        f"{100 * REPEATED_SHARE:.0f} % of the rows appear twice, and their copies fall into "
        "whatever fold they like. A learner with enough memory recognises the customer instead "
        "of predicting him.",
        "Count repeated rows in the published table, and ask what was done about them before "
        "the split.",
    ),
    Mistake(
        "target-copy",
        "a copy of the target among the features",
        "copy",
        "One more column repeats the target, wrong for "
        f"{100 * COPY_ERRORS:.0f} % of the customers, as a field does that is filled in when "
        "somebody leaves. Every split is clean, and still the model reads the answer.",
        "Look at the list of features for what is known only afterwards (reason, date or flag "
        "of leaving, final bill, retention call) and at one feature that outweighs all others.",
    ),
    Mistake(
        "entity-across-folds",
        "a customer's rows across folds",
        "entity",
        f"Every customer has {N_SNAPSHOTS} rows that differ a little, as monthly snapshots do, "
        "and rows are dealt to folds one by one. The test asks about customers whom the "
        "learner has met, label and all.",
        "More rows than customers, and a split by row: look for identifiers, months or "
        "snapshots in the description of the data.",
    ),
)


def samplers() -> tuple[Strategy, ...]:
    """Return every strategy that resamples, users' own included."""
    return tuple(strategy for strategy in STRATEGIES if strategy.resample is not None)


def all_mistakes() -> tuple[Mistake, ...]:
    """Return all mistakes in the order in which they are shown."""
    return (*(_before_split(sampler.name) for sampler in samplers()), *_OTHERS)


def choose_mistakes(names: Iterable[str]) -> tuple[Mistake, ...]:
    """Return the mistakes called ``names``, in the order shown; all of them for no names.

    A sampler's own name, or ``resampling`` for all samplers, will do.

    Raises
    ------
    UsageError
        If a name is no mistake.
    """
    known = all_mistakes()
    wanted: set[str] = set()
    for name in names:
        found = {m.name for m in known if name in (m.name, m.sampler)}
        if name == RESAMPLING:
            found = {m.name for m in known if m.sampler}
        if not found:
            names_known = (*(m.name for m in known), *(s.name for s in samplers()), RESAMPLING)
            message = unknown_name("mistake", name, names_known).message.split(" (see")[0]
            others = ", ".join(m.name for m in _OTHERS)
            raise UsageError(
                f"--mistakes: {message}",
                hint=f"there are: {others}, {RESAMPLING} (all samplers), SAMPLER-before-split",
            )
        wanted |= found
    return tuple(m for m in known if not wanted or m.name in wanted)


def _before_split(sampler: str) -> Mistake:
    way = _FLATTERY[_WAYS.get(sampler, "mixes")]
    return Mistake(
        name=f"{sampler}-before-split",
        title=f"{sampler} before the split",
        kind="resample",
        explanation=f"The whole table goes through `{sampler}`, and is split afterwards. {way}",
        tell=_TOLD_BY_RESAMPLING,
        sampler=sampler,
    )
