"""The figures of each leg against lists."""

from __future__ import annotations

import statistics

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backtest.measure.by_leg import figures_by_leg
from backtest.measure.forward import Forward
from backtest.measure.summaries import summarise_events, summarise_sessions
from backtest.model import horizons_of

NAN = float("nan")
RETURN = st.sampled_from([-0.1, -0.05, 0.0, 0.05, 0.25, NAN])
FALL = st.sampled_from([-0.4, -0.1, -0.02, 0.0])
ROWS = st.lists(st.tuples(RETURN, RETURN, FALL, FALL, FALL), min_size=1, max_size=15)


def made(rows):
    a, b, *falls = (np.array(column)[:, None] for column in zip(*rows, strict=True))
    legs = ("asset", "benchmark", "spread")
    return Forward(
        horizons_of([5]), 0, np.arange(len(a))[:, None] + 5, dict(zip(legs, (a, b, a - b), strict=True))
    ), dict(zip(legs, falls, strict=True))


def check(figures, rows):
    known = [row for row in rows if row[0] == row[0] and row[1] == row[1]]
    returns = {
        "asset": [r[0] for r in known],
        "benchmark": [r[1] for r in known],
        "spread": [r[0] - r[1] for r in known],
    }
    for at, (leg, values) in enumerate(returns.items()):
        falls, of = [row[2 + at] for row in known], figures[leg]
        assert of.n.tolist() == [len(known)]
        got = [of.mean, of.median, of.hit_rate, of.best, of.worst]
        got += [of.drawdown_mean, of.drawdown_median, of.drawdown_worst]
        if not known:
            assert np.isnan(got).all()
            continue
        hits = sum(value > 1e-12 for value in values) / len(values)
        expected = [statistics.fmean(values), statistics.median(values), hits, max(values), min(values)]
        expected += [statistics.fmean(falls), statistics.median(falls), min(falls)]
        np.testing.assert_allclose(np.ravel(got), expected, rtol=0, atol=1e-15)


@given(ROWS, st.data())
def test_figures_agree_with_lists(rows, data):
    forward, falls = made(rows)
    day0 = np.array(sorted(data.draw(st.sets(st.integers(0, len(rows) - 1)))), dtype=np.int64)
    check(figures_by_leg(summarise_events(forward, day0), forward, falls, day0), [rows[t] for t in day0])
    flags = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))))
    sessions = figures_by_leg(summarise_sessions(forward, flags), forward, falls, flags)
    check(sessions, [row for row, flag in zip(rows, flags, strict=True) if flag])
