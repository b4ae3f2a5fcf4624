"""Pipes in the place of files: nothing waits for a writer that never comes."""

import datetime as dt
import os

import numpy as np
import pytest

from backtest.data.ingest.importing import import_dataset
from backtest.data.manifest.panel_table import PanelTable
from backtest.data.panel import spill as spilling
from backtest.data.panel.long_table import LongTable
from backtest.data.panel.write_blocks import panel_import
from backtest.detect.event_list import source_of
from backtest.detect.registry import find_detector
from backtest.errors import DataRefused, NotFound
from backtest.ledger.book import FILE, LOCK, add_line, read_book
from backtest.ledger.unrecorded import unrecorded
from tests.attack import data

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")


@pytest.fixture
def in_time():
    with data.limited(20):
        yield


def pipe(path):
    path.unlink(missing_ok=True)
    os.mkfifo(path)


@pytest.mark.parametrize("name", ["rows.csv", "members.csv"])
@pytest.mark.usefixtures("in_time")
def test_a_pipe_among_the_files_of_a_panel_is_refused(tmp_path, name):
    workspace = data.prepared(tmp_path)
    pipe(workspace.root / "delivered" / name)
    with pytest.raises(DataRefused, match=rf"{name}: .*pipe or device"):
        import_dataset("many", workspace.root / "delivered", workspace)


@pytest.mark.usefixtures("in_time")
def test_a_pipe_that_matches_the_files_of_a_panel_is_not_left_out(tmp_path):
    (tmp_path / "A.csv").write_text("session,close\n2024-07-08,1.5\n")
    pipe(tmp_path / "B.csv")
    spec = PanelTable(title="t", kind="price_index", unit="u", file="{asset}.csv")
    with pytest.raises(DataRefused, match=r"B\.csv: is neither file nor folder \(a pipe or device\)"):
        panel_import(spec, tmp_path)


@pytest.mark.usefixtures("in_time")
def test_a_pipe_as_detector_or_list_of_events_is_called_one(tmp_path):
    for name in ("own.py", "events.csv"):
        pipe(tmp_path / name)
    with pytest.raises(NotFound, match=r"own\.py' is neither file nor folder \(a pipe or device\)"):
        find_detector("own.py", tmp_path)
    with pytest.raises(NotFound, match=r"events\.csv' is neither file nor folder \(a pipe or device\)"):
        source_of(tmp_path / "events.csv")
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(NotFound, match=r"folder\.py' is a folder"):
        find_detector("folder.py", tmp_path)
    with pytest.raises(NotFound, match=r"gone\.py' does not exist"):
        find_detector("gone.py", tmp_path)


@pytest.mark.usefixtures("in_time")
def test_a_pipe_as_ledger_or_lock_is_an_error(tmp_path):
    pipe(tmp_path / FILE)
    for read in (lambda: read_book(tmp_path), lambda: add_line(tmp_path, lambda _: {"kind": "look"})):
        with pytest.raises(OSError, match="pipe or device"):
            read()
    (tmp_path / FILE).unlink()
    pipe(tmp_path / LOCK)
    assert read_book(tmp_path).lines == 0
    with pytest.raises(OSError, match="pipe or device"):
        add_line(tmp_path, lambda _: {"kind": "look"})


@pytest.mark.usefixtures("in_time")
def test_a_pipe_as_record_is_not_read_for_the_ledger(tmp_path):
    folder = tmp_path / "up" / "20260101T000000Z-0000000a"
    folder.mkdir(parents=True)
    pipe(folder / "run.json")
    assert unrecorded(tmp_path, ["up"], ["sample"], []) == [f"up/{folder.name}"]


def test_more_rows_than_assets_can_have_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(spilling, "ROWS_OF_ASSET", 10)
    day = np.full(21, np.datetime64(dt.date(2024, 7, 8)))
    rows = LongTable(("A", "B"), np.zeros(21, dtype=np.int64), day, {"close": np.ones(21)})
    with pytest.raises(DataRefused, match=r"'A' to 'B'.* have 21 rows or more, more than 10 an asset"):
        spilling.spill([rows], ("A", "B"), tmp_path)
    assert not list(tmp_path.iterdir())
    spilling.spill([LongTable(("A", "B"), rows.asset[:20], day[:20], {"close": np.ones(20)})], ("A", "B"), tmp_path)
    assert len(next(spilling.spilled(("A", "B"), ("close",), tmp_path)).session) == 20
