"""An import that says it is done can be read: names with a place in the file, and data that were read back."""

import pyarrow as pa
import pytest

from backtest.data.manifest.read import read_manifest
from backtest.data.store import write as store
from backtest.data.store.read import load_dataset
from backtest.errors import BacktestError, DataRefused, ManifestInvalid
from backtest.workspace import check_name

from .conftest import PRICES, A

REPLACED = PRICES.replace("99.5", "98.5")


def test_a_series_cannot_have_the_name_of_the_date_column(simple):
    simple.run()
    before = simple.folder.joinpath("lock.json").read_bytes()
    simple.manifest(A, A.replace("series.A", "series.session").replace("a.csv", "b.csv"))
    simple.deliver(a=REPLACED, b=PRICES)
    with pytest.raises(ManifestInvalid, match=r"series\.session: is the name of the column of dates"):
        simple.run()
    assert simple.folder.joinpath("lock.json").read_bytes() == before
    assert load_dataset(simple.folder).prices.close("A")[-1] == 99.5


@pytest.mark.parametrize("name", ["session.csv", "con.csv"])
def test_a_file_of_that_name_is_imported_under_another(here, name):
    status, said = here(PRICES, name)
    assert status == 0, said.err
    prices = load_dataset(here.folder).prices
    (series,) = prices.series
    assert series == {"session.csv": "session_series", "con.csv": "con"}[name]
    assert prices.close(series).tolist() == [100, 101, 99.5]


def test_devices_of_windows_are_no_files(bench):
    futures = '[series.{}]\ntitle = "F"\nkind = "futures"\nunit = "price"\nfile = "f.csv"\n'
    bench.manifest(A, futures.format("COM1"))
    with pytest.raises(ManifestInvalid, match=r"series\.COM1: is the name of a device on Windows"):
        read_manifest(bench.folder)
    for name in ("con", "NUL", "Lpt9"):
        with pytest.raises(BacktestError, match="Windows keeps it for a device"):
            check_name("dataset", name)
    check_name("dataset", "console")


@pytest.mark.parametrize("spoil", ["values", "unreadable"])
def test_what_reads_back_differently_does_not_become_the_dataset(simple, monkeypatch, spoil):
    simple.run()
    before = simple.folder.joinpath("lock.json").read_bytes()
    simple.deliver(a=REPLACED)

    write_table = store._write_table

    def written(path, table):
        if spoil == "values":
            table = table.set_column(1, table.schema.field(1), pa.array([1.0, 2.0, 3.0]))
        file = write_table(path, table)
        if spoil == "unreadable":
            path.write_bytes(b"PAR1 nothing PAR1")
        return file

    monkeypatch.setattr(store, "_write_table", written)
    with pytest.raises(DataRefused, match="what was written is not what was read") as refused:
        simple.run()
    assert "the data that were there stay" in str(refused.value)
    assert simple.folder.joinpath("lock.json").read_bytes() == before
    assert load_dataset(simple.folder).prices.close("A")[-1] == 99.5
