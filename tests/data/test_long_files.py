"""Files with a row a symbol and date: what is read once is read as it stands in every row."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtest.data.files.date_formats import read_dates
from backtest.data.files.numbers import Misread
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
