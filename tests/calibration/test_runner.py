"""The same totals on one process and on two, stopped and gone on with, and without what was damaged."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from backtest.calibration.choices import world_task
from backtest.calibration.named_worlds import SIMULATED
from backtest.calibration.runner import _counted, run_histories
from backtest.calibration.signals import Signal
from backtest.calibration.tally import counted
from backtest.errors import BacktestError

WORLD = {world.name: world for world in SIMULATED}


def same(one, other):
    return one.tried.keys() == other.tried.keys() and all(
        np.array_equal(one.tried[key], other.tried[key]) and np.array_equal(one.total[key], other.total[key])
        for key in one.tried
    )


def task(name="gjr", **changes):
    made = world_task(WORLD[name], (Signal("streak", 3), Signal("random", 13)), (1, 21), 600, seed=7)
    return replace(made, **changes)


def test_two_processes_give_what_one_gives():
    steps = []
    alone = run_histories(task(), 23, jobs=1)
    shared = run_histories(task(), 23, jobs=2, progress=lambda done, total: steps.append((done, total)))
    assert same(alone, shared)
    assert steps[0] == (0, 23)
    assert steps[-1] == (23, 23)
    assert alone.tried["verdict"].max() == 23


def test_another_seed_and_another_world_give_other_histories():
    first = run_histories(task(), 4, jobs=1)
    assert not same(first, run_histories(task(seed=8), 4, jobs=1))
    assert not same(first, run_histories(task("garch"), 4, jobs=1))
    assert same(first, run_histories(task(), 4, jobs=1))


def test_a_history_hangs_on_its_number_alone():
    assert same(task().tally(3), task().tally(3))
    more = replace(task(), signals=(*task().signals, Signal("move", 5)), plant=0)
    few = replace(task(), plant=0)
    for number in range(3):  # another signal changes neither the path nor the signals beside it
        assert np.array_equal(few.tally(number).total["verdict"], more.tally(number).total["verdict"][:2])


def test_effects_are_planted_in_turn():
    tried = [task(plant=1).tally(number).tried["power"].any(axis=1).tolist() for number in range(4)]
    assert tried == [[True, False], [False, True]] * 2
    assert task(plant=2).tally(0).tried["power"].any(axis=1).tolist() == [True, True]
    assert "power" not in task(plant=0).tally(0).tried


def test_events_that_change_what_follows_have_a_history_each():
    made = replace(task("induced"), signals=(Signal("random", 13), Signal("clustered", 13)), plant=0)
    both, one = made.tally(2), replace(made, signals=made.signals[:1]).tally(2)
    assert np.array_equal(both.total["verdict"][:1], one.total["verdict"])
    assert both.tried["verdict"].tolist() == [[1, 1, 1]] * 2


@dataclass
class Numbers:
    """Counts its own number, and can be stopped."""

    stop_at: int | None = None
    asked: list[int] = field(default_factory=list)
    chunk: int = 4

    def tally(self, number):
        if number == self.stop_at:
            raise KeyboardInterrupt
        self.asked.append(number)
        return counted({"number": np.array([[float(number) / 3]])})


def test_what_was_stopped_goes_on_where_it_was(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run_histories(Numbers(stop_at=9), 14, jobs=1, folder=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["000000-000004.json", "000004-000008.json"]
    rest = Numbers()
    resumed = run_histories(rest, 14, jobs=1, folder=tmp_path)
    assert rest.asked == list(range(8, 14))
    assert same(resumed, run_histories(Numbers(), 14, jobs=1))
    assert resumed.tried["number"].tolist() == [[14]]
    more = Numbers()  # and more histories add to those that are there; a part of a chunk is counted again
    run_histories(more, 20, jobs=1, folder=tmp_path)
    assert more.asked == list(range(12, 20))


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"tried": 3}', "null"])
def test_a_damaged_chunk_is_counted_again(tmp_path, damage):
    whole = run_histories(Numbers(), 8, jobs=1, folder=tmp_path)
    (tmp_path / "000004-000008.json").write_text(damage)
    again = Numbers()
    assert same(run_histories(again, 8, jobs=1, folder=tmp_path), whole)
    assert again.asked == [4, 5, 6, 7]
    assert json.loads((tmp_path / "000004-000008.json").read_text())


def test_too_few():
    with pytest.raises(BacktestError, match="histories = 0: at least 1"):
        run_histories(Numbers(), 0)
    with pytest.raises(BacktestError, match="jobs = 0: at least 1"):
        run_histories(Numbers(), 5, jobs=0)


def test_a_bug_in_a_process_is_raised():
    broken = replace(task(), horizons=("x",))
    with pytest.raises((TypeError, ValueError)):
        run_histories(broken, 20, jobs=2)


def test_what_was_begun_when_it_was_stopped_is_counted():
    counting = _counted(task(), [(first, first + 2) for first in range(0, 40, 2)], 2)
    first, _ = next(counting)
    begun, tally = counting.throw(KeyboardInterrupt())
    assert begun != first
    assert same(tally, run_histories(task(), begun[1], jobs=1)) or begun[0] > 0
    with pytest.raises(KeyboardInterrupt):
        list(counting)


def test_every_source_of_chance_is_another():
    made = [task(), task("garch"), task(seed=8)]
    drawn = [rng.random() for one in made for number in (0, 1) for rng in one.randomness(number)]
    assert len(set(drawn)) == len(drawn) == 18
