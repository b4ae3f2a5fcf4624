"""Each leg's own table and each event's outcomes, against pandas on the same levels."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from backtest import load_run
from backtest.record.legs_schema import OF_LEG
from backtest.study.export.leg_tables import with_outcomes
from backtest.study.run import run_plan

NAN = float("nan")
EVENTS = [5, 20, 24, 60, 95, 118]
HORIZONS = [1, 3, 10]
FIGURES = [key for key in OF_LEG if key != "n"]


@pytest.fixture(scope="module")
def levels():
    """120 sessions; B begins on session 4, and A lacks a level on session 62, within the windows of 60."""
    rng = np.random.default_rng(21)
    a, b, c = (100 * np.exp(np.cumsum(rng.normal(0, 0.02, 120))) for _ in range(3))
    a[62], b[:4] = NAN, NAN
    marks = np.zeros(120)
    marks[EVENTS] = 1
    return {"A": a, "B": b, "C": c, "M": marks}


@pytest.fixture
def study(history_of, plan_of, levels):
    def build(**settings):
        prices = history_of(levels, kinds={"M": "rate"})
        given = {f"measure.{key}": value for key, value in settings.items()}
        return run_plan(plan_of(prices, {"measure.horizons": HORIZONS, **given}))

    return build


def outcomes(asset, benchmark, horizon, lag=0):
    """Return and drawdown of each leg for every session as day 0, one loop over windows of pandas."""
    rows = {}
    for t in range(len(asset)):
        windows = [
            pd.Series(leg).iloc[t + lag : t + lag + horizon + 1] for leg in (asset, benchmark) if leg is not None
        ]
        if any(len(w) <= horizon or np.isnan(w.iloc[0]) or np.isnan(w.iloc[-1]) for w in windows):
            continue
        paths = [w / w.iloc[0] - 1 for w in windows]
        row = {"asset": paths[0].iloc[-1]}
        names = ["asset", "benchmark"][: len(windows)]
        for name, window in zip(names, windows, strict=True):
            row[f"{name}_drawdown"] = (window / window.cummax() - 1).min()
        if len(paths) > 1:
            spread = paths[0] - paths[1]
            row |= {"benchmark": paths[1].iloc[-1], "spread": spread.iloc[-1]}
            row["spread_drawdown"] = (spread - spread.cummax()).min()
        rows[t] = row
    return pd.DataFrame.from_dict(rows, orient="index")


def described(frame, leg):
    returned, fallen = frame[leg], frame[f"{leg}_drawdown"]
    return {
        "mean": returned.mean(),
        "median": returned.median(),
        "hit_rate": (returned > 0).mean(),
        "best": returned.max(),
        "worst": returned.min(),
        "drawdown_mean": fallen.mean(),
        "drawdown_median": fallen.median(),
        "drawdown_worst": fallen.min(),
    }


@pytest.mark.parametrize(("entry", "lag"), [("close", 0), ("next_close", 1)])
def test_the_table_of_legs_is_that_of_pandas(study, levels, entry, lag):
    made = study(entry=entry)
    legs = made.legs
    assert legs["leg"].tolist() == ["asset", "benchmark", "spread"] * 3
    assert legs["horizon"].tolist() == [h for h in HORIZONS for _ in range(3)]
    for row in legs.to_dict("records"):
        every = outcomes(levels["A"], levels["B"], row["horizon"], lag)
        events = every[every.index.isin(EVENTS)]
        assert (row["n"], row["base_n"]) == (len(events), len(every))
        for prefix, frame in (("", events), ("base_", every)):
            for key, value in described(frame, row["leg"]).items():
                assert row[f"{prefix}{key}"] == pytest.approx(value, abs=1e-13), (row["leg"], prefix, key)


def test_the_base_rate_is_of_the_sessions_on_which_an_event_could_have_been_seen(history_of, plan_of, levels):
    marks = levels["M"].copy()
    marks[80:90] = NAN
    prices = history_of({**levels, "M": marks}, kinds={"M": "rate"})
    settings = {"measure.horizons": HORIZONS, "episodes.since": prices.sessions[30].item()}
    made = run_plan(plan_of(prices, settings))
    for row in made.legs.to_dict("records"):
        every = outcomes(levels["A"], levels["B"], row["horizon"])
        eligible = every[(every.index >= 30) & ~every.index.isin(range(80, 90))]
        assert row["base_n"] == len(eligible)
        for key, value in described(eligible, row["leg"]).items():
            assert row[f"base_{key}"] == pytest.approx(value, abs=1e-13), (row["leg"], key)


def test_the_hit_rate_of_the_spread_is_how_often_the_asset_beat_the_benchmark(study, levels):
    (row,) = study(horizons=[3]).legs.query("leg == 'spread'").to_dict("records")
    every = outcomes(levels["A"], levels["B"], 3)
    events = every[every.index.isin(EVENTS)]
    assert row["hit_rate"] == (events["asset"] > events["benchmark"]).mean()


def test_the_legs_agree_with_what_the_record_said_before(study):
    made = study()
    for row, base in zip(made.summary["horizons"], made.tables["base_rates"].to_pylist(), strict=True):
        for leg, figures in row["legs"].items():
            assert (figures["n"], figures["mean"]) == (row["n"], row[f"{leg}_mean"])
            assert (figures["base_n"], figures["base_mean"]) == (base["n"], base[f"{leg}_mean"])
            assert figures["base_median"] == base[f"{leg}_median"]
        assert row["legs"]["spread"]["hit_rate"] == row["hit_rate"]
        assert row["legs"]["spread"]["base_hit_rate"] == row["base_hit_rate"]


def test_table_and_json_are_the_same(study):
    made = study()
    flat = [
        {"horizon": row["horizon"], "leg": leg, **figures}
        for row in made.summary["horizons"]
        for leg, figures in row["legs"].items()
    ]
    assert made.tables["legs"].to_pylist() == flat
    json.dumps(made.summary, allow_nan=False)


def test_every_event_with_its_outcome_at_every_horizon(study, levels):
    made = study()
    found = with_outcomes(made.summary, made)["outcomes"]
    json.dumps(found, allow_nan=False)
    days = made.plan.dataset.prices.sessions[EVENTS].astype(str).tolist()
    assert [(one["event"], one["day0"]) for one in found] == list(zip(range(1, 7), days, strict=True))
    for one, t in zip(found, EVENTS, strict=True):
        for cell in one["horizons"]:
            every = outcomes(levels["A"], levels["B"], cell["horizon"])
            assert (cell["status"] == "complete") is (t in every.index) is (cell["reason"] == "")
            for key in ("asset", "benchmark", "spread", "asset_drawdown", "benchmark_drawdown", "spread_drawdown"):
                assert cell[key] == (pytest.approx(every.loc[t, key], abs=1e-13) if t in every.index else None), key
    pending = found[-1]["horizons"][-1]
    assert (pending["status"], pending["reason"]) == ("pending", "the window ends after the data")
    flat = [{"event": one["event"], **cell} for one in found for cell in one["horizons"]]
    assert made.tables["forward_returns"].to_pylist() == [
        {key: value for key, value in row.items() if key != "reason"} for row in flat
    ]


def test_without_a_benchmark_there_is_one_leg(study, levels):
    made = study(benchmark="")
    assert made.legs["leg"].tolist() == ["asset"] * 3
    assert [name for name in made.forward_returns if "drawdown" in name] == ["asset_drawdown"]
    for row in made.legs.to_dict("records"):
        every = outcomes(levels["A"], None, row["horizon"])
        for key, value in described(every[every.index.isin(EVENTS)], "asset").items():
            assert row[key] == pytest.approx(value, abs=1e-13)


def test_several_assets_have_a_block_each(study, workspace):
    made = study(asset=["A", "C"])
    alone = [study(asset=name) for name in ("A", "C")]
    joined = pd.concat([one.legs.assign(asset_name=name) for one, name in zip(alone, "AC", strict=True)])
    joined = joined.reset_index(drop=True)[made.legs.columns].astype(made.legs.dtypes.to_dict())  # texts of pyarrow 17
    pd.testing.assert_frame_equal(made.legs, joined, check_like=True)
    run = with_outcomes(made.summary, made)
    assert "outcomes" not in run
    for block, one in zip(run["assets"], alone, strict=True):
        assert block["outcomes"] == with_outcomes(one.summary, one)["outcomes"]
        assert [row["legs"] for row in block["horizons"]] == [row["legs"] for row in one.summary["horizons"]]
    made.save(workspace)
    assert load_run("marked", workspace=workspace.root).legs.equals(made.legs)


def test_a_horizon_without_a_complete_window_has_no_figure_and_a_reason(study):
    made = study(horizons=[1, 119])
    assert made.plan.dataset.prices.sessions.size == 120
    figures = made.summary["horizons"][1]["legs"]["asset"]
    assert figures["n"] == 0
    assert [figures[key] for key in FIGURES] == [None] * len(FIGURES)
    assert [note.code for note in made.notes].count("no_window") == 1


def test_the_record_on_disk_holds_the_tables(study, workspace):
    made = study()
    folder = made.save(workspace)
    run = load_run("marked", workspace=workspace.root)
    assert run.legs.equals(made.legs)
    assert (folder / "legs.parquet").exists()
    assert "outcomes" not in run.summary  # they are in the tables
