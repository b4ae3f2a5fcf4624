"""The simulated returns look like returns: fat tails, clusters, common movement, nothing absurd."""

import numpy as np
import pytest

INDICES = ["small_index", "market_index", "tech_index"]
LEGS = ["small", "mega", "market", "equal_weight"]


def log_returns(prices, role):
    return np.diff(np.log(prices.close(role)))


@pytest.mark.parametrize("role", INDICES + LEGS)
def test_fat_tails_and_clusters(prices, role):
    r = log_returns(prices, role)
    r = r - r.mean()
    assert np.mean(r**4) / np.mean(r**2) ** 2 > 4
    assert np.corrcoef(r[1:] ** 2, r[:-1] ** 2)[0, 1] > 0.05
    assert np.corrcoef(np.abs(r[21:]), np.abs(r[:-21]))[0, 1] > 0.05
    assert abs(np.corrcoef(r[1:], r[:-1])[0, 1]) < 0.05


@pytest.mark.parametrize("role", INDICES + LEGS)
def test_nothing_absurd(prices, role):
    close, r = prices.close(role), log_returns(prices, role)
    assert np.isfinite(close).all()
    assert 0.009 < r.std() < 0.015
    assert np.abs(r).max() < 0.16
    drawdown = (close / np.maximum.accumulate(close) - 1).min()
    assert -0.85 < drawdown < -0.35


def test_correlations(prices):
    small, market, tech = (log_returns(prices, role) for role in INDICES)
    assert 0.75 < np.corrcoef(small, market)[0, 1] < 0.92
    assert 0.75 < np.corrcoef(tech, market)[0, 1] < 0.92
    assert 0.55 < np.corrcoef(tech, small)[0, 1] < 0.85


def test_years_do_not_begin_or_end_with_a_jump(prices):
    year = prices.sessions.astype("datetime64[Y]")
    ends = np.flatnonzero(year[1:] != year[:-1])
    for role in INDICES:
        r = np.abs(log_returns(prices, role))
        assert r[ends].mean() < 1.5 * r.mean()
        assert r[ends - 1].mean() < 1.5 * r.mean()


@pytest.mark.parametrize(
    ("leg", "index", "dividends"), [("small", "small_index", 0.013), ("market", "market_index", 0.019)]
)
def test_legs_earn_their_index_and_dividends(prices, leg, index, dividends):
    """Over 38 years, compounded: what tracking leaves is under a tenth of a percent a year."""
    earned = (log_returns(prices, leg).sum() - log_returns(prices, index).sum()) / 38
    assert earned == pytest.approx(dividends, abs=0.001)
    assert np.std(log_returns(prices, leg) - log_returns(prices, index)) < 0.0015


def test_mega_leans_to_tech_and_small_caps_stay_apart(prices):
    mega = log_returns(prices, "mega")
    assert np.corrcoef(mega, log_returns(prices, "market"))[0, 1] > 0.97
    assert (
        np.corrcoef(mega, log_returns(prices, "tech_index"))[0, 1]
        > np.corrcoef(log_returns(prices, "market"), log_returns(prices, "tech_index"))[0, 1]
    )
    assert np.corrcoef(mega, log_returns(prices, "small"))[0, 1] < 0.9


@pytest.mark.parametrize("role", INDICES + LEGS)
def test_opens_lie_between_the_closes(prices, role):
    """About three tenths of the variance falls in the night, the rest in the session."""
    close, opened = prices.close(role), prices.values(role, "open")
    assert np.isfinite(opened).all()
    night, day = np.log(opened[1:] / close[:-1]), np.log(close[1:] / opened[1:])
    assert 0.2 < night.var() / (night.var() + day.var()) < 0.4
    assert abs(np.corrcoef(night, day)[0, 1]) < 0.1


def test_a_rotation_study_has_events(prices):
    """Small caps ahead by five points over five sessions, 21 sessions apart at least."""
    small, market = prices.close("small_index"), prices.close("market_index")
    events, last = [], -100
    ahead_before = False
    for i in range(5, len(small)):
        ahead = small[i] / small[i - 5] - market[i] / market[i - 5] >= 0.05
        if ahead and not ahead_before and i - last > 21:
            events.append(i)
            last = i
        ahead_before = ahead
    assert 8 <= len(events) <= 60
