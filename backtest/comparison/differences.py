"""How studies differ: settings that all of them have, and settings that only some can have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backtest.untyped import Json, Parameters

EMPTY: tuple[object, ...] = (None, "", [])


def differing_keys(parameters: Sequence[Parameters]) -> list[str]:
    """Return the settings that all studies have and that differ, in the order of the strategy files.

    All studies have a setting if all have its table and, if the table names a detector, the same detector: thresholds
    of two detectors are not comparable. The choice of the detector is a setting of all.

    Parameters
    ----------
    parameters : sequence of dict
        Every parameter of each study under its dotted key. A missing parameter counts as not set.
    """
    keys = dict.fromkeys(key for one in parameters for key in one)
    common = _common_tables(parameters)
    detectors = {key for key in keys if key.endswith(".use") and all(key in one for one in parameters)}
    asked = {key for key in keys if _table(key) in common} | detectors
    return [key for key in keys if key in asked and any(one.get(key) != parameters[0].get(key) for one in parameters)]


def own_settings(parameters: Sequence[Parameters]) -> list[Json]:
    """Return, for each study, the settings in tables that not all have: another detector, a condition, a trade.

    Whatever is empty is left out: it sets nothing.
    """
    common = _common_tables(parameters)
    return [
        {key: value for key, value in one.items() if _table(key) not in common and value not in EMPTY}
        for one in parameters
    ]


def _common_tables(parameters: Sequence[Parameters]) -> set[str]:
    every = [{_table(key) for key in one} for one in parameters]
    return {table for table in set.intersection(*every) if len({_detector(one, table) for one in parameters}) == 1}


def _detector(parameters: Mapping[str, object], table: str) -> str:
    """Return what determines the settings of a table: its detector, or how it combines conditions."""
    hows = [how for how in ("use", "all", "any", "not", "within") if f"{table}.{how}" in parameters]
    return str(parameters[f"{table}.use"]) if "use" in hows else " ".join(hows)


def _table(key: str) -> str:
    return key.rpartition(".")[0]
