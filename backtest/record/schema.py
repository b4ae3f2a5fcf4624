"""One schema per table: what a run stores on disk, with the unit of every field in its metadata."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import pyarrow as pa

from backtest.model import Measured
from backtest.record.fields import ASSET_NAME, CALENDAR, EVENT, HORIZON, a_field, a_fraction
from backtest.record.legs_schema import drawdown_fields, legs_fields
from backtest.record.robustness_schema import inference_fields, influence_fields, matched_fields, opinions_fields

SCHEMA = 1
"""Version of ``run.json`` and the tables; increased whenever a reader of the older form would misread the newer one."""
SEVERAL = 2
"""The version for studies of several assets: ``run.json`` has a block for each, and the tables have its name."""
PANEL = 3
"""The version for studies on a panel, whose tables are in `panel_schema`."""


def _leg_summary(leg: str) -> list[pa.Field]:
    return [
        a_fraction(f"{leg}_mean", f"mean {leg} return"),
        a_fraction(f"{leg}_median", f"median {leg} return"),
        a_fraction(f"{leg}_hit_rate", f"share of {leg} returns above zero"),
    ]


def _path_legs(legs: Sequence[str], eligible: str) -> list[pa.Field]:
    fields = []
    for leg in legs:
        fields += [
            a_fraction(f"{leg}_mean", f"mean cumulative {leg} return since day 0"),
            a_fraction(f"{leg}_low", f"lower quartile of the events' cumulative {leg} returns"),
            a_fraction(f"{leg}_high", f"upper quartile of the events' cumulative {leg} returns"),
            a_fraction(f"{leg}_base", f"mean cumulative {leg} return with every eligible {eligible} as day 0"),
        ]
    return fields


_ALIKE: dict[str, pa.Schema] = {
    "events": pa.schema(
        [
            EVENT,
            a_field("start", pa.date32(), "session", "first session of the pattern"),
            a_field("trigger", pa.date32(), "session", "session on which the condition first became true"),
            a_field("end", pa.date32(), "session", "last session of the run"),
            a_field("day0", pa.date32(), "session", "session the event is dated to"),
            a_field("ongoing", pa.bool_(), "1", "what follows is not known: the data end, or an input is missing"),
            a_field("indicator", pa.float64(), "see run.json", "value of the detector's indicator on the trigger"),
        ]
    ),
    "conditions": pa.schema(
        [
            a_field("condition", pa.string(), "1", "name of a condition that the strategy combines"),
            a_field("first", pa.date32(), "session", "first session of a run of it, within the history"),
            a_field("last", pa.date32(), "session", "last session of that run"),
            a_field("sessions", pa.int32(), "sessions", "length of that run"),
        ]
    ),
    "rarity": pa.schema(
        [
            a_field("sessions", pa.float64(), "sessions", "length of the pattern; null where the detector has none"),
            a_field("threshold", pa.float64(), "see run.json", "threshold; null where the detector has none"),
            a_field(
                "episodes", pa.float64(), "episodes", "runs whose trigger lies in the sample window; null: no answer"
            ),
            a_field(
                "met", pa.float64(), "sessions", "sessions of the sample window on which it is met; null: no answer"
            ),
            a_field("own", pa.bool_(), "1", "whether this is the strategy's own condition"),
        ]
    ),
    "expected_path": pa.schema(
        [
            EVENT,
            a_field("month", pa.date32(), "month", "first day of the contract month"),
            a_field("rate", pa.float64(), "percent", "average effective rate of the month that futures imply on day 0"),
            a_field("before", pa.float64(), "percent", "the same some sessions before; run.json says how many"),
        ]
    ),
    "expected_odds": pa.schema(
        [
            EVENT,
            a_field("meeting", pa.date32(), "day", "day of the announcement of a meeting ahead of day 0"),
            a_field("reason", pa.string(), "1", "why the meeting is unsolved; empty where it is solved"),
            a_field("version", pa.string(), "1", "version of FedWatch that solved the event's meetings"),
            a_field("lower", pa.float64(), "percent", "lower bound of the target on day 0; null where not known"),
            a_field("upper", pa.float64(), "percent", "upper bound of it; the same as lower before December 2008"),
            a_field("moves", pa.float64(), "25 basis points", "outcome: moves of the target from it; null: unsolved"),
            a_field("probability", pa.float64(), "probability", "that the target then stands there; null: unsolved"),
        ]
    ),
    "expected_cuts": pa.schema(
        [
            a_field("session", pa.date32(), "session", "trading day, as in history"),
            a_field("cuts", pa.float64(), "25 basis points", "cuts priced; run.json says over how many months"),
        ]
    ),
    "equity": pa.schema(
        [
            a_field("session", pa.date32(), "session", "trading day"),
            a_field("equity", pa.float64(), "start = 1", "value of the account at the close"),
            a_field("exposure", pa.float64(), "1", "1 where a position is held at the close, else 0"),
        ]
    ),
}
"""The tables that are the same for spreads and returns."""


def _forward_returns(measured: Measured) -> list[pa.Field]:
    return [
        EVENT,
        HORIZON,
        a_field("status", pa.string(), "1", "complete, pending (ends after the data), not covered, or missing"),
        *(a_fraction(leg, f"simple return of the {leg} from entry over the horizon") for leg in measured.held),
        *([a_fraction("spread", "asset minus benchmark")] if measured.has_benchmark else []),
        a_fraction("mae", f"lowest cumulative {measured.word} within the horizon, at most 0"),
        a_fraction("mfe", f"highest cumulative {measured.word} within the horizon, at least 0"),
        *drawdown_fields(measured),
    ]


def _horizons(measured: Measured) -> list[pa.Field]:
    return [
        HORIZON,
        a_field("n", pa.int32(), "events", "events whose window is complete"),
        a_field("pending", pa.int32(), "events", "events whose window ends after the data"),
        a_field("not_covered", pa.int32(), "events", "events outside a leg's history, or at a missing price"),
        *(a_fraction(f"{leg}_mean", f"mean {leg} return over the events") for leg in measured.legs),
        a_fraction(measured.median, f"median {measured.word} over the events"),
        a_fraction("hit_rate", f"share of events with a {measured.word} above zero"),
        a_fraction(measured.base_mean, f"mean {measured.word} over all eligible sessions"),
        a_fraction("base_hit_rate", f"share of eligible sessions with a {measured.word} above zero"),
        a_fraction("excess", f"{measured.mean} minus {measured.base_mean}"),
        a_field("statistic", pa.float64(), "1", "studentised statistic of the circular shift test"),
        a_field("p_value", pa.float64(), "probability", "two-sided p of the circular shift test"),
        a_field("p_adjusted", pa.float64(), "probability", "the same, adjusted for all horizons of all assets"),
        a_fraction("ci_low", "lower end of the 95% interval for the effect; null: run.json says why"),
        a_fraction("ci_high", "upper end of the 95% interval for the effect"),
        a_fraction("mde", "minimum detectable effect: found in 80% of such studies"),
    ]


def _base_rates(measured: Measured) -> list[pa.Field]:
    return [
        HORIZON,
        a_field("n", pa.int32(), "sessions", "eligible sessions whose horizon is complete"),
        *(field for leg in measured.legs for field in _leg_summary(leg)),
    ]


def _base_distribution(of: Measured) -> list[pa.Field]:
    return [
        HORIZON,
        a_fraction("low", f"lower end of a range of the {of.word}; the outermost ranges are wider than the others"),
        a_fraction("high", "its upper end; both null where no window is complete"),
        a_field("n", pa.int32(), "sessions", f"eligible sessions whose {of.word} lies in it"),
    ]


def _paths(measured: Measured) -> list[pa.Field]:
    return [
        EVENT,
        a_field("offset", pa.int32(), "sessions", "offset from day 0"),
        *(a_fraction(leg, f"cumulative {leg} return since day 0; negative offsets look back") for leg in measured.legs),
    ]


def average_path_fields(measured: Measured, eligible: str = "session") -> list[pa.Field]:
    """One row an offset; `eligible` names what the base rate is a mean over."""
    return [
        a_field("offset", pa.int32(), "sessions", "offset from day 0"),
        a_field("n", pa.int32(), "events", "events with a value at this offset"),
        *_path_legs(measured.legs, eligible),
    ]


def _history(measured: Measured) -> list[pa.Field]:
    return [
        a_field("session", pa.date32(), "session", "trading day"),
        a_field("observed", pa.float64(), "see run.json", "the series the detector watches"),
        a_field("indicator", pa.float64(), "see run.json", "what the detector compares with its threshold"),
        *(a_field(leg, pa.float64(), "level", f"the {leg}'s level") for leg in measured.held),
    ]


def _rules(measured: Measured) -> list[pa.Field]:
    return [
        a_field("rule", pa.string(), "1", "how events are made of the condition; run.json says what it sets"),
        HORIZON,
        a_field("events", pa.int32(), "events", "events under this rule; a cooldown may depend on the horizon"),
        a_field("n", pa.int32(), "events", "events whose window is complete"),
        a_fraction(measured.mean, f"mean {measured.word} over these"),
        a_fraction("hit_rate", f"share of these with a {measured.word} above zero"),
        a_fraction(measured.base_mean, f"mean {measured.word} over all eligible sessions"),
        a_field("p_value", pa.float64(), "probability", "two-sided p of the circular shift test, of this cell alone"),
    ]


def _trades(measured: Measured) -> list[pa.Field]:
    return [
        a_field("trade", pa.int32(), "1", "number of the trade, from 1"),
        a_field("events", pa.int32(), "events", "events that opened or extended the holding"),
        a_field("entry", pa.date32(), "session", "session of entry"),
        a_field("exit", pa.date32(), "session", "session of exit; null while the trade is open"),
        a_field("sessions", pa.int32(), "sessions", "sessions held so far"),
        *(a_fraction(f"{leg}_return", f"return of the {leg} leg before costs") for leg in measured.held),
        a_fraction(
            "costs", f"costs of {'both legs' if measured.has_benchmark else 'the orders'}, per unit of equity at entry"
        ),
        a_fraction("net_return", "profit after costs, per unit of equity at entry"),
    ]


_OF_RETURNS: dict[str, Callable[[Measured], list[pa.Field]]] = {
    "forward_returns": _forward_returns,
    "horizons": _horizons,
    "base_rates": _base_rates,
    "base_distribution": _base_distribution,
    "paths": _paths,
    "average_path": average_path_fields,
    "history": _history,
    "rules": _rules,
    "trades": _trades,
    "legs": legs_fields,
    "inference": inference_fields,
    "opinions": opinions_fields,
    "matched": matched_fields,
    "influence": influence_fields,
}


ROBUSTNESS = ("inference", "opinions", "matched", "influence")
BY_ASSET = (
    *("forward_returns", "horizons", "base_rates", "base_distribution", "paths", "average_path", "rules", "legs"),
    *ROBUSTNESS,
)
"""Tables of which a study of several assets has a block of rows for each, in its order; all blocks are as long."""


def with_calendar(schema: pa.Schema) -> pa.Schema:
    """Return a schema that names the calendar horizon behind the horizon, if it has one."""
    at = schema.get_field_index(HORIZON.name)
    return schema if at < 0 else schema.insert(at + 1, CALENDAR)


@cache
def schemas(measured: Measured, *, several: bool = False, calendar: bool = False) -> dict[str, pa.Schema]:
    """Return the schema of each table by name, in the record of a study that judges `measured`.

    Parameters
    ----------
    measured : Measured
        What is judged.
    several : bool
        Whether there are several assets: then the rows of one name it, and the levels of the legs, which are in
        ``history`` for a single asset, are a separate table.
    calendar : bool
        Whether there is a calendar horizon: then every row of a horizon names it.
    """
    tables = _ALIKE | {name: pa.schema(fields(measured)) for name, fields in _OF_RETURNS.items()}
    if calendar:
        tables = {name: with_calendar(schema) for name, schema in tables.items()}
    if not several:
        return tables
    shared = [field for field in tables["history"] if field.name not in measured.held]
    levels = [field for field in tables["history"] if field.name in ("session", *measured.held)]
    by_asset = {name: tables[name] for name in BY_ASSET} | {"levels": pa.schema(levels)}
    named = {name: pa.schema([ASSET_NAME, *schema]) for name, schema in by_asset.items()}
    return tables | named | {"history": pa.schema(shared)}


EXPECTED = ("expected_path", "expected_odds", "expected_cuts")
OPTIONAL = ("base_distribution", "conditions", "rules", "rarity", "legs", *ROBUSTNESS, *EXPECTED, "trades", "equity")
"""Tables that a run may lack: it has nothing of the kind, or an earlier version recorded it."""
LATER = {
    "events": ("group",),
    "rules": ("hit_rate",),
    "forward_returns": ("asset_drawdown", "benchmark_drawdown", "spread_drawdown"),
}
"""Fields that a table lacks if an earlier version recorded it."""
