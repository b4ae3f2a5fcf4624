"""A real S3 server on this machine, moto's, where the environment variable MOTO_SERVER says that it is."""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import time
from urllib.parse import quote

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.fs as pafs
import pyarrow.parquet as pq
import pytest

import backtest
from backtest.errors import DataRefused

FILE = 'file = "stocks.parquet"'
SERVER = os.environ.get("MOTO_SERVER", "")
pytestmark = pytest.mark.skipif(
    not SERVER, reason="on demand: pip install 'moto[server]' anywhere, and MOTO_SERVER=/its/bin/moto_server"
)


class Bucket:
    """A bucket of a server that runs."""

    def __init__(self, **environment):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.host = f"127.0.0.1:{free.getsockname()[1]}"
        command = [SERVER, "-H", "127.0.0.1", "-p", self.host.rpartition(":")[2]]
        null = subprocess.DEVNULL
        self.server = subprocess.Popen(command, stdout=null, stderr=null, env=os.environ | environment)
        self.wait()

    def wait(self):
        address = ("127.0.0.1", int(self.host.rpartition(":")[2]))
        for _ in range(300):
            with socket.socket() as tried:
                if tried.connect_ex(address) == 0:
                    return
            time.sleep(0.1)
        raise TimeoutError(self.host)

    def uri(self, folder):
        return f"s3://{folder}?endpoint_override={self.host}&scheme=http&region=us-east-1"

    def put(self, path, table):
        store = pafs.S3FileSystem(
            endpoint_override=self.host, scheme="http", region="us-east-1", allow_bucket_creation=True
        )
        store.create_dir("panels", recursive=False)
        content = io.BytesIO()
        (csv.write_csv if path.endswith(".csv") else pq.write_table)(table, content)
        with store.open_output_stream(f"panels/{path}") as file:
            file.write(content.getvalue())


@pytest.fixture(scope="module", autouse=True)
def keys():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "fake")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "fake")
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="module")
def bucket(keys):
    made = Bucket()
    yield made
    made.server.kill()
    made.server.wait()


@pytest.fixture
def stored(bucket, delivery, frame):
    """Put the panel in the bucket in each form; return what its local file gives."""
    whole = pa.Table.from_pandas(frame, preserve_index=False)
    bucket.put("long/stocks.parquet", whole)
    bucket.put("long/stocks.csv", whole)
    for asset, rows in frame.groupby("symbol"):
        table = pa.Table.from_pandas(rows.drop(columns="symbol"), preserve_index=False)
        bucket.put(f"daily/{asset}.parquet", table)
        for month, part in rows.groupby(frame["session"].map(lambda day: day.month)):
            table = pa.Table.from_pandas(part.drop(columns="symbol"), preserve_index=False)
            bucket.put(f"all/symbol={asset}/month={month}/0.parquet", table)
    delivery.deliver(frame)
    return delivery.run()


def describe(delivery, uri, file):
    delivery.describe(delivery.manifest.replace(FILE, f'folder = "{uri}"\nfile = "{file}"'))


@pytest.mark.parametrize(
    ("folder", "file"),
    [
        ("panels/long", "stocks.parquet"),
        ("panels/long", "stocks.csv"),
        ("panels/daily", "{asset}.parquet"),
        ("panels", "daily/{asset}.parquet"),
        ("panels/all", "symbol={asset}/**/*.parquet"),
    ],
)
def test_each_form_gives_what_the_local_file_gives(bucket, delivery, stored, folder, file):
    describe(delivery, bucket.uri(folder), file)
    lock = delivery.run()
    assert lock.panel.file == f"s3://{folder}/{file}"
    assert lock.panel.rows == stored.panel.rows
    if not file.endswith(".csv"):  # the last digit of a text
        assert lock.sha256 == stored.sha256
    if file == "stocks.parquet":
        assert lock.panel.sha256 == stored.panel.sha256 != ""


def test_a_study_of_members_by_group_by_two_workers(bucket, delivery, frame, stored):
    """All three tables in the bucket: what their local twins give, in memory and by a scan."""
    assets = sorted(set(frame["symbol"]))
    members = pa.table({"symbol": assets[:8], "from": ["2024-07-15"] * 8, "to": [""] * 8})
    groups = pa.table({"symbol": assets, "group": ["one", "two"] * 5})
    for name, table in (("members.csv", members), ("groups.csv", groups)):
        bucket.put(f"long/{name}", table)
        csv.write_csv(table, delivery.source / name)

    def told(folder):
        text = delivery.manifest.replace(FILE, folder + FILE)
        for name, file in (("membership", "members.csv"), ("groups", "groups.csv")):
            text += f'[panel.{name}]\n{folder}file = "{file}"\n'
        delivery.describe(text)
        lock = delivery.run()
        strategy = backtest.Strategy.of(
            {"use": "move", "series": "close", "sessions": 1, "threshold": 0.005},
            measure={"asset": "close", "benchmark": "group", "horizons": [1]},
        )
        panel = delivery.load().panel
        return lock, panel.read(), backtest.scan_panel(strategy, panel, workers=2)

    (here, panel, alone), (there, remote, scanned) = told(""), told(f'folder = "{bucket.uri("panels/long")}"\n')
    assert there.sha256 == here.sha256
    assert set(panel.groups) == {"one", "two"} == set(remote.groups)
    assert len(scanned.events) > 0
    assert scanned.events.equals(alone.events)
    assert scanned.horizons.equals(alone.horizons)


def test_odd_names(bucket, delivery, frame):
    names = ["BRK B", "Ünïcödé", "A=B", "50%", "C/D", "a+b", "x#y", "q?z", "p&q", "日本"]
    table = pa.Table.from_pandas(frame[frame["symbol"] == "S0"].drop(columns="symbol"), preserve_index=False)
    for name in names:
        bucket.put(f"odd/symbol={quote(name, safe='')}/0.parquet", table)
        if "/" not in name:
            bucket.put(f"odd é =%/{name}.parquet", table)
    describe(delivery, bucket.uri("panels/odd"), "symbol={asset}/*.parquet")
    assert delivery.run().panel.blocks[0].assets == sorted(names)
    describe(delivery, bucket.uri(f"panels/{quote('odd é =%')}"), "{asset}.parquet")
    assert delivery.run().panel.blocks[0].assets == sorted({*names} - {"C/D"})


def test_more_files_than_a_page_of_the_listing(bucket, delivery, frame):
    table = pa.Table.from_pandas(frame[frame["symbol"] == "S0"].drop(columns="symbol"), preserve_index=False)
    for number in range(1_003):
        bucket.put(f"many/{number:04}.csv", table.slice(0, 3))
    describe(delivery, bucket.uri("panels/many"), "{asset}.csv")
    assert delivery.run().panel.assets == 1_003


@pytest.mark.parametrize(
    ("folder", "file", "said"),
    [
        ("nosuch/x", "stocks.parquet", "s3://nosuch/x: there is no such bucket or folder"),
        ("nosuch/x", "{asset}.parquet", "s3://nosuch/x: there is no such bucket or folder"),
        ("panels/nosuch", "{asset}.parquet", "s3://panels/nosuch: there is no such bucket or folder"),
        ("panels/long", "nosuch.parquet", r"s3://panels/long/nosuch\.parquet: there is no such file"),
        ("panels/long", "{asset}.txt", "s3://panels/long: no file matches"),
        ("panels", "long", "s3://panels/long: there is no such file"),
    ],
)
def test_what_is_not_there(bucket, delivery, stored, folder, file, said):
    describe(delivery, bucket.uri(folder), file)
    with pytest.raises(DataRefused, match=f"^{said}.*Correct folder or file in the manifest") as caught:
        delivery.run()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("file", ["stocks.parquet", "*.parquet"])
def test_wrong_keys(delivery, file):
    guarded = Bucket(INITIAL_NO_AUTH_ACTION_COUNT="0")
    try:
        describe(delivery, guarded.uri("panels/long"), file)
        with pytest.raises(DataRefused, match=r"cannot be read: .*(DENIED|INVALID).*network and your credentials"):
            delivery.run()
    finally:
        guarded.server.kill()
        guarded.server.wait()


def test_a_server_that_is_gone(delivery):
    gone = Bucket()
    gone.server.kill()
    gone.server.wait()
    describe(delivery, gone.uri("panels/long"), "stocks.parquet")
    with pytest.raises(DataRefused, match=r"cannot be read: .*Could not connect.* Check folder in the manifest"):
        delivery.run()


def test_an_interrupt_does_not_wait_for_a_server_that_does_not_answer(bucket, delivery, stored):
    describe(delivery, bucket.uri("panels/daily"), "{asset}.parquet")
    os.kill(bucket.server.pid, signal.SIGSTOP)
    try:
        command = [sys.executable, "-m", "backtest", "data", "import", "many", "--from", str(delivery.source)]
        running = subprocess.Popen(command, cwd=delivery.workspace.root, stderr=subprocess.PIPE, text=True)
        time.sleep(5)
        running.send_signal(signal.SIGINT)
        assert running.communicate(timeout=20)[1].strip() == "Stopped."
        assert running.returncode == 130
    finally:
        os.kill(bucket.server.pid, signal.SIGCONT)
    assert delivery.load().panel.assets  # the data that were there
