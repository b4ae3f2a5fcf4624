"""Files with a row a symbol and date: what is read once is read as it stands in every row."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtest.data.files import group_rows
from backtest.data.files.date_formats import read_dates
from backtest.data.files.group_rows import select_series
from backtest.data.files.numbers import Misread
from backtest.data.files.source import Source
from backtest.data.manifest.manifest import Series
from backtest.data.store.read import load_dataset

ISO_DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)).map(str)


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.lists(ISO_DAYS, min_size=1, max_size=5), st.lists(st.integers(0, 4), min_size=1, max_size=30))
def test_dates_that_are_there_again_and_again_read_as_each_alone(days, order):
    texts = [days[k % len(days)] for k in order]
    assert read_dates(texts).astype(str).tolist() == texts


def test_the_first_row_of_a_date_that_is_none_is_named():
    texts = ["2024-01-02", "2024-01-03", "2024-01-02", "x", "2024-01-03", "x"]
    with pytest.raises(Misread) as misread:
        read_dates(texts)
    assert misread.value.row == 3


def test_a_file_that_is_long_in_two_ways(bench):
    where = 'where = {{ s = "{0}", side = "{1}" }}'
    one = '[series.{0}{1}]\ntitle = "x"\nkind = "price_index"\nunit = "p"\nfile = "a.csv"\n' + where + "\n"
    names = [(symbol, side) for symbol in "AB" for side in ("bid", "ask")]
    bench.manifest(*(one.format(*name) for name in names))
    days = ("2024-07-15", "2024-07-16")
    values = {(day, *name): 10.0 + k for k, (day, name) in enumerate((day, name) for day in days for name in names)}
    bench.deliver(a="date,s,side,close\n" + "".join(f"{','.join(key)},{value}\n" for key, value in values.items()))
    bench.run()
    prices = load_dataset(bench.folder).prices
    for symbol, side in names:
        assert prices.close(f"{symbol}{side}").tolist() == [values[day, symbol, side] for day in days]


def long_source(rows):
    """Return a file of rows of symbol, side and value as Parquet has it, in chunks of three rows."""
    table = pa.table(dict(zip(("s", "side", "close"), map(list, zip(*rows, strict=True)), strict=True)))
    columns = {
        name: pa.chunked_array([table[name].slice(at, 3).combine_chunks() for at in range(0, len(rows), 3)])
        for name in table.column_names
    }
    return Source("a.parquet", "", columns, np.arange(1, len(rows) + 1), "row")


def series(**where):
    return Series(title="x", kind="price_index", unit="p", file="a.parquet", columns={"date": "side"}, where=where)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from(("bid", "ask")), st.floats(0, 9)), min_size=9))
def test_rows_placed_by_series_are_those_picked_from_the_file(rows):
    rows = [("A", "bid", 1.0), ("B", "ask", 2.0), *rows]
    specs = {"all": series(), "A": series(s="A"), "B": series(s="B"), "bid": series(side="bid")}
    specs |= {"both": series(side="ask", s="B"), "again": series(s="B", side="ask")}
    placed = select_series(long_source(rows), specs)
    assert list(placed) == list(specs)
    for name, spec in specs.items():
        own = [at for at, (s, side, _) in enumerate(rows) if {"s": s, "side": side}.items() >= spec.where.items()]
        assert placed[name].lines.tolist() == [at + 1 for at in own]
        assert placed[name].columns["close"].to_pylist() == [rows[at][2] for at in own]
        assert placed[name].place(0) == f"a.parquet row {own[0] + 1}"


def test_a_long_file_is_never_in_memory_twice(monkeypatch):
    source = long_source([("A", "bid", 1.0), ("B", "bid", 2.0)] * 6)
    held = []
    taken = group_rows._placed
    monkeypatch.setattr(group_rows, "_placed", lambda *args: held.append(len(source.columns)) or taken(*args))
    select_series(source, {"A": series(s="A")})
    assert held == [2, 1, 0]  # each column has left the file before it is placed
