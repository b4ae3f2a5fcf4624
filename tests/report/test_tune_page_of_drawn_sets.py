"""The page of a search whose sets were drawn: values in groups; what it counts; a command that no line breaks."""

from __future__ import annotations

import shlex
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.model.value_groups import groups_of
from backtest.report.kit.settings_apart import settings_apart
from backtest.report.pages.tune.heat import median
from backtest.report.pages.tune.page import tune_page

from .html_tree import parse, part
from .payloads import tuning
from .test_in_browser import needs_browser
from .test_tune_page_in_browser import chosen, heat


def drawn():
    """Sixteen sets with a threshold each, in pairs of neighbours; every third has 4 sessions, the others 3."""
    payload = tuning(1, 16)
    payload["grid"] = {
        "detector.threshold": [k / 1000 for k in range(1, 17)],
        "detector.sessions": [3, 4, 5],
    }
    for k, one in enumerate(payload["sets"], start=1):
        one["parameters"] = {"detector.threshold": k / 1000, "detector.sessions": 3 if k % 3 else 4}
    payload["sampling"] = {"how": "random", "seed": 0, "of": None, "space": {}}
    return payload


def test_values_of_drawn_sets_are_grouped_and_a_cell_is_the_median_of_its_sets():
    payload = drawn()
    payload["sets"][13]["horizons"][1].update(excess=None)
    html = tune_page(payload)
    found = parse(part(html, "table", "grid-of-sets"))
    assert found.rows == [
        ["detector.threshold", "3", "4", "5"],
        ["0.001 to 0.002", "+0.15", "", ""],  # 0.1 and 0.2 points
        ["0.003 to 0.004", "+0.40", "+0.30", ""],
        ["0.005 to 0.006", "+0.50", "+0.60", ""],
        ["0.007 to 0.008", "+0.75", "", ""],
        ["0.009 to 0.01", "+1.00", "+0.90", ""],
        ["0.011 to 0.012", "+1.10", "+1.20", ""],
        ["0.013 to 0.014", "+1.30", "", ""],  # the other has none
        ["0.015 to 0.016", "+1.60", "+1.50", ""],
    ]
    titles = [attributes.get("title") for tag, attributes in found.tags if tag == "td"]
    assert titles[0] == "0.001 to 0.002, 3: +0.15 pp; median of 2 sets"
    assert titles[-3] == "0.015 to 0.016, 3: +1.60 pp; median of 1 set, the best"
    assert "; each cell the median of its sets." in part(html, "span", "grid-caption")
    text = " ".join(parse(html).text.split())
    assert (
        "Few drawn sets share a value, so values that follow one another are grouped. The outlined cell holds" in text
    )


def test_a_star_is_that_of_any_set_in_the_cell():
    payload = drawn()
    payload["sets"][1]["horizons"][1]["p_adjusted"] = 0.04
    assert parse(part(tune_page(payload), "table", "grid-of-sets")).rows[1] == ["0.001 to 0.002", "+0.15 *", "", ""]


@pytest.mark.parametrize("change", [{"sampling": {"how": "grid"}}, {"grid": {"detector.sessions": [3, 4], "x": [1]}}])
def test_a_grid_and_few_values_are_shown_as_they_are(change):
    assert "median" not in part(tune_page({**drawn(), **change}), "span", "grid-caption")


@needs_browser
def test_the_script_groups_as_python_does(tmp_path):
    payload = drawn()
    payload["sets"][6]["horizons"][1]["excess"] = -0.0123
    html = tune_page(payload)
    assert heat(chosen(tmp_path, html)) == heat(html)
    keys = list(payload["grid"])
    turned = {**payload, "grid": {key: payload["grid"][key] for key in reversed(keys)}}
    assert heat(chosen(tmp_path, html, ("#choose-down", 1))) == heat(tune_page(turned))


@given(st.lists(st.integers(-1000, 1000) | st.none(), max_size=9))
def test_the_median_is_that_of_the_statistics_module(values):
    known = [value for value in values if value is not None]
    found = median(values)
    assert (found is None) == (not known)
    assert not known or 0 <= found - statistics.median(known) <= 0.5  # halves are rounded up


@given(st.lists(st.floats(0, 1), unique=True, max_size=60).map(sorted))
def test_groups_hold_every_value_once_and_differ_by_one_at_most(values):
    groups = groups_of(values)
    assert [value for group in groups for value in group] == values
    sizes = {len(group) for group in groups}
    assert not sizes or max(sizes) - min(sizes) <= 1
    assert len(groups) == (8 if len(values) > 12 else len(values))


def test_the_page_says_how_many_sets_differ_and_what_the_looks_are_worth():
    payload = {**tuning(), "event_sets": 4, "effective_looks": 2.6}
    text = " ".join(parse(tune_page(payload)).text.split())
    assert "6 parameter sets with 4 different sets of events, 12 looks worth 3 independent ones." in text


@given(st.lists(st.tuples(st.text("abc.", min_size=1), st.text("a '[]\"$\\é", min_size=0)), max_size=5))
def test_a_command_is_parted_before_its_options_alone(settings):
    words = ["backtest", "run", "a b", "--dataset", "x"]
    command = shlex.join([*words, *(part for key, value in settings for part in ("--set", f"{key}={value}"))])
    parts = settings_apart(command)
    assert " ".join(parts) == command
    assert parts[:2] == ["backtest run 'a b'", "--dataset x"]
    assert [shlex.split(one) for one in parts[2:]] == [["--set", f"{key}={value}"] for key, value in settings]
