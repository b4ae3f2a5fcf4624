"""The calendar of meetings as data: what is in it, and what a user's file may say."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from backtest.errors import DataRefused
from backtest.rates.calendar_view import calendar_view
from backtest.rates.meetings import assumed_known, load_meetings, target_in_force

HEAD = "date,scheduled,target_before,target_after,known,withdrawn\n"
LATE = HEAD.replace("\n", ",after_close\n")


@pytest.fixture(scope="module")
def built_in():
    return load_meetings()


@pytest.fixture
def extra(tmp_path):
    def write(text):
        path = tmp_path / "meetings.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


RULE = "the columns must be date, scheduled, target_before, target_after, known, withdrawn, and after_close may follow."


def test_each_decision_begins_where_the_last_one_ended(built_in):
    decided = built_in.held & np.isfinite(built_in.after)
    np.testing.assert_array_equal(built_in.before[decided][1:], built_in.after[decided][:-1])
    assert (np.diff(built_in.date) > np.timedelta64(0, "D")).all()
    assert (built_in.known <= built_in.date).all()


def test_eight_meetings_a_year_but_seven_in_2020(built_in):
    scheduled = built_in.scheduled & built_in.held
    years, count = np.unique(built_in.date[scheduled].astype("datetime64[Y]").astype(str), return_counts=True)
    assert dict(zip(years.tolist(), count.tolist(), strict=True)) == {
        **{str(year): 8 for year in range(1994, 2028)},
        "2020": 7,
        "2028": 1,
    }


def test_what_is_not_decided_is_not_invented(built_in):
    upcoming = built_in.date > np.datetime64("2025-12-10")
    assert upcoming.sum() == 17
    assert np.isnan(built_in.before[upcoming]).all()
    assert np.isnan(built_in.after[upcoming]).all()
    days = np.array(
        ["1993-09-30", "1993-10-01", "1994-02-04", "1994-02-05", "2026-01-28", "2026-01-29"], dtype="datetime64[D]"
    )
    np.testing.assert_array_equal(target_in_force(built_in, days), [np.nan, 3.0, 3.0, 3.25, 3.75, np.nan])


@pytest.mark.parametrize(
    ("date", "scheduled", "known"),
    [
        ("1996-03-26", True, "1995-10-01"),
        ("2004-01-28", True, "2003-10-01"),
        ("2010-03-16", True, "2009-08-15"),
        ("2011-01-26", True, "2009-08-15"),  # with the calendar of 2010
        ("2014-02-05", True, "2012-08-15"),
        ("2014-02-06", True, "2013-08-15"),
        ("2001-01-03", False, "2001-01-03"),
    ],
)
def test_since_when_a_date_is_taken_to_be_known(date, scheduled, known):
    assert assumed_known(dt.date.fromisoformat(date), scheduled) == dt.date.fromisoformat(known)


def test_no_release_that_is_on_record_came_out_later_than_the_rule_says(built_in):
    # but for dates that were moved later: those are known since they were
    rule = np.array(
        [assumed_known(d, bool(s)) for d, s in zip(built_in.date.tolist(), built_in.scheduled, strict=True)],
        dtype="datetime64[D]",
    )
    moved = np.isin(built_in.date, np.array(["2006-01-31", "2006-10-25"], dtype="datetime64[D]"))
    moved |= np.isin(built_in.known, np.array(["2009-02-13", "2011-08-26", "2012-05-16"], dtype="datetime64[D]"))
    assert (built_in.known <= rule)[~moved].all()


def test_a_users_file_adds_and_replaces(built_in, extra):
    text = "# mine\n" + HEAD + "2026-01-28, yes, 3.75, 3.50, 2024-08-09,\n2026-02-10,no,3.5,3.25,,\n"
    mine = load_meetings(extra(text))
    assert len(mine) == len(built_in) + 1
    days = np.array(["2026-01-28", "2026-01-29", "2026-02-09", "2026-02-10"], dtype="datetime64[D]")
    assert target_in_force(mine, days).tolist() == [3.75, 3.5, 3.5, 3.25]
    row = np.flatnonzero(mine.date == np.datetime64("2026-02-10"))[0]
    assert (mine.known[row], mine.scheduled[row]) == (np.datetime64("2026-02-10"), False)


def test_what_is_not_known_contradicts_nothing(extra):
    # A cut in August that no later row knows of, but the next meeting's decision is left blank; and steps of a
    # sixteenth, as before 1994.
    text = HEAD + "2024-08-20,no,5.50,5.25,,\n2024-09-18,yes,,,,\n2024-11-07,yes,,5.0,,\n2024-12-18,yes,,4.50,,\n"
    days = np.array(["2024-08-20", "2024-09-18", "2024-09-19", "2024-12-19"], dtype="datetime64[D]")
    assert target_in_force(load_meetings(extra(text)), days).tolist()[:2] == [5.25, 5.25]
    assert target_in_force(load_meetings(extra(text)), days).tolist()[3] == 4.5
    load_meetings(extra(HEAD + "1989-07-27,no,9.25,9.0625,,\n1990-07-13,no,,8.0625,,\n1993-12-21,yes,,3.00,,\n"))


def test_one_cut_was_announced_when_the_futures_had_settled(built_in):
    # 15 October 1998, 3:15 pm in New York. Futures answered on the 16th; stocks on the 15th, with an hour to go.
    assert built_in.date[built_in.after_close].astype(str).tolist() == ["1998-10-15"]
    days = np.array(["1998-10-15", "1998-10-16"], dtype="datetime64[D]")
    assert target_in_force(built_in, days).tolist() == [5.25, 5.0]
    seen = calendar_view(built_in, days, back=0, months=1, ahead=1)
    assert (seen.count.tolist(), seen.day.tolist()) == ([[0], [1]], [[0], [15]])


def test_a_users_file_may_say_that_the_futures_had_settled(extra):
    mine = load_meetings(extra(LATE + "2026-02-10,no,,,,,yes\n2026-02-20,no,,,,,\n"))
    rows = np.isin(mine.date, np.array(["2026-02-10", "2026-02-20"], dtype="datetime64[D]"))
    assert mine.after_close[rows].tolist() == [True, False]
    assert not load_meetings(extra(HEAD + "1998-10-15,no,5.25,5.00,,\n")).after_close.any()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,scheduled\n", RULE),
        ("", RULE),
        (LATE + "2026-01-28,no,,,,\n", "line 2: 6 values; 7 are needed."),
        (LATE + "2026-01-28,no,,,,,no\n", "line 2: after_close = 'no': must be yes or blank."),
        (
            HEAD + "0001-01-01,yes,,,,\n",
            "line 2: date = 0001-01-01: the Federal Reserve met for the first time in 1914.",
        ),
        (HEAD + '"2024-08-20\n",yes,5.50,5.25,,\n', "line 2: cannot be read as CSV: unexpected end of data."),
        (HEAD + f"2024-08-20,yes,{'1' * 200_000},,,\n", "line 2: cannot be read as CSV: field larger than"),
        (HEAD + f"2024-08-20,yes,{'1' * 1_000},,,\n", f"line 2: target_before = '{'1' * 40}…': must be a rate"),
        (HEAD + "2026-01-28,yes,1_0.5,,,\n", "line 2: target_before = '1_0.5': must be a rate in percent"),
        (HEAD + "2026-01-28,yes,1e1,,,\n", "line 2: target_before = '1e1': must be a rate in percent"),
        (
            HEAD + "2024-07-31,yes,5.50,5.40,,\n",
            "line 2: 5.5 to 5.4 percent: since 1994-02-04 the target moves by multiples of 0.25.",
        ),
        (
            HEAD + "2024-06-12,yes,5.50,5.25,,\n",
            "target_after = 5.25 on 2024-06-12, but the next meeting, 2024-07-31, begins at target_before = 5.50",
        ),
        (HEAD + "2026-01-28,yes,3.50,3.50,,\n", "target_after = 3.75 on 2025-12-10, but the next meeting, 2026-01-28,"),
        (HEAD + "2026-01-28,yes\n", "line 2: 2 values; 6 are needed."),
        (HEAD + "28.1.2026,yes,,,,\n", "line 2: date = '28.1.2026': must be a date such as 2026-01-28."),
        (HEAD + ",yes,,,,\n", "line 2: date is required and missing."),
        (HEAD + "2026-01-28,maybe,,,,\n", "line 2: scheduled = 'maybe': must be yes or no."),
        (HEAD + "2026-01-28,yes,3.75%,,,\n", "line 2: target_before = '3.75%': must be a rate in percent"),
        (HEAD + "2026-01-28,yes,,nan,,\n", "line 2: target_after = 'nan': must be a rate in percent"),
        (HEAD + "2026-01-28,yes,,375,,\n", "line 2: target_after = '375': must be a rate in percent"),
        (HEAD + "\n2026-01-28,yes,,,2026-02-01,\n", "line 3: known = 2026-02-01: must not be after date = 2026-01-28."),
        (HEAD + "2026-01-28,no,,,2026-01-02,\n", "line 2: known = 2026-01-02: an unscheduled meeting is known on its"),
        (
            HEAD + "2026-01-28,yes,,,2025-01-01,2024-12-01\n",
            "line 2: withdrawn = 2024-12-01: must not be before known = 2025-01-01 or after date = 2026-01-28.",
        ),
        (HEAD + "2026-01-28,yes,,,,\n2026-01-28,no,,,,\n", "line 3: date = 2026-01-28 is twice in the file."),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused_in_one_line(extra, text, said):
    with pytest.raises(DataRefused) as refused:
        load_meetings(extra(text))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.hint


def test_a_file_that_is_not_there_or_no_text(tmp_path):
    with pytest.raises(DataRefused, match=r"nothing\.csv: does not exist"):
        load_meetings(tmp_path / "nothing.csv")
    (tmp_path / "meetings.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataRefused, match="cannot be read as text"):
        load_meetings(tmp_path / "meetings.csv")


@pytest.mark.parametrize("date", ["2026-1-8", "20260108", "2026-W02-4", "2026-02-30", "08/01/2026"])
def test_a_date_is_written_in_one_way(extra, date):
    with pytest.raises(DataRefused, match="must be a date such as 2026-01-28"):
        load_meetings(extra(HEAD + f"{date},yes,,,,\n"))
