"""Run built-in detectors on several assets at once: the same answers as one asset after the other, sooner."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from backtest.detect.logic import Answer
from backtest.detect.tree import Combined, Recipe, Single, answers_of, parts
from backtest.model import Bools, Condition, Episodes, Prices
from backtest.model.panel import OWN, Panel

AT_ONCE = 8
"""Assets in a matrix: few, so that it stays in the processor's cache."""


def works_by_block(recipe: Recipe, panel: Panel) -> bool:
    """Return whether all detectors of a recipe work on a matrix of assets as on one asset."""
    return panel.info.publication_lag == 0 and all(
        part.how != "within" if isinstance(part, Combined) else part.detector.by_block for part in parts(recipe)
    )


def episodes_by_block(panel: Panel, recipe: Recipe) -> Iterator[tuple[Episodes, Prices]]:
    """Yield the episodes of each asset, in order, and the history with the series that were read.

    Parameters
    ----------
    panel : Panel
        The assets.
    recipe : Recipe
        Detectors as `works_by_block` accepts them.
    """
    for first in range(0, len(panel), AT_ONCE):
        prices = _matrix(panel, slice(first, first + AT_ONCE)).published()
        shape = len(prices), min(AT_ONCE, len(panel) - first)
        whole = answers_of(recipe, lambda one: _condition(one, prices, shape))["detector"]  # noqa: B023  run at once
        yield from ((episodes, prices) for episodes in _episodes(whole))


def _matrix(panel: Panel, block: slice) -> Prices:
    """Return the history in which ``"close"`` is a matrix of shape (n_sessions, n_assets), one asset after another."""
    own = {
        OWN if name == "close" else f"{OWN}.{name}": np.asfortranarray(values[:, block])
        for name, values in panel.fields.items()
    }
    return panel.common.beside({OWN: panel.info}, own)


def _condition(one: Single, prices: Prices, shape: tuple[int, int]) -> Condition:
    found = one.detector.on_block(prices, one.values)
    met, known = (
        flags if flags.ndim == 2 else np.broadcast_to(flags[:, None], shape) for flags in (found.met, found.known)
    )
    return Condition(met & known, known)


def _episodes(whole: Answer) -> Iterator[Episodes]:
    """Yield the runs of each column, as `find_episodes` finds those of one."""
    met, known = whole.condition.met.T, whole.condition.known.T
    column, trigger = np.divmod(np.flatnonzero(_edges(met, met[:, :-1], slice(1, None))), met.shape[1])
    end = np.flatnonzero(_edges(met, met[:, 1:], slice(None, -1))) % met.shape[1]
    start = np.maximum(trigger - (whole.length.T[column, trigger] - 1), 0)
    last = met.shape[1] - 1
    ongoing = (end == last) | ~known[column, np.minimum(end + 1, last)]
    bounds = np.searchsorted(column, np.arange(len(met) + 1))
    for begin, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        yield Episodes(start[begin:stop], trigger[begin:stop], end[begin:stop], ongoing[begin:stop])


def _edges(met: Bools, beside: Bools, where: slice) -> Bools:
    """Flag where a condition holds and does not hold beside."""
    edges = met.copy()
    edges[:, where] &= ~beside
    return edges
