"""Large records: what their charts keep, and how long a browser takes."""

from __future__ import annotations

import time

import pytest

from backtest.report.pages.run.page import run_page

from .large import large_run
from .plots import chart
from .records import written
from .test_in_browser import drawn, needs_browser, opened


def test_opposite_spikes_of_neighbouring_sessions_are_both_drawn_to_their_full_height(tmp_path):
    run, columns = large_run(9_000, 3, [21])
    columns["history"]["indicator"][4_567:4_569] = [200.0, 50.0]
    found = chart(run_page(written(tmp_path, run, columns)), "indicator")
    heights = [y for part in found.path("line observed thin") for _, y in part]
    # From 50 to 200 on an axis that reaches a twentieth further on either side.
    assert (min(heights), max(heights)) == pytest.approx((7.5 / 165, 157.5 / 165), abs=2e-3)


@needs_browser
def test_a_page_as_large_as_they_come_is_drawn_within_seconds(tmp_path):
    html = run_page(written(tmp_path, *large_run(25_000, 20_000, list(range(1, 17)), (-2520, 2520))))
    begun = time.perf_counter()
    document, console = opened(tmp_path, html)
    assert time.perf_counter() - begun < 30  # about 3 s here, the browser's own start included
    assert console == []
    assert drawn(document)[0] == "chart-account"
