from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.inference.circular_shift import shift_p_values
from backtest.inference.multiple import family_p_values

NAN = float("nan")


def slow_family(cells, own):
    """Westfall and Young's step-down: the most remarkable first, against the largest of those not yet dealt with."""
    tried = [i for i, cell in enumerate(cells) if len(cell) and not math.isnan(cell[0])]
    shifts = min((len(cells[i]) for i in tried), default=0)
    size = {i: np.abs(cells[i]) / math.sqrt(sum(value**2 for value in cells[i]) / len(cells[i])) for i in tried}
    left = sorted(tried, key=lambda i: -size[i][0])
    adjusted, floor = [NAN] * len(cells), 0.0
    while left:
        first = left[0]
        count = 0
        for k in [*range((shifts + 1) // 2), *range(-(shifts // 2), 0)]:  # a shift backwards counts from the end
            count += max(size[i][k] for i in left) >= size[first][0]
        floor = max(floor, count / shifts, own[first])
        adjusted[first] = floor
        left.pop(0)
    return adjusted


def made(seed, n_cells, m=120):
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 1, m)  # cells depend on one another, as horizons do
    return [(common * rng.uniform(0, 1) + rng.normal(0, 1, m)) * rng.uniform(0.1, 9) for _ in range(n_cells)]


def own_p(cells):
    return [float(shift_p_values(cell[None, :])[0]) for cell in cells]


@given(st.integers(0, 10**6), st.integers(1, 7))
def test_it_agrees_with_the_step_down_done_slowly(seed, n_cells):
    cells = made(seed, n_cells)
    p = own_p(cells)
    assert family_p_values(cells, p) == pytest.approx(slow_family(cells, p), abs=1e-12)


@given(st.integers(0, 10**6))
def test_circles_of_different_lengths_share_the_shifts_that_all_have(seed):
    cells = [cell[:m] for cell, m in zip(made(seed, 4), (120, 100, 120, 80), strict=True)]
    p = own_p(cells)
    assert family_p_values(cells, p) == pytest.approx(slow_family(cells, p), abs=1e-12)


@given(st.integers(0, 10**6), st.integers(2, 7))
def test_adjusted_p_never_falls_below_its_own_and_keeps_the_order(seed, n_cells):
    cells = made(seed, n_cells)
    p = own_p(cells)
    adjusted = family_p_values(cells, p)
    assert all(a >= b for a, b in zip(adjusted, p, strict=True))
    size = [abs(cell[0]) / np.sqrt(np.mean(cell**2)) for cell in cells]
    by_size = [adjusted[i] for i in sorted(range(n_cells), key=lambda i: -size[i])]
    assert by_size == sorted(by_size)


@given(st.integers(0, 10**6))
def test_one_look_keeps_its_own_p(seed):
    cells = made(seed, 1)
    assert family_p_values(cells, own_p(cells)) == own_p(cells)


@given(st.integers(0, 10**6), st.integers(1, 4))
def test_the_same_look_again_costs_nothing(seed, again):
    cells = made(seed, 3)
    p = own_p(cells)
    once = family_p_values(cells, p)
    twice = family_p_values([*cells, *[cells[1] * 7] * again], [*p, *[p[1]] * again])  # the unit does not matter
    assert twice == [*once, *[once[1]] * again]


def test_another_look_costs_something():
    cells = made(1, 20)
    p = own_p(cells)
    best = int(np.argmin(p))
    assert family_p_values(cells, p)[best] > 3 * p[best]


def test_two_looks_by_hand():
    # Four shifts; sizes 3 1 1 1 over sqrt(12/4) and 2 2 1 3 over sqrt(18/4): observed 1.73 and 0.94.
    # The first: at each shift the larger of 1.73 .58 .58 .58 and .94 .94 .47 1.41 is 1.73 .94 .58 1.41: p = 1/4.
    # The second, alone: 2 2 1 3 against 2: p = 3/4.
    cells = [np.array([3.0, -1, 1, 1]), np.array([-2.0, 2, 1, 3])]
    assert family_p_values(cells, [0.25, 0.75]) == [0.25, 0.75]
    # Were the fourth shift of the first as large as the observed, it would be 2/4.
    assert family_p_values([np.array([3.0, -1, 1, 3]), cells[1]], [0.5, 0.75]) == [0.5, 0.75]


def test_what_was_not_tried_costs_nothing():
    cells = made(2, 3)
    p = own_p(cells)
    nothing = np.full(120, NAN)
    found = family_p_values([cells[0], nothing, cells[1], np.zeros(0), cells[2]], [p[0], NAN, p[1], NAN, p[2]])
    assert [found[i] for i in (0, 2, 4)] == family_p_values(cells, p)
    assert [math.isnan(found[i]) for i in (1, 3)] == [True, True]


def test_a_family_of_nothing():
    assert family_p_values([], []) == []
    assert math.isnan(family_p_values([np.full(5, NAN)], [NAN])[0])


def test_dust_is_no_look():
    # When every session is an event, all shifts give zero but for rounding: no look, and it costs the others nothing.
    cells = made(3, 3)
    p = own_p(cells)
    dust = np.random.default_rng(4).normal(0, 1e-15, 120)
    assert family_p_values([*cells, dust], [*p, 1.0]) == [*family_p_values(cells, p), 1.0]
    assert family_p_values([dust], [1.0]) == [1.0]


def test_single_precision_changes_nothing():
    cells = made(5, 6)
    p = own_p(cells)
    assert family_p_values([cell.astype(np.float32) for cell in cells], p) == family_p_values(cells, p)


def test_what_single_precision_can_hardly_tell_apart_ties():
    # Two of four shifts are as large as the observed but for the last digits that are stored.
    cell = np.array([2.0, 2.0 - 5e-7, 1.0, 0.5])
    assert family_p_values([cell], [0.25]) == [0.5]
    assert family_p_values([np.array([2.0, 1.99999, 1.0, 0.5])], [0.25]) == [0.25]


def test_noise_is_rarely_found_in_a_family():
    # 20 looks at noise, half of what each sees in common: the smallest adjusted p is below 5% in 5% of 400 families;
    # standard error 1.1 points, three of them allowed. Taken alone, the smallest own p would be far more often.
    found, alone = [], []
    for seed in range(400):
        cells = made(10_000 + seed, 20)
        p = own_p(cells)
        found.append(min(family_p_values(cells, p)))
        alone.append(min(p))
    assert np.mean(np.array(found) <= 0.05) == pytest.approx(0.05, abs=0.033)
    assert np.mean(np.array(alone) <= 0.05) > 0.4


@given(st.integers(0, 10**6))
def test_one_history_under_any_number_is_as_none(seed):
    cells = [cell[:m] for cell, m in zip(made(seed, 4), (120, 100, 120, 80), strict=True)]
    p = own_p(cells)
    assert family_p_values(cells, p, [7, 7, 7, 7]) == family_p_values(cells, p)


@given(st.integers(0, 10**6), st.sampled_from([(120, 50), (121, 50), (120, 51), (119, 7)]))
def test_a_shorter_history_is_turned_around_and_around(seed, lengths):
    long, short = (cell[:m] for cell, m in zip(made(seed, 2), lengths, strict=True))
    p = own_p([long, short])
    # The same by hand: the shift by k of the short circle is that by k less its length, as often as there is room.
    shifts = range(-(len(long) // 2), (len(long) + 1) // 2)
    size = [
        [abs(cell[k % len(cell)]) / math.sqrt(sum(v * v for v in cell) / len(cell)) for k in shifts]
        for cell in (long, short)
    ]
    zero = len(long) // 2
    order = sorted((0, 1), key=lambda i: -size[i][zero])
    first = sum(max(a, b) >= size[order[0]][zero] * (1 - 1e-6) for a, b in zip(*size, strict=True)) / len(long)
    second = sum(one >= size[order[1]][zero] * (1 - 1e-6) for one in size[order[1]]) / len(long)
    first = max(first, p[order[0]])
    expected = {order[0]: first, order[1]: max(first, second, p[order[1]])}
    assert family_p_values([long, short], p, [0, 1]) == pytest.approx([expected[0], expected[1]], abs=1e-12)
