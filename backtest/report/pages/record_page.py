"""The page of a record, whatever kind of study it is of."""

from __future__ import annotations

from backtest.model import Record
from backtest.model.record import is_panel


def record_page(record: Record) -> str:
    """Draw the page of a recorded run: of a study of single series, or of one on a panel.

    Parameters
    ----------
    record : Record
        As `backtest.record.read.read_run` returns it; nothing else is read.

    Returns
    -------
    str
        A whole HTML document.
    """
    if is_panel(record.run):
        from backtest.report.pages.panel.page import panel_page

        return panel_page(record)
    from backtest.report.pages.run.page import run_page

    return run_page(record)
