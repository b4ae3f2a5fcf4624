"""What is recorded of expectations around events, looked up by hand in the quotes."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from backtest.data.load import load_dataset
from backtest.study.expectations import AHEAD, BEFORE, MONTHS, expectations_of
from backtest.study.observe import observe
from backtest.study.plan import plan_on
from backtest.study.result import run_plan
from backtest.workspace import Workspace, builtin

SHIFT = {"detector.moves": 2.0, "episodes.since": "2018-01-01"}


@pytest.fixture(scope="module")
def sample():
    return load_dataset(builtin("datasets") / "sample")


@pytest.fixture(scope="module")
def made(sample):
    def build(name, **overrides):
        plan = plan_on(sample, Workspace.find(), name, {key.replace("__", "."): v for key, v in overrides.items()})
        seen = observe(plan)
        return seen, expectations_of(plan, seen)

    return build


def quote(prices, day, month):
    """One implied rate, found by walking through all quotes of the day; None where there is none."""
    contracts = prices.contracts("fed_funds_futures")
    at = prices.sessions.tolist().index(day)
    low, high = np.searchsorted(contracts.session, [at, at + 1])
    for place in range(low, high):
        if np.datetime64(int(contracts.month[place]), "M") == np.datetime64(month, "M"):
            return 100 - contracts.price[place]
    return None


def test_the_path_is_what_was_quoted_on_the_day_and_five_sessions_before(made, sample):
    seen, found = made("ratecut", detector__moves=2.0)
    rows = found.tables["expected_path"].to_pylist()
    assert {row["event"] for row in rows} == set(range(1, len(seen.events) + 1))
    sessions = sample.prices.sessions
    for event in (1, len(seen.events)):
        at = int(seen.events.day0[event - 1])
        mine = [row for row in rows if row["event"] == event]
        assert mine[0]["month"] == sessions[at].astype("datetime64[M]").astype("datetime64[D]").item()
        for row in mine:
            assert row["rate"] == quote(sample.prices, sessions[at].item(), row["month"])
            assert row["before"] == quote(sample.prices, sessions[at - BEFORE].item(), row["month"])
        assert len(mine) <= MONTHS + 1


def test_the_odds_add_up_and_agree_with_the_command(made, sample):
    from backtest.study.fedwatch import fedwatch_json

    seen, found = made("ratecut", detector__moves=2.0)
    last = len(seen.events)
    rows = [row for row in found.tables["expected_odds"].to_pylist() if row["event"] == last]
    day = sample.prices.sessions[seen.events.day0[-1]].item()
    told = fedwatch_json(Workspace.find(), "sample", day, ahead=AHEAD)
    for meeting in told["meetings"]:
        mine = [row for row in rows if str(row["meeting"]) == meeting["meeting"]]
        assert {row["moves"]: row["probability"] for row in mine} == {
            one["moves"]: one["probability"] for one in meeting["outcomes"]
        }
        assert sum(row["probability"] for row in mine) == pytest.approx(1)
        assert {(row["lower"], row["upper"]) for row in mine} == {(told["target"]["lower"], told["target"]["upper"])}


def test_an_unsolved_meeting_is_one_row_with_its_reason(made):
    seen, found = made("surprise_cut", episodes__since=dt.date(2020, 3, 1), episodes__until=dt.date(2020, 3, 10))
    assert len(seen.events) == 1  # 3 March 2020: two changes in the month
    first = found.tables["expected_odds"].to_pylist()[0]
    assert (first["meeting"], first["moves"], first["probability"]) == (dt.date(2020, 3, 18), None, None)
    assert first["reason"] == "two changes in one month cannot be told apart"


def test_cuts_priced_are_recorded_where_the_indicator_is_something_else(made, sample):
    assert "expected_cuts" not in made("ratecut")[1].tables
    assert "expected_cuts" in made("ratecut", detector__months=6)[1].tables
    seen, found = made("surprise_cut")
    table = found.tables["expected_cuts"].to_pylist()
    assert len(table) == len(sample.prices) - seen.window[0]
    row = next(row for row in table if row["session"] == dt.date(2024, 7, 16))
    rate = dict(zip(sample.prices.sessions.tolist(), sample.prices.close("policy_rate").tolist(), strict=True))
    day = dt.date(2024, 7, 16)
    assert row["cuts"] == pytest.approx((rate[day] - quote(sample.prices, day, "2025-07")) / 0.25)


def test_a_detector_that_reads_no_futures_has_none(made, sample):
    assert made("streak5")[1] is None
    assert made("first_cut")[1] is None
    study = run_plan(plan_on(sample, Workspace.find(), "first_cut"))
    assert study.summary["expectations"] is None
    assert not any(name.startswith("expected") for name in study.tables)


def test_the_run_says_what_was_used(made):
    about = made("surprise_cut")[1].about
    assert about == {
        "futures": "SIM_FED_FUNDS_FUTURES",
        "title": "Simulated fed funds futures, months 0 to 12 ahead",
        "before": 5,
        "versions": ["chain_post", "typed_2015"],
        "without_target": 0,
        "cuts_over": 12,
        "policy": "SIM_POLICY_RATE",
    }


def test_the_detectors_own_version_is_used(made):
    own = made("ratecut", detector__use="probability_cross", detector__version="typed_2015")[1]
    assert own.about["versions"] == ["typed_2015"]
