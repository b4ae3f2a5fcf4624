"""The report of one recorded run."""

from __future__ import annotations

from backtest.model import Record
from backtest.report.pages.run.figures import run_figures
from backtest.report.render import render

SCRIPTS = tuple(
    f"pages/run/{name}"
    for name in ("band", "path", "history", "strips", "outcomes", "rules", "firm", "expected", "equity")
)
OF_SEVERAL = ("kit/excess", "pages/run/assets")
"""What the page of several assets needs, too."""


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
    scripts = (*SCRIPTS, *(OF_SEVERAL if len(figures.assets) > 1 else ()), "pages/run/page")
    return render("pages/run/page.html.j2", scripts, figures.charts, f=figures)
