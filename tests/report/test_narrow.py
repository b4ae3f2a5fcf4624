"""Pages on a telephone, 400 pixels wide: what is seen without scrolling, and what stays where a table scrolls."""

from __future__ import annotations

import html
import json
import re

import pytest

from backtest.report.kit.unbroken import unbroken
from backtest.report.pages.compare.page import compare_page

from .html_tree import parse
from .payloads import comparison
from .test_in_browser import needs_browser, opened
from .test_index_page import home
from .test_safety import RUN

FRAME = """<!doctype html><body style="margin:0"><iframe style="border:0;width:{width}px;height:900px" srcdoc="{page}">
</iframe><p id="told"></p><script>
document.querySelector("iframe").addEventListener("load", ({{ target }}) => {{
  const inside = target.contentDocument;
  const box = (one) => {{ const {{ left, right }} = one.getBoundingClientRect(); return [left, right]; }};
  const table = [...inside.querySelectorAll("table")].find((one) => one.caption.textContent.startsWith("Results"));
  const told = {{
    heads: [...table.tHead.rows[0].cells].map((cell) => [cell.firstChild.textContent.trim(), ...box(cell)]),
    caption: box(table.caption), table: box(table),
  }};
  table.parentElement.scrollLeft = 150;
  told.scrolled = {{ caption: box(table.caption), study: box(table.tBodies[0].rows[1].cells[0]) }};
  document.getElementById("told").textContent = JSON.stringify(told);
}});
</script>"""


def long_names():
    """A comparison of studies with names of two words."""
    payload = comparison()
    payload["studies"][0]["label"], payload["studies"][1]["label"] = "surprise_cut", "tech_rotation"
    for study in payload["studies"]:
        study["dataset"] = {"name": "own", "title": "Own", "synthetic": False}
    payload["synthetic"] = False
    return payload


@pytest.fixture(scope="module")
def seen(tmp_path_factory):
    page = html.escape(compare_page(long_names()), quote=True)
    document, _ = opened(tmp_path_factory.mktemp("narrow"), FRAME.format(width=400, page=page))
    told = re.search(r'<p id="told">(.*?)</p>', document, re.DOTALL)
    assert told is not None
    return json.loads(html.unescape(told[1]))


@needs_browser
def test_excess_and_p_are_seen_without_scrolling(seen):
    right = {name: right for name, _, right in seen["heads"]}
    assert right["Excess"] < 400
    assert right["p"] <= 400
    assert right["Benchmark"] > 400  # the rest is there, to be scrolled to


@needs_browser
def test_caption_and_names_stay_where_the_table_scrolls(seen):
    left, right = seen["caption"]
    assert seen["table"][1] > 400
    assert right <= 400
    assert seen["scrolled"]["caption"] == pytest.approx([left, right], abs=1)
    assert seen["scrolled"]["study"][0] == pytest.approx(left, abs=1)


def test_a_name_breaks_after_an_underscore_and_a_date_nowhere():
    assert unbroken("a_b <i>") == "a_<wbr>b &lt;i&gt;"
    assert unbroken("2020-04-28 (to 2020-04-29)") == (
        '<span class="whole">2020-04-28</span> (to <span class="whole">2020-04-29</span>)'
    )


def test_runs_of_one_title_are_told_apart_by_what_is_set():
    runs = [
        {**RUN, "run_id": f"r{n}", "strategy": strategy, "parameters": {"detector.sessions": n, "trade.hold": 5}}
        for n, strategy in ((3, "streak5"), (4, "streak5"), (4, "rotation"))
    ]
    first, second, other = parse(home(*runs)).rows[1:]
    assert "sessions = 3" in first[0]
    assert "sessions = 4" in second[0]
    assert "hold" not in first[0] + second[0]  # alike in all runs of the strategy
    assert "sessions =" not in other[0]
