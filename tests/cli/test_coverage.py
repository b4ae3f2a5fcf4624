"""The small picture of what a dataset covers."""

from __future__ import annotations

import datetime as dt

import pytest

from backtest.cli.coverage import CELLS, bar

FIRST = dt.date(2000, 1, 1)


def day(n: int) -> dt.date:
    return FIRST + dt.timedelta(days=n)


@pytest.mark.parametrize(
    ("begin", "end", "left", "filled"),
    [
        (0, 399, 0, 40),  # 400 days, 10 a cell: all of it
        (0, 0, 0, 1),
        (399, 399, 39, 1),
        (100, 199, 10, 10),
        (109, 200, 10, 11),  # from the last day of the eleventh cell into the twenty-first
    ],
)
def test_a_span_fills_the_cells_it_reaches_into(begin: int, end: int, left: int, filled: int):
    drawn = bar(day(begin), day(end), day(0), day(399))
    assert len(drawn) == CELLS
    assert drawn == "·" * left + "█" * filled + "·" * (CELLS - left - filled)


def test_a_dataset_of_one_day_is_drawn_too():
    assert len(bar(FIRST, FIRST, FIRST, FIRST)) == CELLS


def test_show_draws_coverage_and_names_the_origin(backtest):
    out = backtest("show", "sample").out
    line = next(line for line in out.splitlines() if line.startswith("SIM_FED_FUNDS_FUTURES") and "█" in line)
    # 1994 to 2025 of 1988 to 2025: the last 34 of 40 cells
    assert line.split()[1] == "·" * 6 + "█" * 34
    assert max(len(line) for line in out.splitlines()) <= 80
