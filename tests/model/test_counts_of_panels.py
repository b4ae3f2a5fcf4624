"""Flags counted by session, and the life of each asset, beside loops over single cells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from backtest.model import Prices, SeriesInfo
from backtest.model.arrays import trues_by_row
from backtest.model.panel import Panel

FLAGS = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=9))


@given(FLAGS, st.sampled_from("CF"))
def test_flags_are_counted_one_by_one(flags, order):
    counted = trues_by_row(np.asarray(flags, order=order))
    assert counted.tolist() == [sum(row) for row in flags.tolist()]
    assert counted.dtype == np.int64


@pytest.mark.parametrize("columns", [0, 1, 255, 256, 65_535, 65_536])
def test_no_count_is_too_large(columns):
    assert trues_by_row(np.ones((2, columns), dtype=bool)).tolist() == [columns, columns]


@given(FLAGS, st.sampled_from("CF"))
def test_a_life_lasts_from_the_first_close_to_the_last(flags, order):
    close = np.asarray(np.where(flags, 7.0, np.nan), order=order)
    days = np.datetime64("2001-01-01") + np.arange(len(close))
    names = tuple(f"S{i}" for i in range(close.shape[1]))
    info = SeriesInfo("close", "Each", "price_index", "")
    panel = Panel(names, {"close": close}, info, Prices(days, {}, {}))
    for column, first, last in zip(flags.T.tolist(), *panel.spans, strict=True):
        held = [at for at, has in enumerate(column) if has]
        assert (first, last) == ((held[0], held[-1]) if held else (len(close), -1))
