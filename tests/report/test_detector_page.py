"""The page of a detector: where things stand in its picture, and that nothing of a docstring becomes markup."""

from __future__ import annotations

import re

import pytest

from backtest.report.pages.detector.figures import picture
from backtest.report.pages.detector.page import detector_index_page, detector_page

from .html_tree import parse
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


def test_the_picture_in_shares_of_its_width_and_height():
    drawn = picture(stretch())
    # four sessions of 25% each; 0 to 4 within a margin of 8%, so a point is 21% and 4 is at 8%
    assert drawn.line == "M12.5 92 L37.5 71 M87.5 8"
    assert drawn.flagged == [(50.0, 100.0)]
    assert drawn.pattern == (25.0, 50.0)
    assert drawn.threshold == 50.0
    assert [(label.at, label.text) for label in drawn.days] == [
        (12.5, "2000-01-03"), (62.5, "2000-01-05"), (87.5, "2000-01-06"),
    ]  # fmt: skip
    assert [(label.at, label.text) for label in drawn.levels] == [(8.0, "4.00"), (92.0, "0.00"), (50.0, "2.00")]
    assert drawn.said == (
        "rise, points from 2000-01-03 to 2000-01-06, on simulated data: 2 sessions flagged, triggered on 2000-01-05. "
        "The threshold is 2.00."
    )


def test_a_picture_without_an_indicator_or_of_a_constant_one():
    bare = picture(stretch(indicator=None, threshold=None, name="", unit=""))
    assert (bare.line, bare.levels, bare.threshold) == ("", [], None)
    flat = picture(stretch(indicator=[1.0] * 4, threshold=None))
    assert flat.line == "M12.5 50 L37.5 50 L62.5 50 L87.5 50"
    missing = picture(stretch(indicator=[None] * 4))
    assert (missing.line, missing.levels) == ("", [])


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
    assert 'class="line"' in document
