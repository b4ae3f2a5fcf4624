"""Panels on disk: what was delivered is what is read, block by block, in this process and in another."""

from __future__ import annotations

import json
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backtest.errors import DataRefused, DatasetCorrupt, ManifestInvalid


def as_delivered(frame, days, field="close"):
    return frame.pivot(index="session", columns="symbol", values=field).reindex(days).to_numpy(dtype=float)


def test_what_is_read_is_what_was_delivered(delivery, frame, days, small_blocks):
    delivery.deliver(frame)
    delivery.run()
    data = delivery.load()
    panel = data.panel.read(("close", "open"))
    assert panel.assets == data.panel.assets == tuple(f"S{i}" for i in range(10))
    assert (panel.simulated, panel.info.kind, panel.info.title) == (True, "total_return_index", "Simulated stocks")
    np.testing.assert_array_equal(panel.close, as_delivered(frame, days))
    np.testing.assert_array_equal(panel.fields["open"], as_delivered(frame, days, "open"))
    np.testing.assert_array_equal(panel.common.close("index"), data.prices.close("index"))
    assert [len(block) for block in data.panel.blocks] == [4, 4, 2]
    for block in data.panel.blocks:
        part = data.panel.read_block(block)
        assert part.assets == block.assets
        np.testing.assert_array_equal(part.close, panel.close[:, block.first : block.first + len(block)])


def test_sessions_are_those_with_a_value_of_any_asset(delivery, frame, days):
    delivery.deliver(frame[(frame["session"] >= days[5]) & (frame["session"] < days[20])])
    delivery.run()
    panel = delivery.load().panel.read()
    assert panel.common.sessions.tolist() == list(days[5:20])
    index = delivery.load().prices.close("index")
    np.testing.assert_array_equal(panel.common.close("index"), index[5:20])


def test_an_open_outside_all_closes_is_kept_and_read(delivery, frame, days):
    few = frame[(frame["session"] >= days[5]) & (frame["session"] < days[20])].copy()
    few.loc[few["session"].isin([days[5], days[19]]), "close"] = np.nan
    delivery.deliver(few)
    delivery.run()
    panel = delivery.load().panel.read(("close", "open"))
    assert panel.common.sessions.tolist() == list(days[5:20])
    np.testing.assert_array_equal(panel.fields["open"], as_delivered(few, days[5:20], "open"))
    np.testing.assert_array_equal(panel.close, as_delivered(few, days[5:20]))


def closes_of(source, block):
    return source.read_block(block).close


def test_a_worker_reads_a_block_by_itself(delivery, frame, small_blocks):
    delivery.deliver(frame)
    delivery.run()
    source = delivery.load().panel
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        for block in source.blocks[:2]:
            there = pool.submit(closes_of, source, block).result()
            np.testing.assert_array_equal(there, source.read_block(block).close)
    assert len(pickle.dumps(source)) < 1_000


def test_other_tools_read_the_files_as_one_long_table(delivery, frame, days, small_blocks):
    delivery.deliver(frame)
    lock = delivery.run()
    files = [delivery.folder / path for path in lock.files if "panel-" in path]
    assert len(files) == 3
    rows = pd.concat([pd.read_parquet(file) for file in files])
    assert list(rows.columns) == ["asset", "session", "close", "open"]
    given = frame.set_index(["symbol", "session"])["close"].sort_index()
    read = rows.dropna().set_index(["asset", "session"])["close"].sort_index()
    assert read.tolist() == given.tolist()
    assert list(read.index) == list(given.index)
    assert len(rows) - len(given) == 3, "a hole within an asset's life is a row without a value"


def test_the_lock_names_every_block(delivery, frame, small_blocks):
    delivery.deliver(frame)
    delivery.run()
    lock = json.loads((delivery.folder / "lock.json").read_text())
    panel = lock["panel"]
    assert [block["assets"] for block in panel["blocks"]] == [
        ["S0", "S1", "S2", "S3"],
        ["S4", "S5", "S6", "S7"],
        ["S8", "S9"],
    ]
    held = {path.rpartition("/")[2]: file for path, file in lock["files"].items()}
    assert sum(held[block["file"]]["rows"] for block in panel["blocks"]) == len(frame) + 3
    assert (panel["rows"], panel["gaps"]) == (len(frame), 3)
    assert {(one["rule"], one["rows"], one["assets"]) for one in panel["findings"]} == {("missing_sessions", 3, 1)}


def test_a_changed_file_is_not_read(delivery, frame):
    delivery.deliver(frame)
    delivery.run()
    source = delivery.load().panel
    path = source.blocks[0].path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DatasetCorrupt, match=r"panel-00000\.parquet: cannot be read: its sha256"):
        source.read()


def test_numbers_of_four_bytes_are_stored_in_four_bytes(delivery, frame, days):
    single = frame.astype({"close": "float32", "open": "float32"})
    delivery.deliver(single)
    delivery.run()
    source = delivery.load().panel
    assert pq.read_schema(source.blocks[0].path).field("close").type == pa.float32()
    np.testing.assert_array_equal(source.read().close, as_delivered(single, days))


def test_equal_rows_give_equal_bytes_in_any_order(delivery, frame):
    delivery.deliver(frame)
    first = delivery.run()
    delivery.deliver(frame.sample(frac=1, random_state=1))
    assert delivery.run().sha256 == first.sha256


def test_a_failed_import_leaves_the_old_panel(delivery, frame):
    delivery.deliver(frame)
    first = delivery.run()
    delivery.deliver(frame.assign(close=-1.0))
    with pytest.raises(DataRefused, match="no asset is left"):
        delivery.run()
    assert delivery.load().sha256 == first.sha256
    assert delivery.load().panel.read().close.shape[1] == 10
    assert sorted(path.name for path in (delivery.folder / "data").iterdir()) == [first.sha256[:12]]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[series.index]", "[series.close]"), "the name by which a detector reads each asset"),
        (('file = "stocks.parquet"', 'file = "../stocks.parquet"'), "must be a path inside the imported folder"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused(delivery, change, said):
    delivery.describe(delivery.manifest.replace(*change))
    with pytest.raises(ManifestInvalid, match=said):
        delivery.run()


def test_us_stocks(us_stocks_dataset):
    """Figures that were counted outside of this package: README of the data, and the panel's own history."""
    source = us_stocks_dataset.panel
    panel = source.read()
    counted = {one.rule: one.rows for one in panel.findings}
    assert len(source.assets) == 1193
    assert (counted["off_session"], counted["missing_sessions"]) == (1, 53_013)
    assert panel.common.sessions[[0, -1]].astype(str).tolist() == ["1970-01-02", "2017-11-10"]
