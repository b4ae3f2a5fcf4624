"""A search against single runs with the same settings, and its joint p against all shifts tried one by one."""

from __future__ import annotations

import datetime as dt
import html
import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest

import backtest.tuning.search as module
from backtest.detect.registry import Detector
from backtest.errors import NoEvents, StrategyInvalid, StudyRefused
from backtest.lookahead.guard import Passed
from backtest.plan import Plan
from backtest.report.pages.tune.page import tune_page
from backtest.study.run import run_plan
from backtest.tuning import blocks, trials
from backtest.tuning.grid import combinations
from backtest.tuning.ranking import looks
from backtest.tuning.result import record_search, sets_table, tune_json
from backtest.tuning.search import search

from ..slow_shift import slow_statistics

NAN = float("nan")
GRID = {"detector.least": [1.0, 2.0, 3.0, 9.0], "episodes.cooldown": [0, 4], "measure.entry": ["close", "next_close"]}


@pytest.fixture
def plan(history_of, plan_of):
    """150 sessions, marks from 0 to 3; a mark of 9 never comes."""
    rng = np.random.default_rng(31)
    a, b = (100 * np.exp(np.cumsum(rng.normal(0, 0.01, 150))) for _ in range(2))
    marks = rng.choice([0.0, 1.0, 2.0, 3.0], 150, p=[0.85, 0.05, 0.05, 0.05])
    return plan_of(history_of({"A": a, "B": b, "M": marks}, kinds={"M": "rate"}))


@pytest.fixture
def found(plan):
    return search(plan, combinations(GRID))


def test_each_cell_is_what_a_run_with_the_same_settings_gives(plan, found):
    assert found.horizons == (1, 3)
    empty = 0
    for i, trial in enumerate(found.trials):
        try:
            study = run_plan(plan.vary(trial.parameters))
        except NoEvents:
            empty += 1
            assert trial.parameters["detector.least"] == 9.0
            assert found.n[i].tolist() == [0, 0]
            for name in ("spread_mean", "excess", "hit_rate", "p_value", "p_adjusted"):
                assert np.isnan(found.figures[name][i]).all()
            continue
        for column, row in enumerate(study.summary["horizons"]):
            assert found.n[i, column] == row["n"]
            for name in ("spread_mean", "base_spread_mean", "excess", "hit_rate", "p_value"):
                assert found.figures[name][i, column] == row[name], (trial.parameters, name)
            assert found.p_adjusted[i, column] >= row["p_value"]
        assert [str(day) for day in plan.dataset.prices.sessions[trial.day0]] == [
            event["day0"] for event in study.summary["events"]
        ]
    assert empty == 4


def statistics_of(trial, column):
    """S_k for every shift k, one after the other."""
    of = trial.base_rate.circles[column]
    position = of.position.tolist()
    places = [position.index(t) for t in trial.day0.tolist() if t in position]
    return np.array(slow_statistics(of, places))


def slow_family(cells, own):
    shifts = min(len(cell) for cell in cells)
    shared = [*range((shifts + 1) // 2), *range(-(shifts // 2), 0)]  # a shift backwards counts from the end
    size = [np.abs(cell) / np.sqrt(np.mean(cell**2)) for cell in cells]
    left = sorted(range(len(cells)), key=lambda i: -size[i][0])
    adjusted, floor = [NAN] * len(cells), 0.0
    while left:
        largest = np.max([size[i][shared] for i in left], axis=0)
        floor = max(floor, np.count_nonzero(largest >= size[left[0]][0] * (1 - 1e-6)) / shifts, own[left[0]])
        adjusted[left.pop(0)] = floor
    return adjusted


def test_the_joint_p_is_that_of_all_sets_and_horizons_shifted_together(found):
    tried = [(i, column) for i in range(16) for column in range(2) if found.n[i, column]]
    cells = [statistics_of(found.trials[i], column) for i, column in tried]
    own = [float(found.p_value[i, column]) for i, column in tried]
    adjusted = [float(found.p_adjusted[i, column]) for i, column in tried]
    assert len(tried) == 24 == looks(found)
    assert adjusted == pytest.approx(slow_family(cells, own), abs=1e-12)
    assert min(adjusted) > min(own)


def test_what_the_sets_share_is_computed_once(plan, monkeypatch):
    counts = Counter()

    def counted(name, function):
        def count(*given):
            counts[name] += 1
            return function(*given)

        return count

    monkeypatch.setattr(trials, "measure_every_session", counted("measured", trials.measure_every_session))
    monkeypatch.setattr(trials, "BaseRate", counted("base rate", trials.BaseRate))
    monkeypatch.setattr(module, "guard", lambda *_, **__: Passed())  # which asks often, and keeps what it found
    monkeypatch.setattr(Detector, "condition", counted("condition", Detector.condition))
    monkeypatch.setattr(Plan, "vary", counted("plan", Plan.vary))
    shifted = []
    true = blocks.looks_along
    monkeypatch.setattr(blocks, "looks_along", lambda of, sets: shifted.append(len(sets)) or true(of, sets))
    found = search(plan, combinations(GRID))
    # A condition a threshold, a measure and a base rate an entry; a plan each for two cooldowns and two entries.
    assert counts == {"condition": 4, "measured": 2, "base rate": 2, "plan": 4}
    assert len({id(trial.base_rate) for trial in found.trials}) == 2
    assert found.event_sets == 12  # three thresholds, two cooldowns, two entries
    assert shifted == [7, 7, 7, 7]  # at each entry and horizon; the two sets without an event are one


def test_conditions_with_the_same_answers_are_dated_once_unless_their_patterns_differ(plan, monkeypatch):
    dated, true = [], trials.take_events
    monkeypatch.setattr(trials, "take_events", lambda *given: dated.append(1) or true(*given))
    grid = {"detector.least": [1.25, 1.5, 2.0], "detector.pattern": [1, 4], "episodes.cooldown": [0, 4]}
    sets = combinations(grid | {"episodes.day0": ["start"]})
    found = search(plan, sets)
    assert len(dated) == 2  # marks are whole numbers: two patterns, each for both cooldowns
    for i, one in enumerate(sets):
        study = run_plan(plan.vary(one))
        days = [str(day) for day in plan.dataset.prices.sessions[found.trials[i].day0]]
        assert days == [event["day0"] for event in study.summary["events"]]
        assert found.base[i].tolist() == [row["base_spread_mean"] for row in study.summary["horizons"]]


def test_more_sets_than_a_block_holds(plan, monkeypatch):
    monkeypatch.setattr(blocks, "SETS", 3)
    sets = combinations({"episodes.cooldown": list(range(8))})
    found = search(plan, sets)
    for i in (0, 2, 3, 7):
        study = run_plan(plan.vary(sets[i]))
        assert found.p_value[i].tolist() == [row["p_value"] for row in study.summary["horizons"]]


def test_what_all_sets_have_in_common_is_fixed(plan):
    since = dt.date(2000, 3, 1)
    found = search(plan.vary({"episodes.since": since, "measure.horizons": [2]}), [{"detector.least": 2.0}])
    row = run_plan(plan.vary({"episodes.since": since, "measure.horizons": [2], "detector.least": 2.0})).summary[
        "horizons"
    ][0]
    assert (found.horizons, found.p_value[0, 0], found.n[0, 0]) == ((2,), row["p_value"], row["n"])
    assert found.trials[0].parameters == {"detector.least": 2.0}


def test_sets_of_different_windows_have_base_rates_of_their_own(plan):
    sets = combinations({"episodes.since": [dt.date(2000, 1, 3), dt.date(2000, 3, 1)], "detector.least": [1.0, 2.0]})
    found = search(plan, sets)
    for i, parameters in enumerate(sets):
        rows = run_plan(plan.vary(parameters)).summary["horizons"]
        for name in ("n", "excess", "p_value"):
            assert getattr(found, name)[i].tolist() == [row[name] for row in rows]
    assert len({id(trial.base_rate) for trial in found.trials}) == 2


def test_the_same_set_under_two_names_costs_nothing(plan):
    # A threshold of 0.5 and one of 1 flag the same sessions.
    one = search(plan, [{"detector.least": 1.0}, {"detector.least": 2.0}])
    two = search(plan, [{"detector.least": 1.0}, {"detector.least": 0.5}, {"detector.least": 2.0}])
    assert two.p_adjusted[[0, 2]].tolist() == one.p_adjusted.tolist()
    assert two.p_adjusted[1].tolist() == two.p_adjusted[0].tolist()


def test_a_single_set_is_judged_as_a_run_judges_itself(plan):
    found = search(plan, [{"detector.least": 2.0}])
    study = run_plan(plan.vary({"detector.least": 2.0}))
    assert found.p_adjusted[0].tolist() == [row["p_adjusted"] for row in study.summary["horizons"]]


def test_progress_rises_to_its_end(plan):
    told = []
    search(plan, combinations(GRID), lambda done, total: told.append((done, total)))
    assert {total for _, total in told} == {160}  # of ten steps a set, one is for its events
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert told[-1] == (160, 160)


def test_a_bad_set_is_refused_before_the_first_is_run(plan, monkeypatch):
    monkeypatch.setattr(Detector, "condition", lambda *_: pytest.fail("a set was run"))
    for sets, message in (
        (
            [{"detector.least": 1.0}, {"detector.leest": 2.0}],
            "detector.leest = 2.0: unknown key. Did you mean 'least'?",
        ),
        ([{"detector.least": 1.0}, {"detector.least": "x"}], 'detector.least = "x": must be a number.'),
        ([{"episodes.cooldown": -1}], "episodes.cooldown = -1: must be at least 0."),
    ):
        with pytest.raises(StrategyInvalid) as refused:
            search(plan, sets)
        assert str(refused.value).endswith(f"marked.toml as overridden: {message}")
    with pytest.raises(StudyRefused) as refused:
        search(plan, [{"measure.horizons": [1]}, {"measure.horizons": [2]}])
    assert str(refused.value) == (
        "measure.horizons cannot be tuned: every set is judged at all horizons. Use --set instead."
    )


# What was found, in words and on disk


def test_the_record_says_what_was_found(plan, found, workspace):
    grid = {key: list(values) for key, values in GRID.items()}
    summary = tune_json(found, grid, "excess", 3)
    folder = record_search(workspace, found, summary)
    recorded = json.loads((folder / "tune.json").read_text(encoding="utf-8"))
    assert "NaN" not in (folder / "tune.json").read_text(encoding="utf-8")
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "sets.parquet", "tune.json"]
    assert sorted(recorded["files"].values()) == ["report.html", "sets.parquet", "tune.json"]
    assert (recorded["n_sets"], recorded["horizon"], recorded["objective"], recorded["grid"]) == (16, 3, "excess", GRID)
    best = int(np.nanargmax(found.excess[:, 1]))
    assert recorded["best"] == best + 1
    assert recorded["sets"][best]["parameters"] == found.trials[best].parameters
    assert recorded["sets"][12]["n_events"] == 0
    assert recorded["sets"][12]["horizons"][0] == {
        "horizon": 1,
        "n": 0,
        "base_spread_mean": found.base[12, 0],
        **dict.fromkeys(("spread_mean", "excess", "hit_rate", "p_value", "p_adjusted")),
    }
    assert {note["text"] for note in recorded["notes"]} == {
        "4 of 16 sets have no event and were no look.",
        # The last three sessions have no complete window of 3, one more the later entry; the first has no variance.
        (
            "Adjusted for all 24 looks by the maximum over the same shifts (146 of them); "
            "looks before this search are not in this p."
        ),
    }
    table = pq.read_table(folder / "sets.parquet")
    assert table.equals(sets_table(found))
    rows = table.to_pylist()
    assert len(rows) == 32
    for i, row in enumerate(rows):
        at, column = divmod(i, 2)
        assert (row["set"], row["horizon"], row["n"]) == (at + 1, (1, 3)[column], found.n[at, column])
        assert {key: row[key] for key in GRID} == found.trials[at].parameters
        for name in ("spread_mean", "base_spread_mean", "excess", "hit_rate", "p_value", "p_adjusted"):
            value = found.figures[name][at, column]
            assert row[name] == (None if np.isnan(value) else value)
    assert all(field.metadata[b"unit"] for field in table.schema)


def test_without_a_look_nothing_is_said_of_an_adjustment(plan):
    summary = tune_json(search(plan, combinations({"detector.least": [9.0]})), {"detector.least": [9.0]}, "excess", 3)
    assert (summary["looks"], summary["best"]) == (0, None)
    assert [note["code"] for note in summary["notes"]] == ["no_event"]


def test_searches_of_the_same_second_keep_apart(found, workspace):
    summary = tune_json(found, GRID, "excess", 3)
    names = [record_search(workspace, found, summary).name for _ in range(2)]
    assert names == [summary["run_id"], f"{summary['run_id']}-2"]
    assert summary["run_id"].startswith("tune-")


def test_a_proxy_is_named_with_the_sets_that_rest_on_one(plan):
    info = replace(plan.dataset.prices.series["M"], derivation="proxy, no futures: A minus B", proxy=True)
    series = {**plan.dataset.prices.series, "M": info}
    data = replace(plan.dataset, prices=replace(plan.dataset.prices, series=series))
    resting = plan.on(data).vary({"detector.use": "level", "detector.series": "M", "detector.threshold": 2.0})
    fixed = {"detector.use": "level", "detector.series": "M", "detector.threshold": 2.0}
    for grid, text in (
        ({"detector.threshold": [1.0, 2.0]}, "M is a proxy, no futures: A minus B."),
        (
            {"detector.series": ["M", "A"]},
            "M is a proxy, no futures: A minus B. This concerns 1 of 2 sets.",
        ),
    ):
        content = tune_json(search(resting.vary(fixed), combinations(grid)), grid, "p_adjusted", 3)
        assert [note["text"] for note in content["notes"] if note["about"] == "detector"] == [text]
        assert text in html.unescape(tune_page(content))


def test_sets_that_judge_other_sessions_have_base_rates_of_their_own(history_of, plan_of):
    rng = np.random.default_rng(7)
    a, b = (100 * np.exp(np.cumsum(rng.normal(0, 0.01, 150))) for _ in range(2))
    watched = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, 150)))
    watched[60:70] = NAN
    base = plan_of(history_of({"A": a, "B": b, "M": [0.0] * 150, "C": watched}, kinds={"M": "rate"}))
    move = {"detector.use": "move", "detector.series": "C", "detector.threshold": 0.01}
    sets = [{"detector.sessions": 1}, {"detector.sessions": 5}]
    found = search(base.vary(move), sets)
    for i, parameters in enumerate(sets):
        study = run_plan(base.vary({**move, **parameters}))
        for name in ("n", "excess", "p_value"):
            assert getattr(found, name)[i].tolist() == [row[name] for row in study.summary["horizons"]]
    # Returns over n sessions are missing on the first n, on the ten of the gap, and on the n after it.
    assert [int(trial.base_rate.eligible.sum()) for trial in found.trials] == [150 - 10 - 2, 150 - 10 - 10]
    notes = tune_json(found, {"detector.sessions": [1, 5]}, "excess", 1)["notes"]
    assert "Base rates are from 130 to 138 sessions, by set: those on which its event could have been seen." in {
        note["text"] for note in notes
    }


def test_a_day_0_before_the_event_was_known_is_told_of_the_sets_that_have_it(plan):
    grid = {"episodes.day0": ["trigger", "start", "end"]}
    notes = tune_json(search(plan, combinations(grid)), grid, "p_adjusted", 3)["notes"]
    early = "day 0 is the start of the pattern, before the event could be known: returns from there include it."
    late = "day 0 is the end of the run, which is only seen one session later: nobody could have entered at its close."
    told = [note["text"] for note in notes if note["code"] == "late_day0"]
    assert told == [f"In 1 of 3 sets, {late}", f"In 1 of 3 sets, {early}"]
    fixed, grid = plan.vary({"episodes.day0": "start"}), {"detector.least": [1.0, 2.0]}
    notes = tune_json(search(fixed, combinations(grid)), grid, "p_adjusted", 3)["notes"]
    assert [note["text"] for note in notes if note["code"] == "late_day0"] == [f"As set, {early}"]


def test_one_set_without_an_event_has_none(plan):
    grid = {"detector.least": [1.0, 2.0, 9.0]}
    notes = tune_json(search(plan, combinations(grid)), grid, "p_adjusted", 3)["notes"]
    assert [n["text"] for n in notes if n["code"] == "no_event"] == ["1 of 3 sets has no event and was no look."]
