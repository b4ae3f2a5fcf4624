"""Every classical test against the published answers of R's estudy2.

estudy2 divides by the residuals' deviation with n - 1, that of their mean too, and takes the market's mean over the
whole estimation window; its rank and sign tests scale a session's mean score by the number of all stocks, also before
two of them were listed. Where its convention differs from ours, the test applies its convention to our figures.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backtest.abnormal.abnormal_returns import abnormal_returns
from backtest.abnormal.across_events import BMP, CROSS_SECTIONAL, PATELL
from backtest.abnormal.brown_warner import BROWN_WARNER_1980, BROWN_WARNER_1985, LAMB
from backtest.abnormal.classical import window_returns
from backtest.abnormal.event_positions import EventPositions
from backtest.abnormal.event_window import EventWindow
from backtest.abnormal.ranks import CORRADO_RANK, CORRADO_ZIVNEY_RANK, CORRADO_ZIVNEY_SIGN
from backtest.abnormal.row_ranks import ranks_of
from backtest.abnormal.signs import GENERALISED_SIGN, SIGN, WILCOXON


def rows_of(path):
    with path.open() as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def estudy2(shared: Path) -> Path:
    folder = shared / "oracles" / "estudy2"
    if not folder.is_dir():
        pytest.skip("needs the published answers of estudy2, which are not part of this repository")
    return folder


@pytest.fixture(scope="module")
def published(estudy2):
    tables = [rows_of(estudy2 / f"expected_{kind}.csv") for kind in ("parametric", "nonparametric")]
    return lambda column: [float({**one, **other}[column]) for one, other in zip(*tables, strict=True)]


@pytest.fixture(scope="module")
def study(estudy2):
    """Log returns, as in the vignette, with estudy2's deviation of the standardised tests; and how far the market was.

    That is the squared distance of each session from the market's mean, over the market's centred sum of squares.
    """
    prices, market = rows_of(estudy2 / "prices.csv"), rows_of(estudy2 / "prices_indx.csv")
    names = list(prices[0])[1:]
    levels = np.array([[float(row[n]) if row[n] != "NA" else np.nan for n in names] for row in prices])
    index = np.array([[float(row["^GSPC"])] for row in market])
    day0 = [row["date"] for row in prices].index("2020-03-16") - 1
    logs = [np.diff(np.log(of), axis=0) for of in (levels, index)]
    events = EventPositions(np.arange(7), np.full(7, day0))
    ours = abnormal_returns(*logs, events, "market", EventWindow(0, 4, 240))
    before, during = logs[1][day0 - 240 : day0, 0], logs[1][day0 : day0 + 5, 0]
    away = (during - before.mean()) ** 2 / ((before - before.mean()) ** 2).sum()
    variance = np.nanvar(ours.residual, axis=1, ddof=1)[:, None] * (1 + 1 / ours.estimated.observations[:, None] + away)
    return replace(ours, covariance=np.einsum("nl,lk->nlk", variance, np.eye(5))), away


@pytest.fixture(scope="module")
def found(study):
    return study[0]


@pytest.mark.parametrize(
    ("test", "column"),
    [
        (CROSS_SECTIONAL, "t_test_stat"),
        (PATELL, "pt_stat"),
        (BMP, "bh_stat"),
        (SIGN, "sign_stat"),
        (GENERALISED_SIGN, "gsign_stat"),
        (WILCOXON, "wlcx_stat"),
    ],
)
def test_daily_statistics(found, published, test, column):
    ours = [test(window_returns(found, day, day)).statistic for day in range(5)]
    np.testing.assert_allclose(ours, published(column), rtol=0, atol=1e-10)


DEGREES = np.sqrt(239 / 238)
"""estudy2's deviation of the mean over 240 sessions has 239 degrees of freedom, ours 238: the market model has two."""


def test_brown_warner_1980(found, published):
    """Its deviation of an event has n - 1 degrees of freedom, ours n - 2."""
    deviation = np.nanstd(found.residual, axis=1, ddof=1)
    theirs = replace(found, estimated=replace(found.estimated, sigma=deviation))
    ours = [BROWN_WARNER_1980(window_returns(theirs, day, day)).statistic for day in range(5)]
    np.testing.assert_allclose(ours, published("bw_1980_stat"), rtol=0, atol=1e-10)


def published_car(estudy2, name):
    rows = {row["name"]: row for row in rows_of(estudy2 / "expected_car_parametric.csv")}
    return float(rows[name]["statistic"])


def test_brown_warner_1985(found, published, estudy2):
    ours = [BROWN_WARNER_1985(window_returns(found, day, day)).statistic * DEGREES for day in range(5)]
    np.testing.assert_allclose(ours, published("bw_1985_stat"), rtol=0, atol=1e-10)
    whole = BROWN_WARNER_1985(window_returns(found, 0, 4)).statistic * DEGREES
    np.testing.assert_allclose(whole, published_car(estudy2, "car_brown_warner_1985"), rtol=0, atol=1e-10)


def test_lamb(study, published, estudy2):
    """estudy2 takes one forecast error, of the mean number of observations, for all stocks."""
    found, away = study
    error = 1 + 1 / found.estimated.observations.mean() + away
    covariance = np.einsum("n,l,lk->nlk", found.estimated.sigma**2, error, np.eye(5))
    theirs = replace(found, covariance=covariance)
    daily = np.array([LAMB(window_returns(theirs, day, day)).statistic for day in range(5)]) * DEGREES
    np.testing.assert_allclose(daily, published("lmb_stat"), rtol=0, atol=1e-10)
    # Its statistic of several sessions adds up those of single ones, as if their forecast errors were independent.
    np.testing.assert_allclose(daily.sum() / np.sqrt(5), published_car(estudy2, "car_lamb"), rtol=0, atol=1e-10)


def scores(found, test):
    everything = np.concatenate((found.residual, found.ar), axis=1)
    sessions = np.isfinite(everything).sum(axis=1, keepdims=True)
    if test is CORRADO_ZIVNEY_SIGN:
        return np.sign(everything - np.nanmedian(everything, axis=1, keepdims=True)), 0.5
    ranks = ranks_of(everything)
    return (ranks - (sessions + 1) / 2, 1.0) if test is CORRADO_RANK else (ranks / (sessions + 1) - 0.5, 0.5)


@pytest.mark.parametrize(
    ("test", "column"),
    [(CORRADO_RANK, "rank_stat"), (CORRADO_ZIVNEY_RANK, "mrank_stat"), (CORRADO_ZIVNEY_SIGN, "csign_stat")],
)
def test_daily_ranks_and_signs_through_time(found, published, test, column):
    of, power = scores(found, test)
    known = np.isfinite(of).sum(axis=0)
    deviations = []
    for stocks in (7, known):  # estudy2's scale of a session, and ours
        daily = np.nanmean(of, axis=0) * stocks / known**power
        deviations.append(np.sqrt((daily**2).sum() / np.isfinite(of).sum(axis=1).mean()))
    ours = np.array([test(window_returns(found, day, day)).statistic for day in range(5)])
    np.testing.assert_allclose(ours * deviations[1] / deviations[0], published(column), rtol=0, atol=1e-10)
    whole = test(window_returns(found, 0, 4)).statistic
    np.testing.assert_allclose(whole, ours.sum() / np.sqrt(5), rtol=0, atol=1e-10)


def test_ranks_of_the_whole_window(found, estudy2):
    """The rank test of the CAR pools all stocks about one mean rank, where ours takes each event's own."""
    (row,) = rows_of(estudy2 / "expected_car_nonparametric.csv")
    everything = np.concatenate((found.residual, found.ar), axis=1)
    ranks, sessions = ranks_of(everything), np.isfinite(everything).sum(axis=1)
    middle = ((sessions + 1) / 2).mean()
    deviation = np.sqrt(((np.nanmean(ranks, axis=0) - middle) ** 2).sum() / sessions.mean())
    statistic = np.sqrt(5) * (ranks[:, -5:].mean() - middle) / deviation
    np.testing.assert_allclose(statistic, float(row["statistic"]), rtol=0, atol=1e-10)
