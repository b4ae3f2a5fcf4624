"""What the picture of a run shows: one look, event by event; by default, the look that the verdict speaks of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest import format as words
from backtest.errors import ExportRefused
from backtest.handout.chosen_look import called, look_of_verdict
from backtest.handout.handout import Handout, horizon_in
from backtest.handout.ordinary import Ordinary, ordinary_sessions
from backtest.model import Floats, Record, Sessions, measured_by
from backtest.model.by_asset import asset_records
from backtest.model.record import is_panel
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
    mean, base : float or None
        Means over the events and over ordinary sessions; None where there is none.
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
    leaks : bool
        Whether its detector looks ahead, which was allowed.
    """

    title: str
    sentence: str
    subject: str
    days: Sessions
    outcomes: Floats
    mean: float | None
    base: float | None
    interval: tuple[float, float] | None
    ordinary: Ordinary | None
    left_out: int
    word: str
    source: str
    leaks: bool = False


def finding_of(handout: Handout) -> Finding:
    """Collect what the picture of a run shows: the verdict, and the look that it speaks of.

    Raises
    ------
    ExportRefused
        It is no run, or has no event with a complete window.
    """
    if handout.record is None:
        raise ExportRefused(
            f"{handout.kind} '{handout.name}': it holds no recorded run.",
            "Export its tables: --to xlsx, csv, latex, md.",
        )
    records = asset_records(handout.record)
    at = look_of_verdict(records)
    if at is None:
        raise ExportRefused(
            f"run '{handout.name}': no event has a complete window, so there is nothing to draw.",
            "Export its tables: --to xlsx, csv, latex, md.",
        )
    record = records[at[0]]
    said = str(record.run.get("headline") or record.run["verdict"])
    return finding_at(record, record.run["horizons"][at[1]], said)


def finding_at(record: Record, row: Json, sentence: str) -> Finding:
    """Collect what the picture of one look shows.

    Parameters
    ----------
    record : Record
        The run as its asset has it.
    row : dict
        The horizon, as ``run.json`` has it.
    sentence : str
        What was found.
    """
    run, of, horizon = record.run, measured_by(record.run["legs"]), row["horizon"]
    rows = [one for one in record.tables["forward_returns"].to_pylist() if horizon_in(one) == horizon]
    day0 = dict(zip(*(record.tables["events"][name].to_pylist() for name in ("event", "day0")), strict=True))
    complete = [one for one in rows if one["status"] == COMPLETE]
    base = row[of.base_mean]
    sized = base is not None and row.get("ci_low") is not None
    return Finding(
        title=words.plain(str(run["title"])),
        sentence=words.plain(sentence),
        subject=f"{subject_of(run)}, {_after(horizon)}",
        days=np.array([day0[one["event"]] for one in complete], dtype="datetime64[D]"),
        outcomes=np.array([one[of.key] for one in complete], dtype=np.float64),
        mean=row[of.mean],
        base=base,
        interval=(base + row["ci_low"], base + row["ci_high"]) if sized else None,
        ordinary=ordinary_sessions(record, horizon),
        left_out=len(rows) - len(complete),
        word=of.word,
        source=source_of(run),
        leaks=bool(run.get("lookahead")),
    )


def subject_of(run: Json) -> str:
    """Name what is judged: the asset, or the asset minus the benchmark."""
    names = {"asset": "each asset"} if is_panel(run) else {}
    return words.plain(" minus ".join(names.get(leg) or called(run, leg) for leg in measured_by(run["legs"]).held))


def _after(horizon: int | str) -> str:
    return f"{words.period(horizon)} after"


def source_of(run: Json) -> str:
    """Say on which data and which run a picture rests."""
    data, sample = run["dataset"], run["sample"]
    where = f"{data['title']} ({data['name']}, sha256 {data['sha256'][:12]})"
    when = f"{words.day(sample['first'])} to {words.day(sample['last'])}"
    return words.plain(f"Data: {where}, {when}. Run {run['run_id']}, episode-backtest {run['version']}.")
