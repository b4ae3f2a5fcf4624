"""In noise nothing is left outside, and the best set of one half of a history is an ordinary one in the other."""

from __future__ import annotations

import numpy as np

from backtest.tuning.overfitting import overfitting
from backtest.tuning.pieces import Pieces
from backtest.tuning.walk_forward import Rules, walk_forward

HISTORIES = 25


def test_what_noise_chooses_gains_nothing_outside_and_is_overfitted_in_half_of_the_cases(search_of):
    grid = {"detector.least": [1.0, 2.0, 3.0], "episodes.cooldown": [0, 2, 5]}
    n, sums, inside, pbo = [], [], [], []
    for seed in range(HISTORIES):
        pieces = Pieces(search_of(grid, seed=100 + seed), 0, "excess")
        walked = walk_forward(pieces, Rules(blocks=5))
        n.append(walked.outside.n)
        sums.append(walked.outside.n * walked.outside.excess)
        inside.append(walked.inside)
        pbo.append(overfitting(pieces, 6).pbo)
    an_event = sum(sums) / sum(n)
    error = np.sqrt(sum((total - an_event * count) ** 2 for total, count in zip(sums, n, strict=True))) / sum(n)
    assert abs(an_event) < 3 * error
    assert np.mean(inside) > 3 * error  # the choice looks good to whoever made it
    assert abs(np.mean(pbo) - 0.5) < 3 * np.std(pbo, ddof=1) / np.sqrt(HISTORIES)
