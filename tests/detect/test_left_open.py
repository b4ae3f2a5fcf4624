"""What a strategy leaves open, on data that play no roles."""

from __future__ import annotations

import pickle

import pytest

from backtest.errors import BacktestError
from backtest.plan import Plan
from backtest.spec.strategy import Strategy
from backtest.study.run import run_plan

LEVEL = [100, 101, 102, 103, 102, 103, 104, 105, 104, 103, 104, 105]
STREAK = {"use": "streak", "sessions": 3, "threshold": 0.0}


@pytest.fixture
def plan(history_of, dataset_of):
    def build(columns, detector=STREAK, roles=None, kinds=None, **tables):
        return Plan(Strategy.of(detector, **tables), dataset_of(history_of(columns, roles=roles, kinds=kinds)))

    return build


def filled(made):
    keys = ("detector.series", "measure.asset", "measure.benchmark")
    return tuple(made.parameters[key] for key in keys)


def test_the_only_level_stands_for_all_that_is_left_open(plan):
    made = plan({"SPY": LEVEL})
    assert filled(made) == ("SPY", "SPY", "")
    (note,) = made.notes
    assert (note.code, note.about) == ("left_open", "measure")
    assert note.text == (
        "SPY, the only level in the dataset, stands for what the strategy leaves open (detector.series and "
        "measure.asset). The strategy names no benchmark, and the dataset has none: the asset is measured alone."
    )
    study = run_plan(made)
    assert note in study.notes
    # Three up in a row: sessions 1 to 3 and 5 to 7.
    assert study.detection.events.day0.tolist() == [3, 7]


def test_a_rate_beside_it_is_no_second_level(plan):
    assert filled(plan({"SPY": LEVEL, "DGS10": LEVEL}, kinds={"DGS10": "rate"})) == ("SPY", "SPY", "")


def test_a_role_that_the_only_level_plays_stays_its_name(plan):
    made = plan({"SPY": LEVEL}, roles={"small_index": "SPY"})
    assert filled(made) == ("small_index", "SPY", "")
    assert "(measure.asset)" in made.notes[0].text


def test_nothing_is_filled_in_where_the_roles_are_played(plan):
    roles = {"small_index": "I", "small": "S", "mega": "M"}
    made = plan({"I": LEVEL, "S": LEVEL, "M": LEVEL}, roles=roles)
    assert (filled(made), made.notes) == (("small_index", "small", "mega"), ())


def test_of_several_levels_none_is_guessed(plan):
    made = plan({"SPY": LEVEL, "QQQ": LEVEL})
    assert filled(made)[:2] == ("small_index", "small")
    with pytest.raises(BacktestError, match="series 'small_index': the dataset has no such role or series"):
        run_plan(made)


def test_an_asset_that_is_named_needs_no_benchmark(plan):
    made = plan({"SPY": LEVEL, "QQQ": LEVEL}, {**STREAK, "series": "QQQ"}, measure={"asset": "QQQ"})
    assert filled(made) == ("QQQ", "QQQ", "")
    assert "asset is measured alone" in made.notes[0].text


@pytest.mark.parametrize(
    ("detector", "measure", "message"),
    [
        ({**STREAK, "series": "small_index"}, {}, "series 'small_index'"),
        (STREAK, {"asset": "small"}, "measure.asset = 'small'"),
        (STREAK, {"benchmark": "mega"}, "measure.benchmark = 'mega'"),
        ({"use": "relative", "sessions": 2}, {}, "series 'tech_index'"),  # one series cannot outrun itself
        ({"use": "change", "sessions": 2, "threshold": 0.1}, {}, "series 'policy_rate'"),  # a price is no rate
    ],
)
def test_what_is_named_or_cannot_be_it_is_refused_as_before(plan, detector, measure, message):
    with pytest.raises(BacktestError, match=f"{message}: the dataset has no such role or series"):
        run_plan(plan({"SPY": LEVEL}, detector, measure=measure))


def test_every_condition_of_a_combination_is_filled_in(plan):
    conditions = {"up": STREAK, "far": {"use": "move", "sessions": 2}}
    made = plan({"SPY": LEVEL}, {"all": ["up", "far"]}, conditions=conditions)
    assert made.parameters["conditions.up.series"] == made.parameters["conditions.far.series"] == "SPY"
    assert "(conditions.up.series, conditions.far.series and measure.asset)" in made.notes[0].text


def test_what_was_filled_in_is_no_override_and_asked_anew_elsewhere(plan, history_of, dataset_of):
    made = plan({"SPY": LEVEL})
    assert (dict(made.overrides), made.strategy.place) == ({}, "study.toml")
    other = made.on(dataset_of(history_of({"QQQ": LEVEL})))
    assert filled(other) == ("QQQ", "QQQ", "")
    assert filled(made.vary({"detector.use": "move"})) == ("SPY", "SPY", "")
    assert filled(pickle.loads(pickle.dumps(made))) == ("SPY", "SPY", "")
