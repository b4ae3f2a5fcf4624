"""What the picture of a run shows: the look that the verdict speaks of, event by event."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest import format as words
from backtest.errors import ExportRefused
from backtest.handout.handout import Handout, horizon_in
from backtest.handout.ordinary import Ordinary, ordinary_sessions
from backtest.model import Floats, Record, Sessions, measured_by
from backtest.model.by_asset import asset_records, spoken_of
from backtest.untyped import Json

COMPLETE = "complete"


@dataclass(frozen=True)
class Finding:
    """What the picture shows.

    Attributes
    ----------
    title, sentence, subject : str
        The study, its finding in words, and what is on the axis.
    days : ndarray of shape (n_events,)
        Day 0 of each event with a complete window.
    outcomes : ndarray of shape (n_events,)
        What is judged after each, as fractions.
    mean, base : float
        Means over the events and over ordinary sessions.
    interval : tuple of float, or None
        The 95% interval of the effect, put on the base rate.
    ordinary : Ordinary or None
        How ordinary sessions are spread, where the record tells it.
    left_out : int
        Events without a complete window.
    word : str
        A spread or a return.
    source : str
        On what it rests.
    """

    title: str
    sentence: str
    subject: str
    days: Sessions
    outcomes: Floats
    mean: float
    base: float
    interval: tuple[float, float] | None
    ordinary: Ordinary | None
    left_out: int
    word: str
    source: str


def finding_of(handout: Handout) -> Finding:
    """Collect what the picture of a run shows.

    Raises
    ------
    ExportRefused
        It is no run, or has no event with a complete window.
    """
    if handout.record is None:
        raise ExportRefused(
            f"{handout.kind} '{handout.name}': only a run has a picture.",
            "Export its tables: --to xlsx, csv, latex, md.",
        )
    records = asset_records(handout.record)
    at = spoken_of([one.run for one in records]) or _first_measured(records)
    if at is None:
        raise ExportRefused(
            f"run '{handout.name}': no event has a complete window, so there is nothing to draw.",
            "Export its tables: --to xlsx, csv, latex, md.",
        )
    return _finding(handout, records[at[0]], records[at[0]].run["horizons"][at[1]])


def _first_measured(records: list[Record]) -> tuple[int, int] | None:
    looks = [(asset, at) for asset, one in enumerate(records) for at, row in enumerate(one.run["horizons"]) if row["n"]]
    return next(iter(looks), None)


def _finding(handout: Handout, record: Record, row: Json) -> Finding:
    run, of, horizon = record.run, measured_by(record.run["legs"]), row["horizon"]
    rows = [one for one in record.tables["forward_returns"].to_pylist() if horizon_in(one) == horizon]
    day0 = dict(zip(*(record.tables["events"][name].to_pylist() for name in ("event", "day0")), strict=True))
    complete = [one for one in rows if one["status"] == COMPLETE]
    base = row[of.base_mean] or 0.0
    interval = None if row.get("ci_low") is None else (base + row["ci_low"], base + row["ci_high"])
    names = [_called(run, leg) for leg in of.held]
    return Finding(
        title=words.plain(handout.title),
        sentence=words.plain(str(run.get("headline") or handout.verdict)),
        subject=words.plain(f"{' minus '.join(names)}, {_after(horizon)}"),
        days=np.array([day0[one["event"]] for one in complete], dtype="datetime64[D]"),
        outcomes=np.array([one[of.key] for one in complete], dtype=np.float64),
        mean=row[of.mean],
        base=base,
        interval=interval,
        ordinary=ordinary_sessions(record, horizon),
        left_out=len(rows) - len(complete),
        word=of.word,
        source=_source(run),
    )


def _after(horizon: int | str) -> str:
    return f"{words.period(horizon)} after"


def _called(run: Json, leg: str) -> str:
    return str((run.get("parameters") or {}).get(f"measure.{leg}") or run["legs"][leg]["name"])


def _source(run: Json) -> str:
    data, sample = run["dataset"], run["sample"]
    where = f"{data['title']} ({data['name']}, sha256 {data['sha256'][:12]})"
    when = f"{words.day(sample['first'])} to {words.day(sample['last'])}"
    return words.plain(f"Data: {where}, {when}. Run {run['run_id']}, episode-backtest {run['version']}.")
