"""Which look is spoken of beside the verdict."""

from __future__ import annotations

import pytest

from backtest.model.by_asset import counted_over, said_beside_verdict


def run(*looks, **more):
    """A row a horizon: its p, and its remarks by code."""
    rows = [{"p_adjusted": p, "p_value": p, "excess": 0.01, "remarks": remarks} for p, remarks in looks]
    return {"horizons": rows, "calibration": None, **more}


@pytest.mark.parametrize(
    ("looks", "at", "said"),
    [
        ([(0.1, {"counting": "Of 9, 4."}), (0.5, {"counting": "Of 9, 2."})], 0, ["Of 9, 4."]),
        ([(0.1, {"halves": "They agree."}), (0.5, {"counting": "Of 9, 2."})], 1, ["Of 9, 2.", "They agree."]),
        ([(0.1, {}), (0.5, {"counting": "Of 9, 4."}), (0.3, {"counting": "Of 9, 2."}), (0.3, {})], 2, ["Of 9, 2."]),
        ([(0.5, {}), (0.1, {"halves": "They agree."})], 1, ["They agree."]),
        ([(0.1, None), (0.5, None)], 0, []),  # an older record
    ],
)
def test_the_count_is_told_of_the_verdicts_look_or_of_the_longest_where_it_matters(looks, at, said):
    assert counted_over([run(*looks)]) == (0, at)
    assert said_beside_verdict(run(*looks)) == said


def test_the_count_is_told_of_the_asset_that_the_verdict_speaks_of():
    first, second = run((0.5, {"counting": "Of 9, 2."})), run((0.1, {}), (0.2, {"counting": "Of 9, 4."}))
    assert counted_over([first, second]) == (1, 1)


def test_without_a_test_no_look_is_spoken_of():
    assert counted_over([run((None, {"counting": "Of 9, 2."}))]) is None
