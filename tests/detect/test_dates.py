from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.detect.builtin import dates
from backtest.detect.event_dates import read_calendar
from backtest.detect.registry import find_detector
from backtest.errors import BacktestError, NotFound, StrategyInvalid, StudyRefused

DAY0 = dt.date(2024, 7, 1)  # a Monday


def days(*offsets):
    return [DAY0 + dt.timedelta(days=offset) for offset in offsets]


def history(history_of, offsets):
    sessions = np.array(days(*offsets), dtype="datetime64[D]")
    return history_of({"A": [1.0] * len(sessions)}, sessions=sessions)


def slow_place(sessions, day, on, offset):
    """Walk from the date until a session comes, weekday by weekday where it is before; None outside the history."""
    while offset < 0 and day.weekday() > 4:
        day += dt.timedelta(days=1)
    for _ in range(-offset):
        day -= dt.timedelta(days=3 if day.weekday() == 0 else 1)
    if not sessions[0] <= day <= sessions[-1]:
        return None
    while day not in sessions:
        if on == "same":
            return None
        day += dt.timedelta(days=1)
    at = sessions.index(day) + max(offset, 0)
    return at if at < len(sessions) else None


OFFSETS = st.lists(st.integers(0, 40), min_size=1, max_size=20, unique=True).map(sorted)
DATES = st.lists(st.integers(-5, 50), min_size=1, max_size=8)


@given(OFFSETS, DATES, st.sampled_from(["next", "same"]), st.integers(-6, 4))
def test_agrees_with_a_walk_from_each_date(history_of, offsets, listed, on, offset):
    on = "next" if offset < 0 else on
    found = dates.detect(history(history_of, offsets), dates=days(*listed), on=on, offset=offset)
    placed = [slow_place(days(*offsets), day, on, offset) for day in days(*listed)]
    assert np.flatnonzero(found.met).tolist() == sorted({at for at in placed if at is not None})
    assert bool(found.notes) == (None in placed or len(set(placed)) < len(placed))
    # Every date that is lost is named, up to five of each kind.
    for day, at in zip(days(*listed), placed, strict=True):
        if at is None and len(listed) <= 5:
            assert any(str(day) in note for note in found.notes)


WEEKDAYS = [offset for offset in range(60) if offset % 7 < 5]


@given(
    st.sets(st.sampled_from(WEEKDAYS), max_size=4),
    st.lists(st.integers(0, 70), min_size=1, max_size=8),
    st.sampled_from(["next", "same"]),
    st.integers(-6, 6),
    st.integers(1, 36),
)
def test_sessions_to_come_change_nothing(history_of, closed, listed, on, offset, n):
    # Weekdays, up to four of them holidays, in a row at worst.
    prices = history(history_of, [day for day in WEEKDAYS if day not in closed])
    on = "next" if offset < 0 else on
    whole = dates.detect(prices, dates=days(*listed), on=on, offset=offset)
    then = dates.detect(prices.until(n), dates=days(*listed), on=on, offset=offset)
    assert (then.met == whole.met[:n]).all()
    assert then.known.all()
    assert whole.known.all()


# Sessions: Monday to Wednesday, Friday, and Monday to Wednesday of the next week; Thursday is 4 July.
WEEK = (0, 1, 2, 4, 7, 8, 9)


@pytest.mark.parametrize(
    ("on", "offset", "at", "notes"),
    [
        ("next", 0, [3], ()),
        ("same", 0, [], ('1 date no session, and left out as on = "same" asks: 2024-07-04.',)),
        ("next", 1, [4], ()),
        ("next", -1, [2], ()),
        ("next", -2, [1], ()),
        ("next", 4, [], ("1 date outside the history (2024-07-01 to 2024-07-10): 2024-07-04.",)),
        ("next", -4, [], ("1 date outside the history (2024-07-01 to 2024-07-10): 2024-07-04.",)),
    ],
)
def test_a_holiday(history_of, on, offset, at, notes):
    found = dates.detect(history(history_of, WEEK), dates=days(3), on=on, offset=offset)
    assert np.flatnonzero(found.met).tolist() == at
    assert found.notes == notes
    assert found.known.all()


def test_what_falls_together_or_nowhere_is_named(history_of):
    found = dates.detect(history(history_of, WEEK), dates=days(3, 4, 4, -1, *range(20, 27)))
    assert np.flatnonzero(found.met).tolist() == [3]
    outside, together = found.notes
    assert outside == (
        "8 dates outside the history (2024-07-01 to 2024-07-10): "
        "2024-06-30, 2024-07-21, 2024-07-22, 2024-07-23, 2024-07-24 and 3 more."
    )
    assert together == "2 dates on the session of the date before, and counted once: 2024-07-05, 2024-07-05."


def test_before_a_date_weekdays_are_counted(history_of):
    # Friday 5 July lies one weekday after the holiday: one weekday before it is the holiday, which Friday stands for.
    assert np.flatnonzero(dates.detect(history(history_of, WEEK), dates=days(4), offset=-1).met).tolist() == [3]
    assert np.flatnonzero(dates.detect(history(history_of, WEEK), dates=days(4), offset=-2).met).tolist() == [2]
    # Of a Saturday and a Sunday, the weekday before is the Friday, and two before the Thursday.
    for weekend in days(12, 13):
        for offset, at in ((-1, [4]), (-2, [3])):
            found = dates.detect(history(history_of, (7, 8, 9, 10, 11)), dates=[weekend], offset=offset)
            assert np.flatnonzero(found.met).tolist() == at
    # Friday 12 July is not there yet, and Wednesday is two weekdays before it all the same.
    assert np.flatnonzero(dates.detect(history(history_of, WEEK), dates=days(11), offset=-2).met).tolist() == [6]


def test_whether_a_date_is_a_session_is_not_asked_before_it(history_of):
    with pytest.raises(StrategyInvalid, match="only known to be a session on the day"):
        dates.detect(history(history_of, WEEK), dates=days(3), on="same", offset=-1)


def test_a_date_outside_the_history_is_not_called_a_holiday(history_of):
    found = dates.detect(history(history_of, WEEK), dates=days(3, 20), on="same")
    assert found.notes == (
        "1 date outside the history (2024-07-01 to 2024-07-10): 2024-07-21.",
        '1 date no session, and left out as on = "same" asks: 2024-07-04.',
    )


def ask(history_of, folder, **values):
    detector = find_detector("dates", folder)
    checked = detector.check(values, "x.toml")
    return checked, detector.condition(history(history_of, WEEK), checked)


@pytest.mark.parametrize(
    "text",
    [
        "2024-07-03\n2024-07-05\n",
        "\ufeff2024-07-03\n2024-07-05\n",
        "\ufeffdate\r\n2024-07-03\r\n\r\n2024-07-05\r\n",
        'event,Date\n"one, two",2024-07-03\nthree,2024-07-05\n',
        "day,what\n2024-07-03,a\n2024-07-05,b",
        "2024-07-03,cut\n2024-07-05,hike\n",
    ],
)
def test_a_file_beside_the_strategy(history_of, tmp_path, text):
    (tmp_path / "calendars").mkdir()
    (tmp_path / "calendars" / "fed.csv").write_text(text, encoding="utf-8", newline="")
    values, found = ask(history_of, tmp_path, file="calendars/fed.csv")
    assert found.met.tolist() == [0, 0, 1, 1, 0, 0, 0]
    assert values == {"dates": None, "file": "calendars/fed.csv", "on": "next", "offset": 0}  # as it is recorded
    _, both = ask(history_of, tmp_path, file="calendars/fed.csv", dates=["2024-07-09"])
    assert both.met.tolist() == [0, 0, 1, 1, 0, 1, 0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date\n2024-07-03\n07/05/2024\n", "calendar 'c.csv', line 3: '07/05/2024' is no date."),
        ("07/05/2024\n2024-07-03\n", "calendar 'c.csv', line 1: '07/05/2024' is no date."),
        ("2024-07-03\n20240705\n", "calendar 'c.csv', line 2: '20240705' is no date."),
        ("2024-02-30\n", "calendar 'c.csv', line 1: '2024-02-30' is no date."),
        ("a,date\nx,2024-07-03\ny\n", "calendar 'c.csv', line 3: '' is no date."),
        ("2024-07-03 14:00\n", "calendar 'c.csv', line 1: '2024-07-03 14:00' is no date."),
        ("date\n", "calendar 'c.csv' holds no date."),
        ("", "calendar 'c.csv' holds no date."),
    ],
)
def test_anything_else_in_a_file_is_refused_with_its_line(tmp_path, text, message):
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    with pytest.raises(StudyRefused) as refused:
        read_calendar(tmp_path / "c.csv")
    assert str(refused.value).startswith(message)


def test_a_file_that_is_not_there_or_no_text(history_of, tmp_path):
    with pytest.raises(NotFound) as refused:
        ask(history_of, tmp_path, file="fed.csv")
    assert str(refused.value) == "calendar 'fed.csv' does not exist. Its path is read from the strategy file's folder."
    (tmp_path / "fed.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(StudyRefused, match=r"calendar 'fed\.csv' cannot be read"):
        ask(history_of, tmp_path, file="fed.csv")


@pytest.mark.parametrize(
    "file", ["../fed.csv", "a/../../fed.csv", "/etc/passwd", "", ".", "a\0.csv", "..\\fed.csv", "C:\\fed.csv"]
)
def test_no_file_outside_the_folder_is_read(history_of, tmp_path, file):
    (tmp_path / "fed.csv").write_text("2024-07-03\n", encoding="utf-8")
    with pytest.raises(StrategyInvalid) as refused:
        ask(history_of, tmp_path / "strategies", file=file)
    assert "must name a file beside the strategy or in a folder below it." in str(refused.value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "detector dates: neither 'dates' nor 'file' is given. Give dates = [2024-07-16]."),
        ({"dates": []}, "x.toml: detector.dates = []: must have at least 1 item(s)."),
        ({"dates": ["16.7.2024"]}, 'x.toml: detector.dates[0] = "16.7.2024": must be a date such as 2024-07-16.'),
        ({"dates": ["2024-02-30"]}, 'x.toml: detector.dates[0] = "2024-02-30": must be a date such as 2024-07-16.'),
        ({"dates": [20240716]}, "x.toml: detector.dates[0] = 20240716: must be a date such as 2024-07-16."),
        (
            {"dates": [dt.datetime(2024, 7, 16, 14)]},
            "x.toml: detector.dates[0] = 2024-07-16T14:00:00: must be a date such as 2024-07-16.",
        ),
        ({"file": 5}, "x.toml: detector.file = 5: must be a text in quotes."),
        ({"offset": 253}, "x.toml: detector.offset = 253: must be at most 252."),
    ],
)
def test_bad_parameters_are_refused(history_of, tmp_path, values, message):
    with pytest.raises(BacktestError) as refused:
        ask(history_of, tmp_path, **values)
    assert str(refused.value) == message


def test_dates_are_dates_of_toml_or_texts(history_of, tmp_path):
    values, found = ask(history_of, tmp_path, dates=[dt.date(2024, 7, 3), "2024-07-05"])
    assert values["dates"] == [dt.date(2024, 7, 3), dt.date(2024, 7, 5)]
    assert found.met.tolist() == [0, 0, 1, 1, 0, 0, 0]
