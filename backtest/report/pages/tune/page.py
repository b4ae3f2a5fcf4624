"""The page of a tuned grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backtest.report.pages.tune.figures import tune_figures
from backtest.report.render import render


def tune_page(payload: Mapping[str, Any]) -> str:
    """Draw the page of a tuned grid."""
    figures = tune_figures(payload)
    return render("pages/tune/page.html.j2", ("pages/tune/grid", "pages/tune/page"), figures.charts, f=figures)
