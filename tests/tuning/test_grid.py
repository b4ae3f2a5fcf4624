from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.errors import StrategyInvalid
from backtest.plan import load_with_settings
from backtest.tuning.grid import combinations, full_key_grid, grid_of_strategy, parse_grid


def values(text):
    ((key, found),) = parse_grid([f"detector.b={text}"]).items()
    assert key == "detector.b"
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3,4,5", [3, 4, 5]),
        ("3", [3]),
        ("3,", [3]),
        ("0.1, 0.2", [0.1, 0.2]),
        ("up,down", ["up", "down"]),
        ('"x,y",z', ['"x', 'y"', "z"]),  # a list that is no TOML is cut at its commas
        ('"x,y","z"', ["x,y", "z"]),
        ("true,false", [True, False]),
        ("2000-01-01,2001-01-01", [dt.date(2000, 1, 1), dt.date(2001, 1, 1)]),
        ("[1,2],[3]", [[1, 2], [3]]),
        ("3:6:1", [3, 4, 5, 6]),
        ("3:6:2", [3, 5]),
        ("3:3:1", [3]),
        ("-1:1:1", [-1, 0, 1]),
        ("3:4:1.0", [3.0, 4.0]),
        ("3.0:4:1", [3.0, 4.0]),
        ("0.005:0.015:0.0025", [0.005, 0.0075, 0.01, 0.0125, 0.015]),
        (" 0.1 : 0.3 : 0.1 ", [0.1, 0.2, 0.3]),  # 0.1 + 0.1 + 0.1 is not 0.3 in binary
        ("0:0.95:0.1", [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]),
        ("1e3:3e3:1e3", [1000, 2000, 3000]),
        ("1e-3:3e-3:1e-3", [0.001, 0.002, 0.003]),
    ],
)
def test_a_grid_is_a_list_or_a_range(text, expected):
    found = values(text)
    assert found == expected
    assert [type(value) for value in found] == [type(value) for value in expected]


@given(st.integers(-50, 50), st.integers(0, 40), st.integers(1, 30), st.integers(0, 4))
def test_a_range_has_the_numbers_one_would_write(start, steps, step, digits):
    def written(n):  # n units of the last digit, as one writes them: 75 of 4 digits is 0.0075
        sign, whole = ("-" if n < 0 else ""), f"{abs(n):0{digits + 1}d}"
        return f"{sign}{whole[:-digits]}.{whole[-digits:]}" if digits else f"{sign}{whole}"

    stop = start + steps * step
    found = values(f"{written(start)}:{written(stop)}:{written(step)}")
    assert found == [float(written(start + i * step)) for i in range(steps + 1)]
    assert {type(value) for value in found} == {float if digits else int}


def test_several_keys_each_have_their_values():
    assert parse_grid(["detector.b=1,2", " measure.d = 3:4:1"]) == {"detector.b": [1, 2], "measure.d": [3, 4]}


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["a"], "--grid a: not KEY=V1,V2,… or KEY=FROM:TO:STEP. For example --grid detector.sessions=3,4,5"),
        (["detector.b"], "--grid detector.b: not KEY=V1,V2,… or KEY=FROM:TO:STEP."),
        (["detector.b="], "--grid detector.b=: not KEY=V1,V2,… or KEY=FROM:TO:STEP."),
        (["a b.c=3"], "--grid a b.c=3: not KEY=V1,V2,… or KEY=FROM:TO:STEP."),
        (["detector.b=1", "detector.b=2"], "--grid detector.b=2: 'detector.b' is given twice. Give each key once."),
        (["detector.b=3,4,3"], "--grid detector.b: a value is listed twice. List each value once."),
        (["detector.b=0.1,0.10"], "--grid detector.b: a value is listed twice. List each value once."),
        (["detector.b=x:y:z"], "--grid detector.b = x:y:z: must be three numbers."),
        (["detector.b=1::2"], "--grid detector.b = 1::2: must be three numbers."),
        (["detector.b=0:1:0"], "--grid detector.b = 0:1:0: needs from <= to and step > 0."),
        (["detector.b=0:1:-1"], "--grid detector.b = 0:1:-1: needs from <= to and step > 0."),
        (["detector.b=2:1:1"], "--grid detector.b = 2:1:1: needs from <= to and step > 0."),
        (["detector.b=nan:1:1"], "--grid detector.b = nan:1:1: needs from <= to and step > 0."),
        (["detector.b=0:inf:1"], "--grid detector.b = 0:inf:1: needs from <= to and step > 0."),
        (["detector.b=0:100000:1"], "--grid detector.b = 0:100000:1: 100,001 values; at most 100,000 are tried."),
        (
            ["detector.b=0:1e999999:1e-999999"],
            "--grid detector.b = 0:1e999999:1e-999999: a number is too large or too small.",
        ),
        (["detector.b=1e400:1e400:1"], "--grid detector.b = 1e400:1e400:1: a number is too large or too small."),
        (["detector.b=0:1:1e-16"], "--grid detector.b = 0:1:1e-16: a number is too large or too small."),
        (
            ["detector.b=0:1:1e-15"],
            "--grid detector.b = 0:1:1e-15: 1,000,000,000,000,001 values; at most 100,000 are tried.",
        ),
    ],
)
def test_another_text_is_refused(texts, message):
    with pytest.raises(StrategyInvalid) as refused:
        parse_grid(texts)
    assert str(refused.value).startswith(message)


def test_the_grid_of_a_strategy():
    table = {
        "detector.b": [3, 4],
        "measure.d": {"from": 0.005, "to": 0.02, "step": 0.005},
        "e.f": {"from": 1, "to": 3, "step": 1},
    }
    assert grid_of_strategy(table, "P") == {
        "detector.b": [3, 4],
        "measure.d": [0.005, 0.01, 0.015, 0.02],
        "e.f": [1, 2, 3],
    }


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ([], "P: tune.detector.b = []: must be a list of values, or a range. A range: { from = 3, to = 6, step = 1 }"),
        (5, "P: tune.detector.b = 5: must be a list of values, or a range."),
        ("3,4", "P: tune.detector.b = '3,4': must be a list of values, or a range."),
        ({"from": 1, "to": 2}, "P: tune.detector.b = {'from': 1, 'to': 2}: must be a list of values, or a range."),
        ({"from": 1, "to": 2, "step": 1, "by": 1}, "P: tune.detector.b = {'from': 1,"),
        ({"from": True, "to": 3, "step": 1}, "P: tune.detector.b = True:3:1: must be three numbers."),
        ({"from": 1, "to": 3, "step": 0}, "P: tune.detector.b = 1:3:0: needs from <= to and step > 0."),
        ([1, 1], "P: tune.detector.b: a value is listed twice. List each value once."),
    ],
)
def test_another_entry_is_refused(entry, message):
    with pytest.raises(StrategyInvalid) as refused:
        grid_of_strategy({"detector.b": entry}, "P")
    assert str(refused.value).startswith(message)


def test_every_combination_the_last_key_fastest():
    assert combinations({"a": [1, 2], "b": [3, 4]}) == [
        {"a": 1, "b": 3},
        {"a": 1, "b": 4},
        {"a": 2, "b": 3},
        {"a": 2, "b": 4},
    ]


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4))
def test_combinations_are_all_and_each_once(sizes):
    grid = {f"k{i}": list(range(size)) for i, size in enumerate(sizes)}
    found = [tuple(one.values()) for one in combinations(grid)]
    assert found == list(itertools.product(*grid.values()))


def test_nothing_to_try_and_too_much_to_try_are_refused():
    with pytest.raises(StrategyInvalid, match="there is no grid"):
        combinations({})
    assert len(combinations({"a": list(range(250)), "b": list(range(400))})) == 100_000
    with pytest.raises(StrategyInvalid) as refused:
        combinations({"a": list(range(250)), "b": list(range(401))})
    assert str(refused.value) == (
        "the grid has 100,250 parameter sets; at most 100,000 are tried. Coarsen it, or draw --random N."
    )


@pytest.fixture
def strategy(tmp_path):
    path = tmp_path / "made.toml"
    path.write_text('schema = 1\ntitle = "One"\n[detector]\nuse = "streak"\n', encoding="utf-8")
    return load_with_settings(path, {})


def test_a_key_may_lack_its_table_where_it_can_mean_one_thing(strategy):
    grid = parse_grid(["sessions=4,5", "detector.threshold=0.01", "cooldown=0:2:1"])
    assert full_key_grid(strategy, grid) == {
        "detector.sessions": [4, 5],
        "detector.threshold": [0.01],
        "episodes.cooldown": [0, 1, 2],
    }


@pytest.mark.parametrize(
    ("grid", "message"),
    [
        ({"sesions": [4, 5]}, "sesions = [4, 5]: unknown key. Did you mean 'detector.sessions'?"),
        ({"sessions": [4], "detector.sessions": [5]}, "'detector.sessions' is given twice. Give each key once."),
        ({"hold": [4]}, "'trade.hold' cannot be tuned: only keys of detector, conditions, episodes and measure"),
        ({"trade.hold": [4]}, "'trade.hold' cannot be tuned: only keys of detector, conditions, episodes and measure"),
    ],
)
def test_a_key_that_means_nothing_to_tune_is_refused(strategy, grid, message):
    with pytest.raises(StrategyInvalid) as refused:
        full_key_grid(strategy, grid)
    assert message in str(refused.value)
