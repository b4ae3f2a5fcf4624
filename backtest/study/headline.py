"""The finding in a sentence or two that a reader repeats, true of the table of horizons."""

from __future__ import annotations

from collections.abc import Sequence

from backtest.format import length, number, period
from backtest.inference.result import HorizonResult
from backtest.inference.verdict import Looks, counted, most_remarkable
from backtest.model import Asked
from backtest.model.significance import stands_out
from backtest.study.result import StudyResult


def headline(study: StudyResult) -> str:
    """Say what came after the events at the look that the verdict speaks of, and how often luck does as much.

    Returns
    -------
    str
        The mean over the events, its base rate, and the adjusted p as a frequency. Simulated data and a detector that
        looks ahead are named first. Where there is no test, it says why.
    """
    said = _said(study)
    if study.plan.dataset.synthetic:
        said = f"SIMULATED: {said}"
    return f"LOOKS AHEAD: {said}" if study.lookahead else said


def _said(study: StudyResult) -> str:
    looks = [asset.looks for asset in study.assets]
    found = most_remarkable(looks)
    if not len(study):
        return "It never happened: there is no event in the sample."
    if not any(result.n for asset in study.assets for result in asset.results):
        return f"Nothing can be said yet: {_none_of(len(study))} complete window at any horizon."
    if found is None:
        return f"Nothing can be said: the {study.measured.word} does not vary, so that there is no test."
    at, result = found
    asset = study.assets[at]
    column = asset.results.index(result)
    mean = float(asset.measurement.summary.judged.mean[column])
    base = float(asset.base_rate.summary.judged.mean[column])
    benchmark = str(study.plan.strategy.measure.benchmark) if study.measured.has_benchmark else ""
    came = what_came(asset.name, benchmark, mean, base, result, len(study))
    return f"{came} {luck(result, looks, asset.doubts.get(result.horizon, ''))}"


def luck(result: HorizonResult, looks: Sequence[Looks], doubt: str) -> str:
    """Say how often luck does as much as a look shows, counting all looks, and why it may not hold."""
    p = result.null_test.p_adjusted or 0.0
    often, only = frequency(p), "only " if stands_out(p) else ""
    does = f"{often} does as much" if often.endswith("always") else f"does as much {only}{often}"
    but = f" But {doubt}." if doubt and stands_out(p) else ""
    return f"Luck alone {does}, {counted(looks)}.{but}"


def frequency(p: float) -> str:
    """Write a probability as how often something happens: ``0.43`` is ``about 4 times in 10``; never zero."""
    if p >= 0.95:
        return "nearly always" if p < 1 else "always"
    for size in (10, 100, 1000):
        n = round(p * size)
        if n > 1 or p * size >= 0.95:
            return f"about once in {size:,}" if n == 1 else f"about {n} times in {size:,}"
    return "less than once in 1,000"


def what_came(asset: str, benchmark: str, mean: float, base: float, result: HorizonResult, events: int) -> str:
    """Say what an asset, or its spread over a benchmark, did on average after the events, beside the base rate.

    Parameters
    ----------
    asset, benchmark : str
        What they are called; without a benchmark, empty.
    mean, base : float
        Over the events with a complete window, and the base rate; fractions.
    result : HorizonResult
        The look.
    events : int
        Events of the study.
    """
    many = " on average" if result.n > 1 else ""
    after = f"After {_events(result.n, events)},"
    if benchmark:
        did = _led(asset, benchmark, mean, many)
        return f"{after} {did} {_over(result.horizon.label)}; the base rate is {_signed(base)} points."
    way = "gained" if mean >= 0 else "lost"
    return (
        f"{after} {asset} {way} {number(abs(mean) * 100)}%{many} {_over(result.horizon.label)}; "
        f"the base rate is {_signed(base)}%."
    )


def _led(asset: str, benchmark: str, mean: float, many: str) -> str:
    size = number(abs(mean) * 100)
    if not size.strip("0."):
        return f"{asset} did as well as {benchmark}{many}"
    return f"{asset} {'led' if mean > 0 else 'lagged'} {benchmark} by {size} points{many}"


def _signed(value: float) -> str:
    text = number(value * 100)
    return f"+{text}" if value > 0 and text.strip("0.") else text


def _over(horizon: Asked) -> str:
    if horizon == 1:
        return "in the next session"
    said = length(horizon)
    about = f" ({said})" if said.startswith("about") else ""
    return f"over the next {period(horizon).removeprefix('1 ')}{about}"


def _events(n: int, of: int) -> str:
    if n < of:
        return f"the {n:,} of {of:,} such events with a complete window"
    return "the only such event" if of == 1 else f"{n:,} such events"


def _none_of(n: int) -> str:
    return "the only event has no" if n == 1 else f"none of the {n:,} events has a"
