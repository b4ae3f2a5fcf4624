"""A run with every kind of hostile text and number, and what a handout of it must give back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from backtest.record.tables import to_table
from backtest.record.write import write_run

from ..report.records import small_run

HOSTILE = "=1+1"
CONDITIONS = ['=HYPERLINK("http://x")', "+1", "-2", "@SUM(A1)", "a|b_c%d&e", "one\ntwo\ttab", "$x^2$ {y} \\z #1 ~ <b>"]
NUMBERS = [0.1 + 0.2, 1 / 3, -2.2274525220772917e-05, 1e-300, 5e-324, 123456789.12345678, -0.0]
TITLE = "50% off_all & |pipes| $x$ #1 {b} ~ \\end <b>"


def run_with(folder: Path, *, synthetic: bool = False, title: str = TITLE) -> Path:
    """Write the hand-written run with hostile texts and awkward numbers under ``reports/``; return its folder."""
    run, columns = small_run()
    run["title"], run["dataset"]["synthetic"] = title, synthetic
    run["dataset"]["title"] = "=A1|B_1 & 5%"
    columns["rarity"] = {
        "sessions": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, float("nan")],
        "threshold": NUMBERS,
        "episodes": [1.0] * 7,
        "met": [2.0] * 7,
        "own": [True] + [False] * 6,
    }
    columns["conditions"] = {
        "condition": CONDITIONS,
        "first": np.array(["2024-07-01"] * 7, dtype="datetime64[D]"),
        "last": np.array(["2024-07-02"] * 7, dtype="datetime64[D]"),
        "sessions": list(range(7)),
    }
    target = folder / "reports" / "streak5" / str(run["run_id"])
    tables: dict[str, Any] = {name: to_table(name, found) for name, found in columns.items()}
    write_run(target, run, tables)
    return target
