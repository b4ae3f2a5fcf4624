"""Sizes nobody means: bombs, endless files, too many columns. Each is refused early, in one line that is not long."""

import gzip
import io
import os
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from backtest.data.files import delimited, packed, workbook
from backtest.data.files.column_names import MOST_COLUMNS, check_columns
from backtest.data.files.reading import read_source
from backtest.errors import BacktestError, DataRefused
from backtest.files import read_file
from backtest.workspace import Workspace

from .conftest import PRICES


@pytest.mark.parametrize("suffix", ["gz", "zip"])
def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch, suffix):
    monkeypatch.setattr(packed, "MOST_BYTES", 1000)
    text = b"date,close\n" + b"2024-07-15,1\n" * 200
    if suffix == "gz":
        (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text))
    else:
        with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a.csv", text)
    name = {"gz": "a.csv.gz", "zip": "a.zip"}[suffix]
    with pytest.raises(DataRefused, match=r"unpacks to .*1,000.* Unpack it and give the file"):
        read_source(tmp_path, name)
    monkeypatch.setattr(packed, "MOST_BYTES", len(text))
    assert len(read_source(tmp_path, name).lines) == 200


def book(change=None):
    out, made = io.BytesIO(), openpyxl.Workbook()
    for row in [("date", "close"), ("2024-07-15", 1), ("2024-07-16", 2)]:
        made.active.append(row)
    made.save(out)
    if change is None:
        return out.getvalue()
    again = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            content = old.read(item)
            new.writestr(item.filename, change(content) if "sheet1" in item.filename else content)
    return again.getvalue()


def test_a_workbook_that_unpacks_to_too_much(tmp_path, monkeypatch):
    (tmp_path / "a.xlsx").write_bytes(book())
    assert len(read_source(tmp_path, "a.xlsx").lines) == 2
    monkeypatch.setattr(workbook, "MOST_BYTES", 1000)
    with pytest.raises(DataRefused, match=r"a\.xlsx: unpacks to [\d,]+ bytes: at most 1,000 are read"):
        read_source(tmp_path, "a.xlsx")


def test_a_row_beyond_the_last_row_of_excel(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "MOST_ROWS", 1000)
    (tmp_path / "a.xlsx").write_bytes(book(lambda xml: xml.replace(b'r="3"', b'r="999999999"')))
    with pytest.raises(DataRefused, match="a sheet has more than 1,000 rows"):
        read_source(tmp_path, "a.xlsx")


def test_many_cells(tmp_path, monkeypatch):
    monkeypatch.setattr(delimited, "MOST_CELLS", 1000)
    (tmp_path / "a.csv").write_text(PRICES + ",\n" * 1000)
    with pytest.raises(DataRefused, match=r"is not CSV: more than 1,000 cells, up to line 5\d\d"):
        read_source(tmp_path, "a.csv")


def test_columns_are_compared_once_each():
    names = [f"c{number}" for number in range(MOST_COLUMNS)]
    began = time.process_time()
    check_columns("a.csv", names)
    assert time.process_time() - began < 0.5  # every pair took 100 s
    with pytest.raises(DataRefused, match=r"has more than one column 'c7'"):
        check_columns("a.csv", [*names[:-1], "c7"])
    with pytest.raises(DataRefused, match="has 20,001 columns: at most 20,000 are read"):
        check_columns("a.csv", [*names, "one more"])


@pytest.fixture
def pipe(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")

    def make(place):
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(path)
        return path

    return make


def test_a_pipe_is_never_waited_for(pipe, tmp_path):
    with pytest.raises(OSError, match="a pipe or device"):
        read_file(pipe("a.csv"), 10)
    if Path("/dev/zero").exists():
        with pytest.raises(OSError, match="a pipe or device"):
            read_file(Path("/dev/zero"), 10)
    tmp_path.joinpath("eleven").write_text("x" * 11)
    with pytest.raises(OSError, match="larger than 10 bytes"):
        read_file(tmp_path / "eleven", 10)
    assert len(read_file(tmp_path / "eleven", 11)) == 11


@pytest.mark.parametrize(
    "place",
    [
        "strategies/a.toml",
        "strategies/d.py",
        "datasets/d/manifest.toml",
        "datasets/d/lock.json",
        "reports/a/r/run.json",
        "reports/a/r/labels.json",
    ],
)
@pytest.mark.parametrize("command", [["list"], ["list", "runs"], ["data", "list"], ["list", "detectors"]])
def test_no_list_waits_for_a_pipe(pipe, here, place, command, capsys):
    from backtest import cli

    pipe(place)
    if place.endswith(("lock.json", "labels.json")):
        other = {"lock.json": "manifest.toml", "labels.json": "run.json"}[place.rpartition("/")[2]]
        (here.source.parent / place).with_name(other).write_text("")
    assert cli.status_of(command) in (0, 1)
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize("length", [10, 3_000, 3_000_000])
def test_no_message_is_long(length):
    said = "x" * length
    for error in (BacktestError(said, said), BacktestError("a", "b").at(said), DataRefused(said).at(said)):
        assert len(f"Error: {error}") <= 2_000
        assert (length == 10) != ("characters)" in str(error))
    assert length == 10 or f"({length:,} characters)" in str(DataRefused(said))


def test_a_marker_that_is_endless(tmp_path, pipe):
    pipe("pyproject.toml")
    assert not Workspace.find(tmp_path).marked or Workspace.find(tmp_path).root != tmp_path
