"""The odds of the target from a session: against the slow twin, by hand, and as CME printed them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow.parquet as pq
import pytest

from backtest.data.store.read import load_dataset
from backtest.errors import NotFound, StudyRefused
from backtest.model import Contracts
from backtest.outlook.meetings_ahead import futures_of, outlook
from backtest.rates.fedwatch import solve_meetings
from backtest.rates.meetings import Meeting, load_meetings, meetings_of
from backtest.rates.outcomes import outcome_probabilities
from backtest.workspace import builtin

MONTH = np.datetime64("2024-06", "M").astype(int)


@pytest.fixture
def strip(history_of):
    """Quotes of June to December 2024 on the weekdays of June and July 2024: 5.33, and a cut of 25 on 18 September."""
    sessions = np.arange("2024-06-03", "2024-08-01", dtype="datetime64[D]")
    sessions = sessions[np.is_busday(sessions)]
    # September: 18 days at 5.33, of the chain_post version 17 days before and 13 after the change
    rates = [5.33, 5.33, 5.33, 5.33 - 0.25 * 13 / 30, 5.08, 5.08, 5.08]
    n = len(sessions)
    table = Contracts(
        np.repeat(np.arange(n), len(rates)),
        np.tile(MONTH + np.arange(len(rates)), n),
        np.tile(100 - np.array(rates), n),
    )
    columns = {"R": np.full(n, 5.33), "T": np.full(n, 5.25)}
    roles = {"fed_funds_futures": "F", "policy_rate": "R", "policy_target": "T"}
    return history_of(columns, kinds={"R": "rate", "T": "rate"}, roles=roles, tables={"F": table}, sessions=sessions)


def test_one_certain_cut_by_hand(strip):
    at = int(np.searchsorted(strip.sessions, np.datetime64("2024-07-16")))
    rows = outlook(strip, "F", np.array([at]), load_meetings(), ahead=3).odds(0)
    assert [row.meeting for row in rows] == ["2024-07-31", "2024-09-18", "2024-11-07"]
    july, september, _ = rows
    assert [(one.moves, one.lower, one.upper) for one in july.outcomes][-1] == (0, 5.25, 5.5)
    sure = {one.moves: one for one in september.outcomes}[-1]
    assert (sure.lower, sure.upper) == (5.0, 5.25)
    assert sure.probability == pytest.approx(1.0, abs=1e-9)
    assert september.start == pytest.approx(5.33)
    assert september.end == pytest.approx(5.08)
    assert (july.cut, september.hike) == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9))


def test_a_look_from_some_sessions_is_that_from_all_the_sample():
    prices, calendar = load_dataset(builtin("datasets") / "sample").prices, load_meetings()
    contracts = prices.contracts("fed_funds_futures")
    whole = outcome_probabilities(solve_meetings(contracts, prices.sessions, calendar))
    begun = int(contracts.session[0])
    random = np.random.default_rng(11)
    for n in (1, 2, 7, 200):
        places = np.sort(random.choice(np.arange(begun, len(prices)), n, replace=False))
        some = outlook(prices, "fed_funds_futures", places, calendar)
        for name in ("meeting", "reason", "lowest", "probability"):
            np.testing.assert_array_equal(getattr(some.outcomes, name), getattr(whole, name)[places])


def test_a_look_from_some_sessions_is_that_from_all(strip):
    calendar = load_meetings()
    whole = outcome_probabilities(solve_meetings(strip.contracts("F"), strip.sessions, calendar, ahead=4))
    for places in ([0], [5, 20], [len(strip) - 1]):
        some = outlook(strip, "F", np.array(places), calendar, ahead=4)
        np.testing.assert_array_equal(some.outcomes.probability, whole.probability[places])
        np.testing.assert_array_equal(some.outcomes.lowest, whole.lowest[places])


def test_the_same_on_the_sample_from_every_year():
    from backtest.data.store.read import load_dataset
    from backtest.workspace import builtin

    prices = load_dataset(builtin("datasets") / "sample").prices
    calendar = load_meetings()
    whole = outcome_probabilities(solve_meetings(prices.contracts("fed_funds_futures"), prices.sessions, calendar))
    for place in range(2000, len(prices), 397):
        one = outlook(prices, "fed_funds_futures", np.array([place]), calendar)
        np.testing.assert_array_equal(one.outcomes.probability[0], whole.probability[place])
        np.testing.assert_array_equal(one.outcomes.reason[0], whole.reason[place])


def test_a_chain_reaches_back_to_the_final_settlement_of_three_months_ago(history_of):
    """Meetings in February, March and April, each month quoted within itself alone: January is the only anchor."""
    days = [dt.date(2023, 12, 13), *(dt.date(2024, month, 15) for month in (2, 3)), dt.date(2024, 4, 25)]
    calendar = meetings_of([Meeting(day, True, 5.5, 5.5, dt.date(2023, 1, 2)) for day in days])
    sessions = np.arange("2024-01-02", "2024-04-27", dtype="datetime64[D]")
    sessions = sessions[np.is_busday(sessions)]
    table = Contracts(
        np.arange(len(sessions)), sessions.astype("datetime64[M]").astype(np.int64), np.full(len(sessions), 94.67)
    )
    prices = history_of({"R": np.ones(len(sessions))}, kinds={"R": "rate"}, tables={"F": table}, sessions=sessions)
    looked = outlook(prices, "F", np.array([len(sessions) - 2]), calendar, "chain_post", ahead=1)
    (april,) = looked.odds(0)
    assert (april.start, april.end) == (pytest.approx(5.33), pytest.approx(5.33))


def test_an_unsolved_meeting_has_a_reason_and_no_outcome(strip):
    rows = outlook(strip, "F", np.array([30]), load_meetings(), ahead=8).odds(0)
    last = rows[-1]  # January 2025: the strip ends with December
    assert (last.meeting, last.reason) == ("2025-01-29", "a contract that it depends on was not quoted")
    assert (last.outcomes, last.cut, last.start) == ((), None, None)


def test_the_target_is_the_calendars_and_else_the_series(strip, tmp_path):
    at = np.array([30])
    decided = outlook(strip, "F", at, load_meetings())
    assert (decided.source, decided.target[0]) == (("calendar",), 5.5)
    blank = tmp_path / "meetings.csv"
    head = "date,scheduled,target_before,target_after,known,withdrawn\n"
    blank.write_text(head + "2024-06-12,yes,5.50,,2023-03-10,\n", encoding="utf-8")
    unknown = load_meetings(blank)
    stated = outlook(strip, "F", at, unknown)
    assert (stated.source, stated.target[0]) == (("T",), 5.25)
    strip.roles.pop("policy_target")
    none = outlook(strip, "F", at, unknown)
    assert none.source == (None,)
    assert none.range_after(0, -1) == (None, None)


def test_before_december_2008_the_target_was_one_number(history_of):
    sessions = np.array(["2008-12-15", "2008-12-16", "2008-12-17"], dtype="datetime64[D]")
    table = Contracts(np.arange(3), np.full(3, np.datetime64("2008-12", "M").astype(int)), np.full(3, 99.5))
    prices = history_of({"R": [1.0, 1.0, 0.2]}, tables={"F": table}, sessions=sessions)
    looked = outlook(prices, "F", np.arange(3), load_meetings())
    assert [looked.range_after(i, 0) for i in range(3)] == [(1.0, 1.0), (1.0, 1.0), (0.0, 0.25)]
    assert looked.range_after(0, -1) == (0.75, 0.75)


def test_what_is_missing_of_the_cuts_priced_has_its_reason(strip):
    from backtest.outlook.at_close import _cuts

    found, notes = _cuts(strip, "F", 30)  # the strip ends five months ahead
    assert (found["moves"], found["effective"]) == (None, 5.33)
    assert notes[0].text == "Not given: the contract 12 months ahead was not quoted."
    strip.columns["R"][30] = np.nan
    assert _cuts(strip, "F", 30)[1][0].text == "Not given: R has no value on that session."
    strip.roles.pop("policy_rate")
    assert _cuts(strip, "F", 30)[1][0].text == "Not given: the dataset has no series in the role policy_rate."


def test_the_futures_of_a_dataset(strip, history_of):
    assert futures_of(strip) == "F"
    strip.roles.pop("fed_funds_futures")
    assert futures_of(strip) == "F"
    assert futures_of(history_of({"A": [1.0]})) is None


def test_without_futures_the_hint_names_what_may_stand_in(history_of):
    with pytest.raises(NotFound, match="no futures") as bare:
        history_of({"A": [1.0]}).contracts("fed_funds_futures")
    assert 'of = "cuts_priced_proxy"' in bare.value.hint


def test_on_real_history_the_table_is_that_of_docs(us_size):
    from backtest.outlook.at_close import fedwatch_json

    # The prices are those of the session before. By hand, of 07-09: quotes of July, August, October 94.6725, 94.685,
    # 94.86: a cut in July has the odds
    # (5.315 - (31 * 5.3275 - 5.315) / 30) / -0.25 = 0.0517, one in September 0.70; 1 - 0.9483 * 0.30 = 0.7155
    for day, odds, cuts in ((10, 0.7155, 4.50), (12, 0.910, None), (17, 1.0, 5.56)):
        content = fedwatch_json(us_size, "us-size", dt.date(2024, 7, day))
        (september,) = [row for row in content["meetings"] if row["meeting"] == "2024-09-18"]
        assert september["cut"] == pytest.approx(odds, abs=5e-4)
        assert cuts is None or round(content["cuts_priced"]["moves"], 2) == cuts
        assert content["target"] == {"lower": 5.25, "upper": 5.5, "source": "calendar"}
        assert content["cuts_priced"]["effective"] == 5.33
        for row in content["meetings"]:
            assert sum(one["probability"] for one in row["outcomes"]) == pytest.approx(1)
    later = fedwatch_json(us_size, "us-size", dt.date(2026, 5, 7))
    assert later["target"] == {"lower": 3.5, "upper": 3.75, "source": "DFEDTARU"}
    last = fedwatch_json(us_size, "us-size")
    assert last["session"] == "2026-07-31"
    assert last["target"] == later["target"]  # no change in FRED's file between them


def test_on_the_day_of_the_tariffs_nothing_of_the_evening_is_shown(us_size, shared):
    # Announced on 2025-04-02 after the close of the stock market; CME, from settlements, gave a cut on 7 May 10.6%.
    from backtest.outlook.at_close import fedwatch_json

    content = fedwatch_json(us_size, "us-size", dt.date(2025, 4, 2))
    rows = pq.read_table(shared / "data" / "rates" / "fed_funds_futures.parquet").to_pylist()

    def cut_in_may(day):
        """June and July have a meeting each, on the 18th and 30th; April and August, without one, give the ends."""
        rate = {row["contract_month"]: 100 - row["price"] for row in rows if row["date"].date() == day}
        end = rate["2025-08"]
        for month, days, before in (("2025-07", 31, 30), ("2025-06", 30, 18)):
            end = (days * rate[month] - (days - before) * end) / before
        return (rate["2025-04"] - end) / 0.25

    (may,) = [row for row in content["meetings"] if row["meeting"] == "2025-05-07"]
    assert may["cut"] == pytest.approx(cut_in_may(dt.date(2025, 4, 1)), abs=1e-9)
    assert cut_in_may(dt.date(2025, 4, 2)) > may["cut"] + 0.05  # with the trades of that evening
    assert content["quoted"] == {"first": "2025-04-01", "last": "2025-04-02"}  # settlements from July 2026 on
    (note,) = [note for note in content["notes"] if note["code"] == "quoted_before"]
    assert note["text"].startswith("13 of 38 contracts have prices of 2025-04-01: trades of 2025-04-02")


def test_a_day_without_a_session_takes_the_one_before(us_size):
    from backtest.outlook.at_close import fedwatch_json

    friday = fedwatch_json(us_size, "us-size", dt.date(2023, 4, 7))  # Good Friday: futures were quoted, stocks not
    assert (friday["session"], friday["quoted"]) == ("2023-04-06", {"first": "2023-04-06", "last": "2023-04-06"})
    (note,) = [note for note in friday["notes"] if note["code"] == "no_session"]
    assert note["text"].endswith("what was quoted in between is known at the next, 2023-04-10.")
    assert fedwatch_json(us_size, "us-size", dt.date(2026, 8, 2))["session"] == "2026-07-31"  # a Sunday
    with pytest.raises(StudyRefused, match="outside the quotes of FF in 'us-size', from 1989-08-25 to 2026-07-31"):
        fedwatch_json(us_size, "us-size", dt.date(2026, 8, 3))
