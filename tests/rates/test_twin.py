"""The arrays against a slow twin, over random calendars and strips with holes."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.rates.curve import implied_path
from backtest.rates.fedwatch import VERSIONS, Reason, solve_meetings
from backtest.rates.outcomes import cut_probability, hike_probability, outcome_probabilities

from .made import meetings, month_number, table
from .twin import Row, Twin, length, of, plus


def world(seed: int):
    """Sessions of 2001, quotes of 12 months with holes, and a calendar with every oddity."""
    rng = np.random.default_rng(seed)
    first = dt.date(2001, int(rng.integers(1, 9)), 1)
    days = sorted({first + dt.timedelta(days=int(d)) for d in rng.integers(0, 140, 25)})
    quotes = {
        (day, plus(of(day), n)): round(float(95 + rng.normal(0, 0.3)), 3)
        for day in days
        for n in range(-1, 12)
        if rng.random() > 0.12
    }
    month, rows = plus(of(first), -int(rng.integers(0, 5))), {}
    for n in range(int(rng.integers(3, 18))):
        if rng.random() < 0.65:
            for _ in range(1 + (rng.random() < 0.1)):
                last = length(plus(month, n))
                day = int(rng.choice([1, last, rng.integers(1, last + 1)]))
                row = random_row(rng, dt.date(*plus(month, n), day))
                rows[row.date] = row
    return quotes, list(rows.values()) or [Row(first)]


def random_row(rng, date):
    if rng.random() < 0.15:
        return Row(date, scheduled=False, moved=rng.random() < 0.7, known=date)
    known = date - dt.timedelta(days=int(rng.integers(30, 500)))
    withdrawn = date - dt.timedelta(days=int(rng.integers(0, 60))) if rng.random() < 0.15 else None
    return Row(date, True, rng.random() < 0.5, known, max(withdrawn, known) if withdrawn else None)


@pytest.mark.parametrize("version", VERSIONS)
@given(seed=st.integers(0, 10**6))
def test_every_rate_and_every_probability_is_that_of_the_twin(version, seed):
    quotes, rows = world(seed)
    sessions, contracts = table(quotes)
    calendar = meetings(rows)
    solved = solve_meetings(contracts, sessions, calendar, ahead=6, version=version)
    outcomes = outcome_probabilities(solved)
    cuts, hikes = cut_probability(outcomes), hike_probability(outcomes, moves=2)
    for s, day in enumerate(sessions.tolist()):
        twin = Twin(day, quotes, rows, version)
        expected = twin.odds()[:6]
        assert [calendar.date[i].tolist() for i in solved.meeting[s] if i >= 0] == [date for date, _ in expected]
        for k, (date, odds) in enumerate(expected):
            pair = twin.solve(date)
            assert (solved.reason[s, k] == Reason.SOLVED) == (pair is not None)
            np.testing.assert_allclose([solved.start[s, k], solved.end[s, k]], pair or [np.nan] * 2, atol=1e-9)
            ours = outcomes.probability[s, k]
            if odds is None:
                assert np.isnan(ours).all()
                assert outcomes.reason[s, k] != Reason.SOLVED
                continue
            theirs = [odds.get(int(outcomes.lowest[s, k]) + j, 0.0) for j in range(7)]
            np.testing.assert_allclose(ours, theirs, atol=1e-9)
            np.testing.assert_allclose(cuts[s, k], sum(p for moves, p in odds.items() if moves < 0), atol=1e-9)
            np.testing.assert_allclose(hikes[s, k], sum(p for moves, p in odds.items() if moves > 1), atol=1e-9)


@given(seed=st.integers(0, 10**6))
def test_a_session_sees_nothing_of_what_comes_later(seed):
    quotes, rows = world(seed)
    sessions, contracts = table(quotes)
    n = len(sessions) // 2
    cut = sessions[n - 1].tolist()
    past = {key: price for key, price in quotes.items() if key[0] <= cut}
    known = [row for row in rows if row.known <= cut] or [Row(dt.date(1990, 1, 1))]
    known = [
        Row(r.date, r.scheduled, r.moved, r.known, r.withdrawn if (r.withdrawn or cut) <= cut else None) for r in known
    ]
    whole, calendar = solve_meetings(contracts, sessions, meetings(rows), ahead=4), meetings(rows)
    before = meetings(known)
    if before.date[0] != calendar.date[0]:
        return  # the calendar begins elsewhere: another world
    early_sessions, early_contracts = table(past)
    early = solve_meetings(early_contracts, early_sessions, before, ahead=4)
    for ours, theirs in ((whole.start, early.start), (whole.end, early.end)):
        np.testing.assert_array_equal(ours[: len(early_sessions)], theirs)


@given(seed=st.integers(0, 10**6))
def test_odds_are_odds(seed):
    quotes, rows = world(seed)
    sessions, contracts = table(quotes)
    for version in VERSIONS:
        solved = solve_meetings(contracts, sessions, meetings(rows), ahead=5, version=version)
        outcomes = outcome_probabilities(solved)
        there = outcomes.reason == Reason.SOLVED
        assert (outcomes.probability[there] >= 0).all()
        np.testing.assert_allclose(outcomes.probability[there].sum(axis=1), 1.0, atol=1e-12)
        assert np.isnan(outcomes.probability[~there]).all()


@given(seed=st.integers(0, 10**6))
def test_the_path_holds_what_was_quoted_and_nothing_else(seed):
    quotes, _ = world(seed)
    sessions, contracts = table(quotes)
    path = implied_path(contracts, sessions)
    assert path.shape == (len(sessions), 25)
    for s, day in enumerate(sessions.tolist()):
        for n in range(25):
            price = quotes.get((day, plus(of(day), n)))
            assert np.isnan(path[s, n]) if price is None else path[s, n] == 100 - price


def test_month_numbers_count_from_1970():
    assert month_number((1970, 1)) == 0
    assert month_number((2001, 3)) == int(np.datetime64("2001-03", "M").astype(int))
