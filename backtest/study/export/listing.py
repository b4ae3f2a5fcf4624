"""Events, their data and the look-ahead guard's result: the start of every listing of a study."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from backtest.model import Dataset, Detection, Lookahead, Prices
from backtest.record.tables import to_table
from backtest.untyped import Json


def events_table(prices: Prices, detection: Detection) -> pa.Table:
    """One row per event."""
    episodes, day0 = detection.events.episodes, detection.events.day0
    indicator = detection.condition.indicator
    values = np.full(len(day0), np.nan) if indicator is None else indicator.values[episodes.trigger]
    return to_table(
        "events",
        {
            "event": np.arange(1, len(day0) + 1),
            "start": prices.sessions[episodes.start],
            "trigger": prices.sessions[episodes.trigger],
            "end": prices.sessions[episodes.end],
            "day0": prices.sessions[day0],
            "ongoing": episodes.ongoing,
            "indicator": values,
        },
    )


def events_json(prices: Prices, detection: Detection) -> list[dict[str, str]]:
    """List the events as ISO dates, in order of day 0."""
    episodes = detection.events.episodes
    columns = {
        "start": episodes.start,
        "trigger": episodes.trigger,
        "end": episodes.end,
        "day0": detection.events.day0,
    }
    dates = {name: prices.sessions[position].astype(str).tolist() for name, position in columns.items()}
    return [{name: dates[name][i] for name in dates} for i in range(len(detection.events))]


def dataset_json(data: Dataset) -> Json:
    """Identify the data, as every result must."""
    return {"name": data.name, "title": data.title, "sha256": data.sha256, "synthetic": data.synthetic}


def lookahead_json(found: Lookahead | None) -> Json | None:
    """Return the leak that was allowed, in the form of a record."""
    if found is None:
        return None
    return {"allowed": True, "session": found.session, "series": list(found.series), "text": found.text}
