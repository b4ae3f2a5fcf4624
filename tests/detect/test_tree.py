from __future__ import annotations

import numpy as np
import pytest

from backtest.detect.tree import answers_of, condition_of, make_recipe, singles, tables_of, written_tables
from backtest.errors import NotFound, StrategyInvalid
from backtest.spec.strategy import load_strategy

TEXT = """
schema = 1
title = "T"
[detector]
within = ["cuts", "calm_rally"]
sessions = 10
[conditions.calm_rally]
all = ["rally", "not fall"]
[conditions.cuts]
use = "move"
series = "B"
sessions = 1
threshold = 0.0
[conditions.rally]
use = "streak"
series = "A"
sessions = 2
threshold = 0.01
[conditions.fall]
use = "move"
series = "B"
sessions = 1
threshold = 0.02
direction = "down"
"""


@pytest.fixture
def strategy(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text(TEXT, encoding="utf-8")
    return load_strategy(path)


@pytest.fixture
def prices(history_of):
    a = 100 * np.cumprod([1, 1.0, 1.02, 1.02, 1.0, 1.02, 1.02, 1.0])
    b = 100 * np.cumprod([1, 1.01, 1.01, 0.97, 0.99, 0.99, 0.99, 1.01])
    return history_of({"A": a, "B": b})


def test_every_part_is_asked_once_and_combined(strategy, prices):
    recipe = make_recipe(strategy)
    asked = []

    def ask(one):
        asked.append(one.key)
        return one.detector.condition(prices, one.values)

    found = answers_of(recipe, ask)
    assert sorted(asked) == ["conditions.cuts", "conditions.fall", "conditions.rally"]
    flagged = {key: np.flatnonzero(answer.condition.met).tolist() for key, answer in found.items()}
    # A rises 2% on sessions 2, 3, 5, 6: two in a row on 3 and 6. B rises on 1, 2 and 7, and falls 3% on 3.
    assert flagged == {
        "detector": [6],
        "conditions.cuts": [1, 2, 7],
        "conditions.calm_rally": [6],
        "conditions.rally": [3, 6],
        "conditions.fall": [3],
    }
    # The move on session 2 has a pattern of one session: the whole runs from 2 to 6.
    assert found["detector"].length[6] == 5
    np.testing.assert_array_equal(condition_of(recipe, prices).met, found["detector"].condition.met)


def test_parameters_stand_under_their_table(strategy):
    tables = tables_of(make_recipe(strategy))
    assert tables["detector"] == {"within": ["cuts", "calm_rally"], "sessions": 10}
    assert tables["conditions.calm_rally"] == {"all": ["rally", "not fall"]}
    assert tables["conditions.rally"]["use"] == "streak"
    assert tables["conditions.rally"]["direction"] == "up"  # a default
    assert {key: dict(value) for key, value in written_tables(strategy).items()} == tables


def test_a_wrong_parameter_is_named_with_its_condition(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text(TEXT.replace("sessions = 2\n", "sessions = 0\n"), encoding="utf-8")
    with pytest.raises(StrategyInvalid, match=r"s\.toml: conditions\.rally\.sessions = 0: must be at least 1\."):
        make_recipe(load_strategy(path))
    path.write_text(TEXT.replace('"streak"', '"steak"'), encoding="utf-8")
    with pytest.raises(NotFound, match=r"detector 'steak' is not built in\. Did you mean 'streak'"):
        make_recipe(load_strategy(path))


def test_a_detector_of_ones_own_is_executed_once(strategy, tmp_path):
    (tmp_path / "own.py").write_text(
        "import pathlib\n"
        "with pathlib.Path(__file__).with_name('count').open('a') as file:\n    file.write('x')\n"
        "def detect(prices, *, least: float = 0.0):\n    return prices.close('A') >= least\n",
        encoding="utf-8",
    )
    path = tmp_path / "t.toml"
    path.write_text(
        'schema = 1\ntitle = "T"\n[detector]\nall = ["a", "b"]\n[conditions.a]\nuse = "own.py"\n'
        '[conditions.b]\nuse = "own.py"\nleast = 1.0\n',
        encoding="utf-8",
    )
    recipe = make_recipe(load_strategy(path))
    again = make_recipe(load_strategy(path), {one.use: one.detector for one in singles(recipe)})
    assert (tmp_path / "count").read_text() == "x"
    assert [one.values for one in singles(again)] == [{"least": 0.0}, {"least": 1.0}]
