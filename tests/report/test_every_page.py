"""Every kind of page in Chromium: wide, narrow, in the dark, on paper, under a pointer and without scripts."""

from __future__ import annotations

import pytest

from ..browser import browser
from ..page_visit import visit
from .every_page import COMMANDS, make
from .test_in_browser import needs_browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("every_page")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return make(folder)


@needs_browser
@pytest.mark.parametrize("name", COMMANDS)
def test_a_page_is_whole_wherever_it_is_seen(pages, name):
    assert visit(browser(), pages[name]) == []


BAD = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>Bad</title>
<style>body {{ margin: 0; background: white }} .scroll {{ overflow-x: auto; height: 3rem; overflow-y: auto }}
.bar {{ width: 5rem; height: 1rem }} {style}</style><body><p>Words</p>{body}</body></html>"""

WIDE = '<div class="scroll" tabindex="0" aria-label="t"><div style="width: 90rem">wide</div></div>'
LONG = '<div class="scroll" tabindex="0" aria-label="t"><div style="height: 90rem">long</div></div>'
CHART = '<div class="plot-box" id="c"><div>{}</div></div>'
SVG = '<svg width="50" height="50"><path d="M0 0H9"/></svg>'


@needs_browser
@pytest.mark.parametrize(
    ("style", "body", "fault"),
    [
        ("", '<script>console.error("ouch")</script>', "console: "),
        ("", '<img alt="" src="https://example.invalid/x.png">', "asks for https://example.invalid/x.png"),
        ("", WIDE, "at 1280: columns cut, 1440 of 1280 pixels: t"),
        ("", WIDE, "at 400: scrolls without a cue: t"),
        ("", WIDE.replace(' tabindex="0"', ""), "at 400: scrolls, but no key reaches it: t"),
        (
            "",
            '<div style="width: 30rem" id="wide">x</div>',
            "at 400: the page scrolls sideways, 480 of 400 pixels: wide",
        ),
        ("", LONG, "on paper: rows cut on paper: t"),
        ("", CHART.format(""), "without scripts: no picture in chart: c"),
        ("", CHART.format(SVG).replace("id=", "data-hover='c' id="), "under a pointer: nothing is told by c"),
        ("p { color: #999 }", "", "at 1280: contrast 2.85: Words"),
        ("", "", "in the dark: light in the dark: "),
        ("@media print { body { background: black } }", "", "on paper: dark on paper: "),
        ("p { display: block }", "<p hidden>x</p>", "at 1280: hidden, but seen: "),
    ],
)
def test_a_visit_finds_what_is_wrong(tmp_path, style, body, fault):
    page = tmp_path / "bad.html"
    page.write_text(BAD.format(style=style, body=body), encoding="utf-8")
    assert any(one.startswith(fault) for one in visit(browser(), page)), visit(browser(), page)
