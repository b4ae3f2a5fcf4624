"""The page of judged claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backtest.report.pages.claims.figures import claims_figures
from backtest.report.render import render

STYLES = ("kit/colours", "kit/base", "kit/tables", "pages/claims/page", "kit/print")


def claims_page(payload: Mapping[str, Any]) -> str:
    """Draw the page of judged claims, with the figures behind each verdict."""
    return render("pages/claims/page.html.j2", (), None, STYLES, f=claims_figures(payload))
