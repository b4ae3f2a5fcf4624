from __future__ import annotations

import numpy as np

from backtest.report.kit import packing as series


def test_six_significant_digits():
    values = np.array([1234567.8, 0.0001234567, -2.0, 0.0, np.nan, np.inf])
    assert series.rounded(values) == [1234570.0, 0.000123457, -2.0, 0.0, None, None]


def test_positions():
    sessions = np.array(["2024-07-01", "2024-07-03"], dtype="datetime64[D]")
    wanted = np.array(["2024-07-03", "2024-07-02", "NaT", "2025-01-01"], dtype="datetime64[D]")
    assert series.positions(sessions, wanted) == [1, None, None, None]
