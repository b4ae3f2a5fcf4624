"""The p of a comparison, adjusted for all studies and horizons that it shows."""

from __future__ import annotations

from collections.abc import Sequence

from backtest.comparison.entries import Entry
from backtest.inference.multiple import family_p_values, holm
from backtest.untyped import Json

JOINT = "by the maximum over the same shifts"


def joint_p_values(entries: Sequence[Entry]) -> tuple[list[list[float | None]], str]:
    """Adjust p for all studies and horizons shown.

    Returns
    -------
    list of list of float or None
        Per study, in the order of its horizons.
    str
        The method: the joint null of the shifts if those of every study are known; else Holm's step-down, which needs
        only p-values, and why.
    """
    horizons = [entry.run["horizons"] for entry in entries]
    own = [[_number(row["p_value"]) for row in rows] for rows in horizons]
    flat = [p for row in own for p in row]
    lacking = [entry for entry in entries if not entry.known]
    if lacking:
        adjusted, how = holm(flat), f"by Holm's step-down, because {_reasons(lacking)}"
    else:
        cells = [cell for entry in entries for cell in entry.shifts]
        held = [_held(entry.run) for entry in entries for _ in entry.shifts]
        adjusted, how = family_p_values(cells, flat, held), JOINT
    found = iter(adjusted)
    return [[_given(next(found)) for _ in row] for row in own], how


def _reasons(lacking: Sequence[Entry]) -> str:
    return "; ".join(dict.fromkeys(entry.lacking for entry in lacking))


def _held(run: Json) -> tuple[str, ...]:
    """Return the series that a study holds, and their origin: together they determine its circles."""
    return (run["dataset"]["sha256"], *(leg["name"] for leg in run["legs"].values()))


def _number(value: float | None) -> float:
    return float("nan") if value is None else value


def _given(value: float) -> float | None:
    return value if value == value else None
