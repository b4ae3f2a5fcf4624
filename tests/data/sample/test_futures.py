"""The futures strip: complete, settled on what happened, ahead of the Fed."""

import calendar
import datetime as dt

import numpy as np
import pytest

FIRST_CUTS = ["1995-07-06", "1998-09-29", "2001-01-03", "2007-09-18", "2019-07-31", "2024-09-18", "2025-09-17"]


@pytest.fixture(scope="module")
def strip(prices):
    """Prices of shape (n_sessions, 13), by months ahead."""
    table = prices.contracts("fed_funds_futures")
    months = prices.sessions.astype("datetime64[M]").astype(np.int64)
    ahead = table.month - months[table.session]
    assert ahead.min() == 0
    assert ahead.max() == 12
    filled = np.full((len(prices), 13), np.nan)
    filled[table.session, ahead] = table.price
    return filled


@pytest.fixture(scope="module")
def cuts_priced(prices, strip):
    return (prices.close("policy_rate") - (100 - strip[:, 12])) / 0.25


def test_every_month_on_every_session_since_1994_and_none_before(prices, strip):
    since = prices.sessions >= np.datetime64("1994-01-01")
    assert np.isfinite(strip[since]).all()
    assert np.isnan(strip[~since]).all()


def test_rows_are_sorted_and_unique(prices):
    table = prices.contracts("fed_funds_futures")
    key = table.session * 10_000 + table.month
    assert (np.diff(key) > 0).all()


def test_prices_are_ticks_and_rates_are_not_negative(strip):
    quoted = strip[np.isfinite(strip)]
    assert np.abs(quoted / 0.005 - np.round(quoted / 0.005)).max() < 1e-6
    assert quoted.max() <= 100


def test_an_expiring_contract_settles_on_the_months_average(prices, strip):
    """Every calendar day counts; a day without a session has the rate of the session before it."""
    rate = dict(zip(prices.sessions.tolist(), prices.close("policy_rate").tolist(), strict=True))
    checked = 0
    for i, day in enumerate(prices.sessions.tolist()):
        last_of_month = i + 1 == len(prices) or prices.sessions[i + 1].item().month != day.month
        if day.year < 1994 or not last_of_month:
            continue
        days, current = [], 3.0
        for k in range(1, calendar.monthrange(day.year, day.month)[1] + 1):
            date = dt.date(day.year, day.month, k)
            earlier = max(d for d in rate if d <= date) if date not in rate else date
            current = rate[earlier] if not np.isnan(rate[earlier]) else current
            days.append(current)
        assert 100 - strip[i, 0] == pytest.approx(sum(days) / len(days), abs=0.005)
        checked += 1
    assert checked == 12 * 32


def test_the_strip_moves_ahead_of_first_cuts(prices, cuts_priced):
    usual = np.nanmean(cuts_priced)
    at = np.searchsorted(prices.sessions, np.array(FIRST_CUTS, dtype="datetime64[D]"))
    assert cuts_priced[at - 60].mean() > usual + 0.5
    assert cuts_priced[at - 1].mean() > cuts_priced[at - 60].mean() + 0.5


def test_scheduled_moves_are_priced_better_than_unscheduled_ones(prices, strip, raw_facts):
    """The strip's change over the session of the announcement, per size of the move, two months out."""
    surprise = {True: [], False: []}
    for change in raw_facts["fomc_change"]:
        i = np.searchsorted(prices.sessions, np.datetime64(change["date"]))
        moved = (strip[i - 1, 2] - strip[i, 2]) / (change["to"] - change["from"])
        surprise[change["scheduled"]].append(moved)
    assert np.median(surprise[True]) < 0.35
    assert np.median(surprise[False]) > 0.5


def test_a_ratecut_study_has_events(cuts_priced):
    """At least one more cut priced within five sessions, 21 sessions apart at least."""
    events, last, more_before = 0, -100, False
    for i in range(5, len(cuts_priced)):
        more = bool(cuts_priced[i] - cuts_priced[i - 5] >= 1.0 - 1e-9)
        if more and not more_before and i - last > 21:
            events, last = events + 1, i
        more_before = more
    assert 25 <= events <= 90
