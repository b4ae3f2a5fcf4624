"""Simulated panels have what they promise, and their events and effects lie where they should."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from backtest.calibration.panel_choices import chosen_panel_signals, chosen_panels
from backtest.calibration.panel_signals import BLIND, PanelSignal, find_panel_events
from backtest.calibration.panel_task import PanelTask, _induced, _raised, judged
from backtest.calibration.panel_worlds import FACTOR, OWN, PANELS, SECTOR, PanelReturns, PanelWorld, simulate_panel
from backtest.calibration.runner import run_histories
from backtest.model import horizons_of

CALM = PanelWorld("calm", "almost normal shocks", assets=20, degrees=200.0)


def drawn_from(world, n=4000, seed=5):
    return simulate_panel(world, np.random.default_rng(seed), n)


def test_volatilities_and_sectors():
    drawn = drawn_from(replace(CALM, assets=30, sectors=3), 20_000)
    assert drawn.factor.std() == pytest.approx(FACTOR, rel=0.1)
    assert np.sqrt((drawn.own**2).mean()) == pytest.approx(OWN, rel=0.1)
    exposure = drawn.common.T @ drawn.factor / (drawn.factor @ drawn.factor)
    assert 0.45 < exposure.min() < exposure.max() < 1.55
    sectors = drawn.common - drawn.factor[:, None] * exposure
    assert np.sqrt((sectors**2).mean()) == pytest.approx(SECTOR, rel=0.1)
    correlation = np.corrcoef(sectors.T)
    assert correlation[0, 3] > 0.99
    assert abs(correlation[0, 1]) < 0.1


def test_volatility_clusters_and_direction_does_not():
    own = drawn_from(CALM, 20_000).own
    squares = own**2 - (own**2).mean(axis=0)
    assert ((squares[1:] * squares[:-1]).mean(axis=0) / (squares**2).mean(axis=0)).min() > 0.05
    assert np.abs((own[1:] * own[:-1]).mean(axis=0) / (own**2).mean(axis=0)).max() < 5 / np.sqrt(20_000) * 2


def test_lives_breaks_and_drifts():
    lives = drawn_from(replace(CALM, assets=200, lives=True), 1000)
    alive = np.isfinite(lives.own)
    assert (alive.sum(axis=0) >= 99).all()
    assert (np.abs(np.diff(alive.astype(int), axis=0)).sum(axis=0) <= 2).all()  # an asset lives once
    assert np.mean(~alive[0]) == pytest.approx(0.5, abs=0.15)
    assert np.mean(~alive[-1]) == pytest.approx(0.5, abs=0.15)
    whole, broken = drawn_from(CALM), drawn_from(replace(CALM, breaks=True))
    np.testing.assert_allclose(broken.returns[3600:], 2 * whole.returns[3600:])
    np.testing.assert_allclose(broken.returns[:3600], whole.returns[:3600])
    drifts = drawn_from(replace(CALM, assets=300, drifts=True), 20_000).own.mean(axis=0)
    assert drifts.std() == pytest.approx(np.hypot(0.0005, OWN / np.sqrt(20_000)), rel=0.2)


def test_signals_lie_where_they_say():
    drawn = drawn_from(replace(CALM, lives=True), 1000)
    rng = np.random.default_rng(1)
    spread = drawn.returns - drawn.factor[:, None]
    day0, asset = find_panel_events(PanelSignal("own", 40), drawn, rng)
    found = np.abs(spread[day0 - 1, asset])
    assert len(day0) == 40
    assert found.min() >= np.sort(np.abs(spread[np.isfinite(spread)]))[-40]
    day0, asset = find_panel_events(PanelSignal("market", 7), drawn, rng)
    assert set(day0 - 1) == set(np.argsort(-np.abs(drawn.factor))[:7])
    assert len(day0) == np.isfinite(drawn.own[np.unique(day0) - 1]).sum()
    day0, asset = find_panel_events(PanelSignal("random", 50), drawn, rng)
    assert len(day0) == 50
    assert np.isfinite(drawn.own[day0 - 1, asset]).all()
    day0, asset = find_panel_events(PanelSignal("crowded", 6), drawn, rng)
    assert len(np.unique(day0)) == 6
    order = np.lexsort((day0, asset))
    np.testing.assert_array_equal(order, np.arange(len(day0)))


def test_events_triple_the_variance_that_follows_them_and_effects_are_planted_there():
    flat = PanelReturns(np.zeros(30), np.zeros((30, 2)), np.full((30, 2), 0.01))
    wild = _induced(flat, np.array([4]), np.array([1]), 5).own
    np.testing.assert_allclose(wild[4:9, 1], 0.01 * np.sqrt(3.0))  # the returns of sessions 5 to 9
    wild[4:9, 1] = 0.01
    np.testing.assert_allclose(wild, 0.01)
    events = np.array([4, 6, 28]), np.array([0, 0, 1])
    raised = _raised(flat, *events, 4, 0.08).own
    np.testing.assert_allclose(raised[4:10, 0], 0.03)  # two windows that overlap, once
    study = judged(_raised(flat, np.array([4]), np.array([0]), 4, 0.08), np.array([4]), np.array([0]), horizons_of([4]))
    assert study.forward.spread[0, 0] == pytest.approx(1.03**4 - 1)


def test_a_history_depends_on_its_number_alone():
    signals = PanelSignal("random", 20), PanelSignal("market", 3)
    task = PanelTask(replace(CALM, assets=4), signals, (1, 5), 300, 3, 1)
    whole = run_histories(task, 4, jobs=1)
    parts = run_histories(task, 2, jobs=1)
    again = [task.tally(number) for number in (2, 3)]
    for key, total in whole.total.items():
        np.testing.assert_allclose(total, parts.total[key] + again[0].total[key] + again[1].total[key])
    assert whole.tried["verdict"].tolist() == [[4, 4, 4]] * 2
    tried = whole.tried["power"]  # one of the two signals in each history, at both horizons, if its MDE is known
    assert (tried <= [2, 2, 0]).all()
    assert tried.sum() >= 6
    alone = run_histories(replace(task, signals=signals[1:], plant=0), 4, jobs=1)
    np.testing.assert_array_equal(alone.total["verdict"][0], whole.total["verdict"][1])


def test_worlds_whose_events_change_returns_have_blind_signals_alone():
    for world in chosen_panels(["panels"]):
        kinds = {signal.kind for signal in chosen_panel_signals(world, (), ())}
        assert kinds <= set(BLIND) if world.induced else "own" in kinds
    assert len({world.name for world in PANELS}) == len(PANELS)
