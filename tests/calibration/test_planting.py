"""An effect that is planted is there, in each window once, and is found when it is large."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from backtest.calibration import one_history
from backtest.calibration.drawn_history import History
from backtest.calibration.one_history import tally_history
from backtest.calibration.planting import after, found_when_planted, planted
from backtest.measure.forward import Leg, forward_returns
from backtest.measure.windows import window_ends
from backtest.model import Horizon, horizons_of


def flat(n=40):
    level = np.full(n, 100.0)
    return Leg(level, level)


def returned(leg, sessions, lag):
    return forward_returns(leg.entry, window_ends(len(leg.entry), [Horizon(sessions)], lag), lag)


def walk(rng, n):
    level = np.cumprod(1 + rng.normal(0, 0.01, n))
    return Leg(level, level)


def test_sessions_after_an_entry():
    assert np.flatnonzero(after(10, np.array([1, 3, 8]), 3)).tolist() == [2, 3, 4, 5, 6, 9]


@pytest.mark.parametrize("lag", [0, 1])
def test_every_window_holds_the_whole_effect_once(lag):
    day0 = np.array([5, 7, 25])  # the first two windows overlap
    asset, benchmark = planted([flat(), flat()], day0, lag, Horizon(4), 0.02)
    spread = returned(asset, 4, lag) - returned(benchmark, 4, lag)
    assert spread[day0, 0] == pytest.approx([0.02] * 3, rel=1e-4)
    daily = np.diff(asset.close) / asset.close[:-1] - np.diff(benchmark.close) / benchmark.close[:-1]
    moved = np.flatnonzero(np.abs(daily) > 1e-12) + 1
    assert moved.tolist() == [d + lag for d in (6, 7, 8, 9, 10, 11, 26, 27, 28, 29)]
    assert daily[moved - 1] == pytest.approx(np.full(10, 0.005))


def test_an_asset_alone_has_all_of_it_and_its_open_moves_along():
    close = np.full(12, 100.0)
    (leg,) = planted([Leg(close, close - 1)], np.array([3]), 1, Horizon(2), 0.04)
    assert returned(leg, 2, 1)[3, 0] == pytest.approx(1.02**2 - 1)
    assert leg.close[3] == 100.0
    assert leg.close[-1] == pytest.approx(100 * 1.02**2)


def test_it_is_added_to_what_happens_anyhow():
    rng = np.random.default_rng(1)
    legs = [walk(rng, 60), walk(rng, 60)]
    moved = planted(legs, np.array([10]), 0, Horizon(5), 0.03)
    before, later = (np.diff(one.close) / one.close[:-1] for one in (legs[0], moved[0]))
    assert later[10:15] - before[10:15] == pytest.approx(np.full(5, 0.003))
    assert later[15:] == pytest.approx(before[15:])


def test_a_large_effect_is_found_and_its_interval_holds_it():
    rng = np.random.default_rng(6)
    legs, day0, eligible = [walk(rng, 1500), walk(rng, 1500)], np.arange(50, 1400, 60), np.arange(1500) >= 3
    found = found_when_planted(History(legs, 0, eligible, [day0]), Horizon(5), 0.05)
    assert found == {"power": 1.0, "power_standardised": 1.0, "power_naive_t": 1.0, "covers_planted": 1.0}
    none = found_when_planted(History(legs, 0, eligible, [day0]), Horizon(5), 0.0)
    assert none["power"] == 1.0 - none["covers_planted"]


@pytest.mark.parametrize("effect", [0.0, 0.004, 0.008, 0.012])
def test_the_yardstick_is_the_t_test_of_scipy_against_the_base_mean(effect):
    rng = np.random.default_rng(11)
    legs, day0, eligible = [walk(rng, 900), walk(rng, 900)], np.arange(50, 850, 110), np.arange(900) >= 3
    found = found_when_planted(History(legs, 0, eligible, [day0]), Horizon(5), effect)
    moved = planted(legs, day0, 0, Horizon(5), effect)
    spread = np.subtract(*(returned(leg, 5, 0)[:, 0] for leg in moved))
    base = spread[eligible & np.isfinite(spread)].mean()
    assert found["power_naive_t"] == float(scipy.stats.ttest_1samp(spread[day0], base).pvalue <= 0.05)


def test_a_single_event_has_no_t_test():
    rng = np.random.default_rng(6)
    legs, eligible = [walk(rng, 500), walk(rng, 500)], np.arange(500) >= 3
    assert np.isnan(
        found_when_planted(History(legs, 0, eligible, [np.array([100])]), Horizon(5), 0.02)["power_naive_t"]
    )


def test_only_the_signals_asked_for_are_planted():
    rng = np.random.default_rng(6)
    legs, eligible = [walk(rng, 800), walk(rng, 800)], np.arange(800) >= 3
    events = [np.arange(20, 700, 50), np.arange(30, 700, 90)]
    tally = tally_history(History(legs, 0, eligible, events), horizons_of((1, 5)), (1,), rng)
    assert tally.tried["power"].tolist() == [[0, 0, 0], [1, 1, 0]]
    assert tally.tried["verdict"].tolist() == [[1, 1, 1]] * 2
    assert tally.total["n"].tolist() == [[14, 14, 0], [8, 8, 0]]
    # the interval holds zero exactly where the own p is above the level
    assert tally.tried["covers"].tolist() == [[0, 0, 0], [1, 1, 0]]
    assert (tally.total["covers"][1, :2] == 1 - tally.total["verdict"][1, :2]).all()


def test_what_is_planted_is_the_detectable_effect_up_or_down(monkeypatch):
    rng = np.random.default_rng(6)
    legs, eligible, day0 = [walk(rng, 800), walk(rng, 800)], np.arange(800) >= 3, np.arange(20, 700, 50)
    effects = []

    def found(history, horizon, effect):
        assert ([events.tolist() for events in history.events], history.lag) == ([day0.tolist()], 1)
        effects.append((horizon.sessions, effect))
        return {"power": 1.0}

    monkeypatch.setattr(one_history, "found_when_planted", found)
    signs = set()
    for seed in range(6):
        history = History(legs, 1, eligible, [day0])
        tally = tally_history(history, horizons_of((1, 5)), (0,), np.random.default_rng(seed))
        (first, up), (second, other) = effects[-2:]
        assert (first, second) == (1, 5)
        assert [abs(up), abs(other)] == tally.total["detectable"][0, :2].tolist()
        signs |= {np.sign(up), np.sign(other)}
    assert signs == {-1.0, 1.0}
