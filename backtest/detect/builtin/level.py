"""Level: a series is at or beyond a value."""

from __future__ import annotations

from typing import Literal

import numpy as np

from backtest.model import Condition, Indicator, Prices

THRESHOLD = "threshold"
BY_BLOCK = True


def detect(
    prices: Prices,
    *,
    series: str = "policy_rate",
    threshold: float = 5.0,
    direction: Literal["above", "below"] = "above",
) -> Condition:
    """Flag a session if a series is at least, or at most, `threshold`.

    Use it for series that are not prices: an expectation, a rate or a volatility index.

    Parameters
    ----------
    prices : Prices
        The history.
    series : str
        Role or name of any series with one value per session.
    threshold : float
        In the unit of the series; compared exactly, unrounded.
    direction : {"above", "below"}
        ``"above"``: at least `threshold`; ``"below"``: at most.

    Returns
    -------
    Condition
        Unknown if the series has no value. The indicator is the series.

    References
    ----------
    Estrella, A. and Mishkin, F. S. (1998). Predicting U.S. recessions: financial variables as leading indicators.
    Review of Economics and Statistics 80(1), 45-61: the level of a spread as a signal.

    Examples
    --------
    ::

        [detector]
        use = "level"
        series = "cuts_priced_12m"
        threshold = 5.0
    """
    values = prices.close(series)
    info = prices.info(series)
    known = np.isfinite(values)
    met = known & (values >= threshold if direction == "above" else values <= threshold)
    return Condition(met, known, Indicator(info.title, info.unit, values, threshold, direction), info.cautions)
