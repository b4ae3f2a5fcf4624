"""One file an asset, partitioned folders and text: all give the panel of one long table."""

from __future__ import annotations

from urllib.parse import quote

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backtest.errors import DataRefused, ManifestInvalid

FILE = 'file = "stocks.parquet"'


@pytest.fixture
def expected(delivery, frame):
    delivery.deliver(frame)
    delivery.run()
    return delivery.load().panel.read(("close", "open"))


def imported_as(delivery, file, more=""):
    delivery.describe(delivery.manifest.replace(FILE, f'{more}file = "{file}"'))
    delivery.run()
    return delivery.load().panel.read(("close", "open"))


def same(panel, expected, rtol=0.0):
    assert panel.assets == expected.assets
    for name in ("close", "open"):
        np.testing.assert_allclose(panel.fields[name], expected.fields[name], rtol=rtol)
    assert panel.findings == expected.findings


def put(delivery, path, rows):
    file = delivery.source / path
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".parquet":
        pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), file)
    else:
        rows.to_csv(file, index=False, sep=";" if "semi" in path else ",")


def test_one_file_an_asset(delivery, frame, expected):
    for asset, rows in frame.groupby("symbol"):
        put(delivery, f"daily/{asset}.parquet", rows.drop(columns="symbol"))
    put(delivery, "daily/notes/S1.parquet", frame.head(1))
    put(delivery, "daily/_S1.parquet", frame.head(1))
    put(delivery, "daily/_temporary/S1.parquet", frame.head(1))
    same(imported_as(delivery, "daily/{asset}.parquet"), expected)


@pytest.mark.parametrize("suffix", ["csv", "csv.gz"])
def test_one_text_file_an_asset(delivery, frame, expected, suffix):
    for asset, rows in frame.groupby("symbol"):
        put(delivery, f"daily/{asset}.{suffix}", rows.drop(columns="symbol"))
    same(imported_as(delivery, f"daily/{{asset}}.{suffix}"), expected, rtol=1e-15)


@pytest.mark.parametrize("name", ["stocks.csv", "semi.csv", "stocks.csv.gz"])
def test_one_long_table_of_text(delivery, frame, expected, name):
    put(delivery, name, frame)
    same(imported_as(delivery, name), expected, rtol=1e-15)


def test_a_folder_partitioned_by_asset_and_year(delivery, frame, expected):
    for (asset, year), rows in frame.assign(year=2024).groupby(["symbol", "year"]):
        put(delivery, f"all/symbol={asset}/year={year}/0.parquet", rows.drop(columns=["symbol", "year"]))
    same(imported_as(delivery, "all/symbol={asset}/**/*.parquet"), expected)
    same(imported_as(delivery, "all/symbol={asset}/year=*/0.parquet"), expected)
    put(delivery, "all/symbol=S1/_temporary/0.parquet", frame.head(1))
    same(imported_as(delivery, "all/symbol={asset}/**/*.parquet"), expected)


def test_a_folder_partitioned_by_session(delivery, frame, expected):
    for day, rows in frame.groupby("session"):
        put(delivery, f"days/session={day}/part.parquet", rows.drop(columns="session"))
    same(imported_as(delivery, "days/session={session}/*.parquet"), expected)


def test_names_in_partitions_are_written_as_in_an_address(delivery, frame):
    put(delivery, f"all/symbol={quote('BRK/B')}".replace("/B", "%2FB") + "/0.parquet", frame[frame["symbol"] == "S0"])
    assert imported_as(delivery, "all/symbol={asset}/*.parquet").assets == ("BRK/B",)


def test_a_local_address(delivery, frame, expected, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (delivery.source / "stocks.parquet").rename(tmp_path / "elsewhere" / "stocks.parquet")
    address = (tmp_path / "elsewhere").as_uri()
    same(imported_as(delivery, "stocks.parquet", f'folder = "{address}"\n'), expected)


@pytest.mark.parametrize(
    ("more", "file", "said"),
    [
        ("", "daily/{asset}.parquet", r"no file matches 'daily/\{asset\}\.parquet'"),
        ('folder = "nosuch://bucket"\n', "x.parquet", r"nosuch://bucket: cannot be opened"),
        ('folder = "file:///no/such/folder"\n', "x.parquet", r"x\.parquet: there is no such file"),
        ('folder = "file:///no/such/folder"\n', "*.parquet", r"no file matches"),
    ],
)
def test_what_cannot_be_found_is_named(delivery, more, file, said):
    delivery.describe(delivery.manifest.replace(FILE, f'{more}file = "{file}"'))
    with pytest.raises(DataRefused, match=said):
        delivery.run()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ('file = "{ticker}.csv"', "nothing else in braces"),
        ('file = "{asset}/{asset}.csv"', "once each"),
        ('file = "s3://bucket/x.csv"', "must be a path inside the imported folder"),
        ('folder = "/data"\nfile = "x.csv"', "must be a URI such as"),
        ('folder = "s3://me:se/cret@bucket"\nfile = "x.csv"', r"folder must hold no credentials(?!.*cret@)"),
        ('folder = "abfs://b@acct/x?client_secret=hush"\nfile = "x.csv"', r"folder must hold no credentials(?!.*hush)"),
        ('file = "{asset}.csv"\ncolumns = { asset = "symbol" }', r"leave one of them out"),
    ],
)
def test_a_place_that_cannot_be_is_refused(delivery, file, said):
    manifest = delivery.manifest.replace('columns = { open = "open" }\n', "")
    delivery.describe(manifest.replace(FILE, file))
    with pytest.raises(ManifestInvalid, match=said):
        delivery.run()


def test_names_that_a_text_reader_could_take_for_something_else(delivery, days):
    names = ["1E5", "NA", "TRUE", "nan", "null", "007", "1", "2024-01-01"]
    rows = pd.DataFrame([(name, day, 10.0, 10.0) for name in names for day in days[:5]])
    put(delivery, "odd.csv", rows.set_axis(["symbol", "session", "close", "open"], axis=1))
    assert imported_as(delivery, "odd.csv").assets == tuple(sorted(names))


def test_whole_numbers_first_and_fractions_later(delivery, days, monkeypatch):
    monkeypatch.setattr("backtest.data.panel.table_file.BLOCK_BYTES", 200)
    rows = pd.DataFrame({"symbol": "A", "session": days, "close": [str(10 + (i > 20) * 0.5) for i in range(len(days))]})
    rows["close"] = rows["close"].str.removesuffix(".0")
    put(delivery, "odd.csv", rows.assign(open=""))
    panel = imported_as(delivery, "odd.csv")
    assert panel.close[:, 0].tolist() == [10.0] * 21 + [10.5] * (len(days) - 21)
    assert np.isnan(panel.fields["open"]).all()


@pytest.mark.parametrize(("file", "others"), [("stocks.csv", ";|\t"), ("semi.csv", ",|\t")])
def test_a_separator_is_that_of_the_header_whatever_the_rows_hold(delivery, frame, file, others):
    put(delivery, file, frame.assign(name=f"Smith{others}Sons"))
    panel = imported_as(delivery, file)
    assert panel.assets == tuple(sorted(set(frame["symbol"])))
    assert np.isfinite(panel.fields["close"]).sum() == frame["close"].notna().sum()
