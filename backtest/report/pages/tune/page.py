"""The page of a tuned grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backtest.report.pages.tune.figures import tune_figures
from backtest.report.render import STYLES, render

SCRIPTS = ("kit/dom", "kit/words", "kit/tables", "pages/tune/page")


def tune_page(payload: Mapping[str, Any]) -> str:
    """Draw the page of a tuned grid; with scripts, a reader chooses horizon, figure and parameters."""
    figures = tune_figures(payload)
    styles = (*STYLES, "pages/tune/page")
    return render("pages/tune/page.html.j2", SCRIPTS, figures.charts, styles, f=figures)
