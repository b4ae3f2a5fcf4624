"""Neighbouring conditions, counted again with loops."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from backtest.errors import DetectorFailed
from backtest.format import threshold, times
from backtest.plan import plan_on
from backtest.study.robustness.rarity import Cell, Rarity, _step
from backtest.study.run import run_plan

STREAK = """schema = 1
title = "T"
[detector]
use = "streak"
series = "A"
sessions = {sessions}
threshold = {threshold}
[measure]
asset = "A"
benchmark = "B"
horizons = [1]
window = [-1, 1]
"""


@pytest.fixture
def study_of(history_of, dataset_of, workspace):
    """Run a strategy, given as text, on 400 sessions with many rises of more than 1%."""

    def build(text, **settings):
        rng = np.random.default_rng(5)
        walk = 100 * np.exp(np.cumsum(rng.normal(0.004, 0.01, 400)))
        prices = history_of({"A": walk, "B": [50.0] * 400})
        path = workspace.root / "strategies" / "made.toml"
        path.write_text(text, encoding="utf-8")
        overrides = {key.replace("__", "."): value for key, value in settings.items()}
        return run_plan(plan_on(dataset_of(prices), workspace, "made", overrides))

    return build


def slow_counts(levels, sessions, threshold, first, last):
    """Count the runs triggered in the window, and its sessions that end enough rises in a row."""
    rises = [False] + [b / a - 1 >= threshold for a, b in itertools.pairwise(levels)]
    met = [t + 1 >= sessions and all(rises[t - sessions + 1 : t + 1]) for t in range(len(levels))]
    triggers = [t for t in range(len(levels)) if met[t] and (t == 0 or not met[t - 1])]
    return sum(first <= t <= last for t in triggers), sum(met[first : last + 1])


def test_every_neighbour_is_counted_in_the_same_window(study_of):
    study = study_of(STREAK.format(sessions=3, threshold=0.01))
    days = study.plan.dataset.prices.sessions.tolist()
    study = study_of(STREAK.format(sessions=3, threshold=0.01), episodes__since=days[50], episodes__until=days[350])
    levels = study.plan.dataset.prices.close("A").tolist()
    rows = study.tables["rarity"].to_pylist()
    assert sorted({row["sessions"] for row in rows}) == [1, 2, 3, 4, 5]
    assert sorted({row["threshold"] for row in rows}) == [0.006, 0.008, 0.01, 0.012, 0.014]
    for row in rows:
        expected = slow_counts(levels, int(row["sessions"]), row["threshold"], 50, 350)
        assert (row["episodes"], row["met"]) == expected, row
    (own,) = (row for row in rows if row["own"])
    assert (own["sessions"], own["threshold"], own["episodes"]) == (3, 0.01, study.summary["n_episodes"])


def test_the_summary_has_the_same_cells_and_a_sentence(study_of):
    study = study_of(STREAK.format(sessions=3, threshold=0.01))
    told = study.summary["rarity"]
    assert told["cells"] == study.tables["rarity"].to_pylist()
    at = {(row["sessions"], row["threshold"]): row["episodes"] for row in told["cells"]}
    near = [(3, 0.01), (2, 0.01), (4, 0.01), (3, 0.008), (3, 0.012)]
    words = [f"{n} sessions at {t * 100:.6g}%: {times(at[n, t])}" for n, t in near]
    assert told["text"] == f"{'; '.join(words)}."
    assert (told["sessions"], told["threshold"]) == ("detector.sessions", "detector.threshold")


def test_the_step_is_that_of_the_strategys_own_grid(study_of):
    tune = '[tune]\n"detector.threshold" = { from = 0.01, to = 0.02, step = 0.0025 }\n'
    study = study_of(STREAK.format(sessions=1, threshold=0.01) + tune)
    cells = study.summary["rarity"]["cells"]
    # Below one session there is none, and the thresholds carry no binary dust.
    assert list(dict.fromkeys(cell["sessions"] for cell in cells)) == [1, 2, 3]
    assert list(dict.fromkeys(cell["threshold"] for cell in cells)) == [0.005, 0.0075, 0.01, 0.0125, 0.015]


def test_what_the_detector_does_not_take_is_left_out(study_of):
    text = STREAK.format(sessions=1, threshold=0.01) + '[tune]\n"detector.threshold" = {from=0.0, to=1.0, step=0.008}\n'
    cells = study_of(text).summary["rarity"]["cells"]
    assert list(dict.fromkeys(cell["threshold"] for cell in cells)) == [0.002, 0.01, 0.018, 0.026]


@pytest.mark.parametrize(
    ("own", "entry", "step"),
    [
        (0.01, None, 0.002), (0.05, None, 0.01), (0.2, None, 0.05), (1.0, None, 0.2), (30.0, None, 5),
        (-0.1, None, 0.02), (0.0, None, 0), (3, None, 1), (20, None, 5), (0.01, [0.01, 0.02], 0.002),
        (0.01, {"from": 0, "to": 1, "step": 0.004}, 0.004), (0.0, {"from": 0, "to": 1, "step": 0.004}, 0.004),
        (3, {"from": 0, "to": 1, "step": 0.5}, 1), (3, {"from": 0, "to": 9, "step": 2.0}, 2),
        (0.01, {"step": -1}, 0.002), (0.01, {"step": "a"}, 0.002), (0.01, {"step": True}, 0.002),
    ],
)  # fmt: skip
def test_steps(own, entry, step):
    assert float(_step(own, entry)) == pytest.approx(step)


OWN = """
{declared}

def detect(prices, *, series: str = "A", threshold: float = 0.01, sessions: int = 1):
    \"\"\"Flag a rise; a threshold above 0.012 breaks it.\"\"\"
    if threshold > 0.012:
        raise ValueError("too far")
    levels = prices.close(series)
    met = levels == levels
    met[1:] = levels[1:] / levels[:-1] - 1 >= threshold
    met[0] = False
    return met
"""
MINE = 'schema = 1\ntitle = "T"\n[detector]\nuse = "mine.py"\n[measure]\nasset = "A"\nbenchmark = "B"\nhorizons = [1]\n'


@pytest.mark.parametrize("declared", ["", 'PATTERN = "sessions"', 'UNIT = "fraction"'])
def test_a_detector_of_ones_own_is_varied_only_where_it_names_its_threshold(study_of, workspace, declared):
    (workspace.root / "strategies" / "mine.py").write_text(OWN.format(declared=declared), encoding="utf-8")
    study = study_of(MINE)
    assert study.summary["rarity"] is None
    assert "rarity" not in study.tables


def test_a_neighbour_that_breaks_is_told_and_refuses_nothing(study_of, workspace):
    (workspace.root / "strategies" / "mine.py").write_text(OWN.format(declared='THRESHOLD = "threshold"'), "utf-8")
    study = study_of(MINE)
    told = study.summary["rarity"]
    assert [cell["threshold"] for cell in told["cells"]] == [0.006, 0.008, 0.01, 0.012, 0.014]
    assert [cell["episodes"] is None for cell in told["cells"]] == [False] * 4 + [True]
    assert {cell["sessions"] for cell in told["cells"]} == {None}
    assert told["failed"].startswith("detector 'mine' failed: ValueError: too far (mine.py, line ")
    assert told["text"].startswith("at 0.01: ")


def test_a_threshold_that_is_no_parameter_is_refused(study_of, workspace):
    (workspace.root / "strategies" / "mine.py").write_text(OWN.format(declared='THRESHOLD = "far"'), "utf-8")
    with pytest.raises(DetectorFailed, match="THRESHOLD = 'far' is not one of its parameters"):
        study_of(MINE)


def test_conditions_that_are_combined_are_not_varied(study_of):
    text = STREAK.format(sessions=3, threshold=0.01).replace("[detector]", "[conditions.x]")
    assert study_of(text + '[detector]\nall = ["x"]\n').summary["rarity"] is None


def test_a_detector_with_a_threshold_alone_gives_one_row(study_of):
    study = study_of(MINE.replace('"mine.py"', '"drawdown"\nseries = "A"\nthreshold = 0.02'))
    cells = study.summary["rarity"]["cells"]
    assert [(cell["sessions"], cell["threshold"]) for cell in cells] == [
        (None, 0.01), (None, 0.015), (None, 0.02), (None, 0.025), (None, 0.03)
    ]  # fmt: skip
    assert study.summary["rarity"]["sessions"] is None


def test_words():
    assert [times(n) for n in (None, 0, 1, 2, 3, 1200)] == [
        "not known",
        "never",
        "once",
        "twice",
        "3 times",
        "1,200 times",
    ]
    assert threshold(0.0125, "fraction") == "1.25%"
    assert threshold(1.0, "× 25 bp") == "1 × 25 bp"
    assert threshold(30.0, "% a year") == "30% a year"
    assert threshold(-3.0, "") == "−3"
    one = Rarity("detector.sessions", None, "", (Cell(4, None, 11, 18, False), Cell(5, None, 5, 7, True)))
    assert one.text == "5 sessions: 5 times; 4 sessions: 11 times."
