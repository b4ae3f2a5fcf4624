from __future__ import annotations

from backtest.cli.strips import MARKS, strip


def test_days_stand_in_the_stretch_that_they_lie_in():
    # Ten days in five stretches of two: none, one, two, three, and four on the last two days.
    days = ["2024-01-03"] + ["2024-01-05", "2024-01-06"] + ["2024-01-07"] * 3 + ["2024-01-09"] + ["2024-01-10"] * 3
    assert strip(days, "2024-01-01", "2024-01-10", 5) == "·│┃┃█"
    assert MARKS == "·│┃█"


def test_one_day_and_no_day():
    assert strip(["2024-01-01"], "2024-01-01", "2024-01-01", 3) == "│··"
    assert strip([], "2024-01-01", "2024-12-31", 4) == "····"
