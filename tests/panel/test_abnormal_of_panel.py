"""Abnormal returns of a panel study: the tables, against statsmodels and pandas on single assets."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from backtest.errors import NotFound, StudyRefused
from backtest.model import Dataset
from backtest.panel.from_frame import panel_of_frame
from backtest.panel.panel_study import study_panel
from backtest.spec.strategy import strategy_of_text

TEXT = """
schema = 1
title = "Down"

[detector]
use = "move"
series = "close"
sessions = 1
threshold = 0.05
direction = "down"

[measure]
asset = "close"
benchmark = "market"
horizons = [1, 5]

[study]
model = "market"
estimation = 100
minimum = 60
gap = 2
event_window = [-3, 5]
car_windows = [[0, 0], [1, 5], [-3, 5]]
"""
FF3 = 'model = "ff3"\nfactors = ["mkt_rf", "smb", "hml"]\nriskless = "rf"'


@pytest.fixture(scope="module")
def common():
    rng = np.random.default_rng(1)
    days = pd.bdate_range("2001-01-01", periods=500)
    percent = pd.DataFrame(rng.normal(0.02, 0.8, (500, 3)), days, ["mkt_rf", "smb", "hml"])
    percent["rf"] = 0.01
    level = 100 * (1 + (percent["mkt_rf"] + percent["rf"]) / 100).cumprod()
    kinds = {"market": "total_return_index", **dict.fromkeys(percent, "percent_return")}
    return Dataset.from_frame(percent.assign(market=level), kinds=kinds)


@pytest.fixture(scope="module")
def wide(common):
    """Eight assets; the second is delisted, the third begins late, the fourth is hardly traded."""
    rng = np.random.default_rng(2)
    market = pd.Series(common.prices.close("market")).pct_change().fillna(0).to_numpy()[:, None]
    returns = market * rng.uniform(0.5, 1.5, 8) + rng.normal(0, 0.022, (500, 8))
    wide = pd.DataFrame(100 * np.cumprod(1 + returns, axis=0), common.prices.sessions, list("ABCDEFGH"))
    wide.iloc[:, 3] = wide.iloc[:, 3].where(np.arange(500) % 3 == 0).ffill()
    wide.iloc[420:, 1] = np.nan
    wide.iloc[:200, 2] = np.nan
    wide.iloc[300:303, 4] = np.nan
    wide.iloc[417, 1] = 0.8 * wide.iloc[416, 1]
    return wide


@pytest.fixture(scope="module")
def panel(wide, common):
    long = wide.rename_axis("session").reset_index().melt("session", var_name="symbol", value_name="close").dropna()
    return panel_of_frame(long, common, simulated=True)


def study_of(panel, text=TEXT):
    return study_panel(strategy_of_text(text, Path("down.toml")), panel)


@pytest.fixture(scope="module")
def study(panel):
    return study_of(panel)


def factors_of(common, names):
    return pd.DataFrame({name: common.prices.close(name) / 100 for name in names}, common.prices.sessions)


@pytest.mark.parametrize("model", ["market", "ff3", "constant_mean", "market_adjusted"])
def test_every_row_is_what_statsmodels_and_pandas_give_for_the_asset_alone(panel, wide, common, model):
    text = TEXT.replace('model = "market"', FF3 if model == "ff3" else f'model = "{model}"')
    abnormal = study_of(panel, text).abnormal
    returns = wide.pct_change(fill_method=None)
    market = pd.DataFrame({"m": pd.Series(common.prices.close("market"), wide.index).pct_change()})
    riskless = 0.0001 if model == "ff3" else 0.0
    x = factors_of(common, ["mkt_rf", "smb", "hml"]) if model == "ff3" else market
    x = x[[]] if model == "constant_mean" else x
    for _, event in abnormal.events.iterrows():
        row = wide.index.get_loc(event["day0"])
        y = returns[event["asset"]] - riskless
        design = x.assign(const=1.0)
        before = slice(max(row - 105, 0), row - 5)
        if model == "market_adjusted":
            normal = market["m"]
            used = (y - normal).iloc[before].dropna()
        else:
            used = pd.concat([y, design], axis=1).iloc[before].dropna()
            fit = sm.OLS(used.iloc[:, 0], used.iloc[:, 1:]).fit()
            normal = design @ fit.params
            assert event["sigma"] == pytest.approx(np.sqrt(fit.scale), rel=1e-9)
            assert event["alpha"] == pytest.approx(fit.params["const"], abs=1e-12)
        assert event["estimation_n"] == len(used)
        ar = (y - normal).iloc[row - 3 : row + 6]
        rows = abnormal.daily.query(f"event == {event['event']}")
        assert rows["date"].tolist() == list(wide.index[row - 3 : row + 6])
        np.testing.assert_allclose(rows["ar"], ar, atol=1e-12)
        np.testing.assert_allclose(rows["car"], ar.cumsum(skipna=False), atol=1e-12)
        total, expected = (1 + returns[event["asset"]]), (1 + normal + riskless)
        bhar = total.iloc[row - 3 : row + 6].cumprod(skipna=False) - expected.iloc[row - 3 : row + 6].cumprod()
        np.testing.assert_allclose(rows["bhar"], bhar, atol=1e-12)


def test_every_event_is_measured_or_counted(study):
    abnormal = study.abnormal
    left_out = abnormal.exclusions.query("kind == 'left out'")["n"].sum()
    assert len(abnormal.events) + left_out == len(study.found)
    assert left_out > 0
    cautions = abnormal.exclusions.query("kind == 'caution'").set_index("reason")["n"]
    events = abnormal.events
    assert cautions["the data of its asset end within the event window"] == 1  # B, on the third session before its end
    near = [
        (events["asset"] == one["asset"]) & (abs(events["day0"] - one["day0"]).dt.days.between(1, 20))
        for _, one in events.iterrows()
    ]
    assert cautions["its event window overlaps that of another event of the asset"] <= sum(one.any() for one in near)
    thin = events.query("asset == 'D'")
    assert cautions["more than a third of its estimation window has a return of zero"] == len(thin)
    assert (thin["untraded"] > 60).all()


def test_averages_and_wide_tables(study):
    abnormal = study.abnormal
    daily = abnormal.daily
    by = daily.groupby("offset")
    table = abnormal.by_offset.set_index("offset")
    np.testing.assert_allclose(table["aar"], by["ar"].mean(), rtol=1e-12)
    np.testing.assert_array_equal(table["n"], by["ar"].count())
    np.testing.assert_allclose(table["caar"], by["car"].mean(), rtol=1e-12)
    np.testing.assert_allclose(table["bhar_mean"], by["bhar"].mean(), rtol=1e-12)
    last = daily.query("offset == 5").dropna(subset="car")
    fit = sm.OLS(last["car"], np.ones(len(last)))
    groups = abnormal.events.set_index("event").loc[last["event"], "day0"].astype("int64")
    fit = fit.fit(cov_type="cluster", cov_kwds={"groups": groups.to_numpy()}, use_t=True)
    np.testing.assert_allclose(table.loc[5, ["caar_low", "caar_high"]].astype(float), fit.conf_int().to_numpy()[0])
    for name, frame in (("ar", abnormal.ar), ("car", abnormal.car), ("bhar", abnormal.bhar)):
        assert frame.columns.tolist() == list(range(-3, 6))
        np.testing.assert_array_equal(frame.to_numpy().ravel(), daily[name])


def test_tests_stand_side_by_side_for_every_window(study):
    tests = study.abnormal.classical_tests
    assert tests.groupby(["first", "last"]).size().tolist() == [17, 17, 17]
    assert tests["p_value"].between(0, 1).all()
    on_day0 = tests.query("first == 0 and last == 0").set_index("test")
    assert (on_day0["statistic"].drop("wilcoxon") < -2).all()  # they were chosen for a fall
    assert (tests["null"].str.len() > 0).all()


def test_simulated_data_say_so(study):
    measured, given = len(study.abnormal.events), len(study.found)
    assert repr(study.abnormal) == (
        f"PanelAbnormal(SIMULATED DATA, down: market model, {measured:,} of {given:,} events measured)"
    )


def test_without_a_model_there_is_none(panel):
    assert study_of(panel, TEXT.partition("[study]")[0]).abnormal is None


@pytest.mark.parametrize(
    ("old", "new", "error", "message"),
    [
        ('benchmark = "market"', 'benchmark = "none"', StudyRefused, "model market needs a market: there is no bench"),
        ('benchmark = "market"', 'benchmark = "rest"', StudyRefused, "needs a market that all assets share"),
        ("gap = 2", 'gap = 2\nfactors = ["nasdaq"]', NotFound, "nasdaq"),
    ],
)
def test_refusals_name_the_thing(panel, old, new, error, message):
    with pytest.raises(error, match=message):
        study_of(panel, TEXT.replace(old, new))


def test_trap_10_a_list_of_events_off_sessions_and_after_the_close(panel, wide):
    """A weekend's event belongs to the next session; one after the close likewise; an unknown asset is counted."""
    friday = wide.index[250 + (4 - wide.index[250].day_of_week) % 5]
    after = wide.index.get_loc(friday) + 1
    rows = pd.DataFrame(
        {
            "symbol": ["A", "E", "F", "G", "ZZZ"],
            "date": [friday + pd.Timedelta(days=1), friday, friday, friday + pd.Timedelta(days=2), friday],
            "when": ["", "before_open", "after_close", "", ""],
        }
    )
    tables = {"measure": {"asset": "close", "benchmark": "market", "horizons": [1]}}
    rules = {"model": "market", "estimation": 100, "minimum": 60, "event_window": [-3, 5]}
    abnormal = study_panel(rows, panel, **tables, study=rules).abnormal
    day0 = abnormal.events.set_index("asset")["day0"]
    assert day0["A"] == day0["F"] == day0["G"] == wide.index[after]
    assert day0["E"] == friday
    assert len(abnormal.events) == 4


def test_one_event_gives_what_needs_one_and_reasons_for_the_rest(panel, wide):
    rows = pd.DataFrame({"symbol": ["A"], "date": [wide.index[300]]})
    rules = {"model": "market", "estimation": 100, "minimum": 60, "event_window": [-3, 5]}
    abnormal = study_panel(rows, panel, measure={"asset": "close", "benchmark": "market"}, study=rules).abnormal
    tests = abnormal.classical_tests.query("first == 0 and last == 0").set_index("test")
    assert (tests["n"] == 1).all()
    assert (tests["reason"] == "").sum() == tests["p_value"].notna().sum() >= 5
    assert tests.loc["bmp", "reason"] == "one event alone: a deviation across events needs two"
    assert abnormal.by_offset["caar_low"].isna().all()


def test_events_that_all_are_left_out_are_counted(panel, wide):
    rows = pd.DataFrame({"symbol": ["A", "B"], "date": wide.index[[20, 30]]})
    rules = {"model": "market", "estimation": 100, "minimum": 60, "event_window": [-3, 5]}
    abnormal = study_panel(rows, panel, measure={"asset": "close", "benchmark": "market"}, study=rules).abnormal
    assert len(abnormal.events) == len(abnormal.daily) == 0
    assert (
        abnormal.classical_tests["reason"] == "no event has an abnormal return on every session of the window"
    ).all()
    assert abnormal.exclusions.set_index("reason").loc["its estimation window has too few observations", "n"] == 2
    assert abnormal.placebo(2)["caar"].isna().all()
