"""The events that two studies share: those whose episodes overlap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from backtest.model import Bools

Event = Mapping[str, str]
"""An event as ``run.json`` lists it, with ISO dates; on a panel its ``asset`` and ``day0``."""

RULE = "An event is shared if its episode, from start to end, has a session in common with one of the other study."
PANEL_RULE = "An event is shared if the other study has one of the same asset with the same day 0."


def shared_with(events: Sequence[Event], others: Sequence[Event]) -> Bools:
    """Flag the events whose episode has a session in common with an episode of the other study.

    Day 0 alone is not enough: five rises in a row and four rises in a row are the same run, dated a session apart.

    Returns
    -------
    ndarray of shape (n_events,)
        In the order of `events`.
    """
    if not events or not others:
        return np.zeros(len(events), dtype=np.bool_)
    start, end = _ends(events)
    other_start, other_end = _ends(others)
    order = np.argsort(other_start)
    begun = np.searchsorted(other_start[order], end, side="right")
    latest_end = np.maximum.accumulate(other_end[order])
    return (begun > 0) & (latest_end[begun - 1] >= start)


def same_events(events: Sequence[Event], others: Sequence[Event]) -> Bools:
    """Flag the events on a panel that the other study has, too: the same asset with the same day 0.

    Returns
    -------
    ndarray of shape (n_events,)
        In the order of `events`.
    """
    known = {(event["asset"], event["day0"]) for event in others}
    return np.array([(event["asset"], event["day0"]) in known for event in events], dtype=np.bool_)


def _ends(events: Sequence[Event]) -> tuple[np.ndarray, np.ndarray]:
    start, end = (np.array([event[key] for event in events], dtype="datetime64[D]") for key in ("start", "end"))
    return start, end
