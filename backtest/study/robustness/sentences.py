"""What a reader must know besides one horizon's verdict, in sentences that agree with the tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest.format import joined, number, plural, points, probability, share
from backtest.inference.effect import TOO_MANY_WINDOWS
from backtest.inference.opinions.disagreement import disagreement, overlap_of
from backtest.inference.opinions.local_shifts import LONGEST
from backtest.inference.result import HorizonResult
from backtest.model.significance import stands_out
from backtest.study.asset_result import AssetResult
from backtest.study.robustness.counting_words import counting_sentence
from backtest.study.robustness.influence_words import influence_sentence, parts_sentence
from backtest.study.robustness.matched import MATCHINGS, PANEL_MATCHINGS, MatchedRate
from backtest.study.robustness.parts import Part
from backtest.study.robustness.rests_on import Robustness

LONG = 504
"""Sessions that a part needs before its variance ratio is reported."""
APART = 1.5
"""How many times one part's variance ratio must exceed another's for the sample to count as two histories."""
MOST = 0.9
"""Share of an effect that the excess keeps below which the interval lies visibly elsewhere than around the excess."""
COVERED = 50
"""Below this product of events and sessions, the test does not fully offset the variance that events bring along."""


def remarks_on(asset: AssetResult, found: Robustness, column: int) -> dict[str, str]:
    """Say what the finding at one horizon rests on.

    Parameters
    ----------
    asset : AssetResult
        The asset.
    found : Robustness
        What its finding rests on.
    column : int
        Which horizon.

    Returns
    -------
    dict of str to str
        Sentences by code, most important first; without the codes that have nothing to say.
    """
    result = asset.results[column]
    if result.null_test.p_value is None:
        return {}
    measured = asset.day0[np.isfinite(asset.base_rate.forward.judged[asset.day0, column])]
    days = np.array(sorted(set(measured.tolist())))  # np.unique imports masked arrays, a thirtieth of a run
    overlap = overlap_of(days, asset.base_rate.forward.lengths[days, column])
    sentences = {
        "counting": counting_sentence(asset.counting_rules, column),
        "influence": influence_sentence(found.influence, column),
        "halves": parts_sentence(found.halves, column, result.horizon, "The halves of the sample"),
        "seam": parts_sentence(found.sides, column, result.horizon, "The parts of the sample at a seam of the data"),
        "regimes": _regimes(result, found.sides or found.halves, column),
        "kept": kept_sentence(result),
        "variance": _variance(result) or _few(result),
        "standardised": _standardised(result),
        "opinions": disagreement(result.null_test.p_value, found.opinions[column], overlap),
        "matched": matched_sentence(result, found.matched, column),
    }
    return {code: text for code, text in sentences.items() if text}


def _regimes(result: HorizonResult, parts: Sequence[Part], column: int) -> str:
    """Say where the sample is two histories: changes continue in one part and reverse in the other."""
    seen = [part for part in parts if np.isfinite(part.variance_ratio[column]) and part.sessions[column] >= LONG]
    if result.horizon.sessions > LONGEST or len(seen) < 2:
        return ""
    low, high = (choose(seen, key=lambda part: part.variance_ratio[column]) for choose in (min, max))
    if high.variance_ratio[column] < APART * low.variance_ratio[column]:
        return ""
    first, second = (
        f"{number(part.variance_ratio[column])} times from {part.first} to {part.last}"
        for part in sorted((low, high), key=lambda part: part.first)
    )
    what = f"{_over(result)} the variance is {first} and {second} what the daily changes alone would give"
    return f"The sample is two histories: {what}."


def kept_sentence(result: HorizonResult, sessions: str = "sessions") -> str:
    """Say how much of an effect the excess keeps, where that is not nearly all.

    Parameters
    ----------
    result : HorizonResult
        The look.
    sessions : str
        What the base rate is from.
    """
    effect = result.inference.effect
    covered = share(1.0 - (effect.kept or 0.0))
    if effect.low is not None and effect.kept is not None and effect.kept < MOST:
        return (
            f"{_over(result).capitalize()} the events' windows cover {covered} of the {sessions} that the base rate "
            f"is from: the excess keeps {share(effect.kept)} of an effect, and the interval is of the whole."
        )
    if effect.reason != TOO_MANY_WINDOWS:
        return ""
    return (
        f"How large an effect is cannot be judged {_over(result)} with so many windows: they cover {covered} of the "
        f"{sessions} that the base rate is from."
    )


def _variance(result: HorizonResult) -> str:
    found, sessions = result.inference.variance, result.n * result.horizon.sessions
    if found.ratio is None or not stands_out(found.p_value):
        return ""
    few = f"; {sessions} sessions are too few for the test to make up for that" if sessions < COVERED else ""
    wider = f"{number(found.ratio, 1)} times what was expected on day 0"
    return f"The variance {_over(result)} after the events was {wider}{few}."


def _few(result: HorizonResult) -> str:
    sessions = result.n * result.horizon.sessions
    if sessions >= COVERED or not stands_out(result.null_test.p_value):
        return ""
    return (
        f"{plural(sessions, 'session')} after the events are too few to tell an effect from turbulence that the events "
        "bring along: p may be too small."
    )


def _standardised(result: HorizonResult) -> str:
    other, ours = result.inference.standardised, result.null_test.p_value
    if other.excess is None or other.p_value is None or stands_out(ours) is stands_out(other.p_value):
        return ""
    return (
        f"Measured by the volatility of its time, the excess {_over(result)} is {points(other.excess)} and its own p "
        f"{probability(other.p_value)}, against {probability(ours)}: this turns on whether turbulent times weigh more."
    )


def matched_sentence(result: HorizonResult, matched: Sequence[MatchedRate], column: int) -> str:
    """Name the matchings that remove more than half of the excess; empty if there is none."""
    excess, words = result.excess or 0.0, MATCHINGS | PANEL_MATCHINGS
    less = {
        words[rate.matching]: float(rate.excess[column])
        for rate in matched
        if rate.matching != "all" and rate.n[column] == result.n
    }
    told = [
        f"{points(value)} beside {what}" for what, value in less.items() if value * np.sign(excess) < abs(excess) / 2
    ]
    if not told:
        return ""
    left = f"less than half is left beside like sessions: {joined(told)}"
    return f"Of the excess {_over(result)}, {points(excess)}, {left}."


def _over(result: HorizonResult) -> str:
    return f"over {result.horizon.words}"
