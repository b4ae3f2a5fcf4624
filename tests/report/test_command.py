from __future__ import annotations

import shlex
import tomllib

import pytest

from backtest.report.pages.run.command import literal, replay


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("small_index", "small_index"),
        ("1994-01-01", "1994-01-01"),
        (5, "5"),
        (0.00995, "0.00995"),
        (True, "true"),
        ([1, 5], "[1, 5]"),
        (["a"], '["a"]'),
        ("true", '"true"'),
        ("two words", '"two words"'),
    ],
)
def test_values_are_written_as_set_reads_them(value, text):
    assert literal(value) == text


@pytest.mark.parametrize("value", [["a", "b"], {"use": "streak", "n": 3}, "12", 'a "quoted" word', -21, 1e-9])
def test_values_survive_toml(value):
    assert tomllib.loads(f"x = {literal(value)}")["x"] == value


def test_a_shell_reads_hostile_names_as_one_word():
    run = {"strategy": "s; rm -rf /", "dataset": {"name": "d"}, "parameters": {"a": "$(x)"}, "trade": None}
    words = shlex.split(replay(run))
    assert words == ["backtest", "run", "s; rm -rf /", "--dataset", "d", "--set", 'a="$(x)"', "--no-trade"]
