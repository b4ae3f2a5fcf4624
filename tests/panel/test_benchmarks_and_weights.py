"""The rest of the panel, the rest of a group, and weights by date, against pandas loops and windows placed by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtest.errors import DataRefused, StudyRefused
from backtest.inference.panel_shift import panel_shifts
from backtest.model import Dataset
from backtest.panel.from_frame import panel_of_frame
from backtest.panel.panel_study import study_panel
from backtest.plan import Plan
from backtest.spec.strategy import strategy_of_text
from backtest.study.run import run_plan

TEXT = """
schema = 1
title = "Two up"

[detector]
use = "streak"
series = "close"
sessions = 2
threshold = 0.003

[measure]
asset = "close"
benchmark = "rest"
horizons = [1, 4]
"""
GROUPS = {"A": "x", "B": "x", "C": "y", "D": "y", "E": "x", "F": "", "G": "z"}


def study(panel, text=TEXT):
    return study_panel(strategy_of_text(text, Path("two_up.toml")), panel)


@pytest.fixture(scope="module")
def wide() -> pd.DataFrame:
    """Closes of seven assets; two begin late or end early, one has holes, and on two sessions only A has a close."""
    rng = np.random.default_rng(3)
    days = pd.bdate_range("2010-01-04", periods=160, name="session")
    closes = pd.DataFrame(50 * np.exp(rng.normal(0, 0.02, (160, 7)).cumsum(axis=0)), days, list("ABCDEFG"))
    closes.iloc[:40, 1] = np.nan
    closes.iloc[120:, 3] = np.nan
    closes.iloc[70:75, 2] = np.nan
    closes.iloc[100:102, 1:] = np.nan
    return closes


@pytest.fixture(scope="module")
def long(wide):
    rows = wide.reset_index().melt("session", var_name="symbol", value_name="close").dropna()
    return rows.assign(sector=rows["symbol"].map(GROUPS))


@pytest.fixture(scope="module")
def common(wide):
    return Dataset.from_frame(pd.DataFrame({"market": np.linspace(90, 110, len(wide))}, index=wide.index))


def rest_by_hand(wide: pd.DataFrame, asset: str, at: int, length: int, peers: list[str]) -> float:
    """Compound the mean return of the peers, session by session."""
    growth = 1.0
    for place in range(at + 1, at + length + 1):
        changes = []
        for peer in peers:
            before, now = wide[peer].iloc[place - 1], wide[peer].iloc[place]
            if peer != asset and np.isfinite(before) and np.isfinite(now):
                changes.append(now / before - 1)
        if not changes:
            return np.nan
        growth *= 1 + sum(changes) / len(changes)
    return growth - 1


def test_assets_that_did_not_belong_are_not_part_of_the_rest(wide, long, common):
    panel = panel_of_frame(long, common)
    member = np.random.default_rng(6).random(panel.close.shape) < 0.8
    found = study(replace(panel, member=member)).events.query("day0 < @wide.index[-1]")
    belonged = pd.DataFrame(member, wide.index, wide.columns)
    for asset, day in zip(found["asset"], found["day0"], strict=True):
        at = wide.index.get_loc(day)
        peers = [one for one in GROUPS if belonged[one].iloc[at]]
        expected = wide[asset].iloc[at + 1] / wide[asset].iloc[at] - 1 - rest_by_hand(wide, asset, at, 1, peers)
        (got,) = found.query("asset == @asset and day0 == @day")["spread_1"]
        assert got == pytest.approx(expected, rel=1e-9, nan_ok=True)


def spreads_by_hand(wide, length, peers_of) -> pd.DataFrame:
    spread = pd.DataFrame(np.nan, wide.index, wide.columns)
    for asset in wide:
        for at in range(len(wide) - length):
            own = wide[asset].iloc[at + length] / wide[asset].iloc[at] - 1
            spread.loc[wide.index[at], asset] = own - rest_by_hand(wide, asset, at, length, peers_of(asset))
    return spread


@pytest.mark.parametrize("benchmark", ["rest", "group"])
def test_the_rest_excludes_the_asset_itself(wide, long, common, benchmark):
    found = study(panel_of_frame(long, common, group="sector"), TEXT.replace('"rest"', f'"{benchmark}"'))

    def peers(asset):
        same = [other for other in GROUPS if GROUPS[asset] and GROUPS[other] == GROUPS[asset]]
        return same if benchmark == "group" else list(GROUPS)

    for length in (1, 4):
        spread = spreads_by_hand(wide, length, peers)
        rows = found.events
        expected = [spread.at[day, asset] for asset, day in zip(rows["asset"], rows["day0"], strict=True)]
        assert np.isnan(expected).any()
        np.testing.assert_allclose(rows[f"spread_{length}"], expected, rtol=1e-9, atol=1e-12)
        figures = found.horizons.set_index("horizon").loc[length]
        assert figures["mean"] == pytest.approx(np.nanmean(expected), rel=1e-9)
        base = spread.to_numpy()[found.found.eligible]
        assert figures["base_mean"] == pytest.approx(np.nanmean(base), rel=1e-9)


def test_the_verdict_uses_the_daily_spread_against_the_rest(wide, long, common, monkeypatch):
    taken = []
    import backtest.panel.event_sums as sums

    whole = sums.sums_of_block
    monkeypatch.setattr(sums, "sums_of_block", lambda *given: taken.append(given) or whole(*given))
    study(panel_of_frame(long, common))
    _, spreads, changes = taken[0][:3]
    daily = spreads_by_hand(wide, 1, lambda _: list(GROUPS)).to_numpy()[:-1]
    known = np.isfinite(daily)
    np.testing.assert_allclose(changes[1:][known], daily[known], rtol=1e-8, atol=1e-12)
    assert np.isnan(changes[100:103, 0]).all()  # only A has closes: there is nothing to compare it with
    spread = spreads_by_hand(wide, 4, lambda _: list(GROUPS)).to_numpy()
    inside = np.isfinite(spreads[1])
    np.testing.assert_allclose(spreads[1][inside], spread[inside], rtol=1e-6, atol=1e-11)


def test_by_date_every_event_date_counts_once(wide, long, common):
    panel = panel_of_frame(long, common)
    found = study(panel, TEXT + '\n[study]\nweight = "date"\n')
    for length in (1, 4):
        rows = found.events.dropna(subset=f"spread_{length}")
        means = rows.groupby("day0")[f"spread_{length}"].mean()
        assert len(means) < len(rows)
        figures = found.horizons.set_index("horizon").loc[length]
        assert figures["n"] == len(rows)
        assert figures["mean"] == pytest.approx(means.mean(), rel=1e-12)
        assert figures["median"] == pytest.approx(means.median(), rel=1e-12)
        assert figures["hit_rate"] == pytest.approx((means > 0).mean())
        spread = spreads_by_hand(wide, length, lambda _: list(GROUPS)).where(found.found.eligible)
        assert figures["base_mean"] == pytest.approx(spread.mean(axis=1).mean(), rel=1e-9)
    assert (found.horizons["mean"] - study(panel).horizons["mean"]).abs().min() > 1e-6


def test_by_date_the_interval_holds_zero_where_p_is_above_the_level(long, common):
    for benchmark in ("rest", "market"):
        text = TEXT.replace('"rest"', f'"{benchmark}"') + '\n[study]\nweight = "date"\n'
        found = study(panel_of_frame(long, common), text)
        middle = (found.horizons["ci_low"] + found.horizons["ci_high"]) / 2 * found.inference.kept
        np.testing.assert_allclose(middle, found.horizons["excess"], rtol=1e-9)  # the verdict weighs as the mean does
        for _, row in found.horizons.iterrows():
            assert (row["ci_low"] <= 0 <= row["ci_high"]) == (row["p_value"] > 0.05)


def test_weights_are_shares_of_the_portfolio():
    rng = np.random.default_rng(8)
    m, assets, length = 40, 3, 4
    changes, effects = rng.standard_normal((m + 1, assets)), rng.standard_normal((m, assets))
    day0, asset = np.nonzero(rng.random((m, assets)) < 0.15)
    weights = rng.uniform(0.5, 2.0, len(day0))
    found = panel_shifts(effects, changes, day0, asset, length, weights)
    ten_times = panel_shifts(effects, changes, day0, asset, length, 10 * weights)
    np.testing.assert_allclose(found.scale, ten_times.scale, rtol=1e-12)
    parts = weights * len(weights) / weights.sum()
    for k in range(m):
        moved = sum(part * effects[(at + k) % m, one] for at, one, part in zip(day0, asset, parts, strict=True))
        assert found.effect[k] == pytest.approx(moved, abs=1e-12)
    # An event of weight two is the same event twice.
    twice = np.append(day0, day0[3]), np.append(asset, asset[3])
    double = np.where(np.arange(len(day0)) == 3, 2.0, 1.0)
    statistic = panel_shifts(effects, changes, day0, asset, length, double).statistic
    np.testing.assert_allclose(panel_shifts(effects, changes, *twice, length).statistic, statistic, rtol=1e-9)


def test_kept_by_date_is_the_mean_share_of_each_session(long, common):
    found = study(panel_of_frame(long, common), TEXT + '\n[study]\nweight = "date"\n')
    eligible = found.found.eligible
    for length, kept in zip((1, 4), found.inference.kept, strict=True):
        held = np.zeros(eligible.shape, dtype=bool)
        for at, asset in zip(found.found.day0, found.found.asset, strict=True):
            held[at : at + length, asset] = True
        some = eligible.any(axis=1)
        share = np.minimum(held[some].sum(axis=1) / eligible[some].sum(axis=1), 1)
        assert kept == pytest.approx(1 - share.mean())


def test_what_is_refused(wide, long, common):
    named = Dataset.from_frame(pd.DataFrame({"rest": np.ones(len(wide))}, index=wide.index))
    with pytest.raises(StudyRefused, match="is a common series, and means the other assets of the panel, too"):
        study(panel_of_frame(long, named))
    by_group = TEXT.replace('"rest"', '"group"')
    with pytest.raises(StudyRefused, match="no asset of the panel has a group"):
        study(panel_of_frame(long, common), by_group)
    two = long.assign(sector=["x"] + ["y"] * (len(long) - 1))
    with pytest.raises(DataRefused, match="A has two groups in 'sector': "):
        panel_of_frame(two, common, group="sector")
    with pytest.raises(DataRefused, match="has no column 'industry'"):
        panel_of_frame(long, common, group="industry")
    alone = Dataset.from_frame(wide[["A"]].rename(columns={"A": "close"}))
    text = TEXT.replace('benchmark = "rest"', 'benchmark = ""') + '\n[study]\nweight = "date"\n'
    with pytest.raises(StudyRefused, match=r"\[study\] is for panels"):
        run_plan(Plan(strategy_of_text(text, Path("two_up.toml")), alone))
