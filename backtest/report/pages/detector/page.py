"""The page of one detector, and the list of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backtest.report.pages.detector.figures import picture
from backtest.report.render import STYLES, render

PLAIN = ("kit/colours", "kit/base", "kit/tables", "pages/detector/page", "kit/print")
"""The list has no picture."""


def detector_page(payload: Mapping[str, Any], indexed: bool) -> str:
    """Draw the page of one detector; `indexed`: whether there is a list of all detectors beside it."""
    drawn = None if payload["picture"] is None else picture(payload["picture"])
    return render(
        "pages/detector/page.html.j2", (), None, (*STYLES, "pages/detector/page"), f=payload, p=drawn, indexed=indexed
    )


def detector_index_page(rows: Sequence[Mapping[str, Any]]) -> str:
    """Draw the list of detectors, each with a link to its page, or with the reason why it has none."""
    return render("pages/detector/list.html.j2", (), None, PLAIN, rows=rows)
