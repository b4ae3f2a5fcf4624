"""The sample window, counted: how many of its sessions form the base rate, and what excludes the others."""

from __future__ import annotations

import numpy as np

from backtest.detect.episodes import Day0
from backtest.model import Bools, Detection, Sessions
from backtest.study.base_rate import BaseRate, datable_sessions
from backtest.untyped import Json


def sample_span(sessions: Sessions, detection: Detection) -> Json:
    """Return the first and last day of the sample window, and its number of sessions."""
    first, last = detection.window
    return {"first": str(sessions[first]), "last": str(sessions[last]), "sessions": last - first + 1}


def sample_json(sessions: Sessions, detection: Detection, base_rate: BaseRate, day0: Day0) -> Json:
    """Count the sessions of the sample window.

    Returns
    -------
    dict
        ``sessions`` is the sum of ``eligible`` and of the excluded sessions, by the first reason that holds:
        ``not_judged``, the condition is unknown; ``not_dated``, no event can be dated to it, as its pattern or what
        follows its run is unknown; ``not_covered``, entry lies before a leg begins; ``no_level``, a leg has no level at
        entry.
    """
    first, last = detection.window

    def counted(flags: Bools) -> int:
        return int(np.count_nonzero(flags[first : last + 1]))

    known = detection.condition.known
    datable = datable_sessions(detection, day0)
    left_out = datable & ~base_rate.eligible
    early = np.arange(len(known)) + base_rate.forward.lag < base_rate.begins
    return {
        **sample_span(sessions, detection),
        "eligible": counted(base_rate.eligible),
        "not_judged": counted(~datable & ~known),
        "not_dated": counted(~datable & known),
        "not_covered": counted(left_out & early),
        "no_level": counted(left_out & ~early),
    }
