"""Studies on panels made of frames: each asset as on its own, and the verdict against placing windows by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtest.data.panel.long_table import LongTable
from backtest.data.panel.place_rows import align
from backtest.errors import DataRefused, NoEvents, StudyRefused
from backtest.inference.panel_shift import panel_shifts
from backtest.model import Dataset
from backtest.panel.from_frame import panel_of_frame
from backtest.panel.panel_study import study_panel
from backtest.plan import Plan
from backtest.spec.strategy import strategy_of_text
from backtest.study.detect_events import detect_events
from tests.tuning.panel_cases import TEXT


def strategy(text: str = TEXT):
    return strategy_of_text(text, Path("three_panel.toml"))


@pytest.fixture(scope="module")
def days() -> pd.DatetimeIndex:
    return pd.bdate_range("2001-01-01", periods=400)


@pytest.fixture(scope="module")
def common(days) -> Dataset:
    moves = np.random.default_rng(1).normal(0, 0.01, len(days))
    return Dataset.from_frame(pd.DataFrame({"market": 100 * np.exp(moves.cumsum())}, index=days))


@pytest.fixture(scope="module")
def frame(days) -> pd.DataFrame:
    """Six assets; the second begins late, the third has holes, the fourth ends early."""
    rng = np.random.default_rng(2)
    wide = pd.DataFrame(100 * np.exp(rng.normal(0, 0.02, (len(days), 6)).cumsum(axis=0)), days, list("ABCDEF"))
    wide.iloc[:150, 1] = np.nan
    wide.iloc[60:63, 2] = np.nan
    wide.iloc[250:, 3] = np.nan
    return wide.rename_axis("session").reset_index().melt("session", var_name="symbol", value_name="close").dropna()


@pytest.fixture(scope="module")
def study(frame, common):
    return study_panel(strategy(), panel_of_frame(frame, common))


EPISODES = "[episodes]\nday0 = 'end'\ncooldown = 15\nsince = 2001-03-01\nuntil = 2002-05-31\n"


@pytest.mark.parametrize("more", ["", EPISODES, EPISODES.replace("end", "start")])
def test_each_asset_has_the_events_of_a_study_of_it_alone(frame, common, more):
    found = study_panel(strategy(TEXT + more), panel_of_frame(frame, common)).events
    for asset in "ABCDEF":
        alone = frame[frame["symbol"] == asset].set_index("session")["close"]
        market = pd.Series(common.prices.close("market"), common.prices.sessions)
        both = pd.DataFrame({"close": alone, "market": market})
        expected = detect_events(Plan(strategy(TEXT + more), Dataset.from_frame(both.sort_index())))
        days = common.prices.sessions[expected.events.day0].astype("datetime64[s]")
        np.testing.assert_array_equal(found.query("asset == @asset")["day0"].to_numpy(), days)


def test_no_session_counts_before_a_common_series_begins(frame, days):
    late = pd.DataFrame({"market": np.where(np.arange(len(days)) < 200, np.nan, 100.0)}, index=days)
    against = strategy(TEXT.replace('series = "close"', 'series = "close"\nagainst = "market"'))
    found = study_panel(against, panel_of_frame(frame, Dataset.from_frame(late))).found
    assert not found.eligible[:200].any()
    assert found.eligible[200:, 0].all()
    assert found.day0.min() >= 200


def test_what_came_next_is_what_pandas_says(study, frame, common):
    wide = frame.pivot(index="session", columns="symbol", values="close").reindex(common.prices.sessions)
    market = pd.Series(common.prices.close("market"), wide.index)
    for column, horizon in enumerate((1, 5)):
        gained = wide.shift(-horizon) / wide - 1
        spread = gained.sub(market.shift(-horizon) / market - 1, axis=0)
        rows = study.events
        expected = [spread.at[day, asset] for asset, day in zip(rows["asset"], rows["day0"], strict=True)]
        np.testing.assert_allclose(rows[f"spread_{horizon}"], expected, rtol=1e-12)
        figures = study.horizons.set_index("horizon").loc[horizon]
        assert figures["n"] == np.isfinite(expected).sum()
        assert figures["mean"] == pytest.approx(np.nanmean(expected), rel=1e-12)
        base = spread.to_numpy()[study.found.eligible]
        assert figures["base_mean"] == pytest.approx(np.nanmean(base), rel=1e-12)
        assert study.forward.base_hit_rate[column] == pytest.approx((base[np.isfinite(base)] > 0).mean(), rel=1e-12)


def test_the_interval_holds_zero_exactly_where_p_is_above_the_level(study):
    for _, row in study.horizons.iterrows():
        assert (row["ci_low"] <= 0 <= row["ci_high"]) == (row["p_value"] > 0.05)
        assert row["p_value"] <= row["p_adjusted"] <= 1


@pytest.mark.parametrize("length", [1, 3, 10])
def test_all_shifts_agree_with_placing_every_window(length):
    rng = np.random.default_rng(length)
    m, assets = 50, 4
    changes = rng.standard_normal((m + 1, assets))
    effects = rng.standard_normal((m, assets))
    effects[rng.random(effects.shape) < 0.1] = np.nan
    day0, asset = np.nonzero(rng.random((m, assets)) < 0.08)
    found = panel_shifts(effects, changes, day0, asset, length)
    base = (
        np.where(np.isfinite(effects), changes[1:], 0.0).sum(axis=1) * len(day0) * length / np.isfinite(effects).sum()
    )
    base *= np.isfinite(effects[day0, asset]).sum() / len(day0)
    n = found.sessions
    whole = np.zeros(m)
    for k in range(m):
        earned = -base
        for date, held in zip(day0, asset, strict=True):
            for step in range(length):
                earned[(date + k + step) % m] += changes[(date + k + step) % m + 1, held]
        whole[k] = (earned**2).sum()
        moved = sum(np.nan_to_num(effects[(date + k) % m, held]) for date, held in zip(day0, asset, strict=True))
        assert found.effect[k] == pytest.approx(moved, abs=1e-12)
    np.testing.assert_allclose(found.realised, whole, rtol=1e-9)
    hoped = (found.scale**2 * (3 + n) - n * whole) / 3  # what is left is E_k
    assert (hoped > 0).all()
    assert np.median(hoped) == pytest.approx(np.median(whole), rel=1e-9)


def test_a_planted_effect_is_found(days, common):
    rng = np.random.default_rng(5)
    moves = rng.normal(0, 0.02, (len(days), 20))
    for asset in range(20):
        runs = np.flatnonzero(np.convolve(moves[:, asset] >= 0.005, np.ones(3), "valid") == 3) + 2
        for day in runs:
            moves[day + 1 : day + 6, asset] += 0.01
    wide = pd.DataFrame(100 * np.exp(moves.cumsum(axis=0)), days, [f"S{i}" for i in range(20)])
    long = wide.rename_axis("session").reset_index().melt("session", var_name="symbol", value_name="close")
    found = study_panel(strategy(), panel_of_frame(long, common)).horizons.set_index("horizon")
    assert found.loc[5, "p_adjusted"] < 0.05
    assert found.loc[5, "ci_low"] < 0.05 < found.loc[5, "ci_high"]


def test_what_does_not_fit_is_counted_and_set_aside():
    sessions = np.arange("2020-01-06", "2020-01-11", dtype="datetime64[D]")
    rows = [
        ("A", "2020-01-06", 1.0), ("A", "2020-01-08", 2.0), ("A", "2020-01-11", 3.0),
        ("B", "2020-01-06", 1.0), ("B", "2020-01-06", 1.0), ("B", "2020-01-07", 20.0),
        ("C", "2020-01-06", 1.0), ("C", "2020-01-06", 1.5),
        ("D", "2020-01-06", -1.0),
    ]  # fmt: skip
    names = tuple("ABCD")
    table = LongTable(
        names,
        np.array([names.index(row[0]) for row in rows]),
        np.array([row[1] for row in rows], dtype="datetime64[D]"),
        {"close": np.array([row[2] for row in rows])},
    )
    found = align(table, sessions)
    assert found.assets == ("A", "B")
    assert {one.rule: (one.rows, one.assets, one.worst[0][0], one.set_aside) for one in found.findings} == {
        "off_session": (1, 1, "A", False),
        "repeated": (1, 1, "B", False),
        "conflict": (1, 1, "C", True),
        "nonpositive": (1, 1, "D", True),
        "missing_sessions": (1, 1, "A", False),
        "jump": (1, 1, "B", False),
    }
    np.testing.assert_array_equal(found.fields["close"][:, 0], [1.0, np.nan, 2.0, np.nan, np.nan])


def test_simulated_data_say_so(frame, common, study):
    assert "SIMULATED" not in repr(study)
    assert "SIMULATED DATA" in repr(study_panel(strategy(), panel_of_frame(frame, common, simulated=True)))
    moves = Dataset("made", "Made", True, "", common.prices)
    assert "SIMULATED DATA" in repr(study_panel(strategy(), panel_of_frame(frame, moves)))


def test_refusals_name_the_thing(frame, common):
    with pytest.raises(DataRefused, match="the frame: has no column 'ticker'"):
        panel_of_frame(frame, common, asset="ticker")
    with pytest.raises(DataRefused, match="a list is not a DataFrame"):
        panel_of_frame([1], common)
    panel = panel_of_frame(frame, common)
    with pytest.raises(StudyRefused, match="each asset is measured itself"):
        study_panel(strategy(TEXT.replace('asset = "close"', 'asset = "market"')), panel)
    with pytest.raises(NoEvents, match="no event on 6 assets"):
        study_panel(strategy(TEXT.replace("0.005", "0.5")), panel)


def test_a_stored_panel_is_to_be_read_first():
    with pytest.raises(TypeError, match=r"a str is no Panel: a stored one gives its assets by \.read\(\)"):
        study_panel(strategy(), "us-stocks")
