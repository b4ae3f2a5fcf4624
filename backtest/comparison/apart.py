"""Whether any two studies differ by more than chance."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from backtest.comparison.entries import Entry
from backtest.comparison.what_was_found import ALL, SHARED, Found
from backtest.format import period, plural, points, points_range, share_of_cases
from backtest.inference.contrast import Contrast
from backtest.inference.multiple import family_p_values
from backtest.model import Asked, measured_by
from backtest.model.significance import LEVEL, stands_out
from backtest.untyped import Json

OTHER_MEASURE = "one judges a spread, the other a return"
SIMULATED = "one is simulated, the other is not"
NOT_MEASURED = "not both have a complete window at this horizon"
"""Without an event there is none, either."""
NOT_ASKED = "not both studies have this horizon"
NAMED = 3
"""Differences that a sentence names."""
CONFIDENCE = f"{1 - LEVEL:.0%}"


@dataclass(frozen=True, eq=False)
class Apart:
    """Two studies: the difference of their excesses, or why none is tested.

    Attributes
    ----------
    first, second : int
        Positions of the studies.
    on : str
        Over all events of both, or over those alone that both date to the same day, a pair each.
    test : Contrast or None
        None where none is tried.
    reason : str or None
        Why there is no p.
    """

    first: int
    second: int
    on: str
    test: Contrast | None
    reason: str | None = None


def differences_at(entries: Sequence[Entry], horizon: Asked | None) -> list[Apart]:
    """Compare every study with every other at one horizon.

    Parameters
    ----------
    entries : sequence of Entry
        The studies.
    horizon : int, str or None
        As a strategy writes it.
    """
    return [
        found for i, j in itertools.combinations(range(len(entries)), 2) for found in _compared(entries, i, j, horizon)
    ]


def _compared(entries: Sequence[Entry], i: int, j: int, horizon: Asked | None) -> list[Apart]:
    a, b = entries[i], entries[j]
    first, second = a.found, b.found
    reason = next((entry.lacking for entry in (a, b) if not entry.known), None)
    if measured_by(a.run["legs"]) != measured_by(b.run["legs"]):
        reason = OTHER_MEASURE
    elif a.run["dataset"]["synthetic"] != b.run["dataset"]["synthetic"]:
        reason = SIMULATED
    elif reason is None:
        reason = _unmeasured(first, second, horizon)
    if reason is not None or first is None or second is None or horizon is None:
        return [Apart(i, j, ALL, None, reason)]
    return [Apart(i, j, on, test, test.reason) for on, test in first.against(second, horizon)]


def _unmeasured(first: Found | None, second: Found | None, horizon: Asked | None) -> str | None:
    """Return why not both were measured at a horizon; None if they were."""
    if any(one is not None and horizon not in one.horizons for one in (first, second)):
        return NOT_ASKED
    return NOT_MEASURED if first is None or second is None else None


def differences_json(entries: Sequence[Entry], labels: Sequence[str], horizon: Asked | None) -> list[Json]:
    """Return every difference, adjusted for all of them, the most remarkable first; None for what is not given."""
    found = differences_at(entries, horizon)
    tests = [one.test for one in found]
    shifts = [np.zeros(0) if test is None else test.shifts for test in tests]
    p = [float("nan") if test is None or test.p_value is None else test.p_value for test in tests]
    adjusted = family_p_values(shifts, p, [_circle(entries, one) for one in found])
    rows = [
        {
            "first": labels[one.first],
            "second": labels[one.second],
            "on": one.on,
            "n": [0, 0] if one.test is None else list(one.test.n),
            "of": [_measured(entries[at], horizon) for at in (one.first, one.second)],
            "sessions": 0 if one.test is None else one.test.sessions,
            "difference": None if one.test is None else one.test.difference,
            "ci_low": None if one.test is None else one.test.low,
            "ci_high": None if one.test is None else one.test.high,
            "p_value": None if one.test is None else one.test.p_value,
            "p_adjusted": None if joint != joint else joint,
            "reason": one.reason,
        }
        for one, joint in zip(found, adjusted, strict=True)
    ]
    return sorted(rows, key=lambda row: (row["p_adjusted"] is None, row["p_adjusted"] or 0.0, row["p_value"] or 0.0))


def _measured(entry: Entry, horizon: Asked | None) -> int:
    return next((int(row["n"]) for row in entry.run["horizons"] if row["horizon"] == horizon), 0)


def _circle(entries: Sequence[Entry], one: Apart) -> Hashable:
    """Return what determines the sessions that two studies have in common."""
    data = tuple(sorted(entries[at].run["dataset"]["sha256"] for at in (one.first, one.second)))
    return (*data, one.test.sessions if one.test else 0)


def said_of(rows: Sequence[Json], horizon: Asked | None, studies: int) -> str:
    """Say whether any two studies differ by more than chance, in one or two sentences."""
    tried = [row for row in rows if row["p_adjusted"] is not None]
    if not tried:
        why = "; ".join(dict.fromkeys(row["reason"] for row in rows if row["reason"])) or "there is no horizon"
        return f"{'The difference was' if studies == 2 else 'Differences were'} left untested: {why}."
    over = f"over {period(horizon or 0)}"
    n = len(tried)
    counted = "" if n == 1 else f", with {'both' if n == 2 else f'all {n:,}'} differences counted"
    standing = [row for row in tried if stands_out(row["p_adjusted"])]
    first = _worded(tried[0])
    luck = f"chance alone gives as much in {share_of_cases(tried[0]['p_adjusted'])} of cases{counted}"
    if n == 1:
        return (
            f"The difference {over} is {'unlikely to be' if standing else 'consistent with'} chance: {first}; {luck}."
        )
    if not standing:
        every = "Both" if n == 2 else f"All {n:,}"
        return f"{every} differences {over} are consistent with chance. The most remarkable: {first}; {luck}."
    if len(standing) == 1:
        return f"One of {n:,} differences {over} is unlikely to be chance: {first}; {luck}."
    named = "; ".join(f"{_worded(row)}, by chance in {share_of_cases(row['p_adjusted'])}" for row in standing[:NAMED])
    more = f"; and {len(standing) - NAMED:,} more" if len(standing) > NAMED else ""
    return (
        f"{len(standing):,} of {n:,} differences {over} are unlikely to be chance, all counted: {named} of cases{more}."
    )


def _worded(row: Json) -> str:
    n, common = row["n"], ""
    if row["on"] == SHARED:
        common = f" on the {plural(n[0], 'event')} that both have"
    elif n != row["of"]:
        common = (
            f" on the sessions that both use ({n[0]:,} of {row['of'][0]:,} and {n[1]:,} of {row['of'][1]:,} events)"
        )
    sizes = "" if row["ci_low"] is None else f" ({CONFIDENCE} interval {points_range(row['ci_low'], row['ci_high'])})"
    return f"{row['first']} minus {row['second']}{common}, {points(row['difference'])}{sizes}"
