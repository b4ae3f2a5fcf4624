from __future__ import annotations

import pytest

from backtest.report.pages.tune.page import tune_page

from .html_tree import parse
from .payloads import tuning
from .plots import chart


def one_parameter(*values):
    payload = tuning(len(values), 1)
    payload["grid"] = {"measure.asset": list(values)}
    for one, value in zip(payload["sets"], values, strict=True):
        one["parameters"] = {"measure.asset": value}
    return payload


def test_numbers_lie_on_a_line_from_left_to_right():
    payload = one_parameter(3, 4, 5)
    payload["sets"][0]["horizons"][1]["p_adjusted"] = 0.05
    found = chart(tune_page(payload), "grid-21-excess")
    assert found.labels("x") == ["3", "4", "5"]
    # 0 to 0.3 points, and a twentieth of it on either side.
    points = [(1 / 6, 0.115 / 0.33), (1 / 2, 0.215 / 0.33), (5 / 6, 0.315 / 0.33)]
    assert sum(found.path("line asset thick")[0], ()) == pytest.approx(sum(points, ()), abs=2e-3)
    assert [(kind, title) for kind, _, _, title in found.circles] == [
        ("asset", "3: +0.10 pp"), ("asset", "4: +0.20 pp"), ("asset best", "5: +0.30 pp, the best"),
    ]  # fmt: skip
    assert [x for _, x, _, _ in found.circles] == pytest.approx([1 / 6, 1 / 2, 5 / 6], abs=1e-3)
    assert [(x, text) for kind, x, _, text in found.texts if "star" in kind] == [(pytest.approx(1 / 6, abs=1e-3), "*")]


def test_names_lie_in_rows_and_no_line_leads_from_one_to_another():
    payload = one_parameter("SPY", "A name of many letters", "XLF")
    payload["sets"][1]["horizons"][1]["excess"] = None
    found = chart(tune_page(payload), "grid-21-excess")
    assert found.labels("y") == ["SPY", "A name of man…", "XLF"]
    assert found.paths == []
    assert [(x, y) for _, x, y, _ in found.circles] == [
        (pytest.approx(0.115 / 0.33, abs=1e-3), pytest.approx(5 / 6, abs=1e-3)),
        (pytest.approx(0.315 / 0.33, abs=1e-3), pytest.approx(1 / 6, abs=1e-3)),
    ]
    assert chart(tune_page(one_parameter(True, False)), "grid-21-excess").paths == []


def test_each_figure_of_one_parameter_has_a_chart_and_one_is_seen():
    html = tune_page(one_parameter(3, 4, 5))
    views = [attributes for tag, attributes in parse(html).tags if attributes.get("class") == "view"]
    seen = [(one["data-horizon"], one.get("data-figure")) for one in views if "hidden" not in one]
    assert seen == [("21", "excess"), ("21", None)]
    assert len(views) == 2 * 7 + 2
    assert chart(html, "grid-5-hit_rate").circles[0][3] == "3: 60%"
    assert chart(html, "grid-5-p_adjusted").circles[1][3] == "5: 0.333, the best"  # of the second there is none
    assert chart(html, "grid-5-n").labels("y") == ["1", "2", "3"]


def test_figures_of_many_values_of_one_parameter_are_left_out_and_named():
    text = " ".join(parse(tune_page(one_parameter(*range(1_500)))).text.split())
    assert "Figures left out of the charts for want of room: p, adjusted for all looks; p, this set alone;" in text
    assert "Horizons left out" not in text
