"""``verify``, ``export`` and ``run --from`` as users have them: other processes, other code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import bench
from bench.cli.app import main

SHIMMED = """
from bench.models import Capabilities, Model

class Shimmed(Model):
    name = "shimmed"
    capabilities = Capabilities(libraries=("churnshim",), fit_seconds=0.01)

    def build(self, params, *, seed, threads):
        import churnshim
        from sklearn.linear_model import LogisticRegression
        return LogisticRegression(C=churnshim.C)

MODELS = (Shimmed(),)
"""

RESTLESS = """
import os
from bench.models import Capabilities, Model

class Restless(Model):
    name = "restless"
    capabilities = Capabilities(fit_seconds=0.01)

    def build(self, params, *, seed, threads):
        from sklearn.linear_model import LogisticRegression
        return LogisticRegression(C=1 + os.urandom(1)[0] + os.urandom(1)[0] / 256)

MODELS = (Restless(),)
"""


def ask(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    """Run the command line in this process; nothing here gets as far as a fit."""
    code = main([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def install(folder: Path, version: str, C: float) -> Path:
    """Make ``folder`` look as if pip had installed a library into it."""
    info = folder / f"churnshim-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: churnshim\nVersion: {version}\n", encoding="utf-8"
    )
    (folder / "churnshim.py").write_text(f"C = {C}\n", encoding="utf-8")
    return folder


def with_changed_code(folder: Path, module: str, old: str, new: str) -> Path:
    """Return a folder with a copy of the package in which ``module`` is changed."""
    package = Path(bench.__file__).parent
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(package, folder / "bench", ignore=ignored)
    shutil.copytree(package.parent / "datasets", folder / "datasets", ignore=ignored)
    text = (folder / module).read_text(encoding="utf-8")
    assert text.count(old) == 1
    (folder / module).write_text(text.replace(old, new), encoding="utf-8")
    return folder


def test_an_untouched_folder_is_identical_in_another_process(shop: Any) -> None:
    done = shop.command("verify", "results/shop", "--all")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "7 rows made again: 7 identical\n" in done.stdout
    assert "making 7 rows again: 10 fits that took " in done.stderr
    assert "DIFFERENT" not in done.stdout


@pytest.mark.slow
def test_another_library_version_is_named_as_the_cause(shop: Any) -> None:
    (shop.folder / "mine.py").write_text(SHIMMED, encoding="utf-8")
    old = install(shop.folder / "old", "1.0", 1.0)
    new = install(shop.folder / "new", "2.0", 0.01)
    run = ("run", "--dataset", "shop", "--models", "shimmed,logistic", "--strategies", "none")
    run = (*run, "--tuning", "default", "--folds", "2", "--plugin", "mine.py")
    assert shop.command(*run, path=[old]).returncode == 0

    same = shop.command("verify", "results/shop", "--all", "--plugin", "mine.py", path=[old])
    assert same.returncode == 0, same.stdout
    other = shop.command("verify", "results/shop", "--all", "--plugin", "mine.py", path=[new])
    assert other.returncode == 1, other.stderr
    lines = other.stdout.splitlines()
    at = next(i for i, line in enumerate(lines) if "shimmed+none+default" in line)
    assert ": DIFFERENT (2 fits, tolerance 1e-06): " in lines[at]
    assert lines[at + 1] == (
        "  most likely because of a library version: churnshim 1.0 then, 2.0 now"
    )
    assert "logistic+none+default" in other.stdout
    assert "2 rows made again: 1 identical, 1 different" in other.stdout.replace(
        "1 different, 1 identical", "1 identical, 1 different"
    )


def test_changed_code_is_named_as_the_cause(shop: Any) -> None:
    changed = with_changed_code(
        shop.folder / "changed",
        "bench/evaluation/fitting.py",
        "return self.model.predict_score(self.estimator, X)",
        "return 0.9 * self.model.predict_score(self.estimator, X)",
    )
    done = shop.command("verify", "results/shop", "--row", "1", path=[changed])
    assert done.returncode == 1, done.stderr
    assert (
        "  most likely because of the code: bench/evaluation/fitting.py was changed since\n"
        in done.stdout
    )


@pytest.mark.slow
def test_an_edited_comment_is_no_change_of_code(shop: Any) -> None:
    changed = with_changed_code(
        shop.folder / "changed",
        "bench/evaluation/fitting.py",
        '"""Return one score per row."""',
        '"""Return a score for each row."""  # one each',
    )
    done = shop.command("run", "--from", "results/shop", "--out", "again", path=[changed])
    assert done.returncode == 0, done.stderr
    assert "not as it was" not in done.stderr
    assert "The board is identical to the original's, all 7 rows of it." in done.stdout


@pytest.mark.slow
def test_a_fit_that_is_never_the_same_is_told_from_an_edited_record(shop: Any) -> None:
    (shop.folder / "mine.py").write_text(RESTLESS, encoding="utf-8")
    run = ("run", "--dataset", "shop", "--models", "restless", "--strategies", "none")
    run = (*run, "--tuning", "default", "--folds", "2", "--plugin", "mine.py")
    assert shop.command(*run).returncode == 0
    done = shop.command("verify", "results/shop", "--plugin", "mine.py", "--json")
    assert done.returncode == 1
    (row,) = json.loads(done.stdout)["rows"]
    assert row["verdict"] == "different"
    assert row["causes"] == [
        {
            "kind": "unknown",
            "evidence": "made twice here it comes out in two ways: something in the fit is not "
            "seeded",
        }
    ]


def test_a_bundle_is_checked_where_the_data_are_and_where_they_are_not(
    shop: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shop.folder)
    code, out, _ = ask(capsys, "export", "shop")
    assert code == 0
    assert out.startswith("wrote shop.zip: 7 rows, 10 fits, ")
    shutil.rmtree(shop.store.folder)
    done = shop.command("verify", "shop.zip", "--row", "1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "as their records say: leaderboard.csv, leaderboard.json, leaderboard.md" in done.stdout
    shop.table.unlink()
    code, out, _ = ask(capsys, "verify", "shop.zip", "--datasets-dir", "adapters")
    assert code == 2
    assert "leaderboard.csv: not checked: " in out
    assert "no row can be made again: shop: shop.csv is not here" in out


def test_changed_data_are_told_in_the_first_line(shop: Any) -> None:
    lines = shop.table.read_text(encoding="utf-8").splitlines()
    shop.table.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    done = shop.command("verify", "results/shop", "--row", "1", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["exit_code"]) == (1, 1)
    assert found["digest_now"] != found["digest_then"]
    assert found["rows"][0]["causes"][0]["kind"] == "data"


# --- what is refused ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere",), "nowhere: no results of that name"),
        (("adapters",), "adapters: no results of that name"),
        (("adapters/shop.csv",), "adapters/shop.csv: cannot be read as a bundle"),
        (("results/shop", "--row", "99"), "--row 99: no such row on a board of 7 rows"),
        (("results/shop", "--sample", "0"), "--sample 0 is too few"),
        (("results/shop", "--tolerance", "-1"), "--tolerance -1 is none"),
        (("results/shop", "--tolerance", "nan"), "--tolerance nan is none"),
        (("results/shop", "--jobs", "-1"), "--jobs -1 is too few"),
    ],
)
def test_bad_input_is_one_clear_message(
    shop: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    message: str,
) -> None:
    monkeypatch.chdir(shop.folder)
    code, out, err = ask(capsys, "verify", *arguments, "--datasets-dir", "adapters")
    assert (code, out) == (2, "")
    assert message in err
    assert err.startswith("error: ")


def test_a_model_that_is_not_loaded_names_the_option(
    shop: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shop.store.folder / "run.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"model": "logistic"', '"model": "mine"'), encoding="utf-8")
    code, _, err = ask(capsys, "verify", shop.store.folder)
    assert code == 2
    assert err.endswith("model 'mine' is not loaded\nhint: name its file with --plugin\n")


def test_a_bundle_is_not_written_over_another_file(
    shop: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    target = tmp_path / "thesis.docx"
    target.write_text("years of work")
    code, _, err = ask(capsys, "export", shop.store.folder, "--to", target)
    assert code == 2
    assert "exists already" in err
    assert target.read_text() == "years of work"
    assert ask(capsys, "export", shop.store.folder, "--to", target, "--force")[0] == 0


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (("--models", "logistic"), "--models"),
        (("--folds", "3"), "--folds"),
        (("--seed", "0"), "--seed"),
        (("--rank-by", "brier"), "--rank-by"),
        (("--race",), "--race"),
        (("--config", "x.toml"), "--config"),
        (("--learn-starts",), "--learn-starts"),
        (("--dataset", "telco"), "--dataset"),
    ],
)
def test_what_would_make_it_another_run_is_refused_beside_from(
    shop: Any, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], named: str
) -> None:
    if "--config" in flags:
        config = shop.folder / "x.toml"
        config.write_text("folds = 3\n", encoding="utf-8")
        flags = ("--config", str(config))
    code, _, err = ask(capsys, "run", "--from", shop.store.folder, *flags)
    assert code == 2
    assert err.startswith(f"error: {named} would make it another run than ")


def test_other_data_are_refused_by_from_unless_accepted(
    shop: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = shop.table.read_text(encoding="utf-8").splitlines()
    shop.table.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    options = ("--datasets-dir", shop.table.parent, "--out", shop.folder / "again")
    code, _, err = ask(capsys, "run", "--from", shop.store.folder, *options)
    assert code == 2
    then = shop.store.read_run().facts.digest[:12]
    assert f"error: the run was made on data {then}, here shop is " in err
    code, out, err = ask(
        capsys, "run", "--from", shop.store.folder, *options, "--accept-data", "--plan"
    )
    assert code == 0
    assert "not as it was: data digest" in err
    assert out
