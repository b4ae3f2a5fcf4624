"""Two-sided p-values of the normal, Student's t and the binomial distribution, without SciPy.

To import `scipy.stats` takes longer than all these tests together; the tests of this file compare with it.
"""

from __future__ import annotations

import math

import numpy as np

from backtest.model import Floats

AS_LIKELY = 1.0 + 1e-7
"""Outcomes whose masses differ by less, relatively, are as likely as one another, as in `scipy.stats.binomtest`."""


def normal_p(z: float) -> float:
    """Return the chance that a standard normal lies at least as far from zero as `z`."""
    return math.erfc(abs(z) / math.sqrt(2.0))


def student_p(t: float, freedom: float) -> float:
    """Return the chance that Student's t lies at least as far from zero as `t`.

    It is the regularised incomplete beta function at ``freedom / (freedom + t**2)``.

    Parameters
    ----------
    t : float
        The statistic.
    freedom : float
        Degrees of freedom, above 0.
    """
    square = t * t / freedom
    x = 1.0 / (1.0 + square)
    return incomplete_beta(freedom / 2, 0.5, x, x * square)


def incomplete_beta(a: float, b: float, x: float, rest: float) -> float:
    """Return the regularised incomplete beta function by its continued fraction.

    Parameters
    ----------
    a, b : float
        Above 0.
    x, rest : float
        Where it is asked, from 0 to 1, and ``1 - x``, which the caller knows without cancellation.

    References
    ----------
    Abramowitz and Stegun (1964), 26.5.8; NIST Digital Library of Mathematical Functions, 8.17.22.
    """
    if x == 0.0 or rest == 0.0:
        return 1.0 if rest == 0.0 else 0.0
    if x > (a + 1.0) / (a + b + 2.0):  # beyond it the fraction converges slowly; on the other side it does not
        return 1.0 - incomplete_beta(b, a, rest, x)
    log_x, log_rest = (math.log1p(-other) if other < 0.5 else math.log(one) for one, other in ((x, rest), (rest, x)))
    log_beta = math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
    fraction = 1.0
    for j in range(100 + int(2 * math.sqrt(a + b)), 0, -1):  # from the inside out; more terms than it needs
        m = j // 2
        if j % 2:
            term = -(a + m) * (a + b + m) / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) / ((a + 2 * m - 1) * (a + 2 * m))
        fraction = 1.0 + term * x / fraction
    return math.exp(a * log_x + b * log_rest - log_beta) / (a * fraction)


def binomial_p(hits: int, n: int, chance: float) -> float:
    """Return the exact two-sided p of a number of hits: the chance of all numbers that are not more likely.

    Parameters
    ----------
    hits, n : int
        Hits among `n` trials, at least one trial.
    chance : float
        Of a hit, above 0 and below 1.

    References
    ----------
    The definition of `scipy.stats.binomtest` and of R's ``binom.test``.
    """
    masses = _binomial_masses(n, chance)
    return min(1.0, float(masses[masses <= masses[hits] * AS_LIKELY].sum()))


def _binomial_masses(n: int, chance: float) -> Floats:
    """Return the chance of 0 to n hits, from the most likely number outwards, so that nothing overflows."""
    k = np.arange(n)
    ratios = (n - k) / (k + 1.0) * (chance / (1.0 - chance))
    likeliest = min(n, int((n + 1) * chance))
    above = np.cumprod(ratios[likeliest:])
    below = np.cumprod(1.0 / ratios[:likeliest][::-1])[::-1]
    masses = np.concatenate((below, [1.0], above))
    return np.asarray(masses / masses.sum())
