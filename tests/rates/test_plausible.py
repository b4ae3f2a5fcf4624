"""Rates that cannot be have no odds, and a reason; by hand, and on real quotes."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from backtest.data.store.read import load_dataset
from backtest.detect.builtin.probability_cross import detect
from backtest.outlook.at_close import fedwatch_json
from backtest.rates.fedwatch import Reason, solve_meetings
from backtest.rates.meetings import load_meetings
from backtest.rates.outcomes import cut_probability, outcome_probabilities

from .made import meetings, table
from .twin import Row

DAY = dt.date.fromisoformat


def rows(*dates, **more):
    return [Row(DAY(date), **more) for date in dates]


# Targets of 5.00. June and July have a meeting each, on the 3rd: two days of the month lie before the change.
CALENDAR = [*rows("2001-01-10", "2001-05-02", "2001-06-04", "2001-07-03", "2001-12-11")]


def outcomes(calendar=CALENDAR, day="2001-06-01", **rates):
    sessions, contracts = table({(DAY(day), (2001, int(m[1:]))): 100 - rate for m, rate in rates.items()})
    return outcome_probabilities(solve_meetings(contracts, sessions, meetings(calendar), ahead=2, version="typed_2015"))


def test_a_start_far_from_the_target_and_from_its_month_has_no_odds():
    # June: 3 days before, 27 after. Its end is July's 4.85, so its start is (30 * june - 27 * 4.85) / 3.
    # june = 4.90: 5.35, 0.35 above the target and 0.45 above June's own rate
    far = outcomes(m6=4.90, m7=4.85, m8=4.85)
    assert far.reason[0].tolist() == [Reason.CONTRADICTS_TARGET, Reason.EARLIER_UNSOLVED]
    assert np.isnan(far.probability).all()
    assert np.isnan(cut_probability(far)).all()
    # june = 4.88: 5.15, within a move of the target
    assert outcomes(m6=4.88, m7=4.85, m8=4.85).reason[0, 0] == Reason.SOLVED


def test_the_effective_rate_may_stand_away_from_the_target():
    # start (30 * 4.60 - 27 * 4.60) / 3 = 4.60: 0.40 from the target, but it is June's own rate
    assert outcomes(m6=4.60, m7=4.60, m8=4.60).reason[0, 0] == Reason.SOLVED


def test_a_quoted_average_is_never_doubted():
    # no meeting in May: its settlement of 4.40 is June's start, 0.60 from the target and 0.50 from June's 4.90
    calendar = [row for row in CALENDAR if row.date.month != 5]
    sessions, contracts = table(
        {(DAY("2001-05-31"), (2001, 5)): 95.6, (DAY("2001-06-01"), (2001, 6)): 95.1, (DAY("2001-06-01"), (2001, 7)): 95}
    )
    solved = solve_meetings(contracts, sessions, meetings(calendar), ahead=1, version="typed_2015")
    assert solved.start[1, 0] == pytest.approx(4.4)
    assert outcome_probabilities(solved).reason[1, 0] == Reason.SOLVED


def test_a_target_below_zero_is_not_determined():
    # May without a meeting at 5.00; June 3 days at 5.00 and 27 at -0.30 is 0.23: target 5.00 - 5.30 = -0.30
    calendar = [row for row in CALENDAR if row.date.month != 5]
    for june, reason in ((0.23, Reason.BELOW_ZERO), (0.50, Reason.SOLVED)):  # 0.50: end 0, target 0
        quotes = {(DAY("2001-05-31"), (2001, 5)): 95.0, (DAY("2001-06-01"), (2001, 6)): 100 - june}
        sessions, contracts = table(quotes)
        solved = solve_meetings(contracts, sessions, meetings(calendar), ahead=1, version="typed_2015")
        assert outcome_probabilities(solved).reason[1, 0] == reason


def test_on_real_quotes_the_odds_of_autumn_2001_are_not_determined(us_size):
    # 2001-10-01: start 7.065 with a target of 3.00, since September's cut came unscheduled; its odds were 60% of -1.75
    for day in ("2001-09-17", "2001-09-28", "2001-10-01", "2001-10-26", "2001-11-06"):
        first, second, *_ = fedwatch_json(us_size, "us-size", DAY(day))["meetings"]
        assert first["reason"] == "not determined: the rate solved before it contradicts the target"
        assert (first["cut"], first["hike"], first["outcomes"]) == (None, None, [])
        assert second["reason"] is not None
    first = fedwatch_json(us_size, "us-size", DAY("2001-09-10"))["meetings"][0]
    assert (first["reason"], first["meeting"]) == (None, "2001-10-02")


def test_no_odds_of_the_next_meeting_on_real_quotes_are_absurd(us_size):
    prices = load_dataset(us_size.dataset("us-size")).prices.published()
    solved = solve_meetings(prices.contracts("FF"), prices.sessions, load_meetings())
    doubted = prices.sessions[solved.doubt[:, 0] == Reason.CONTRADICTS_TARGET]
    # counted apart from the package: 89 sessions at the calendar's beginning, 37 of autumn 2001, none since
    assert len(doubted) == 126
    assert np.unique(doubted.astype("datetime64[Y]")).astype(str).tolist() == ["1993", "1994", "2001"]
    odds = outcome_probabilities(solved)
    known = np.isfinite(odds.probability[:, 0, 0])
    moves = ((solved.end - solved.start) / 0.25)[known, 0]
    assert np.abs(moves).max() < 4
    found = detect(prices, futures="FF", threshold=0.5)
    at = np.searchsorted(prices.sessions, np.datetime64("2001-10-01"))
    assert not found.known[at]
    assert np.isnan(found.indicator.values[at])
