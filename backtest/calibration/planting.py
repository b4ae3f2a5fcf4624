"""Plant an effect after events, and see which tests find it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backtest.calibration.drawn_history import History
from backtest.calibration.judges import STANDARDISED, VERDICT, judge, t_test
from backtest.inference.opinions.opinion import NAIVE_T
from backtest.measure.forward import Leg
from backtest.measure.windows import window_ends
from backtest.model import Bools, Floats, Horizon, Ints, Sessions
from backtest.model.significance import stands_out
from backtest.study.base_rate import BaseRate, measure_legs


def planted(
    legs: Sequence[Leg], day0: Ints, lag: int, horizon: Horizon, effect: float, days: Sessions | None = None
) -> list[Leg]:
    """Return legs whose daily spread is higher on every session of the events' windows, by the effect over its length.

    A session in two windows gets it once, from the later one, so the effect of a window is complete either way. The
    asset gets one half and the benchmark the other; an asset alone gets all of it.

    Parameters
    ----------
    legs : sequence of Leg
        One or two, the asset first.
    day0 : ndarray of shape (n_events,)
        Session positions.
    lag : int
        Sessions from day 0 to entry.
    horizon : Horizon
        From entry to the end.
    effect : float
        Over the whole horizon, as a fraction.
    days : ndarray of shape (n_sessions,), datetime64[D], optional
        The sessions; a calendar horizon needs them.
    """
    n = len(legs[0].close)
    leave = window_ends(n, [horizon], lag, days)[:, 0]
    daily = np.zeros(n)
    for at in np.sort(day0).tolist():
        length = int(leave[at]) - at - lag if leave[at] < n else horizon.sessions  # if pending, its end is not known
        daily[at + lag + 1 : at + lag + length + 1] = effect / max(length, 1)
    if len(legs) == 1:
        return [_moved(legs[0], daily)]
    return [_moved(legs[0], daily / 2), _moved(legs[1], -daily / 2)]


def after(n: int, entry: Ints, sessions: int) -> Bools:
    """Flag the `sessions` sessions that follow each entry, up to the end of the history of `n`."""
    flags = np.zeros(n, dtype=np.bool_)
    where = (entry[:, None] + np.arange(1, sessions + 1)).ravel()
    flags[where[where < n]] = True
    return flags


def _moved(leg: Leg, daily: Floats) -> Leg:
    """Add to a leg's daily returns; where a return is missing, nothing is added."""
    returns = np.zeros(len(daily))
    returns[1:] = np.nan_to_num(leg.close[1:] / leg.close[:-1] - 1.0, nan=0.0)
    factor = np.cumprod(1.0 + daily / (1.0 + returns))
    close = leg.close * factor
    return Leg(close, close if leg.entry is leg.close else leg.entry * factor)


def found_when_planted(history: History, horizon: Horizon, effect: float) -> dict[str, float]:
    """Plant an effect, run the study again, and report which tests find it.

    Parameters
    ----------
    history : History
        With the events of one signal.
    horizon : Horizon
        Over which.
    effect : float
        As a fraction.

    Returns
    -------
    dict of str to float
        Whether each test rejects, and whether the interval contains the effect; 1 for yes, 0 for no, NaN if there is
        no interval, or no t-test.
    """
    (day0,), lag, days = history.events, history.lag, history.days
    legs = planted(history.legs, day0, lag, horizon, effect, days)
    base_rate = BaseRate(measure_legs(legs, (horizon,), lag, days), history.eligible)
    judged = judge(base_rate, [day0], others=(t_test,), sized=(0,))
    interval = judged.effects[0][0]
    covers = np.nan if interval.low is None or interval.high is None else float(interval.low <= effect <= interval.high)
    t_p = float(judged.p[NAIVE_T.key][0, 0])
    return {
        "power": float(stands_out(float(judged.p[VERDICT][0, 0]))),
        "power_standardised": float(stands_out(float(judged.p[STANDARDISED][0, 0]))),
        "power_naive_t": np.nan if np.isnan(t_p) else float(stands_out(t_p)),
        "covers_planted": covers,
    }
