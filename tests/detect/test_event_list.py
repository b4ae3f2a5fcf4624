"""Files of events as people save them; those of a kind that somebody brought are named after it."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backtest.detect.event_list import read_events
from backtest.errors import BacktestError, DataRefused, NotFound, StudyRefused


@pytest.fixture
def read(tmp_path):
    def read_text(text, column=None, date_format=None, time=None, **more):
        (tmp_path / "list.csv").write_text(text, encoding="utf-8", newline="")
        found = read_events(tmp_path / "list.csv", column, date_format, time, **more)
        return found.date.astype(str).tolist(), found.late.tolist(), found

    return read_text


DATES_HEADER = "date,car_5d,name\n2024-01-05,0.01,first\n2024-03-08,-0.02,second\n"
COMPACT = "Date,fomc\n20180117,1\n20180228,1\n"
DMY = "security,market,event_date\nAAA,MKT,31/10/2019\nAAA,MKT,05/11/2018\n"
EXCEL_MAC = "Date,Event\r3/9/18,3\r2/14/18,17\r1/28/18,4\r"
MDY = "Date,Value,Symbol\n4/17/2018,1,AAA\n10/28/2016,20,BBB\n"
SEMICOLON = "date;what\n2024-01-05;a\n2024-03-08;b\n"
TIMES = "date,what\n2024-01-05 16:05:00,a\n2024-03-08 08:30:00,b\n"
PANEL = "ticker,date,when\nAAA,2022-02-03,after_close\nBBB,2022-02-03,before_open\nAAA,2022-05-05,after_close\n"


@pytest.mark.parametrize(
    ("text", "keys", "dates"),
    [
        (DATES_HEADER, {}, ["2024-01-05", "2024-03-08"]),
        (COMPACT, {}, ["2018-01-17", "2018-02-28"]),
        (DMY, {}, ["2019-10-31", "2018-11-05"]),
        (EXCEL_MAC, {"date_format": "%m/%d/%y"}, ["2018-03-09", "2018-02-14", "2018-01-28"]),
        (MDY, {"column": "Date"}, ["2018-04-17", "2016-10-28"]),
        (SEMICOLON, {}, ["2024-01-05", "2024-03-08"]),
        (TIMES, {}, ["2024-01-05", "2024-03-08"]),
        # 2 March is a Friday in 2018 and a Saturday in 1918.
        ("d\n2/3/18\n25/4/18\n", {}, ["2018-03-02", "2018-04-25"]),
        ("d\n05/06/2024\n", {"date_format": "%d/%m/%Y"}, ["2024-06-05"]),
        ("announced,effective\n2024-01-05,2024-02-01\n", {"column": "effective"}, ["2024-02-01"]),
        ("filed,date\n2024-02-01,2024-01-05\n", {}, ["2024-01-05"]),
        # Without a header
        ("2024-07-03,cut\n2024-07-05,hike\n", {}, ["2024-07-03", "2024-07-05"]),
        ("31/10/2019\n05/11/2018\n", {}, ["2019-10-31", "2018-11-05"]),
        ("2024-07-03", {}, ["2024-07-03"]),
        ("Jul 3 2024;a\nJul 5 2024;b\n", {}, ["2024-07-03", "2024-07-05"]),
        ("05/06/2024\n07/08/2024\n", {"date_format": "%d/%m/%Y"}, ["2024-06-05", "2024-08-07"]),
    ],
)
def test_dates_are_read_as_the_importer_reads_them(read, text, keys, dates):
    assert read(text, **keys)[0] == dates


@pytest.mark.parametrize(
    ("text", "keys", "message"),
    [
        (
            *(EXCEL_MAC, {}),
            'list.csv line 2: Date = "3/9/18": may be 2018-03-09 (%m/%d/%y) or 1918-03-09: a year of two digits, and',
        ),
        (
            *("d\n05/06/2024\n", {}),
            'list.csv line 2: d = "05/06/2024": may be 2024-06-05 (%d/%m/%Y) or 2024-05-06 (%m/%d/%Y), and no row',
        ),
        (
            *("announced,effective\n2024-01-05,2024-02-01\n", {}),
            "list.csv: more than one column reads as dates: 'announced', 'effective'. Write column = \"announced\" or",
        ),
        (
            *("name,note\na,b\n", {}),
            "list.csv: no column reads as dates; it has 'name', 'note'. Name it with column",
        ),
        ("2024-07-03\n2024-02-30\n", {}, 'list.csv line 2: 2024-07-03 = "2024-02-30": must be a date such as'),
        # A first line that is a date is no header, even where the others alone would fit a format.
        ("2024-07-03\n20240705\n", {}, 'list.csv line 2: 2024-07-03 = "20240705": must be a date such as'),
        ("2024-02-30\n2024-07-05\n", {}, 'list.csv line 1: 2024-02-30 = "2024-02-30": must be a date such as'),
        ("date\n", {}, "event list 'list.csv' holds no date."),
        (DATES_HEADER, {"column": "dat"}, "list.csv: has no column 'dat'. Did you mean 'date'?"),
        (DATES_HEADER, {"date_format": "%d.%m.%Y"}, 'list.csv line 2: date = "2024-01-05": must be a date by'),
        ("date,x\n2024-07-03,a\n,b\n", {}, 'list.csv line 3: date = ""'),
        (DATES_HEADER, {"time": "at"}, "list.csv: there is no column 'at' of times of day."),
        (DATES_HEADER, {"time": "name"}, 'list.csv line 2: name = "first" is no time of day such as 16:05.'),
        (
            *("date,at\n2024-01-05,21:05Z\n", {}),
            'list.csv line 2: at: the time "21:05Z" names a zone, and not the clock of the exchange.',
        ),
        (
            *(PANEL, {}),
            "list.csv: column 'ticker' names 2 assets (AAA, BBB): a list of pairs of asset and date cannot be studied,",
        ),
        ("date,company\n2024-01-05,Acme\n2024-02-13,Bolt\n", {}, "list.csv: column 'company' names 2 assets"),
        (MDY, {}, "list.csv: column 'Symbol' names 2 assets (AAA, BBB): a list of pairs"),
    ],
)
def test_what_is_not_settled_is_refused_with_the_key(read, text, keys, message):
    with pytest.raises(BacktestError) as refused:
        read(text, **keys)
    assert str(refused.value).startswith(message)


def test_a_refusal_names_the_key_and_why(read):
    with pytest.raises(StudyRefused) as refused:
        read(EXCEL_MAC)
    assert refused.value.hint == (
        "Say with date_format of the detector which of the two is meant, or name another column."
    )
    with pytest.raises(StudyRefused) as refused:
        read(PANEL)
    assert "one study has one asset for now" in refused.value.message
    assert 'column = "date" of the detector' in refused.value.hint


def test_a_file_that_is_not_there_or_no_table(tmp_path):
    with pytest.raises(NotFound, match=r"event list 'list\.csv' does not exist\. Its path is read from the strategy"):
        read_events(tmp_path / "list.csv", None, None, None)
    (tmp_path / "list.csv").write_text("", encoding="utf-8")
    with pytest.raises((DataRefused, StudyRefused), match=r"list\.csv"):
        read_events(tmp_path / "list.csv", None, None, None)


@pytest.mark.parametrize(
    ("text", "keys", "late", "timed"),
    [
        (TIMES, {}, [True, False], "the time behind the date"),
        ("date,at\n2024-01-05,16:00\n2024-03-08,15:59\n", {}, [True, False], "column 'at'"),
        ("date,at\n2024-01-05,4:00 PM\n2024-03-08,\n", {"time": "at"}, [True, False], "column 'at'"),
        ("date,when\n2024-01-05,amc\n2024-03-08,bmo\n", {}, [True, False], "column 'when'"),
        ("date,x\n2024-01-05 00:00:00,16:9\n", {}, [False], ""),
        ("date,when\n1/5/2024 12:00:00 AM,amc\n1/31/2024 12:00:00 AM,bmo\n", {}, [True, False], "column 'when'"),
        (DATES_HEADER, {}, [False, False], ""),
    ],
)
def test_what_came_after_the_close_is_told_by_a_time(read, text, keys, late, timed):
    _, found, events = read(text, **keys)
    assert (found, events.timed) == (late, timed)


def test_times_can_be_left_aside(read):
    assert read(TIMES, timed=False)[1] == [False, False]
    assert read("date,at\n2024-01-05,21:05Z\n", timed=False)[1] == [False]


def test_a_named_column_takes_every_date_of_several_assets_and_says_so(read):
    dates, _, events = read(PANEL, column="date")
    assert len(dates) == 3
    assert [note.code for note in events.notes] == ["dates_of_several_assets"]
    assert "column 'ticker' names 2 assets (AAA, BBB); all dates are taken" in events.notes[0].text


def test_parquet_has_times_too(tmp_path):
    at = pa.array([1704470700, 1709886600], pa.timestamp("s"))  # 2024-01-05 16:05:00, 2024-03-08 08:30:00
    pq.write_table(pa.table({"date": at}), tmp_path / "list.parquet")
    found = read_events(tmp_path / "list.parquet", None, None, None)
    assert (found.date.astype(str).tolist(), found.late.tolist()) == (["2024-01-05", "2024-03-08"], [True, False])
