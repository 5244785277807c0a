"""Adapters are read strictly, and every mistake has one message that names its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.data.adapters import builtin_directory
from bench.data.spec import read_spec
from bench.errors import SpecError
from bench.specs import ColumnsSpec, DatasetSpec, EconomicsSpec, ExpectSpec, SourceSpec, TargetSpec

MINIMAL = 'name = "demo"\n[source]\nfile = "demo.csv"\n[target]\ncolumn = "churned"\n'


def read(home: Path, toml: str, name: str = "demo") -> DatasetSpec:
    path = home / f"{name}.toml"
    path.write_text(toml)
    return read_spec(path)


def test_name_source_and_target_are_enough(home: Path) -> None:
    spec = read(home, MINIMAL)

    assert spec == DatasetSpec(
        "demo", SourceSpec(file="demo.csv"), TargetSpec("churned"), path=str(home / "demo.toml")
    )


def test_every_key_arrives_in_its_field(home: Path) -> None:
    toml = """
        name = "demo"
        title = "Demo"
        [source]
        url = "https://example.org/demo.zip"
        member = "inner/demo.csv"
        sha256 = "AB00000000000000000000000000000000000000000000000000000000000000"
        missing = ["?", -1]
        separator = ";"
        [target]
        column = "churned"
        positive = 1.0
        [columns]
        id = "key"
        drop = ["note"]
        numeric = ["age"]
        categorical = "rest"
        group = "household"
        fill = { age = 0 }
        levels = { plan = { "Basic" = "basic" } }
        [expect]
        rows = 10
        positives = 2
        [economics]
        value = "age"
        clv = 300
    """

    spec = read(home, toml)

    assert spec.source == SourceSpec(
        file="demo.csv",
        url="https://example.org/demo.zip",
        member="inner/demo.csv",
        sha256="ab" + "0" * 62,
        missing=("?", "-1"),
        separator=";",
    )
    assert spec.target == TargetSpec("churned", "1")
    assert spec.columns == ColumnsSpec(
        id=("key",),
        drop=("note",),
        numeric=("age",),
        rest="categorical",
        group="household",
        fill={"age": 0},
        levels={"plan": {"Basic": "basic"}},
    )
    assert spec.expect == ExpectSpec(rows=10, positives=2)
    assert spec.economics == EconomicsSpec(value="age", clv=300.0)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("name = ", "demo.toml: not valid TOML: Invalid value (at end of document)"),
        (
            'name = "demo"\n[source]\nfile = "d.csv"\n',
            "demo.toml: 'target' is missing\nhint: an adapter needs name, [source] and [target]",
        ),
        (
            MINIMAL + "[colums]\n",
            "demo.toml unknown key 'colums'; did you mean 'columns'?\n"
            "hint: keys here: name, title, source, target, columns, expect, economics",
        ),
        (
            MINIMAL + "positve = 1",
            "demo.toml: [target] unknown key 'positve'; did you mean 'positive'?\n"
            "hint: keys here: column, positive",
        ),
        (
            MINIMAL + '[columns]\nrest = "numeric"',
            "demo.toml: [columns] unknown key 'rest'\n"
            "hint: keys here: id, drop, numeric, categorical, dates, date_format, group, time, "
            "fill, levels",
        ),
        (
            MINIMAL + "[expect]\nrows = true",
            "demo.toml: [expect] rows must be a whole number from 0 up, found true/false (true)",
        ),
        (
            MINIMAL + '[economics]\nclv = "much"',
            "demo.toml: [economics] clv must be a number from 0 up, found text ('much')",
        ),
        (
            MINIMAL + "[economics]\nclv = inf",
            "demo.toml: [economics] clv must be a number from 0 up, found a number (inf)",
        ),
        (
            MINIMAL + "[economics]\nclv = 8",
            "demo.toml: [economics] clv = 8.0, incentive = 10.0, contact = 1.0: "
            "expected clv > incentive >= 0, contact >= 0, and some cost",
        ),
        (
            MINIMAL + "[columns]\nnumeric = 3",
            "demo.toml: [columns] numeric must be a list of texts, found a number (3)",
        ),
        (
            MINIMAL + '[columns]\nnumeric = "rest"\ncategorical = "rest"',
            "demo.toml: [columns] only one of numeric and categorical can be 'rest'",
        ),
        (
            MINIMAL + "[columns]\nfill = { age = 2020-01-01 }",
            "demo.toml: [columns] fill.age must be text or a number, found a date (2020-01-01)",
        ),
        (
            MINIMAL + '[columns]\nlevels = { plan = "x" }',
            "demo.toml: [columns] levels.plan must be a table of from = to, found text ('x')",
        ),
        (
            MINIMAL + '[columns]\nid = "age"\nnumeric = ["age"]',
            "demo.toml: column 'age' is declared twice, as id and as numeric",
        ),
        (
            MINIMAL + '[columns]\ndrop = "churned"',
            "demo.toml: column 'churned' is declared twice, as the target and as drop",
        ),
        (
            MINIMAL + "[target.x]\n",
            "demo.toml: [target] unknown key 'x'\nhint: keys here: column, positive",
        ),
        (
            'name = "demo"\nsource = "demo.csv"\n[target]\ncolumn = "y"',
            "demo.toml: [source] must be a table, found text ('demo.csv')",
        ),
        (
            'name = "demo"\n[source]\nlicence = "MIT"\n[target]\ncolumn = "y"',
            "demo.toml: [source] names nothing to read\n"
            'hint: write file = "my.csv", or url = "https://…"',
        ),
        (
            'name = "demo"\n[source]\nurl = "ftp://x/y.csv"\n[target]\ncolumn = "y"',
            "demo.toml: [source] url must start with http:// or https://, found 'ftp://x/y.csv'",
        ),
        (
            'name = "demo"\n[source]\nfile = "y.csv"\nsha256 = "abc"\n[target]\ncolumn = "y"',
            "demo.toml: [source] sha256 must be 64 hexadecimal digits, found 'abc'",
        ),
        (
            'name = "demo"\n[source]\nfile = "y.csv"\n[target]\npositive = "1"',
            "demo.toml: [target] 'column' is missing",
        ),
        (
            MINIMAL.replace('"demo"', '"Demo_1"'),
            "demo.toml: name = 'Demo_1' is not a slug\nhint: use a-z, 0-9 and single hyphens",
        ),
        (
            MINIMAL.replace('"demo"', '"other"'),
            "demo.toml: name = 'other', but the file is called demo.toml\n"
            "hint: rename the file to other.toml, or change the name",
        ),
    ],
)
def test_a_mistake_in_an_adapter_has_one_message(home: Path, toml: str, message: str) -> None:
    with pytest.raises(SpecError) as caught:
        read(home, toml)

    assert str(caught.value) == message


@pytest.mark.parametrize("path", sorted(builtin_directory().glob("*.toml")), ids=lambda p: p.stem)
def test_our_own_adapters_say_where_they_come_from(path: Path) -> None:
    spec = read_spec(path)

    assert spec.title
    assert spec.source.licence
    assert spec.source.citation
    assert spec.source.generator or (spec.source.homepage and len(spec.source.sha256) == 64)
    assert spec.source.generator or spec.source.url or spec.source.manual
    assert spec.expect.rows
    assert spec.expect.positives
