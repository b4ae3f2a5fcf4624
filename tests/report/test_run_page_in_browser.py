"""The page of a run as a browser shows it: on a telephone, under a pointer, in the dark, on paper."""

from __future__ import annotations

import html as text_of
import json
import re

import pytest

from backtest.report.pages.run.page import run_page

from .firm_record import with_robustness
from .large import large_run, with_large_robustness
from .records import small_run, written
from .test_beside_the_events import full_run
from .test_expectations_page import with_expectations
from .test_in_browser import measured, needs_browser, opened
from .test_several_assets_page import page_of

FRAME = """<!doctype html><body style="margin:0"><iframe style="border:0;width:{width}px;height:900px" srcdoc="{page}">
</iframe><p id="told"></p><script>
document.querySelector("iframe").addEventListener("load", ({{ target }}) => {{
  const inside = target.contentDocument;
  const {{ scrollWidth, clientWidth }} = inside.documentElement;
  const box = (one) => {{ const {{ left, right, top }} = one.getBoundingClientRect(); return [left, right, top]; }};
  const told = {{
    width: [scrollWidth, clientWidth],
    figures: [...inside.querySelectorAll(".figures dt")].map((dt) => [dt.textContent, ...box(dt.nextElementSibling)]),
    firstTable: box(inside.querySelector(".scroll"))[2],
    cut: [...inside.querySelectorAll(".scroll")].filter((one) => one.scrollWidth > one.clientWidth + 1)
      .map((one) => one.getAttribute("aria-label")),
    texts: [...inside.querySelectorAll("svg.plot text")].filter((one) => one.getBoundingClientRect().width)
      .map((one) => [one.textContent, ...box(one)]),
    hidden: [...inside.querySelectorAll("[hidden]")].filter((one) => one.getBoundingClientRect().width).length,
    lefts: [...inside.querySelectorAll(".aligned .plot")].map((one) => box(one).slice(0, 2)),
  }};
  document.getElementById("told").textContent = JSON.stringify(told);
}});
</script>"""


def pages(folder):
    run, columns = full_run()
    with_robustness(run, columns)
    large, long = large_run(3_000, 60, [1, 5, 10, 21, 63, 126, 252])
    with_large_robustness(large, long, 60)
    return {
        "full": run_page(written(folder / "full", run, columns)),
        "long": run_page(written(folder / "long", large, long)),
        "several": page_of(folder / "several", firm=True),
        "expected": run_page(written(folder / "expected", *with_expectations())),
    }


@pytest.fixture(scope="module")
def drawn_pages(tmp_path_factory):
    return pages(tmp_path_factory.mktemp("pages"))


def seen(folder, page, width):
    document, console = opened(folder, FRAME.format(width=width, page=text_of.escape(page, quote=True)))
    assert console == []
    return json.loads(text_of.unescape(re.search(r'<p id="told">(.*?)</p>', document, re.DOTALL)[1]))


@needs_browser
@pytest.mark.parametrize("name", ["full", "long", "several", "expected"])
def test_on_a_telephone_the_page_does_not_scroll_sideways_and_its_numbers_come_first(tmp_path, drawn_pages, name):
    found = seen(tmp_path, drawn_pages[name], 400)
    assert found["width"][0] <= found["width"][1]
    shown = {label: (left, right, top) for label, left, right, top in found["figures"]}
    word = next(iter(shown))
    for label in (word, "Excess", "p adjusted"):
        left, right, top = shown[label]
        assert 0 <= left < right <= 400
        assert top < found["firstTable"]
    for text, left, right, _ in found["texts"]:
        assert left >= -0.5, text
        assert right <= 400.5, text
    assert found["hidden"] == 0


@needs_browser
@pytest.mark.parametrize("name", ["full", "long", "several", "expected"])
def test_at_1280_no_column_is_cut_and_charts_of_one_axis_line_up(tmp_path, drawn_pages, name):
    found = seen(tmp_path, drawn_pages[name], 1280)
    assert found["cut"] == []
    assert len({tuple(ends) for ends in found["lefts"]}) == 1


@needs_browser
def test_a_pointer_is_told_the_values_and_a_line_stands_in_every_chart_of_the_axis(tmp_path):
    script = """
    const box = document.getElementById("chart-history");
    const { left, width, top } = box.querySelector("svg").getBoundingClientRect();
    const share = 8 / 14; // 9 July, of the 1st to the 15th
    const at = { clientX: left + share * width, clientY: top + 20, bubbles: true };
    box.dispatchEvent(new PointerEvent("pointermove", at));
    const bubble = document.querySelector(".bubble");
    const crosses = [...document.querySelectorAll(".cross")].map((line) => [line.style.left, line.hidden]);
    const text = [...bubble.querySelectorAll("strong, th, td")].map((one) => one.textContent);
    const shown = !bubble.hidden;
    box.dispatchEvent(new PointerEvent("pointerleave"));
    told([text, crosses, shown, bubble.hidden]);
    """
    text, lines, shown, gone = measured(tmp_path, run_page(written(tmp_path, *small_run())), script)
    assert text == ["2024-07-09", "The index", "105"]
    assert [round(float(left.rstrip("%")), 2) for left, _ in lines] == [57.14, 57.14]
    assert [hidden for _, hidden in lines] == [False, False]
    assert (shown, gone) == (True, True)


@needs_browser
def test_the_reader_chooses_the_look_that_is_drawn_and_the_horizon_that_is_tabled(tmp_path):
    script = """
    const titles = () => document.querySelectorAll(".look-chart:not([hidden]) .chart-title");
    const looks = () => [...titles()].map((title) => title.textContent);
    const rows = () => [...document.getElementById("events").tBodies[0].rows].map((row) => row.cells[6].textContent);
    const choose = (id, value) => {
      const choice = document.getElementById(id);
      choice.value = value;
      choice.dispatchEvent(new Event("change"));
    };
    const before = [looks(), rows()];
    choose("choose-look", "1");
    choose("choose-horizon", "5");
    told([before, [looks(), rows(), document.querySelector("[data-horizon-words]").textContent]]);
    """
    before, after = measured(tmp_path, run_page(written(tmp_path, *small_run())), script)
    assert before == [["Spread over 1 session"], ["+1.25 pp", "+9.75 pp", "0.00 pp"]]
    assert after == [["Spread over 5 sessions"], ["−12.50 pp", "–", "–"], "5 sessions"]


def test_without_scripts_every_chart_is_a_picture_and_nothing_of_the_finding_is_hidden(tmp_path):
    html = run_page(written(tmp_path, *full_run()))
    assert "<noscript>" not in html
    body = html.split("<script")[0]
    for name in ("look-0", "legs-0", "spread-0", "history", "indicator", "strip-0"):
        assert f'id="chart-{name}"' in body


@needs_browser
@pytest.mark.parametrize("dark", [False, True])
def test_text_keeps_its_contrast_in_every_cell_of_every_heat_map(tmp_path, dark):
    run, columns = full_run()
    columns["forward_returns"]["spread"] = [0.1, -0.12, -0.1, 0.12, 0.05, 0.03]
    columns["forward_returns"]["status"] = ["complete"] * 6
    html = run_page(written(tmp_path, run, columns))
    if dark:  # Chromium has no switch for it that does not also change what pages see
        html = html.replace("@media screen and (prefers-color-scheme: dark)", "@media screen")
    script = """
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgb = (colour) => {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      return canvas.getImageData(0, 0, 1, 1).data;
    };
    const light = (colour) => {
      const part = [...rgb(colour)].slice(0, 3).map((one) => one / 255)
        .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
      return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
    };
    const cells = document.querySelectorAll(".matrix td[class], .heat td.shade, .heat td.shade small");
    const ratios = [...cells].map((cell) => {
      const ground = getComputedStyle(cell.closest("td")).backgroundColor;
      const [a, b] = [light(getComputedStyle(cell).color), light(ground)].sort((x, y) => y - x);
      return (a + 0.05) / (b + 0.05);
    });
    told([ratios.length, Math.min(...ratios), getComputedStyle(document.body).backgroundColor]);
    """
    n, least, ground = measured(tmp_path, html, script)
    assert n > 8
    assert least >= 4.5
    assert ground == ("rgb(20, 23, 27)" if dark else "rgb(255, 255, 255)")


@needs_browser
def test_on_paper_every_row_of_a_long_table_is_seen_and_nothing_scrolls(tmp_path):
    html = run_page(written(tmp_path, *large_run(3_000, 120, [21])))
    assert html.count("@media print {") == 1
    html = html.replace("@media print {", "@media all {")
    script = """
    const boxes = [...document.querySelectorAll(".scroll.tall")];
    told(boxes.map((box) => {
      const { bottom } = box.getBoundingClientRect();
      const rows = [...box.querySelector("tbody").rows].map((row) => row.getBoundingClientRect());
      return rows.filter((row) => row.height > 0 && row.bottom <= bottom + 1).length;
    }));
    """
    assert measured(tmp_path, html, script) == [120, 120, 120]  # outcomes, dates and trades
