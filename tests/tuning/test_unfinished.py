"""A search that was stopped goes on where it was, and ends with the same table."""

from __future__ import annotations

import os
import signal
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from backtest.errors import StudyRefused
from backtest.tuning import blocks
from backtest.tuning.grid import combinations
from backtest.tuning.result import sets_table
from backtest.tuning.search import search
from backtest.tuning.unfinished_search import unfinished

GRID = {"detector.least": [1.0, 2.0, 3.0, 9.0], "episodes.cooldown": [0, 2, 4]}
SETS = combinations(GRID)


@pytest.fixture
def plan(history_of, plan_of):
    rng = np.random.default_rng(31)
    a, b = (100 * np.exp(np.cumsum(rng.normal(0, 0.01, 150))) for _ in range(2))
    marks = rng.choice([0.0, 1.0, 2.0, 3.0], 150, p=[0.85, 0.05, 0.05, 0.05])
    return plan_of(history_of({"A": a, "B": b, "M": marks}, kinds={"M": "rate"}))


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    monkeypatch.setattr(blocks, "SETS", 2)


def stopped_after(n, monkeypatch):
    """Stop the search when it begins another block than the first n."""
    done, true = [], blocks.looks_along

    def look(*given):
        if len(done) == n:
            raise KeyboardInterrupt
        done.append(1)
        return true(*given)

    monkeypatch.setattr(blocks, "looks_along", look)


def search_kept(reports, plan, then=None):
    with unfinished(reports, plan, SETS, resume=False) as kept:
        search(plan, SETS, folder=kept)
        if then:
            raise then


def test_it_goes_on_and_ends_with_the_same_table(plan, tmp_path, monkeypatch):
    whole = sets_table(search(plan, SETS))
    with monkeypatch.context() as patch:
        stopped_after(3, patch)
        with pytest.raises(KeyboardInterrupt):
            search_kept(tmp_path, plan)
    (folder,) = (tmp_path / plan.strategy.name).iterdir()
    assert len(list((folder / "blocks").iterdir())) == 3
    computed, true = [], blocks.looks_along
    monkeypatch.setattr(blocks, "looks_along", lambda *given: computed.append(1) or true(*given))
    with unfinished(tmp_path, plan, SETS, resume=True) as kept:
        again = sets_table(search(plan, SETS, folder=kept))
        total = len(list(kept.iterdir()))
    assert len(computed) == total - 3
    assert again.equals(whole)
    assert not folder.exists()


def test_half_a_block_counts_as_none(plan, tmp_path):
    with unfinished(tmp_path, plan, SETS, resume=False) as kept:
        whole = sets_table(search(plan, SETS, folder=kept))
        first = min(kept.iterdir())
        first.write_bytes(first.read_bytes()[:-4])
        assert sets_table(search(plan, SETS, folder=kept)).equals(whole)


def test_several_processes_give_the_same_table(plan):
    assert sets_table(search(plan, SETS, jobs=2)).equals(sets_table(search(plan, SETS)))


def test_other_inputs_are_refused(plan, tmp_path):
    with (
        pytest.raises(StudyRefused, match="no interrupted search of these sets"),
        unfinished(tmp_path, plan, SETS, resume=True),
    ):
        pass
    with pytest.raises(KeyboardInterrupt):
        search_kept(tmp_path, plan, KeyboardInterrupt())
    changed = plan.on(replace(plan.dataset, sha256="1" * 64))
    with pytest.raises(StudyRefused) as refused, unfinished(tmp_path, changed, SETS, resume=True):
        pass
    assert str(refused.value) == (
        "--resume: the dataset made or its holdout has changed since this search of marked was interrupted. Start it "
        "anew, without --resume."
    )


def test_a_refusal_after_the_work_throws_nothing_away(plan, tmp_path):
    with pytest.raises(StudyRefused, match="late"):
        search_kept(tmp_path, plan, StudyRefused("late.", "Ask again."))
    whole, (kept,) = sets_table(search(plan, SETS)), tmp_path.glob("*/.unfinished-tune-*/blocks")
    done = sorted(path.name for path in kept.iterdir())
    assert done
    with unfinished(tmp_path, plan, SETS, resume=True) as kept:
        assert sorted(path.name for path in kept.iterdir()) == done
        assert sets_table(search(plan, SETS, folder=kept)).equals(whole)
    assert not kept.parent.exists()


@pytest.mark.parametrize("stop", [StudyRefused("early.", "Ask again."), KeyboardInterrupt()])
def test_a_stop_before_any_work_leaves_nothing(plan, tmp_path, stop):
    reports = tmp_path / "reports"
    for before in ((), ("reports",), ("reports", plan.strategy.name)):
        tmp_path.joinpath(*before).mkdir(exist_ok=True)
        there = sorted(tmp_path.rglob("*"))
        with pytest.raises(type(stop)), unfinished(reports, plan, SETS, resume=False):
            raise stop
        assert sorted(tmp_path.rglob("*")) == there


def test_the_same_search_at_once_has_no_folder_and_is_not_resumed(plan, tmp_path):
    with unfinished(tmp_path, plan, SETS, resume=False) as kept:
        assert kept is not None
        with unfinished(tmp_path, plan, SETS, resume=False) as other:
            assert other is None
        with pytest.raises(StudyRefused, match="is running"), unfinished(tmp_path, plan, SETS, resume=True):
            pass


def test_a_search_that_fills_the_disk_is_refused(plan, tmp_path, monkeypatch):
    monkeypatch.setattr(blocks.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 100})())
    with pytest.raises(StudyRefused, match=r"GB, and .* has room for 0\.0 GB"):
        search(plan, SETS, folder=tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_killed_three_times_it_ends_with_the_same_table(plan, tmp_path):
    whole = sets_table(search(plan, SETS))
    folder = tmp_path / "blocks"
    folder.mkdir()
    rng = np.random.default_rng(5)
    for _ in range(3):
        child = os.fork()
        if child == 0:
            search(plan, SETS, folder=folder)
            os._exit(0)
        time.sleep(rng.uniform(0, 0.05))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert sets_table(search(plan, SETS, folder=folder)).equals(whole)
