"""How often each classical test of abnormal returns rejects at 5% where there is nothing to find.

    python tests/benchmarks/classical_sizes.py --histories 1000

Assets follow a market of 1% a session with betas of their own; what the market model leaves has a deviation of 2%.
The estimation window has 120 sessions. Every cell is the share for day 0 and for the sessions 0 to 9, in percent.
"""

from __future__ import annotations

import argparse

import numpy as np

from backtest.abnormal.abnormal_returns import abnormal_returns
from backtest.abnormal.all_tests import CLASSICAL_TESTS
from backtest.abnormal.classical import window_returns
from backtest.abnormal.event_positions import EventPositions
from backtest.abnormal.event_window import EventWindow

SESSIONS, ASSETS, FIRST, LENGTH = 260, 100, 130, 10
WINDOWS = ((0, 0), (0, LENGTH - 1))


def independent(rng):
    return rng.normal(size=(SESSIONS, ASSETS))


def heavy(rng):
    return rng.standard_t(4, (SESSIONS, ASSETS)) / np.sqrt(2)


def factor(rng):
    """A common factor that the model does not know: any two assets are correlated by 0.1."""
    return np.sqrt(0.1) * rng.normal(size=(SESSIONS, 1)) + np.sqrt(0.9) * independent(rng)


def sectors(rng):
    """Five sectors: assets of one sector are correlated by 0.3."""
    of_sector = rng.normal(size=(SESSIONS, 5))
    return np.sqrt(0.3) * of_sector[:, np.arange(ASSETS) % 5] + np.sqrt(0.7) * independent(rng)


def garch(rng):
    """Volatility that clusters in each asset by itself: alpha 0.08, beta 0.9, shocks of t with 5 degrees."""
    shocks = rng.standard_t(5, (SESSIONS + 200, ASSETS)) / np.sqrt(5 / 3)
    variance, rows = np.ones(ASSETS), []
    for shock in shocks:
        rows.append(np.sqrt(variance) * shock)
        variance = 0.02 + 0.08 * rows[-1] ** 2 + 0.9 * variance
    return np.array(rows[200:])


ALL = np.arange(ASSETS)
OWN_DATES = FIRST + ALL
TEN_DATES = FIRST + 12 * (ALL % 10)
ONE_DATE = np.full(ASSETS, FIRST)
NEIGHBOURS = FIRST + ALL // 2
CELLS = {
    "independent, a date each": (independent, ALL, OWN_DATES, 1),
    "heavy tails, a date each": (heavy, ALL, OWN_DATES, 1),
    "GARCH, a date each": (garch, ALL, OWN_DATES, 1),
    "independent, 8 events": (independent, ALL[:8], OWN_DATES[:8], 1),
    "factor, a date each": (factor, ALL, OWN_DATES, 1),
    "factor, 2 a day on 50 days in a row": (factor, ALL, NEIGHBOURS, 1),
    "factor, 10 a day on 10 days": (factor, ALL, TEN_DATES, 1),
    "factor, 100 on one day": (factor, ALL, ONE_DATE, 1),
    "sectors, 10 a day on 10 days": (sectors, ALL, TEN_DATES, 1),
    "sectors, 100 on one day": (sectors, ALL, ONE_DATE, 1),
    "variance times 3, a date each": (independent, ALL, OWN_DATES, 3),
    "variance times 3, factor, 10 a day on 10 days": (factor, ALL, TEN_DATES, 3),
}


def history(rng, world, asset, day0, induced):
    market = rng.normal(0.0003, 0.01, (SESSIONS, 1))
    own = 0.02 * world(rng)
    for event, first in zip(asset, day0, strict=True):
        own[first : first + LENGTH, event] *= np.sqrt(induced)
    returns = market * rng.uniform(0.5, 1.5, ASSETS) + own
    events = EventPositions(asset, day0)
    return abnormal_returns(returns, market, events, "market", EventWindow(0, LENGTH - 1, 120, 0, 60))


def sizes(cell, histories, seed):
    """Return the share of histories with p of at most 5% by test and window, and that without an answer."""
    rejected = np.zeros((len(CLASSICAL_TESTS), len(WINDOWS)))
    silent = np.zeros_like(rejected)
    for number in range(histories):
        found = history(np.random.default_rng([seed, number]), *cell)
        for column, window in enumerate(WINDOWS):
            returns = window_returns(found, *window)
            for row, test in enumerate(CLASSICAL_TESTS):
                p = test(returns).p_value
                rejected[row, column] += p is not None and p <= 0.05
                silent[row, column] += p is None
    return rejected / histories, silent / histories


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--histories", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="worlds whose name contains this text")
    chosen = parser.parse_args()
    print("| world | " + " | ".join(test.name for test in CLASSICAL_TESTS) + " |")
    print("|---" * (len(CLASSICAL_TESTS) + 1) + "|")
    for name, cell in CELLS.items():
        if chosen.only not in name:
            continue
        share, silent = sizes(cell, chosen.histories, chosen.seed)
        shown = [
            "–" if none.all() else " / ".join(f"{100 * one:.1f}" for one in row)
            for row, none in zip(share, silent == 1, strict=True)
        ]
        print(f"| {name} | {' | '.join(shown)} |", flush=True)


if __name__ == "__main__":
    main()
