"""Opinions that treat dates as clusters, against SciPy and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from backtest.inference.opinions.ask_on_panel import opinions_on_panel
from backtest.inference.opinions.by_date import driscoll_kraay, t_by_date
from backtest.inference.opinions.opinion import PANEL_METHODS


@pytest.fixture(scope="module")
def events():
    rng = np.random.default_rng(2)
    date = np.sort(rng.integers(100, 400, 250))
    return 0.01 + rng.standard_normal(250) * 0.05 + rng.standard_normal(301)[date - 100] * 0.03, date


def test_t_by_date_is_that_of_the_dates_means(events):
    values, date = events
    means = [values[date == one].mean() for one in np.unique(date)]
    expected = stats.ttest_1samp(means, 0.002)
    found = t_by_date(values, date, 0.002)
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-12)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)


@pytest.mark.parametrize("length", [1, 5, 21])
def test_driscoll_kraay_is_that_of_statsmodels(events, length):
    api = pytest.importorskip("statsmodels.api")
    values, date = events
    filled = np.concatenate((date, np.setdiff1d(np.arange(date.min(), date.max() + 1), date)))
    order = np.argsort(filled, kind="stable")
    y = np.concatenate((values - 0.002, np.zeros(len(filled) - len(date))))[order]
    x = np.concatenate((np.ones(len(date)), np.zeros(len(filled) - len(date))))[order]
    time = filled[order] - filled.min()
    kinds = {"time": time, "maxlags": length, "use_correction": False}
    fit = api.OLS(y, x).fit(cov_type="nw-groupsum", cov_kwds=kinds)
    found = driscoll_kraay(values, date, 0.002, length)
    assert found.statistic == pytest.approx(fit.tvalues[0], rel=1e-9)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(abs(fit.tvalues[0])), rel=1e-9)


def test_no_answer_has_its_reason():
    one = np.array([0.1, 0.2]), np.array([5, 5])
    assert t_by_date(*one, 0.0).reason == driscoll_kraay(*one, 0.0, 5).reason
    assert t_by_date(*one, 0.0).reason == "one date does not show how widely dates vary"
    none = np.zeros(0), np.zeros(0, dtype=int)
    assert t_by_date(*none, 0.0).reason == "no event has a complete window"
    alike = np.array([0.1, 0.1]), np.array([5, 9])
    assert t_by_date(*alike, 0.0).reason == "the dates' means are all the same"
    assert driscoll_kraay(*alike, 0.0, 5).reason


def test_all_are_asked_in_order(events):
    values, date = events
    found = opinions_on_panel(np.append(values, np.nan), np.append(date, 500), (0.0, 0.5), 5, np.ones(600))
    assert [one.method.key for one in found] == list(PANEL_METHODS)
    assert found[0].statistic == pytest.approx(stats.ttest_1samp(values, 0.0).statistic)
    assert found[3].statistic == (values > 0).sum()
