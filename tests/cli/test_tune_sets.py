"""``backtest tune`` with sets that are drawn or proposed, in several processes, and resumed."""

from __future__ import annotations

import importlib.util
import math
import sys

import pytest

from backtest.tuning import sequential
from backtest.tuning.objective import OBJECTIVES

COMMON = ("tune", "streak5", "--dataset", "sample", "--set", "measure.horizons=[5, 21]", "--json")
BETWEEN = ("--grid", "threshold=0.003:0.012", "--grid", "sessions=2:5")
needs_optuna = pytest.mark.skipif(
    importlib.util.find_spec("optuna") is None, reason="Optuna, the extra 'search', is not installed"
)


def parameters(done):
    assert done.status == 0, done.err
    return [one["parameters"] for one in done.json["sets"]]


@pytest.fixture
def given(monkeypatch):
    """What the sampler was told of each set, in order."""
    values, of_set = [], sequential._value

    def value(*asked):
        values.append(of_set(*asked))
        return values[-1]

    monkeypatch.setattr(sequential, "_value", value)
    return values


@needs_optuna
def test_proposed_sets_lie_in_the_space_and_every_one_is_a_look(backtest):
    done = backtest(*COMMON, *BETWEEN, "--search", "optuna", "--trials", "12", "--seed", "3", "--objective", "excess")
    sets = parameters(done)
    assert 2 <= len(sets) <= 12
    assert len({repr(one) for one in sets}) == len(sets)
    assert all(0.003 <= one["detector.threshold"] <= 0.012 for one in sets)
    assert all(one["detector.sessions"] in (2, 3, 4, 5) for one in sets)
    assert done.json["sampling"] == {
        "how": "optuna",
        "trials": 12,
        "seed": 3,
        "of": None,
        "space": {"detector.threshold": "0.003:0.012", "detector.sessions": "2:5"},
    }
    tried = [row for one in done.json["sets"] for row in one["horizons"] if row["p_value"] is not None]
    assert done.json["looks"] == len(tried) == done.json["ledger"]["looks"]


@needs_optuna
def test_a_seed_gives_the_same_proposals_and_another_seed_gives_others(backtest):
    first, again, other = (
        parameters(backtest(*COMMON, *BETWEEN, "--search", "optuna", "--trials", "6", "--seed", seed))
        for seed in ("1", "1", "2")
    )
    assert first == again != other


@needs_optuna
def test_proposals_learn_from_what_those_before_gave(backtest):
    """Of 40 proposals, the later half are better than the first ten, which are drawn blindly."""
    done = backtest(*COMMON, *BETWEEN, "--search", "optuna", "--trials", "40", "--objective", "excess")
    excess = [row["excess"] for one in done.json["sets"] for row in one["horizons"] if row["horizon"] == 21]
    blind, later = excess[:10], excess[20:]
    assert sum(later) / len(later) > sum(blind) / len(blind)


@needs_optuna
@pytest.mark.parametrize("objective", [one for one in OBJECTIVES if one != "p_adjusted"])
def test_proposals_are_by_the_objective_of_the_table(backtest, given, objective):
    """What the sampler is told of a set is the figure that the record gives of it."""
    done = backtest(*COMMON, *BETWEEN, "--search", "optuna", "--trials", "8", "--objective", objective)
    recorded = [row["objective"] for one in done.json["sets"] for row in one["horizons"] if row["horizon"] == 21]
    assert [None if math.isnan(one) else one for one in given] == recorded
    assert any(one is not None for one in recorded)


@needs_optuna
@pytest.mark.parametrize(
    ("objective", "shown"), [("excess", "objective"), ("t", "objective"), ("p_adjusted", "p_value")]
)
def test_proposals_on_a_panel_are_by_the_figures_of_the_record(backtest, given, objective, shown):
    asked = ("tune", "streak5_panel", "--dataset", "sample-panel", *BETWEEN, "--horizon", "21", "--json")
    done = backtest(*asked, "--search", "optuna", "--trials", "5", "--objective", objective)
    assert len(parameters(done)) == len(given) >= 3
    rows = [row[shown] for one in done.json["sets"] for row in one["horizons"] if row["horizon"] == 21]
    assert [math.exp(-one) if shown == "p_value" else one for one in given] == pytest.approx(rows, rel=1e-12)


@needs_optuna
def test_proposals_leave_sets_without_an_event_behind(backtest):
    """Nine tenths of the space have no event; half of the later proposals at least have some."""
    grid = ("--grid", "threshold=0.005:0.2", "--set", "detector.sessions=3")
    done = backtest(*COMMON, *grid, "--search", "optuna", "--trials", "60")
    n = [one["n_events"] for one in done.json["sets"]]
    assert sum(count > 0 for count in n[-20:]) >= 10


def test_without_optuna_it_says_how_to_install_it(backtest, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    done = backtest(*COMMON, *BETWEEN, "--search", "optuna")
    assert done.status == 1
    assert done.err.splitlines()[-1] == f"Error: --search optuna: Optuna is not installed. {sequential.INSTALL}"


def test_drawn_sets_are_the_same_with_the_same_seed_and_in_two_processes(backtest):
    one, two, other = (
        backtest(*COMMON, *BETWEEN, "--random", "9", "--seed", seed, "--jobs", jobs)
        for seed, jobs in (("4", "1"), ("4", "2"), ("5", "1"))
    )
    assert len(parameters(one)) == 9
    assert one.json["sets"] == two.json["sets"]
    assert parameters(one) != parameters(other)
    assert one.json["sampling"]["how"] == "random"


def test_more_drawn_sets_than_a_grid_has_are_the_grid(backtest):
    sets = parameters(backtest(*COMMON, "--grid", "sessions=3,4,5", "--random", "50"))
    assert sorted(one["detector.sessions"] for one in sets) == [3, 4, 5]


def test_there_must_be_a_search_to_resume(backtest):
    done = backtest(*COMMON, "--grid", "sessions=3,4", "--resume")
    assert done.status == 1
    assert done.err.splitlines()[-1] == (
        "Error: --resume: no interrupted search of these sets of streak5 on sample. Start it without --resume."
    )


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--random", "3", "--search", "optuna"), "--random and --search: choose one."),
        (("--seed", "3"), "--seed goes with --random or --search."),
        (("--trials", "3"), "--trials goes with --search."),
        (("--random", "0"), "Invalid value for '--random'"),
        (("--jobs", "0"), "Invalid value for '--jobs'"),
    ],
)
def test_options_that_say_nothing_are_refused(backtest, options, told):
    done = backtest("tune", "streak5", *options)
    assert done.status == 2
    assert told in done.err
