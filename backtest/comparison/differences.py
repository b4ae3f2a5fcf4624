"""What differs between studies: settings that all of them have, and those that only some can have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from backtest.untyped import Json, Parameters


def differing_keys(parameters: Sequence[Parameters]) -> list[str]:
    """Return the settings that all studies have and in which they are not alike, in the order of the strategy files.

    All have a setting if all have its table, with the same detector where the table names one: the threshold of one
    detector is not that of another. Which detector it is, is a setting of all.

    Parameters
    ----------
    parameters : sequence of dict
        Every parameter of each study under its dotted key. A missing one is as one that is not set.
    """
    keys = dict.fromkeys(key for one in parameters for key in one)
    common = _common_tables(parameters)
    detectors = {key for key in keys if key.endswith(".use") and all(key in one for one in parameters)}
    asked = {key for key in keys if _table(key) in common} | detectors
    return [key for key in keys if key in asked and any(one.get(key) != parameters[0].get(key) for one in parameters)]


def own_settings(parameters: Sequence[Parameters]) -> list[Json]:
    """Return, for each study, what is set in tables that not all have: another detector, a condition, a trade."""
    common = _common_tables(parameters)
    return [
        {key: value for key, value in one.items() if _table(key) not in common and value is not None}
        for one in parameters
    ]


def _common_tables(parameters: Sequence[Parameters]) -> set[str]:
    every = [{_table(key) for key in one} for one in parameters]
    return {table for table in set.intersection(*every) if len({_detector(one, table) for one in parameters}) == 1}


def _detector(parameters: Mapping[str, object], table: str) -> str:
    """Return what decides which settings a table has: its detector, or how it combines conditions."""
    hows = [how for how in ("use", "all", "any", "not", "within") if f"{table}.{how}" in parameters]
    return str(parameters[f"{table}.use"]) if "use" in hows else " ".join(hows)


def _table(key: str) -> str:
    return key.rpartition(".")[0]
