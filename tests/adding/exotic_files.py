"""Files as people really have them, each with the table that is known to be in it."""

from __future__ import annotations

import datetime
import gzip
import importlib.util
import random
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

N_ROWS = 160
EPOCH = datetime.date(1970, 1, 1)


@dataclass(frozen=True)
class Customer:
    """One row of the truth."""

    id: str
    tenure: int
    charge: float
    balance: float | None
    plan: str | None
    since: datetime.date
    has_churned: bool


def build_customers() -> list[Customer]:
    """Return customers of whom those with little tenure leave more often."""
    draw = random.Random(7)
    customers = []
    for i in range(N_ROWS):
        tenure = draw.randint(1, 72)
        customers.append(
            Customer(
                id=f"C{i:04}",
                tenure=tenure,
                charge=round(draw.uniform(15, 120), 2),
                balance=None if i % 13 == 5 else round(draw.uniform(500, 99000), 2),
                plan=None if i % 17 == 3 else draw.choice(["basic", "plus", "Größe €"]),
                since=datetime.date(2015, 1, 1) + datetime.timedelta(days=draw.randint(0, 3000)),
                has_churned=draw.random() < (0.6 if tenure < 24 else 0.2),
            )
        )
    return customers


CUSTOMERS = build_customers()


@dataclass(frozen=True)
class Exotic:
    """A written file: how to ask for it, and the features that it holds, None for missing."""

    file: str
    target: str = "churned"
    features: dict[str, list[Any]] = field(default_factory=dict)
    positives: int = sum(customer.has_churned for customer in CUSTOMERS)
    rows: int = N_ROWS


def truth(**changes: Any) -> dict[str, list[Any]]:
    """Return the features of the truth by name; None in ``changes`` takes one out."""
    whole: dict[str, list[Any]] = {
        "tenure": [float(c.tenure) for c in CUSTOMERS],
        "charge": [c.charge for c in CUSTOMERS],
        "balance": [c.balance for c in CUSTOMERS],
        "plan": [c.plan for c in CUSTOMERS],
        "since": [float((c.since - EPOCH).days) for c in CUSTOMERS],
    }
    whole |= changes
    return {name: values for name, values in whole.items() if values is not None}


HEADER = ("id", "tenure", "charge", "balance", "plan", "since", "churned")


def lines(
    separator: str = ",",
    *,
    number: Callable[[float], str] = repr,
    missing: Callable[[int], str] = lambda row: "",
    date: str = "%Y-%m-%d",
    label: Callable[[bool], str] = lambda left: "Yes" if left else "No",
) -> list[str]:
    """Return the truth as lines of a text table."""
    rows = [HEADER]
    for i, c in enumerate(CUSTOMERS):
        cells = (
            c.id,
            str(c.tenure),
            number(c.charge),
            missing(i) if c.balance is None else number(c.balance),
            missing(i + 1) if c.plan is None else c.plan,
            c.since.strftime(date),
            label(c.has_churned),
        )
        rows.append(cells)
    return [separator.join(f'"{x}"' if separator in x else x for x in row) for row in rows]


def write(path: Path, rows: Iterable[str], *, encoding: str = "utf-8", end: str = "\n") -> None:
    """Write lines of text."""
    path.write_bytes((end.join(rows) + end).encode(encoding))


# --- text -----------------------------------------------------------------------------


def german(value: float) -> str:
    """Return 1234.5 as 1.234,50."""
    return f"{value:,.2f}".translate({ord(","): ".", ord("."): ","})


def decimal_comma(home: Path) -> Exotic:
    """Semicolons, decimal commas and points between thousands, days before months, cp1252."""
    rows = lines(";", number=german, date="%d.%m.%Y", label=lambda y: "Ja" if y else "Nein")
    write(home / "kunden.csv", rows, encoding="cp1252", end="\r\n")
    return Exotic("kunden.csv", features=truth())


def decimal_comma_only(home: Path) -> Exotic:
    """Semicolons and decimal commas without thousands, euro signs behind every amount."""
    rows = lines(";", number=lambda value: f"{value:.2f}".replace(".", ",") + " €")
    write(home / "kunden.csv", rows)
    return Exotic("kunden.csv", features=truth())


def dollars(home: Path) -> Exotic:
    """Amounts such as $1,234.50 in quotes, and a percentage."""
    rows = [
        f"{line},{'rate' if i == 0 else f'{i % 40}.5%'}"
        for i, line in enumerate(lines(number=lambda value: f"${value:,.2f}"))
    ]
    write(home / "customers.csv", rows)
    rate = [(i % 40) + 0.5 for i in range(1, N_ROWS + 1)]
    return Exotic("customers.csv", features=truth(rate=rate))


def tabs(home: Path) -> Exotic:
    """Tabs, 1 and 0."""
    write(home / "customers.tsv", lines("\t", label=lambda y: str(int(y))))
    return Exotic("customers.tsv", features=truth())


def pipes(home: Path) -> Exotic:
    """Pipes, True and False, a mark of the byte order."""
    write(home / "customers.txt", lines("|", label=str), encoding="utf-8-sig")
    return Exotic("customers.txt", features=truth())


def utf16(home: Path) -> Exotic:
    """UTF-16 and tabs, what Excel calls Unicode text; churned and stayed."""
    rows = lines("\t", label=lambda y: "churned" if y else "stayed")
    write(home / "customers.txt", rows, encoding="utf-16", end="\r\n")
    return Exotic("customers.txt", features=truth())


def attrited(home: Path) -> Exotic:
    """Attrited and existing customers, of whom the attrited are not the second by alphabet."""
    rows = lines(label=lambda y: "Attrited Customer" if y else "Existing Customer")
    write(home / "customers.csv", rows)
    return Exotic("customers.csv", features=truth())


def latin1(home: Path) -> Exotic:
    """Umlauts as Latin-1 writes them."""
    rows = [line.replace("Größe €", "Größe") for line in lines()]
    write(home / "customers.csv", rows, encoding="latin-1")
    plan = [None if c.plan is None else c.plan.replace("Größe €", "Größe") for c in CUSTOMERS]
    return Exotic("customers.csv", features=truth(plan=plan))


def quotes(home: Path) -> Exotic:
    """Line breaks, separators and quotes within quoted cells."""
    rows = [f'{line},"{"note" if i == 0 else NOTES[i % 3]}"' for i, line in enumerate(lines())]
    write(home / "customers.csv", rows)
    notes = [NOTES[i % 3].replace('""', '"') for i in range(1, N_ROWS + 1)]
    return Exotic("customers.csv", features=truth(note=notes))


NOTES = ("called, twice", "first line\nsecond line", 'said ""no""')


def titles(home: Path) -> Exotic:
    """Title lines and an empty one above the header, a row of descriptions below it."""
    rows = lines()
    below = "the customer,months,per month in EUR,on the account,the tariff,first day,gone?"
    write(
        home / "export.csv",
        ["Customers of 2024", "exported by A. B., draft", "", rows[0], below, *rows[1:]],
    )
    return Exotic("export.csv", features=truth())


def empty_ends(home: Path) -> Exotic:
    """Empty columns at the end of every line, empty rows at the end of the file."""
    rows = [f"{line};;" for line in lines(";")]
    write(home / "customers.csv", [*rows, *[";" * 8] * 3])
    return Exotic("customers.csv", features=truth())


def more_cells_than_names(home: Path) -> Exotic:
    """A separator at the end of every row but not of the header."""
    rows = lines(",")
    write(home / "customers.csv", [rows[0], *(f"{line}," for line in rows[1:])])
    return Exotic("customers.csv", features=truth())


def repeated_names(home: Path) -> Exotic:
    """Two columns of one name and one without any."""
    rows = [
        f"{line},charge," if i == 0 else f"{line},{i % 9},{'xyz'[i % 3]}"
        for i, line in enumerate(lines())
    ]
    write(home / "customers.csv", rows)
    again = [float(i % 9) for i in range(1, N_ROWS + 1)]
    letters = ["xyz"[i % 3] for i in range(1, N_ROWS + 1)]
    return Exotic("customers.csv", features=truth(**{"charge.2": again, "Unnamed: 8": letters}))


def missing_words(home: Path) -> Exotic:
    """No value in many spellings, among numbers and among levels."""
    tokens = ("n/a", "N/a", "?", "NULL", "-", "NaN", "#N/A", "Null")
    write(home / "customers.csv", lines(missing=lambda row: tokens[row % len(tokens)]))
    return Exotic("customers.csv", features=truth())


def a_word_among_numbers(home: Path) -> Exotic:
    """A word that is no value among numbers and a level elsewhere."""
    rows = [
        f"{line},{'promo' if i == 0 else ['none', 'spring'][i % 2]}"
        for i, line in enumerate(lines())
    ]
    rows = [
        line.replace(",,", ",none,", 1) if CUSTOMERS[i - 1].balance is None and i else line
        for i, line in enumerate(rows)
    ]
    write(home / "customers.csv", rows)
    promo = [["none", "spring"][i % 2] for i in range(1, N_ROWS + 1)]
    return Exotic("customers.csv", features=truth(promo=promo))


def target_in_many_spellings(home: Path) -> Exotic:
    """Yes, yes and YES."""
    rows = lines()
    rows = [line.replace("Yes", ("Yes", "yes", "YES", "Yes")[i % 4]) for i, line in enumerate(rows)]
    write(home / "customers.csv", rows)
    return Exotic("customers.csv", features=truth())


def blanks(home: Path) -> Exotic:
    """Columns set apart by blanks, lined up for the eye."""
    rows = [line.split(",") for line in lines(missing=lambda row: "NA")]
    rows = [[cell.replace("Größe €", "Größe") for cell in row] for row in rows]
    write(home / "customers.dat", ["".join(f"{cell:<12}" for cell in row) for row in rows])
    plan = [None if c.plan is None else c.plan.replace("Größe €", "Größe") for c in CUSTOMERS]
    return Exotic("customers.dat", features=truth(plan=plan))


def codes(home: Path) -> Exotic:
    """Post codes with zeros in front, an account number, a column that never changes."""
    extra = [f"0{i % 7}123,{900 + i},EUR" for i in range(N_ROWS + 1)]
    extra[0] = "postcode,account no,currency"
    write(home / "customers.csv", [f"{a},{b}" for a, b in zip(lines(), extra, strict=True)])
    postcode = [f"0{i % 7}123" for i in range(1, N_ROWS + 1)]
    return Exotic("customers.csv", features=truth(postcode=postcode))


def totals(home: Path) -> Exotic:
    """A row of totals and a remark at the end of an export, after an empty line."""
    rows = lines(";", number=german)
    write(home / "export.csv", [*rows, ";" * 6, "Total;160;;9.999,99;;;", "Source: CRM;;;;;;"])
    return Exotic("export.csv", features=truth())


def infinite(home: Path) -> Exotic:
    """Divisions by zero that a program wrote out as inf."""
    write(home / "customers.csv", lines(missing=lambda row: "" if row % 2 else "-inf"))
    plan = ["-inf" if c.plan is None and i % 2 else c.plan for i, c in enumerate(CUSTOMERS)]
    return Exotic("customers.csv", features=truth(plan=[None if p == "-inf" else p for p in plan]))


def grouped_thousands(home: Path) -> Exotic:
    """Whole amounts as 12.345 beside decimal commas: each alone looks like a decimal point."""
    amounts = [1000 + 137 * i for i in range(N_ROWS)]
    rows = [
        f"{line};{'paid' if i == 0 else f'{amounts[i - 1]:,}'.replace(',', '.')}"
        for i, line in enumerate(lines(";", number=german))
    ]
    write(home / "customers.csv", rows)
    return Exotic("customers.csv", features=truth(paid=[float(amount) for amount in amounts]))


# --- dates ----------------------------------------------------------------------------


def moments_with_zones(home: Path) -> Exotic:
    """ISO moments of another time zone, and days as plain digits."""
    write(home / "customers.csv", lines(date="%Y-%m-%dT01:30:00+03:00"))
    since = [days - 1 + 22.5 / 24 for days in truth()["since"]]
    return Exotic("customers.csv", features=truth(since=since))


def compact_days(home: Path) -> Exotic:
    """Days as plain digits."""
    write(home / "customers.csv", lines(date="%Y%m%d"))
    return Exotic("customers.csv", features=truth())


def american_days(home: Path) -> Exotic:
    """Months before days, with a time of day."""
    write(home / "customers.csv", lines(date="%m/%d/%Y 06:00 PM"))
    return Exotic("customers.csv", features=truth(since=[d + 0.75 for d in truth()["since"]]))


# --- packed and in parts --------------------------------------------------------------


def zipped(home: Path) -> Exotic:
    """A zip archive with what macOS adds and a note beside the table."""
    with zipfile.ZipFile(home / "customers.zip", "w") as archive:
        archive.writestr("data/customers.csv", "\n".join(lines(";")))
        archive.writestr("__MACOSX/data/._customers.csv", b"\x00\x05")
        archive.writestr("read me.md", "about")
    return Exotic("customers.zip", features=truth())


def gzipped(home: Path) -> Exotic:
    """Gzip and tabs."""
    (home / "customers.tsv.gz").write_bytes(gzip.compress("\n".join(lines("\t")).encode()))
    return Exotic("customers.tsv.gz", features=truth())


def parts(home: Path) -> Exotic:
    """A folder of parts, in one of which a column of levels holds nothing but numbers."""
    folder = home / "customers"
    folder.mkdir()
    rows = [
        f"{line},{'code' if i == 0 else ('7' if i < 60 else 'x7')}"
        for i, line in enumerate(lines())
    ]
    for number, (start, end) in enumerate([(1, 60), (60, 100), (100, len(rows))]):
        write(folder / f"part-{number}.csv", [rows[0], *rows[start:end]])
    (folder / "_SUCCESS").write_text("")
    (folder / "notes.md").write_text("about")
    code = ["7" if i < 60 else "x7" for i in range(1, N_ROWS + 1)]
    return Exotic("customers", features=truth(code=code))


# --- Excel and Parquet ----------------------------------------------------------------


def excel(home: Path) -> Exotic:
    """A workbook with a cover sheet, title lines above the table and native dates."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Cover"
    book.active.append(["about", "these customers"])
    sheet = book.create_sheet("Data")
    sheet.append(["Customers, all of them"])
    sheet.append([])
    sheet.append(list(HEADER))
    for c in CUSTOMERS:
        sheet.append(
            [
                c.id,
                c.tenure,
                c.charge,
                c.balance,
                c.plan,
                c.since,
                "left" if c.has_churned else "stayed",
            ]
        )
    book.save(home / "customers.xlsx")
    return Exotic("customers.xlsx", features=truth())


def parquet(home: Path) -> Exotic:
    """Native dates, truth values, decimals and dictionaries."""
    import pyarrow as pa
    import pyarrow.parquet

    table = {
        "id": pa.array([c.id for c in CUSTOMERS]),
        "tenure": pa.array([c.tenure for c in CUSTOMERS], pa.int16()),
        "charge": pa.array([c.charge for c in CUSTOMERS]),
        "balance": pa.array([c.balance for c in CUSTOMERS]),
        "plan": pa.array([c.plan for c in CUSTOMERS]).dictionary_encode(),
        "since": pa.array([c.since for c in CUSTOMERS], pa.date32()),
        "is new": pa.array([c.tenure % 2 == 0 for c in CUSTOMERS]),
        "churned": pa.array([c.has_churned for c in CUSTOMERS]),
    }
    pyarrow.parquet.write_table(pa.table(table), home / "customers.parquet")
    is_new = [str(c.tenure % 2 == 0) for c in CUSTOMERS]
    return Exotic("customers.parquet", features=truth(**{"is new": is_new}))


HAS_PYARROW = importlib.util.find_spec("pyarrow") is not None

FILES: tuple[Callable[[Path], Exotic], ...] = (
    *(decimal_comma, decimal_comma_only, dollars, tabs, pipes, utf16, attrited, latin1, quotes),
    *(titles, empty_ends, more_cells_than_names, repeated_names, missing_words),
    *(totals, infinite, grouped_thousands),
    *(a_word_among_numbers, target_in_many_spellings, blanks, codes),
    *(moments_with_zones, compact_days, american_days, zipped, gzipped, parts, excel, parquet),
)
