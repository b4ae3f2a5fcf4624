"""The tables of a study on a panel, with the unit of every field in its metadata."""

from __future__ import annotations

from functools import cache

import pyarrow as pa

from backtest.model import Measured
from backtest.record.fields import EVENT, HORIZON, a_field, a_fraction
from backtest.record.panel_abnormal_schema import ABNORMAL, OPINIONS
from backtest.record.robustness_schema import influence_fields, matched_fields
from backtest.record.schema import average_path_fields, with_calendar

ASSET = a_field("asset", pa.string(), "1", "the asset, by its name in the panel")
PANEL_OPTIONAL = (*ABNORMAL, "matched", "influence", "groups")
"""Tables that a record may lack: the strategy names no model of normal returns, there are no groups, or an earlier
version recorded it."""
STATUS = (
    "complete, pending (ends after the data), ended (the asset's closes end before), or missing (no close at its end)"
)


@cache
def panel_schemas(measured: Measured, *, calendar: bool = False) -> dict[str, pa.Schema]:
    """Return the schema of each table by name, in the record of a study on a panel that judges `measured`.

    Parameters
    ----------
    measured : Measured
        What is judged.
    calendar : bool
        Whether there is a calendar horizon: then every row of a horizon names it.
    """
    tables = {
        "events": _EVENTS,
        "forward_returns": pa.schema(_forward_returns(measured)),
        "horizons": pa.schema(_horizons(measured)),
        "average_path": pa.schema(average_path_fields(measured, "asset-session")),
        "concentration": _CONCENTRATION,
        "through_time": _THROUGH_TIME,
        "opinions": OPINIONS,
        "matched": pa.schema(matched_fields(measured)),
        "influence": pa.schema(influence_fields(measured)),
        "groups": pa.schema(_groups(measured)),
        **ABNORMAL,
        "findings": _FINDINGS,
    }
    return {name: with_calendar(schema) for name, schema in tables.items()} if calendar else tables


_EVENTS = pa.schema(
    [
        EVENT,
        ASSET,
        a_field("day0", pa.date32(), "session", "session the event is dated to; entry is its close"),
        a_field("knowable", pa.date32(), "session", "session at whose close the event could first be known"),
        a_field("group", pa.string(), "1", "its group, as its list has it; null if the list has none"),
    ]
)
_CONCENTRATION = pa.schema(
    [
        a_field("of", pa.string(), "1", "what is counted: date (day 0), year (of day 0), or asset"),
        a_field("rank", pa.int32(), "1", "from 1, the one with most events first"),
        a_field("name", pa.string(), "1", "the date, the year, or the asset"),
        a_field("events", pa.int32(), "events", "its events"),
        a_fraction("share", "its share of all events"),
        a_fraction("cumulative_share", "share of all events of it and of those before it"),
    ]
)
_THROUGH_TIME = pa.schema(
    [
        a_field("month", pa.date32(), "month", "first day of a month of the sample window"),
        a_field("events", pa.int32(), "events", "events of that month"),
        a_field("asset_sessions", pa.int64(), "asset-sessions", "on which an event could have been seen"),
    ]
)
_FINDINGS = pa.schema(
    [
        a_field("rule", pa.string(), "1", "what was found when the panel was read"),
        a_field("rows", pa.int64(), "rows", "how many rows"),
        a_field("assets", pa.int32(), "assets", "of how many assets"),
        a_field("set_aside", pa.bool_(), "1", "whether these assets are left out of the panel"),
        a_field("worst", pa.string(), "1", "the assets with most of them, each with its number"),
        a_field("text", pa.string(), "1", "what it means"),
    ]
)


def _forward_returns(of: Measured) -> list[pa.Field]:
    return [
        EVENT,
        HORIZON,
        a_field("status", pa.string(), "1", STATUS),
        *(a_fraction(leg, f"simple return of the {leg} from the close of day 0 over the horizon") for leg in of.held),
        *([a_fraction("spread", "asset minus benchmark")] if of.has_benchmark else []),
    ]


def _horizons(of: Measured) -> list[pa.Field]:
    return [
        HORIZON,
        a_field("n", pa.int32(), "events", "events whose window is complete"),
        a_field("n_assets", pa.int32(), "assets", "assets of these events"),
        a_field("n_dates", pa.int32(), "sessions", "different day 0 of these events"),
        a_field("pending", pa.int32(), "events", "events whose window ends after the data"),
        a_field("ended", pa.int32(), "events", "events whose window ends after the last close of the asset"),
        a_field("missing", pa.int32(), "events", "events without a close of a leg at the end of the window"),
        *(a_fraction(f"{leg}_mean", f"mean {leg} return over the events") for leg in of.legs),
        a_fraction(of.median, f"median {of.word} over the events"),
        a_fraction("hit_rate", f"share of events with a {of.word} above zero"),
        a_fraction(of.base_mean, f"mean {of.word} over all eligible asset-sessions"),
        a_fraction("base_hit_rate", f"share of eligible asset-sessions with a {of.word} above zero"),
        a_field("base_n", pa.int64(), "asset-sessions", "eligible asset-sessions whose window is complete"),
        a_fraction("excess", f"{of.mean} minus {of.base_mean}"),
        a_field("p_value", pa.float64(), "probability", "two-sided p: all events moved along the calendar together"),
        a_field("p_adjusted", pa.float64(), "probability", "the same, adjusted for all horizons"),
        a_fraction("ci_low", "lower end of the 95% interval for the effect; null: run.json says why"),
        a_fraction("ci_high", "upper end of the 95% interval for the effect"),
        a_fraction("mde", "minimum detectable effect: found in 80% of such studies"),
    ]


def _groups(of: Measured) -> list[pa.Field]:
    return [
        a_field("of", pa.string(), "1", "what is grouped: event (by its list) or asset"),
        a_field("group", pa.string(), "1", "the group"),
        HORIZON,
        a_field("n", pa.int32(), "events", "its events whose window is complete"),
        a_field("n_dates", pa.int32(), "sessions", "different day 0 of these events"),
        a_fraction(of.mean, f"mean {of.word} over them"),
        a_fraction(of.base_mean, f"base rate: of the study, or of the assets of the group; mean {of.word}"),
        a_fraction("excess", "their difference"),
        a_field("p_value", pa.float64(), "probability", "two-sided p: the group's events moved along the calendar"),
        a_field("p_adjusted", pa.float64(), "probability", "the same, adjusted for all groups and horizons"),
        a_fraction("ci_low", "lower end of the 95% interval for the effect; null: there is none"),
        a_fraction("ci_high", "upper end of the 95% interval for the effect"),
    ]
