"""Files of events as people save them; those of a kind that somebody brought are named after it."""

from __future__ import annotations

import datetime as dt

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


def timed(header, *times):
    """Write a list of consecutive days from 2024-01-05 on, with a column of times."""
    return "".join([f"date,{header}\n", *(f"2024-01-{5 + row:02d},{text}\n" for row, text in enumerate(times))])


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
        ("date\nJuly 16 2024\nAugust 1 2024\n", {}, ["2024-07-16", "2024-08-01"]),
        ("date\n16th July 2024\n1st August 2024\n", {}, ["2024-07-16", "2024-08-01"]),
        ('date,x\n"July 22nd, 2024",a\n"Aug 3rd, 2024",b\n', {}, ["2024-07-22", "2024-08-03"]),
        ('date;x\n"16 July, 2024";a\n', {}, ["2024-07-16"]),
        ("16th July 2024\n17th July 2024\n", {}, ["2024-07-16", "2024-07-17"]),
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
            "list.csv: more than one column reads as dates: 'announced', 'effective'. Set",
        ),
        (
            *("name,note\na,b\n", {}),
            "list.csv: no column reads as dates; it has 'name', 'note'. Name it with the detector's column",
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
        (DATES_HEADER, {"time": "name"}, 'list.csv line 2: name = "first" is neither a time of day such as'),
        (
            *("date,at\n2024-01-05,21:05Z\n", {}),
            'list.csv line 2: at: the time "21:05Z" names a time zone, not the clock of the exchange.',
        ),
        (
            *(PANEL, {}),
            "list.csv: column 'ticker' names 2 assets (AAA, BBB): pairs of asset and date need a panel;",
        ),
        ("date,company\n2024-01-05,Acme\n2024-02-13,Bolt\n", {}, "list.csv: column 'company' names 2 assets"),
        (MDY, {}, "list.csv: column 'Symbol' names 2 assets (AAA, BBB): pairs"),
        (timed("x", "AMC", "soon"), {}, 'list.csv line 3: x = "soon" is neither a time of day'),
        (timed("session", "evening"), {}, 'list.csv line 2: session = "evening" is neither a time of day'),
        (timed("after_close", "TRUE", "perhaps"), {}, 'list.csv line 3: after_close = "perhaps" is neither a time'),
        (
            timed("time", "2024-01-08 16:05"),
            {},
            'list.csv line 2: time = "2024-01-08 16:05" is another day than the',
        ),
        # 2024-01-05 16:05 in UTC
        ("date\n1704470700\n", {}, 'list.csv line 2: date: the time "16:05:00Z" names a time zone, not the clock of'),
        (timed("time_utc", "21:05"), {}, "list.csv: column 'time_utc' names a time zone, UTC, not the clock of the"),
        (
            *("end_time,date,start_time\n16:30,2024-01-05,16:00\n17:00,2024-01-08,15:00\n", {}),
            (
                "list.csv line 3: the times of day in 'end_time' and in 'start_time' differ: one lies after the close, "
                'the other does not. Set the detector\'s time = "end_time" or time = "start_time", or set after_close ='
            ),
        ),
        (
            *("date,when\n2024-01-05 09:00,AMC\n", {}),
            "list.csv line 2: the times of day in 'date' and in 'when' differ",
        ),
    ],
)
def test_what_is_not_settled_is_refused_with_the_key(read, text, keys, message):
    with pytest.raises(BacktestError) as refused:
        read(text, **keys)
    assert str(refused.value).startswith(message)


def test_a_refusal_names_the_key_and_why(read):
    with pytest.raises(StudyRefused) as refused:
        read(EXCEL_MAC)
    assert refused.value.hint == ("Set the detector's date_format to the one that is meant, or name another column.")
    with pytest.raises(StudyRefused) as refused:
        read(PANEL)
    assert "every event of a study applies to all its assets" in refused.value.message
    assert 'detector\'s column = "date"' in refused.value.hint


def test_a_file_that_is_not_there_or_no_table(tmp_path):
    with pytest.raises(NotFound, match=r"event list 'list\.csv' does not exist\. Its path is relative to the strategy"):
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
        # A blank, or a mark of what is missing, is no time; the others still are.
        (timed("time", "16:30", "", "16:05"), {}, [True, False, True], "column 'time'"),
        (timed("x", "AMC", "BMO", ""), {}, [True, False, False], "column 'x'"),
        (timed("x", "4:05 PM", ""), {}, [True, False], "column 'x'"),
        (timed("x", "AMC", "BMO", "TBD"), {}, [True, False, False], "column 'x'"),
        (timed("x", "16:30", "N/A"), {}, [True, False], "column 'x'"),
        (timed("x", "After Market Close", "After Hours", "Time Not Supplied"), {}, [True, True, False], "column 'x'"),
        (timed("x", "After Close", "After the bell"), {}, [True, True], "column 'x'"),
        (timed("time", "1630", "0930"), {}, [True, False], "column 'time'"),
        (timed("Announced time", "1630", ""), {}, [True, False], "column 'Announced time'"),
        (timed("x", "4.30pm", "16h05"), {}, [True, True], "column 'x'"),
        (timed("time", "2024-01-05 16:05", "2024-01-06 00:00"), {}, [True, False], "column 'time'"),
        (timed("after_close", "TRUE", "FALSE", ""), {}, [True, False, False], "column 'after_close'"),
        (timed("after_close", "1", "0"), {}, [True, False], "column 'after_close'"),
        (timed("Announced after close", "yes", "no"), {}, [True, False], "column 'Announced after close'"),
        # Numbers, labels and lengths are no times.
        (timed("x", "1630", "1200"), {}, [False, False], ""),
        (timed("lead time", "3 days", "2 days"), {}, [False, False], ""),
        (timed("after_hours_return", "0.01", "1"), {}, [False, False], ""),
        (timed("time", "", "-"), {}, [False, False], ""),
        (
            timed("x", "time-after-hours", "time-pre-market", "time-not-supplied"),
            {},
            [True, False, False],
            "column 'x'",
        ),
        (timed("x", "16:30", "All Day", "Tentative"), {}, [True, False, False], "column 'x'"),
        # A moment of the same day under any name is a time of the event; one of another day is not.
        (
            timed("announced", "2024-01-05 16:30", "", "2024-01-07 09:00"),
            {},
            [True, False, False],
            "column 'announced'",
        ),
        (timed("entered", "2024-01-09 16:30"), {}, [False], ""),
        # Two columns that say the same
        ("date,time,when\n2024-01-05,16:30,AMC\n2024-01-08,09:00,BMO\n", {}, [True, False], "column 'time'"),
        ("end_time,date,start_time\n16:30,2024-01-05,15:00\n", {"time": "start_time"}, [False], "column 'start_time'"),
        # Some dates with a time, others without
        (
            "date\n2024-01-05 16:05\n2024-01-08\n2024-01-09 00:00\n",
            {},
            [True, False, False],
            "the time behind the date",
        ),
        ("date,a\n2024-01-05,x\n2024-01-08T16:05,y\n", {}, [False, True], "the time behind the date"),
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


def of_assets(header, *assets):
    """Write a list of consecutive days from 2024-01-05 on, with a column of assets or labels."""
    return "".join([f"date,{header}\n", *(f'2024-01-{5 + row:02d},"{text}"\n' for row, text in enumerate(assets))])


@pytest.mark.parametrize(
    ("header", "assets"),
    [
        ("Ticker Symbol", ("AAA", "BBB")),
        ("TickerSymbol", ("AAA", "BBB")),
        ("stock_id", ("10001", "10002", "10001")),
        ("company name", ("Acme", "Bolt")),
        ("Tickers", ("AAA", "BBB", "")),
        ("Name", ("AAPL", "BRK.B")),
        ("Name", ("AAPL US Equity", "BP/ LN Equity")),
        ("Name", ("Acme Inc.", "Bolt plc", "Acme Inc.")),
        ("Companies", ("Acme", "Bolt")),
    ],
)
def test_a_panel_is_told_by_the_words_of_its_header(read, header, assets):
    with pytest.raises(StudyRefused, match=f"column '{header}' names 2 assets"):
        read(of_assets(header, *assets))


@pytest.mark.parametrize(
    ("header", "labels"),
    [
        ("name", ("first cut", "second cut")),
        ("what", ("CPI", "PPI")),
        ("event", ("cut", "hike", "cut")),
        ("ticker", ("AAA", "", "AAA")),
        ("symbol", ("AAA", "N/A")),
        ("stock return", ("0.01", "-0.02", "0.01")),
        ("stock split", ("TRUE", "FALSE", "TRUE")),
        ("security incident", ("a leak", "a break-in")),
    ],
)
def test_labels_blanks_and_numbers_are_no_assets(read, header, labels):
    assert len(read(of_assets(header, *labels))[0]) == len(labels)


def test_a_column_of_numbers_in_parquet_names_assets_too(tmp_path):
    table = pa.table({"date": pa.array(["2024-01-05", "2024-01-08"]), "permno": pa.array([10001, 10002])})
    pq.write_table(table, tmp_path / "list.parquet")
    with pytest.raises(StudyRefused, match=r"column 'permno' names 2 assets \(10001, 10002\)"):
        read_events(tmp_path / "list.parquet", None, None, None)


def test_blank_rows_are_left_out_and_said(read):
    dates, _, events = read("date,what\n2024-01-05,a\n,\n2024-01-08,b\n,\n,\n")
    assert dates == ["2024-01-05", "2024-01-08"]
    assert [note.code for note in events.notes] == ["list_rows_left_out"]
    assert events.notes[0].text.startswith("list.csv: left out: 1 blank row; ")
    assert read("date,what\n2024-01-05,a\n")[2].notes == ()


def test_what_is_written_below_a_list_is_said_to_be_left_out(read):
    dates, _, events = read("date,what\n2024-01-05,a\n2024-01-08,b\nSource: the court,\n")
    assert dates == ["2024-01-05", "2024-01-08"]
    assert events.notes[0].text == 'list.csv: left out: line 4, below the last row ("Source: the court").'


@pytest.mark.parametrize("header", ["date", "announced"])
def test_a_blank_date_is_named_with_what_to_do(read, header):
    with pytest.raises(StudyRefused) as refused:
        read(f"{header},x\n2024-07-03,a\n,b\n2024-07-05,c\n")
    assert refused.value.message == f'list.csv line 3: {header} = "": an event needs a date.'
    assert refused.value.hint == "Write the date, or remove the row."


def test_a_sheet_of_excel_with_an_empty_time_and_a_midnight(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    rows = [(dt.date(2024, 1, 5), dt.time(16, 30)), (dt.date(2024, 1, 8), None), (dt.date(2024, 1, 9), dt.time(9, 30))]
    for row in (("date", "time"), *rows):
        book.active.append(row)
    book.save(tmp_path / "times.xlsx")
    found = read_events(tmp_path / "times.xlsx", None, None, None)
    assert (found.late.tolist(), found.timed) == ([True, False, False], "column 'time'")
    book = openpyxl.Workbook()
    for row in (["when announced"], [dt.datetime(2024, 1, 5, 16, 5)], [dt.datetime(2024, 1, 8)]):
        book.active.append(row)
    book.save(tmp_path / "moments.xlsx")
    found = read_events(tmp_path / "moments.xlsx", None, None, None)
    assert found.date.astype(str).tolist() == ["2024-01-05", "2024-01-08"]
    assert found.late.tolist() == [True, False]


def test_parquet_times_beside_dates(tmp_path):
    at = pa.array([dt.time(16, 30), None, dt.time(9, 30)])
    table = pa.table({"date": ["2024-01-05", "2024-01-08", "2024-01-09"], "time": at})
    pq.write_table(table, tmp_path / "list.parquet")
    assert read_events(tmp_path / "list.parquet", None, None, None).late.tolist() == [True, False, False]
