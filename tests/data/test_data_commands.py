"""``backtest data`` and ``backtest show`` on a dataset: words for people, one object for programs."""

import json
import sys

import pytest

from backtest import cli


@pytest.fixture
def here(simple, monkeypatch):
    monkeypatch.chdir(simple.workspace.root)
    monkeypatch.setenv("COLUMNS", "80")
    return simple


@pytest.fixture
def status_of(monkeypatch):
    def run(arguments):
        monkeypatch.setattr(sys, "argv", ["backtest", *arguments])
        return cli.status_of()

    return run


def test_import_then_list_and_show(here, status_of, capsys):
    assert status_of(["data", "import", "mine", "--from", "delivered"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "Imported mine: 1 series, 2024-07-15 to 2024-07-17" in said.out
    assert ["A", "price", "2024-07-15", "2024-07-17", "3", "0"] in [line.split() for line in said.out.splitlines()]
    assert status_of(["data", "list", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["datasets"]}
    assert rows["mine"]["sessions"] == "2024-07-15 to 2024-07-17"
    assert status_of(["show", "mine", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["manifest"]["licence"] == "my own"
    assert shown["dataset"]["series"]["A"]["rows"] == 3
    assert status_of(["show", "mine"]) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_import_as_json_prints_one_object(here, status_of, capsys):
    assert status_of(["data", "import", "mine", "--from", "delivered", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["dataset"]["series"]["A"]["file"] == "a.csv"


def test_a_manifest_that_was_edited_is_shown_as_such(here, status_of, capsys):
    assert status_of(["data", "import", "mine", "--from", "delivered"]) == 0
    assert status_of(["show", "mine"]) == 0
    assert "has changed" not in capsys.readouterr().out
    assert status_of(["show", "mine", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["manifest_change"] is None
    with (here.folder / "manifest.toml").open("a") as file:
        file.write('[roles]\nsmall = "A"\n')
    assert status_of(["show", "mine"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "The manifest has changed since the data were imported; import them again for it to take effect:" in said
    assert "effect: backtest data import mine --from DIR. What follows is what was imported. series kind" in said
    assert status_of(["show", "mine", "--json"]) == 0
    assert "import them again" in json.loads(capsys.readouterr().out)["manifest_change"]


def test_a_pull_is_named_where_the_manifest_names_a_provider(here, status_of, capsys):
    manifest = here.folder / "manifest.toml"
    text = manifest.read_text()
    for more, ending in (('provider = "yahoo"\nsymbol = "A"\n', ", or: backtest data pull mine"), ("", "")):
        manifest.write_text(text + more)
        assert status_of(["run", "streak5", "--dataset", "mine"]) == 1
        assert capsys.readouterr().err.endswith(f"Run: backtest data import mine --from DIR{ending}\n")


def test_without_data(here, status_of, capsys):
    assert status_of(["show", "mine"]) == 0
    assert "Run: backtest data import mine --from DIR" in capsys.readouterr().out
    assert status_of(["show", "mine", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["dataset"] is None


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["mine", "--from", "nowhere"], "nowhere: is not a folder. Give the folder that holds the files: --from DIR\n"),
        (["mien", "--from", "delivered"], "Did you mean 'mine'? For a new dataset of this name: --new\n"),
        (["sample", "--from", "delivered"], "Error: dataset 'sample': its manifest names no file to import.\n"),
    ],
)
def test_refusals_are_one_line(here, status_of, capsys, arguments, line):
    assert status_of(["data", "import", *arguments]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.endswith(line)
    assert said.err.count("\n") == 1
