"""The calendar of meetings as data: what is in it, and what a user's file may say."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from backtest.errors import DataRefused
from backtest.rates.meetings import assumed_known, load_meetings, target_in_force

HEAD = "date,scheduled,target_before,target_after,known,withdrawn\n"


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
    days = np.array(["1994-02-04", "1994-02-07", "2026-01-28", "2026-01-29"], dtype="datetime64[D]")
    np.testing.assert_array_equal(target_in_force(built_in, days), [np.nan, 3.25, 3.75, np.nan])


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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("date,scheduled\n", "the columns must be date, scheduled, target_before, target_after, known, withdrawn."),
        ("", "the columns must be date, scheduled, target_before, target_after, known, withdrawn."),
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
        (HEAD + "2026-01-28,yes,,,,\n2026-01-28,no,,,,\n", "line 3: date = 2026-01-28 stands twice in the file."),
    ],
)
def test_a_file_that_breaks_a_rule_is_refused_in_one_line(extra, text, said):
    with pytest.raises(DataRefused) as refused:
        load_meetings(extra(text))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert refused.value.hint


def test_a_file_that_is_not_there_or_no_text(tmp_path):
    with pytest.raises(DataRefused, match="cannot be read as text"):
        load_meetings(tmp_path / "nothing.csv")
    (tmp_path / "meetings.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataRefused, match="cannot be read as text"):
        load_meetings(tmp_path / "meetings.csv")
