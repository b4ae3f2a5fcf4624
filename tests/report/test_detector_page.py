"""The page of a detector: where things stand in its picture, and that nothing of a docstring becomes markup."""

from __future__ import annotations

import re

import pytest

from backtest.report.pages.detector.figures import picture
from backtest.report.pages.detector.page import detector_index_page, detector_page

from .html_tree import parse
from .plots import read
from .test_in_browser import needs_browser, opened

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


def stretch(**changes):
    return {
        "dataset": "Simulated", "synthetic": True, "n_episodes": 1, "values": {"sessions": 2},
        "sessions": ["2000-01-03", "2000-01-04", "2000-01-05", "2000-01-06"],
        "met": [False, False, True, True], "known": [True] * 4, "start": 1, "trigger": 2, "end": 3,
        "indicator": [0.0, 1.0, None, 4.0], "name": "rise", "unit": "points", "threshold": 2.0, "side": "above",
        **changes,
    }  # fmt: skip


def payload(text="words", **changes):
    block = {"kind": "text", "text": text, "spans": [("plain", text), ("code", text), ("italic", text)]}
    literal = {"kind": "literal", "text": f"{text}\n\n  indented", "spans": []}
    return {
        "name": text, "summary": [("plain", text)], "description": [block, {**block, "kind": "item"}],
        "arguments": [
            {"name": text, "kind": text, "allowed": text, "required": False, "default": text, "text": block["spans"]},
            {"name": "free", "kind": "text", "allowed": "", "required": True, "default": "", "text": []},
        ],
        "returns": [], "notes": [], "examples": [literal], "references": [block["spans"]],
        "picture": stretch(name=text, values={text: text}), "reason": "", "version": "0.1", **changes,
    }  # fmt: skip


def drawn(**changes):
    found = picture(stretch(**changes))
    return found, read(str(found.drawn.svg))


def test_the_picture_in_shares_of_its_width_and_height():
    found, chart = drawn()
    # four sessions of 25% each; 0 to 4 within a margin of 8%, so a point is 21% and 4 is at 92% of the height
    first, second = chart.path("line asset thick")
    assert first == [pytest.approx(at, abs=1e-3) for at in ((0.125, 0.08), (0.375, 0.29))]
    assert second[0] == pytest.approx((0.875, 0.92), abs=1e-3)
    assert {x for x, _ in chart.path("fill flagged")[0]} == {0.5, 1.0}
    assert {x for x, _ in chart.path("fill pattern")[0]} == {0.25, 0.5}
    assert [left for kind, _, _, left, _ in chart.lines if kind == "threshold"] == [pytest.approx(0.5)]
    assert [(x, text) for kind, x, _, text in chart.texts if kind.split()[0] == "x"] == [
        (0.125, "2000-01-03"), (0.625, "2000-01-05"), (0.875, "2000-01-06"),
    ]  # fmt: skip
    assert [(y, text) for kind, _, y, text in chart.texts if kind == "y"] == [
        (pytest.approx(0.92), "4.00"), (pytest.approx(0.08), "0.00"), (pytest.approx(0.5), "2.00"),
    ]  # fmt: skip
    assert chart.label == (
        "rise, points from 2000-01-03 to 2000-01-06, on simulated data: 2 sessions flagged, triggered on 2000-01-05. "
        "The threshold is 2.00."
    )
    assert [title for _, _, _, title in chart.circles] == [
        "2000-01-03: 0.00", "2000-01-04: 1.00", "2000-01-06: 4.00, flagged",
    ]  # fmt: skip
    assert chart.texts[-1][-1] == "SIMULATED DATA"
    assert (found.line, found.threshold, found.pattern) == (True, True, True)


def test_a_label_gives_way_to_the_thresholds():
    _, chart = drawn(threshold=3.7)
    assert chart.labels("y") == ["0.00", "3.70"]


def test_a_picture_without_an_indicator_or_of_a_constant_one():
    bare, chart = drawn(indicator=None, threshold=None, name="", unit="", start=2, synthetic=False)
    assert (bare.line, bare.threshold, bare.pattern) == (False, False, False)
    assert chart.labels("y") == chart.labels("stamp") == []
    _, chart = drawn(indicator=[1.0] * 4, threshold=None)
    assert {y for _, y in chart.path("line asset thick")[0]} == {0.5}
    missing, chart = drawn(indicator=[None] * 4)
    assert (missing.line, missing.threshold, chart.labels("y")) == (False, False, [])


def test_the_page_shows_what_was_said():
    page = parse(detector_page(payload(), indexed=True))
    assert page.headings == ["words", "What it flags", "Parameters", "Example", "References"]
    assert page.rows[1:] == [["words", "words words", "words", "words words words"], ["free", "text", "required", ""]]
    assert "SIMULATED" in page.text
    assert "words\n\n  indented" in page.text
    assert ("a", {"href": "./index.html"}) in page.tags
    assert not [tag for tag, _ in page.tags if tag == "script"]


def test_a_page_without_a_picture_says_why():
    page = parse(detector_page(payload(picture=None, reason="No picture: because."), indexed=False))
    assert "No picture: because." in page.text
    assert "SIMULATED" not in page.text
    assert not [tag for tag, _ in page.tags if tag in ("svg", "a")]


def test_nothing_of_a_docstring_becomes_markup():
    for html in (
        detector_page(payload(HOSTILE), indexed=True),
        detector_index_page([{"name": HOSTILE, "summary": [("code", HOSTILE)], "reason": None}]),
        detector_index_page([{"name": HOSTILE, "summary": [], "reason": HOSTILE}]),
    ):
        page = parse(html)
        assert not {"script", "img"} & {tag for tag, _ in page.tags}
        assert not [key for _, attributes in page.tags for key in attributes if key.startswith("on")]
        assert not re.findall(r"https?://", html)


@needs_browser
@pytest.mark.parametrize("text", ["words", HOSTILE])
def test_the_page_opens_without_a_word_in_the_console(tmp_path, text):
    document, console = opened(tmp_path, detector_page(payload(text), indexed=False))
    assert console == []
    assert 'class="line asset thick"' in document
