"""A few attacks on files, manifests, strategies and arguments; ``python -m tests.attack.data`` makes many."""

import contextlib
import datetime as dt
import json
import random
import signal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backtest.data.manifest.panel_table import PanelTable
from backtest.data.panel.write_blocks import panel_import
from backtest.data.store.read import load_dataset
from backtest.errors import DataRefused, DatasetCorrupt
from backtest.files import read_file
from tests.attack import data, files

SEEDS = range(14)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return data.prepared(tmp_path_factory.mktemp("attacked"))


@pytest.fixture(autouse=True)
def without_alarm(monkeypatch):
    if not hasattr(signal, "SIGALRM"):
        monkeypatch.setattr(data, "limited", contextlib.nullcontext)


@pytest.mark.parametrize("kind", data.KINDS)
def test_attacks_break_nothing(place, kind, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    found = {(seed, *broken) for seed in SEEDS for _, _, broken in [data.attack(place, kind, seed)] if broken}
    assert not found


def test_an_attack_can_be_repeated():
    for seed in range(5):
        made = [(files.delivery(rng), files.arguments(rng)) for rng in (random.Random(seed), random.Random(seed))]
        assert made[0][0][0] == made[1][0][0]
        assert made[0][1] == made[1][1] or made[0][0][0].endswith(("gz", "xlsx", "zip"))


def test_a_broken_promise_is_noticed(place, monkeypatch):
    import click

    def shouts(command):
        (place.root.parent / "new.txt").touch()
        (place.root / "datasets" / "mine" / "lock.json").write_text("{")
        click.echo("x" * 2_001, err=True)
        return 3

    monkeypatch.setattr(data.cli, "status_of", shouts)
    _, _, broken = data.attack(place, "arguments", 0)
    words = " ".join(broken)
    assert all(part in words for part in ("traceback", "2,001 characters", "cannot be read", "outside was touched"))


@pytest.mark.parametrize("size", [10**12, 10**40])
def test_a_lock_file_that_allows_more_than_memory_holds_takes_no_more(tmp_path, size):
    path = tmp_path / "a"
    path.write_bytes(b"x" * 2_000_000)
    assert len(read_file(path, size)) == 2_000_000
    with pytest.raises(OSError, match=r"is larger than 1,999,999 bytes"):
        read_file(path, 1_999_999)


@pytest.mark.parametrize("empty", ["blocks", "assets"])
def test_a_lock_file_of_a_panel_without_assets_is_damaged(tmp_path, empty):
    workspace = data.prepared(tmp_path)
    path = workspace.root / "datasets" / "many" / "lock.json"
    lock = json.loads(path.read_text())
    if empty == "blocks":
        lock["panel"]["blocks"] = []
    else:
        lock["panel"]["blocks"][0]["assets"] = []
    path.write_text(json.dumps(lock))
    with pytest.raises(DatasetCorrupt, match="blocks"):
        load_dataset(path.parent)


ONE, DAYS = pa.array(["A"]), np.array(["2024-07-08"], dtype="datetime64[D]")
BOMBS = {
    "name": ({"symbol": pa.array(["A" * 100_000])}, r"\(100,000 characters\)', which is no name of an asset"),
    "not UTF-8": ({"symbol": pa.array([b"\xff"]).view(pa.string())}, "'symbol' is not UTF-8"),
    "bytes": ({"symbol": pa.array([b"A" * 100_000])}, "'symbol' is binary: must name assets"),
    "day": ({"session": pa.array(["2" * 100_000])}, "'session' must hold dates: Failed to parse string: '222"),
    "close": ({"close": pa.array(["2" * 100_000])}, "'close' is string: must hold numbers"),
    "rows": ({}, "the first 6,500,000 rows are of 1 asset, more than 100,000 an asset"),
}


@pytest.mark.parametrize(("changed", "words"), BOMBS.values(), ids=BOMBS)
def test_a_panel_in_a_few_bytes_takes_no_memory(tmp_path, changed, words):
    one = {"symbol": ONE, "session": pa.array([dt.date(2024, 7, 8)]), "close": pa.array([1.5])} | changed
    again = pa.array(np.zeros(500_000, dtype=np.int32))
    content = pa.table({name: pa.DictionaryArray.from_arrays(again, value) for name, value in one.items()})
    path = tmp_path / "rows.parquet"
    with pq.ParquetWriter(path, content.schema, store_schema=False) as writer:
        for _ in range(1 if changed else 20):
            writer.write_table(content)
    pool, before = pa.proxy_memory_pool(pa.default_memory_pool()), pa.default_memory_pool()
    pa.set_memory_pool(pool)
    try:
        with pytest.raises(DataRefused, match=words):
            panel_import(PanelTable(title="t", kind="price_index", unit="u", file=path.name), tmp_path).inspect(DAYS)
    finally:
        pa.set_memory_pool(before)
    assert pool.max_memory() < 100_000_000
