"""``backtest data pull``: words for people, one object for programs, and one line for each thing that went wrong."""

from __future__ import annotations

import json

import pytest

from backtest import cli
from backtest.data.pull import pulling

from . import bodies
from .conftest import Reply


@pytest.fixture(autouse=True)
def here(bench, monkeypatch):
    monkeypatch.chdir(bench.workspace.root)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(pulling, "Line", lambda: bench.line)


def test_prints_what_was_written(bench, capsys):
    assert cli.status_of(["data", "pull", "mine", "--since", "2024-07-11"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "Pulled mine: 6 series, 2024-07-11 to 2024-07-16" in said.out
    assert "Requests: 5 fetched." in said.out
    assert cli.status_of(["data", "pull", "mine"]) == 0
    assert "Requests: 5 kept from an earlier pull." in capsys.readouterr().out


def test_shows_what_the_firewall_warns_of(bench, capsys):
    bench.provider.answers("id=DGS10", bodies.fred_csv("DGS10", [*bodies.RATES[:3], ("2024-07-15", "42.3")]))
    assert cli.status_of(["data", "pull", "mine"]) == 0
    assert "Warning: DGS10" in capsys.readouterr().out


def test_as_json(bench, capsys):
    assert cli.status_of(["data", "pull", "mine", "--json", "--refresh"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["dataset"]["series"]["target"]["symbol"] == "DFEDTAR, DFEDTARU"
    assert [row["outcome"] for row in said["requests"]] == ["fetched"] * 5


def test_a_failure_is_a_line_a_request_and_an_error(bench, capsys):
    bench.provider.answers("id=DGS10", Reply(b"", 404))
    assert cli.status_of(["data", "pull", "mine", "--json"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    lines = said.err.splitlines()
    assert lines[0] == "fred DGS10 (DGS10): answered 404."
    assert lines[1].startswith("Error: dataset 'mine': 1 of 5 requests failed; the data that were there stay.")
    assert len(lines) == 2
    assert not (bench.folder / "lock.json").exists()


def test_a_dataset_without_providers(capsys):
    assert cli.status_of(["data", "pull", "sample"]) == 1
    assert capsys.readouterr().err == "Error: dataset 'sample': its manifest names no provider to pull from.\n"
