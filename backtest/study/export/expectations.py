"""The expectations in futures around the events, for the record."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from backtest.model import Detection, Prices
from backtest.outlook.at_events import BEFORE, CUTS_OVER, Expectations
from backtest.record.tables import to_table
from backtest.untyped import Json


def expectations_tables(found: Expectations, prices: Prices, detection: Detection) -> dict[str, pa.Table]:
    """Return the tables of the record, by name."""
    paths = found.paths
    columns = {"event": paths.event, "month": paths.month, "rate": paths.rate, "before": paths.before}
    tables = {"expected_path": to_table("expected_path", columns), "expected_odds": _odds_table(found)}
    if found.cuts is not None:
        first = detection.window[0]
        cuts = {"session": prices.sessions[first:], "cuts": found.cuts[first:]}
        tables["expected_cuts"] = to_table("expected_cuts", cuts)
    return tables


def _odds_table(found: Expectations) -> pa.Table:
    """One row per numbered event, meeting and outcome; an unsolved meeting is one row with its reason."""
    rows: list[tuple[int, str, str, str, float | None, float | None, float, float]] = []
    for i, event in enumerate(found.number.tolist()):
        lower, upper = found.outlook.range_after(i, 0)
        for one in found.outlook.odds(i):
            head = (event, one.meeting, one.reason or "", found.outlook.version[i], lower, upper)
            outcomes = [(float(outcome.moves), outcome.probability) for outcome in one.outcomes]
            rows += [(*head, *outcome) for outcome in outcomes or [(np.nan, np.nan)]]
    event_, meeting, reason, version, lowers, uppers, moves, probability = zip(*rows, strict=True) if rows else [()] * 8
    return to_table(
        "expected_odds",
        {
            "event": np.array(event_, dtype=np.int64),
            "meeting": np.array(meeting, dtype="datetime64[D]"),
            "reason": reason,
            "version": version,
            **{
                key: np.array(values, dtype=np.float64)
                for key, values in (
                    ("lower", lowers),
                    ("upper", uppers),
                    ("moves", moves),
                    ("probability", probability),
                )
            },
        },
    )


def expectations_json(found: Expectations | None) -> Json | None:
    """Return their part of ``run.json``."""
    if found is None:
        return None
    return {
        "futures": found.futures,
        "title": found.title,
        "before": BEFORE,
        "versions": sorted(set(found.outlook.version)),
        "without_target": int(np.isnan(found.outlook.target).sum()),
        "cuts_over": CUTS_OVER,
        "policy": found.policy,
        "quoted": list(found.quoted),
        "unquoted": found.unquoted,
        "events": len(found.number),
    }
