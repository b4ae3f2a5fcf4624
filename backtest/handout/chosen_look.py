"""Which look of a run a picture shows: which asset, over which horizon."""

from __future__ import annotations

from collections.abc import Sequence

from backtest.errors import NotFound, did_you_mean
from backtest.model import Asked, Record
from backtest.model.by_asset import asset_records, spoken_of
from backtest.untyped import Json


def called(run: Json, leg: str) -> str:
    """Return what a leg is called: as the strategy names it, or else its series."""
    asked = (run.get("parameters") or {}).get(f"measure.{leg}")
    return asked if asked and isinstance(asked, str) else str(run["legs"][leg]["name"])


def look_of_verdict(records: Sequence[Record]) -> tuple[int, int] | None:
    """Return the look that the verdict speaks of, as asset and row; without a test, the first with a complete window.

    Parameters
    ----------
    records : sequence of Record
        One for each asset, as `asset_records` returns them.
    """
    at = spoken_of([one.run for one in records])
    if at is not None:
        return at
    looks = [(asset, at) for asset, one in enumerate(records) for at, row in enumerate(one.run["horizons"]) if row["n"]]
    return next(iter(looks), None)


def asset_of(record: Record, asset: str | None) -> Record:
    """Return the record of one asset: of the one that is named, or else of the one that the verdict speaks of.

    Raises
    ------
    NotFound
        The run has no such asset.
    """
    records = asset_records(record)
    if asset is None:
        return records[(look_of_verdict(records) or (0, 0))[0]]
    found = [one for one in records if asset in (called(one.run, "asset"), one.run["legs"]["asset"]["name"])]
    if not found:
        known = [called(one.run, "asset") for one in records]
        raise NotFound(f"asset '{asset}' is not in run '{record.run['run_id']}'.", did_you_mean(str(asset), known))
    return found[0]


def look_in(record: Record, horizon: Asked | None) -> Json:
    """Return a row of the horizons of one asset: the one that is asked for, or else the one of the verdict.

    Without a complete window at any horizon, that is the first.

    Raises
    ------
    NotFound
        The run has no such horizon.
    """
    rows: list[Json] = record.run["horizons"]
    known = [str(row["horizon"]) for row in rows]
    if horizon is None and rows:
        return rows[(look_of_verdict([record]) or (0, 0))[1]]
    if str(horizon) not in known:
        raise NotFound(
            f"horizon {horizon} is not in run '{record.run['run_id']}'.", f"Known: {', '.join(known) or 'none'}."
        )
    return rows[known.index(str(horizon))]
