"""Every rule a delivered file can break, and the line it is refused with; the existing data are unchanged."""

import gzip

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backtest.data.store.read import load_dataset
from backtest.errors import DataRefused, DatasetUnavailable

A = '[series.A]\ntitle = "A"\nkind = "{kind}"\nunit = "points"\nfile = "a.csv"\n'
GOOD = "date,close\n2024-07-15,100\n"
ABOVE = "a price_index must be above 0. Fix the file, or request a repair: --repair nonpositive=blank."
IF_A_MARK = 'Fix the file, or write missing = ["{}"] for the series if it marks a missing value.'
TWICE = "Fix the file, or request a repair: --repair duplicate_date=drop (equal rows), =first or =last."
SORT = "Fix the file, or request a repair: --repair unsorted=sort."
CASES = {
    "duplicate": (
        "date,close\n2024-07-15,1\n2024-07-15,2\n",
        f"a.csv line 3: date 2024-07-15 occurs twice, with other values: each date may occur once. {TWICE}",
    ),
    "unsorted": (
        "date,close\n2024-07-16,1\n2024-07-15,2\n2024-07-17,3\n",
        f"a.csv line 3: date 2024-07-15 comes after 2024-07-16: dates must increase. {SORT}",
    ),
    "zero": (GOOD + "2024-07-16,0\n", f"a.csv line 3 (2024-07-16): close = 0: {ABOVE}"),
    "negative": (GOOD + "2024-07-16,-1.5\n", f"a.csv line 3 (2024-07-16): close = -1.5: {ABOVE}"),
    "infinite": (GOOD + "2024-07-16,1e999\n", "a.csv line 3: close is infinite: must be a finite number."),
    "inf": (
        GOOD + "2024-07-16,inf\n",
        f'a.csv line 3: close = "inf": must be a number, or blank where it is missing. {IF_A_MARK.format("inf")}',
    ),
    "not a number": (
        GOOD + "2024-07-16,1_000\n",
        'a.csv line 3: close = "1_000": must be a number, or blank where it is missing.',
    ),
    "after a blank line": (
        GOOD + "\n2024-07-16,x\n",
        f'a.csv line 4: close = "x": must be a number, or blank where it is missing. {IF_A_MARK.format("x")}',
    ),
    "date form": (GOOD + "07/16/2024,1\n", 'a.csv line 3: date = "07/16/2024": must be a date such as 2024-07-16.'),
    "no such day": (GOOD + "2024-02-30,1\n", 'a.csv line 3: date = "2024-02-30": must be a date such as 2024-07-16.'),
    "no rows": ("date,close\n", "a.csv: has no rows."),
    "blanks": ("date,close\n2024-07-15,\n", "a.csv: column 'close' has no values."),
    "empty": ("", "a.csv: is empty."),
    "column": ("date,Close\n2024-07-15,1\n", "a.csv: has no column 'close'. Did you mean 'Close'?"),
    "columns twice": ("date,close,close\n2024-07-15,1,1\n", "a.csv: has more than one column 'close'."),
    "ragged": (GOOD + "2024-07-16\n", "a.csv line 3: has 1 value: must have 2, as the header does."),
}


@pytest.mark.parametrize(("text", "line"), CASES.values(), ids=CASES)
def test_series(bench, text, line):
    bench.manifest(A.format(kind="price_index"))
    bench.deliver(a=text)
    with pytest.raises(DataRefused) as refused:
        bench.run()
    assert str(refused.value) == line
    with pytest.raises(DatasetUnavailable) as nothing:
        load_dataset(bench.folder)
    assert str(nothing.value) == (
        "dataset 'mine' has a manifest but no data yet. Run: backtest data import mine --from DIR"
    )


def test_mark_of_a_missing_return_is_no_return(bench):
    bench.manifest(A.format(kind="percent_return"))
    bench.deliver(a="date,close\n2024-07-15,1\n2024-07-16,-99.99\n")
    rule = "a return in percent must be above -99; leave it blank where it is missing"
    with pytest.raises(DataRefused, match=rf"^a.csv line 3 \(2024-07-16\): close = -99.99: {rule}\. Fix"):
        bench.run()


TWO_SOURCES = "From two sources? Say when the prices of each are known: columns.source and publication_lag."
CODE = "or a code of a fed funds contract such as ZQN24."
QUOTED = "contract 2024-08 on 2024-07-15 in lines 2 (95) and 3 (96)"
FUTURES = '[series.F]\ntitle = "F"\nkind = "futures"\nunit = "price"\nfile = "f.csv"\n'


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (
            "2024-07-15,2024-08,95\n2024-07-15,2024-08,96\n",
            f"f.csv: one price per contract and date; quoted twice: {QUOTED}. {TWO_SOURCES} {TWICE}",
        ),
        ("2024-07-15,Aug 24,95\n", f'f.csv line 2: contract = "Aug 24": must be a month such as 2024-07, {CODE}'),
        ("2024-07-15,2024-13,95\n", f'f.csv line 2: contract = "2024-13": must be a month such as 2024-07, {CODE}'),
    ],
)
def test_futures(bench, rows, line):
    bench.manifest(A.format(kind="price_index"), FUTURES)
    bench.deliver(a=GOOD, f="date,contract,price\n" + rows)
    with pytest.raises(DataRefused) as refused:
        bench.run()
    assert str(refused.value) == line


def test_missing_files_are_named_all(bench):
    bench.manifest(A.format(kind="price_index"), FUTURES)
    with pytest.raises(DataRefused) as refused:
        bench.run()
    assert str(refused.value) == (
        f"{bench.source}: dataset 'mine' needs files that are missing: a.csv, f.csv. "
        "Add them, or mark their series optional = true in manifest.toml."
    )


def test_files_that_are_not_what_their_name_says(bench):
    for name, content, line in (
        ("a.csv.gz", b"no gzip", "is not CSV: "),
        ("a.csv.gz", gzip.compress(b"date,close\n")[:-4], "is not CSV: "),
        ("a.csv", b"date,close\n2024-07-15,\x00\xff\n", "is not text: "),
        ("a.parquet", b"PAR1 but no more", "is not Parquet: "),
        ("a.xlsx", b"no zip", "is not an Excel workbook: "),
        ("a.pdf", b"", "cannot be imported: must end with .csv, .txt, .tsv, .gz, .zip, .xlsx, .parquet."),
    ):
        bench.manifest(A.format(kind="price_index").replace("a.csv", name))
        (bench.source / name).write_bytes(content)
        with pytest.raises(DataRefused) as refused:
            bench.run()
        assert str(refused.value).startswith(f"{name}: {line}")


@pytest.mark.parametrize(
    ("dates", "line"),
    [
        (pa.array([20240732]), 'a.parquet row 1: date = "20240732": must be a date by date_format = "%Y%m%d".'),
        (pa.array([None], pa.int64()), 'a.parquet row 1: date = "": must be a date by date_format = "%Y%m%d".'),
        (pa.array([20240715.0]), "a.parquet: column 'date' is double: must hold dates."),
        (pa.array([True]), "a.parquet: column 'date' is bool: must hold dates."),
        (pa.array([None], pa.timestamp("us", "UTC")), "a.parquet row 1: date is missing: every row needs a date."),
    ],
)
def test_parquet_dates(bench, dates, line):
    bench.manifest(A.format(kind="price_index").replace("a.csv", "a.parquet"))
    pq.write_table(pa.table({"date": dates, "close": [1.0]}), bench.source / "a.parquet")
    with pytest.raises(DataRefused) as refused:
        bench.run()
    assert str(refused.value) == line
