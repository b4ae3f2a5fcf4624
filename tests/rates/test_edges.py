"""Every edge of the method, by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from backtest.errors import StudyRefused
from backtest.rates.fedwatch import VERSIONS, WORDS, Reason, solve_meetings, version_by_date
from backtest.rates.meetings import load_meetings, target_in_force
from backtest.rates.outcomes import at_meeting, cut_probability, outcome_probabilities

from .made import meetings, table
from .twin import Row

DAY = dt.date.fromisoformat


def strip(day, **rates):
    """Quotes of one day: ``strip("2024-07-16", m2024_07=5.33)``, rates in percent."""
    return {(DAY(day), (int(m[1:5]), int(m[6:8]))): 100 - rate for m, rate in rates.items()}


def solve(quotes, rows, version="chain_post", ahead=2):
    """Start, end and reason of each meeting ahead of the last session."""
    sessions, contracts = table(quotes)
    solved = solve_meetings(contracts, sessions, meetings(rows), ahead=ahead, version=version)
    return [
        (round(float(a), 6), round(float(b), 6), Reason(r))
        for a, b, r in zip(solved.start[-1], solved.end[-1], solved.reason[-1], strict=True)
    ]


def unsolved(found):
    assert np.isnan(found[:2]).all()
    return found[2]


def rows(*dates, **more):
    return [Row(DAY(date), **more) for date in dates]


# The calendar runs from a first meeting in January to a last in December 2001; the months between are its to say.
FRAME = rows("2001-01-10", "2001-12-11")


def test_between_two_anchors_the_own_average_is_not_asked():
    # as CME does it: the start is May's average and the end is July's, whatever June's says
    quotes = strip("2001-05-15", m2001_05=4.0, m2001_06=9.9, m2001_07=4.25)
    assert solve(quotes, [*FRAME, *rows("2001-06-20")])[0] == (4.0, 4.25, Reason.SOLVED)
    del quotes[DAY("2001-05-15"), (2001, 6)]
    assert solve(quotes, [*FRAME, *rows("2001-06-20")])[0] == (4.0, 4.25, Reason.SOLVED)


@pytest.mark.parametrize(("version", "before"), [("chain_post", 10), ("chain_pre", 11)])
def test_two_meeting_months_in_a_row_walk_backwards(version, before):
    # June 11 and July 11 between the anchors May and August. July ends at 4.00 and averages 4.20:
    # its start is (31 * 4.20 - (31 - N) * 4.00) / N, and June's end is that.
    quotes = strip("2001-05-15", m2001_05=4.5, m2001_06=4.4, m2001_07=4.2, m2001_08=4.0)
    start = round((31 * 4.2 - (31 - before) * 4.0) / before, 6)
    found = solve(quotes, [*FRAME, *rows("2001-06-11", "2001-07-11")], version)
    assert found == [(4.5, start, Reason.SOLVED), (start, 4.0, Reason.SOLVED)]


def test_forwards_only_where_backwards_does_not_reach():
    # August is not quoted: June ends where 30 * 4.4 = 10 * 4.5 + 20 * end, July starts there
    quotes = strip("2001-05-15", m2001_05=4.5, m2001_06=4.4, m2001_07=4.2)
    end = (30 * 4.4 - 10 * 4.5) / 20
    last = (31 * 4.2 - 10 * end) / 21
    found = solve(quotes, [*FRAME, *rows("2001-06-11", "2001-07-11")])
    assert found == [(4.5, round(end, 6), Reason.SOLVED), (round(end, 6), round(last, 6), Reason.SOLVED)]


def test_the_month_before_counts_with_its_final_settlement():
    # June's meeting, seen in June: it starts at May's average as settled on 31 May, not as quoted weeks before
    june = strip("2001-06-05", m2001_06=4.0, m2001_07=4.25)
    calendar = [*FRAME, *rows("2001-06-20")]
    settled = strip("2001-05-31", m2001_05=3.9) | strip("2001-05-10", m2001_05=5.5)
    assert solve(settled | june, calendar)[0] == (3.9, 4.25, Reason.SOLVED)
    # without it, June's own average gives the start: (30 * 4.00 - 11 * 4.25) / 19
    assert solve(june, calendar)[0] == (round((30 * 4.0 - 11 * 4.25) / 19, 6), 4.25, Reason.SOLVED)
    stale = strip("2001-05-24", m2001_05=5.5)  # eight days before June: no settlement
    assert solve(stale | june, calendar)[0] == solve(june, calendar)[0]
    assert solve(strip("2001-05-25", m2001_05=5.5) | june, calendar)[0][0] == 5.5


def test_a_meeting_on_the_last_day_leaves_no_day_after_it():
    # chain_pre, 31 July: the whole month is before the change (M = 0), so the start is its average
    quotes = strip("2001-07-10", m2001_07=4.5, m2001_08=4.25)
    calendar = [*FRAME, *rows("2001-06-20", "2001-07-31")]
    assert solve(quotes, calendar, "chain_pre")[0] == (4.5, 4.25, Reason.SOLVED)
    # chain_post counts the 31st as after: (31 * 4.50 - 1 * 4.25) / 30
    assert solve(quotes, calendar, "chain_post")[0] == (round((31 * 4.5 - 4.25) / 30, 6), 4.25, Reason.SOLVED)
    # M = 0 and nothing after: the end cannot be found forwards
    del quotes[DAY("2001-07-10"), (2001, 8)]
    assert unsolved(solve(quotes, calendar, "chain_pre")[0]) == Reason.NO_CONTRACT


def test_a_meeting_on_the_first_day_leaves_no_day_before_it():
    # chain_post, 1 August: N = 0. Its average says nothing of the start, which only July can give.
    calendar = [*FRAME, *rows("2001-08-01")]
    quotes = strip("2001-07-10", m2001_07=4.5, m2001_08=4.3, m2001_09=4.25)
    assert solve(quotes, calendar)[0] == (4.5, 4.25, Reason.SOLVED)
    # September is not quoted: the average is the end rate itself
    del quotes[DAY("2001-07-10"), (2001, 9)]
    assert solve(quotes, calendar)[0] == (4.5, 4.3, Reason.SOLVED)
    # July has a meeting too, and June is an anchor: forwards, 31 * 4.6 = 10 * 5 + 21 * end
    quotes = strip("2001-06-15", m2001_06=5.0, m2001_07=4.6, m2001_08=4.3, m2001_09=4.25)
    end = round((31 * 4.6 - 10 * 5.0) / 21, 6)
    found = solve(quotes, [*FRAME, *rows("2001-07-11", "2001-08-01")])
    assert found == [(5.0, end, Reason.SOLVED), (end, 4.25, Reason.SOLVED)]
    # and without an anchor before July, nothing can
    del quotes[DAY("2001-06-15"), (2001, 6)]
    found = solve(quotes, [*FRAME, *rows("2001-07-11", "2001-08-01")])
    assert [unsolved(one) for one in found] == [Reason.NO_DAYS_BEFORE] * 2


def test_two_meetings_in_one_month_are_not_told_apart_and_break_the_chain():
    quotes = strip("2001-04-10", **{f"m2001_{m:02d}": 4.0 for m in range(4, 11)})
    calendar = [*FRAME, *rows("2001-05-02", "2001-05-30", "2001-07-11")]
    found = solve(quotes, calendar, ahead=3)
    assert [unsolved(one) for one in found[:2]] == [Reason.TWO_MEETINGS] * 2
    assert found[2] == (4.0, 4.0, Reason.SOLVED)  # June and August are anchors
    # a chain cannot pass through such a month either: without an anchor before it, April hangs on May
    found = solve(quotes, [*calendar, *rows("2001-03-20", "2001-04-18")], ahead=1)
    assert unsolved(found[0]) == Reason.TWO_MEETINGS


def test_march_2020_as_it_was_known_day_by_day():
    # 3 and 15 March came unannounced; the meeting of 18 March was cancelled on the 15th.
    calendar = load_meetings()
    after = {"m2020_04": 0.6, "m2020_05": 0.5, "m2020_06": 0.4, "m2020_07": 0.4, "m2020_08": 0.4}
    quotes = strip("2020-02-28", m2020_02=1.58)
    for day in ("2020-03-02", "2020-03-03", "2020-03-13", "2020-03-16"):
        quotes |= strip(day, m2020_03=1.0, **after)
    sessions, contracts = table(quotes)
    solved = solve_meetings(contracts, sessions, calendar, ahead=2, version="chain_post")
    dates = calendar.date[solved.meeting].astype(str).tolist()
    assert dates[1:4] == [["2020-03-18", "2020-04-29"]] * 3
    assert dates[4] == ["2020-04-29", "2020-06-10"]
    first, second = solved.reason[:, 0].tolist(), solved.reason[:, 1].tolist()
    assert first[1:] == [Reason.SOLVED, Reason.TWO_MEETINGS, Reason.TWO_MEETINGS, Reason.SOLVED]
    assert second[1:] == [Reason.SOLVED] * 4
    # April starts where its own average puts it; May is its end. 28 days before, 2 after (the 29th counts as after).
    assert solved.start[4, 0] == pytest.approx((30 * 0.6 - 2 * 0.5) / 28)
    outcomes = outcome_probabilities(solved)
    assert outcomes.reason[2].tolist() == [Reason.TWO_MEETINGS, Reason.EARLIER_UNSOLVED]
    assert target_in_force(calendar, sessions)[1:].tolist() == [1.75, 1.25, 1.25, 0.25]


def test_an_unannounced_meeting_that_moved_nothing_leaves_its_month_an_anchor():
    quotes = strip("2001-05-20", m2001_05=4.0, m2001_06=4.1, m2001_07=4.25)
    called = Row(DAY("2001-05-15"), scheduled=False, moved=False, known=DAY("2001-05-15"))
    calendar = [*FRAME, *rows("2001-06-20")]
    assert solve(quotes, [*calendar, called])[0] == solve(quotes, calendar)[0] == (4.0, 4.25, Reason.SOLVED)
    moved = Row(called.date, scheduled=False, moved=True, known=called.date)
    assert solve(quotes, [*calendar, moved])[0][0] == round((30 * 4.1 - 11 * 4.25) / 19, 6)


def test_months_beyond_the_published_calendar_are_no_anchors():
    quotes = strip("2001-11-15", m2001_11=4.0, m2001_12=4.1, m2002_01=4.25, m2002_02=4.25)
    # forwards from November: 31 * 4.1 = 10 * 4.0 + 21 * end
    assert solve(quotes, FRAME)[0] == (4.0, round((31 * 4.1 - 10 * 4.0) / 21, 6), Reason.SOLVED)
    # with the next year's calendar out, January is an anchor
    assert solve(quotes, [*FRAME, *rows("2002-02-27")])[0] == (4.0, 4.25, Reason.SOLVED)
    # and while that was not public, it was not
    late = Row(DAY("2002-02-27"), known=DAY("2001-11-16"))
    assert solve(quotes, [*FRAME, late])[0] == solve(quotes, FRAME)[0]
    # no anchor before it either: unsolved, and it says why
    calendar = [*FRAME, *rows("2001-11-07")]
    assert unsolved(solve(quotes, calendar)[0]) == Reason.OUTSIDE_CALENDAR
    assert unsolved(solve(quotes, FRAME)[1]) == Reason.NO_MEETING


def test_a_missing_contract_breaks_the_chain_and_is_never_interpolated():
    calendar = [*FRAME, *rows("2001-05-09", "2001-06-20", "2001-07-11")]
    months = {f"m2001_{m:02d}": 4.0 for m in (4, 5, 6, 7, 8)}
    whole = solve(strip("2001-05-02", **months), calendar, ahead=3)
    assert {reason for _, _, reason in whole} == {Reason.SOLVED}
    del months["m2001_06"]  # its neighbours are quoted, at the same rate
    found = solve(strip("2001-05-02", **months), calendar, ahead=3)
    assert [unsolved(one) for one in found[:2]] == [Reason.NO_CONTRACT] * 2
    assert found[2] == (4.0, 4.0, Reason.SOLVED)


def test_typed_2015_takes_the_next_months_average_even_if_it_has_a_meeting():
    # May is no anchor: June ends at July's average, though July has a meeting; N = 13, M = 17
    calendar = [*FRAME, *rows("2001-05-02", "2001-06-14", "2001-07-26")]
    quotes = strip("2001-04-10", m2001_04=0.88, m2001_05=0.9, m2001_06=0.965, m2001_07=1.025, m2001_08=1.065)
    found = solve(quotes, calendar, "typed_2015", ahead=3)
    assert found[0] == (0.88, round((31 * 0.9 - 0.88) / 30, 6), Reason.SOLVED)  # after April: forwards, N = 1
    assert found[1] == (round((30 * 0.965 - 17 * 1.025) / 13, 6), 1.025, Reason.SOLVED)
    assert found[2] == (round((31 * 1.025 - 6 * 1.065) / 25, 6), 1.065, Reason.SOLVED)


def test_typed_2015_without_a_day_before_or_a_month_after():
    # 1 August after a meeting in July: N = 0 and no anchor before it
    quotes = strip("2001-07-10", m2001_07=4.5, m2001_08=4.3, m2001_09=4.25)
    found = solve(quotes, [*FRAME, *rows("2001-07-05", "2001-08-01")], "typed_2015", ahead=1)
    assert unsolved(found[0]) == Reason.NO_DAYS_BEFORE
    assert solve(quotes, [*FRAME, *rows("2001-08-01")], "typed_2015", ahead=1)[0] == (4.5, 4.3, Reason.SOLVED)
    quotes = strip("2001-12-01", m2001_12=4.5, m2002_01=4.25)
    calendar = [*FRAME, *rows("2001-11-07")]
    assert unsolved(solve(quotes, calendar, "typed_2015", ahead=1)[0]) == Reason.OUTSIDE_CALENDAR


def test_a_meeting_is_upcoming_through_its_own_day():
    quotes = {}
    for day in ("2001-06-19", "2001-06-20", "2001-06-21"):
        quotes |= strip(day, m2001_06=4.1, m2001_07=4.0)
    sessions, contracts = table(quotes)
    calendar = meetings([*FRAME, *rows("2001-06-20", moved=True)])
    solved = solve_meetings(contracts, sessions, calendar, ahead=1, version="chain_post")
    assert calendar.date[solved.meeting[:, 0]].astype(str).tolist() == ["2001-06-20", "2001-06-20", "2001-12-11"]
    # its decision is in force from the next day: 5.00 before, 5.50 after, as a row of the twin has it
    assert target_in_force(calendar, sessions).tolist() == [5.0, 5.0, 5.5]


def test_odds_add_up_along_the_meetings():
    # 1.4 cuts, then 0.5 of a hike. After the first: 2 cuts 40%, 1 cut 60%.
    # After both: 2 cuts 20%, 1 cut 20% + 30%, none 30%.
    quotes = strip("2001-05-15", m2001_05=5.0, m2001_06=4.9, m2001_07=4.65, m2001_08=4.7, m2001_09=4.775)
    sessions, contracts = table(quotes)
    calendar = meetings([*FRAME, *rows("2001-06-20", "2001-08-22")])
    solved = solve_meetings(contracts, sessions, calendar, ahead=2, version="chain_post")
    np.testing.assert_allclose((solved.end - solved.start) / 0.25, [[-1.4, 0.5]], atol=1e-9)
    outcomes = outcome_probabilities(solved)
    assert outcomes.lowest.tolist() == [[-2, -2]]
    np.testing.assert_allclose(outcomes.probability, [[[0.4, 0.6, 0], [0.2, 0.5, 0.3]]], atol=1e-9)
    np.testing.assert_allclose(cut_probability(outcomes), [[1.0, 0.7]], atol=1e-9)
    np.testing.assert_allclose(cut_probability(outcomes, moves=2), [[0.4, 0.2]], atol=1e-9)
    august = at_meeting(cut_probability(outcomes), outcomes.meeting, calendar, DAY("2001-08-22"))
    np.testing.assert_allclose(august, [0.7], atol=1e-9)
    assert np.isnan(at_meeting(cut_probability(outcomes), outcomes.meeting, calendar, DAY("2001-08-23"))).all()
    # a place without a meeting is no meeting, whatever stands there
    assert np.isnan(at_meeting(np.ones((1, 2)), np.array([[1, -1]]), calendar, calendar.date[-1].item())).all()


def test_the_version_by_date():
    days = np.array(["1999-01-04", "2017-12-29", "2018-01-02", "2024-08-20", "2024-08-21"], dtype="datetime64[D]")
    assert [VERSIONS[i] for i in version_by_date(days)] == [
        "typed_2015",
        "typed_2015",
        "chain_post",
        "chain_post",
        "chain_pre",
    ]
    # a meeting on the 11th of the current month, seen on both sides of a switch: N is 10, then 11
    calendar = [Row(DAY(d)) for d in ("2024-01-10", "2024-08-11", "2024-09-11", "2024-12-10", "2024-06-10")]
    quotes = strip("2024-08-02", m2024_08=4.3, m2024_09=4.2, m2024_10=4.0)
    quotes |= strip("2024-09-03", m2024_09=4.2, m2024_10=4.0)
    sessions, contracts = table(quotes)
    solved = solve_meetings(contracts, sessions, meetings(calendar), ahead=2)
    assert solved.start[0, 1] == pytest.approx((30 * 4.2 - 20 * 4.0) / 10)
    assert solved.start[1, 0] == pytest.approx((30 * 4.2 - 19 * 4.0) / 11)


def test_every_reason_has_its_words():
    assert set(WORDS) == set(Reason)
    assert all(words for reason, words in WORDS.items() if reason)


def test_what_cannot_be_asked_is_refused_in_one_line():
    sessions, contracts = table(strip("2001-05-15", m2001_05=4.0))
    calendar = meetings(FRAME)
    with pytest.raises(StudyRefused) as refused:
        solve_meetings(contracts, sessions, calendar, version="chain_pst")
    assert str(refused.value) == "version = 'chain_pst': no such version of FedWatch. Did you mean 'chain_post'?"
    with pytest.raises(StudyRefused, match=r"^ahead = 0: must be at least 1\."):
        solve_meetings(contracts, sessions, calendar, ahead=0)


def test_no_sessions_no_meetings_no_contracts():
    sessions, contracts = table({})
    assert solve_meetings(contracts, sessions, load_meetings()).start.shape == (0, 8)
    sessions, contracts = table(strip("2001-05-15", m2001_05=4.0))
    empty = solve_meetings(contracts, sessions, meetings([]), ahead=3)
    assert empty.reason.tolist() == [[Reason.NO_MEETING] * 3]
    assert np.isnan(target_in_force(meetings([]), sessions)).all()
