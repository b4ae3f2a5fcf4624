"""Series derived from other series: an index from percent returns, a splice, a ratio, a sum, an expectation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backtest.data.manifest.manifest import Series
from backtest.errors import DataRefused
from backtest.model import Floats, Seam, Sessions

BASE = 100.0


def derive(
    name: str, spec: Series, sessions: Sessions, columns: Mapping[str, Floats], tables: Mapping[str, Any]
) -> tuple[Floats, str]:
    """Compute a derived series.

    Parameters
    ----------
    name : str
        Its name, for refusals.
    spec : Series
        How the manifest derives it.
    sessions : ndarray of shape (n_sessions,)
        The dataset's sessions.
    columns : mapping of str to ndarray of shape (n_sessions,)
        The series available so far; percent returns in percent.
    tables : mapping of str to Contracts
        The futures.

    Returns
    -------
    values : ndarray of shape (n_sessions,)
        NaN where an input is missing.
    derivation : str
        How it was made, in words.

    Raises
    ------
    DataRefused
        The inputs have a hole, or have no common session where they would be chained.
    """
    if spec.expects:
        return spec.expects.values(sessions, columns, tables), spec.derivation
    inputs = [columns[other] for other in spec.inputs]
    if spec.index_of:
        values = index_of(name, spec.index_of, sessions, inputs[0])
        started = "" if np.isnan(inputs[0][0]) else "; no session precedes the first return: it starts after it"
        return values, spec.derivation + started
    if spec.splice:
        values, seam = splice(name, spec.splice, sessions, inputs[0], inputs[1])
        return values, Seam(sessions[seam].item(), *spec.splice).words
    if spec.ratio:
        return _ratio(inputs[0], inputs[1]), spec.derivation
    return np.sum(inputs, axis=0, dtype=np.float64), spec.derivation


def index_of(name: str, returns_name: str, sessions: Sessions, returns: Floats) -> Floats:
    """Compound percent returns to a level that is 100 on the session before the first return.

    If the first return falls on the first session of the dataset, no session precedes it, and the level starts with
    the first return already earned.
    """
    present = np.flatnonzero(~np.isnan(returns))
    first, last = int(present[0]), int(present[-1])
    holes = np.flatnonzero(np.isnan(returns[first : last + 1]))
    if len(holes):
        raise DataRefused(
            f"series '{name}': {returns_name} has no return on {sessions[first + int(holes[0])]}, a session between "
            "its first and last: an index needs a return on each.",
        )
    levels = np.full(len(returns), np.nan)
    levels[first : last + 1] = BASE * np.cumprod(1.0 + returns[first : last + 1] / 100.0)
    if first > 0:
        levels[first - 1] = BASE
    return levels


def splice(name: str, names: list[str], sessions: Sessions, first: Floats, second: Floats) -> tuple[Floats, int]:
    """Chain two levels so that no return crosses the seam; return the seam's position as well.

    The seam is the first session of the second series. Returns up to and including the seam come from the first series,
    later returns from the second.
    """
    seam = int(np.flatnonzero(~np.isnan(second))[0])
    if np.isnan(first[seam]):
        raise DataRefused(
            f"series '{name}': {names[0]} has no value on {sessions[seam]}, the first session of {names[1]}: "
            "a splice needs both on that session."
        )
    values = first.copy()
    values[seam + 1 :] = first[seam] * (second[seam + 1 :] / second[seam])
    return values, seam


def _ratio(above: Floats, below: Floats) -> Floats:
    values = np.full(len(above), np.nan)
    np.divide(above, below, out=values, where=below != 0)
    return values
