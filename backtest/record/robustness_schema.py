"""The tables of what a finding rests on, in addition to those of `schema`."""

from __future__ import annotations

import pyarrow as pa

from backtest.model import Measured
from backtest.record.fields import HORIZON, a_field, a_fraction


def inference_fields(measured: Measured) -> list[pa.Field]:
    """One row per horizon."""
    return [
        HORIZON,
        a_fraction("kept", "share of an effect that the excess over the base rate keeps; null: no window"),
        a_fraction(
            "standardised_excess", f"excess of the {measured.word} weighted by one over the volatility of the time"
        ),
        a_field("standardised_p", pa.float64(), "probability", "its own two-sided p by the circular shift"),
        a_field("variance_ratio", pa.float64(), "1", "realised over expected variance of the events' windows"),
        a_field("variance_p", pa.float64(), "probability", "share of shifts with a ratio at least as high"),
    ]


def opinions_fields(measured: Measured) -> list[pa.Field]:
    """One row per horizon and method."""
    return [
        HORIZON,
        a_field(
            "method",
            pa.string(),
            "1",
            f"second opinion on the {measured.word}; run.json says what it takes for granted",
        ),
        a_field("statistic", pa.float64(), "see run.json", "its statistic; null: no answer"),
        a_field("p_value", pa.float64(), "probability", "its two-sided p; null: no answer, run.json says why"),
    ]


def matched_fields(measured: Measured) -> list[pa.Field]:
    """One row per horizon and matching."""
    return [
        HORIZON,
        a_field("matching", pa.string(), "1", "which sessions the events are compared with; run.json says it in words"),
        a_field("n", pa.int32(), "events", "events with a complete window and a match"),
        a_field("unmatched", pa.int32(), "events", "events with a complete window without a match"),
        a_field(
            "sessions",
            pa.int32(),
            "sessions",
            "sessions (of a panel, asset-sessions) that they are beside",
        ),
        a_fraction(measured.base_mean, f"matched base rate: mean {measured.word} in the cells of the events"),
        a_fraction("excess", "mean of the matched events minus that"),
    ]


def influence_fields(measured: Measured) -> list[pa.Field]:
    """One row per horizon and group that is left out."""
    return [
        HORIZON,
        a_field("unit", pa.string(), "1", "what is left out: event, year or decade; of a panel date, asset or year"),
        a_field("label", pa.string(), "1", "which"),
        a_field("left_out", pa.int32(), "events", "events with a complete window that are left out"),
        a_field("n", pa.int32(), "events", "events with a complete window that remain"),
        a_fraction("excess", f"their excess {measured.word} over the base rate; null: none remains"),
        a_field("p_value", pa.float64(), "probability", "their own p; of many groups, of those at the ends alone"),
    ]
