"""Which values moved: counted by hand, and by brute force."""

from __future__ import annotations

import copy

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.verification.moves import Move, summary_moves, table_moves

NO_EVENTS = ({}, {})


def table(**columns):
    return pa.table(columns)


def where(found):
    return [(move.key, move.column, move.old, move.new) for move in found.moves]


def test_rows_are_matched_by_the_fewest_first_columns_that_tell_them_apart():
    old = table(horizon=[1, 1, 5], method=["a", "b", "a"], p_value=[0.1, 0.2, None])
    new = table(horizon=[1, 5, 1], method=["b", "a", "a"], p_value=[0.2, 0.3, 0.15])
    found = table_moves("opinions", old, new, NO_EVENTS)
    assert where(found) == [
        ("horizon 1, method a", "p_value", 0.1, 0.15),
        ("horizon 5, method a", "p_value", None, 0.3),
    ]
    assert (found.values, found.gone, found.added, found.unrecorded) == (9, 0, 0, ())
    assert not found.same
    assert found.largest.old is None


def test_an_event_is_matched_by_its_day_not_by_its_number():
    old = table(event=[1, 2], horizon=[5, 5], spread=[0.1, 0.2])
    new = table(event=[1, 2, 3], horizon=[5, 5, 5], spread=[0.9, 0.1, 0.25])  # another event came before
    days = ({1: "2020-01-02", 2: "2021-01-04"}, {1: "2019-01-02", 2: "2020-01-02", 3: "2021-01-04"})
    found = table_moves("forward_returns", old, new, days)
    assert where(found) == [("event 2021-01-04", "spread", 0.2, 0.25)]
    assert (found.gone, found.added) == (0, 1)


def test_a_row_that_is_gone_and_a_column_that_is_gone_are_told():
    old = table(horizon=[1, 5], n=[3, 3])
    assert table_moves("horizons", old, table(horizon=[1], n=[3]), NO_EVENTS).gone == 1
    found = table_moves("horizons", old, table(horizon=[1, 5]), NO_EVENTS)
    assert not found.same


def test_a_column_that_an_earlier_version_did_not_record_is_no_move():
    found = table_moves("rules", table(rule=["a"], n=[1]), table(rule=["a"], n=[1], hit_rate=[0.5]), NO_EVENTS)
    assert found.same
    assert found.unrecorded == ("hit_rate",)


def test_repeated_rows_are_matched_by_their_place():
    found = table_moves("x", table(a=[1, 1]), table(a=[1, 1]), NO_EVENTS)
    assert (found.same, found.values) == (True, 2)


@pytest.mark.parametrize(
    ("old", "new"), [(0.1 + 0.2, 0.3), (0.0, -0.0), (1.0, None), (None, 5e-324), (0.5, 0.5000000000000001)]
)
def test_the_last_bit_and_the_sign_of_zero_count(old, new):
    columns = {"horizon": [1], "p": pa.array([old], pa.float64())}
    found = table_moves("horizons", table(**columns), table(horizon=[1], p=pa.array([new], pa.float64())), NO_EVENTS)
    assert [(repr(move.old), repr(move.new)) for move in found.moves] == [(repr(old), repr(new))]
    assert table_moves("horizons", table(**columns), table(**columns), NO_EVENTS).same


def test_the_size_of_a_move_is_relative_to_the_larger_value():
    sizes = [Move("t", "c", "k", *pair).size for pair in ((2.0, 1.0), (-1.0, 1.0), (0.0, 0.0), ("a", "b"), (None, 1))]
    assert sizes == [0.5, 2.0, 0.0, 0.0, float("inf")]
    assert Move("t", "c", "k", None, 1.0).to_json()["relative"] is None


def test_a_summary_is_compared_leaf_by_leaf():
    old = {"verdict": "a", "horizons": [{"horizon": 1, "p": 0.1}, {"horizon": 5, "p": 0.2}], "notes": [], "trade": None}
    new = {"verdict": "b", "horizons": [{"horizon": 1, "p": 0.1}, {"horizon": 5, "p": 0.3}], "notes": [], "trade": None}
    found = summary_moves(old, new)
    assert where(found) == [("", "verdict", "a", "b"), ("horizons.5", "p", 0.2, 0.3)]
    assert found.values == 7
    gone = summary_moves(old, {**new, "horizons": new["horizons"][:1]})
    assert gone.gone == 2


def test_an_item_of_a_list_is_matched_by_its_first_key_where_that_tells_it_apart():
    old = {"rules": [{"rule": "own", "p": 0.1}, {"rule": "every", "p": 0.2}], "notes": [{"code": "a", "text": "x"}] * 2}
    new = {"rules": [{"rule": "new", "p": 0.3}, *old["rules"]], "notes": [{"code": "a", "text": "x"}] * 2}
    found = summary_moves(old, new)
    assert (found.moves, found.gone, found.added) == ((), 0, 2)
    new["notes"] = [{"code": "a", "text": "x"}, {"code": "a", "text": "y"}]
    assert where(summary_moves(old, new)) == [("notes.1", "text", "x", "y")]


def test_a_key_that_a_record_does_not_know_is_unrecorded_and_another_item_of_a_list_is_not():
    old = {"horizons": [{"horizon": 1, "p": 0.1}], "events": [{"day0": "a"}]}
    new = {
        "horizons": [{"horizon": 1, "p": 0.1, "kept": 1.0}],
        "events": [{"day0": "a"}, {"day0": "b"}],
        "headline": "x",
    }
    found = summary_moves(old, new)
    assert found.unrecorded == ("kept", "headline")
    assert (found.moves, found.gone, found.added) == ((), 0, 1)


ROWS = st.dictionaries(st.integers(0, 9), st.none() | st.floats(allow_nan=False), max_size=6)


@given(ROWS, ROWS)
def test_moves_are_those_of_two_dictionaries(old, new):
    tables = [table(k=pa.array(one, pa.int32()), v=pa.array(one.values(), pa.float64())) for one in (old, new)]
    found = table_moves("x", *tables, NO_EVENTS)
    both = old.keys() & new.keys()
    assert {move.key for move in found.moves} == {f"k {k}" for k in both if repr(old[k]) != repr(new[k])}
    assert (found.gone, found.added) == (len(old.keys() - both), len(new.keys() - both))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text("abc", min_size=1), JSON, max_size=4))
def test_a_summary_is_the_same_as_itself(content):
    found = summary_moves(content, copy.deepcopy(content))
    assert found.same
    assert found.unrecorded == ()
