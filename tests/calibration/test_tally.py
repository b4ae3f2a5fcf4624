"""Counts by hand."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from backtest.calibration.result import Calibration
from backtest.calibration.tally import added, counted, monte_carlo_error, tally_of_json
from backtest.errors import BacktestError

NAN = float("nan")
THREE = [
    {"verdict": np.array([[1.0, 0.0, 1.0]]), "n": np.array([[3.0, 2.0, NAN]])},
    {"verdict": np.array([[0.0, NAN, 0.0]]), "n": np.array([[4.0, 0.0, NAN]])},
    {"verdict": np.array([[1.0, 1.0, 1.0]]), "n": np.array([[5.0, 1.0, NAN]]), "power": np.array([[1.0, NAN, NAN]])},
]


@pytest.fixture
def tally():
    return added(map(counted, THREE))


def test_counts_by_hand(tally):
    assert tally.tried["verdict"].tolist() == [[3, 2, 3]]
    assert tally.total["verdict"].tolist() == [[2, 1, 2]]
    assert tally.rate("verdict")[0] == pytest.approx([2 / 3, 1 / 2, 2 / 3])
    assert tally.rate("n")[0, :2] == pytest.approx([4, 1])
    assert tally.tried["power"].tolist() == [[1, 0, 0]]
    assert np.isnan(tally.rate("power")[0, 1])


def test_groups_of_rows_add_up():
    rows = counted({"verdict": np.array([[1.0, 0.0], [0.0, 1.0], [1.0, NAN]])}).grouped([[0, 2], [1]])
    assert rows.total["verdict"].tolist() == [[2, 0], [0, 1]]
    assert rows.tried["verdict"].tolist() == [[2, 1], [1, 1]]


def test_json_loses_no_digit(tally):
    odd = tally + counted({"detectable": np.array([[0.1 + 0.2, 1e-17, NAN]])})
    back = tally_of_json(json.loads(json.dumps(odd.to_json())))
    assert all(np.array_equal(back.total[key], odd.total[key]) for key in odd.total)
    assert all(np.array_equal(back.tried[key], odd.tried[key]) for key in odd.tried)


def test_monte_carlo_error():
    assert monte_carlo_error(0.05, 2000) == pytest.approx(math.sqrt(0.05 * 0.95 / 2000))
    assert monte_carlo_error(0.0, 100) == monte_carlo_error(0.01, 100) > 0
    assert monte_carlo_error(1.0, 1) == 0.5


def test_nothing_to_add():
    with pytest.raises(BacktestError, match="nothing to add up"):
        added([])


def test_calibration_names_its_cells(tally):
    found = Calibration("w", "a world", ("streak n = 3",), (1, 5), tally, 3, 100, 1)
    worst = found.worst("verdict", ["1", "5"])
    assert (worst.row, worst.column, worst.tried) == ("streak n = 3", "1", 3)
    assert worst.value == pytest.approx(2 / 3)
    assert worst.error == pytest.approx(math.sqrt(2 / 9 / 3))
    assert found.span("verdict", "5") == (0.5, 0.5)
    assert found.span("power", "5") is None
    figures = found.to_json()["rows"][0]["figures"]
    assert figures["verdict"]["any"]["value"] == pytest.approx(2 / 3)
    assert figures["n"] == {"1": {"value": 4.0, "tried": 3}, "5": {"value": 1.0, "tried": 3}}
    json.dumps(found.to_json(), allow_nan=False)
