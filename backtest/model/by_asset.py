"""The record of a study of several assets as one record per asset, in the form of a study of one asset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from backtest.errors import RunUnreadable
from backtest.model.notes import SAID_OF_ASSET
from backtest.model.record import Record
from backtest.model.significance import by_remarkable
from backtest.untyped import Json

if TYPE_CHECKING:
    import pyarrow as pa

NAMED = "asset_name"
"""The column of a table that has one block of rows per asset; all blocks have the same length."""

COUNTING = "counting"
"""The code of the remark on how many events there really are."""


def asset_runs(run: Json) -> list[Json]:
    """Return the content of ``run.json`` for each asset of a study; with one asset, unchanged.

    Parameters
    ----------
    run : dict
        The content of ``run.json``.

    Returns
    -------
    list of dict
        Each in the form of a study of one asset, with p adjusted for all assets, and with the notes on the study and
        on this asset.
    """
    if "assets" not in run:
        return [run]
    shared = {key: value for key, value in run.items() if key != "assets"}
    notes = [note for note in run["notes"] if note.get("code") not in SAID_OF_ASSET]
    return [
        {
            **shared,
            **{key: value for key, value in one.items() if key != "name"},
            "parameters": {**run["parameters"], "measure.asset": one["name"]},
            "notes": [*notes, *one["notes"]],
        }
        for one in run["assets"]
    ]


def spoken_of(runs: Sequence[Json]) -> tuple[int, int] | None:
    """Return which asset and which row of its horizons the verdict speaks of, by position; None where there is no test.

    A look that holds is spoken of before any that does not, whatever its p.

    Parameters
    ----------
    runs : sequence of dict
        As `asset_runs` returns them.
    """
    looks = [
        (*by_remarkable(row["p_adjusted"], row["p_value"], row.get("doubt")), asset, at)
        for asset, run in enumerate(runs)
        for at, row in enumerate(run.get("horizons") or [])
        if row.get("p_adjusted") is not None and row.get("excess") is not None
    ]
    return min(looks)[3:] if looks else None


def counted_over(runs: Sequence[Json]) -> tuple[int, int] | None:
    """Return the look at which it is told how many events there really are, as `spoken_of` returns one.

    That is the look of the verdict or, if the count changes nothing there, the same asset over the longest horizon at
    which it does.
    """
    look = spoken_of(runs)
    if look is None:
        return None
    asset, at = look
    telling = [row for row, one in enumerate(runs[asset]["horizons"]) if COUNTING in (one.get("remarks") or {})]
    return look if at in telling or not telling else (asset, telling[-1])


def said_beside_verdict(run: Json) -> list[str]:
    """Return what a reader must know beside the verdict: the remarks on the look that it speaks of, and its error rate.

    How many events there really are is said of the longest horizon where it changes nothing at that look.

    Parameters
    ----------
    run : dict
        The content of ``run.json``; an older one has neither.
    """
    runs = asset_runs(run)
    look = spoken_of(runs)
    remarks = {} if look is None else _remarks(runs, look)
    counted = counted_over(runs)
    if counted is not None and counted != look:
        remarks = {COUNTING: _remarks(runs, counted)[COUNTING], **remarks}
    return [*remarks.values(), *filter(None, [run.get("calibration")])]


def _remarks(runs: Sequence[Json], look: tuple[int, int]) -> dict[str, str]:
    return runs[look[0]]["horizons"][look[1]].get("remarks") or {}


def asset_records(record: Record) -> list[Record]:
    """Return the record of a study for each of its assets; with one asset, unchanged.

    Raises
    ------
    RunUnreadable
        The rows of a table are not one block per asset.
    """
    if "assets" not in record.run:
        return [record]
    names = [one["name"] for one in record.run["assets"]]
    blocks = {
        name: _blocks(record, name, names) for name, table in record.tables.items() if NAMED in table.column_names
    }
    shared = {name: table for name, table in record.tables.items() if name not in blocks}
    return [
        Record(record.folder, run, _with_history(shared | {name: found[at] for name, found in blocks.items()}))
        for at, run in enumerate(asset_runs(record.run))
    ]


def _blocks(record: Record, table: str, names: list[str]) -> list[pa.Table]:
    whole = record.tables[table]
    rows, rest = divmod(whole.num_rows, len(names))
    blocks = [whole.slice(at * rows, rows) for at in range(len(names))]
    ends = [
        {block[NAMED][at].as_py() for at in (0, rows - 1)} if rows else {name}
        for block, name in zip(blocks, names, strict=True)
    ]
    if rest or ends != [{name} for name in names]:
        raise RunUnreadable(
            f"{record.folder / f'{table}.parquet'}: its rows are not one block per asset.", "Run the study again."
        )
    return [block.drop_columns([NAMED]) for block in blocks]


def _with_history(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """Put the levels into the history, as in the record of one asset."""
    history, levels = tables["history"], tables["levels"]
    for field in levels.schema:
        if field.name != "session":
            history = history.append_column(field, levels[field.name])
    return {**{name: table for name, table in tables.items() if name != "levels"}, "history": history}
