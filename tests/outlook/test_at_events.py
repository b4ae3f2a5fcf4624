"""What is recorded of expectations around events, looked up by hand in the quotes."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import numpy as np
import pytest

from backtest.data.store.read import load_dataset
from backtest.outlook.at_events import AHEAD, BEFORE, LATEST, MONTHS, expectations_of
from backtest.plan import plan_on
from backtest.study.detect_events import detect_events
from backtest.study.export.expectations import expectations_json, expectations_tables
from backtest.study.run import run_plan
from backtest.workspace import Workspace, builtin

SHIFT = {"detector.moves": 2.0, "episodes.since": "2018-01-01"}


class Exported(NamedTuple):
    """The tables of the record, and what run.json says of them."""

    tables: dict
    about: dict


@pytest.fixture(scope="module")
def sample():
    return load_dataset(builtin("datasets") / "sample")


@pytest.fixture(scope="module")
def made(sample):
    def build(name, **overrides):
        plan = plan_on(sample, Workspace.find(), name, {key.replace("__", "."): v for key, v in overrides.items()})
        seen = detect_events(plan)
        found = expectations_of(plan, seen)
        return seen, None if found is None else Exported(
            expectations_tables(found, plan.dataset.prices, seen), expectations_json(found)
        )

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
    from backtest.outlook.at_close import fedwatch_json

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
    assert first["reason"] == "two changes in one month cannot be separated"


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


def test_a_detector_that_reads_no_futures_has_those_of_the_dataset(made, sample):
    for name in ("streak5", "first_cut"):
        study = run_plan(plan_on(sample, Workspace.find(), name))
        rows = study.tables["expected_odds"].to_pylist()
        sessions = sample.prices.sessions
        days = {number: sessions[at] for number, at in enumerate(study.detection.events.day0.tolist(), 1)}
        quoted = {number for number, day in days.items() if day >= np.datetime64("1994-01-03")}  # as its manifest says
        assert quoted
        assert {row["event"] for row in rows} == quoted
        assert "expected_cuts" not in study.tables
        assert study.summary["expectations"]["unquoted"] == len(days) - len(quoted)
        assert study.summary["expectations"]["events"] == len(quoted)
        for row in study.tables["expected_path"].to_pylist():
            assert row["rate"] == quote(sample.prices, days[row["event"]].item(), row["month"])


def test_of_many_events_only_the_latest_are_looked_at(made):
    seen, found = made("streak5", detector__sessions=2, detector__threshold=0.0, episodes__cooldown=1)
    assert len(seen.events) > LATEST
    first = len(seen.events) - LATEST + 1
    for name in ("expected_path", "expected_odds"):
        assert set(found.tables[name]["event"].to_pylist()) == set(range(first, len(seen.events) + 1))
    assert found.about["events"] == LATEST


def test_without_an_event_under_quotes_there_are_none(made):
    seen, found = made("streak5", detector__sessions=3, episodes__until=dt.date(1993, 12, 31))
    assert len(seen.events)
    assert found is None


def test_the_run_says_what_was_used(made):
    seen, found = made("surprise_cut")
    assert found.about == {
        "futures": "SIM_FED_FUNDS_FUTURES",
        "title": "Simulated fed funds futures, months 0 to 12 ahead",
        "before": 5,
        "versions": ["chain_post", "typed_2015"],
        "without_target": 0,
        "cuts_over": 12,
        "policy": "SIM_POLICY_RATE",
        "quoted": ["1994-01-03", "2025-12-31"],
        "unquoted": 0,
        "events": len(seen.events),
    }


def test_the_detectors_own_version_is_used(made):
    own = made("ratecut", detector__use="probability_cross", detector__version="typed_2015")[1]
    assert own.about["versions"] == ["typed_2015"]
    assert set(own.tables["expected_odds"]["version"].to_pylist()) == {"typed_2015"}


def test_each_event_names_the_version_that_solved_it(made, sample):
    seen, found = made("surprise_cut")
    days = [sample.prices.sessions[at].item() for at in seen.events.day0.tolist()]
    for row in found.tables["expected_odds"].to_pylist():
        day = days[row["event"] - 1]
        late = day >= dt.date(2025, 8, 1)
        assert row["version"] == ("chain_pre" if late else "chain_post" if day >= dt.date(2018, 1, 1) else "typed_2015")
