"""Notes on looks at a panel that stand out where simulated panels were rejected too often."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from backtest import Dataset, panel_of_frame, study_panel
from backtest.model.panel import BulkFinding
from backtest.panel.panel_horizons import PanelHorizons
from backtest.panel.panel_notes import notes_on_assets, notes_on_panel
from backtest.panel.panel_tables import findings_table
from backtest.record.read import read_run
from backtest.report.pages.panel.page import panel_page

SESSIONS, ASSETS = 300, 8


def notes_after(gain: float, dates: int, benchmark: str | None) -> dict[str, str]:
    """Simulate assets that gain so much on each of five sessions after their events, one event a date."""
    rng = np.random.default_rng(3)
    days = pd.bdate_range("2001-01-01", periods=SESSIONS)
    day0 = np.sort(rng.choice(np.arange(20, SESSIONS - 20), dates, replace=False))
    asset = np.arange(dates) % ASSETS
    returns = rng.normal(0, 0.01, (SESSIONS, ASSETS))
    for day, one in zip(day0, asset, strict=True):
        returns[day + 1 : day + 6, one] += gain
    names = [f"A{one}" for one in range(ASSETS)]
    wide = pd.DataFrame(100 * np.cumprod(1 + returns, axis=0), days, names).rename_axis("session")
    market = pd.DataFrame({"market": np.cumprod(1 + rng.normal(0, 0.01, SESSIONS))}, index=days)
    long = wide.reset_index().melt("session", var_name="symbol", value_name="close")
    panel = panel_of_frame(long, Dataset.from_frame(market, simulated=True))
    measure = {"asset": "close", "horizons": [1, 5, 21]} | ({"benchmark": benchmark} if benchmark else {})
    listed = pd.DataFrame({"symbol": np.array(names)[asset], "date": days[day0]})
    found = notes_on_panel(PanelHorizons(study_panel(listed, panel, measure=measure)))
    return {note.code: note.text for note in found}


@pytest.mark.parametrize("benchmark", ["market", None])
def test_few_sessions_are_named_where_a_look_stands_out(benchmark):
    found = notes_after(0.02, 20, benchmark)  # 20, 100 and 420 sessions come after them
    assert found["few_sessions"] == (
        "Over 1 and 5 sessions, few sessions come after the events: an effect can hardly be told from turbulence that "
        "the events bring along, and p may be too small."
    )


def test_looks_that_do_not_stand_out_have_no_such_note():
    assert "few_sessions" not in notes_after(0.0, 20, None)


@pytest.mark.parametrize(
    ("rows", "worst", "said"),
    [
        (9, [("A", 7), ("B", 2)], "9 rows of 2 assets (rule): text; most in A (7), B (2)."),
        (2, [("A", 1), ("a", 1)], "2 assets (rule): text; A, a."),
        (7, [(name, 1) for name in "ABCDE"], "7 assets (rule): text; first A, B, C, D, E."),
        (1, [("A", 1)], "1 asset (rule): text; A."),
    ],
)
def test_what_did_not_fit_is_counted_in_rows_or_in_assets(rows, worst, said):
    found = BulkFinding("rule", rows, {9: 2}.get(rows, rows), tuple(worst), False, "text")
    [note] = notes_on_assets(SimpleNamespace(description="", findings=(found,)))
    assert note.text == said


def test_the_page_says_the_same(panel_folder):
    record = read_run(panel_folder)
    of_assets = BulkFinding("near_names", 7, 7, (("A", 1), ("a", 1)), False, "names alike")
    of_rows = BulkFinding("stale", 9, 2, (("A", 7), ("B", 2)), False, "unchanged")
    tables = record.tables | {"findings": findings_table([of_assets, of_rows])}
    page = " ".join(re.sub(r"<[^>]+>", "", panel_page(replace(record, tables=tables))).split())
    assert "7 assets: names alike; first A, a." in page
    assert "9 rows of 2 assets: unchanged; most in A (7), B (2)." in page
