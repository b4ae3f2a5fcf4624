"""A calibration summarised in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

from backtest.calibration.judges import ADJUSTED, VERDICT
from backtest.calibration.placebo import PUBLISHED, PUBLISHED_FROM
from backtest.calibration.result import ANY, Calibration, Rate
from backtest.calibration.tally import monte_carlo_error
from backtest.format import number, period, plural, share
from backtest.model.horizon import written
from backtest.model.significance import LEVEL

DIGITS = 1


def on_worlds(found: Sequence[Calibration]) -> str:
    """Say how often the verdict rejects in worlds without predictability, and in which it rejects most."""
    own = [(one, rate) for one in found for rate in one.rates(VERDICT, [str(h) for h in one.horizons])]
    family = [(one, rate) for one in found for rate in one.rates(ADJUSTED, [ANY])]
    if not own:
        return "No signal gave an event with a complete window."
    high = max(own, key=lambda pair: pair[1].value)
    joint = max(family, key=lambda pair: pair[1].value)
    worlds, often = plural(len(found), "world"), _between([rate.value for _, rate in own])
    return (
        f"In {worlds} without predictability this test rejects {often} of the time at a nominal 5% "
        f"({_counted(high[1])}). Worst: {_place(*high)}. Adjusted for all horizons it rejects at most "
        f"{share(joint[1].value, DIGITS)} of the time: {_place(*joint)}."
    )


def on_plan(found: Calibration, method: str, reason: str) -> str:
    """Say how often the verdict rejects on data like a strategy's own."""
    family = found.worst(ADJUSTED, [ANY])
    if family is None:
        return "No history had an event with a complete window: an error rate cannot be given."
    own = [rate.value for rate in found.rates(VERDICT, [str(h) for h in found.horizons])]
    made = (
        "Histories are quarters of yours in a random order, with the signs of what is judged redrawn."
        if method == "blocks"
        else f"The path and the events are real, as {reason}; the signs of what is judged are redrawn."
    )
    empty = found.histories - family.tried
    none = f" Left out for want of an event with a complete window: {empty:,}." if empty else ""
    return (
        f"On data like yours this test rejects {share(family.value, DIGITS)} of the time when nothing is there "
        f"({_counted(family)}), all horizons counted; at single horizons {_from_to(own)}. {made}{none}"
    )


def on_markets(found: Calibration, signals: int, series: int) -> str:
    """Say where signals without information are rejected most, compared with the best published figure.

    Parameters
    ----------
    found : Calibration
        The placebo by number of events.
    signals, series : int
        The number of signals, and of the series on which they were tried.
    """
    cells = found.rates(VERDICT, [str(h) for h in found.horizons])
    many = [rate for rate in cells if int(rate.row.removeprefix("n = ")) >= PUBLISHED_FROM]
    worst, worst_of_many = (max(some, key=lambda rate: rate.value) for some in (cells, many))
    by_chance = LEVEL + highest_of(len(many)) * monte_carlo_error(LEVEL, worst_of_many.tried)
    return (
        f"{signals:,} signals that know nothing, on {series} series: the verdict rejects most at {_cell(worst)}. "
        f"With {PUBLISHED_FROM} events or more it rejects most at {_cell(worst_of_many)}, beside at most "
        f"{share(PUBLISHED, DIGITS)} in the best published trial. The highest of {len(many)} such cells would be about "
        f"{share(by_chance, DIGITS)} for a test that is exact."
    )


def highest_of(cells: int) -> float:
    """Return about where the highest of a number of independent standard normal values lies (Blom 1958)."""
    return NormalDist().inv_cdf((cells - 0.375) / (cells + 0.25))


def _cell(rate: Rate) -> str:
    error = number(rate.error * 100, DIGITS)
    at = period(written(rate.column))
    return f"{rate.row}, {at}: {share(rate.value, DIGITS)} (Monte Carlo error {error} points)"


def _counted(rate: Rate) -> str:
    return f"{rate.tried:,} histories, Monte Carlo error {number(rate.error * 100, DIGITS)} points"


def _place(one: Calibration, rate: Rate) -> str:
    at = "any horizon" if rate.column == ANY else period(written(rate.column))
    return f"{one.name}, {rate.row}, {at}"


def _from_to(values: Sequence[float]) -> str:
    low, high = _ends(values)
    return low if low == high else f"from {low} to {high}"


def _between(values: Sequence[float]) -> str:
    low, high = _ends(values)
    return low if low == high else f"between {low} and {high}"


def _ends(values: Sequence[float]) -> tuple[str, str]:
    return share(min(values), DIGITS), share(max(values), DIGITS)
