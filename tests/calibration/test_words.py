"""Sentences from counts that were made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.calibration.result import Calibration
from backtest.calibration.tally import Tally
from backtest.calibration.words import highest_of, on_markets, on_plan, on_worlds


def found(counts, tried, name="w", rows=None):
    """Own p and adjusted p at 5, 21 and any sessions: rejections out of so many histories."""
    tries = {key: np.full(np.shape(values), tried) for key, values in counts.items()}
    totals = {key: np.array(values, dtype=float) for key, values in counts.items()}
    n = len(counts["verdict"])
    names = tuple(rows or (f"streak n = {i}" for i in range(n)))
    return Calibration(name, "a world", names, (5, 21), Tally(tries, totals), tried, 100, 1)


def test_a_plan():
    made = found({"verdict": [[78, 122, 180]], "adjusted": [[50, 60, 104]]}, 2000)
    assert on_plan(made, "blocks", "") == (
        "On data like yours this test rejects 5.2% of the time when nothing is there (2,000 histories, Monte "
        "Carlo error 0.5 points), all horizons counted; at single horizons from 3.9% to 6.1%. Histories are "
        "quarters of yours in a random order, with the signs of what is judged redrawn."
    )
    real = on_plan(made, "real path", "its dates are listed")
    assert real.endswith(
        " The path and the events are real, as its dates are listed; the signs of what is judged are redrawn."
    )


def test_histories_without_an_event_are_named():
    made = found({"verdict": [[4, 4, 4]], "adjusted": [[2, 2, 2]]}, 50)
    some = Calibration("w", "", made.rows, made.horizons, made.tally, 53, 100, 1)
    assert on_plan(some, "blocks", "").endswith(" Left out for want of an event with a complete window: 3.")
    none = found({"verdict": [[0, 0, 0]], "adjusted": [[0, 0, 0]]}, 0)
    assert on_plan(none, "blocks", "") == (
        "No history had an event with a complete window: an error rate cannot be given."
    )


def test_worlds():
    calm = found({"verdict": [[10, 9, 20], [8, 12, 20]], "adjusted": [[4, 4, 10], [4, 4, 9]]}, 200, "calm")
    wild = found({"verdict": [[10, 14, 20], [9, 9, 20]], "adjusted": [[4, 4, 10], [4, 4, 11]]}, 200, "wild")
    assert on_worlds([calm, wild]) == (
        "In 2 worlds without predictability this test rejects between 4.0% and 7.0% of the time at a nominal "
        "5% (200 histories, Monte Carlo error 1.8 points). Worst: wild, streak n = 0, 21 sessions. Adjusted "
        "for all horizons it rejects at most 5.5% of the time: wild, streak n = 1, any horizon."
    )


def test_one_rate_is_no_range():
    made = found({"verdict": [[10, 10, 10]], "adjusted": [[10, 10, 10]]}, 200)
    assert " this test rejects 5.0% of the time at a nominal 5% (200 histories" in on_worlds([made])


def test_markets():
    made = found({"verdict": [[60, 40, 100], [54, 50, 100]]}, 1000, rows=("n = 5", "n = 30"))
    # two cells of 30 events or more: the higher of two lies 0.59 errors of 0.69 points above 5%
    assert on_markets(made, 4000, 18) == (
        "4,000 signals that know nothing, on 18 series: the verdict rejects most at n = 5, 5 sessions: 6.0% "
        "(Monte Carlo error 0.8 points). With 30 events or more it rejects most at n = 30, 5 sessions: 5.4% "
        "(Monte Carlo error 0.7 points), beside at most 5.1% in the best published trial. The highest of 2 "
        "such cells would be about 5.4% for a test that is exact."
    )


@pytest.mark.parametrize(("cells", "table"), [(2, 0.5642), (10, 1.5388), (20, 1.8675)])
def test_highest_of_many(cells, table):
    """The mean of the highest of n standard normal numbers, as tables of order statistics have it."""
    assert highest_of(cells) == pytest.approx(table, abs=0.03)
