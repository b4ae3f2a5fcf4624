"""Charts drawn in Python: places and labels against a calculation by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.report.kit.plot import scale
from backtest.report.kit.plot.plot import Plot, path_of
from backtest.report.kit.plot.scale import Scale

from .plots import points, read

NAN = float("nan")


def day(text):
    return float(np.datetime64(text, "D").astype(int))


def test_values_stand_where_they_should_on_both_kinds_of_axis():
    assert Scale(-1.0, 3.0).at(np.array([-1.0, 0.0, 3.0])).tolist() == [0.0, 0.25, 1.0]
    assert Scale(1.0, 100.0, log=True).at(10.0) == pytest.approx(0.5)
    assert np.isnan(Scale(0.0, 1.0).at(NAN))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-0.1, 0.3, [-0.1, 0.0, 0.1, 0.2, 0.3]),
        (0.0, 12.0, [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0]),
        (97.3, 98.9, [97.5, 98.0, 98.5]),
    ],
)
def test_ticks_are_round(low, high, expected):
    assert scale.ticks(Scale(low, high), 6) == pytest.approx(expected)


def test_a_logarithmic_axis_has_powers_of_ten_and_a_short_one_plain_steps():
    assert scale.ticks(Scale(90.0, 2500.0, log=True)) == [100, 200, 500, 1000, 2000]
    assert scale.ticks(Scale(1.0, 1e9, log=True), 6) == [10.0**at for at in range(10)]
    assert scale.ticks(Scale(100.0, 120.0, log=True), 4) == [100, 105, 110, 115, 120]


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6), st.integers(3, 9))
def test_ticks_lie_on_the_axis_and_there_are_never_many(low, width, most):
    found = scale.ticks(Scale(low, low + width), most)
    assert len(found) <= most + 1
    assert all(low - 1e-6 * width <= tick <= low + width + 1e-6 * width for tick in found)


@pytest.mark.parametrize(
    ("first", "last", "labels"),
    [
        ("1988-01-04", "2026-08-21", ["1990", "1995", "2000", "2005", "2010", "2015", "2020", "2025"]),
        ("2020-01-01", "2024-06-01", ["2020", "2021", "2022", "2023", "2024"]),
        ("2023-11-05", "2024-10-01", ["2024-01", "2024-03", "2024-05", "2024-07", "2024-09"]),
        ("2024-07-01", "2024-07-15", ["2024-07-01", "2024-07-04", "2024-07-07", "2024-07-10", "2024-07-13"]),
    ],
)
def test_every_label_of_time_has_its_year(first, last, labels):
    found = scale.time_ticks(Scale(day(first), day(last)))
    assert [label for _, label in found] == labels
    assert [at for at, _ in found] == [day(label + "-01-01"[: 10 - len(label)]) for label in labels]


def test_an_axis_of_one_day_has_a_length():
    assert scale.time_scale(np.array([5.0])) == Scale(5.0, 6.0)


def test_what_is_not_known_makes_no_axis():
    assert scale.around([None, np.array([NAN, np.inf])], zero=False) == Scale(-1.0, 1.0)
    found = scale.around([np.array([1.0, NAN]), 3.0])
    assert (found.low, found.high) == (pytest.approx(-0.15), pytest.approx(3.15))


def test_a_log_axis_needs_positive_levels_that_grew_fourfold():
    assert scale.wants_log(np.array([100.0, np.nan, 400.0]))
    assert not scale.wants_log(np.array([100.0, 399.0]))
    assert not scale.wants_log(np.array([-1.0, 400.0]))
    assert not scale.wants_log(np.array([np.nan]))


@given(st.lists(st.one_of(st.floats(0, 1), st.just(NAN)), min_size=1, max_size=60))
def test_a_path_holds_every_known_value_and_breaks_at_every_gap(values):
    y = np.array(values)
    x = np.linspace(0, 1, len(y))
    parts = points(path_of(x, y))
    known = np.isfinite(y)
    assert len(parts) == int((known & ~np.concatenate(([False], known[:-1]))).sum())
    told = [place for part in parts for place in part]
    distinct = [place for at, place in enumerate(told) if at == 0 or place != told[at - 1]]
    expected = [
        (round(a * 2000) / 2000, 1 - round((1 - b) * 600) / 600) for a, b in zip(x[known], y[known], strict=True)
    ]
    wanted = [place for at, place in enumerate(expected) if at == 0 or place != expected[at - 1]]
    assert np.allclose(distinct, wanted, atol=1e-9)


def test_a_value_alone_is_a_dot_and_text_stays_text():
    plot = Plot(Scale(0.0, 10.0), Scale(0.0, 4.0))
    plot.line(np.array([0.0, 5.0, 10.0]), np.array([NAN, 2.0, NAN]), "asset")
    plot.dot(2.5, 1.0, "mark", "<b>&", 5)
    plot.bars(np.array([0.0]), np.array([5.0]), np.array([0.0]), np.array([4.0]), "ordinary")
    plot.text(10.0, 4.0, "</text>")
    found = read(plot.svg('a "label"', "SIMULATED DATA"))
    assert found.label == 'a "label"'
    assert found.path("line asset") == [[(0.5, 0.5), (0.5, 0.5)]]
    assert found.circles == [("mark", 0.25, 0.25, "<b>&")]
    assert found.path("fill ordinary") == [[(0.0, 0.0), (0.0, 1.0), (0.5, 1.0), (0.5, 0.0)]]
    assert [text for _, _, _, text in found.texts] == ["</text>", "SIMULATED DATA"]


def test_a_telephone_shows_every_second_of_many_labels():
    plot = Plot(Scale(0.0, 10.0), Scale(0.0, 1.0))
    plot.along([(float(at), str(at)) for at in range(6)])
    assert [name for name, _, _, _ in read(plot.svg("")).texts] == ["x", "x wide"] * 3
