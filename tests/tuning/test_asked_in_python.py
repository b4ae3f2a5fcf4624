"""`tune` from Python: sets that are drawn or written as texts, and a search that goes on."""

from __future__ import annotations

import datetime as dt
import json

import numpy as np
import pytest
from click.testing import CliRunner

from backtest import tune
from backtest.cli import cli
from backtest.errors import StrategyInvalid
from backtest.ledger.book import read_book


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_sets_can_be_drawn_and_written_as_on_the_command_line():
    texts = tune("streak5", {"sessions": "4,5", "threshold": "0.01:0.015:0.005"})
    assert [trial.parameters for trial in texts.trials] == [
        {"detector.sessions": n, "detector.threshold": t} for n in (4, 5) for t in (0.01, 0.015)
    ]
    drawn, again, more = (
        [trial.parameters for trial in tune("streak5", {"sessions": [4, 5], "threshold": "0.01:0.02"}, **how).trials]
        for how in ({"random": 3}, {"random": 3, "jobs": 2}, {"random": 3, "seed": 1})
    )
    assert drawn == again != more
    assert len(drawn) == 3
    assert all(0.01 <= one["detector.threshold"] <= 0.02 for one in drawn)
    own = tune("streak5", random=2).trials
    assert len(own) == 2
    assert set(own[0].parameters) == {"detector.sessions", "detector.threshold"}
    with pytest.raises(StrategyInvalid, match="a range without a step"):
        tune("streak5", {"threshold": "0.01:0.02"})
    with pytest.raises(StrategyInvalid, match="at least 1"):
        tune("streak5", random=0)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([], r"grid: sessions = \[\]: must be a list of values, or a range"),
        (5, "grid: sessions = 5: must be a list of values, or a range"),
        ([4, 4], "grid: sessions: a value is listed twice"),
        ("", "not KEY=V1,V2"),
    ],
)
def test_a_grid_that_says_nothing_is_refused(values, reason):
    with pytest.raises(StrategyInvalid, match=reason):
        tune("streak5", {"sessions": values})


def test_tuples_ranges_and_ranges_with_a_step_are_grids():
    for values in ((4, 5), range(4, 6), np.array([4, 5]), {"from": 4, "to": 5, "step": 1}):
        tried = tune("streak5", {"sessions": values}).trials
        assert [one.parameters["detector.sessions"] for one in tried] == [4, 5]


def test_dates_may_be_written_as_on_the_command_line():
    grid = {"episodes.since": ["2000-01-03", "2010-01-04"], "detector.sessions": [2]}
    found = tune("streak5", grid, dataset="sample")
    days = [dt.date(2000, 1, 3), dt.date(2010, 1, 4)]
    assert [one.parameters["episodes.since"] for one in found.trials] == days
    same = tune("streak5", {**grid, "episodes.since": days}, dataset="sample")
    assert found.frame.equals(same.frame)
    as_texts = tune("streak5", {**grid, "episodes.since": "2000-01-03,2010-01-04"}, dataset="sample")
    assert found.frame.equals(as_texts.frame)


def test_a_search_that_is_saved_is_recorded_and_counted_as_the_commands(tmp_path):
    grid = {"sessions": [2, 3], "threshold": [0.004]}
    settings = {"measure.horizons": [5, 21]}
    tune("streak5", grid, dataset="sample", settings=settings)
    assert not (tmp_path / "reports").exists()
    assert read_book(tmp_path).entries == ()
    tune("streak5", grid, dataset="sample", settings=settings, save=True)
    (line,) = read_book(tmp_path).entries
    (path,) = tmp_path.glob("reports/streak5/tune-*/tune.json")
    saved = json.loads(path.read_text())
    asked = ("--grid", "sessions=2,3", "--grid", "threshold=0.004", "--set", "measure.horizons=5,21")
    command = json.loads(CliRunner().invoke(cli, ["tune", "streak5", "--dataset", "sample", *asked, "--json"]).stdout)
    assert [one["line"] for one in read_book(tmp_path).entries] == [1]  # the same looks are entered once
    assert line["kind"] == "tune"
    differ = {key for key in saved.keys() & command.keys() if saved[key] != command[key]}
    assert differ <= {"run_id", "created", "files"}
    assert {*saved} - {*command} == {"sha256"}
    assert "streak5" in (tmp_path / "reports" / "index.html").read_text()
