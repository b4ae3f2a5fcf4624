"""The tables of the record of a study on a panel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from backtest.model import Floats, Ints
from backtest.model.panel import BulkFinding
from backtest.panel.event_concentration import Concentration, concentration_of
from backtest.panel.panel_detection import sample_window_of
from backtest.panel.panel_groups import groups_table
from backtest.panel.panel_horizons import PanelHorizons
from backtest.panel.panel_result import PanelResult
from backtest.panel.panel_test_tables import abnormal_tables, opinions_table
from backtest.panel.row_outcomes import groups_of_events
from backtest.record.tables import columns_of, panel_table
from backtest.study.export.robustness import rests_tables


def tables_of_panel(figures: PanelHorizons) -> dict[str, pa.Table]:
    """Return every table of the record, by name; events are numbered by day 0, and then by asset."""
    study = figures.study
    order = np.lexsort((study.found.asset, study.found.day0))
    rests = study.robustness
    abnormal = {} if study.abnormal is None else abnormal_tables(study.abnormal, order)
    return {
        "events": _events(study, order),
        "forward_returns": _forward_returns(figures, order),
        "horizons": panel_table(
            "horizons", {**columns_of(study.forward.horizons), **figures.columns}, figures.measured
        ),
        "average_path": _average_path(figures),
        "concentration": _concentration(concentration_of(study)),
        "through_time": _through_time(study),
        "opinions": opinions_table(study.forward, figures.inference),
        **({} if rests is None else rests_tables(rests.matched, rests.influence, figures.measured)),
        **groups_table(figures.groups, figures.measured),
        **abnormal,
        "findings": findings_table(study.panel.findings),
    }


def _events(study: PanelResult, order: Ints) -> pa.Table:
    sessions = study.panel.common.sessions
    return panel_table(
        "events",
        {
            "event": np.arange(1, len(order) + 1),
            "asset": [study.panel.assets[column] for column in study.found.asset[order].tolist()],
            "day0": sessions[study.found.day0[order]],
            "knowable": sessions[study.found.knowable[order]],
            "group": [group or None for group in groups_of_events(study.found)[order].tolist()],
        },
    )


def _forward_returns(figures: PanelHorizons, order: Ints) -> pa.Table:
    forward, of = figures.study.forward, figures.measured
    values: dict[str, Floats] = {"asset": forward.asset}
    if of.has_benchmark:
        values |= {"benchmark": forward.benchmark, "spread": forward.spread}
    return panel_table(
        "forward_returns",
        {
            "event": np.repeat(np.arange(1, len(order) + 1), len(forward.horizons)),
            **columns_of(forward.horizons, times=len(order)),
            "status": figures.status[order].ravel().tolist(),
            **{leg: returns[order].ravel() for leg, returns in values.items()},
        },
        of,
    )


def _average_path(figures: PanelHorizons) -> pa.Table:
    study = figures.study
    paths = study.paths
    return panel_table(
        "average_path",
        {
            "offset": paths.offsets,
            "n": paths.n,
            **{
                f"{leg}_{part}": getattr(average, part)
                for leg, average in paths.legs.items()
                for part in ("mean", "low", "high", "base")
            },
        },
        figures.measured,
    )


def _concentration(counted: Sequence[Concentration]) -> pa.Table:
    events = [one.events for one in counted]
    return panel_table(
        "concentration",
        {
            "of": [one.kind for one in counted for _ in one.names],
            "rank": np.concatenate([np.arange(1, len(one.names) + 1) for one in counted]),
            "name": [name for one in counted for name in one.names],
            "events": np.concatenate(events),
            "share": np.concatenate([one.share for one in counted]),
            "cumulative_share": np.concatenate([np.cumsum(of) / of.sum() for of in events]),
        },
    )


def _through_time(study: PanelResult) -> pa.Table:
    first, last = sample_window_of(study.panel, study.strategy)
    month = study.panel.common.sessions.astype("datetime64[M]").astype(np.int64)
    months = np.arange(month[first], month[last] + 1)
    eligible = study.found.eligible.sum(axis=1)[first : last + 1]
    return panel_table(
        "through_time",
        {
            "month": months.astype("datetime64[M]").astype("datetime64[D]"),
            "events": np.bincount(month[study.found.day0] - months[0], minlength=len(months)),
            "asset_sessions": np.bincount(
                month[first : last + 1] - months[0], eligible.astype(np.float64), len(months)
            ).astype(np.int64),
        },
    )


def findings_table(findings: Sequence[BulkFinding]) -> pa.Table:
    """One row a rule of what did not fit when the panel was read."""
    return panel_table(
        "findings",
        {
            "rule": [one.rule for one in findings],
            "rows": np.array([one.rows for one in findings], dtype=np.int64),
            "assets": np.array([one.assets for one in findings], dtype=np.int64),
            "set_aside": [one.set_aside for one in findings],
            "worst": [worst_words(one) for one in findings],
            "text": [one.text for one in findings],
        },
    )


def worst_words(finding: BulkFinding) -> str:
    """Name the assets with most of what was found, each with its number."""
    return ", ".join(f"{name} ({n:,})" for name, n in finding.worst)
