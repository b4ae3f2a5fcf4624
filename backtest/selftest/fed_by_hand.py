"""Expectations of the Fed from futures: months solved by hand, a published count of cuts, and Kuttner's equation.

References
----------
CME Group, Understanding the CME Group FedWatch tool methodology.
Kuttner, K. N. (2001), Monetary policy surprises and interest rates. Journal of Monetary Economics 47(3), equation 7.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from backtest.model import Contracts
from backtest.rates.curve import cuts_priced
from backtest.rates.fedwatch import solve_meetings
from backtest.rates.meetings import Meetings
from backtest.rates.outcomes import outcome_probabilities
from backtest.rates.surprise import surprises
from backtest.selftest.witnessed import Check, compare

CLOSE = 1e-9
"""Prices such as 94.67 are not exact in binary."""
METHOD = "CME's method, by hand"
EARLIER, LATER = "2024-07-31", "2024-12-18"
"""Meetings around the months in question: between them the calendar is known; a month without a meeting is quiet."""
EFFECTIVE, PRICED, CUTS = 5.33, 3.94, 5.56
"""On 2024-07-16: the effective rate, that of July 2025 from futures, and the cuts between them (docs/fedwatch.md)."""


def fedwatch_checks() -> Iterator[Check]:
    """Solve one meeting between two months, then two meetings in consecutive months.

    August has no meeting and is at 5.33. On 18 September, in a month of 30 days, the target moves: 17 days before it,
    and 13 from it on. October has no meeting and is at 5.08, one cut lower.
    """
    sessions = np.array(["2024-08-15"], "datetime64[D]")
    strip = {"2024-08": 5.33, "2024-09": (17 * 5.33 + 13 * 5.08) / 30, "2024-10": 5.08}
    solved = solve_meetings(
        _quotes(strip), sessions, _meetings(EARLIER, "2024-09-18", LATER), ahead=1, version="chain_post"
    )
    yield compare("rates before and after a cut", METHOD, [5.33, 5.08], [solved.start[0, 0], solved.end[0, 0]], CLOSE)
    # Meetings on 18 September and 10 October; November is quiet at 4.93. October: 9 days before and 22 after, so its
    # average gives what it began with, 5.18. August gives 5.33, so the moves are -0.6 and -1 of 0.25.
    strip = {"2024-08": 5.33, "2024-09": 5.25, "2024-10": (9 * 5.18 + 22 * 4.93) / 31, "2024-11": 4.93}
    solved = solve_meetings(
        _quotes(strip), sessions, _meetings(EARLIER, "2024-09-18", "2024-10-10", LATER), ahead=2, version="chain_post"
    )
    yield compare("rate between two meetings", METHOD, [5.18, 5.18], [solved.end[0, 0], solved.start[0, 1]], CLOSE)
    odds = outcome_probabilities(solved)
    yield compare("lowest outcome of each, in moves", METHOD, [-1, -2], odds.lowest[0])
    yield compare("odds of one cut or none", METHOD, [0.6, 0.4, 0.0], odds.probability[0, 0], CLOSE)
    yield compare("odds of two cuts or one", METHOD, [0.6, 0.4], odds.probability[0, 1, :2], CLOSE)


def cut_checks() -> Iterator[Check]:
    """Count the cuts priced, and measure a surprise."""
    sessions = np.array(["2024-07-16"], "datetime64[D]")
    cuts = cuts_priced(_quotes({"2025-07": PRICED}), sessions, np.array([EFFECTIVE]), 12)
    yield compare("cuts priced on 2024-07-16", "published: 5.56, to two decimals", CUTS, cuts[0], 0.005)
    # The 10th of a month of 31 days: the rate falls by 0.14, for the 21 days that follow: 0.14 x 31 / 21 = 0.20667.
    days = np.array(["2024-10-09", "2024-10-10"], "datetime64[D]")
    month = np.full(2, _month("2024-10"))
    before_after = Contracts(np.arange(2), month, np.array([100 - 5.00, 100 - 4.86]))
    found = surprises(before_after, days, _meetings("2024-10-10"), np.array([1]))
    moves = -0.14 * 31 / 21 / 0.25
    yield compare("surprise on the 10th, in moves", "Kuttner (2001), equation 7, by hand", [moves], found, CLOSE)


def _quotes(rates: Mapping[str, float]) -> Contracts:
    """Quote the average rate of each month on one session."""
    months = np.array([_month(month) for month in rates])
    return Contracts(np.zeros(len(rates), dtype=np.int64), months, 100 - np.array(list(rates.values())))


def _month(month: str) -> int:
    return int(np.datetime64(month, "M").astype(np.int64))


def _meetings(*dates: str) -> Meetings:
    """Meetings that are known long before; what they decide is not."""
    n = len(dates)
    public, never = np.full(n, np.datetime64("2023-01-01")), np.full(n, np.datetime64("NaT", "D"))
    decided, scheduled = np.full(n, np.nan), np.ones(n, dtype=np.bool_)
    return Meetings(np.array(dates, "datetime64[D]"), scheduled, decided, decided, public, never, ~scheduled)
