"""What a reader chooses on the page of a search: the script shows what Python draws when that is asked for first."""

from __future__ import annotations

import re

import pytest

from backtest.report.pages.tune.page import tune_page

from .html_tree import parse, part
from .payloads import tuning
from .test_in_browser import needs_browser, opened

CHOOSE = """
for (const [name, value] of CHOICES) {
  const one = document.querySelector(name);
  one.value = value;
  one.dispatchEvent(new Event("change", { bubbles: true }));
}
"""


def chosen(tmp_path, html, *choices):
    """The page after its reader has chosen, in this order; its policy is taken out for the script that chooses."""
    html = re.sub(r"<meta http-equiv[^>]*>", "", html)
    before, _, after = html.rpartition("</body>")
    script = CHOOSE.replace("CHOICES", str([list(map(str, choice)) for choice in choices]))
    document, console = opened(tmp_path, f"{before}<script>{script}</script></body>{after}")
    assert console == []
    return document


def heat(html):
    found, ramp = parse(part(html, "table", "grid-of-sets")), parse(part(html, "p", "ramp"))
    caption = part(html, "span", "grid-caption")
    return found.rows, [attributes for _, attributes in found.tags], caption, ramp.text, ramp.tags


def seen(html):
    views = [attributes for tag, attributes in parse(html).tags if attributes.get("class") == "view"]
    return [(one["data-horizon"], one.get("data-figure")) for one in views if "hidden" not in one]


def odd():
    """Three parameters; no two horizons are alike, and a star, a loss, a gap and a missing set are among them."""
    payload = tuning(3, 4)
    payload["grid"]["trade.hold"] = [5, 21]
    for one in payload["sets"]:
        one["parameters"]["trade.hold"] = 21 if one["set"] % 3 else 5
        one["horizons"][0]["excess"] = (one["set"] - 5.5) / 777
    payload["sets"][6]["horizons"][0].update(excess=None, p_adjusted=None)
    payload["sets"][1]["horizons"][1].update(excess=-0.0123, p_adjusted=0.05)
    payload["sets"][4]["horizons"][1]["excess"] = 0.00045
    payload["best"] = 11
    del payload["sets"][0]
    payload["order"].remove(1)
    return payload


@needs_browser
@pytest.mark.parametrize("payload", [tuning(), odd(), tuning(2, 15), tuning(10, 12), tuning(11, 11)])
def test_the_script_fills_the_heat_map_as_python_does(tmp_path, payload):
    html = tune_page(payload)
    assert heat(chosen(tmp_path, html)) == heat(html)


@needs_browser
def test_another_horizon_is_shown_as_if_it_had_been_tuned_for(tmp_path):
    document = chosen(tmp_path, tune_page(odd()), ("#choose-horizon", 5))
    assert heat(document) == heat(tune_page({**odd(), "horizon": 5}))
    assert seen(document) == [("5", None)]


@needs_browser
def test_the_parameters_change_places_as_if_they_were_named_in_another_order(tmp_path):
    payload = odd()
    keys = list(payload["grid"])
    turned = {**payload, "grid": {key: payload["grid"][key] for key in (keys[2], keys[0], keys[1])}}
    document = chosen(tmp_path, tune_page(payload), ("#choose-down", 2), ("#choose-across", 0))
    assert heat(document) == heat(tune_page(turned))
    both = chosen(tmp_path, tune_page(payload), ("#choose-down", 1))  # across gives way
    assert parse(part(both, "table", "grid-of-sets")).rows[0] == ["detector.threshold", "3", "4", "5"]


@needs_browser
def test_another_figure_and_another_value_of_the_third_parameter(tmp_path):
    html = tune_page(odd())
    document = chosen(tmp_path, html, ("#choose-figure", "p_adjusted"), ("[data-key='2']", 0))
    found = parse(part(document, "table", "grid-of-sets"))
    # Each third set is held 5 sessions: sets 3, 6, 9 and 12, whose adjusted p is one over their number.
    assert found.rows[1:] == [["3", "", "", "0.333", ""], ["4", "", "0.167", "", ""], ["5", "0.111", "", "", "0.083"]]
    shades = [attributes["style"] for tag, attributes in found.tags if tag == "td" and "style" in attributes]
    # The less p, the more colour: half of it at 0.
    assert shades == ["--share: 33%", "--share: 42%", "--share: 44%", "--share: 46%"]
    assert "p, adjusted for all looks" in found.text
    assert "trade.hold = 5." in found.text
    assert parse(part(document, "p", "ramp")).text == "<0.0011.000"


@needs_browser
@pytest.mark.parametrize(("figure", "horizon"), [("hit_rate", 21), ("n", 5)])
def test_of_one_parameter_the_chosen_chart_is_shown(tmp_path, figure, horizon):
    payload = tuning(4, 1)
    del payload["grid"]["detector.threshold"]
    document = chosen(tmp_path, tune_page(payload), ("#choose-figure", figure), ("#choose-horizon", horizon))
    assert seen(document) == [(str(horizon), figure), (str(horizon), None)]
