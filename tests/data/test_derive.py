"""Derived series against hand calculation and slow, obvious twins."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from backtest.arrow import floats, to_floats
from backtest.data.ingest.derive import index_of, splice
from backtest.data.store.read import load_dataset
from backtest.errors import DataRefused

DAYS = np.arange(np.datetime64("2024-07-01"), np.datetime64("2024-07-31"))
NAN = np.nan


def test_index_by_hand():
    levels = index_of("I", "R", DAYS[:4], np.array([NAN, 10.0, -50.0, 100.0]))
    np.testing.assert_allclose(levels, [100, 110, 55, 110], rtol=1e-15)


def test_index_that_has_no_session_before_its_first():
    np.testing.assert_allclose(index_of("I", "R", DAYS[:3], np.array([10.0, 10.0, NAN])), [110, 121, NAN], rtol=1e-15)


def test_index_with_a_hole_is_refused():
    with pytest.raises(DataRefused) as refused:
        index_of("I", "R", DAYS[:4], np.array([1.0, NAN, NAN, 1.0]))
    assert str(refused.value) == (
        "series 'I': R has no return on 2024-07-02, a session between its first and last: "
        "an index needs a return on each."
    )


def test_splice_by_hand():
    first = np.array([10.0, 11.0, 12.0, 999.0])
    second = np.array([NAN, NAN, 50.0, 55.0])
    values, seam = splice("S", ["A", "B"], DAYS[:4], first, second)
    assert seam == 2
    np.testing.assert_allclose(values, [10, 11, 12, 13.2], rtol=1e-15)


def test_splice_without_both_on_the_seam_is_refused():
    with pytest.raises(DataRefused) as refused:
        splice("S", ["A", "B"], DAYS[:2], np.array([1.0, NAN]), np.array([NAN, 5.0]))
    assert str(refused.value) == (
        "series 'S': A has no value on 2024-07-02, the first session of B: a splice needs both on that session."
    )


levels = st.floats(0.01, 1e5)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 19), arrays(float, 20, elements=levels), arrays(float, 20, elements=levels))
def test_no_return_crosses_the_seam(seam, first, second):
    second = second.copy()
    second[:seam] = NAN
    values, found = splice("S", ["A", "B"], DAYS[:20], first, second)
    assert found == seam
    for i in range(1, 20):
        source = first if i <= seam else second
        assert values[i] / values[i - 1] == pytest.approx(source[i] / source[i - 1], rel=1e-12)


@given(arrays(float, st.integers(0, 40), elements=st.floats(allow_infinity=False)), st.integers(0, 5))
def test_arrow_keeps_every_value_and_every_gap(values, skip):
    import pyarrow as pa

    column = pa.chunked_array([floats(values).slice(skip), floats(values)])
    np.testing.assert_array_equal(to_floats(column), np.concatenate([values[skip:], values]))
    assert column.null_count == np.isnan(values[skip:]).sum() + np.isnan(values).sum()


def test_ratio_and_sum(bench):
    def spec(name, kind, more):
        return f'[series.{name}]\ntitle = "{name}"\nkind = "{kind}"\nunit = "percent"\n{more}\n'

    bench.manifest(
        spec("A", "price_index", 'file = "a.csv"'),
        spec("B", "price_index", 'file = "a.csv"\ncolumns = { close = "b" }'),
        spec("AB", "price_index", 'ratio = ["A", "B"]'),
        spec("X", "percent_return", 'file = "a.csv"\ncolumns = { close = "x" }'),
        spec("Y", "percent_return", 'file = "a.csv"\ncolumns = { close = "y" }'),
        spec("M", "percent_return", 'sum = ["X", "Y"]'),
    )
    bench.deliver(a="date,close,b,x,y\n2024-07-15,10,4,1,0.5\n2024-07-16,12,,2,\n2024-07-17,15,5,3,0.25\n")
    bench.run()
    prices = load_dataset(bench.folder).prices
    np.testing.assert_array_equal(prices.close("AB"), [2.5, NAN, 3.0])
    np.testing.assert_array_equal(prices.close("M"), [1.5, NAN, 3.25])
    assert prices.info("AB").derivation == "A divided by B"
    assert prices.info("M").derivation == "X + Y"
