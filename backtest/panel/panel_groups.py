"""The groups of a study on a panel for its record: those of its list of events, and those of its assets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from backtest.inference.result import finite
from backtest.model import Measured
from backtest.panel.panel_result import PanelResult
from backtest.panel.side_by_side import KINDS, MOST, Of, PanelGroup
from backtest.record.tables import columns_of, panel_table
from backtest.untyped import Json

Groups = dict[Of, tuple[PanelGroup, ...]]


def groups_of(study: PanelResult) -> Groups:
    """Return the groups that a study has, by what is grouped; more than 50, or a single one, are not set side by side.

    A list or a panel without groups has no entry.
    """
    return {of: study.groups(of) for of in KINDS if 1 < len(study.group_names(of)) <= MOST}


def groups_table(groups: Groups, measured: Measured) -> dict[str, pa.Table]:
    """Return the table ``groups``, one row a group and horizon; no table without groups."""
    every = [(of, group) for of, some in groups.items() for group in some]
    if not every:
        return {}
    horizons = every[0][1].forward.horizons
    columns = [_columns(group, measured) for _, group in every]
    return {
        "groups": panel_table(
            "groups",
            {
                "of": [of for of, _ in every for _ in horizons],
                "group": [group.label for _, group in every for _ in horizons],
                **columns_of(horizons, times=len(every)),
                **{name: np.concatenate([one[name] for one in columns]) for name in columns[0]},
            },
            measured,
        )
    }


def groups_json(groups: Groups, measured: Measured) -> list[Json]:
    """Return one object a group, with a row a horizon; a number that cannot be given is None."""
    return [
        {"of": of, "group": group.label, "horizons": _rows(group, measured)}
        for of, some in groups.items()
        for group in some
    ]


def _rows(group: PanelGroup, measured: Measured) -> list[Json]:
    columns = _columns(group, measured)
    return [
        {"horizon": horizon.label, **{name: _value(values[at]) for name, values in columns.items()}}
        for at, horizon in enumerate(group.forward.horizons)
    ]


def _value(value: Any) -> int | float | None:  # noqa: ANN401  a number of an array
    return int(value) if isinstance(value, np.integer) else finite(float(value))


def _columns(group: PanelGroup, measured: Measured) -> dict[str, np.ndarray]:
    forward, inference = group.forward, group.inference
    known = np.isfinite(forward.spread)
    return {
        "n": forward.n,
        "n_dates": np.array([len(np.unique(forward.day0[on])) for on in known.T]),
        measured.mean: forward.mean,
        measured.base_mean: forward.base,
        "excess": forward.mean - forward.base,
        "p_value": inference.p_value,
        "p_adjusted": inference.p_adjusted,
        "ci_low": inference.low,
        "ci_high": inference.high,
    }
