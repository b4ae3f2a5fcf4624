"""One schema a table: what a run leaves on disk, with the unit of every field in its metadata."""

from __future__ import annotations

import pyarrow as pa

SCHEMA = 1
"""Version of ``run.json`` and the tables; raised whenever a reader of the older form would misread the newer."""


def _field(name: str, kind: pa.DataType, unit: str, meaning: str) -> pa.Field:
    return pa.field(name, kind, metadata={"unit": unit, "description": meaning})


def _fraction(name: str, meaning: str) -> pa.Field:
    return _field(name, pa.float64(), "fraction", meaning)


EVENT = _field("event", pa.int32(), "1", "number of the event, from 1, in order of day 0")
HORIZON = _field("horizon", pa.int32(), "sessions", "forward length")
LEGS = ("asset", "benchmark", "spread")


def _leg_summary(leg: str) -> list[pa.Field]:
    return [
        _fraction(f"{leg}_mean", f"mean {leg} return"),
        _fraction(f"{leg}_median", f"median {leg} return"),
        _fraction(f"{leg}_hit_rate", f"share of {leg} returns above zero"),
    ]


def _path_legs() -> list[pa.Field]:
    fields = []
    for leg in LEGS:
        fields += [
            _fraction(f"{leg}_mean", f"mean cumulative {leg} return since day 0"),
            _fraction(f"{leg}_low", f"lower quartile of the events' cumulative {leg} returns"),
            _fraction(f"{leg}_high", f"upper quartile of the events' cumulative {leg} returns"),
            _fraction(f"{leg}_base", f"mean cumulative {leg} return with every eligible session as day 0"),
        ]
    return fields


TABLES: dict[str, pa.Schema] = {
    "events": pa.schema(
        [
            EVENT,
            _field("start", pa.date32(), "session", "first session of the pattern"),
            _field("trigger", pa.date32(), "session", "session on which the condition first became true"),
            _field("end", pa.date32(), "session", "last session of the run"),
            _field("day0", pa.date32(), "session", "session the event is dated to"),
            _field("ongoing", pa.bool_(), "1", "what follows is not known: the data end, or an input is missing"),
            _field("indicator", pa.float64(), "see run.json", "value of the detector's indicator on the trigger"),
        ]
    ),
    "forward_returns": pa.schema(
        [
            EVENT,
            HORIZON,
            _field("status", pa.string(), "1", "complete, pending (ends after the data), not covered, or missing"),
            _fraction("asset", "simple return of the asset from entry over the horizon"),
            _fraction("benchmark", "simple return of the benchmark from entry over the horizon"),
            _fraction("spread", "asset minus benchmark"),
            _fraction("mae", "lowest cumulative spread within the horizon, at most 0"),
            _fraction("mfe", "highest cumulative spread within the horizon, at least 0"),
        ]
    ),
    "horizons": pa.schema(
        [
            HORIZON,
            _field("n", pa.int32(), "events", "events whose window is complete"),
            _field("pending", pa.int32(), "events", "events whose window ends after the data"),
            _field("not_covered", pa.int32(), "events", "events outside a leg's history, or at a missing price"),
            *(_fraction(f"{leg}_mean", f"mean {leg} return over the events") for leg in LEGS),
            _fraction("spread_median", "median spread over the events"),
            _fraction("hit_rate", "share of events with a spread above zero"),
            _fraction("base_spread_mean", "mean spread over all eligible sessions"),
            _fraction("base_hit_rate", "share of eligible sessions with a spread above zero"),
            _fraction("excess", "spread_mean minus base_spread_mean"),
            _field("statistic", pa.float64(), "1", "volatility-scaled statistic of the circular shift test"),
            _field("p_value", pa.float64(), "probability", "two-sided p of the circular shift test"),
            _field("p_adjusted", pa.float64(), "probability", "the same, adjusted for all horizons of the run"),
            _fraction("ci_low", "lower end of the interval for the excess"),
            _fraction("ci_high", "upper end of the interval for the excess"),
            _fraction("mde", "minimum detectable effect"),
        ]
    ),
    "base_rates": pa.schema(
        [
            HORIZON,
            _field("n", pa.int32(), "sessions", "eligible sessions whose horizon is complete"),
            *(field for leg in LEGS for field in _leg_summary(leg)),
        ]
    ),
    "paths": pa.schema(
        [
            EVENT,
            _field("offset", pa.int32(), "sessions", "offset from day 0"),
            *(_fraction(leg, f"cumulative {leg} return since day 0; negative offsets look back") for leg in LEGS),
        ]
    ),
    "average_path": pa.schema(
        [
            _field("offset", pa.int32(), "sessions", "offset from day 0"),
            _field("n", pa.int32(), "events", "events with a value at this offset"),
            *_path_legs(),
        ]
    ),
    "history": pa.schema(
        [
            _field("session", pa.date32(), "session", "trading day"),
            _field("observed", pa.float64(), "see run.json", "the series the detector watches"),
            _field("indicator", pa.float64(), "see run.json", "what the detector compares with its threshold"),
            _field("asset", pa.float64(), "level", "the asset's level"),
            _field("benchmark", pa.float64(), "level", "the benchmark's level"),
        ]
    ),
    "conditions": pa.schema(
        [
            _field("condition", pa.string(), "1", "name of a condition that the strategy combines"),
            _field("first", pa.date32(), "session", "first session of a run of it, within the history"),
            _field("last", pa.date32(), "session", "last session of that run"),
            _field("sessions", pa.int32(), "sessions", "length of that run"),
        ]
    ),
    "rules": pa.schema(
        [
            _field("rule", pa.string(), "1", "how events are made of the condition; run.json says what it sets"),
            HORIZON,
            _field("events", pa.int32(), "events", "events under this rule; a cooldown may depend on the horizon"),
            _field("n", pa.int32(), "events", "events whose window is complete"),
            _fraction("spread_mean", "mean spread over these"),
            _fraction("base_spread_mean", "mean spread over all eligible sessions"),
            _field(
                "p_value", pa.float64(), "probability", "two-sided p of the circular shift test, of this cell alone"
            ),
        ]
    ),
    "rarity": pa.schema(
        [
            _field("sessions", pa.float64(), "sessions", "length of the pattern; null where the detector has none"),
            _field("threshold", pa.float64(), "see run.json", "threshold; null where the detector has none"),
            _field(
                "episodes", pa.float64(), "episodes", "runs whose trigger lies in the sample window; null: no answer"
            ),
            _field(
                "met", pa.float64(), "sessions", "sessions of the sample window on which it is met; null: no answer"
            ),
            _field("own", pa.bool_(), "1", "whether this is the strategy's own condition"),
        ]
    ),
    "expected_path": pa.schema(
        [
            EVENT,
            _field("month", pa.date32(), "month", "first day of the contract month"),
            _field("rate", pa.float64(), "percent", "average effective rate of the month that futures imply on day 0"),
            _field("before", pa.float64(), "percent", "the same some sessions before; run.json says how many"),
        ]
    ),
    "expected_odds": pa.schema(
        [
            EVENT,
            _field("meeting", pa.date32(), "day", "day of the announcement of a meeting ahead of day 0"),
            _field("reason", pa.string(), "1", "why the meeting is unsolved; empty where it is solved"),
            _field("version", pa.string(), "1", "version of FedWatch that solved the event's meetings"),
            _field("lower", pa.float64(), "percent", "lower bound of the target on day 0; null where not known"),
            _field("upper", pa.float64(), "percent", "upper bound of it; the same as lower before December 2008"),
            _field("moves", pa.float64(), "25 basis points", "outcome: moves of the target from there; null: unsolved"),
            _field("probability", pa.float64(), "probability", "that the target then stands there; null: unsolved"),
        ]
    ),
    "expected_cuts": pa.schema(
        [
            _field("session", pa.date32(), "session", "trading day, as in history"),
            _field("cuts", pa.float64(), "25 basis points", "cuts priced; run.json says over how many months"),
        ]
    ),
    "trades": pa.schema(
        [
            _field("trade", pa.int32(), "1", "number of the trade, from 1"),
            _field("events", pa.int32(), "events", "events that opened or extended the holding"),
            _field("entry", pa.date32(), "session", "session of entry"),
            _field("exit", pa.date32(), "session", "session of exit; null while the trade is open"),
            _field("sessions", pa.int32(), "sessions", "sessions held so far"),
            _fraction("asset_return", "return of the asset leg before costs"),
            _fraction("benchmark_return", "return of the benchmark leg before costs"),
            _fraction("costs", "costs of both legs, per unit of equity at entry"),
            _fraction("net_return", "profit after costs, per unit of equity at entry"),
        ]
    ),
    "equity": pa.schema(
        [
            _field("session", pa.date32(), "session", "trading day"),
            _field("equity", pa.float64(), "start = 1", "value of the account at the close"),
            _field("exposure", pa.float64(), "1", "1 where a position is held at the close, else 0"),
        ]
    ),
}

EXPECTED = ("expected_path", "expected_odds", "expected_cuts")
OPTIONAL = ("conditions", "rules", "rarity", *EXPECTED, "trades", "equity")
"""Tables that a run may lack: it has nothing of the kind, or an earlier version recorded it."""
