"""The figures of a detector's page: some sessions as a small picture, in fractions of its width and height."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backtest import format as words
from backtest.model.run_lengths import runs

MARGIN = 0.08
"""Share of the height that is left free above the highest value and below the lowest."""


@dataclass(frozen=True)
class Label:
    """A word beside the picture, and its place in percent from the top or from the left."""

    at: float
    text: str


@dataclass(frozen=True)
class Picture:
    """What is drawn; all places in percent of the width or the height.

    Attributes
    ----------
    line : str
        The indicator as an SVG path, interrupted where a value is missing. Empty without an indicator.
    flagged : list of (float, float)
        Start and end of the flagged sessions.
    pattern : (float, float) or None
        Start and end of the pattern before the trigger.
    threshold : float or None
        Distance from the top.
    trigger : float
        Distance from the left.
    levels, days : list of Label
        Beside the picture and below it.
    name : str
        The indicator, with its unit.
    said : str
        The picture in words, for readers who cannot see it.
    """

    line: str
    flagged: list[tuple[float, float]]
    pattern: tuple[float, float] | None
    threshold: float | None
    trigger: float
    levels: list[Label]
    days: list[Label]
    name: str
    said: str


def picture(drawn: Mapping[str, Any]) -> Picture:
    """Arrange some sessions, as `backtest.catalog.detectors.episode_picture` returns them."""
    days: Sequence[str] = drawn["sessions"]
    n = len(days)
    values: Sequence[float | None] = drawn["indicator"] or [None] * n
    threshold = drawn["threshold"]
    low, high = _range(values, threshold)

    def across(position: float) -> float:
        return round(100 * position / n, 3)

    def down(value: float) -> float:
        return round(100 * (MARGIN + (1 - 2 * MARGIN) * (high - value) / (high - low)), 3)

    first, last = runs(np.array(drawn["met"], dtype=np.bool_))
    trigger, start = drawn["trigger"], drawn["start"]
    known = [value for value in values if value is not None]
    shown = {max(known), min(known)} if known else set()
    marks = [Label(down(value), _amount(value, drawn["unit"])) for value in sorted(shown, reverse=True)]
    return Picture(
        line=_path(values, across, down),
        flagged=[(across(begin), across(end + 1)) for begin, end in zip(first.tolist(), last.tolist(), strict=True)],
        pattern=(across(start), across(trigger)) if start < trigger else None,
        threshold=None if threshold is None or not known else down(threshold),
        trigger=across(trigger + 0.5),
        levels=[mark for mark in marks if threshold is None or abs(mark.at - down(threshold)) > 12]
        + ([Label(down(threshold), _amount(threshold, drawn["unit"]))] if threshold is not None and known else []),
        days=[
            Label(across(0.5), days[0]),
            Label(across(trigger + 0.5), days[trigger]),
            Label(across(n - 0.5), days[-1]),
        ],
        name=_name(drawn),
        said=_said(drawn, days),
    )


def _range(values: Sequence[float | None], threshold: float | None) -> tuple[float, float]:
    numbers = [value for value in (*values, threshold) if value is not None]
    low, high = (min(numbers), max(numbers)) if numbers else (0.0, 1.0)
    return (low, high) if high > low else (low - 1.0, high + 1.0)


def _path(values: Sequence[float | None], across: Any, down: Any) -> str:  # noqa: ANN401  two scales
    steps, pen = [], "M"
    for position, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        steps.append(f"{pen}{across(position + 0.5):g} {down(value):g}")
        pen = "L"
    return " ".join(steps)


def _amount(value: float, unit: str) -> str:
    if unit == "probability":
        return words.share(value, 1)
    if unit == "fraction":
        return words.percent(value, 1)
    return words.number(value, 0 if unit == "sessions" else 2)


def _name(drawn: Mapping[str, Any]) -> str:
    unit = "" if drawn["unit"] in (*words.SHARES, "1", "") else f", {drawn['unit']}"
    return f"{drawn['name']}{unit}"


def _said(drawn: Mapping[str, Any], days: Sequence[str]) -> str:
    flagged = words.plural(sum(drawn["met"]), "session")
    beyond = (
        f" The threshold is {_amount(drawn['threshold'], drawn['unit'])}." if drawn["threshold"] is not None else ""
    )
    return (
        f"{_name(drawn) or 'Sessions'} from {days[0]} to {days[-1]}, on simulated data: {flagged} flagged, "
        f"triggered on {days[drawn['trigger']]}.{beyond}"
    )
