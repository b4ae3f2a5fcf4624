"""What futures priced for the Fed at one close: the table of CME FedWatch, and the cuts priced."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import cast

import numpy as np

from backtest.data.store.read import load_dataset
from backtest.errors import NotFound, StudyRefused
from backtest.format import plural
from backtest.model import Dataset, Note, Prices, Sessions
from backtest.outlook.meetings_ahead import (
    CALENDAR,
    FUTURES,
    POLICY,
    TARGET,
    MeetingOdds,
    Outlook,
    futures_of,
    number,
    outlook,
)
from backtest.rates.curve import cuts_priced
from backtest.rates.fedwatch import FROM, VERSIONS, Version
from backtest.rates.meetings import load_meetings
from backtest.untyped import Json
from backtest.workspace import Workspace

SCHEMA = 1
MONTHS = 12
SEEN: dict[Version, str] = {
    "typed_2015": "seen at CME from 2015 to 2017",
    "chain_post": "seen at CME from 2022-09 to 2024-03",
    "chain_pre": "seen at CME since 2024-08",
}
WEEKEND = np.timedelta64(7, "D")
"""Days after the dataset's last session that still take that session."""
FIRST_TOOL = np.datetime64("2015-01-01")
"""Before this date, CME published no such odds."""


def fedwatch_json(
    workspace: Workspace,
    dataset: str,
    on: dt.date | None = None,
    *,
    meetings: Path | None = None,
    version: str | None = None,
    ahead: int = 8,
) -> Json:
    """Return what futures priced at the close of a session.

    Parameters
    ----------
    workspace : Workspace
        Where the dataset is looked up.
    dataset : str
        A dataset with fed funds futures.
    on : date, optional
        A session, or a day without one: then the session before it is used, and a note says so. By default the last
        session with quotes.
    meetings : Path, optional
        A CSV file that adds to the calendar or replaces rows of the same date.
    version : str, optional
        A version of FedWatch; by default the version of that time.
    ahead : int
        Number of meetings.

    Returns
    -------
    dict
        Probabilities are fractions, rates percent; a missing number is null, with a note.

    Raises
    ------
    StudyRefused
        The dataset has no futures, or none known on that session; or the version does not exist.
    DataRefused
        The file of meetings is not valid.
    """
    data = load_dataset(workspace.dataset(dataset))
    prices = data.prices.published()
    futures = futures_of(prices)
    if futures is None:
        rule = f"no futures in the role {FUTURES}, and without them no odds of a meeting"
        raise NotFound(f"dataset '{data.name}': {rule}.", f"For a study instead: {prices.proxy_hint()}")
    at, moved = _position(prices, futures, data.name, on)
    asked = cast("Version | None", version)  # the solver refuses an unknown one
    looked = outlook(prices, futures, np.array([at]), load_meetings(meetings), asked, ahead)
    cuts, notes = _cuts(prices, futures, at)
    lower, upper = looked.range_after(0, 0)
    odds = looked.odds(0)
    return {
        "schema": SCHEMA,
        "dataset": {"name": data.name, "title": data.title, "sha256": data.sha256, "synthetic": data.synthetic},
        "session": str(prices.sessions[at]),
        "quoted": _quoted(prices, futures, at),
        "futures": {"name": futures, "title": prices.series[futures].title, "source": prices.series[futures].source},
        "version": _version(looked, asked=version is not None),
        "target": {"lower": lower, "upper": upper, "source": looked.source[0]},
        "cuts_priced": cuts,
        "meetings": [_meeting(one) for one in odds],
        "notes": [
            note.to_json()
            for note in (*moved, *_on_quotes(prices, futures, at), *_notes(data, looked, len(odds), ahead), *notes)
        ],
    }


def _position(prices: Prices, futures: str, dataset: str, on: dt.date | None) -> tuple[int, list[Note]]:
    """Return the requested session, which has quotes; for a day without a session, the one before, with a note."""
    quoted = np.unique(prices.contracts(futures).session)
    if not len(quoted):
        raise StudyRefused(f"dataset '{dataset}': {futures} holds no quote.", "Import the futures, then ask again.")
    if on is None:
        return int(quoted[-1]), []
    sessions, day = prices.sessions, np.datetime64(on, "D")
    first, last = sessions[quoted[0]], sessions[quoted[-1]]
    at = int(np.searchsorted(sessions, day, side="right")) - 1
    following = sessions[at + 1] if at + 1 < len(sessions) else last + WEEKEND
    if not first <= day or at > quoted[-1] or (at == quoted[-1] and day >= following):
        raise StudyRefused(
            f"--on {on}: outside the quotes of {futures} in '{dataset}', from {first} to {last}.",
            "Choose a session between them, or --on last.",
        )
    if at not in quoted:
        raise StudyRefused(f"--on {on}: {futures} was not quoted in '{dataset}'.", _nearest(sessions[quoted], day))
    if sessions[at] == day:
        return at, []
    text = f"{on} is not a session of '{dataset}': the session before it, {sessions[at]}, is shown"
    if at + 1 < len(sessions):
        text += f"; what was quoted in between is known at the next, {sessions[at + 1]}"
    return at, [Note("no_session", "session", f"{text}.")]


def _quoted(prices: Prices, futures: str, at: int) -> Json:
    """Return the first and the last day of the prices known at a session's close."""
    days = _days_of(prices, futures, at)
    return {"first": str(days.min()), "last": str(days.max())}


def _days_of(prices: Prices, futures: str, at: int) -> Sessions:
    contracts = prices.contracts(futures)
    days: Sessions = contracts.days(prices.sessions)[contracts.session == at]
    return days


def _on_quotes(prices: Prices, futures: str, at: int) -> list[Note]:
    """Return a note on the day of the prices, if it is not the session's own."""
    days, session = _days_of(prices, futures, at), prices.sessions[at]
    earlier = days[days < session]
    if not len(earlier):
        return []
    many = f"{len(earlier)} of {plural(len(days), 'contract')}"
    since = earlier.min() if earlier.min() == earlier.max() else f"{earlier.min()} to {earlier.max()}"
    text = f"{many} have prices of {since}: trades of {session} itself are known only one session later."
    return [Note("quoted_before", "quoted", text)]


def _nearest(quoted: Sessions, day: np.datetime64) -> str:
    after = int(np.searchsorted(quoted, day))
    return f"Quoted are {quoted[after - 1]} before it and {quoted[after]} after it."


def _cuts(prices: Prices, futures: str, at: int) -> tuple[Json, list[Note]]:
    """Return the cuts priced over the next twelve months and the effective rate, with notes on missing ones."""
    series = prices.roles.get(POLICY)
    found: Json = {"months": MONTHS, "moves": None, "effective": None, "series": series}
    if series is None:
        return found, [
            Note("no_policy_rate", "cuts_priced", f"Not given: the dataset has no series in the role {POLICY}.")
        ]
    effective = prices.close(series)
    moves = cuts_priced(prices.contracts(futures), prices.sessions, effective, MONTHS)[at]
    found |= {"moves": number(moves), "effective": number(effective[at])}
    if np.isfinite(moves):
        return found, []
    why = "has no value on that session" if np.isnan(effective[at]) else ""
    reason = f"{series} {why}" if why else f"the contract {MONTHS} months ahead was not quoted"
    return found, [Note("no_cuts", "cuts_priced", f"Not given: {reason}.")]


def _version(looked: Outlook, *, asked: bool) -> Json:
    """Describe the version: when it is the default, and when CME's figures matched it."""
    place = VERSIONS.index(cast(Version, looked.version[0]))
    following = VERSIONS[place + 1 :]
    return {
        "name": VERSIONS[place],
        "asked": asked,
        "default_from": FROM[VERSIONS[place]] if place else None,
        "default_until": str(np.datetime64(FROM[following[0]], "D") - 1) if following else None,
        "seen": SEEN[VERSIONS[place]],
    }


def _notes(data: Dataset, looked: Outlook, shown: int, ahead: int) -> list[Note]:
    notes = []
    if data.synthetic:
        notes.append(Note("simulated", "dataset", "The data are simulated: nobody ever expected these odds."))
    if looked.source[0] is None:
        series = data.prices.roles.get(TARGET)
        why = f"{series} has no value on that session" if series else f"the dataset has no series in the role {TARGET}"
        notes.append(
            Note(
                "no_target",
                "target",
                f"Not known: the calendar's decisions end before this session, and {why}. Outcomes are moves of 25 "
                "basis points from the target in force then.",
            )
        )
    elif looked.source[0] != CALENDAR:
        notes.append(
            Note(
                "target_from_series",
                "target",
                f"From {looked.source[0]}: the calendar's decisions end before this session.",
            )
        )
    if shown < ahead:
        notes.append(
            Note("few_meetings", "meetings", f"The calendar published then has only {shown} of the {ahead} meetings.")
        )
    if looked.sessions[0] < FIRST_TOOL:
        notes.append(
            Note("before_first_tool", "version", "Before 2015 CME published no such odds: this is a reconstruction.")
        )
    return notes


def _meeting(one: MeetingOdds) -> Json:
    return {**asdict(one), "outcomes": [asdict(outcome) for outcome in one.outcomes]}
