"""The page of judged claims."""

from __future__ import annotations

from backtest.report.pages.claims.figures import claims_figures
from backtest.report.render import render
from backtest.untyped import Json

STYLES = ("kit/colours", "kit/base", "kit/tables", "pages/claims/page", "kit/print")


def claims_page(payload: Json) -> str:
    """Draw the page of judged claims, with the figures behind each verdict."""
    return render("pages/claims/page.html.j2", (), None, STYLES, f=claims_figures(payload))
