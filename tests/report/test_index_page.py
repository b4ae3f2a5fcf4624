from __future__ import annotations

import pytest

from backtest.report.pages.index.page import index_page

from .html_tree import parse
from .records import RUN


@pytest.mark.parametrize(("day0", "mark"), [("start", True), ("end", True), ("trigger", False)])
def test_a_day_0_on_which_nobody_knew_the_event_is_marked(day0, mark):
    text = parse(index_page([{**RUN, "parameters": {**RUN["parameters"], "episodes.day0": day0}}])).text
    assert (f"DAY 0 IS THE {day0.upper()}" in text) is mark


def test_a_run_without_its_parameters_is_listed():
    run = {key: value for key, value in RUN.items() if key != "parameters"}
    assert "DAY 0" not in parse(index_page([run])).text
