"""The page that puts studies side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backtest.report.pages.compare.figures import compare_figures
from backtest.report.render import render


def compare_page(payload: Mapping[str, Any]) -> str:
    """Draw the page that puts 2 to 20 studies side by side."""
    figures = compare_figures(payload)
    return render("pages/compare/page.html.j2", ("kit/excess", "pages/compare/page"), figures.charts, f=figures)
