"""Studies over calendar horizons: published figures on real data, counting rules, records, and rows kept apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from backtest import Strategy, load_run, run
from backtest.comparison.entries import Entry
from backtest.comparison.result import compare_json
from backtest.data.store.read import load_dataset
from backtest.model.by_asset import asset_runs
from backtest.record.read import read_run
from backtest.study.run import run_plan
from backtest.tuning.search import search

# Published outcomes: ../shared/CLAIMS.md, part two


@pytest.fixture(scope="module")
def real(us_size):
    return load_dataset(us_size.dataset("us-size"))


def after_each(real, strategy):
    found = run(strategy, real, trade=False).forward_returns
    return found.loc[found["calendar"] == "1y", "asset"].tolist()


def test_a_year_after_days_of_5_percent(real):
    # Claim 11: 24 days since 1962; a calendar year later +26.92%, 252 sessions later +26.90%, higher after 91.7%.
    strategy = Strategy.of(
        {"use": "move", "series": "GSPC", "sessions": 1, "threshold": 0.05},
        measure={"asset": "GSPC", "benchmark": "", "horizons": [252, "1y"]},
    )
    study = run(strategy, real, trade=False)
    rules = {rule["rule"]: {row["horizon"]: row for row in rule["horizons"]} for rule in study.summary["rules"]}
    every = rules["every"]
    assert {label: (row["events"], row["n"]) for label, row in every.items()} == {252: (24, 24), "1y": (24, 24)}
    assert every["1y"]["asset_mean"] == pytest.approx(0.2692, abs=5e-5)
    assert every[252]["asset_mean"] == pytest.approx(0.2690, abs=5e-5)
    # At most one a year: 9 events, +16.4%.
    assert rules["apart"]["1y"]["events"] == 9
    assert rules["apart"]["1y"]["asset_mean"] == pytest.approx(0.164, abs=5e-4)
    days = study.plan.dataset.prices.sessions[study.detection.condition.met].astype(str).tolist()
    listed = Strategy.of(days, measure={"asset": "GSPC", "benchmark": "", "horizons": ["1y"]})
    assert np.mean(np.array(after_each(real, listed)) > 0) == pytest.approx(0.917, abs=5e-4)


def test_a_year_after_first_cuts(real):
    # Claim 19: 9.76% after 2019-07-31, 27.18% after 2020-03-03. Claim 20: -20.6% after 2007-09-18.
    days = ["2007-09-18", "2019-07-31", "2020-03-03"]
    strategy = Strategy.of(days, measure={"asset": "GSPC", "benchmark": "", "horizons": ["1y"]})
    first, *others = after_each(real, strategy)
    assert first == pytest.approx(-0.206, abs=5e-4)
    assert others == pytest.approx([0.0976, 0.2718], abs=5e-5)


def test_every_session_of_the_real_history_is_that_of_pandas(real):
    close = pd.Series(real.prices.close("GSPC"), pd.DatetimeIndex(real.prices.sessions.astype("datetime64[ns]")))
    strategy = Strategy.of(["2020-03-23"], measure={"asset": "GSPC", "benchmark": "", "horizons": ["1w", "1m", "5y"]})
    forward = run(strategy, real, trade=False).assets[0].base_rate.forward
    for column, ahead in enumerate([{"weeks": 1}, {"months": 1}, {"years": 5}]):
        later = close.index + pd.DateOffset(**ahead)
        at = close.index.get_indexer(later, method="pad")
        expected = close.to_numpy()[at] / close.to_numpy() - 1
        expected[later > close.index[-1]] = np.nan
        np.testing.assert_array_equal(forward.judged[:, column], expected)


# On made histories


@pytest.fixture
def history(history_of):
    rng = np.random.default_rng(5)
    marks = (np.arange(400) % 9 == 4).astype(float)
    a, b = 100 * np.cumprod(1 + rng.normal(0, 0.01, (2, 400)), axis=1)
    return history_of({"A": a, "B": b, "M": marks}, kinds={"M": "rate"})


MIXED = [5, 21, 252, "1w", "1m", "1y"]
ORDER = [5, "1w", 21, "1m", 252, "1y"]


@pytest.fixture
def study(history, plan_of):
    return run_plan(plan_of(history, {"measure.horizons": MIXED}))


def test_rows_stand_in_order_of_length_and_are_told_apart(study):
    assert [row["horizon"] for row in study.summary["horizons"]] == ORDER
    assert study.summary["robustness"]["horizons"] == ORDER
    assert study.summary["parameters"]["measure.horizons"] == MIXED
    table = study.horizons
    assert table["horizon"].tolist() == [5, 5, 21, 21, 252, 252]
    assert table["calendar"].fillna("").tolist() == ["", "1w", "", "1m", "", "1y"]
    by_horizon = study.forward_returns.groupby(["horizon", "calendar"], dropna=False).size()
    assert (by_horizon == len(study)).all()
    assert len(by_horizon) == 6
    assert list(study.forward_returns.columns[1:3]) == ["horizon", "calendar"]


def test_no_overlap_means_that_windows_themselves_do_not(study, history):
    # After an event none is taken on or before the last session of its own window, as pandas finds that.
    days = pd.DatetimeIndex(history.sessions.astype("datetime64[ns]"))
    met = np.flatnonzero(history.close("M") == 1)
    for word, ahead in {"1w": {"weeks": 1}, "1m": {"months": 1}, "1y": {"years": 1}}.items():
        taken, over = 0, pd.Timestamp.min
        for t in met:
            if days[t] > over:
                taken, over = taken + 1, days[t] + pd.DateOffset(**ahead)
        rule = next(rule for rule in study.summary["rules"] if rule["rule"] == "apart")
        row = next(row for row in rule["horizons"] if row["horizon"] == word)
        assert row["events"] == taken, word


def test_a_record_of_both_opens_again_and_one_of_sessions_is_as_before(history, plan_of, workspace):
    both = run_plan(plan_of(history, {"measure.horizons": MIXED}))
    record = read_run(both.save(workspace))
    assert [row["horizon"] for row in record.run["horizons"]] == ORDER
    for name in ("horizons", "forward_returns", "base_rates", "rules", "inference", "opinions", "matched", "influence"):
        assert record.tables[name].equals(both.tables[name]), name
        assert "calendar" in record.tables[name].column_names, name
    assert load_run("marked", workspace=workspace.root).horizons["calendar"].dropna().tolist() == ["1w", "1m", "1y"]
    page = (record.folder / "report.html").read_text(encoding="utf-8")
    assert "1 year<small>1y, by the calendar</small>" in page
    counted = run_plan(plan_of(history, {"measure.horizons": [5, 21]}))
    folder = counted.save(workspace)
    for path in folder.glob("*.parquet"):
        assert "calendar" not in pq.read_schema(path).names, path
    assert read_run(folder).run["horizons"][0]["horizon"] == 5


def test_influence_of_a_year_is_not_that_of_252_sessions(history, plan_of, workspace):
    made = run_plan(plan_of(history, {"measure.horizons": [252, "1y"]}))
    from backtest.report.pages.run.without_one import influences, left_out_rows

    table = read_run(made.save(workspace)).tables["influence"]
    for at, word in enumerate([None, "1y"]):
        rows = [
            row for row in table.to_pylist() if row["calendar"] == word and row["unit"] == "event" and row["left_out"]
        ]
        (event,) = (row for row in left_out_rows(made.summary, influences(table), at, 200) if row["unit"] == "event")
        told = sorted(text for _, text in event["dots"])
        assert len(told) == len(rows) > 5
        assert event["excess_low"] == min(row["excess"] for row in rows)


def test_several_assets_have_the_same_horizons(history, plan_of):
    made = run_plan(plan_of(history, {"measure.horizons": MIXED, "measure.asset": ["A", "B"], "measure.benchmark": ""}))
    for one in asset_runs(made.summary):
        assert [row["horizon"] for row in one["horizons"]] == ORDER
    assert made.horizons["calendar"].dropna().tolist() == ["1w", "1m", "1y"] * 2


def test_a_comparison_has_a_row_for_each_of_both(history, plan_of):
    # Another study has other horizons: rows of the same length in sessions are not put together.
    studies = [run_plan(plan_of(history, {"measure.horizons": asked})) for asked in ([21, 252], ["1m", "1y"])]
    content = compare_json([Entry(study.summary, study) for study in studies])
    assert content["horizons"] == [21, "1m", 252, "1y"]
    rows = [row for study in content["studies"] for row in study["horizons"]]
    assert [row["horizon"] for row in rows] == [21, 252, "1m", "1y"]
    best = min(rows, key=lambda row: (row["p_adjusted"], row["p_value"]))["horizon"]
    named = {21: "over 21 sessions", 252: "over 252 sessions", "1m": "over 1 month", "1y": "over 1 year"}
    assert named[best] in content["verdict"]


def test_a_grid_is_searched_over_calendar_horizons(history, plan_of):
    found = search(plan_of(history, {"measure.horizons": MIXED}), [{"detector.pattern": 1}, {"episodes.cooldown": 20}])
    assert found.horizons == tuple(ORDER)
    single = run_plan(plan_of(history, {"measure.horizons": MIXED}))
    for column, row in enumerate(single.summary["horizons"]):
        assert found.p_value[0, column] == row["p_value"]
        assert found.excess[0, column] == row["excess"]


def test_windows_to_a_day_after_the_data_are_pending_and_said_to_be(history, history_of, plan_of):
    # 400 weekdays from 2000-01-03 end on Friday 2001-07-13: two weeks after Friday 2001-06-29, before Monday the 2nd's.
    marks = np.zeros(400)
    marks[[387, 389, 391]] = 1
    columns = {"A": history.close("A"), "B": history.close("B"), "M": marks}
    made = run_plan(plan_of(history_of(columns, kinds={"M": "rate"}), {"measure.horizons": ["2w", "1y"]}))
    assert [event["day0"] for event in made.summary["events"]] == ["2001-06-27", "2001-06-29", "2001-07-03"]
    assert made.forward_returns["status"].tolist() == ["complete", "pending"] * 2 + ["pending"] * 2
    assert [row["pending"] for row in made.summary["horizons"]] == [1, 3]
    (note,) = (note["text"] for note in made.summary["notes"] if note["code"] == "pending")
    assert note == "Events pending, by horizon: 1 at 2w, 3 at 1y; the window ends after the data."


def test_a_hole_of_the_history_is_said(history, history_of, plan_of):
    keep = (history.sessions < np.datetime64("2001-02-01")) | (history.sessions > np.datetime64("2001-04-01"))
    marks = (history.sessions == np.datetime64("2001-01-31")).astype(float)
    columns = {"A": history.close("A")[keep], "B": history.close("B")[keep], "M": marks[keep]}
    prices = history_of(columns, kinds={"M": "rate"}, sessions=history.sessions[keep])
    made = run_plan(plan_of(prices, {"measure.horizons": [5, "1w", "1m", "3m"]}))
    assert made.forward_returns["status"].tolist() == ["complete", "missing", "missing", "complete"]
    (note,) = (note["text"] for note in made.summary["notes"] if note["code"] == "missing")
    reason = "a leg has no level at entry or at the end, or the window ends in a hole of the history."
    assert note == f"Events missing, by horizon: 1 at 1w, 1 at 1m; {reason}"
