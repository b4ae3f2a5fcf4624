"""Detectors answer for every column of a block of assets as for that asset alone."""

from __future__ import annotations

import inspect
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.detect.registry import builtin_names, find_detector
from backtest.model import Prices, SeriesInfo

NAN = float("nan")
LONGEST = 14
CLOSES = st.sampled_from([10.0, 10.0, 10.1, 10.5, 11.0, 12.0, 9.0, 8.0, NAN])  # repeated, so that some are equal
SESSIONS = st.integers(1, LONGEST + 2)
UP_OR_DOWN = st.sampled_from(["up", "down"])
ROSE = st.sampled_from([0.0, 0.01, 0.05, 0.1])
OTHER = st.sampled_from(["market", "close", "VIX"])

PARAMETERS = {
    "breadth": {"against": OTHER, "sessions": SESSIONS, "threshold": ROSE, "direction": UP_OR_DOWN},
    "change": {"sessions": SESSIONS, "threshold": st.sampled_from([0.1, 1.0]), "direction": UP_OR_DOWN},
    "divergence": {"against": OTHER, "sessions": SESSIONS, "threshold": ROSE, "fall": ROSE},
    "drawdown": {"threshold": st.sampled_from([0.01, 0.1, 0.2]), "lookback": st.none() | st.integers(2, LONGEST + 2)},
    "level": {"threshold": st.sampled_from([10.0, 10.5]), "direction": st.sampled_from(["above", "below"])},
    "move": {"against": st.none() | OTHER, "sessions": SESSIONS, "threshold": ROSE, "direction": UP_OR_DOWN},
    "moving_average": {"fast": st.integers(1, 5), "slow": st.integers(6, 11), "direction": UP_OR_DOWN},
    "new_high": {"lookback": st.none() | SESSIONS, "without": st.integers(0, LONGEST + 2)},
    "relative": {
        "against": OTHER,
        "sessions": SESSIONS,
        "threshold": ROSE,
        "leave": st.sampled_from([None, 0.0, -0.05]),
        "direction": UP_OR_DOWN,
    },
    "streak": {"against": st.none() | OTHER, "sessions": SESSIONS, "threshold": ROSE, "direction": UP_OR_DOWN},
    "volatility": {
        "measure": st.sampled_from(["realised", "index"]),
        "sessions": SESSIONS,
        "threshold": st.sampled_from([0.0, 10.0, 100.0]),
        "jump": st.sampled_from([None, 1.0, 20.0]),
    },
    "year_to_date": {
        "threshold": ROSE,
        "share": st.sampled_from([None, 0.5, 1.0]),
        "sessions": SESSIONS,
        "direction": UP_OR_DOWN,
    },
}
"""All parameters of each detector; the series is the asset's own, or one that all share."""


@st.composite
def blocks(draw):
    """Sessions around New Year, two common series, and assets that begin late, end early, have gaps or no close."""
    n = draw(st.integers(1, LONGEST))
    columns = draw(st.lists(st.lists(CLOSES, min_size=n, max_size=n), min_size=1, max_size=5))
    for column in columns:
        first, last = draw(st.integers(0, n)), draw(st.integers(0, n))
        column[:first] = [NAN] * first
        column[last:] = [NAN] * (n - last)
    common = {name: np.array(draw(st.lists(CLOSES, min_size=n, max_size=n))) for name in ("market", "VIX")}
    sessions = np.datetime64(draw(st.sampled_from(["2001-12-20", "2001-12-31", "2002-01-01"]))) + np.arange(n)
    info = {name: SeriesInfo(name, name, "price_index", "") for name in ("close", *common)}
    return Prices(sessions, common, {name: info[name] for name in common}), info["close"], np.array(columns).T


def on_series(prices, info, values):
    return prices.beside({"close": info}, {"close": values})


@pytest.mark.parametrize("name", PARAMETERS)
@given(data=st.data(), block=blocks(), series=st.sampled_from(["close", "close", "market"]))
def test_every_column_has_the_answer_of_its_asset_alone(name, data, block, series):
    common, info, close = block
    detector = find_detector(name, Path())
    given_ = {key: data.draw(values, label=key) for key, values in PARAMETERS[name].items()}
    values = detector.check({"series": series, **given_}, "here")
    found = detector.condition(on_series(common, info, np.asfortranarray(close)), values, close.shape[1])
    shape = found.met.shape
    assert found.known.shape == shape
    assert shape in (close.shape, (len(close),))
    assert not (found.met & ~found.known).any()
    for column in range(close.shape[1]):
        prices = on_series(common, info, close[:, column])
        alone = detector.condition(prices, values)
        for field in ("met", "known"):
            flags = getattr(found, field)
            np.testing.assert_array_equal(flags if flags.ndim == 1 else flags[:, column], getattr(alone, field))
        assert len(shape) == 2 or "close" not in prices.read
        if found.indicator is not None:
            shown, expected = found.indicator, alone.indicator
            values_ = shown.values if shown.values.ndim == 1 else shown.values[:, column]
            np.testing.assert_array_equal(values_, expected.values)
            assert (shown.name, shown.threshold, shown.side) == (expected.name, expected.threshold, expected.side)


def test_every_parameter_is_tried():
    for name, tried in PARAMETERS.items():
        detector = find_detector(name, Path())
        assert {"series", *tried} == detector.parameters.model_fields.keys()


def test_every_detector_that_can_read_an_asset_works_by_block():
    by_block = {name for name in builtin_names() if find_detector(name, Path()).by_block}
    reading = {n for n in builtin_names() if "series" in inspect.signature(find_detector(n, Path()).detect).parameters}
    assert by_block == reading == PARAMETERS.keys()
