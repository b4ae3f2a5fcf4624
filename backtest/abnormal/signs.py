"""Tests of the signs and signed ranks of cumulative abnormal returns, one per event."""

from __future__ import annotations

import numpy as np

from backtest.abnormal.classical import ClassicalTest, Outcome, WindowReturns, by_normal, no_answer
from backtest.inference.opinions.distributions import binomial_p

ALL_ZERO = "every CAR is zero"


def _sign(returns: WindowReturns) -> Outcome:
    n, above = int((returns.car != 0.0).sum()), int((returns.car > 0.0).sum())
    if not n:
        return no_answer(len(returns), ALL_ZERO)
    return Outcome(n, float((above - n / 2.0) / np.sqrt(n / 4.0)), binomial_p(above, n, 0.5))


def _generalised_sign(returns: WindowReturns) -> Outcome:
    residual = returns.found.residual
    share = float((residual > 0.0).sum() / np.isfinite(residual).sum())
    if not 0.0 < share < 1.0:
        return no_answer(len(returns), "the residuals of the estimation windows have one sign")
    n, above = len(returns), int((returns.car > 0.0).sum())
    return by_normal(n, float((above - n * share) / np.sqrt(n * share * (1.0 - share))))


def _wilcoxon(returns: WindowReturns) -> Outcome:
    from scipy.stats import wilcoxon

    some = returns.car[returns.car != 0.0]
    if not len(some):
        return no_answer(len(returns), ALL_ZERO)
    above = wilcoxon(some, alternative="greater").statistic
    return Outcome(len(some), float(above), float(wilcoxon(some).pvalue))


SIGN = ClassicalTest(
    "sign",
    "sign",
    "a CAR is as often positive as negative",
    "events are independent; CARs of zero are left out",
    "exact binomial",
    _sign,
)
GENERALISED_SIGN = ClassicalTest(
    "generalised_sign",
    "generalised sign",
    "a CAR is as often positive as a residual of the estimation windows is",
    "events are independent, and sums of several sessions are as often positive as single ones",
    "Cowan (1992)",
    _generalised_sign,
)
WILCOXON = ClassicalTest(
    "wilcoxon",
    "Wilcoxon signed rank",
    "CARs lie evenly around zero",
    "events are independent, and CARs are symmetric; CARs of zero are left out",
    "Wilcoxon (1945)",
    _wilcoxon,
)
