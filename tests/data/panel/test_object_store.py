"""Files of an object store are copied once, and read like delivered files. The store is one in memory."""

from __future__ import annotations

import subprocess
import sys
import time
from threading import Event

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq
import pytest

from backtest.data.ingest.importing import check_files
from backtest.data.panel.table_file import TableFile
from backtest.data.store.lock import read_lock
from backtest.errors import DataRefused
from backtest.far_away import AT_A_TIME, all_far_away, far_away

FILE = 'file = "stocks.parquet"'
FOLDER = 'folder = "s3://bucket/stocks?region=here"\n'


@pytest.fixture
def store(delivery, frame, monkeypatch):
    """Each asset as a file of the store; the local twins are imported, and returned with the store."""
    made = pafs._MockFileSystem()
    made.create_dir("bucket/stocks")
    (delivery.source / "stocks").mkdir()
    for asset, rows in frame.groupby("symbol"):
        table = pa.Table.from_pandas(rows.drop(columns="symbol"), preserve_index=False)
        pq.write_table(table, delivery.source / "stocks" / f"{asset}.parquet")
        with made.open_output_stream(f"bucket/stocks/{asset}.parquet") as file:
            pq.write_table(table, file)

    def from_uri(uri):
        assert uri == "s3://bucket/stocks?region=here"
        return made, "bucket/stocks"

    monkeypatch.setattr("backtest.data.panel.delivered_place.from_uri", from_uri)
    return made


def describe(delivery, *, folder="", file="{asset}.parquet", more=""):
    delivery.describe(delivery.manifest.replace(FILE, f'{folder}file = "{file}"') + more)


def test_it_gives_what_the_same_files_here_give_and_the_lock_names_it(delivery, store):
    describe(delivery, file="stocks/{asset}.parquet")
    here = delivery.run()
    describe(delivery, folder=FOLDER)
    there = delivery.run()
    assert there.sha256 == here.sha256
    assert there.panel.file == "s3://bucket/stocks/{asset}.parquet"
    assert here.panel.file == "stocks/{asset}.parquet"
    assert read_lock(delivery.folder).panel == there.panel
    assert not list(delivery.folder.rglob(".delivered"))
    assert not [one for one in check_files("many", delivery.source, delivery.workspace) if one.severity == "error"]


def test_one_file_of_it_has_the_hash_of_its_content(delivery, frame, store):
    delivery.deliver(frame)
    here = delivery.run()
    with store.open_output_stream("bucket/stocks/all.parquet") as file:
        file.write((delivery.source / "stocks.parquet").read_bytes())
    describe(delivery, folder=FOLDER, file="all.parquet")
    assert delivery.run().panel.sha256 == here.panel.sha256


def test_the_members_may_lie_there(delivery, store):
    members = "symbol,from,to\nS1,2024-07-15,2024-07-19\n"
    (delivery.source / "members.csv").write_text(members, encoding="utf-8")
    table = '[panel.membership]\nfile = "members.csv"\n'
    describe(delivery, folder=FOLDER, more=table)
    here = delivery.run()
    with store.open_output_stream("bucket/stocks/members.csv") as file:
        file.write(members.encode())
    (delivery.source / "members.csv").unlink()
    describe(delivery, folder=FOLDER, more=table + FOLDER)
    assert delivery.run().sha256 == here.sha256


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("nosuch.parquet", r"s3://bucket/stocks/nosuch\.parquet: there is no such file"),
        ("{asset}.csv", r"s3://bucket/stocks: no file matches '\{asset\}\.csv'"),
    ],
)
def test_a_file_that_is_not_there(delivery, store, file, said):
    describe(delivery, folder=FOLDER, file=file)
    with pytest.raises(DataRefused, match=rf"^{said}\. Correct folder or file in the manifest"):
        delivery.run()


@pytest.mark.parametrize("file", ["nosuch.parquet", "{asset}.csv"])
def test_a_bucket_that_is_not_there(delivery, store, file):
    store.delete_dir("bucket")
    describe(delivery, folder=FOLDER, file=file)
    with pytest.raises(DataRefused, match=r"^s3://bucket/stocks: there is no such bucket or folder\. Correct folder"):
        delivery.run()


class Interferes:
    """Says that a copy is still wanted, and changes the original the first time."""

    def __init__(self, change):
        self.change = change

    def is_set(self):
        change, self.change = self.change, lambda: None
        change()
        return False


@pytest.mark.parametrize("more", ["longer", "other"])
def test_a_file_that_changes_while_it_is_copied_is_refused(tmp_path, more):
    original = tmp_path / "a.csv"
    original.write_text("close\n1\n2\n", encoding="utf-8")
    change = {"longer": "close\n1\n2\n3\n", "other": "close\n1\n9\n"}[more]
    file = TableFile(pafs.LocalFileSystem(), str(original), "s3://bucket/a.csv", remote=True)
    with pytest.raises(DataRefused, match=r"^s3://bucket/a\.csv: changed while it was being read\. Import again"):
        file.copy(tmp_path / "0", Interferes(lambda: original.write_text(change, encoding="utf-8")))
    copy = file.copy(tmp_path / "1", Event())
    assert (copy.path, copy.place, copy.remote) == (str(tmp_path / "1.csv"), "s3://bucket/a.csv", False)


def test_results_come_in_order_and_the_first_error_is_raised():
    def after(seconds, result):
        return lambda _stopped: time.sleep(seconds) or result

    assert list(all_far_away([after(0.02, "a"), after(0, "b"), *[after(0, "c")] * 2 * AT_A_TIME])) == [
        "a",
        "b",
        *["c"] * 2 * AT_A_TIME,
    ]
    assert list(all_far_away([])) == []

    def fails(_stopped):
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        list(all_far_away([after(0, "a"), fails, after(60, "never waited for")]))
    assert far_away(lambda: 7) == 7


def test_what_is_not_wanted_any_more_is_told_so_and_not_begun():
    told, begun = Event(), []

    def waits(stopped):
        begun.append(1)
        if stopped.wait(10):
            told.set()

    running = all_far_away([lambda _stopped: 1, *[waits] * 100])
    assert next(running) == 1
    running.close()
    assert told.wait(10)
    assert len(begun) <= AT_A_TIME


@pytest.mark.parametrize(("waits", "status"), [("far_away(wait, 60)", 130), ("wait()", 7), ("None", 7)])
def test_an_interrupted_command_does_not_wait_for_an_answer(waits, status):
    """It waits for whatever else is at work, such as a queue that workers read from: that must clean up."""
    program = f"""
import atexit, os, time
from threading import Thread
from backtest.far_away import far_away
from backtest.interrupts import STOPPED, leave_waiting
wait = lambda: time.sleep(60)
atexit.register(os._exit, 7)  # as pyarrow's, which waits for all answers
Thread(target=lambda: {waits}, daemon=True).start()
time.sleep(0.2)
leave_waiting(0)
leave_waiting(STOPPED)
"""
    assert subprocess.run([sys.executable, "-c", program], timeout=30, check=False).returncode == status
