"""The report of a recorded study on a panel."""

from __future__ import annotations

from backtest.model import Record
from backtest.report.pages.panel.panel_figures import panel_figures
from backtest.report.render import STYLES, render

SCRIPTS = ("kit/dom", "kit/words", "kit/hover", "pages/panel/pointer")


def panel_page(record: Record) -> str:
    """Draw the page of one recorded study on a panel.

    Parameters
    ----------
    record : Record
        As `backtest.record.read.read_run` returns it; nothing else is read.

    Returns
    -------
    str
        A whole HTML document.
    """
    figures = panel_figures(record)
    return render(
        "pages/panel/page.html.j2", SCRIPTS, {"hover": figures.hover}, (*STYLES, "pages/panel/page"), f=figures
    )
