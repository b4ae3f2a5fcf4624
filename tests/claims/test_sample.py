"""On the simulated sample only what is pinned to public facts can hold."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from backtest.claims.result import claims_json
from backtest.claims.sample_facts import pins_of
from backtest.data.store.read import load_dataset
from backtest.detect.builtin import streak
from backtest.errors import StudyRefused
from backtest.plan import plan_on
from backtest.spec.figure import FigureTable
from backtest.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
HERE = Workspace(ROOT, marked=True)
FIVE = ["1998-10-20", "2000-01-20", "2009-09-10", "2020-04-28", "2024-07-16"]


@pytest.fixture(scope="module")
def sample():
    return load_dataset(HERE.dataset("sample"))


@pytest.fixture(scope="module")
def pinned(sample):
    pins = pins_of(HERE.dataset("sample"), "sample")

    def tell(name, day="2024-07-16", find="value", **overrides):
        keys = {key.replace("__", "."): value for key, value in overrides.items()}
        figure = FigureTable(name="n", find=find)
        return pins.hold(figure, plan_on(sample, HERE, name, keys), np.datetime64(day))

    return tell


def test_the_streaks_hold_and_what_was_drawn_decides_nothing():
    content = claims_json(HERE, (), "sample")
    verdicts = [(claim["number"], claim["verdict"]) for claim in content["claims"]]
    said = (3, 4, 5, 6, 7, 8, 9, 10, 10, *range(11, 20), 20, 20, 22, 23)
    not_checked = [(number, "cannot be checked") for number in said]
    # 21 is of single days of the run of July 2024, too
    assert sorted(verdicts) == sorted([(1, "holds"), (2, "does not hold"), (21, "holds"), *not_checked])
    day = content["claims"][1]["figures"][0]["results"][0]
    assert round(day["found"], 4) == 0.0350  # +3.505% at the close, as published
    assert "simulated" in content["notes"][0]["text"]
    told = [
        r["found"]
        for claim in content["claims"][2:]
        if claim["number"] != 21
        for figure in claim["figures"]
        for r in figure["results"]
    ]
    assert set(told) == {None}


@pytest.mark.parametrize("threshold", [0.009, 0.0095, 0.00995, 0.01])
def test_the_runs_are_the_true_ones_at_every_threshold_that_counts_as_pinned(sample, pinned, threshold):
    assert pinned("streak5", find="triggers", detector__threshold=threshold)
    found = streak.detect(sample.prices, threshold=threshold)
    first = found.met & ~np.concatenate(([False], found.met[:-1]))
    assert sample.prices.sessions[first].astype(str).tolist() == FIVE


def test_other_runs_are_not_pinned(pinned):
    for keys in (
        {"detector__threshold": 0.0085},
        {"detector__threshold": 0.011},
        {"detector__sessions": 4},
        {"detector__series": "market_index"},
        {"detector__direction": "down"},
        {"detector__against": "market_index"},
    ):
        assert not pinned("streak5", find="triggers", **keys), keys


@pytest.mark.parametrize(
    ("day", "sessions", "is_pinned"),
    [
        ("2024-07-16", 1, True),
        ("2024-07-16", 5, True),
        ("2024-07-16", 6, False),
        ("2024-07-10", 1, True),
        ("2024-07-10", 2, False),
        ("2024-07-17", 1, False),
        ("2020-04-29", 6, True),  # this one went on for six
        ("2020-04-30", 1, False),
    ],
)
def test_a_change_is_pinned_within_a_run(pinned, day, sessions, is_pinned):
    assert pinned("day_gain", day, detector__sessions=sessions) is is_pinned
    assert not pinned("day_gain", day, detector__sessions=sessions, detector__series="market_index")


def test_a_calendar_year_is_pinned_and_a_part_of_it_is_not(pinned, sample):
    assert pinned("ytd", "2024-12-31")
    assert pinned("ytd", "2024-12-31", detector__series="market_index")
    assert not pinned("ytd", "2024-07-16")
    assert not pinned("ytd", "2024-12-30")
    assert not pinned("ytd", "2024-12-31", detector__series="small")
    assert not pinned("concentration", "2024-12-31")
    close = dict(zip(sample.prices.sessions.tolist(), sample.prices.close("market_index").tolist(), strict=True))
    # S&P 500, as published: 4769.83 to 5881.63.
    assert close[dt.date(2024, 12, 31)] / close[dt.date(2023, 12, 29)] == pytest.approx(5881.63 / 4769.83, abs=1e-5)


def test_a_ratio_is_not_pinned(sample):
    ratio = FigureTable(name="n", find="value", over="detector")
    assert not pins_of(HERE.dataset("sample"), "sample").hold(
        ratio, plan_on(sample, HERE, "day_gain"), np.datetime64("2024-07-16")
    )


@pytest.mark.parametrize(("find", "keys"), [("outcome", {"what": "n"}), ("record", {"said": ["2024"]})])
def test_what_came_after_is_not_pinned_and_no_record_is(sample, find, keys):
    figure = FigureTable(name="n", find=find, **keys)
    plan = plan_on(sample, HERE, "streak5")
    assert not pins_of(HERE.dataset("sample"), "sample").hold(figure, plan, np.datetime64("2024-07-16"))


def test_another_simulation_has_no_pins(tmp_path):
    assert pins_of(HERE.dataset("sample"), "other") is None
    assert pins_of(tmp_path, "sample") is None


def test_a_strategy_without_a_claim_is_refused():
    with pytest.raises(StudyRefused, match=r"strategy 'rotation' has no \[claim\]\. Write down"):
        claims_json(HERE, ("rotation",), "sample")
    with pytest.raises(StudyRefused, match="'streak5' is named twice"):
        claims_json(HERE, ("streak5", "streak5"), "sample")


def test_a_file_that_cannot_be_used_is_told_and_not_dropped(workspace):
    (workspace.root / "strategies" / "broken.toml").write_text("schema = 2", encoding="utf-8")
    content = claims_json(workspace, (), "sample")
    (note,) = [note for note in content["notes"] if note["about"] == "broken"]
    assert note["text"].startswith("Left out, because it cannot be used: ")
    assert len(content["claims"]) >= 10
