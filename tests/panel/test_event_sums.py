"""Sums of parts of the events: by block, their rows from those of all events, and divided among passes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.inference.panel_sums import PanelCircle, sums_of_block
from backtest.panel import event_sums
from backtest.panel.event_sums import EventsPart, in_passes, rows_of_whole, seen_on

SESSIONS, ASSETS, LENGTHS = 60, 5, (1, 4)


def circle(first, last):
    """The sessions from one to another whose windows end within the history."""
    sizes = tuple(max(0, min(last, SESSIONS - 1 - length) + 1 - first) for length in LENGTHS)
    return PanelCircle(first, sizes, LENGTHS)


@given(st.integers(0, 2**32 - 1), st.integers(0, 30), st.integers(30, 59))
def test_whole_dates_take_their_rows_from_all_events(seed, first, last):
    """The rows of a part, to the last bit, whichever sessions it is moved around within those of all events."""
    rng = np.random.default_rng(seed)
    changes = rng.standard_normal((SESSIONS, ASSETS))
    spreads = [rng.standard_normal((SESSIONS, ASSETS)) for _ in LENGTHS]
    day0, asset = np.nonzero(rng.random((SESSIONS, ASSETS)) < 0.2)
    weights = rng.uniform(0.5, 2, (len(day0), len(LENGTHS)))
    whole = sums_of_block(circle(0, 59), spreads, changes, day0, asset, weights)
    keep = (day0 >= first) & (day0 <= last)
    case = circle(first, last), spreads, changes, day0[keep], asset[keep], weights[keep]
    alone, found = sums_of_block(*case), sums_of_block(*case, rows=False)
    assert not found.rows
    rows_of_whole(found, whole, np.unique(day0[keep]).tolist())
    assert found.weight == alone.weight
    assert found.rows.keys() == alone.rows.keys()
    for date, row in alone.rows.items():
        np.testing.assert_array_equal(found.rows[date], row)
    np.testing.assert_array_equal(found.total, alone.total)


@given(
    st.lists(st.tuples(st.integers(0, 12), st.booleans()), max_size=8),
    st.integers(0, 8),
    st.integers(1, 6000),
)
def test_every_part_is_in_one_pass_and_the_rows_of_a_pass_are_bounded(sizes, needed, limit):
    day0 = np.arange(12)
    parts = {("part", at): EventsPart(day0 < n, circle(0, 59), whole) for at, (n, whole) in enumerate(sizes)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(event_sums, "ROWS_AT_ONCE", limit)
        passes = list(in_passes(parts, day0, needed))
    assert [key for one in passes for key in one] == list(parts)
    rows = [[0 if part.whole_dates else 8 * 60 * part.keep.sum() for part in one.values()] for one in passes]
    assert all(rows)
    for at, held in enumerate(rows):
        assert sum(held) <= limit or len(held) == 1 or (at == 0 and sum(held[:-1]) <= max(limit, sum(held[:needed])))
    assert not passes or len(passes[0]) >= min(needed, len(parts))


def test_assets_are_seen_from_their_first_eligible_session_to_their_last():
    eligible = np.zeros((6, 3), dtype=bool)
    eligible[1:4, 0] = eligible[5, 1] = True
    eligible[2, 0] = False
    assert seen_on(eligible).tolist() == [[1, 5, 6], [3, 5, -1]]
