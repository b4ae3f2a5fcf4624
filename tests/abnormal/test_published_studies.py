"""Whole event studies that others have published: AR, CAR, AAR, CAAR, BHAR and their variances."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.stats as st

from backtest.abnormal.abnormal_returns import abnormal_returns
from backtest.abnormal.across_events import CROSS_SECTIONAL
from backtest.abnormal.brown_warner import BROWN_WARNER_1980
from backtest.abnormal.classical import window_returns
from backtest.abnormal.event_positions import AFTER_DATA, EventPositions, sessions_on_or_after
from backtest.abnormal.event_window import EventWindow
from tests.abnormal.worlds import one_date


def oracle(shared: Path, name: str) -> Path:
    folder = shared / "oracles" / name
    if not folder.is_dir():
        pytest.skip(f"needs the published answers of {name}, which are not part of this repository")
    return folder


def half_a_unit(expected: pd.Series, digits: int) -> np.ndarray:
    """Half of the last of so many significant digits."""
    size = np.floor(np.log10(np.abs(expected.replace(0, np.nan)))).fillna(-digits)
    return 0.5001 * 10.0 ** (size - digits + 1)


@pytest.mark.parametrize(
    ("model", "columns", "names"),
    [
        ("market_adjusted", ["m"], ("ma", "market_adjusted_returns")),
        ("market", ["mktrf"], ("mm", "market_model")),
        ("ff3", ["mktrf", "smb", "hml"], ("ff", "ff_model")),
        ("carhart", ["mktrf", "smb", "hml", "umd"], ("ffm", "carhart_model")),
    ],
)
def test_wrds_event_study_in_sas(shared, model, columns, names):
    folder = oracle(shared, "abnormalreturns_jl")
    expected = pd.read_csv(folder / "expected.csv", parse_dates=["event_date"])
    market = pd.read_csv(folder / "market_and_factors.csv", parse_dates=["date"]).set_index("date")
    market["m"] = market["mktrf"] + market["rf"]
    returns = pd.read_csv(folder / "firm_returns.csv", parse_dates=["date"]).pivot(
        index="date", columns="permno", values="ret"
    )
    returns = returns.reindex(market.index)
    asset = np.array([returns.columns.get_loc(one) for one in expected["permno"]])
    day0 = sessions_on_or_after(market.index.to_numpy(), expected["event_date"].to_numpy())
    found = abnormal_returns(
        returns.to_numpy(),
        market[columns].to_numpy(),
        EventPositions(asset, day0),
        model,
        EventWindow(-10, 10, 150, 15, 100),
    )
    assert found.estimated.observations.tolist() == expected["length_of_the_estimation_period"].tolist()
    assert found.complete.all()
    assert set(expected["number_of_non_missing_returns_in_event_window"]) == {found.window.length}
    total = np.prod(1 + found.ar + found.normal, axis=1) - 1
    assert (
        np.abs(total - expected["cumulative_total_return"]) <= half_a_unit(expected["cumulative_total_return"], 3)
    ).all()
    short, variance = names
    for ours, column in ((found.car[:, -1], f"car_{short}"), (found.bhar[:, -1], f"bhar_{short}")):
        assert (np.abs(ours - expected[column]) <= half_a_unit(expected[column], 3)).all(), column
    of = f"estimation_period_variance_{variance}_"
    np.testing.assert_allclose(found.estimated.sigma**2, expected[of], rtol=0, atol=0.51e-10)
    if model == "market":
        np.testing.assert_allclose(found.estimated.alpha, expected["alpha_market_model_"], rtol=0, atol=0.51e-5)
        np.testing.assert_allclose(found.estimated.beta[:, 0], expected["beta_market_model"], rtol=0, atol=0.51e-3)


@pytest.fixture(scope="module")
def filings(shared):
    """Annual reports of five firms; a date without a session is moved on."""
    folder = oracle(shared, "gafam_10k")
    returns = pd.read_csv(folder / "returns.csv", parse_dates=["date"]).set_index("date")
    events = pd.read_csv(folder / "events.csv", parse_dates=["event_date"])
    firms = returns.drop(columns="SPY")
    day0 = sessions_on_or_after(returns.index.to_numpy(), events["event_date"].to_numpy())
    inside = day0 < len(returns)
    asset = np.array([firms.columns.get_loc(one) for one in events["security"]])
    found = abnormal_returns(
        firms.to_numpy(),
        returns[["SPY"]].to_numpy(),
        EventPositions(asset[inside], day0[inside]),
        "market",
        EventWindow(-5, 10, 300, 30, 300),
    )
    return folder, events[inside], found


def test_filings_that_were_dropped(filings):
    _, events, found = filings
    assert len(found) == 38
    assert sorted(found.position) == np.flatnonzero(events["used"]).tolist()
    assert set(found.excluded) <= {AFTER_DATA, "its estimation window has too few observations"}


def test_averages_of_filings(filings):
    folder, _, found = filings
    table = pd.read_csv(folder / "expected_aar_caar.csv")
    np.testing.assert_allclose(found.aar, table["AAR"], rtol=0, atol=0.51e-3)
    np.testing.assert_allclose(found.caar, table["CAAR"], rtol=0, atol=0.51e-3)
    squares = np.nanmean(found.residual**2, axis=1)  # their variance divides by the number of sessions
    of_mean, days = squares.sum() / len(found) ** 2, np.arange(1, 17)
    np.testing.assert_allclose(np.full(16, of_mean), table["var_AAR"], rtol=0, atol=0.51e-5)
    np.testing.assert_allclose(of_mean * days, table["var_CAAR"], rtol=0, atol=0.51e-5)
    theirs = replace(found, estimated=replace(found.estimated, sigma=np.sqrt(squares)))
    said = [BROWN_WARNER_1980(window_returns(theirs, -5, last)) for last in range(-5, 11)]
    np.testing.assert_allclose([one.statistic for one in said], table["t"], rtol=0, atol=0.0051)
    np.testing.assert_allclose([one.p_value / 2 for one in said], table["p_one_sided"], rtol=0, atol=0.0051)


def test_distribution_of_filings(filings):
    folder, _, found = filings
    table = pd.read_csv(folder / "expected_car_distribution.csv")
    car = found.car
    ours = {
        "mean": car.mean(axis=0),
        "variance": car.var(axis=0),
        "kurtosis": st.kurtosis(car, axis=0),
        "min": car.min(axis=0),
        **{f"q{q}": np.percentile(car, q, axis=0) for q in (25, 50, 75)},
        "max": car.max(axis=0),
    }
    for name, values in ours.items():
        np.testing.assert_allclose(values, table[name], rtol=0, atol=0.51e-4, err_msg=name)


def test_mean_and_interval_of_xkdr(shared):
    """Log returns cumulated from the day before; the interval is the cross-sectional t's. A missing return is 0.

    What it calls a Wilcoxon median is the plain median.
    """
    golden = json.loads((oracle(shared, "xkdr_golden") / "golden.json").read_text())
    prices = golden["prices"]
    names = [name for name in prices if name != "dates"]
    logs = np.diff(np.log([prices[name] for name in names]), axis=1, prepend=np.nan).T
    logs[0] = 0.0
    dates = np.array(prices["dates"], dtype="datetime64[D]")
    kept = [(name, day) for name, day in golden["events"] if len(day) == 10 and np.datetime64(day) in dates]
    assert len(kept) >= 3
    moves = []
    for name, day in kept:
        at = int(sessions_on_or_after(dates, np.array([day], dtype="datetime64[D]"))[0])
        if 1 <= at < len(dates) - 1:
            moves.append(logs[at : at + 2, names.index(name)])
    assert len(moves) == 3  # the others lie on no session, or too near to the end
    residual = np.random.default_rng(1).normal(size=(30, 3))
    found = one_date(residual - residual.mean(axis=0), np.array(moves).T)  # a mean of zero takes nothing off
    np.testing.assert_allclose(found.caar, golden["classic_mean"][1:], rtol=0, atol=1e-10)
    reach = (np.array(golden["classic_ci_high"][1:]) - golden["classic_ci_low"][1:]) / 2
    for last, mean, half in zip((0, 1), golden["classic_mean"][1:], reach, strict=True):
        statistic = CROSS_SECTIONAL(window_returns(found, 0, last)).statistic
        assert statistic == pytest.approx(mean / (half / st.t.ppf(0.975, 2)), rel=1e-9)
    np.testing.assert_allclose(np.median(found.car, axis=0), golden["wilcoxon_median"][1:], rtol=0, atol=1e-10)
