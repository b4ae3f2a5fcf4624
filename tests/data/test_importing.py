"""From delivered files to a dataset: what is kept, what is left out, and that nothing is half done."""

import datetime as dt
import gzip
import json
import os
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backtest.data.store import write as store
from backtest.data.store.read import load_dataset
from backtest.errors import DatasetCorrupt

PRICES = "date,close\n2024-07-15,100\n2024-07-16,101\n2024-07-17,99.5\n"


def spec(name, kind="price_index", more=""):
    return f'[series.{name}]\ntitle = "{name}"\nkind = "{kind}"\nunit = "points"\n{more}\n'


def snapshot(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_blanks_stay_missing_and_rows_off_session_are_counted(bench):
    bench.manifest(spec("A", more='file = "a.csv"\ncolumns = { open = "o" }'), spec("Y", "rate", 'file = "y.csv"'))
    bench.deliver(
        a="date,o,close\n2024-07-12,9,10\n2024-07-15,,11\n2024-07-16,12,\n2024-07-17,12,13\n",
        y="date,close\n2024-07-12,5.3\n2024-07-13,5.4\n2024-07-14,\n2024-07-15,\n2024-07-17,5.2\n",
    )
    lock = bench.run()
    prices = load_dataset(bench.folder).prices
    # 07-16 has a row but no close: the exchange was open, so it is a session of which the close is unknown.
    assert prices.sessions.astype(str).tolist() == ["2024-07-12", "2024-07-15", "2024-07-16", "2024-07-17"]
    np.testing.assert_array_equal(prices.close("A"), [10, 11, np.nan, 13])
    np.testing.assert_array_equal(prices.values("A", "open"), [9, np.nan, 12, 12])
    np.testing.assert_array_equal(prices.close("Y"), [5.3, np.nan, np.nan, 5.2])
    assert [(d.reason, d.rows, d.dates) for d in lock.series["Y"].dropped] == [
        ("not a session", 1, [dt.date(2024, 7, 13)])
    ]
    assert lock.series["A"].dropped == []
    assert (lock.series["Y"].rows, lock.series["Y"].gaps) == (2, 2)
    assert load_dataset(bench.folder).notes == ("Rows left out (not a session): Y 1; lock.json lists them.",)


def test_csv_gz_and_parquet_are_the_same_data(bench):
    found = []
    for name in ("a.csv", "a.csv.gz", "a.parquet"):
        bench.manifest(spec("A", more=f'file = "{name}"'))
        if name == "a.parquet":
            dates = [dt.date(2024, 7, day) for day in (15, 16, 17)]
            pq.write_table(pa.table({"date": dates, "close": [100.0, 101.0, 99.5]}), bench.source / name)
        else:
            text = PRICES.encode("utf-8-sig")
            (bench.source / name).write_bytes(gzip.compress(text) if name.endswith("gz") else text)
        found.append(bench.run().sha256)
    assert len(set(found)) == 1


def test_futures_and_decisions(bench):
    bench.manifest(
        spec("A", more='file = "a.csv"'),
        spec("F", "futures", 'file = "f.csv"'),
        spec("D", "decisions", 'file = "d.csv"\ncolumns = { unscheduled = "u" }'),
        roles='[roles]\nfed_funds_futures = "F"\n',
    )
    bench.deliver(
        a=PRICES,
        f="date,contract,price\n2024-07-16,2024-09,94.8\n2024-07-16,2024-08-01,94.7\n2024-07-13,2024-08,94\n"
        "2024-07-15,2024-08,\n2024-07-15,2024-07,94.67\n",
        d="date,before,after,u\n2024-07-13,5.5,5.25,1\n2024-07-16,5.25,5,0\n",
    )
    lock = bench.run()
    contracts = load_dataset(bench.folder).prices.contracts("fed_funds_futures")
    # January 1970 is month 0, so July 2024 is 54 * 12 + 6 = 654.
    assert contracts.session.tolist() == [0, 1, 1]
    assert contracts.month.tolist() == [654, 655, 656]
    assert contracts.price.tolist() == [94.67, 94.7, 94.8]
    assert {d.reason: d.rows for d in lock.series["F"].dropped} == {"not a session": 1, "no price": 1}
    decisions = pq.read_table(bench.folder / lock.path_of("D.parquet")).to_pylist()
    assert decisions == [  # a decision is kept on its own date, session or not
        {"date": dt.date(2024, 7, 13), "before": 5.5, "after": 5.25, "unscheduled": True},
        {"date": dt.date(2024, 7, 16), "before": 5.25, "after": 5.0, "unscheduled": False},
    ]


def test_optional_series_may_be_absent_with_what_is_derived_from_them(bench):
    bench.manifest(
        spec("A", more='file = "a.csv"'),
        spec("B", more='file = "b.csv"\noptional = true'),
        spec("C", more='ratio = ["A", "B"]\noptional = true'),
        roles='[roles]\nsmall = "A"\nmega = "C"\n',
    )
    bench.deliver(a=PRICES)
    lock = bench.run()
    assert list(lock.series) == ["A"]
    assert lock.roles == {"small": "A"}
    assert lock.notes == ["Optional series that were not delivered: B, C."]


def test_equal_input_gives_equal_bytes(simple):
    simple.run()
    first = snapshot(simple.folder / "data")
    simple.run()
    assert snapshot(simple.folder / "data") == first


def test_new_data_replace_the_old(simple):
    before = simple.run()
    simple.deliver(a=PRICES + "2024-07-18,98\n")
    after = simple.run()
    assert before.sha256 != after.sha256
    assert {path.name for path in (simple.folder / "data").iterdir()} == {lock.sha256[:12] for lock in (before, after)}
    assert len(load_dataset(simple.folder).prices) == 4
    simple.deliver(a=PRICES + "2024-07-18,99\n")
    last = simple.run()  # of two generations back, nothing is left
    assert {path.name for path in (simple.folder / "data").iterdir()} == {lock.sha256[:12] for lock in (after, last)}


def test_another_role_is_another_hash(simple):
    before = simple.run().sha256
    with (simple.folder / "manifest.toml").open("a") as file:
        file.write('[roles]\nsmall = "A"\n')
    assert load_dataset(simple.folder).notes == (
        (
            "The manifest has changed since the data were imported; import them again for it to take effect: "
            "backtest data import mine --from DIR."
        ),
    )
    assert simple.run().sha256 != before


@pytest.mark.parametrize("step", ["_write_table", "_commit", "_locked_series", "_sha256_of", "os.replace"])
def test_a_failure_at_any_step_leaves_the_old_data(simple, monkeypatch, step):
    simple.run()
    simple.deliver(a=PRICES + "2024-07-18,98\n")

    def fail(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(os if step == "os.replace" else store, step.removeprefix("os."), fail)
    with pytest.raises(KeyboardInterrupt):
        simple.run()
    np.testing.assert_array_equal(load_dataset(simple.folder).prices.close("A"), [100, 101, 99.5])
    monkeypatch.undo()
    simple.run()
    assert len(load_dataset(simple.folder).prices) == 4
    assert len(list((simple.folder / "data").iterdir())) == 2


@pytest.mark.parametrize("step", ["_write_table", "_locked_series", "read_back", "_commit", "remove_leftovers"])
def test_a_killed_process_leaves_one_dataset_or_the_other(simple, step):
    simple.run()
    simple.deliver(a=PRICES + "2024-07-18,98\n")
    program = (
        "import os, pathlib, sys\nfrom backtest.data.ingest import importing\n"
        "from backtest.data.store import write as store\n"
        "from backtest.workspace import Workspace\n"
        f"store.{step} = lambda *_, **__: os._exit(9)\n"
        "root = pathlib.Path(sys.argv[1])\n"
        "importing.import_dataset('mine', root / 'delivered', Workspace(root, marked=True))"
    )
    killed = subprocess.run([sys.executable, "-c", program, str(simple.workspace.root)], check=False)
    assert killed.returncode == 9
    assert len(load_dataset(simple.folder).prices) == (4 if step == "remove_leftovers" else 3)
    simple.run()
    assert len(load_dataset(simple.folder).prices) == 4


def test_damaged_data_are_refused_when_read_and_mended_by_an_import(simple):
    lock = simple.run()
    path = simple.folder / lock.path_of("prices.parquet")
    content = bytearray(path.read_bytes())
    content[10] ^= 1
    path.write_bytes(content)
    with pytest.raises(
        DatasetCorrupt, match=r"does not match lock\.json .* Import it again: backtest data import mine"
    ):
        load_dataset(simple.folder)
    path.unlink()
    with pytest.raises(DatasetCorrupt, match="cannot be read: No such file or directory"):
        load_dataset(simple.folder)
    simple.run()
    assert len(load_dataset(simple.folder).prices) == 3


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 2}'])
def test_damaged_lock_files_are_refused(simple, text):
    simple.run()
    (simple.folder / "lock.json").write_text(text)
    with pytest.raises(DatasetCorrupt, match=r"lock\.json: "):
        load_dataset(simple.folder)


def test_lock_file_says_where_data_came_from(simple):
    simple.run()
    lock = json.loads((simple.folder / "lock.json").read_text())
    assert lock["series"]["A"]["file"] == "a.csv"
    import hashlib

    assert lock["series"]["A"]["sha256"] == hashlib.sha256(PRICES.encode()).hexdigest()
    assert (lock["series"]["A"]["first"], lock["series"]["A"]["last"]) == ("2024-07-15", "2024-07-17")
    schema = pq.read_schema(next((simple.folder / "data").rglob("prices.parquet")))
    assert schema.field("A").metadata[b"unit"] == b"points"


def test_a_built_in_manifest_is_copied_beside_the_data(simple, tmp_path, monkeypatch):
    import backtest.workspace

    builtin = tmp_path / "package" / "_builtin" / "datasets"
    builtin.parent.mkdir(parents=True)
    (simple.workspace.root / "datasets").rename(builtin)
    monkeypatch.setattr(backtest.workspace, "builtin", lambda kind: builtin.parent / kind)
    before = snapshot(builtin)
    simple.run()
    assert snapshot(builtin) == before
    assert (simple.folder / "manifest.toml").read_bytes() == (builtin / "mine" / "manifest.toml").read_bytes()
    assert load_dataset("mine", simple.workspace).notes == ()


def test_loading_imports_neither_pandas_nor_the_exchanges_calendars(simple):
    simple.run()
    program = (
        "import pathlib, sys\nfrom backtest.data.store.read import load_dataset\n"
        "root = pathlib.Path(sys.argv[1])\n"
        "load_dataset(root / 'datasets' / 'mine').prices.close('A')\n"
        "assert not {'pandas', 'exchange_calendars', 'backtest.data.firewall.inspect'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", program, str(simple.workspace.root)], check=True)
