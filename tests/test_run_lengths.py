from __future__ import annotations

import numpy as np
import pytest

from backtest.model.run_lengths import runs


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        ("", []),
        ("...", []),
        ("#", [(0, 0)]),
        ("##.#", [(0, 1), (3, 3)]),
        (".###..##", [(1, 3), (6, 7)]),
    ],
)
def test_every_longest_run_by_its_first_and_last_position(flags, found):
    first, last = runs(np.array([flag == "#" for flag in flags], dtype=np.bool_))
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == found
