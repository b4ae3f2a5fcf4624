"""`tune` from Python: sets that are drawn or written as texts, and a search that goes on."""

from __future__ import annotations

import pandas as pd
import pytest

from backtest import tune
from backtest.errors import StrategyInvalid
from backtest.tuning import blocks


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


def test_an_interrupted_search_goes_on(tmp_path, monkeypatch):
    grid = {"detector.sessions": [4, 5]}
    whole = tune("streak5", grid)
    assert not (tmp_path / "reports").exists()  # nothing is kept that nobody asked for
    computed, true = [], blocks.looks_along

    def stopped(*given):
        if len(computed) == 2:
            raise KeyboardInterrupt
        computed.append(1)
        return true(*given)

    monkeypatch.setattr(blocks, "looks_along", stopped)
    with pytest.raises(KeyboardInterrupt):
        tune("streak5", grid, resume=True)
    monkeypatch.setattr(blocks, "looks_along", lambda *given: computed.append(1) or true(*given))
    pd.testing.assert_frame_equal(tune("streak5", grid, resume=True).frame, whole.frame)
    assert len(computed) == len(whole.horizons)  # each horizon once, two of them before
    assert not list((tmp_path / "reports" / "streak5").glob(".unfinished*"))
