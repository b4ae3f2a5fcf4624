"""The five-session streak on 1,193 US stocks: the record against figures from outside of this package."""

from __future__ import annotations

import pytest

from backtest.panel.panel_run import run_panel
from backtest.plan import make_plan
from backtest.record.read import read_run


def test_the_record_of_real_stocks(us_stocks_workspace, tmp_path):
    run = run_panel(make_plan(us_stocks_workspace, "streak5_panel", "us-stocks"))
    record = read_run(run.save(us_stocks_workspace, output=tmp_path))
    found = record.run
    assert (found["n_events"], found["panel"]["assets"]) == (3906, 1193)
    by = found["panel"]["by"]
    assert (by["asset"]["n"], by["date"]["n"]) == (772, 1856)
    assert (by["date"]["busiest"], by["date"]["events"]) == ("2008-11-28", 59)
    rows = {row["horizon"]: row for row in found["horizons"]}
    assert [rows[h]["n"] for h in (1, 5, 21, 63)] == [3898, 3892, 3878, 3797]
    means, bases = ([rows[h][key] * 100 for h in (1, 5, 21, 63)] for key in ("spread_mean", "base_spread_mean"))
    assert means == pytest.approx([-0.0037, -0.4526, 0.4509, 1.1186], abs=5.1e-5)
    assert bases == pytest.approx([0.0249, 0.0623, 0.1786, 0.4691], abs=5.1e-5)
    assert any("urvivors" in note["text"] for note in found["notes"])
    counted = {row["rule"]: row["rows"] for row in record.tables["findings"].to_pylist()}
    assert (counted["off_session"], counted["missing_sessions"]) == (1, 53_013)
