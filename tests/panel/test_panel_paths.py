"""The average path of many events: some offsets at a time, in memory that does not grow with the offsets."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from backtest.panel import panel_paths
from backtest.panel.panel_paths import PathParts, average_path_of

OFFSETS = 40


@pytest.fixture(scope="module")
def parts():
    """Two blocks with 30,000 events together, an asset and a benchmark; a tenth of the values is missing."""
    rng = np.random.default_rng(5)
    found = []
    for events in (10_000, 20_000):
        grown = rng.normal(0, 0.1, (2, events, OFFSETS))
        grown[rng.random(grown.shape) < 0.1] = np.nan
        found.append(PathParts(grown, rng.normal(0, 1, (2, OFFSETS)), np.full(OFFSETS, 50)))
    return found


@pytest.mark.parametrize("values", [1, 100_000, 2**30])
def test_the_averages_are_those_of_numpy(parts, values, monkeypatch):
    monkeypatch.setattr(panel_paths, "AT_ONCE", values)
    asset, market = np.concatenate([part.grown for part in parts], axis=1)
    spread = asset - market
    known = np.isfinite(spread)
    found = average_path_of(parts, (-9, 30))
    assert found.offsets.tolist() == list(range(-9, 31))
    assert found.n.tolist() == known.sum(axis=0).tolist()
    base = (parts[0].total + parts[1].total) / 100
    for leg, path, mean in (("asset", asset, base[0]), ("benchmark", market, base[1]), ("spread", spread, None)):
        told, judged = found.legs[leg], np.where(known, path, np.nan)
        np.testing.assert_allclose(told.mean, np.nanmean(judged, axis=0), rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose([told.low, told.high], np.nanpercentile(judged, [25, 75], axis=0), rtol=1e-9)
        np.testing.assert_allclose(told.base, base[0] - base[1] if mean is None else mean, rtol=1e-12)


def test_what_is_averaged_at_a_time_bounds_the_memory(parts, monkeypatch):
    monkeypatch.setattr(panel_paths, "AT_ONCE", 60_000)  # two offsets
    tracemalloc.start()
    try:
        average_path_of(parts, (-9, 30))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8e6  # all offsets at once take 61 MB
