"""Run a recipe on every asset of a panel, and date the episodes of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from backtest.detect.episodes import find_episodes, take_events
from backtest.detect.logic import Answer
from backtest.detect.tree import Recipe, answers_of
from backtest.model import Bools, Episodes, Ints, Prices
from backtest.model.panel import OWN, Panel
from backtest.panel.on_block import episodes_by_block, works_by_block
from backtest.spec.strategy import EpisodesTable


@dataclass(frozen=True, eq=False)
class PanelEvents:
    """Events of a panel, in order of the assets and then of day 0; arrays of shape (n_events,).

    Attributes
    ----------
    asset : ndarray
        Column of the asset.
    day0, knowable : ndarray
        Session positions, as of `backtest.model.Events`.
    eligible : ndarray of shape (n_sessions, n_assets)
        The asset-sessions of the sample window: from an asset's first close to its last, and where the common series
        that the detectors read have begun and not ended.
    """

    asset: Ints
    day0: Ints
    knowable: Ints
    eligible: Bools

    def __len__(self) -> int:
        return len(self.day0)


def detect_on_panel(panel: Panel, recipe: Recipe, rules: EpisodesTable, window: tuple[int, int]) -> PanelEvents:
    """Detect on each asset as a study of that asset alone would.

    Parameters
    ----------
    panel : Panel
        The assets.
    recipe : Recipe
        The detectors; the series ``"close"`` is the asset's own.
    rules : EpisodesTable
        Which session is day 0, and the cooldown, which is each asset's own.
    window : (int, int)
        First and last session position at which day 0 may lie; an asset's own first and last close narrow it.
    """
    first, last = panel.spans()
    eligible = np.zeros(panel.close.shape[::-1], dtype=np.bool_).T  # one asset after another
    found: list[tuple[Ints, Ints]] = []
    every = episodes_by_block(panel, recipe) if works_by_block(recipe, panel) else _one_by_one(panel, recipe)
    for column, (episodes, seen) in enumerate(every):
        common = _common_span(seen)
        inside = max(window[0], int(first[column]), common[0]), min(window[1], int(last[column]), common[1])
        events = take_events(episodes, rules.day0, rules.cooldown, inside)
        eligible[inside[0] : inside[1] + 1, column] = True
        found.append((events.day0, events.knowable))
    asset = np.repeat(np.arange(len(panel)), [len(day0) for day0, _ in found])
    day0, knowable = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return PanelEvents(asset, day0, knowable, eligible)


def _common_span(prices: Prices) -> tuple[int, int]:
    """Return the first and the last session on which the common series that were read have a value."""
    first, last = 0, len(prices) - 1
    for name in prices.read - {OWN}:
        held = (
            prices.contracts(name).session if name in prices.tables else np.flatnonzero(np.isfinite(prices.close(name)))
        )
        first, last = (max(first, int(held[0])), min(last, int(held[-1]))) if len(held) else (len(prices), -1)
    return first, last


def _one_by_one(panel: Panel, recipe: Recipe) -> Iterator[tuple[Episodes, Prices]]:
    for prices in panel.each():
        whole = _whole(recipe, seen := prices.published())
        yield find_episodes(whole.condition, whole.length), seen


def _whole(recipe: Recipe, prices: Prices) -> Answer:
    return answers_of(recipe, lambda one: one.detector.condition(prices, one.values))["detector"]
