"""Which input a condition lacks on a session on which it cannot be judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from backtest.detect.file_parameters import resolve
from backtest.detect.tree import singles
from backtest.model import Detection, Prices
from backtest.plan import Plan
from backtest.rates.meetings import load_meetings

DECISIONS = "policy_change"
"""The detector that needs decisions, not only dates."""

YEAR = 252
"""Sessions beyond the pattern that are searched for a gap."""


def missing_inputs(plan: Plan, detection: Detection, at: int) -> tuple[str, ...]:
    """Name the missing inputs, as of that close.

    Parameters
    ----------
    plan : Plan
        The study.
    detection : Detection
        What its detectors read and answered.
    at : int
        Session position on which the condition is unknown.

    Returns
    -------
    tuple of str
        Series without a value there or in the pattern that ends there, and unknown decisions; or else series with a
        gap within a year; or else all series read.
    """
    prices = plan.dataset.prices.published()
    recent = (*_series(prices, detection.reads, at - int(detection.length[at]), at), *_decisions(plan, prices, at))
    found = recent or tuple(_series(prices, detection.reads, at - YEAR, at))
    return found or (
        f"something among {', '.join(detection.reads)}" if detection.reads else "something other than a series",
    )


def _series(prices: Prices, reads: Sequence[str], since: int, at: int) -> Iterator[str]:
    first = max(since, 0)
    for name in reads:
        if name in prices.tables:
            there = np.isin(np.arange(len(prices)), prices.contracts(name).session)
        else:
            there = np.isfinite(prices.close(name))
        lacking = first + np.flatnonzero(~there[first : at + 1])
        if len(lacking) and not there[at]:
            before = np.flatnonzero(there[:at])
            yield f"{name} (last on {prices.sessions[before[-1]]})" if len(before) else f"{name} (begins later)"
        elif len(lacking):
            yield f"{name} (none on {prices.sessions[lacking[-1]]})"


def _decisions(plan: Plan, prices: Prices, at: int) -> Iterator[str]:
    for one in singles(plan.recipe):
        if one.use == DECISIONS:
            given = resolve(one.values, one.detector.files, one.detector.folder)
            calendar = load_meetings(given["meetings"])
            unknown = calendar.held & np.isnan(calendar.after - calendar.before)
            past = np.flatnonzero(unknown & (calendar.date <= prices.sessions[at]))
            if len(past):
                yield f"the decision of the FOMC meeting of {calendar.date[past[0]]} (meetings = FILE.csv adds it)"
                return
