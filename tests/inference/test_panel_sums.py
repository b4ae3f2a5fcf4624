"""Sums over blocks of assets, against placing every event by hand."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from backtest.inference import panel_detectable
from backtest.inference.detectable import smallest_found
from backtest.inference.panel_detectable import detectable_on_panel, variance_added, windows_met
from backtest.inference.panel_shift import panel_shifts, shifts_of_sums
from backtest.inference.panel_squares import base_of, squares_of
from backtest.inference.panel_sums import PanelCircle, PanelSums, base_changes, sums_of_block
from backtest.inference.panel_without import squares_without

from ..slow_panel_shift import slow_base, slow_scale

N, ASSETS = 90, 7
LENGTHS = (1, 4, 20)
CIRCLE = PanelCircle(6, (80, 78, 64), LENGTHS)


@pytest.fixture(scope="module")
def drawn():
    """Spreads with holes at both ends and within, events also off the circle, and weights."""
    rng = np.random.default_rng(3)
    spreads = [rng.standard_normal((N, ASSETS)) for _ in LENGTHS]
    for spread in spreads:
        spread[rng.random(spread.shape) < 0.1] = np.nan
        spread[:30, 2], spread[50:, 4], spread[:, 5] = np.nan, np.nan, np.nan
    changes = rng.standard_normal((N, ASSETS))
    changes[:30, 2] = np.nan
    asset, day0 = np.nonzero(rng.random((ASSETS, N)) < 0.07)
    return spreads, changes, day0, asset, rng.uniform(0.5, 2.0, (len(day0), len(LENGTHS)))


def blocks_added(drawn, width):
    spreads, changes, day0, asset, weight = drawn
    sums = PanelSums(CIRCLE)
    for first in range(0, ASSETS, width):
        cut, mine = slice(first, first + width), (asset >= first) & (asset < first + width)
        given = [spread[:, cut] for spread in spreads], changes[:, cut], day0[mine], asset[mine] - first, weight[mine]
        sums.add(sums_of_block(CIRCLE, *given))
        sums.add_base(*base_changes(changes[:, cut], np.isfinite(spreads[0][:, cut])))
    return sums


def test_sums_are_those_of_events_placed_one_by_one(drawn):
    spreads, changes, day0, asset, weight = drawn
    sums = blocks_added(drawn, ASSETS)
    for row, (m, spread) in enumerate(zip(CIRCLE.sizes, spreads, strict=True)):
        for k in range(m):
            total = count = 0.0
            for at, held, each in zip(day0 - CIRCLE.first, asset, weight[:, row], strict=True):
                if 0 <= at < m and np.isfinite(value := spread[CIRCLE.first + (at + k) % m, held]):
                    total, count = total + each * value, count + each
            assert sums.total[row, k] == pytest.approx(total, abs=1e-12)
            assert sums.count[row, k] == pytest.approx(count, abs=1e-12)
    for date, earned in sums.rows.items():
        these = day0 - CIRCLE.first == date
        expected = np.nan_to_num(changes[6 : 6 + 81, asset[these]]) @ weight[these, 0]
        np.testing.assert_allclose(earned, expected, atol=1e-12)
        assert sums.weight[date] == pytest.approx(weight[these, 0].sum())
    assert sorted(sums.rows) == sorted({at for at in (day0 - 6).tolist() if 0 <= at < 80})


@pytest.mark.parametrize("width", [1, 2, 3])
def test_blocks_add_up_to_the_whole(drawn, width):
    whole, parts = blocks_added(drawn, ASSETS), blocks_added(drawn, width)
    for column in range(len(LENGTHS)):
        one, other = (shifts_of_sums(sums, column, 0.1, base_of(sums, column)) for sums in (whole, parts))
        np.testing.assert_allclose(one.statistic, other.statistic, rtol=1e-11, atol=1e-12)
        assert one.sessions == pytest.approx(other.sessions, rel=1e-11)


def test_the_same_blocks_give_the_same_bytes(drawn):
    one, other = blocks_added(drawn, 2), blocks_added(drawn, 2)
    assert one.total.tobytes() == other.total.tobytes()
    assert all(one.rows[date].tobytes() == other.rows[date].tobytes() for date in one.rows)


def test_sums_of_different_circles_are_not_added(drawn):
    with pytest.raises(ValueError, match="different circles"):
        blocks_added(drawn, 7).add(PanelSums(PanelCircle(5, CIRCLE.sizes, LENGTHS)))


@pytest.mark.parametrize("pairs", [1, 7, panel_detectable.PAIRS])
@pytest.mark.parametrize("length", [1, 3, 10, 40])
def test_windows_met_are_counted_session_by_session(length, pairs, monkeypatch):
    monkeypatch.setattr(panel_detectable, "PAIRS", pairs)  # all in parts, or at once
    rng = np.random.default_rng(length)
    m, day0, asset = 60, *np.nonzero(rng.random((60, 5)) < 0.06)
    weight = rng.random(len(day0))
    planted = {(one, at + step) for at, one in zip(day0, asset, strict=True) for step in range(1, length + 1)}
    expected = np.zeros(m)
    for k in range(-m - length, m + length + 1):
        for at, one, each in zip(day0, asset, weight, strict=True):
            met = sum((one, at + k + step) in planted for step in range(1, length + 1))
            expected[k % m] += each * met / length
    np.testing.assert_allclose(windows_met(day0, asset, weight, length, m), expected, atol=1e-11)


def test_expected_variance_follows_what_was_known():
    """One asset, one event, one session: E_k is the mean square, moved by the past as far as the past told."""
    rng = np.random.default_rng(6)
    m = 4000
    volatility = np.exp(np.convolve(rng.standard_normal(m + 301), 0.99 ** np.arange(300), "valid")[: m + 1] * 0.12)
    changes = volatility * rng.standard_normal(m + 1)
    found = panel_shifts(changes[1:, None], changes[:, None], np.array([0]), np.array([0]), 1)
    past = np.zeros(m)
    current = np.mean(changes[1:] ** 2)
    for t in range(m):
        past[t], current = current, 0.94 * current + 0.06 * changes[t + 1] ** 2  # known before session t + 1
    inside = slice(300, None)  # the average of the circle begins with its end
    slope = np.polyfit(past[inside], changes[1:][inside] ** 2, 1)[0]
    by_hand = np.mean(changes[1:] ** 2) + slope * (past - past.mean())
    ratio = np.median(changes[1:] ** 2) / np.median(by_hand)  # as large as what came on the median session
    used, level = np.polyfit(past[inside], found.expected[inside], 1)
    np.testing.assert_allclose(found.expected[inside], level + used * past[inside], rtol=1e-5)
    assert used == pytest.approx(ratio * slope, rel=0.1)
    assert 0.2 < slope < 1
    assert np.median(found.expected) == pytest.approx(np.median(changes[1:] ** 2), rel=5e-3)


def test_a_detectable_effect_is_found_in_80_percent_of_cases():
    rng = np.random.default_rng(9)
    m, assets, length, found = 500, 10, 5, []
    for _ in range(150):
        changes = 0.01 * rng.standard_normal((m + length, assets)) + 0.01 * rng.standard_normal((m + length, 1))
        day0, asset = np.nonzero(rng.random((m, assets)) < 0.004)

        def studied(moves, day0=day0, asset=asset):
            ahead = np.lib.stride_tricks.sliding_window_view(moves[1:], length, axis=0).sum(axis=-1)[:m]
            return panel_shifts(ahead - ahead.mean(), moves, day0, asset, length)

        held = np.zeros((m + length, assets), dtype=bool)
        for step in range(1, length + 1):
            held[day0 + step, asset] = True
        kept = 1.0 - held.mean()
        m_h = len(studied(changes).effect)
        met = windows_met(day0, asset, np.ones(len(day0)), length, m_h)
        size = detectable_on_panel(studied(changes), met, kept, length, int(0.05 * m_h))
        statistic = np.abs(studied(changes + held * rng.choice([-1, 1]) * size / length).statistic)
        found.append(np.mean(statistic >= statistic[0]) <= 0.05)
    assert np.mean(found) == pytest.approx(0.8, abs=0.1)  # three standard errors


def test_a_planted_effect_adds_so_much_to_the_realised_variance():
    """Windows cover 28% of the asset-sessions. Alone, and for each unit of noise, by a regression over histories."""
    rng = np.random.default_rng(12)
    m, assets, length, size = 400, 6, 10, 0.05
    of_each = [np.sort(rng.choice(m // length - 1, 11, replace=False)) * length for _ in range(assets)]
    day0, asset = np.concatenate(of_each) + 3, np.repeat(np.arange(assets), 11)  # no windows of one asset overlap
    planted = np.zeros((m + 1, assets))
    for step in range(1, length + 1):
        planted[day0 + step, asset] = size / length
    kept = 1.0 - np.count_nonzero(planted) / (m * assets)
    assert kept == pytest.approx(0.725, abs=0.01)

    def studied(changes):
        ahead = np.concatenate((changes[1:], changes[1 : length + 1]))
        windows = np.lib.stride_tricks.sliding_window_view(ahead, length, axis=0).sum(axis=-1)[:m]
        return panel_shifts(windows - windows.mean(), changes, day0, asset, length)

    alone, crossed = variance_added(studied(planted), kept, length)
    only = float(studied(planted).realised[0])
    assert only == pytest.approx(alone * size**2, rel=0.05)
    met, noise = [], []
    for _ in range(300):
        changes = 0.01 * rng.standard_normal((m + 1, assets))
        bare, both = studied(changes), studied(changes + planted)
        noise.append(bare.effect[0])
        met.append(both.realised[0] - bare.realised[0] - only)
    assert np.polyfit(noise, met, 1)[0] == pytest.approx(crossed * size, rel=0.15)


def test_the_base_by_date_is_the_mean_over_sessions_of_their_mean(drawn):
    spreads, changes, day0, asset, weight = drawn
    sums = blocks_added(drawn, 3)
    for column, (m, length) in enumerate(zip(CIRCLE.sizes, LENGTHS, strict=True)):
        expected = np.zeros(m)
        for t in range(m):
            before = CIRCLE.first + t
            seen = [changes[before + 1, a] for a in range(ASSETS) if np.isfinite(spreads[0][before, a])]
            expected[t] = np.nanmean(seen)
        held = weight[[d - CIRCLE.first in range(m) for d in day0] & complete_at(spreads[column], day0, asset), column]
        np.testing.assert_allclose(base_of(sums, column, "date"), expected * held.sum() * length / m, rtol=1e-9)


def complete_at(spread, day0, asset):
    return np.isfinite(spread[day0, asset])


@pytest.mark.parametrize("length", [1, 4, 20])
def test_squares_without_some_events_are_those_of_the_rest(length):
    rng = np.random.default_rng(60 + length)
    m = 70
    rows = {int(date): rng.standard_normal(m) for date in rng.choice(m, 12, replace=False)}
    base = 0.3 * rng.standard_normal(m)
    some = sorted(rows)[3:8:2]
    left = {date: row * 0.4 if date == some[0] else row for date, row in rows.items() if date not in some[1:]}
    found = squares_without(squares_of(rows, base, length), rows, left, some, 0.7 * base, length)
    expected = squares_of(left, 0.7 * base, length)
    for name in ("dates", "realised", "usual"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=1e-9, atol=1e-12)
    inside = [sum((left.get((j - s) % m, np.zeros(m)) for s in range(length)), -0.7 * base) for j in range(m)]
    np.testing.assert_allclose(expected.usual, [np.mean(one**2) for one in inside], rtol=1e-9)


@pytest.mark.parametrize("length", [11, 12, 13, 40])
def test_a_window_as_long_as_the_circle_holds_each_session_once(length):
    rng = np.random.default_rng(70)
    m = 12
    rows, base = {date: rng.standard_normal(m) for date in (0, 2, 9)}, rng.standard_normal(m)
    found = squares_of(rows, base, length)
    held = np.zeros((m, m))  # shift, time of the portfolio's life
    for k in range(m):
        for date, row in rows.items():
            for step in range(min(length, m)):
                held[k, (date + step) % m] += row[(date + k + step) % m]
        held[k] -= np.roll(base, -k)
    np.testing.assert_allclose(found.realised, (held**2).sum(axis=1), rtol=1e-9)
    np.testing.assert_allclose(found.usual, (held**2).mean(axis=0), rtol=1e-9)


def test_nothing_found_has_no_size():
    assert smallest_found(lambda _: 0.5, 1.0) is None


@pytest.mark.parametrize("length", [1, 2, 9, 50])
def test_the_scale_is_that_of_a_loop(length):
    rng = np.random.default_rng(40 + length)
    m, assets = 260, 5
    changes = rng.standard_normal((m + 1, assets)) * np.exp(0.5 * np.sin(np.arange(m + 1) / 20))[:, None]
    day0, asset = np.nonzero(rng.random((m, assets)) < 0.02)
    day0, asset = np.append(day0, day0[:3]), np.append(asset, (asset[:3] + 1) % assets)  # some share a date
    found = panel_shifts(np.zeros((m, assets)), changes, day0, asset, length)
    base = slow_base(changes, np.ones((m, assets), dtype=bool), len(day0) * length)
    scale, n = slow_scale(changes, base, day0, asset, length)
    assert found.sessions == pytest.approx(n, rel=1e-9)
    np.testing.assert_allclose(found.scale, scale, rtol=1e-9)


def test_windows_met_of_many_events_take_little_memory():
    """A thousand events of each of 20 assets make 20 million pairs, of which few are in memory at a time."""
    day0, asset = np.tile(np.arange(0, 2000, 2), 20), np.repeat(np.arange(20), 1000)
    tracemalloc.start()
    try:
        met = windows_met(day0, asset, np.ones(len(day0)), 1, 2000)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert met.tolist() == [20000.0, 0.0] * 1000  # a window of one session is met at even lags alone
    assert peak < 150e6  # at once they took 0.8 GB
