"""A study draws itself, and shows itself in a notebook, as its record does."""

from __future__ import annotations

import base64
import html
import io
import re
import sys

import pytest
from PIL import Image

from backtest import load_run, run_strategy
from backtest.handout.canvas import png_of

from ..report.records import small_run, written


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    (folder / "backtest.toml").touch()
    settings = {"measure.asset": ["small", "market"], "measure.horizons": [5, 21, "1y"]}
    return run_strategy("rotation", settings=settings, trade=False, save=True, workspace=folder), folder


def test_the_dots_are_the_forward_returns_of_the_asset_that_is_asked_for(saved):
    study, _ = saved
    for asset in ("small", "market"):
        for horizon in (21, "1y"):
            rows = study.forward_returns[study.forward_returns["asset_name"] == asset]
            wanted = (
                rows["calendar"] == horizon if horizon == "1y" else rows["horizon"].eq(21) & rows["calendar"].isna()
            )
            expected = rows[wanted & (rows["status"] == "complete")]["spread"]
            (dots,) = study.plot_outcomes(horizon, asset=asset).axes[0].collections
            assert len(expected) > 3
            assert dots.get_offsets()[:, 1].tolist() == pytest.approx((100 * expected).tolist())


def test_the_mean_path_is_that_of_the_events(saved):
    study, _ = saved
    rows = study.paths[study.paths["asset_name"] == "market"]
    expected = 100 * rows.groupby("offset")["spread"].mean()
    mean = study.plot_path(asset="market").axes[0].lines[-1]
    assert mean.get_xdata().tolist() == expected.index.tolist()
    assert mean.get_ydata().tolist() == pytest.approx(expected.tolist())


def test_the_dots_of_the_history_are_day_0(saved):
    study, _ = saved
    dots = study.plot_episodes().axes[0].collections[-1].get_offsets()[:, 0]
    assert dots.astype(int).tolist() == study.events["day0"].to_numpy().astype("datetime64[D]").astype(int).tolist()


def test_a_run_that_is_read_back_draws_and_shows_the_same(saved):
    study, folder = saved
    recorded = load_run("rotation", workspace=folder)
    assert recorded._repr_html_() == study._repr_html_()
    for name in ("plot_outcomes", "plot_path", "plot_episodes"):
        assert png_of(getattr(recorded, name)()) == png_of(getattr(study, name)())


def test_a_notebook_shows_verdict_table_and_picture(saved):
    study, _ = saved
    shown = study._repr_html_()
    text = html.unescape(shown)
    assert text.index("Simulated data") < text.index(study.verdict) < text.index("<table") < text.index("<img")
    content = base64.b64decode(re.search(r"data:image/png;base64,([^\"]*)", shown)[1])
    assert Image.open(io.BytesIO(content)).size == (1200, 675)
    assert "<td>1y</td>" in shown


def test_a_notebook_shows_the_rest_without_matplotlib(saved, monkeypatch):
    study, _ = saved
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    shown = study._repr_html_()
    assert "<img" not in shown
    assert "pip install 'episode-backtest[export]'" in html.unescape(shown)
    assert html.escape(study.verdict) in shown


def test_what_stands_beside_the_verdict_and_a_leak_are_shown_as_text(tmp_path):
    from backtest.study.recorded import RecordedRun

    run, columns = small_run()
    run["title"] = "<script>x</script>"
    run["horizons"][0]["remarks"] = {"counting": "Only <b>2</b> windows."}
    run["lookahead"] = {"text": "detector looks <i>ahead</i>"}
    shown = RecordedRun(written(tmp_path, run, columns))._repr_html_()
    assert "<li>Only &lt;b&gt;2&lt;/b&gt; windows.</li>" in shown
    assert "LOOK-AHEAD: detector looks &lt;i&gt;ahead&lt;/i&gt;" in shown
    assert "<script>" not in shown
    assert "Simulated" not in shown
