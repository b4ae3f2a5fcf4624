"""A whole study, from prices to p, against one written down again with loops and lists."""

from __future__ import annotations

import math
import statistics
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import nnls

from backtest.study.run import run_plan

from ..slow_shift import slow_realised, slow_statistics

NAN = float("nan")


@pytest.fixture
def made(history_of):
    """260 sessions; A begins on session 30, B misses a day, events are marked here and there."""
    rng = np.random.default_rng(21)
    n = 260
    volatility = np.repeat(rng.uniform(0.005, 0.03, 13), 20)
    a, b = (100 * np.exp(np.cumsum(rng.normal(0, 1, n) * volatility)) for _ in range(2))
    opens = [level * np.exp(rng.normal(0, 0.002, n)) for level in (a, b)]
    a[:30], b[120] = NAN, NAN
    opens[0][:30], opens[1][77] = NAN, NAN
    marks = np.zeros(n)
    marks[[5, 28, 29, 60, 61, 90, 110, 118, 119, 150, 200, 240, 255, 258]] = 1
    return history_of(
        {"A": a, "B": b, "A.open": opens[0], "B.open": opens[1], "M": marks},
        kinds={"M": "rate"},
    )


def slow_study(prices, horizons, entry, first, last, events, unjudged=()):
    """Everything the table of horizons says, horizon by horizon, session by session."""
    n = len(prices)
    lag = 0 if entry == "close" else 1
    field = "open" if entry == "next_open" else "close"
    a, b = (prices.values(leg, field).tolist() for leg in "AB")
    close_a, close_b = (prices.close(leg).tolist() for leg in "AB")
    daily = [NAN] + [close_a[t] / close_a[t - 1] - close_b[t] / close_b[t - 1] for t in range(1, n)]
    legs = [NAN] + [(close_a[t] / close_a[t - 1] + close_b[t] / close_b[t - 1]) / 2 - 1 for t in range(1, n)]
    variance_now = list(zip(slow_ewma(daily), slow_ewma(legs), strict=True))
    rows, cells, p_values = [], [], []
    for h in horizons:
        spread = {}
        end = {t: at for t in range(n) if (at := slow_end(prices.sessions, t + lag, h)) is not None}
        for t, at in end.items():
            r = (a[at] / a[t + lag] - 1) - (b[at] / b[t + lag] - 1)
            if first <= t <= last and r == r and t not in unjudged:
                spread[t] = r
        steps = {t: end[t] - t - lag for t in spread}
        ahead = {t: slow_realised([level[t + lag : end[t] + 1] for level in (a, b)], steps[t]) for t in spread}
        known = [t for t in spread if not any(math.isnan(v) for v in variance_now[t])]
        fit = [t for t in known if ahead[t] == ahead[t]]
        mean_ahead = statistics.fmean(ahead[t] for t in fit)
        middle = [statistics.fmean(variance_now[t][i] for t in fit) for i in (0, 1)]
        centred = [[variance_now[t][i] - middle[i] for i in (0, 1)] for t in fit]
        # a calm that follows turbulence is no reason to expect turbulence after a calm: no slope below zero
        slopes = nnls(np.array(centred), np.array([ahead[t] - mean_ahead for t in fit]))[0]
        circle = list(spread)
        mean = statistics.fmean(spread[t] for t in circle)
        line = dict.fromkeys(circle, mean_ahead)  # where no variance is known yet, the mean
        line |= {t: mean_ahead + sum(slopes[i] * (variance_now[t][i] - middle[i]) for i in (0, 1)) for t in known}
        scale = {t: max(line[t], 0.1 * mean_ahead) for t in circle}
        places = [circle.index(t) for t in events if t in circle]
        changes = [daily[t + lag + 1] for t in circle]
        of = SimpleNamespace(
            deviation=[spread[t] - mean for t in circle],
            expected=[scale[t] for t in circle],
            realised=[ahead[t] if ahead[t] == ahead[t] else scale[t] for t in circle],
            square=[x * x if x == x else 0.0 for x in changes],
            lengths=[steps[t] for t in circle],
        )
        cell = slow_statistics(of, places)
        p = sum(abs(s) >= abs(cell[0]) * (1 - 1e-9) for s in cell) / len(cell)
        complete = [t for t in events if t in spread]
        returns = [spread[t] for t in complete]
        rows.append(
            {
                "horizon": h,
                "n": len(complete),
                "spread_mean": statistics.fmean(returns),
                "spread_median": statistics.median(returns),
                "asset_mean": statistics.fmean(a[end[t]] / a[t + lag] - 1 for t in complete),
                "benchmark_mean": statistics.fmean(b[end[t]] / b[t + lag] - 1 for t in complete),
                "hit_rate": sum(r > 0 for r in returns) / len(returns),
                "base_spread_mean": statistics.fmean(spread.values()),
                "base_hit_rate": sum(r > 0 for r in spread.values()) / len(spread),
                "excess": statistics.fmean(returns) - statistics.fmean(spread.values()),
                "statistic": cell[0],
                "p_value": p,
            }
        )
        cells.append(cell)
        p_values.append(p)
    for row, p in zip(rows, slow_family(cells, p_values), strict=True):
        row["p_adjusted"] = p
    return rows


def slow_end(sessions, entry, horizon):
    """Where a window ends: so many sessions on, or where pandas finds the same day or the session before it."""
    if isinstance(horizon, int):
        return entry + horizon if entry + horizon < len(sessions) else None
    days = pd.DatetimeIndex(sessions.astype("datetime64[ns]"))
    if entry >= len(days):
        return None
    unit = {"w": "weeks", "m": "months", "y": "years"}[horizon[-1]]
    target = days[entry] + pd.DateOffset(**{unit: int(horizon[:-1])})
    return int(days.get_indexer([target], method="pad")[0]) if target <= days[-1] else None


def slow_ewma(daily):
    seen = [x * x for x in daily if x == x][:21]
    found, variance, begun = [], statistics.fmean(seen), False
    for x in daily:
        if x == x:
            variance, begun = 0.94 * variance + 0.06 * x * x, True
        found.append(variance if begun else NAN)
    return found


def slow_family(cells, p_values):
    shifts = min(len(cell) for cell in cells)
    size = [[abs(s) / statistics.fmean(v * v for v in cell) ** 0.5 for s in cell] for cell in cells]
    left = sorted(range(len(cells)), key=lambda i: -size[i][0])
    adjusted, floor = [0.0] * len(cells), 0.0
    shared = [*range((shifts + 1) // 2), *range(-(shifts // 2), 0)]  # a shift backwards counts from the end
    while left:
        count = sum(max(size[i][k] for i in left) >= size[left[0]][0] * (1 - 1e-6) for k in shared)
        floor = max(floor, count / shifts, p_values[left[0]])
        adjusted[left.pop(0)] = floor
    return adjusted


@pytest.mark.parametrize("entry", ["close", "next_open", "next_close"])
@pytest.mark.parametrize("horizons", [[1, 2, 5, 21], [5, "1w", "1m", "2m"]])
def test_the_table_of_horizons_is_the_one_made_slowly(made, plan_of, entry, horizons):
    study = run_plan(plan_of(made, {"measure.horizons": horizons, "measure.entry": entry}))
    marks = np.flatnonzero(made.close("M") == 1)
    events = [t for t in marks.tolist() if t - 1 not in marks]
    found = study.summary["horizons"]
    for row, expected in zip(found, slow_study(made, horizons, entry, 0, 259, events), strict=True):
        assert row["horizon"] == expected.pop("horizon")
        for key, value in expected.items():
            assert row[key] == pytest.approx(value, rel=1e-9, abs=1e-12), key
        assert row["p_value"] == pytest.approx(expected["p_value"], abs=1e-12)
        assert row["p_adjusted"] == pytest.approx(expected["p_adjusted"], abs=1e-12)
    assert len(events) == study.summary["n_events"] == 11


def test_sessions_that_cannot_be_judged_are_in_neither_base_rate_nor_circle(made, plan_of):
    unjudged = {*range(1, 26), *range(130, 148), 153}
    marks = made.close("M")
    marks[list(unjudged)] = NAN
    study = run_plan(plan_of(made, {"measure.horizons": [1, 21]}))
    events = [28, 60, 90, 110, 118, 150, 200, 240, 255, 258]  # that on 5 cannot be seen any more
    assert [event["day0"] for event in study.summary["events"]] == made.sessions[events].astype(str).tolist()
    expected = slow_study(made, [1, 21], "close", 0, 259, events, unjudged)
    for row, slow in zip(study.summary["horizons"], expected, strict=True):
        assert {key: row[key] for key in slow} == pytest.approx(slow, rel=1e-9, abs=1e-12)
    # 25 + 18 + 1 sessions of 260 cannot be judged. A begins on session 30: of those before, 0 and 26 to 29 were judged.
    # B misses 120: nothing could be entered there.
    sample = study.summary["sample"]
    assert (sample["sessions"], sample["eligible"], sample["not_judged"]) == (260, 216 - 5 - 1, 44)
    assert (sample["not_dated"], sample["not_covered"], sample["no_level"]) == (0, 5, 1)
    # A is there from session 30 on, B misses 120; 21 sessions ahead that is 30 to 238 without 99 and 120.
    assert study.tables["base_rates"].column("n").to_pylist()[1] == 238 - 30 + 1 - 2 - 18 - 1
    a, b = made.close("A"), made.close("B")
    judged = [t for t in range(260) if t not in unjudged]
    for at in study.tables["average_path"].to_pylist():
        inside = [t for t in judged if 0 <= t + at["offset"] < 260]
        ways = [(a[t + at["offset"]] / a[t] - 1) - (b[t + at["offset"]] / b[t] - 1) for t in inside]
        assert at["spread_base"] == pytest.approx(np.nanmean(ways), abs=1e-12)


def test_the_sample_window_cuts_events_base_rates_and_circle(made, plan_of):
    first, last = 55, 205
    since, until = (made.sessions[i].item() for i in (first, last))
    plan = plan_of(made, {"measure.horizons": [5], "episodes.since": since, "episodes.until": until})
    study = run_plan(plan)
    (row,) = study.summary["horizons"]
    (expected,) = slow_study(made, [5], "close", first, last, [60, 90, 110, 118, 150, 200])
    assert {key: row[key] for key in expected} == pytest.approx(expected, rel=1e-9, abs=1e-12)
    base = study.tables["average_path"].to_pylist()
    a, b = made.close("A"), made.close("B")
    for at in base:
        ways = [(a[t + at["offset"]] / a[t] - 1) - (b[t + at["offset"]] / b[t] - 1) for t in range(first, last + 1)]
        assert at["spread_base"] == pytest.approx(np.nanmean(ways), abs=1e-12)
    assert study.summary["sample"] == {
        "first": str(since),
        "last": str(until),
        "sessions": 151,
        "eligible": 151 - 1,  # B has no level on 120
        "not_judged": 0,
        "not_dated": 0,
        "not_covered": 0,
        "no_level": 1,
    }


# A leg that begins later: levels from session 30 on, with entry a session later or not


@pytest.mark.parametrize(("entry", "early"), [("close", 30), ("next_close", 29), ("next_open", 29)])
def test_sessions_before_a_leg_are_no_base_rate(made, plan_of, entry, early):
    study = run_plan(plan_of(made, {"measure.horizons": [1], "measure.entry": entry}))
    sample = study.summary["sample"]
    assert (sample["sessions"], sample["not_judged"], sample["not_covered"]) == (260, 0, early)
    # B has no close on 120 and no open on 77.
    assert (sample["no_level"], sample["eligible"]) == (1, 260 - early - 1)
    # The shortest horizon has as many, but for windows that end after the data, and the one that ends at the gap.
    (n,) = study.tables["base_rates"].column("n").to_pylist()
    assert n == sample["eligible"] - (1 if entry == "close" else 2) - 1


def test_where_day_0_is_the_start_the_last_sessions_begin_no_pattern(made, plan_of):
    # Patterns of 5: those that begin on the last 4 sessions are not complete.
    study = run_plan(plan_of(made, {"detector.pattern": 5, "episodes.day0": "start", "measure.horizons": [1]}))
    sample = study.summary["sample"]
    assert (sample["not_judged"], sample["not_dated"]) == (0, 4)
    assert sample["sessions"] == sum(sample[key] for key in ("eligible", "not_dated", "not_covered", "no_level"))
