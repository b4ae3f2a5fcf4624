"""The page that puts studies side by side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backtest.report.pages.compare.figures import compare_figures
from backtest.report.render import STYLES, render


def compare_page(payload: Mapping[str, Any]) -> str:
    """Draw the page that puts 2 to 20 studies side by side; it is complete without scripts."""
    styles = (*STYLES, "pages/compare/page")
    return render("pages/compare/page.html.j2", (), None, styles, f=compare_figures(payload))
