"""The Fed's meetings and moves, against dates that are public facts and surprises worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from backtest.detect.builtin import meeting, policy_change, probability_cross
from backtest.detect.episodes import find_episodes
from backtest.model import Contracts

NAN = float("nan")
FIRST_CUTS = ["1995-07-06", "1998-09-29", "2001-01-03", "2007-09-18", "2019-07-31", "2024-09-18"]
FIRST_HIKES = ["1997-03-25", "1999-06-30", "2004-06-30", "2015-12-16", "2022-03-16"]
HEAD = "date,scheduled,target_before,target_after,known,withdrawn\n"


def month(text):
    return int(np.datetime64(text, "M").astype(int))


@pytest.fixture
def on(history_of):
    """Build a history of weekdays between two dates, with futures {(session, contract month): price}."""

    def build(first, last, quotes=()):
        sessions = np.arange(first, last, dtype="datetime64[D]")
        sessions = sessions[np.is_busday(sessions)]
        rows = sorted(
            (int(np.searchsorted(sessions, np.datetime64(d))), month(m), p) for (d, m), p in dict(quotes).items()
        )
        columns = [np.array(column) for column in zip(*rows, strict=True)] or [np.array([], dtype=int)] * 3
        table = Contracts(columns[0], columns[1], columns[2].astype(float))
        return history_of(
            {"X": np.ones(len(sessions))},
            sessions=sessions,
            roles={"fed_funds_futures": "ZQ"},
            tables={"ZQ": table},
        )

    return build


def flagged(prices, condition):
    return prices.sessions[condition.met].astype(str).tolist()


@pytest.mark.parametrize(("move", "dates"), [("first_cut", FIRST_CUTS), ("first_hike", FIRST_HIKES)])
def test_the_turns_of_policy_since_1994_are_public_facts(on, move, dates):
    prices = on("1994-01-03", "2025-12-01")
    found = policy_change.detect(prices, move=move)
    assert flagged(prices, found) == dates
    assert not found.known[prices.sessions < np.datetime64("1994-02-04")].any()
    assert found.known[prices.sessions >= np.datetime64("1994-02-04")].all()


def test_moves_by_direction_and_by_how_they_were_called(on):
    prices = on("2001-01-01", "2001-12-31")
    cuts = [
        "2001-01-03", "2001-01-31", "2001-03-20", "2001-04-18", "2001-05-15", "2001-06-27", "2001-08-21",
        "2001-09-17", "2001-10-02", "2001-11-06", "2001-12-11",
    ]  # fmt: skip
    assert flagged(prices, policy_change.detect(prices, move="cut")) == cuts
    assert flagged(prices, policy_change.detect(prices, move="any")) == cuts
    assert not policy_change.detect(prices, move="hike").met.any()
    called = flagged(prices, policy_change.detect(prices, move="cut", called="unscheduled"))
    assert called == ["2001-01-03", "2001-04-18", "2001-09-17"]
    target = policy_change.detect(prices, move="cut").indicator.values
    assert target[[0, -1]].tolist() == [6.5, 1.75]


def test_before_the_calendar_the_target_itself_tells(on):
    """A target of 3, 3.25 on 1993-11-02, missing on 1993-11-30, 3 on 1993-12-01; the calendar begins on 1994-02-04."""
    prices = on("1993-10-25", "1995-07-31")
    sessions = prices.sessions
    target = np.where(sessions >= np.datetime64("1993-11-02"), 3.25, 3.0)
    target[sessions >= np.datetime64("1993-12-01")] = 3.0
    target[sessions >= np.datetime64("1994-02-07")] = 2.0  # the calendar knows better
    target[sessions == np.datetime64("1993-11-30")] = NAN
    prices = replace(prices, columns={**prices.columns, "T": target}, series={**prices.series, "T": prices.info("X")})
    cuts = policy_change.detect(prices, move="cut", earlier="T")
    assert flagged(prices, cuts) == ["1993-12-01", "1995-07-06"]
    assert flagged(prices, policy_change.detect(prices, move="hike", earlier="T"))[:2] == ["1993-11-02", "1994-02-04"]
    assert flagged(prices, policy_change.detect(prices, move="first_cut", earlier="T")) == ["1993-12-01", "1995-07-06"]
    assert not cuts.known[sessions < np.datetime64("1993-11-02")].any()
    assert cuts.known[sessions >= np.datetime64("1993-11-02")].all()
    value = dict(zip(sessions.astype(str), cuts.indicator.values, strict=True))
    assert (value["1993-11-02"], value["1993-12-01"], value["1994-02-03"]) == (3.25, 3.0, 3.0)
    for cut in (10, 27, 28, 60, 75):  # nothing later is known
        known = policy_change.detect(prices.until(cut), move="cut", earlier="T")
        assert known.met.tolist() == cuts.met[: len(known.met)].tolist()
        assert known.known.tolist() == cuts.known[: len(known.met)].tolist()
    for none in ("", None):
        assert flagged(prices, policy_change.detect(prices, move="cut", earlier=none)) == ["1995-07-06"]


def test_an_announcement_on_a_sunday_falls_on_the_next_session(on):
    prices = on("2020-03-01", "2020-04-01")
    assert flagged(prices, policy_change.detect(prices, move="cut")) == ["2020-03-03", "2020-03-16"]


def test_after_a_decision_that_is_not_known_nothing_is(on, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(HEAD + "2025-10-29,yes,4.25,,,\n", encoding="utf-8")
    prices = on("2025-09-01", "2025-12-31")
    found = policy_change.detect(prices, move="cut", meetings=path)
    assert flagged(prices, found) == ["2025-09-17"]
    assert (found.known == (prices.sessions < np.datetime64("2025-10-29"))).all()
    assert np.isnan(found.indicator.values[~found.known]).all()


def test_a_surprise_is_scaled_to_the_days_it_touches(on):
    # 2001-01-03: 31 days, 28 of them after the change. The contract's rate falls from 6.30 to 5.90 on that day:
    # 0.40 x 31 / 28 = 0.4429, or 1.771 moves, beyond what was priced.
    quotes = {("2001-01-02", "2001-01"): 93.70, ("2001-01-03", "2001-01"): 94.10}
    prices = on("2001-01-02", "2001-01-31", quotes)
    found = policy_change.detect(prices, move="cut", surprise=1.77)
    assert flagged(prices, found) == ["2001-01-03"]
    assert found.indicator.values[1] == pytest.approx(-0.40 * 31 / 28 / 0.25, abs=1e-12)
    assert (found.indicator.threshold, found.indicator.side) == (-1.77, "below")
    assert not policy_change.detect(prices, move="cut", surprise=1.78).met.any()
    assert not policy_change.detect(prices, move="hike", surprise=0.1).met.any()


def test_in_the_last_week_the_next_months_contract_is_read(on):
    # 2001-06-27 leaves three days of June. July's rate falls by 0.05 points: a fifth of a move, unscaled.
    quotes = {("2001-06-26", "2001-07"): 96.20, ("2001-06-27", "2001-07"): 96.25}
    quotes |= {("2001-06-26", "2001-06"): 96.00, ("2001-06-27", "2001-06"): 96.50}
    prices = on("2001-06-01", "2001-07-31", quotes)
    found = policy_change.detect(prices, move="cut", surprise=0.19)
    assert flagged(prices, found) == ["2001-06-27"]
    assert found.indicator.values[found.met] == pytest.approx([-0.2], abs=1e-9)


def test_a_surprise_the_other_way_is_none(on):
    # A cut of less than was priced: the rate rises on the day.
    quotes = {("2001-01-02", "2001-01"): 94.10, ("2001-01-03", "2001-01"): 93.90}
    assert not policy_change.detect(on("2001-01-02", "2001-01-31", quotes), move="cut", surprise=0.1).met.any()


def test_a_change_without_a_quote_is_unknown(on):
    quotes = {("2001-01-03", "2001-01"): 94.10}
    prices = on("2001-01-02", "2001-01-30", quotes)
    found = policy_change.detect(prices, move="cut", surprise=0.1)
    assert not found.met.any()
    assert prices.sessions[~found.known].astype(str).tolist() == ["2001-01-03"]


@pytest.mark.parametrize(
    ("day", "before", "published"), [("2001-01-03", "2001-01-02", -38), ("2001-04-18", "2001-04-17", -43)]
)
def test_the_surprises_of_2001_as_published(on, shared, day, before, published):
    """Kuttner (2001) and Bernanke and Kuttner (2005) give -38 and -43 basis points."""
    table = pq.ParquetFile(shared / "data" / "rates" / "fed_funds_futures.parquet").read()
    table = table.filter(pc.equal(table["source"], "pyfedwatch"))
    table = table.filter(pc.is_in(pc.cast(table["date"], pa.date32()), pa.array([day, before]).cast(pa.date32())))
    quotes = {(str(row["date"])[:10], str(row["contract_month"])[:7]): row["price"] for row in table.to_pylist()}
    prices = on("2001-01-02", "2001-05-01", quotes)
    found = policy_change.detect(prices, move="any", surprise=0.01)
    at = int(np.searchsorted(prices.sessions, np.datetime64(day)))
    assert found.indicator.values[at] * 25 == pytest.approx(published, abs=0.6)


OCTOBER = {("1998-10-14", "1998-10"): 94.805, ("1998-10-15", "1998-10"): 94.785, ("1998-10-16", "1998-10"): 94.89}


def test_a_cut_after_the_futures_had_settled_is_a_surprise_at_the_next_close(on):
    # 15 October 1998, 31 days, 16 of them after the change: (94.785 - 94.890) x 31 / 16 = -0.2034, or -0.814 moves.
    prices = on("1998-10-14", "1998-10-30", OCTOBER)
    found = policy_change.detect(prices, move="cut", surprise=0.81)
    assert flagged(prices, found) == ["1998-10-16"]
    assert found.indicator.values[:4] == pytest.approx([0, 0, -0.105 * 31 / 16 / 0.25, 0], abs=1e-9)
    assert not policy_change.detect(prices, move="cut", surprise=0.82).met.any()
    assert flagged(prices, policy_change.detect(prices, move="cut")) == ["1998-10-15"]  # stocks were still open
    for end in ("1998-10-16", "1998-10-17"):  # as it was known on the 15th, and on the 16th
        part = on("1998-10-14", end, {key: price for key, price in OCTOBER.items() if key[0] < end})
        then = policy_change.detect(part, move="cut", surprise=0.81)
        n = len(part.sessions)
        assert (then.met == found.met[:n]).all()
        assert (then.known == found.known[:n]).all()
        np.testing.assert_array_equal(then.indicator.values, found.indicator.values[:n])


def test_after_the_settlement_of_a_day_without_trading_the_next_session_answers(on, tmp_path):
    path = tmp_path / "mine.csv"  # a Saturday: Monday's close is the first after it
    path.write_text(HEAD.replace("\n", ",after_close\n") + "2001-02-10,no,5.50,5.50,,,yes\n", encoding="utf-8")
    quotes = {("2001-02-09", "2001-02"): 94.50, ("2001-02-12", "2001-02"): 94.50, ("2001-02-13", "2001-02"): 95.00}
    prices = on("2001-02-08", "2001-02-14", quotes)
    found = policy_change.detect(prices, move="any", surprise=0.1, meetings=path)
    assert found.indicator.values.tolist() == [0, 0, 0, 0]


def test_the_surprise_of_october_1998_as_published(shared):
    """Kuttner (2001) gives -26 basis points; closes give -20, whichever contract and day count is taken.

    October's from the close of the 15th to that of the 16th: 0.105 x 31 / 16 = 20.3, with 15 days left 21.7; November,
    unscaled, 20.0; from the close of the 14th 16.5. So the gap is no slip of contract or days, but of the prices: 26
    needs 94.92 for October, above the close of the 16th (94.89). An opening price may have been taken; none is here.
    """
    table = pq.ParquetFile(shared / "data" / "rates" / "fed_funds_futures.parquet").read()
    days = pa.array(["1998-10-14", "1998-10-15", "1998-10-16"]).cast(pa.date32())
    table = table.filter(pc.is_in(pc.cast(table["date"], pa.date32()), days))
    quotes = {(str(row["date"])[:10], str(row["contract_month"])[:7]): row["price"] for row in table.to_pylist()}
    assert {key: quotes[key] for key in OCTOBER} == OCTOBER
    october = quotes["1998-10-16", "1998-10"] - quotes["1998-10-15", "1998-10"]
    november = quotes["1998-10-16", "1998-11"] - quotes["1998-10-15", "1998-11"]
    readings = [100 * october * 31 / 16, 100 * october * 31 / 15, 100 * november]
    assert readings == pytest.approx([20.3, 21.7, 20.0], abs=0.05)
    assert 100 * (94.92 - quotes["1998-10-15", "1998-10"]) * 31 / 16 == pytest.approx(26, abs=0.5)


def test_meetings_of_a_year(on):
    prices = on("2024-01-01", "2024-12-31")
    days = [
        "2024-01-31",
        "2024-03-20",
        "2024-05-01",
        "2024-06-12",
        "2024-07-31",
        "2024-09-18",
        "2024-11-07",
        "2024-12-18",
    ]
    assert flagged(prices, meeting.detect(prices)) == days
    before = [str(np.busday_offset(day, -1)) for day in days]
    assert flagged(prices, meeting.detect(prices, offset=-1)) == before
    assert flagged(prices, meeting.detect(prices, offset=2)) == [str(np.busday_offset(day, 2)) for day in days]
    assert not meeting.detect(prices, called="unscheduled").met.any()


def test_only_what_was_on_the_calendar_is_foreseen(on):
    # The meeting of 17 and 18 March 2020 was held two days before, on a Sunday, and called between two.
    prices = on("2020-02-03", "2020-04-30")
    assert flagged(prices, meeting.detect(prices)) == ["2020-04-29"]
    assert "2020-03-16" in flagged(prices, meeting.detect(prices, called="unscheduled"))
    # Ten sessions before the 18th it still stood on the calendar; that of the 15th was foreseen by nobody.
    assert flagged(prices, meeting.detect(prices, offset=-10)) == ["2020-03-04", "2020-04-15"]
    assert not meeting.detect(prices, offset=-10, called="unscheduled").met.any()


def test_a_meeting_of_the_users_own(on, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(HEAD + "2024-08-23,no,,,,\n", encoding="utf-8")
    prices = on("2024-08-01", "2024-08-31")
    assert flagged(prices, meeting.detect(prices, called="any", meetings=path)) == ["2024-08-23"]


def test_the_odds_of_the_next_meeting_by_hand(on):
    # 2023-03-10, from CME's example: 40.2% for a hike to 5.00 and 59.8% for one to 4.75 on 22 March, so a hike is sure;
    # two moves or more have 40.2%.
    quotes = {
        ("2023-03-10", f"2023-{m:02d}"): p
        for m, p in ((2, 95.4275), (3, 95.3375), (4, 95.1), (5, 94.855), (6, 94.775), (7, 94.73))
    }
    prices = on("2023-03-10", "2023-03-11", quotes)
    one = probability_cross.detect(prices, outcome="hike", threshold=1.0, version="chain_post")
    assert one.met.tolist() == [True]
    two = probability_cross.detect(prices, outcome="hike", moves=2, threshold=0.4, version="chain_post")
    assert two.indicator.values == pytest.approx([0.402], abs=0.0006)
    assert two.met.tolist() == [True]
    assert not probability_cross.detect(prices, outcome="hike", moves=2, threshold=0.41, version="chain_post").met.any()
    assert not probability_cross.detect(prices, outcome="cut", threshold=0.01, version="chain_post").met.any()


def test_without_a_contract_the_odds_are_unknown(on):
    prices = on("2023-03-10", "2023-03-14", {("2023-03-10", "2023-03"): 95.3375})
    found = probability_cross.detect(prices, outcome="hike")
    assert not found.known.any()
    assert np.isnan(found.indicator.values).all()


def test_before_a_meeting_the_exchange_counts_its_own_sessions(on, tmp_path):
    # Made up: a meeting on the Tuesday after Martin Luther King's day, and one on the Wednesday after a storm.
    file = tmp_path / "meetings.csv"
    rows = "2008-01-22,yes,4.25,3.5,2007-06-01,\n2012-10-31,yes,0.25,0.25,2012-06-01,\n"
    file.write_text(HEAD + rows, encoding="utf-8")
    closed = np.array(["2008-01-21", "2012-10-29", "2012-10-30"], dtype="datetime64[D]")
    prices = on("2007-12-03", "2012-11-30")
    kept = ~np.isin(prices.sessions, closed)
    prices = replace(prices, sessions=prices.sessions[kept], columns={"X": np.ones(kept.sum())}, exchange="XNYS")
    found = meeting.detect(prices, offset=-1, meetings=file)
    days = flagged(prices, found)
    assert "2008-01-18" in days
    assert not {"2008-01-22", "2012-10-26", "2012-10-31"} & set(days)
    assert "2012-10-31 (held was 2012-10-26)" in found.cautions[0]


def test_each_announcement_is_an_event_of_its_own(on, tmp_path):
    file = tmp_path / "meetings.csv"
    file.write_text(
        HEAD + "2012-10-30,yes,0.25,0.25,2012-06-01,\n2012-10-31,yes,0.25,0.25,2012-06-01,\n", encoding="utf-8"
    )
    found = meeting.detect(on("2012-10-26", "2012-11-10"), meetings=file)
    assert find_episodes(found).trigger.tolist() == find_episodes(found).end.tolist() == [2, 3]
