"""`tune` from Python: sets that are drawn or written as texts, and a search that goes on."""

from __future__ import annotations

import numpy as np
import pytest

from backtest import tune
from backtest.errors import StrategyInvalid


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
