"""Abnormal returns and classical tests of a study on a panel as tables of its record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from backtest.model import Ints
from backtest.panel.panel_abnormal import PanelAbnormal
from backtest.panel.panel_forward import PanelForward
from backtest.panel.panel_inference import PanelInference
from backtest.panel.panel_opinions import opinions_of
from backtest.record.panel_abnormal_schema import ABNORMAL
from backtest.record.tables import columns_of, panel_table, table_of

NAMED = {
    "abnormal_returns": "daily",
    "abnormal_events": "events",
    "abnormal_by_offset": "by_offset",
    "classical_tests": "tests",
    "abnormal_counts": "exclusions",
}
"""The tables of a record by those of `PanelAbnormal`."""


def opinions_table(forward: PanelForward, inference: PanelInference) -> pa.Table:
    """One row a horizon and classical test of the forward returns."""
    asked = opinions_of(forward, inference)
    opinions = [one for of_horizon in asked for one in of_horizon]
    horizons = [horizon for horizon, of in zip(forward.horizons, asked, strict=True) for _ in of]
    return panel_table(
        "opinions",
        {
            **columns_of(horizons),
            "test": [one.method.key for one in opinions],
            "name": [one.method.name for one in opinions],
            "statistic": _numbers([one.statistic for one in opinions]),
            "p_value": _numbers([one.p_value for one in opinions]),
            "reason": [one.reason or "" for one in opinions],
            "assumes": [one.method.takes_for_granted for one in opinions],
        },
    )


def abnormal_tables(abnormal: PanelAbnormal, order: Ints) -> dict[str, pa.Table]:
    """Return the tables of abnormal returns, with the events in the record's order and by its numbers.

    Parameters
    ----------
    abnormal : PanelAbnormal
        As measured.
    order : ndarray of shape (n_events,)
        The position of each of the record's events among those of the study.
    """
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(1, len(order) + 1)
    found = {}
    for name, of in NAMED.items():
        schema = ABNORMAL[name]
        columns = _numbered(abnormal.tables[of], number)
        n = len(next(iter(columns.values())))
        complete = {field.name: columns.get(field.name, np.full(n, np.nan)) for field in schema}
        found[name] = table_of(name, schema, complete)
    return found


def _numbered(columns: Mapping[str, NDArray[Any]], number: Ints) -> dict[str, NDArray[Any]]:
    if "event" not in columns:
        return dict(columns)
    numbered = {**columns, "event": number[columns["event"]]}
    rows = np.argsort(numbered["event"], kind="stable")
    return {name: values[rows] for name, values in numbered.items()}


def _numbers(values: list[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
