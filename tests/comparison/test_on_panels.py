"""Studies on panels side by side: every number from loops over shifts, from pandas, or from the study's own record."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtest.cli import status_of
from backtest.comparison.adjusted import JOINT, joint_p_values
from backtest.comparison.apart import differences_at
from backtest.comparison.asked import Options
from backtest.comparison.found_on_panel import OTHER_PANEL
from backtest.comparison.gather import gather
from backtest.comparison.panel_entries import panel_entry
from backtest.comparison.result import compare_json
from backtest.comparison.what_was_found import ALL, SHARED
from backtest.errors import NoEvents, OtherKind, StudyRefused
from backtest.inference.contrast import THE_SAME
from backtest.model import Dataset
from backtest.model.labels import Labels
from backtest.panel.from_frame import panel_of_frame
from backtest.panel.panel_run import PanelRun, run_panel
from backtest.panel.panel_study import study_panel
from backtest.plan import make_plan
from backtest.record.sidecar import write_labels
from backtest.spec.strategy import strategy_of_text

from ..slow_panel_shift import slow_base, slow_effects, slow_scale

TEXT = """
schema = 1
title = "Up"

[detector]
use = "streak"
series = "close"
sessions = {sessions}
threshold = 0.005

[measure]
asset = "close"
benchmark = "{benchmark}"
horizons = [1, 5]

[study]
weight = "{weight}"
"""
ON = Options(("sample-panel",))


@pytest.fixture(scope="module")
def wide() -> pd.DataFrame:
    """Five assets and two benchmarks over 140 sessions; every asset has every session."""
    rng = np.random.default_rng(14)
    days = pd.bdate_range("2003-01-01", periods=140)
    moves = rng.normal(0, 0.012, (140, 7)) + rng.normal(0, 0.006, (140, 1))
    return pd.DataFrame(100 * np.exp(moves.cumsum(axis=0)), days, ["A", "B", "C", "D", "E", "market", "other"])


@pytest.fixture(scope="module")
def panel(wide):
    long = wide[list("ABCDE")].rename_axis("session").reset_index().melt("session", var_name="symbol")
    common = Dataset.from_frame(wide[["market", "other"]])
    return panel_of_frame(long.rename(columns={"value": "close"}), common)


@pytest.fixture(scope="module")
def run_of(panel):
    def run(sessions=2, benchmark="market", weight="event", more=""):
        text = TEXT.format(sessions=sessions, benchmark=benchmark, weight=weight) + more
        return PanelRun(study_panel(strategy_of_text(text, Path("up.toml")), panel))

    return run


@pytest.fixture
def panel_run(workspace):
    return run_panel(make_plan(workspace, "streak5_panel", "sample-panel"))


def of_pandas(wide, horizon, benchmark="market"):
    """What every asset-session gave, and its changes, of shape (n_sessions, 5)."""
    assets, market = wide[list("ABCDE")], wide[benchmark]
    ahead = (assets.shift(-horizon) / assets - 1).sub(market.shift(-horizon) / market - 1, axis=0)
    return ahead.to_numpy(), assets.pct_change().sub(market.pct_change(), axis=0).fillna(0.0).to_numpy()


def events_of(run, m):
    """The events on a circle of m sessions."""
    found = run.study.found
    on = found.day0 < m
    return found.day0[on], found.asset[on]


def slow_cell(wide, run, horizon):
    ahead, changes = of_pandas(wide, horizon, run.study.strategy.measure.benchmark)
    m = len(wide) - horizon
    day0, asset = events_of(run, m)
    seen = np.isfinite(ahead[:m])
    base = slow_base(changes[: m + 1], seen, len(day0) * horizon)
    scale, _ = slow_scale(changes[: m + 1], base, day0, asset, horizon)
    return slow_effects(ahead[:m] - np.nanmean(ahead), day0, asset) / scale


def slow_family(cells):
    """Step down from the most remarkable: at each step one loop over shifts and the studies that are left."""
    shifts = min(len(cell) for cell in cells)
    ahead, back = (shifts + 1) // 2, shifts // 2
    size = [np.abs(cell) / np.sqrt(np.mean(cell**2)) for cell in cells]
    own = [np.mean(np.abs(cell) >= abs(cell[0]) * (1 - 1e-9)) for cell in cells]
    left, adjusted, floor = sorted(range(len(cells)), key=lambda i: -size[i][0]), [0.0] * len(cells), 0.0
    while left:
        top = left[0]
        reached = 0
        for k in (*range(ahead), *range(-back, 0)):
            reached += max(size[i][k] for i in left) >= size[top][0] * (1 - 1e-6)
        floor = max(floor, reached / shifts, own[top])
        adjusted[left.pop(0)] = floor
    return adjusted


def test_the_adjusted_p_is_that_of_a_loop_over_shifts_and_studies(wide, run_of):
    runs = [run_of(2), run_of(3), run_of(2, benchmark="other")]
    cells = [slow_cell(wide, run, horizon) for run in runs for horizon in (1, 5)]
    found, how = joint_p_values([panel_entry(run, {}) for run in runs[:2]])
    assert [p for row in found for p in row] == pytest.approx(slow_family(cells[:4]), abs=1e-12)
    assert how == JOINT
    alone, _ = joint_p_values([panel_entry(runs[2], {})])
    assert alone == [pytest.approx(slow_family(cells[4:]), abs=1e-12)]
    assert alone == [[row["p_adjusted"] for row in runs[2].summary["horizons"]]]


def test_the_same_study_twice_costs_nothing_and_does_not_differ(run_of):
    entry, other = panel_entry(run_of(2), {}), panel_entry(run_of(3), {})
    once, _ = joint_p_values([entry, other])
    again, _ = joint_p_values([entry, other, panel_entry(run_of(2), {})])
    assert again == [*once, once[0]]
    (same,) = differences_at([entry, panel_entry(run_of(2), {})], 5)
    assert (same.reason, same.test.difference, same.test.p_value) == (THE_SAME, 0.0, None)


@pytest.mark.parametrize("horizon", [1, 5])
def test_a_difference_is_that_of_one_portfolio_moved_by_a_loop(wide, run_of, horizon):
    first, second = run_of(2), run_of(3, benchmark="other")
    m = len(wide) - horizon
    effects, base, n = np.zeros(m), np.zeros(m), []
    parts, changes, places, columns = [], [], [], []
    for sign, run, benchmark in ((1, first, "market"), (-1, second, "other")):
        ahead, change = of_pandas(wide, horizon, benchmark)
        day0, asset = events_of(run, m)
        weights = np.full(len(day0), sign / len(day0))
        effects += slow_effects(ahead[:m] - np.nanmean(ahead), day0, asset, weights)
        # Each side has its own benchmark: its assets stand in columns of their own.
        places, parts = np.append(places, day0).astype(int), np.append(parts, weights)
        columns = np.append(columns, asset + 5 * len(changes)).astype(int)
        changes.append(change[: m + 1])
        base += slow_base(change[: m + 1], np.isfinite(ahead[:m]), sign * horizon)
        n.append(len(day0))
    scales, _ = slow_scale(np.hstack(changes), base, places, columns, horizon, parts)
    found = [one for one in differences_at([panel_entry(first, {}), panel_entry(second, {})], horizon) if one.on == ALL]
    (one,) = found
    assert one.test.n == tuple(n)
    assert one.test.difference == pytest.approx(effects[0], rel=1e-9)
    np.testing.assert_allclose(one.test.shifts, effects / scales, rtol=1e-7, atol=1e-9)
    assert one.test.p_value == pytest.approx(np.mean(np.abs(one.test.shifts) >= abs(one.test.shifts[0]) - 1e-9))
    assert one.test.low < one.test.difference < one.test.high


def test_a_difference_is_that_of_the_two_excesses(run_of):
    first, second = run_of(2), run_of(3)
    for at, horizon in enumerate((1, 5)):
        (one,) = differences_at([panel_entry(run, {}) for run in (first, second)], horizon)
        a, b = (run.summary["horizons"][at]["excess"] for run in (first, second))
        assert one.test.difference == pytest.approx(a - b, rel=1e-9)
        (back,) = differences_at([panel_entry(run, {}) for run in (second, first)], horizon)
        assert (back.test.difference, back.test.p_value) == pytest.approx((b - a, one.test.p_value), rel=1e-9)


def test_by_date_each_date_counts_once(wide, run_of):
    first, second = run_of(2, weight="date"), run_of(3)
    (one,) = differences_at([panel_entry(run, {}) for run in (first, second)], 5)
    a, b = (run.summary["horizons"][1]["excess"] for run in (first, second))
    ahead = of_pandas(wide, 5)[0]
    values = pd.Series(ahead[(at := events_of(first, 135))], at[0])
    # All five assets have every session, so the base rate by date is that of all asset-sessions.
    by_hand = values.groupby(level=0).mean().mean() - np.nanmean(ahead)
    assert a == pytest.approx(by_hand, rel=1e-9)
    assert one.test.difference == pytest.approx(a - b, rel=1e-9)


def test_only_asset_sessions_of_both_count(wide, run_of):
    late = run_of(3, more="\n[episodes]\nsince = 2003-03-03\n")
    (one,) = differences_at([panel_entry(run_of(2), {}), panel_entry(late, {})], 5)
    ahead, _ = of_pandas(wide, 5)
    begun = int(wide.index.searchsorted(pd.Timestamp("2003-03-03")))
    base, means, n = np.nanmean(ahead[begun:]), [], []
    for run in (run_of(2), late):
        day0, asset = events_of(run, 135)
        values = ahead[day0, asset][day0 >= begun]
        means.append(values.mean() - base)
        n.append(len(values))
    assert one.test.n == tuple(n)
    assert one.test.sessions == 135 - begun
    assert one.test.difference == pytest.approx(means[0] - means[1], rel=1e-9)


def test_shared_events_are_compared_pair_by_pair_where_the_benchmarks_differ(wide, run_of):
    all_, some = run_of(2), run_of(2, benchmark="other", more="\n[episodes]\ncooldown = 20\n")
    found = {one.on: one for one in differences_at([panel_entry(all_, {}), panel_entry(some, {})], 5)}
    keys = [set(zip(*events_of(run, 135), strict=True)) for run in (all_, some)]
    both = sorted(keys[0] & keys[1])
    assert 0 < len(both) < len(keys[0])
    day0, asset = np.array(both).T
    excess = [
        ahead[day0, asset].mean() - np.nanmean(ahead)
        for ahead in (of_pandas(wide, 5, name)[0] for name in ("market", "other"))
    ]
    assert found[SHARED].test.n == (len(both), len(both))
    assert found[SHARED].test.difference == pytest.approx(excess[0] - excess[1], rel=1e-9)
    assert SHARED not in {one.on for one in differences_at([panel_entry(run_of(n), {}) for n in (2, 3)], 5)}


@pytest.fixture
def place(tmp_path, monkeypatch, workspace):
    monkeypatch.chdir(tmp_path)
    return workspace


def told(capsys, *command, status=0):
    assert status_of(command) == status
    out = capsys.readouterr()
    return out.err if status else out.out


def test_each_row_is_that_of_its_own_run(place, capsys):
    """And what is shared is what pandas finds in the tables of the two records."""
    found = json.loads(
        told(
            capsys, "compare", "streak5_panel", "streak5_panel", "--set", "2:detector.threshold=0.008",
            "-d", "sample-panel", "--json",
        )
    )  # fmt: skip
    events = []
    for study, more in zip(found["studies"], ((), ("--set", "detector.threshold=0.008")), strict=True):
        run = json.loads(told(capsys, "run", "streak5_panel", "-d", "sample-panel", "--json", *more))
        table = pd.read_parquet(run["files"]["events"])
        events.append(set(zip(table["asset"], table["day0"].astype(str), strict=True)))
        assert study["n_events"] == run["n_events"] == len(events[-1])
        assert study["panel"] == {
            "assets": 48,
            "n_assets": table["asset"].nunique(),
            "n_dates": table["day0"].nunique(),
        }
        assert set(zip(study["event_assets"], study["events"], strict=True)) == events[-1]
        for row, own in zip(study["horizons"], run["horizons"], strict=True):
            assert {key: own[key] for key in row if key != "p_adjusted"} == {
                key: value for key, value in row.items() if key != "p_adjusted"
            }
            assert row["p_adjusted"] >= row["p_value"]
    first, second = events
    assert len(first & second) > 0
    assert found["shared"] == [[len(first), len(first & second)], [len(first & second), len(second)]]
    assert [sum(study["shared"]) for study in found["studies"]] == [len(first & second)] * 2
    (looks,) = found["ledger"]
    assert looks["looks"] == 8


def test_recorded_runs_are_made_again_and_give_the_p_of_studies_run_now(panel_run, workspace):
    folder = panel_run.save(workspace, name="mine")
    then = gather(workspace, ["mine", "streak5_panel"], replace(ON, of_one={"2": {"detector.sessions": 4}}))
    now = gather(workspace, ["streak5_panel"], replace(ON, vary={"detector.sessions": [5, 4]}))
    assert then[0].study is None
    assert then[0].run["run_id"] == folder.name
    assert joint_p_values(then) == joint_p_values(now)
    assert compare_json(then)["differences"][0]["p_value"] == compare_json(now)["differences"][0]["p_value"]
    assert compare_json(then)["shared"] == compare_json(now)["shared"]


def test_a_record_that_says_something_else_is_not_made_again(panel_run, workspace):
    folder = panel_run.save(workspace, name="mine")
    run = json.loads((folder / "run.json").read_text("utf-8"))
    run["horizons"][0]["excess"] += 0.001
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    write_labels(folder, Labels(name="mine"))
    entries = gather(workspace, ["mine", "streak5_panel"], replace(ON, of_one={"2": {"detector.sessions": 4}}))
    _, how = joint_p_values(entries)
    assert how.startswith("by Holm's step-down, because run ")
    assert "gives other numbers today" in how


def test_a_study_without_events_stands_beside_the_others(workspace):
    entries = gather(workspace, ["streak5_panel"], replace(ON, vary={"detector.threshold": [0.01, 0.5]}))
    content = compare_json(entries)
    empty = content["studies"][1]
    assert (empty["n_events"], empty["horizons"], empty["panel"]) == (
        0,
        [],
        {"assets": 48, "n_assets": 0, "n_dates": 0},
    )
    assert "no event on 48 assets" in " ".join(note["text"] for note in content["notes"])
    assert content["shared"][1] == [0, 0]
    with pytest.raises(NoEvents, match="no event on 48 assets"):
        gather(workspace, ["streak5_panel"], replace(ON, vary={"detector.threshold": [0.4, 0.5]}))


def test_studies_of_both_kinds_are_refused_unless_a_selector_added_them(workspace):
    names = ["streak5_panel@sample-panel", "streak5_panel@sample-panel", "streak5@sample"]
    options = replace(ON, of_one={"2": {"detector.sessions": 4}})
    with pytest.raises(OtherKind, match="measures each asset of a panel, 'streak5' on sample single series"):
        gather(workspace, names, options)
    left = []
    entries = gather(workspace, names, options, skip=lambda name, error: left.append((name, error.series)) or True)
    assert left == [("streak5@sample", "single series")]
    assert len(entries) == 2
    with pytest.raises(StudyRefused, match="it is named twice, on the same data"):
        gather(workspace, names[:2], ON)


def test_on_different_panels_no_difference_is_tested(run_of, panel_run):
    entry = panel_entry(run_of(2), {})
    other = replace(entry, study=panel_run, run={**panel_entry(panel_run, {}).run, "dataset": entry.run["dataset"]})
    (one,) = differences_at([entry, other], 5)
    assert (one.test.p_value, one.reason) == (None, OTHER_PANEL)


def test_page_and_export_say_over_how_many_assets_and_dates(place, capsys):
    told(capsys, "compare", "streak5_panel", "--vary", "detector.sessions=4,5", "-d", "sample-panel")
    (page,) = place.reports.glob("compare/*.html")
    text = page.read_text("utf-8")
    assert "Events<small>assets, dates</small>" in text
    assert "<td>147<small>39, 136</small></td>" in text  # as `run streak5_panel` says in its own test
    told(capsys, "export", "compare", "--to", "csv", "--output", "out")
    studies = pd.read_csv("out/studies.csv")
    assert studies.loc[1, ["n_events", "assets", "n_assets", "n_dates"]].tolist() == [147, 48, 39, 136]
