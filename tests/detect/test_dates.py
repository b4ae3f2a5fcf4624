from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.detect.builtin import dates
from backtest.detect.episodes import find_episodes
from backtest.detect.registry import find_detector
from backtest.errors import BacktestError, StrategyInvalid
from backtest.model.notes import SAID_BY_CONDITION

DAY0 = dt.date(2024, 7, 1)  # a Monday


def days(*offsets):
    return [DAY0 + dt.timedelta(days=offset) for offset in offsets]


def history(history_of, offsets):
    sessions = np.array(days(*offsets), dtype="datetime64[D]")
    return history_of({"A": [1.0] * len(sessions)}, sessions=sessions)


def slow_place(sessions, day, on, offset):
    """Walk from the date until a session comes; before it from weekday to weekday. None where there is no session."""
    while offset < 0 and day.weekday() > 4:
        day += dt.timedelta(days=1)
    for _ in range(-offset):
        day -= dt.timedelta(days=3 if day.weekday() == 0 else 1)
    if not sessions[0] <= day <= sessions[-1]:
        return None
    while day not in sessions:
        if on == "same" or offset < 0:
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
    # Every date that is lost, merged or moved is named.
    for at, day in enumerate(days(*listed)):
        lost = placed[at] is None
        merged = listed.count(listed[at]) > 1
        moved = not lost and day not in days(*offsets) and offset >= 0
        if lost or merged or moved:
            assert any(str(day) in note for note in found.cautions)
    (account,) = found.accounts
    account.check()
    assert (account.read, account.kept) == (len(listed), len({at for at in placed if at is not None}))


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


SPAN = "(2024-07-01 to 2024-07-10)"


@pytest.mark.parametrize(
    ("on", "offset", "at", "note"),
    [
        (
            *("next", 0, [3]),
            (
                "1 date on no session, counted as the next session: 2024-07-04 to 2024-07-05; "
                'on = "same" leaves such dates out.'
            ),
        ),
        (
            *("same", 0, []),
            (
                '1 date on no session, left out because of on = "same": 2024-07-04; '
                'on = "next" counts such dates as the next session.'
            ),
        ),
        ("next", 4, [], f"1 date left out, outside the history, counted with offset = 4 {SPAN}: 2024-07-04."),
        ("next", -4, [], f"1 date left out, outside the history, counted with offset = -4 {SPAN}: 2024-07-04."),
    ],
)
def test_a_holiday(history_of, on, offset, at, note):
    found = dates.detect(history(history_of, WEEK), dates=days(3), on=on, offset=offset)
    assert np.flatnonzero(found.met).tolist() == at
    assert found.cautions == (note,)
    assert found.known.all()


def test_what_falls_together_or_nowhere_is_named(history_of):
    found = dates.detect(history(history_of, WEEK), dates=days(3, 4, 4, -1, *range(20, 32)))
    assert np.flatnonzero(found.met).tolist() == [3]
    moved, together, outside = found.notes
    assert (moved.code, together.code, outside.code) == ("dates_moved", "dates_merged", "dates_outside_history")
    assert "2024-07-04 to 2024-07-05" in moved.text
    assert together.text == (
        "2 dates on the session of an earlier date, merged with it: 2024-07-05 (on 2024-07-05), 2024-07-05 (on "
        "2024-07-05); one session is one event."
    )
    assert outside.text.startswith("13 dates left out, outside the history (2024-07-01 to 2024-07-10): 2024-06-30, ")
    assert outside.text.endswith("2024-07-31 and 1 more.")
    # What a note has no room for, the account names.
    (account,) = found.accounts
    assert (account.read, account.kept) == (16, 1)
    assert [(one.reason, len(one.dates)) for one in account.excluded] == [("merged", 2), ("outside_history", 13)]
    assert account.excluded[1].dates[-1] == "2024-08-01"


def test_every_note_is_known_as_what_a_condition_says(history_of):
    week = history(history_of, WEEK)
    asked = (
        dates.detect(week, dates=days(3, 4, 4, -1)),
        dates.detect(week, dates=days(3), on="same"),
        dates.detect(week, dates=days(4), offset=-1),
        dates.detect(week, dates=days(1), after_close=True),
        dates.detect(week, dates=days(9), offset=-1),
    )
    codes = {note.code for found in asked for note in found.notes}
    assert len(codes) == 7
    assert codes < SAID_BY_CONDITION


def test_before_a_date_scheduled_sessions_are_counted(history_of):
    # Of an exchange that is not known, Monday to Friday is all that is scheduled: one before Friday 5 July is Thursday,
    # which is no session here. It is not taken for the event's own day.
    found = dates.detect(history(history_of, WEEK), dates=days(4), offset=-1)
    assert not found.met.any()
    assert found.cautions == (
        (
            "1 date left out, as counting weekdays, no session was held 1 session before, and the exchange's schedule "
            "is not known: 2024-07-05 (held was 2024-07-03); to keep such an event, list the session that was held, "
            "without an offset."
        ),
    )
    # New York's is known: 4 July is a holiday every year, and Wednesday comes before Friday.
    new_york = replace(history(history_of, WEEK), exchange="XNYS")
    assert np.flatnonzero(dates.detect(new_york, dates=days(4), offset=-1).met).tolist() == [2]
    assert np.flatnonzero(dates.detect(new_york, dates=days(4), offset=-2).met).tolist() == [1]
    # So it does before the holiday itself, which counts as Friday.
    assert np.flatnonzero(dates.detect(new_york, dates=days(3), offset=-1).met).tolist() == [2]
    # Of a Saturday and a Sunday, the session before is the Friday, and two before the Thursday.
    for weekend in days(12, 13):
        for offset, at in ((-1, [4]), (-2, [3])):
            found = dates.detect(history(history_of, (7, 8, 9, 10, 11)), dates=[weekend], offset=offset)
            assert np.flatnonzero(found.met).tolist() == at
    # Friday 12 July is not there yet, and Wednesday is two sessions before it all the same.
    assert np.flatnonzero(dates.detect(history(history_of, WEEK), dates=days(11), offset=-2).met).tolist() == [6]


def test_after_the_close_is_the_next_session(history_of):
    week = history(history_of, WEEK)
    # Monday evening is Tuesday; Wednesday evening is Friday, as Thursday is a holiday; Saturday's is Monday's.
    for day, at in ((0, 1), (2, 3), (3, 3), (4, 4), (5, 4)):
        assert np.flatnonzero(dates.detect(week, dates=days(day), after_close=True).met).tolist() == [at]
    # One session before what came on Monday evening is Monday.
    assert np.flatnonzero(dates.detect(week, dates=days(7), after_close=True, offset=-1).met).tolist() == [4]
    # The evening of the last session is after the history.
    last = dates.detect(week, dates=days(9), after_close=True)
    assert not last.met.any()
    assert last.cautions == (
        (
            "1 date left out, as the next session after the close is not in the history (2024-07-01 to 2024-07-10): "
            "2024-07-10."
        ),
    )
    beyond = dates.detect(week, dates=days(9, 10), after_close=True)
    assert beyond.cautions[1] == "1 date left out, outside the history (2024-07-01 to 2024-07-10): 2024-07-11."
    back = dates.detect(week, dates=days(9), after_close=True, offset=-1)
    assert np.flatnonzero(back.met).tolist() == [6]  # one session before the evening's is the day itself
    # A date that is no session is left out all the same where that is asked.
    same = [dates.detect(week, dates=days(day), after_close=True, on="same").met.tolist() for day in (3, 2)]
    assert same == [[0] * 7, [0, 0, 0, 1, 0, 0, 0]]


def test_before_the_schedule_is_known_the_sessions_held_are_counted(history_of):
    # New York kept Washington's Birthday on Friday 22 February 1963, and was open on Monday the 25th; its calendar is
    # believed from 1970 on.
    held = np.array(["1963-02-19", "1963-02-20", "1963-02-21", "1963-02-25", "1963-02-26"], dtype="datetime64[D]")
    past = replace(history_of({"A": [1.0] * 5}, sessions=held), exchange="XNYS")
    for offset, at in ((-1, [2]), (-2, [1]), (-4, [])):
        found = dates.detect(past, dates=[dt.date(1963, 2, 25)], offset=offset)
        assert np.flatnonzero(found.met).tolist() == at
    found = dates.detect(past, dates=[dt.date(1963, 2, 25)], offset=-1)
    assert [note.code for note in found.notes] == ["day0_before_date", "dates_schedule_unknown"]
    assert found.cautions[1] == (
        "1 date counted back by the sessions held, as the schedule of XNYS is not known before 1970-01-01: 1963-02-25 "
        "(day 0 is 1963-02-21); check that no closure there was unforeseen."
    )
    # The holiday itself counts as Monday.
    assert np.flatnonzero(dates.detect(past, dates=[dt.date(1963, 2, 22)], offset=-1).met).tolist() == [2]
    # From a date of 1970 on, it is back into years that are not known.
    turn = np.array(["1969-12-29", "1969-12-31", "1970-01-02"], dtype="datetime64[D]")  # as if the 30th had been closed
    past = replace(history_of({"A": [1.0] * 3}, sessions=turn), exchange="XNYS")
    assert np.flatnonzero(dates.detect(past, dates=[dt.date(1970, 1, 2)], offset=-2).met).tolist() == [0]


def test_day_0_before_a_listed_date_is_said(history_of):
    week = history(history_of, WEEK)
    found = dates.detect(week, dates=days(1, 2), offset=-1)
    assert [note.code for note in found.notes] == ["day0_before_date"]
    assert found.cautions[0] == (
        "With offset = -1, day 0 of 2 dates lies before the listed date: that is right only for events that were "
        "scheduled and public on day 0; for any other the study looks ahead."
    )
    assert dates.detect(week, dates=days(1, 2), offset=1).notes == ()


def test_neighbouring_dates_are_events_of_their_own(history_of):
    found = dates.detect(history(history_of, WEEK), dates=days(0, 1, 4, 7))
    episodes = find_episodes(found)
    assert episodes.trigger.tolist() == episodes.end.tolist() == episodes.start.tolist() == [0, 1, 3, 4]


def test_whether_a_date_is_a_session_is_not_asked_before_it(history_of):
    with pytest.raises(StrategyInvalid, match="whether a date is a session is known only that day"):
        dates.detect(history(history_of, WEEK), dates=days(3), on="same", offset=-1)


def test_a_date_outside_the_history_is_not_called_a_holiday(history_of):
    found = dates.detect(history(history_of, WEEK), dates=days(3, 20), on="same")
    assert [(one.reason, one.dates) for one in found.accounts[0].excluded] == [
        ("outside_history", ("2024-07-21",)),
        ("no_session", ("2024-07-04",)),
    ]


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
    assert {key: value for key, value in values.items() if value is not None} == {
        "file": "calendars/fed.csv",
        "on": "next",
        "offset": 0,
    }  # as it is recorded
    _, both = ask(history_of, tmp_path, file="calendars/fed.csv", dates=["2024-07-09"])
    assert both.met.tolist() == [0, 0, 1, 1, 0, 1, 0]


@pytest.mark.parametrize(
    "file", ["../fed.csv", "a/../../fed.csv", "/etc/passwd", "", ".", "a\0.csv", "..\\fed.csv", "C:\\fed.csv"]
)
def test_no_file_outside_the_folder_is_read(history_of, tmp_path, file):
    (tmp_path / "fed.csv").write_text("2024-07-03\n", encoding="utf-8")
    with pytest.raises(StrategyInvalid) as refused:
        ask(history_of, tmp_path / "strategies", file=file)
    assert "must name a file beside the strategy or in a folder below it." in str(refused.value)


def test_no_link_leads_out_of_the_folder(history_of, tmp_path):
    (tmp_path / "fed.csv").write_text("2024-07-03\n", encoding="utf-8")
    folder = tmp_path / "strategies"
    folder.mkdir()
    (folder / "link.csv").symlink_to(tmp_path / "fed.csv")
    with pytest.raises(
        StrategyInvalid, match=r"file = \"link\.csv\": is a link that leads out of the strategy's folder"
    ):
        ask(history_of, folder, file="link.csv")
    (folder / "own.csv").write_text("2024-07-03\n", encoding="utf-8")
    (folder / "near.csv").symlink_to(folder / "own.csv")
    (tmp_path / "door").symlink_to(folder)
    _, found = ask(history_of, tmp_path / "door", file="near.csv")
    assert found.met.sum() == 1


@pytest.mark.parametrize("one", ["2024-07-03", dt.date(2024, 7, 3)])
def test_one_date_is_a_list_of_one(history_of, tmp_path, one):
    assert ask(history_of, tmp_path, dates=one)[0]["dates"] == [dt.date(2024, 7, 3)]


def test_a_time_of_day_is_refused_with_the_key(history_of, tmp_path):
    with pytest.raises(StrategyInvalid, match="without a time of day: the detector's after_close = true"):
        ask(history_of, tmp_path, dates=["2024-07-16 16:05:00"])


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
            (
                "x.toml: detector.dates[0] = 2024-07-16T14:00:00: must be a date such as 2024-07-16, without a time of "
                "day: the detector's after_close = true says that the dates were announced after the close."
            ),
        ),
        (
            {"dates": ["2024-07-16"], "column": "day"},
            "detector dates: 'column' describes a file, and no 'file' is given. Give file, too.",
        ),
        (
            {"file": "x.csv", "time": "at", "after_close": False},
            "detector dates: 'time' and 'after_close' exclude each other. Leave one out.",
        ),
        (
            {"file": "x.csv", "date_format": "%d/%m"},
            'x.toml: detector.date_format = "%d/%m": must name day, month and year, such as "%d/%m/%Y".',
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
