"""The picture of a run: every event where it belongs, ordinary sessions beside it, and what it must not hide."""

from __future__ import annotations

import copy
import dataclasses
import io
import itertools
import xml.etree.ElementTree as ET

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from backtest import run_strategy
from backtest.errors import ExportRefused
from backtest.handout.handout import SIMULATED
from backtest.handout.in_picture import finding_of
from backtest.handout.look import DARK, LIGHT
from backtest.handout.ordinary import ordinary_sessions
from backtest.handout.picture import figure_of, picture_bytes
from backtest.handout.results import gather_handout
from backtest.record.read import read_run
from backtest.study.run import run_plan

from ..report.records import small_run, without_benchmark, without_events, written
from .made import run_with


@pytest.fixture
def handout(tmp_path):
    return gather_handout(run_with(tmp_path).parents[1], "streak5")


def of(handout, tmp_path, change):
    run, columns = small_run()
    change(run, columns)
    return dataclasses.replace(handout, record=written(tmp_path / "changed", run, columns))


def opened(content):
    return Image.open(io.BytesIO(content)).convert("RGB")


def test_it_has_the_size_of_a_post_and_the_ground_that_is_asked_for(handout):
    light, dark = (opened(picture_bytes(handout, "png", dark=dark)) for dark in (False, True))
    assert light.size == dark.size == (1200, 675)
    assert light.getpixel((2, 2)) == (255, 255, 255)
    assert dark.getpixel((2, 2)) == (0x14, 0x17, 0x1B)


@pytest.mark.parametrize("form", ["png", "svg"])
def test_the_same_record_gives_the_same_bytes(handout, form):
    assert picture_bytes(handout, form) == picture_bytes(handout, form)


def test_every_event_is_a_dot_at_its_outcome_and_every_line_at_its_mean(handout):
    # Horizon 1 of the run that is written by hand: spreads of 1.25, 9.75 and 0 points, mean 3.666, base rate 0.01.
    found = finding_of(handout)
    assert found.outcomes.tolist() == [0.0125, 0.0975, 0.0]
    assert found.left_out == 0
    figure = figure_of(found, LIGHT, simulated=False)
    events, beside = figure.axes
    assert events.collections[0].get_offsets()[:, 1].tolist() == pytest.approx([1.25, 9.75, 0.0])
    for axes in (events, beside):
        assert [line.get_ydata()[0] for line in axes.lines] == pytest.approx([0.01, 3.666])
    low, high = events.get_ylim()
    assert low < 0
    assert high > 9.75
    texts = [text.get_text() for text in figure.texts]
    assert any("Each dot is one of 3 events." in text for text in texts)
    assert [label.get_text() for label in events.get_xticklabels()] == [str(day) for day in found.days]


def test_the_interval_stands_on_the_base_rate(handout, tmp_path):
    def change(run, columns):
        run["horizons"][0] |= {"ci_low": -0.02, "ci_high": 0.05}

    found = finding_of(of(handout, tmp_path, change))
    assert found.interval == pytest.approx((0.0001 - 0.02, 0.0001 + 0.05))


def test_events_without_a_complete_window_are_counted_not_drawn(handout, tmp_path):
    def change(run, columns):
        run["horizons"][0]["p_adjusted"] = None  # so that the verdict speaks of the longer horizon
        run["horizons"][1]["excess"] = -0.13

    found = finding_of(of(handout, tmp_path, change))
    assert (found.outcomes.tolist(), found.left_out) == ([-0.125], 2)
    assert any(
        "Each dot is one of 1 event; 2 more without a complete window." in text.get_text()
        for text in figure_of(found, LIGHT, simulated=False).texts
    )


def test_an_asset_alone_has_no_spread(handout, tmp_path):
    found = finding_of(of(handout, tmp_path, without_benchmark))
    assert found.word == "return"
    assert " minus " not in found.subject
    assert found.outcomes.tolist() == [0.0125, 0.0975, 0.0]


def test_nothing_to_draw_is_refused(handout, tmp_path):
    with pytest.raises(ExportRefused, match="no event has a complete window"):
        finding_of(of(handout, tmp_path, without_events))


def test_simulated_data_are_loud(tmp_path):
    handout = gather_handout(run_with(tmp_path, synthetic=True).parents[1], "streak5")
    for dark in (False, True):
        assert opened(picture_bytes(handout, "png", dark=dark)).getpixel((5, 5)) == (0xFF, 0xD3, 0x40)
    figure = figure_of(finding_of(handout), DARK, simulated=True)
    assert SIMULATED in [text.get_text() for text in figure.texts]
    assert "SIMULATED" in [text.get_text() for text in figure.axes[0].texts]
    tree = ET.fromstring(picture_bytes(handout, "svg"))
    assert (tree.get("width"), tree.get("height")) == ("1200", "675")
    description = tree.find(".//{http://purl.org/dc/elements/1.1/}description")
    assert description.text.startswith(SIMULATED)


def test_a_title_is_a_text_and_no_formula(tmp_path):
    reports = run_with(tmp_path, title=r"$\frac{$ & <b> 100% 日本 \x").parents[1]
    handout = gather_handout(reports, "streak5")
    assert opened(picture_bytes(handout, "png")).size == (1200, 675)
    tree = ET.fromstring(picture_bytes(handout, "svg"))
    assert tree.find(".//{http://purl.org/dc/elements/1.1/}title").text == r"$\frac{$ & <b> 100% 日本 \x"
    assert not [one for one in tree.iter() if one.tag.endswith(("script", "image", "foreignObject"))]


@pytest.mark.parametrize(("entry", "lag"), [("close", 0), ("next_close", 1)])
def test_ordinary_sessions_are_those_of_the_base_rate(history_of, plan_of, workspace, entry, lag):
    walks = 100 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.01, (2, 600)), axis=1))
    marks = np.zeros(600)
    marks[[50, 300]] = 1
    prices = history_of({"A": walks[0], "B": walks[1], "M": marks}, kinds={"M": "rate"})
    until = prices.sessions[500].item()
    plan = plan_of(prices, {"measure.entry": entry, "measure.horizons": [3], "episodes.until": until})
    record = read_run(run_plan(plan).save(workspace))
    without = {name: table for name, table in record.tables.items() if name != "base_distribution"}
    found = ordinary_sessions(dataclasses.replace(record, tables=without), 3)
    asset, benchmark = walks
    slow = [asset[i + lag + 3] / asset[i + lag] - benchmark[i + lag + 3] / benchmark[i + lag] for i in range(501)]
    assert found.sessions == 501
    inside = sum(found.edges[0] <= value <= found.edges[-1] for value in slow)
    assert inside == 495  # half a percent of 501 on each side: three values
    counts = [sum(a <= value < b for value in slow) for a, b in itertools.pairwise(found.edges)]
    assert found.density.tolist() == pytest.approx([n / max(counts) for n in counts])
    # A history whose mean is not that of the base rate is not shown as it.
    rates = without["base_rates"]
    at = rates.column_names.index("spread_mean")
    other = rates.set_column(at, rates.field(at), pa.array([rates["spread_mean"][0].as_py() + 1e-8]))
    assert ordinary_sessions(dataclasses.replace(record, tables={**without, "base_rates": other}), 3) is None


def test_a_run_on_the_sample_is_drawn(workspace):
    study = run_strategy("rotation", settings={"measure.asset": ["small", "market"]}, workspace=workspace.root)
    study.save(workspace)
    handout = gather_handout(workspace.reports, "rotation")
    assert opened(picture_bytes(handout, "png")).size == (1200, 675)


def with_tables(record, **tables):
    return dataclasses.replace(record, tables={**record.tables, **tables})


def test_the_spread_that_a_record_holds_is_drawn_without_its_tails(handout):
    table = pa.table(
        {
            "horizon": [1, 1, 1, 1, 1, 5],
            "low": [-0.5, -0.02, 0.0, 0.01, 0.02, None],
            "high": [-0.02, 0.0, 0.01, 0.02, 0.9, None],
            "n": [1, 40, 50, 10, 2, 0],
        }
    )
    record = with_tables(handout.record, base_distribution=table)
    found = ordinary_sessions(record, 1)
    assert found.edges.tolist() == [-0.02, 0.0, 0.01, 0.02]
    assert found.density.tolist() == pytest.approx([0.4, 1.0, 0.2])  # 40 in 2 points, 50 and 10 in 1 point each
    assert found.sessions == 103
    assert ordinary_sessions(record, 5) is None
    figure = figure_of(finding_of(dataclasses.replace(handout, record=record)), LIGHT, simulated=False)
    bars = figure.axes[1].patches[-3:]
    assert [bar.get_y() for bar in bars] == pytest.approx([-2.0, 0.0, 1.0])
    assert any("103 ordinary sessions" in text.get_text() for text in figure.axes[1].texts)


def test_a_horizon_by_the_calendar_is_told_from_one_of_as_many_sessions(handout):
    run = copy.deepcopy(handout.record.run)
    run["horizons"] = [{**run["horizons"][0], "horizon": "1w"}, {**run["horizons"][0], "p_adjusted": 0.9, "horizon": 5}]
    table = pa.table(
        {
            "event": [1, 1, 2, 2],
            "horizon": [5, 5, 5, 5],
            "calendar": ["1w", None, "1w", None],
            "status": ["complete"] * 4,
            "spread": [0.01, 0.02, 0.03, 0.04],
        }
    )
    record = dataclasses.replace(with_tables(handout.record, forward_returns=table), run=run)
    found = finding_of(dataclasses.replace(handout, record=record))
    assert found.outcomes.tolist() == [0.01, 0.03]
    assert found.subject.endswith(", 1 week after")


def test_a_headline_stands_in_place_of_the_verdict(handout):
    assert finding_of(handout).sentence == handout.verdict
    run = {**handout.record.run, "headline": "Small led."}
    record = dataclasses.replace(handout.record, run=run)
    assert finding_of(dataclasses.replace(handout, record=record)).sentence == "Small led."
