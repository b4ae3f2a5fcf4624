"""Searches on panels: each cell is that of a study, the adjusted p is that of moving all sets by hand."""

from __future__ import annotations

import datetime as dt
import pickle
from dataclasses import replace

import numpy as np
import pytest

from backtest.errors import NoEvents, StudyRefused
from backtest.inference.panel_shift import panel_shifts
from backtest.model.panel_source import panel_until
from backtest.panel.panel_horizons import PanelHorizons
from backtest.panel.panel_run import run_panel
from backtest.tuning.panel_family import Moved, PanelWork, SetOfEvents, _moved
from backtest.tuning.panel_search import refuse_on_panel

from .panel_cases import Held, panel_of, plan_for, searched
from .test_search import slow_family

EVERYTHING = {
    "detector.sessions": [2, 3],
    "detector.direction": ["up", "down"],
    "episodes.day0": ["trigger", "end"],
    "episodes.cooldown": [0, 8],
    "episodes.since": [dt.date(2001, 1, 1), dt.date(2001, 7, 2)],
    "measure.benchmark": ["market", "rest"],
    "study.weight": ["event", "date"],
}


@pytest.fixture(scope="module")
def panel():
    return panel_of()


@pytest.fixture(scope="module")
def found(panel):
    return searched(panel)


def compare(found, panel, numbers):
    cells = 0
    for at in numbers:
        trial = found.trials[at]
        try:
            study = run_panel(plan_for(panel).vary(trial.parameters)).study
        except NoEvents:
            assert not found.n[at].any()
            assert np.isnan(found.p_adjusted[at]).all()
            continue
        assert (trial.asset.tolist(), trial.day0.tolist()) == (study.found.asset.tolist(), study.found.day0.tolist())
        columns = PanelHorizons(study).columns
        moved = found.moved[found.of_events[at]]
        ours = {"n": found.n, **found.figures}
        for name in ("n", "spread_mean", "base_spread_mean", "excess", "hit_rate", "p_value"):
            np.testing.assert_array_equal(ours[name][at], columns[name], err_msg=f"{trial.parameters} {name}")
        np.testing.assert_array_equal([moved.low, moved.high], [columns["ci_low"], columns["ci_high"]])
        cells += int(np.isfinite(columns["p_value"]).sum())
    return cells


def test_every_cell_of_a_grid_is_what_a_run_gives(found, panel):
    with_events = [trial for trial in found.trials if len(trial.day0)]
    assert compare(found, panel, range(12)) == 2 * len(with_events) == 20
    different = {(trial.asset.tobytes(), trial.day0.tobytes()) for trial in with_events}
    assert found.event_sets == len(different) < 10


def test_random_cells_over_detection_dating_and_measure_are_what_a_run_gives(panel):
    found = searched(panel, EVERYTHING, "[study]\nweight = 'event'\n")
    assert len(found.trials) == 128
    assert compare(found, panel, np.random.default_rng(4).choice(128, 12, replace=False).tolist()) == 24
    assert len({id(trial.base) for trial in found.trials}) == 8  # two samples, two benchmarks, two weights


def by_hand(panel, found, at, column):
    """S_k of a set: effects and changes of all assets made here, and moved together."""
    trial, h = found.trials[at], found.lengths[column].sessions
    close, market = panel.close, panel.common.close("market")
    spread = np.full(close.shape, np.nan)
    spread[:-h] = close[h:] / close[:-h] - (market[h:] / market[:-h])[:, None]
    base = np.nanmean(spread)
    filled = np.array(close)
    for t in range(1, len(filled)):  # a gap is closed by the change on the session that ends it
        filled[t] = np.where(np.isfinite(close[t]) | ~np.isfinite(close[t:]).any(axis=0), close[t], filled[t - 1])
    changes = np.full(close.shape, np.nan)
    changes[1:] = filled[1:] / filled[:-1] - (market[1:] / market[:-1])[:, None]
    m = len(close) - h
    on = trial.day0 < m
    events = trial.day0[on], trial.asset[on]
    return panel_shifts((spread - base)[:m], changes[: m + 1], *events, h, eligible=trial.base.eligible[:m])


def test_the_adjusted_p_is_that_of_all_sets_moved_by_the_same_shifts(panel, found):
    tried = [(at, column) for at in range(len(found.trials)) for column in range(2) if found.n[at, column]]
    cells = [by_hand(panel, found, *look).statistic for look in tried]
    own = [np.count_nonzero(np.abs(cell) >= abs(cell[0]) * (1 - 1e-9)) / len(cell) for cell in cells]
    assert [found.p_value[look] for look in tried] == pytest.approx(own, abs=1e-12)
    assert [found.p_adjusted[look] for look in tried] == pytest.approx(slow_family(cells, own), abs=1e-12)
    for (at, column), cell in zip(tried, cells, strict=True):
        moved = found.moved[found.of_events[at]]
        np.testing.assert_allclose(moved.statistics[column] * moved.unit[column], cell, rtol=1e-5, atol=1e-5)


def test_a_worker_that_reads_the_panel_itself_gives_the_same_bytes(panel, found):
    trial = found.trials[0]
    work = PanelWork(Held(panel), [trial.base])
    piece = SetOfEvents(0, 0, trial.asset, trial.day0, trial.forward, None)
    away = _moved(pickle.loads(pickle.dumps(work)), pickle.loads(pickle.dumps(piece)))
    assert away.to_bytes() == _moved(work, piece).to_bytes()


def test_what_is_stored_is_found_again_and_a_damaged_file_is_not(panel, found, tmp_path, monkeypatch):
    searched(panel, folder=tmp_path)
    files = sorted(tmp_path.iterdir())
    assert len(files) == len(found.moved) == found.event_sets + 1  # sets without an event are one
    files[2].write_bytes(files[2].read_bytes()[:100])
    computed = []
    monkeypatch.setattr(
        "backtest.tuning.panel_family._moved", lambda work, piece: computed.append(piece.number) or _moved(work, piece)
    )
    again = searched(panel, folder=tmp_path)
    assert computed == [2]
    np.testing.assert_array_equal(again.p_adjusted, found.p_adjusted)
    assert Moved.read(tmp_path / "none") is None


def test_two_processes_give_the_same(panel, found):
    np.testing.assert_array_equal(searched(panel, jobs=2).p_adjusted, found.p_adjusted)


def test_a_search_before_a_day_sees_nothing_of_what_comes_later():
    one, other = (panel_until(panel_of(keep=300, redrawn=seed), 300) for seed in (1, 2))
    np.testing.assert_array_equal(searched(one).p_adjusted, searched(other).p_adjusted)
    assert len(one.common) == 300


def test_a_planted_effect_survives_and_noise_does_not(found):
    assert found.noise > 0.05
    planted = searched(panel_of(effect=0.02))
    assert planted.noise <= 0.05
    assert planted.excess[np.nanargmin(planted.p_adjusted[:, 0]), 0] > 0.005  # the base rate holds its windows


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ({"measure.horizons": [[1], [5]]}, "measure.horizons cannot be tuned"),
        ({"measure.entry": ["close", "next_open"]}, "on a panel each asset is measured itself"),
        ({"measure.benchmark": ["", "market"]}, "a spread and a return cannot be compared"),
        ({"measure.asset": ["close", "market"]}, "on a panel each asset is measured itself"),
    ],
)
def test_refusals_before_anything_is_detected(panel, grid, words):
    with pytest.raises(StudyRefused, match=words):
        searched(panel, grid)


def test_what_a_panel_cannot_answer_is_refused():
    with pytest.raises(StudyRefused, match="account holds one asset"):
        refuse_on_panel("sharpe")
    refuse_on_panel("t")


def test_no_event_at_all_is_no_look(panel):
    found = searched(panel, {"detector.threshold": [0.9, 0.95]})
    assert found.noise is None
    assert not found.n.any()
    assert found.event_sets == 0


def test_one_asset_is_a_panel_too(panel):
    alone = replace(panel, assets=("A",), fields={"close": panel.close[:, :1]})
    found = searched(alone)
    assert compare(found, alone, [0, 1, 4]) > 0
