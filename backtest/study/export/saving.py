"""Save a result in a workspace: recorded with its report, named, and listed among the runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from backtest.untyped import Json
from backtest.workspace import Workspace


def save_in(
    place: Workspace,
    strategy: str,
    content: Callable[[], tuple[Json, Mapping[str, pa.Table]]],
    *,
    name: str = "",
    tags: str | Sequence[str] = (),
    note: str = "",
    output: Path | None = None,
    listed: bool = True,
) -> Path:
    """Record a result and return its folder.

    Parameters
    ----------
    place : Workspace
        The workspace.
    strategy : str
        The strategy's name.
    content : callable
        Returns the summary and the tables; called once name and labels are known to be allowed.
    name, tags, note, output, listed
        As of `backtest.study.study.Study.save`.

    Raises
    ------
    BacktestError
        The name is taken, a label is not allowed, or the folder cannot be written.
    """
    from backtest.catalog.naming import refuse_taken_name
    from backtest.catalog.runs import refresh_index  # draws pages, which a notebook may never need
    from backtest.record.sidecar import checked_labels
    from backtest.study.export.recording import record_study

    labels = checked_labels(name, (tags,) if isinstance(tags, str) else tuple(tags), note)
    if name and output is None:
        refuse_taken_name(place, name)
    summary, tables = content()
    folder = record_study(strategy, summary, tables, output or place.reports, labels)
    if listed and output is None:
        refresh_index(place.reports)
    return folder
