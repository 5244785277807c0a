"""Where adapters are found, and what a list of them says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bench.data.adapters import builtin_directory, list_adapters, load_spec
from bench.errors import SpecError, UnknownNameError


def test_our_own_adapters_are_found_from_anywhere(home: Path) -> None:
    assert {"telco", "ecommerce", "iranian-churn", "bank-churn", "synthetic-rare"} <= {
        entry.name for entry in list_adapters()
    }


def test_an_unknown_name_gets_the_nearest_one(home: Path) -> None:
    with pytest.raises(UnknownNameError) as caught:
        load_spec("iranian_churn")

    assert str(caught.value) == (
        "unknown dataset 'iranian_churn'; did you mean 'iranian-churn'? "
        "(see: python -m bench list datasets)"
    )


def test_a_name_in_two_different_files_is_an_error_that_names_both(home: Path, add_adapter) -> None:
    add_adapter(name="telco")

    with pytest.raises(SpecError) as caught:
        load_spec("telco")

    ours = builtin_directory() / "telco.toml"
    assert caught.value.message.startswith("two adapters are called 'telco': ")
    assert caught.value.message.endswith(f"{ours.parent.name}/telco.toml and datasets/telco.toml")
    assert caught.value.hint == "rename the one that is yours, the file and its name"


def test_a_copy_of_an_adapter_is_no_clash(home: Path) -> None:
    (home / "datasets").mkdir()
    (home / "datasets" / "telco.toml").write_bytes(
        (builtin_directory() / "telco.toml").read_bytes()
    )

    assert load_spec("telco").name == "telco"


def test_the_same_folder_by_two_ways_is_no_clash(home: Path, add_adapter) -> None:
    add_adapter()
    (home / "link").symlink_to(home / "datasets")

    assert load_spec("demo", datasets_dir=home / "link").name == "demo"


def test_a_broken_adapter_is_listed_with_its_error_and_disturbs_no_other(
    home: Path, add_adapter
) -> None:
    add_adapter("[colums]", name="broken")
    add_adapter(name="fine")

    entries = {entry.name: entry for entry in list_adapters()}

    assert entries["broken"].availability == "broken"
    assert entries["broken"].error == (
        "datasets/broken.toml unknown key 'colums'; did you mean 'columns'?"
    )
    assert entries["fine"].error == ""
    assert load_spec("fine").name == "fine"


def test_availability_says_how_a_file_can_be_had(home: Path, add_adapter) -> None:
    add_adapter(name="beside")
    add_adapter(name="hand", source='file = "hand.csv"', table=None)
    add_adapter(name="web", source='url = "https://example.org/web.csv"', table=None)
    add_adapter(name="kept", source='url = "https://example.org/kept.csv"', table=None)
    add_adapter(name="given", source='file = "given.csv"', table=None)
    add_adapter(name="made", source='generator = "synthetic-rare"', table=None)
    (home / "cache" / "kept").mkdir(parents=True)
    (home / "cache" / "kept" / "kept.csv").touch()
    (home / "data").mkdir()
    (home / "data" / "given.csv").touch()

    entries = list_adapters(data_dir=home / "data")
    found = {entry.name: entry.availability for entry in entries}

    assert {name: found[name] for name in ("beside", "hand", "web", "kept", "given", "made")} == {
        "beside": "here",
        "hand": "by hand",
        "web": "downloadable",
        "kept": "cached",
        "given": "here",
        "made": "built-in",
    }


def test_a_folder_of_adapters_that_does_not_exist_is_an_error(home: Path) -> None:
    with pytest.raises(SpecError, match=r"^nowhere: no such folder of adapters$"):
        list_adapters(Path("nowhere"))


def test_listing_imports_neither_pandas_nor_numpy(home: Path) -> None:
    code = (
        "import sys; from bench.data import list_adapters; assert list_adapters(); "
        "print([m for m in ('pandas', 'numpy', 'scipy') if m in sys.modules])"
    )
    root = Path(__file__).resolve().parents[2]

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root
    )

    assert done.stdout == "[]\n"
