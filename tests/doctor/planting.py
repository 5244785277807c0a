"""Tables with one defect each, and what the doctor is to say of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import clean_tables
import numpy as np
import pandas as pd

N_ROWS = 1000
TARGET = "churned"


@dataclass(frozen=True)
class Planted:
    """A defect in a table.

    Attributes
    ----------
    table : DataFrame
        The file's content.
    code, columns, severity
        What is to be found.
    source, toml : str
        What the adapter declares in [source], and beside source and target.
    parts : int
        Into how many files the table is cut.
    other : DataFrame, optional
        A second dataset that lies beside it.
    """

    table: pd.DataFrame
    code: str
    columns: tuple[str, ...] = ()
    severity: str = "warning"
    source: str = ""
    toml: str = '[columns]\nid = "customer_id"\n'
    parts: int = 1
    other: pd.DataFrame | None = None


Plant = Callable[[], Planted]


def base(seed: int = 100, n_rows: int = N_ROWS) -> tuple[pd.DataFrame, np.ndarray]:
    """Return a clean table and who leaves."""
    shape = clean_tables.Shape(n_rows, 0.25, seed, has_rare_levels=True)
    table = clean_tables.clean_table(shape)
    return table, (table[TARGET] == "Yes").to_numpy()


def with_column(name: str, make: Callable[..., object], seed: int = 100) -> pd.DataFrame:
    """Return the base table with one more column before the target."""
    table, leaves = base(seed)
    table.insert(5, name, make(np.random.default_rng([seed, 1]), leaves, table))
    return table


# --- duplicates -----------------------------------------------------------------------


def repeated_ids() -> Planted:
    table, _ = base()
    later = table.iloc[:500].assign(usage=lambda t: t["usage"] + 3.1, tenure=lambda t: t.tenure + 1)
    table = pd.concat([table, later], ignore_index=True).sample(frac=1, random_state=0)
    return Planted(table, "duplicate-ids", ("customer_id",), "severe")


def repeated_rows() -> Planted:
    table, _ = base()
    again = table.iloc[:120].assign(customer_id=[f"D{i}" for i in range(120)])
    return Planted(
        pd.concat([table, again]).sample(frac=1, random_state=0), "duplicate-rows", (), "note"
    )


def both_labels() -> Planted:
    table, leaves = base()
    again = table[~leaves].iloc[:40].assign(churned="Yes")
    again["customer_id"] = [f"D{i}" for i in range(40)]
    return Planted(
        pd.concat([table, again]).sample(frac=1, random_state=0), "conflicting-labels", (), "note"
    )


# --- leaks ----------------------------------------------------------------------------


def noisy_copy() -> Planted:
    table = with_column("contacts", lambda r, y, t: (4 * y + r.normal(size=len(y))).round(2))
    return Planted(table, "target-leak", ("contacts",), "severe")


def telling_levels() -> Planted:
    table = with_column(
        "segment",
        lambda r, y, t: np.where(y, "R", r.choice(["A", "B", "R"], len(y), p=[0.5, 0.45, 0.05])),
    )
    return Planted(table, "target-leak", ("segment",), "severe")


def exclusive_or() -> Planted:
    table = with_column("flag_a", lambda r, y, t: r.integers(0, 2, len(y)))
    leaves = table[TARGET] == "Yes"
    table["flag_b"] = table["flag_a"] ^ leaves
    return Planted(table, "pair-leak", ("flag_a", "flag_b"), "severe")


def telling_difference() -> Planted:
    table = with_column("start_day", lambda r, y, t: r.integers(0, 1000, len(y)))
    random = np.random.default_rng(3)
    leaves = (table[TARGET] == "Yes").to_numpy()
    spent = np.where(
        leaves, random.integers(1, 60, len(table)), random.integers(70, 300, len(table))
    )
    table["last_day"] = table["start_day"] + spent
    return Planted(table, "pair-leak", ("last_day", "start_day"), "severe")


def filled_for_leavers() -> Planted:
    table = with_column(
        "note_of_agent",
        lambda r, y, t: np.where(
            y & (r.random(len(y)) < 0.6), r.choice(["moved", "price"], len(y)), None
        ),
    )
    return Planted(table, "one-class-fill", ("note_of_agent",), "severe")


def wiped_for_leavers() -> Planted:
    table = with_column(
        "next_order",
        lambda r, y, t: np.where(y & (r.random(len(y)) < 0.5), np.nan, r.integers(1, 30, len(y))),
    )
    return Planted(table, "one-class-fill", ("next_order",))


def churn_score() -> Planted:
    table = with_column("churn_score", lambda r, y, t: (20 * y + r.normal(50, 15, len(y))).round())
    return Planted(table, "outcome-name", ("churn_score",))


def customer_status() -> Planted:
    table = with_column(
        "customer_status", lambda r, y, t: np.where(r.random(len(y)) < 0.12, ~y, y).astype(int) + 1
    )
    return Planted(table, "outcome-name", ("customer_status",))


def telling_value() -> Planted:
    table = with_column(
        "account_type",
        lambda r, y, t: np.where(y & (r.random(len(y)) < 0.5), "K", r.choice(["A", "B"], len(y))),
    )
    return Planted(table, "outcome-value", ("account_type",), "severe")


def closing_balance() -> Planted:
    table = with_column(
        "closing_balance", lambda r, y, t: (60 * y + r.normal(100, 50, len(y))).round(2)
    )
    return Planted(table, "after-the-fact", ("closing_balance",))


# --- columns --------------------------------------------------------------------------


def text_key() -> Planted:
    table = with_column("serial", lambda r, y, t: [f"x{i * 7919 % 99991}" for i in range(len(y))])
    return Planted(table, "identifier", ("serial",))


def row_number() -> Planted:
    table = with_column("row", lambda r, y, t: r.permutation(len(y)) + 1)
    return Planted(table, "identifier", ("row",))


def surname() -> Planted:
    table = with_column(
        "surname", lambda r, y, t: [f"name {i}" for i in r.integers(0, 600, len(y))]
    )
    return Planted(table, "near-identifier", ("surname",))


def same_everywhere() -> Planted:
    return Planted(with_column("country", lambda r, y, t: "DE"), "constant", ("country",))


def nearly_same_everywhere() -> Planted:
    table = with_column("is_test", lambda r, y, t: np.where(np.arange(len(y)) == 7, 1, 0))
    return Planted(table, "near-constant", ("is_test",), "note")


def other_unit() -> Planted:
    table = with_column("fee_usd", lambda r, y, t: (t["monthly_fee"] * 1.08).round(2))
    return Planted(table, "copied-column", ("fee_usd", "monthly_fee"))


def other_code() -> Planted:
    table = with_column(
        "plan_code", lambda r, y, t: t["plan"].map({"basic": 3, "plus": 1, "team": 2})
    )
    return Planted(table, "copied-column", ("plan", "plan_code"))


def sum_of_two() -> Planted:
    table = with_column("fee_and_usage", lambda r, y, t: t["monthly_fee"] + t["usage"])
    return Planted(table, "arithmetic-clone", ("fee_and_usage", "monthly_fee", "usage"), "note")


def total_of_months() -> Planted:
    table = with_column(
        "total",
        lambda r, y, t: (t["tenure"] * t["monthly_fee"] * r.normal(1, 0.02, len(y))).round(2),
    )
    return Planted(table, "arithmetic-clone", ("total", "tenure", "monthly_fee"), "note")


def sum_of_three() -> Planted:
    table, _ = base()
    random = np.random.default_rng(5)
    for part in ("day", "evening", "night"):
        table.insert(5, f"{part}_charge", random.gamma(3, 9, len(table)).round(2))
    table.insert(5, "charge", table.filter(like="_charge").sum(axis=1).round(2))
    names = ("charge", "day_charge", "evening_charge", "night_charge")
    return Planted(table, "arithmetic-clone", names, "note")


def sexes() -> Planted:
    table = with_column("sex", lambda r, y, t: r.choice(["M", "F", "Male", "Female"], len(y)))
    return Planted(table, "level-spellings", ("sex",))


def spelt_in_cases() -> Planted:
    table = with_column(
        "channel", lambda r, y, t: r.choice(["Web Shop", "web shop", "Web-Shop", "Store"], len(y))
    )
    return Planted(table, "level-spellings", ("channel",))


def abbreviated() -> Planted:
    table = with_column(
        "pays_by",
        lambda r, y, t: r.choice(["Credit Card", "CC", "COD", "Cash on Delivery"], len(y)),
    )
    return Planted(table, "level-spellings", ("pays_by",))


def mistyped() -> Planted:
    table = with_column(
        "branch",
        lambda r, y, t: r.choice(["Hamburg", "Hambrug", "Berlin"], len(y), p=[0.6, 0.01, 0.39]),
    )
    return Planted(table, "level-spellings", ("branch",))


def contained() -> Planted:
    table = with_column(
        "device", lambda r, y, t: r.choice(["Phone", "Mobile Phone", "Computer"], len(y))
    )
    return Planted(table, "level-spellings", ("device",), "note")


def numbers_and_text() -> Planted:
    table = with_column("visits", lambda r, y, t: _mixed(r, y))
    return Planted(table, "mixed-types", ("visits",))


def _mixed(random: np.random.Generator, leaves: np.ndarray) -> list[str]:
    texts = [str(v) for v in random.integers(0, 300, len(leaves))]
    return [t if k % 60 else "no data yet" for k, t in enumerate(texts)]


def currency() -> Planted:
    table = with_column(
        "spend", lambda r, y, t: [f"${v:,.2f}" for v in r.uniform(500, 5000, len(y))]
    )
    return Planted(table, "numbers-as-text", ("spend",))


def decimal_comma() -> Planted:
    table = with_column(
        "weight", lambda r, y, t: [f"{v:.1f}".replace(".", ",") for v in r.uniform(1, 90, len(y))]
    )
    return Planted(table, "numbers-as-text", ("weight",))


def no_such_days() -> Planted:
    table = with_column("signup", _dates("%d.%m.%Y"))
    table.loc[[3, 50, 700], "signup"] = ["31.02.2021", "01.01.1900", "31.12.9999"]
    return Planted(table, "impossible-dates", ("signup",))


def days_to_come() -> Planted:
    table = with_column("signup", _dates("%Y-%m-%d"))
    table.loc[[5, 6], "signup"] = ["2031-05-05", "2032-01-07"]
    return Planted(table, "impossible-dates", ("signup",))


def _dates(style: str) -> Callable[..., object]:
    def make(random: np.random.Generator, leaves: np.ndarray, _: pd.DataFrame) -> object:
        days = pd.to_datetime("2019-01-01") + pd.to_timedelta(
            random.integers(0, 900, len(leaves)), "D"
        )
        return days.strftime(style)

    return make


def dates_as_levels() -> Planted:
    return Planted(with_column("signup", _dates("%Y-%m-%d")), "time-column", ("signup",))


def dates_left_out() -> Planted:
    table = with_column("signup", _dates("%d %b %Y"))
    toml = '[columns]\nid = "customer_id"\ndrop = "signup"\n'
    return Planted(table, "time-column", ("signup",), "note", toml=toml)


def sentinel_999() -> Planted:
    table = with_column(
        "days_since_contact",
        lambda r, y, t: np.where(r.random(len(y)) < 0.3, 999, r.integers(0, 60, len(y))),
    )
    return Planted(table, "sentinel-value", ("days_since_contact",))


def sentinel_minus_one() -> Planted:
    table = with_column(
        "children", lambda r, y, t: np.where(r.random(len(y)) < 0.05, -1, r.poisson(2, len(y)))
    )
    return Planted(table, "sentinel-value", ("children",))


def cents_from_the_middle_on() -> Planted:
    table = with_column(
        "bill",
        lambda r, y, t: (
            r.normal(60, 10, len(y)).round(2) * np.where(np.arange(len(y)) < 900, 1, 100)
        ),
    )
    return Planted(table, "unit-change", ("bill",))


def second_header() -> Planted:
    table, _ = base()
    row = dict.fromkeys(table, "text") | {"usage": "in GB", "tenure": "months", "churned": "No"}
    row |= {"age": "years", "monthly_fee": "EUR"}
    table = pd.concat([pd.DataFrame([row]), table.astype(object)], ignore_index=True)
    return Planted(table, "description-row", ("usage", "tenure", "age", "monthly_fee"), "severe")


def total_row() -> Planted:
    table, _ = base()
    row = table.iloc[0].to_dict() | {
        name: table[name].sum() for name in table if table[name].dtype.kind in "if"
    }
    row["customer_id"] = "Total"
    table = pd.concat([table, pd.DataFrame([row])], ignore_index=True)
    return Planted(table, "description-row", ("tenure", "age"), "severe")


def blanks() -> Planted:
    table = with_column(
        "billed",
        lambda r, y, t: np.where(t["tenure"] == 0, np.nan, r.normal(9, 2, len(y)).round(2)),
    )
    return Planted(table, "missing-cells", ("billed",), "note")


# --- rows -----------------------------------------------------------------------------


def few_leavers() -> Planted:
    table, leaves = base(n_rows=400)
    kept = np.flatnonzero(~leaves).tolist() + np.flatnonzero(leaves)[:40].tolist()
    return Planted(table.iloc[np.random.default_rng(0).permutation(kept)], "few-positives")


def households() -> Planted:
    table, _ = base()
    random = np.random.default_rng(0)
    home = random.integers(0, 300, len(table))
    table.insert(5, "household", [f"h{k}" for k in home])
    for name, spread in (("age", 10), ("monthly_fee", 12), ("usage", 9), ("tenure", 20)):
        level = random.normal(50, spread, 300)
        table[name] = (level[home] + random.normal(0, 2, len(table))).round(1)
    for name in ("logins", "satisfaction_score", "closed_tickets"):
        table[name] = random.integers(0, 30, 300)[home]
    return Planted(table, "entity-column", ("household",))


def household_of_one_outcome() -> Planted:
    """Households that stay or leave together; the adapter has left the column out."""
    table, leaves = base()
    random = np.random.default_rng(0)
    home = np.where(
        leaves, random.integers(0, 110, len(table)), random.integers(110, 420, len(table))
    )
    table.insert(5, "home", [f"h{k * 7919 % 1009}" for k in home])
    toml = '[columns]\nid = "customer_id"\ndrop = "home"\n'
    return Planted(table, "entity-column", ("home",), toml=toml)


def sorted_by_outcome() -> Planted:
    table, leaves = base()
    order = np.argsort(leaves + np.random.default_rng(0).normal(0, 0.5, len(table)))
    return Planted(table.iloc[order], "row-order")


def blocks_of_outcomes() -> Planted:
    table, leaves = base()
    stay, leave = np.flatnonzero(~leaves), np.flatnonzero(leaves)
    blocks = [*np.array_split(stay, 12), *np.array_split(leave, 12)]
    order = np.random.default_rng(4).permutation(24)
    return Planted(table.iloc[np.concatenate([blocks[k] for k in order])], "row-order")


# --- tables ---------------------------------------------------------------------------


def other_second_half() -> Planted:
    table, _ = base()
    second = np.arange(len(table)) >= len(table) // 2
    table["usage"] = table["usage"] + 14 * second
    return Planted(table, "shift")


def other_file() -> Planted:
    table, _ = base()
    third = np.arange(len(table)) >= 2 * len(table) // 3
    table["monthly_fee"] = table["monthly_fee"] * np.where(third, 2, 1)
    return Planted(table, "shift", parts=3)


def other_period() -> Planted:
    table = with_column("as_of", _dates("%Y-%m-%d"))
    table["logins"] = table["logins"] + 6 * (table["as_of"] > "2020-04-01")
    return Planted(table, "shift", toml='[columns]\nid = "customer_id"\ntime = "as_of"\n')


def same_ids_elsewhere() -> Planted:
    table, _ = base()
    other = base(7)[0][["customer_id", "age", TARGET]].assign(other=range(N_ROWS))
    other["customer_id"] = [*table["customer_id"][:700], *[f"Z{i}" for i in range(N_ROWS - 700)]]
    return Planted(table, "overlap", other=other)


def same_rows_elsewhere() -> Planted:
    table, _ = base()
    other = pd.concat([table.iloc[:600], base(8)[0].iloc[:500]], ignore_index=True)
    other["customer_id"] = [f"K{i}" for i in range(len(other))]
    other = other.drop(columns=["plan", "logins"]).sample(frac=1, random_state=1)
    return Planted(table, "overlap", other=other)


PLANTS: tuple[Plant, ...] = (
    repeated_ids,
    repeated_rows,
    both_labels,
    noisy_copy,
    telling_levels,
    exclusive_or,
    telling_difference,
    filled_for_leavers,
    wiped_for_leavers,
    churn_score,
    customer_status,
    telling_value,
    closing_balance,
    text_key,
    row_number,
    surname,
    same_everywhere,
    nearly_same_everywhere,
    other_unit,
    other_code,
    sum_of_two,
    total_of_months,
    sum_of_three,
    sexes,
    spelt_in_cases,
    abbreviated,
    mistyped,
    contained,
    numbers_and_text,
    currency,
    decimal_comma,
    no_such_days,
    days_to_come,
    dates_as_levels,
    dates_left_out,
    sentinel_999,
    sentinel_minus_one,
    cents_from_the_middle_on,
    second_header,
    total_row,
    blanks,
    few_leavers,
    households,
    household_of_one_outcome,
    sorted_by_outcome,
    blocks_of_outcomes,
    other_second_half,
    other_file,
    other_period,
    same_ids_elsewhere,
    same_rows_elsewhere,
)
