"""How a measure is spread over ordinary sessions, against NumPy's own histogram and a calculation by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backtest.measure.distribution import INNER, distributions


def test_every_complete_eligible_session_is_counted_once_and_tails_lie_outside():
    rng = np.random.default_rng(1)
    values = rng.standard_t(3, (5_000, 2))
    values[-63:, 1] = np.nan
    eligible = rng.random(5_000) < 0.8
    edges, counts = distributions(values, eligible)
    assert edges.shape == (2, INNER + 3)
    for column in range(2):
        known = values[eligible & np.isfinite(values[:, column]), column]
        assert counts[column].sum() == len(known)
        assert (edges[column, 0], edges[column, -1]) == (known.min(), known.max())
        expected, _ = np.histogram(known, edges[column])  # closes its last range on the right, as ours is closed
        assert counts[column].tolist() == expected.tolist()
        out = int(0.005 * len(known))
        assert (counts[column, 0], counts[column, -1]) == (out, out + 1)  # an edge counts above it
        assert np.allclose(np.diff(edges[column, 1:-1]), np.diff(edges[column, 1:-1])[0])


def test_without_a_complete_window_there_is_nothing():
    edges, counts = distributions(np.full((10, 1), np.nan), np.ones(10, dtype=bool))
    assert np.isnan(edges).all()
    assert counts.sum() == 0


@given(st.lists(st.sampled_from([0.0, 0.25, -0.5, 1.0]), min_size=1, max_size=400))
def test_ties_are_counted_once(values):
    edges, counts = distributions(np.array(values)[:, None], np.ones(len(values), dtype=bool))
    assert counts.sum() == len(values)
    assert (np.diff(edges[0]) >= 0).all()
