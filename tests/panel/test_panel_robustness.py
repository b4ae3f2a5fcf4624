"""What the finding of a panel study rests on, against studies of what is left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtest.model import Dataset
from backtest.panel.from_frame import panel_of_frame
from backtest.panel.panel_benchmark import benchmark_of
from backtest.panel.panel_forward import measure_panel
from backtest.panel.panel_inference import infer_on_panel
from backtest.panel.panel_study import study_panel
from backtest.panel.session_changes import changes_over_gaps
from backtest.spec.strategy import strategy_of_text

TEXT = """
schema = 1
title = "Two up"

[detector]
use = "streak"
series = "close"
sessions = 2
threshold = 0.01

[measure]
asset = "close"
benchmark = "market"
horizons = [1, 5]
"""


@pytest.fixture(scope="module")
def wide() -> pd.DataFrame:
    """Eight assets over two years; one begins late, one ends early, one has holes."""
    rng = np.random.default_rng(12)
    days = pd.bdate_range("2003-01-01", periods=520)
    moves = rng.normal(0, 0.015, (len(days), 8)) + rng.normal(0, 0.008, (len(days), 1))
    frame = pd.DataFrame(100 * np.exp(moves.cumsum(axis=0)), days, list("ABCDEFGH"))
    frame.iloc[:200, 1], frame.iloc[400:, 3], frame.iloc[100:104, 5] = np.nan, np.nan, np.nan
    return frame


@pytest.fixture(scope="module")
def study(wide):
    market = pd.DataFrame({"market": wide[["A", "C", "E"]].mean(axis=1)}, index=wide.index)
    long = wide.rename_axis("session").reset_index().melt("session", var_name="symbol", value_name="close").dropna()
    strategy = strategy_of_text(TEXT, Path("two_up_panel.toml"))
    return study_panel(strategy, panel_of_frame(long, Dataset.from_frame(market)))


def spreads(wide, study, horizon):
    market = pd.Series(study.panel.common.close("market"), wide.index)
    return (wide.shift(-horizon) / wide - 1).sub(market.shift(-horizon) / market - 1, axis=0)


def test_events_move_around_the_sessions_of_the_sample_window(wide, study):
    """The sums of a study from March 2003 to March 2004 under every shift, from a table of spreads."""
    text = TEXT + "\n[episodes]\nsince = 2003-03-03\nuntil = 2004-03-31\n"
    found = study_panel(strategy_of_text(text, Path("two_up_panel.toml")), study.panel)
    days = wide.index[(wide.index >= "2003-03-03") & (wide.index <= "2004-03-31")]
    alive = wide.ffill().notna() & wide.bfill().notna()
    for column, horizon in enumerate((1, 5)):
        spread = spreads(wide, study, horizon).where(alive).loc[days]
        beyond = (spread - np.nanmean(spread.to_numpy())).fillna(0.0)
        expected = np.zeros(len(days))
        for asset, day in zip(found.events["asset"], found.events["day0"], strict=True):
            expected += np.roll(beyond[asset].to_numpy(), -days.get_loc(day))
        look = found.inference.shifts[column]
        np.testing.assert_allclose(look.effect, expected, rtol=1e-9, atol=1e-11)
        statistic = np.abs(expected / look.scale)
        assert found.inference.p_value[column] == pytest.approx(np.mean(statistic >= statistic[0] - 1e-9))


def test_events_are_not_moved_where_none_could_have_been_seen(wide, study):
    """An asset that joins in 2004 and another that leaves then: they count on their own sessions alone."""
    found, benchmark = study.found, benchmark_of(study.panel, "market")
    eligible = found.eligible.copy()
    eligible[:260, 0], eligible[260:, 2] = False, False
    keep = eligible[found.day0, found.asset]
    events = replace(
        found, asset=found.asset[keep], day0=found.day0[keep], knowable=found.knowable[keep], eligible=eligible
    )
    forward = measure_panel(study.panel, events, study.forward.horizons, benchmark)
    look = infer_on_panel(study.panel, events, forward, benchmark).shifts[1]
    spread = spreads(wide, study, 5).where(eligible)
    beyond = (spread - np.nanmean(spread.to_numpy())).fillna(0.0).to_numpy()[: len(look.effect)]
    moved = zip(events.day0, events.asset, strict=True)
    on = [np.roll(beyond[:, asset], -day) for day, asset in moved if day < len(beyond)]
    np.testing.assert_allclose(look.effect, np.sum(on, axis=0), rtol=1e-9, atol=1e-11)


def test_without_a_group_it_is_the_study_of_the_others(study):
    rows = study.events
    keys = {
        "date": rows["day0"].dt.strftime("%Y-%m-%d"),
        "asset": rows["asset"],
        "year": rows["day0"].dt.strftime("%Y"),
    }
    benchmark = benchmark_of(study.panel, "market")
    moved = 0
    for left in study.robustness.influence.left_out:
        labels = keys[left.unit].to_numpy()
        assert sorted(left.labels) == sorted(set(labels))
        for row, label in enumerate(left.labels):
            keep = labels != label
            again = None
            for column, horizon in enumerate((1, 5)):
                spread = rows[f"spread_{horizon}"].to_numpy()
                assert left.out[row, column] == np.isfinite(spread[~keep]).sum()
                assert left.n[row, column] == np.isfinite(spread[keep]).sum()
                expected = np.nanmean(spread[keep]) - study.forward.base[column]
                assert left.excess[row, column] == pytest.approx(expected, rel=1e-9)
                if np.isnan(left.p_value[row, column]):
                    continue
                if again is None:
                    events = study.found.only(keep)
                    forward = measure_panel(study.panel, events, study.forward.horizons, benchmark)
                    again = infer_on_panel(study.panel, events, forward, benchmark)
                assert left.p_value[row, column] == pytest.approx(again.p_value[column])
                moved += 1
        for column in range(2):
            at = [np.nanargmin(left.excess[:, column]), np.nanargmax(left.excess[:, column])]
            assert np.isfinite(left.p_value[at, column]).all()
    assert moved >= 12


def test_halves_are_studies_of_their_own(wide, study):
    first, second = study.robustness.halves
    eligible, sessions = study.found.eligible, study.panel.common.sessions
    cut = int(np.searchsorted(sessions, np.datetime64(second.first)))
    assert sessions[cut - 1] == np.datetime64(first.last)
    assert eligible[:cut].sum() == pytest.approx(eligible[cut:].sum(), abs=16)
    text = TEXT + "\n[episodes]\n"
    alone = [
        study_panel(strategy_of_text(f"{text}until = {first.last}\n", Path("two_up_panel.toml")), study.panel),
        study_panel(strategy_of_text(f"{text}since = {second.first}\n", Path("two_up_panel.toml")), study.panel),
    ]
    for half, inside, part in ((first, slice(None, cut), alone[0]), (second, slice(cut, None), alone[1])):
        days = wide.index[inside]
        np.testing.assert_allclose(half.p_value, part.inference.p_value)
        np.testing.assert_allclose(half.excess, part.forward.mean - part.forward.base, rtol=1e-9)
        for column, horizon in enumerate((1, 5)):
            spread = spreads(wide, study, horizon).where(eligible).loc[days]
            mine = study.events[study.events["day0"].isin(days)][f"spread_{horizon}"].dropna()
            assert half.n[column] == len(mine)
            assert half.sessions[column] == spread.notna().sum().sum()
            assert half.base_mean[column] == pytest.approx(np.nanmean(spread.to_numpy()), rel=1e-9)
            assert half.excess[column] == pytest.approx(mine.mean() - half.base_mean[column], rel=1e-9)


def test_weighted_by_date_a_half_has_the_base_rate_of_its_sessions(wide, study):
    text = TEXT + '\n[study]\nweight = "date"\n'
    found = study_panel(strategy_of_text(text, Path("two_up_panel.toml")), study.panel)
    for half in found.robustness.halves:
        inside = (wide.index >= str(half.first)) & (wide.index <= str(half.last))
        for column, horizon in enumerate((1, 5)):
            spread = spreads(wide, study, horizon).where(study.found.eligible)[inside]
            assert half.base_mean[column] == pytest.approx(spread.mean(axis=1).mean(), rel=1e-9)
            mine = found.events[found.events["day0"].isin(wide.index[inside])]
            mean = mine.groupby("day0")[f"spread_{horizon}"].mean().mean()
            assert half.excess[column] == pytest.approx(mean - half.base_mean[column], rel=1e-9)


def test_matched_rates_are_those_of_the_asset_and_of_the_date(wide, study):
    rows, eligible = study.events, study.found.eligible
    for one in study.robustness.matched:
        for column, horizon in enumerate((1, 5)):
            spread = spreads(wide, study, horizon).where(eligible)
            axis, key = (0, "asset") if one.matching == "asset" else (1, "day0")
            own = rows[rows[f"spread_{horizon}"].notna()]
            base = spread.mean(axis=axis)[own[key]].mean()
            assert one.n[column] == len(own)
            assert one.sessions[column] == spread.notna().sum(axis=axis)[own[key].unique()].sum()
            assert one.base_mean[column] == pytest.approx(base, rel=1e-9)
            assert one.excess[column] == pytest.approx(own[f"spread_{horizon}"].mean() - base, rel=1e-9)


def test_opinions_are_a_table(study):
    table = study.opinions
    assert list(table["horizon"].unique()) == [1, 5]
    assert list(table["key"][:5]) == ["t_over_events", "t_by_date", "driscoll_kraay", "binomial", "local_shifts"]
    assert table["p_value"].between(0, 1).all()
    assert (table["assumes"] != "").all()


def test_what_could_be_found_is_wider_than_the_interval(study):
    table = study.horizons
    assert (table["mde"] > (table["ci_high"] - table["ci_low"]) / 2).all()


def test_a_change_over_a_gap_stands_on_the_session_that_ends_it():
    level = np.array([[np.nan, 2.0], [1.0, 2.2], [np.nan, 1.1], [1.5, np.nan], [3.0, np.nan]])
    expected = [[np.nan, np.nan], [np.nan, 0.1], [0.0, -0.5], [0.5, np.nan], [1.0, np.nan]]
    np.testing.assert_allclose(changes_over_gaps(level), expected)


def on_dates(wide, listed, assets="ABCDEFGH"):
    """Study a list of assets by date, on a panel of some assets; return the rates matched by date."""
    market = pd.DataFrame({"market": wide[["A", "C", "E"]].mean(axis=1)}, index=wide.index)
    long = (
        wide[list(assets)].rename_axis("session").reset_index().melt("session", var_name="symbol", value_name="close")
    )
    events = pd.DataFrame([{"ticker": asset, "date": day} for day, names in listed.items() for asset in names])
    panel = panel_of_frame(long.dropna(), Dataset.from_frame(market))
    found = study_panel(events, panel, measure={"benchmark": "market", "horizons": [1, 5]}).robustness
    return next(one for one in found.matched if one.matching == "date")


def test_a_date_on_which_all_assets_have_an_event_matches_none(wide):
    """Beside themselves they would have no excess, which says nothing of what they rest on."""
    whole, half = {wide.index[250]: "ABCDEFGH"}, {wide.index[300]: "ABCD"}
    all_of_it, some, both = (on_dates(wide, listed) for listed in (whole, half, whole | half))
    for date, n, alone in ((all_of_it, 0, 8), (some, 4, 0), (both, 4, 8)):
        assert (date.n.tolist(), date.alone.tolist()) == ([n, n], [alone, alone])
    assert np.isnan(all_of_it.excess).all()
    for name in ("sessions", "mean", "base_mean", "excess"):
        np.testing.assert_allclose(getattr(both, name), getattr(some, name), rtol=1e-12)


def test_a_panel_of_one_asset_has_no_other_on_a_date(wide):
    date = on_dates(wide, {wide.index[at]: "G" for at in (50, 90, 200)}, "G")
    assert (date.n.tolist(), date.alone.tolist(), date.sessions.tolist()) == ([0, 0], [3, 3], [0, 0])
