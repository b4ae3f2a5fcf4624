"""Tables from counts that were made by hand."""

from __future__ import annotations

import numpy as np

from backtest.calibration.result import Calibration
from backtest.calibration.shown import in_markdown, signal_tables, world_tables
from backtest.calibration.tally import Tally

NONE = [[0.0, 0.0], [0.0, 0.0]]


def found(**totals):
    tried = {key: np.full((2, 2), 0 if values is NONE else 40) for key, values in totals.items()}
    return Calibration(
        "w", "a world", ("move n = 3", "move n = 13"), (21,), Tally(tried, {k: np.array(v) for k, v in totals.items()}),
        40, 100, 1,
    )  # fmt: skip


def test_a_cell_has_the_lowest_and_the_highest_of_all_signals():
    tests = {key: [[2.0, 4.0], [3.0, 8.0]] for key in ("verdict", "standardised", "adjusted", "standardised_adjusted")}
    others = {f"other_{i}": [[2.0, 4.0], [2.0, 4.0]] for i in range(5)}
    sizes = {"covers": [[38.0, 0], [38.0, 0]], "detectable": [[0.8, 0], [1.2, 0]], "power": NONE}
    shifts, first, second, size = world_tables(found(**tests, **others, **sizes))
    assert shifts.headers == ("over", "own p", "adjusted", "weighted", "w. adjusted")
    assert shifts.rows[0][:2] == ("21", "5.0–7.5")
    assert shifts.rows[1][:2] == ("any", "10.0–20.0")
    assert first.headers == ("over", "other 0", "other 1", "other 2", "other 3")
    assert second.headers == ("over", "other 4")
    assert size.headers == ("over", "holds 0", "power", "MDE")
    assert size.rows[0] == ("21", "95.0–95.0", "–", "2.0–3.0")


def test_each_signal_has_a_row():
    (table,) = signal_tables(found(verdict=[[2.0, 4.0], [3.0, 8.0]]))
    assert in_markdown(table).splitlines() == [
        "own p, by signal:",
        "",
        "|  | 21 | any |",
        "| --- | --- | --- |",
        "| move n = 3 | 5.0 | 10.0 |",
        "| move n = 13 | 7.5 | 20.0 |",
    ]
