"""Many looks: the step-down maximum over all of them, by a loop over shifts."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from backtest.inference.multiple import family_p_values, holm
from backtest.selftest.witnessed import Check, compare

SHIFTS, LOOKS = 400, 6
CLOSE = 1e-12


def look_checks() -> Iterator[Check]:
    """Compare the adjusted p of independent looks, that of one look taken twice, and Holm's."""
    rng = np.random.default_rng(7)
    cells = rng.normal(0, 1, (LOOKS, SHIFTS)) * np.arange(1, LOOKS + 1)[:, None]
    cells[2, 0], cells[4, 0] = 12.0, 11.0
    own = [float(np.mean(np.abs(cell) >= abs(cell[0]))) for cell in cells]
    slow = _slow(cells.tolist(), own)
    witness = "a loop over shifts: Westfall and Young (1993)"
    yield compare(f"adjusted p of {LOOKS} looks", witness, slow, family_p_values(list(cells), own), CLOSE)
    twice, p = [cells[2], cells[2].copy()], [own[2], own[2]]
    yield compare("adjusted p of one look taken twice", "its own p", p, family_p_values(twice, p), CLOSE)
    # 0.01 times 3; then 0.02 times 2, and 0.03 times 1, which may not fall below what came before it.
    yield compare("Holm's p of 0.02, 0.01 and 0.03", "by hand", [0.04, 0.03, 0.04], holm([0.02, 0.01, 0.03]), CLOSE)


def _slow(cells: Sequence[Sequence[float]], own: Sequence[float]) -> list[float]:
    sizes = []
    for cell in cells:
        deviation = math.sqrt(sum(value**2 for value in cell) / len(cell))
        sizes.append([abs(value) / deviation for value in cell])
    order = sorted(range(len(sizes)), key=lambda i: -sizes[i][0])
    adjusted, so_far = [0.0] * len(sizes), 0.0
    for rank, i in enumerate(order):
        left = order[rank:]
        as_large = sum(max(sizes[j][k] for j in left) >= sizes[i][0] * (1 - 1e-6) for k in range(SHIFTS))
        so_far = max(so_far, as_large / SHIFTS, own[i])
        adjusted[i] = so_far
    return adjusted
