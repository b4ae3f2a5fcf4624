"""Figures for notebooks: what is drawn is what the tables hold, and what must not be hidden is said in the figure."""

from __future__ import annotations

import copy
import dataclasses
import io
import itertools
import sys

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pyarrow as pa
import pytest
from IPython.core.formatters import PNGFormatter

from backtest.errors import ExportRefused, NotFound
from backtest.handout.canvas import png_of
from backtest.handout.handout import SIMULATED
from backtest.handout.look import LEAKS
from backtest.handout.plot_episodes import plot_episodes
from backtest.handout.plot_outcomes import plot_outcomes
from backtest.handout.plot_path import plot_path

from ..report.records import NAN, SESSIONS, small_run, without_benchmark, without_events, written

PLOTS = [plot_outcomes, plot_path, plot_episodes]


@pytest.fixture
def record_of(tmp_path):
    number = itertools.count()

    def build(*changes):
        run, columns = small_run()
        for change in changes:
            change(run, columns)
        return written(tmp_path / str(next(number)), run, columns)

    return build


@pytest.fixture
def record(record_of):
    return record_of()


def simulated(run, columns):
    run["dataset"]["synthetic"] = True


def leaking(run, columns):
    run["lookahead"] = {"text": "detector looks ahead"}


def written_in(figure):
    return [text.get_text() for text in figure.texts]


def dots(axes):
    (found,) = [one for one in axes.collections if hasattr(one, "get_sizes") and len(one.get_sizes())]
    return found


# Outcomes


@pytest.mark.parametrize(
    ("horizon", "expected"), [(None, [1.25, 9.75, 0.0]), (1, [1.25, 9.75, 0.0]), (5, [-12.5]), ("5", [-12.5])]
)
def test_the_dots_are_the_outcomes_at_the_horizon_that_is_asked_for(record, horizon, expected):
    axes = plot_outcomes(record, horizon).axes[0]
    assert dots(axes).get_offsets()[:, 1].tolist() == pytest.approx(expected)


def test_an_outcome_figure_says_the_figures_of_its_horizon_and_what_is_not_complete(record):
    said = " ".join(written_in(plot_outcomes(record, 1)))
    assert (
        "After 1 session: mean spread +3.67 pp over 3 events, base rate +0.01 pp, excess +3.66 pp, adjusted p 0.011."
        in said
    )
    said = " ".join(written_in(plot_outcomes(record, 5)))
    assert "After 5 sessions: mean spread −12.50 pp over 1 event, adjusted p 1.000." in said  # it has no base rate
    assert "1 window is pending and 1 window is not covered." in said
    assert "Each dot is one of 1 event; 2 more without a complete window." in said


def test_a_look_that_does_not_hold_says_why(record_of):
    def doubted(run, columns):
        run["horizons"][0] |= {"doubt": "the halves disagree", "ci_low": -0.02, "ci_high": 0.05}

    said = " ".join(written_in(plot_outcomes(record_of(doubted))))
    assert "95% interval −2.00 to +5.00 pp" in said
    assert "It does not hold: the halves disagree." in said


def test_a_base_rate_that_is_missing_is_not_drawn_as_zero(record):
    events, beside = plot_outcomes(record, 5).axes
    for axes in (events, beside):
        assert [line.get_ydata()[0] for line in axes.lines] == pytest.approx([-12.5])
    assert not [text for text in beside.texts if "base rate" in text.get_text()]


def test_a_calendar_horizon_is_told_from_one_of_as_many_sessions(record):
    run = copy.deepcopy(record.run)
    run["horizons"] = [{**run["horizons"][0], "horizon": horizon} for horizon in (5, "1w")]
    table = pa.table(
        {
            "event": [1, 1, 2, 2],
            "horizon": [5, 5, 5, 5],
            "calendar": ["1w", None, "1w", None],
            "status": ["complete"] * 4,
            "spread": [0.01, 0.02, 0.03, 0.04],
        }
    )
    changed = dataclasses.replace(record, run=run, tables={**record.tables, "forward_returns": table})
    for horizon, expected in (("1w", [1, 3]), (5, [2, 4])):
        drawn = dots(plot_outcomes(changed, horizon).axes[0]).get_offsets()[:, 1].tolist()
        assert drawn == pytest.approx(expected)


def test_what_the_run_does_not_have_is_refused(record):
    with pytest.raises(NotFound, match=r"horizon 22 is not in run '20260901T120000Z-0a1b2c3d'\. Known: 1, 5\."):
        plot_outcomes(record, 22)
    with pytest.raises(NotFound, match=r"asset 'smal' is not in run .* Did you mean 'small'\?"):
        plot_outcomes(record, asset="smal")
    with pytest.raises(NotFound, match=r"leg 'sprd' is not in run .* Did you mean 'spread'\?"):
        plot_path(record, "sprd")


@pytest.mark.parametrize("name", ["small", "S30"])
def test_the_only_asset_may_be_named_as_in_the_strategy_or_as_its_series(record, name):
    assert len(plot_outcomes(record, asset=name).axes) == 2


# Paths


def test_the_lines_of_a_path_are_those_of_the_tables(record_of):
    def paths(run, columns):
        columns["paths"] = {
            "event": [1, 1, 1, 2, 2, 2],
            "offset": [-1, 0, 1, -1, 0, 1],
            **dict.fromkeys(("asset", "benchmark"), [0.0] * 6),
            "spread": [-0.01, 0.0, 0.02, -0.03, 0.0, NAN],
        }
        columns["average_path"] |= {
            "n": [2, 2, 1],
            "spread_mean": [-0.02, 0.0, 0.02],
            "spread_low": [-0.025, 0.0, 0.02],
            "spread_high": [-0.015, 0.0, 0.02],
            "spread_base": [0.001, 0.0, -0.001],
        }

    figure = plot_path(record_of(paths))
    (axes,) = figure.axes
    band, each = axes.collections
    assert each.get_segments()[0][:, 1].tolist() == pytest.approx([-1, 0, 2])
    assert each.get_segments()[1].tolist() == [[-1.0, -3.0], [0.0, 0.0]]  # the path ends where its data end
    base, mean = axes.lines[2:]
    assert mean.get_xdata().tolist() == [-1, 0, 1]
    assert mean.get_ydata().tolist() == pytest.approx([-2, 0, 2])
    assert base.get_ydata().tolist() == pytest.approx([0.1, 0, -0.1])
    assert band.get_paths()[0].get_extents().bounds == pytest.approx((-1, -2.5, 2, 4.5))
    said = " ".join(written_in(figure))
    assert "1 session after day 0, the mean spread of 1 event is +2.00 pp; base rate −0.10 pp." in said
    assert "The fewest at any offset: 1 of 3." in said


def test_another_leg_is_drawn_where_it_is_asked_for(record):
    figure = plot_path(record, "asset")
    assert any(text.startswith("small since day 0, in percent.") for text in written_in(figure))
    assert any(text.startswith("small minus mega since day 0") for text in written_in(plot_path(record)))


def test_of_many_events_only_mean_and_quartiles_are_drawn(record_of):
    def many(run, columns):
        n = 61
        columns["paths"] = {
            "event": range(1, n + 1),
            "offset": [0] * n,
            **dict.fromkeys(("asset", "benchmark"), [0.0] * n),
        }
        columns["paths"]["spread"] = [0.0] * n
        columns["events"] = {key: np.resize(values, n) for key, values in columns["events"].items()}

    figure = plot_path(record_of(many))
    assert len(figure.axes[0].collections) == 1
    assert not any("thin: each" in text for text in written_in(figure))


# Episodes


def test_every_day_0_stands_on_the_series_and_every_episode_is_shaded(record_of):
    def threshold(run, columns):
        run["indicator"] |= {"threshold": 3.0, "side": "above"}

    figure = plot_episodes(record_of(threshold))
    history, indicator = figure.axes
    days = SESSIONS.astype(float)
    assert history.lines[0].get_ydata().tolist() == [100, 101, 102.123456789, 103, 104, 105, 106, 107, 108, 109]
    assert dots(history).get_offsets().tolist() == [[days[2], 102.123456789], [days[5], 105], [days[8], 108]]
    shaded = next(one for one in history.collections if one is not dots(history))
    ends = [(path.get_extents().x0, path.get_extents().x1) for path in shaded.get_paths()]
    assert ends == [(days[a] - 0.5, days[b] + 0.5) for a, b in ((0, 2), (3, 6), (7, 9))]
    hollow = [colour[:3].tolist() == [1, 1, 1] for colour in dots(history).get_facecolors()]
    assert hollow == [False, False, True]  # event 3 is pending over 5 sessions
    assert indicator.lines[1].get_ydata()[0] == 3.0
    said = " ".join(written_in(figure))
    assert "3 events from 4 episodes, from 1 July 2024 to 15 July 2024. 1 episode not known to be over." in said
    assert "Hollow: 1 event with a window that ends after the data." in said


def test_shares_are_drawn_in_percent(record_of):
    def of_shares(run, columns):
        run["indicator"] = {"name": "five-session return", "unit": "fraction", "threshold": 0.0125}
        columns["history"]["indicator"] = np.arange(10) / 100

    below = plot_episodes(record_of(of_shares)).axes[1]
    assert below.lines[0].get_ydata().tolist() == pytest.approx(list(range(10)))
    assert below.lines[1].get_ydata()[0] == pytest.approx(1.25)
    assert below.get_title(loc="left") == "five-session return (percent); dashed: threshold 1.25%"


def test_without_a_watched_series_the_legs_stand_from_a_common_start(record_of):
    def legs_only(run, columns):
        run["observed"] = run["indicator"] = None
        columns["history"] |= {"observed": np.full(10, NAN), "indicator": np.full(10, NAN)}

    figure = plot_episodes(record_of(legs_only))
    (history,) = figure.axes
    asset, benchmark = (line.get_ydata() for line in history.lines)
    assert asset[2:].tolist() == pytest.approx([2 * level for level in range(50, 58)])
    assert benchmark[2:].tolist() == pytest.approx([4 * level for level in range(25, 33)])
    assert "small (100 at the common start) and in grey mega (100 at the common start)." in " ".join(written_in(figure))


def test_a_level_that_grew_fourfold_has_a_logarithmic_axis(record_of):
    def grown(factor):
        return lambda run, columns: columns["history"].update(observed=np.linspace(1, factor, 10))

    assert plot_episodes(record_of(grown(4))).axes[0].get_yscale() == "log"
    assert plot_episodes(record_of(grown(3.9))).axes[0].get_yscale() == "linear"


# Of all figures


@pytest.mark.parametrize("plot", PLOTS)
@pytest.mark.parametrize("dark", [False, True])
def test_no_event_is_said_and_no_error(record_of, plot, dark):
    figure = plot(record_of(without_events), dark=dark)
    assert png_of(figure)
    assert "no event" in " ".join(written_in(figure)).lower() or "0 events" in " ".join(written_in(figure))


@pytest.mark.parametrize("plot", PLOTS)
def test_an_asset_alone_is_drawn(record_of, plot):
    figure = plot(record_of(without_benchmark))
    assert "mega" not in " ".join(written_in(figure))
    assert png_of(figure)


@pytest.mark.parametrize("plot", PLOTS)
def test_what_must_be_loud_is_in_every_figure(record_of, plot):
    loud = plot(record_of(simulated, leaking))
    assert {SIMULATED, LEAKS} <= set(written_in(loud))
    assert {"SIMULATED", "LOOKS AHEAD"} <= {text.get_text() for text in loud.axes[0].texts}
    pixels = plt.imread(io.BytesIO(png_of(loud)))
    assert pixels[5, 5, :3].tolist() == pytest.approx([1.0, 0xD3 / 255, 0x40 / 255])
    _, axes = plt.subplots()
    plot(record_of(simulated), ax=axes)
    assert axes.get_title(loc="left").startswith("SIMULATED\n")
    assert "SIMULATED" in [text.get_text() for text in axes.texts]
    plt.close("all")


@pytest.mark.parametrize("plot", PLOTS)
def test_nothing_is_loud_without_need(record, plot):
    figure = plot(record)
    assert "SIMULATED" not in " ".join([*written_in(figure), *(text.get_text() for text in figure.axes[0].texts)])


@pytest.mark.parametrize("plot", PLOTS)
def test_axes_of_the_user_are_drawn_in_and_no_window_is_opened(record, plot):
    figure, pair = plt.subplots(1, 2)
    assert plot(record, ax=pair[1]) is figure
    assert not pair[0].has_data()
    assert pair[1].has_data()
    assert "Three straight sessions" in pair[1].get_title(loc="left")
    plt.close(figure)
    plot(record)
    assert plt.get_fignums() == []
    loose = mpl.figure.Figure().add_subplot()
    loose.remove()
    with pytest.raises(ExportRefused, match="ax is in no figure any more"):
        plot(record, ax=loose)


@pytest.mark.parametrize("plot", PLOTS)
def test_a_figure_looks_alike_whatever_style_the_user_sets(record, plot):
    usual = png_of(plot(record))
    with (
        plt.style.context("dark_background"),
        mpl.rc_context({"axes.grid": True, "grid.color": "red", "font.size": 22, "text.usetex": True}),
    ):
        assert png_of(plot(record)) == usual
    assert png_of(plot(record, dark=True)) != usual


@pytest.mark.parametrize("plot", PLOTS)
def test_a_notebook_shows_a_figure_by_itself(record, plot):
    shown = PNGFormatter()(plot(record))
    assert shown.startswith(b"\x89PNG")


@pytest.mark.parametrize("plot", PLOTS)
def test_without_matplotlib_the_line_that_installs_it_is_given(record, plot, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ExportRefused, match=r"pip install 'episode-backtest\[export\]'"):
        plot(record)


@pytest.mark.parametrize("plot", PLOTS)
def test_a_title_is_a_text_and_no_formula(record_of, plot):
    def titled(run, columns):
        run["title"] = run["observed"]["title"] = r"$\frac{$ & <b> 100% 日本 \x"

    assert r"$\frac{$ & <b> 100% 日本 \x" in " ".join(written_in(plot(record_of(titled))))
    assert png_of(plot(record_of(titled)))
