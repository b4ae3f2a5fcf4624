"""Why the size of an effect is not given, in a line a reason below the table of horizons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backtest.format import periods, some

Rows = Sequence[Mapping[str, Any]]


def reasons_without_size(assets: Mapping[str, Rows]) -> list[str]:
    """Say over which horizons there is no interval or no detectable effect, and why.

    Parameters
    ----------
    assets : mapping of str to sequence of mapping
        By asset, its figures by horizon, the same horizons for all; an older record has no reasons.

    Returns
    -------
    list of str
        Sentences. An asset is named where the same does not hold of all.
    """
    told: dict[tuple[str, str, int | str], list[str]] = {}
    for name, rows in assets.items():
        for row in rows:
            if row.get("no_size") and row["n"]:
                what = "No detectable effect" if row["ci_low"] is not None else "No interval and no detectable effect"
                told.setdefault((what, row["no_size"], row["horizon"]), []).append(name)
    over: dict[tuple[str, str, str], list[int | str]] = {}
    for (what, reason, horizon), names in told.items():
        of = "" if len(names) == len(assets) else f" of {some(names)}"
        over.setdefault((what, reason, of), []).append(horizon)
    return [f"{what}{of} over {periods(horizons)}: {reason}." for (what, reason, of), horizons in over.items()]
