"""The report of one recorded run."""

from __future__ import annotations

from backtest.model import Record
from backtest.report.pages.run.figures import run_figures
from backtest.report.render import render

SCRIPTS = ("kit/dom", "kit/words", "kit/hover", "pages/run/choices")


def run_page(record: Record) -> str:
    """Draw the page of one recorded run.

    Parameters
    ----------
    record : Record
        As `backtest.record.read.read_run` returns it; nothing else is read.

    Returns
    -------
    str
        A whole HTML document.
    """
    figures = run_figures(record)
    return render("pages/run/page.html.j2", SCRIPTS, figures.charts, f=figures)
