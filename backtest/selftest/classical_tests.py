"""Classical tests: closed forms, published tables and published analyses.

References
----------
Arbuthnott, J. (1710), An argument for divine providence. Philosophical Transactions 27, 186-190.
Darwin, C. (1876), The effects of cross and self fertilisation; the heights of fifteen pairs of maize, in eighths of an
inch, as Fisher, R. A. (1935), The design of experiments, section 17, analyses them.
NIST/SEMATECH e-Handbook of statistical methods, 1.3.6.7.2, critical values of Student's t.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from backtest.inference.opinions.counts import exact_binomial, sign_test
from backtest.inference.opinions.distributions import binomial_p, normal_p, student_p
from backtest.inference.opinions.naive_t import naive_t
from backtest.inference.opinions.opinion import Opinion
from backtest.inference.opinions.signed_rank import signed_rank
from backtest.selftest.witnessed import Check, compare

CLOSE = 1e-13
TABLE = {1: 12.706, 2: 4.303, 5: 2.571, 10: 2.228, 30: 2.042, 100: 1.984}
"""Critical values of Student's t: exceeded in absolute value with probability 5%, by degrees of freedom."""
MAIZE = np.array([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48], dtype=float) / 100
FISHERS_T = 2.148
DARWIN = "Darwin's maize, 15 pairs"
LOT = 4836000000000000000000000
"""Arbuthnott's odds: one to this that more boys than girls are baptised in each of 82 years."""


def distribution_checks() -> Iterator[Check]:
    """Compare p-values of the normal and of Student's t."""
    at = [0.01, 0.5, 1.0, 2.0, 12.0]
    once = [2 / math.pi * math.atan(1 / t) for t in at]
    yield compare(
        "Student's t, 1 degree of freedom", "closed form: arc tangent", once, [student_p(t, 1) for t in at], CLOSE
    )
    twice = [1 - t / math.sqrt(2 + t * t) for t in at]
    yield compare("Student's t, 2 degrees of freedom", "closed form", twice, [student_p(t, 2) for t in at], CLOSE)
    published = "table of NIST/SEMATECH, 1.3.6.7.2, to three decimals"
    p = [student_p(t, freedom) for freedom, t in TABLE.items()]
    yield compare("Student's t at critical values of 5%", published, [0.05] * len(TABLE), p, 5e-5)
    yield compare("normal at 1.95996398", "published quantile of 97.5%", 0.05, normal_p(1.959963984540054), CLOSE)


def counting_checks() -> Iterator[Check]:
    """Compare the exact binomial and the sign test."""
    quarter = [1, 7 / 16, 1 / 16]  # the probabilities of 0, 1 and 2 of 2 are 9, 6 and 1 sixteenths
    yield compare("binomial, 2 at one quarter", "by hand", quarter, [binomial_p(k, 2, 0.25) for k in range(3)], CLOSE)
    half = [min(1.0, 2 * sum(math.comb(20, j) for j in range(k + 1)) / 2**20) for k in range(11)]
    yield compare("binomial, 20 at one half", "closed form", half, [binomial_p(k, 20, 0.5) for k in range(11)], CLOSE)
    hits = exact_binomial(np.array([0.01, 0.02, -0.01, 0.0]), 0.5)  # 2 of 4: zero is not a hit
    yield compare("hits of 4 events, one of them zero", "by hand", [2.0, 1.0], _figures(hits))
    years = sign_test(np.full(82, 0.01), 0.0).p_value or math.nan
    yield compare("sign test, 82 of 82", "closed form: 2 to the power of -81", 1.0, years * 2.0**81, CLOSE)
    yield compare("one-sided odds of 82 of 82, by 10^24", "Arbuthnott (1710)", LOT / 1e24, 2 / years / 1e24, 5e-4)
    below = sign_test(MAIZE, 0.0)
    two = 2 * (1 + 15 + 105) / 2**15
    yield compare(f"sign test, {DARWIN}", "closed form: 2 of 15 below", [13, two], _figures(below), CLOSE)


def rank_checks() -> Iterator[Check]:
    """Compare the t-test and Wilcoxon's test on published data, and the latter with an enumeration of all signs."""
    t = naive_t(MAIZE, 0.0).statistic or math.nan
    yield compare(f"t, {DARWIN}", "Fisher (1935), section 17: 2.148", FISHERS_T, t, 5e-4)
    yield compare(
        "p of t = 2.145 with 14 degrees of freedom", "table of Fisher (1925): 5%", 0.05, student_p(2.145, 14), 5e-5
    )
    whole = signed_rank(MAIZE, 0.0)
    ways = _ways(list(range(1, 16)), 24)  # 48 has rank 10 and 67 rank 14
    yield compare(f"Wilcoxon, {DARWIN}", "all 32,768 ways to give signs", [24, 2 * ways], _figures(whole), CLOSE)
    tied = np.array([0.01, 0.01, -0.01, 0.03, 0.05])  # ranks 2, 2, 2, 4, 5: 2 below
    p = 2 * _ways([2, 2, 2, 4, 5], 2)
    yield compare("Wilcoxon with ties", "all 32 ways to give signs", [2, p], _figures(signed_rank(tied, 0.0)), CLOSE)


def _figures(opinion: Opinion) -> list[float]:
    return [math.nan if one is None else one for one in (opinion.statistic, opinion.p_value)]


def _ways(ranks: list[int], at_most: int) -> float:
    """Return the share of all sign assignments whose negative ranks add up to at most `at_most`."""
    total = 0
    for signs in range(1 << len(ranks)):
        total += sum(rank for i, rank in enumerate(ranks) if signs >> i & 1) <= at_most
    return total / (1 << len(ranks))
