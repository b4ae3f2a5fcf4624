"""The chart that carries the finding: dots, interval and distribution against places worked out by hand."""

from __future__ import annotations

import re

import numpy as np
import pytest

from backtest.model import ALONE, SPREAD
from backtest.report.pages.run.charts.outcome_chart import Outcomes, outcomes_chart
from backtest.report.pages.run.looks import DOTS, LOOKS, MOST
from backtest.report.pages.run.page import run_page

from .large import large_run
from .plots import chart, read
from .records import small_run, written

NAN = float("nan")
NONE = np.empty(0)


def outcomes(values, row=None, measured=SPREAD, low=NONE, high=NONE, counts=NONE):
    days = np.datetime64("2024-07-01") + np.arange(len(values))
    row = {"spread_mean": 0.02, "base_spread_mean": 0.01, "ci_low": -0.02, "ci_high": 0.03, **(row or {})}
    return Outcomes(measured, days, np.array(values, dtype=float), row, low, high, counts)


def place(value, low, high):
    """Where a value stands between the lowest and the highest, with a twentieth of room at either end."""
    room = (high - low) / 20
    return (value - low + room) / (high - low + 2 * room)


def test_few_events_stand_below_each_other_with_their_dates():
    found = read(outcomes_chart(outcomes([0.04, NAN, -0.06]), 500, "").svg)
    first, last, mean = found.circles
    assert (first[0], first[1], first[3]) == ("asset", pytest.approx(place(0.04, -0.06, 0.04), abs=1e-3),
                                              "2024-07-01: +4.00 pp")  # fmt: skip
    assert (last[0], last[1], last[3]) == ("benchmark", pytest.approx(place(-0.06, -0.06, 0.04), abs=1e-3),
                                           "2024-07-03: −6.00 pp")  # fmt: skip
    assert first[2] > last[2] > mean[2]
    assert found.labels("y") == ["2024-07-01", "2024-07-03", "mean"]
    assert found.labels("value") == ["+4.00 pp", "−6.00 pp", "+2.00 pp"]


def test_the_interval_of_the_effect_reaches_from_the_base_rate():
    found = read(outcomes_chart(outcomes([0.04, -0.06]), 500, "").svg)
    (interval,) = [line for line in found.lines if line[0] == "interval"]
    assert interval[1:3] == pytest.approx((place(0.01 - 0.02, -0.06, 0.04), place(0.01 + 0.03, -0.06, 0.04)), abs=1e-3)
    assert found.uprights("base") == pytest.approx([place(0.01, -0.06, 0.04)], abs=1e-3)
    assert found.uprights("zero") == pytest.approx([place(0.0, -0.06, 0.04)], abs=1e-3)
    assert found.circles[-1][0] == "mark"
    assert found.circles[-1][1] == pytest.approx(place(0.02, -0.06, 0.04), abs=1e-3)


def test_ordinary_sessions_are_as_high_as_they_lie_densely():
    low, high = np.array([-0.05, -0.01, 0.0, 0.01]), np.array([-0.01, 0.0, 0.01, 0.05])
    counts = np.array([40.0, 80.0, 40.0, 4.0])  # the outer ranges are four times as wide
    found = read(outcomes_chart(outcomes([0.04, -0.06], low=low, high=high, counts=counts), 500, "").svg)
    tops = [max(y for _, y in part) for part in found.path("fill ordinary")]
    heights = np.array(tops) / tops[1]
    assert heights == pytest.approx([0.125, 1.0, 0.5, 0.0125], abs=0.01)
    sides = [(part[0][0], part[-1][0]) for part in found.path("fill ordinary")]
    assert sides[1] == pytest.approx((place(-0.01, -0.06, 0.04), place(0.0, -0.06, 0.04)), abs=1e-3)


def test_more_events_are_dots_and_very_many_a_distribution():
    rng = np.random.default_rng(2)
    values = rng.normal(0, 0.05, 300)
    found = read(outcomes_chart(outcomes(values), 500, "").svg)
    dots = [circle for circle in found.circles if circle[0] != "mark"]
    assert len(dots) == 300
    assert "300 events" in found.labels("y")
    assert {name for name, *_ in dots} == {"asset", "benchmark"}
    assert len({(round(x, 3), round(y, 3)) for _, x, y, _ in dots}) > 290  # hardly one covers another
    many = read(outcomes_chart(outcomes(values), 299, "").svg)
    assert len(many.circles) == 1
    assert many.path("fill events")


def test_a_distribution_of_events_holds_every_one_of_them_even_beyond_ordinary_sessions():
    low, high = np.array([-0.02, -0.01, 0.0, 0.01]), np.array([-0.01, 0.0, 0.01, 0.02])
    values = [-0.5] * 10 + [0.005] * 10
    found = read(outcomes_chart(outcomes(values, low=low, high=high, counts=np.ones(4)), 0, "").svg)
    parts = found.path("fill events")
    widths = [part[-1][0] - part[0][0] for part in parts]
    heights = [part[1][1] - part[0][1] for part in parts]
    areas = np.array(widths) * np.array(heights)
    assert areas[0] == pytest.approx(areas[2], rel=0.2)  # ten on either side


def test_without_a_benchmark_every_event_is_the_assets_and_percents_are_percents():
    row = {"asset_mean": 0.02, "base_asset_mean": 0.01, "ci_low": None, "ci_high": None}
    found = read(outcomes_chart(outcomes([0.04, -0.06], row, ALONE), 500, "").svg)
    assert [name for name, *_ in found.circles] == ["asset", "asset", "mark"]
    assert found.labels("value")[0] == "+4.00%"
    assert not [line for line in found.lines if line[0] == "interval"]


def test_nothing_is_drawn_of_nothing_and_one_event_is_drawn():
    assert outcomes_chart(outcomes([]), 500, "") is None
    assert outcomes_chart(outcomes([NAN]), 500, "") is None
    row = {"spread_mean": 0.0, "base_spread_mean": 0.0, "ci_low": None, "ci_high": None}
    assert len(read(outcomes_chart(outcomes([0.0], row), 500, "").svg).circles) == 2


def test_a_picture_says_that_it_is_simulated():
    stamps = [text for name, _, _, text in read(outcomes_chart(outcomes([0.1]), 9, "SIMULATED DATA").svg).texts
              if name == "stamp"]  # fmt: skip
    assert stamps == ["SIMULATED DATA"]


def test_the_page_draws_the_look_of_the_finding_and_hides_the_others(tmp_path):
    run, columns = small_run()
    html = run_page(written(tmp_path, run, columns))
    shown = re.findall(r'<div class="look-chart"( hidden)?>\s*<p class="chart-title">([^<]*)<', html)
    assert shown == [("", "Spread over 1 session"), (" hidden", "Spread over 5 sessions")]
    assert [title for _, _, _, title in chart(html, "look-0").circles][:3] == [
        "2024-07-03: +1.25 pp", "2024-07-09: +9.75 pp", "2024-07-12: 0.00 pp"
    ]  # fmt: skip


def test_many_looks_and_events_stay_few_dots(tmp_path):
    html = run_page(written(tmp_path, *large_run(3_000, 400, list(range(1, 41)))))
    looks = html.count('class="look-chart"')
    assert looks == LOOKS
    dots = [len(chart(html, f"look-{at}").circles) - 1 for at in range(looks)]
    assert max(dots) <= MOST
    assert sum(dots) <= MOST + DOTS
