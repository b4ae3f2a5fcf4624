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
    monkeypatch.setattr(pulling, "Client", lambda: bench.client)


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
    assert lines[1].startswith("Error: dataset 'mine': 1 of 5 requests failed; the existing data are unchanged.")
    assert len(lines) == 2
    assert not (bench.folder / "lock.json").exists()


def test_a_repair_is_done_on_request_and_listed(bench, capsys):
    prices = bodies.fred_csv("DGS10", bodies.RATES)
    twice = prices + prices.splitlines(keepends=True)[-1]
    bench.provider.answers("id=DGS10", twice)
    assert cli.status_of(["data", "pull", "mine", "--json"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "occurs twice, with the same values" in said.err
    assert "--repair duplicate_date=drop" in said.err
    assert said.err.count("\n") == 1
    assert cli.status_of(["data", "pull", "mine", "--json", "--repair", "duplicate_date=drop"]) == 0
    dropped = json.loads(capsys.readouterr().out)["dataset"]["series"]["DGS10"]["dropped"]
    assert ["repaired on request: duplicate_date = drop", 1] in [[one["reason"], one["rows"]] for one in dropped]
    assert cli.status_of(["data", "pull", "mine", "--repair", "duplicate_date=guess"]) == 2


def test_every_request_that_fails_is_named_with_its_series(bench, capsys):
    bench.client.route = lambda _: "http://127.0.0.1:9/"
    assert cli.status_of(["data", "pull", "mine", "--json"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    *lines, error = said.err.splitlines()
    assert [line.split(":")[0] for line in lines] == [
        "yahoo IWM (IWM, PRICE)",
        "fred DGS10 (DGS10)",
        "fred DFEDTAR (target)",
        "fred DFEDTARU (target)",
        "french Sizes (lo30)",
    ]
    assert [line.partition("not requested, because ")[2] for line in lines[2:4]] == [
        "fred.stlouisfed.org could not be reached."
    ] * 2
    assert error.startswith("Error: dataset 'mine': 5 of 5 requests failed; the existing data are unchanged.")


def test_a_dataset_without_providers(capsys):
    assert cli.status_of(["data", "pull", "sample"]) == 1
    assert capsys.readouterr().err == "Error: dataset 'sample': its manifest names no provider to pull from.\n"
