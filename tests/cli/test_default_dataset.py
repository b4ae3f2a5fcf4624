"""The default dataset of a workspace: set in its file, shown, and refused with file and key."""

from __future__ import annotations

import shutil

import pytest

from backtest.api import plan_study
from backtest.workspace import builtin


@pytest.fixture
def mine(folder):
    """The sample under another name, as the default."""
    own = folder / "datasets" / "mine"
    shutil.copytree(builtin("datasets") / "sample", own)
    lock = (own / "lock.json").read_text(encoding="utf-8")
    (own / "lock.json").write_text(lock.replace('"dataset": "sample"', '"dataset": "mine"'), encoding="utf-8")
    manifest = (own / "manifest.toml").read_text(encoding="utf-8")
    (own / "manifest.toml").write_text(manifest.replace('name = "sample"', 'name = "mine"', 1), encoding="utf-8")
    (folder / "backtest.toml").write_text('dataset = "mine"\n', encoding="utf-8")
    return folder


def test_every_command_runs_on_the_default(backtest, mine):
    assert backtest("run", "streak5", "--no-trade", "--json").json["dataset"]["name"] == "mine"
    assert backtest("events", "streak5", "--json").json["dataset"]["name"] == "mine"
    assert backtest("watch", "streak5", "--json").json["dataset"]["name"] == "mine"
    assert plan_study("streak5", workspace=mine).dataset.name == "mine"


def test_the_option_comes_first(backtest, mine):
    assert backtest("events", "streak5", "-d", "sample", "--json").json["dataset"]["name"] == "sample"
    assert plan_study("streak5", "sample", workspace=mine).dataset.name == "sample"


def test_list_and_help_show_it(backtest, mine):
    assert "[default: mine]" in " ".join(backtest("run", "--help").out.split())
    found = backtest("list", "datasets", "--json").json["default_dataset"]
    assert found == {"name": "mine", "set_in": f"{mine / 'backtest.toml'}: dataset", "refused": None}
    assert "Default: mine, set in " in backtest("list", "datasets").out
    (mine / "backtest.toml").write_text("", encoding="utf-8")
    assert "[default: sample]" in " ".join(backtest("run", "--help").out.split())
    assert "Default: sample\n" in backtest("list", "datasets").out


def test_pyproject_sets_it_too(backtest, mine):
    (mine / "backtest.toml").unlink()
    (mine / "pyproject.toml").write_text('[tool.backtest]\ndataset = "mine"\n', encoding="utf-8")
    assert backtest("events", "streak5", "--json").json["dataset"]["name"] == "mine"
    (mine / "backtest.toml").touch()  # it comes first, and sets nothing
    assert backtest("events", "streak5", "--json").json["dataset"]["name"] == "sample"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('dataset = "mien"', "backtest.toml: dataset = 'mien': dataset 'mien' is not in "),
        ("dataset = 5", "backtest.toml: dataset = 5: must be a dataset's name."),
        ('dataset = ""', "backtest.toml: dataset = '': must be a dataset's name."),
        ('datset = "mine"', "backtest.toml: datset: unknown key. Did you mean 'dataset'?"),
        ("dataset =", "backtest.toml: cannot be read: "),
    ],
)
def test_a_default_that_cannot_be_used_is_refused_with_file_and_key(backtest, mine, content, said):
    (mine / "backtest.toml").write_text(content, encoding="utf-8")
    done = backtest("events", "streak5")
    assert (done.status, done.out) == (1, "")
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert said in backtest("list", "datasets").out
    assert backtest("run", "--help").status == 0
    assert backtest("events", "streak5", "--dataset", "sample").status == 0


def test_a_wrong_key_in_pyproject_names_its_table(backtest, folder):
    (folder / "backtest.toml").unlink()
    (folder / "pyproject.toml").write_text('[tool.backtest]\ndataset = "none-such"\n', encoding="utf-8")
    assert "pyproject.toml: [tool.backtest] dataset = 'none-such': " in backtest("run", "streak5").err
    (folder / "pyproject.toml").write_text("[tool.backtest]\nreports = 1\n", encoding="utf-8")
    assert "pyproject.toml: [tool.backtest] reports: unknown key." in backtest("run", "streak5").err
