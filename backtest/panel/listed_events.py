"""Events of many assets from a list: each row becomes an event, or is left out for a stated reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from backtest.data.files.numbers import shortened
from backtest.data.files.source import Source
from backtest.detect.builtin.dates import check
from backtest.detect.date_account import MERGED, notes_of, repeats
from backtest.detect.event_dates import CLOSED, NO_SESSION, OUTSIDE, place
from backtest.detect.event_list import EventList, source_of
from backtest.detect.event_pairs import ListColumns, read_pairs
from backtest.detect.file_parameters import resolve
from backtest.detect.tree import Recipe, Single, singles
from backtest.errors import StrategyInvalid, StudyRefused
from backtest.format import plural, some
from backtest.model import Account, Condition, Ints, Note
from backtest.model.accounts import exclusions
from backtest.model.panel import Universe
from backtest.untyped import Parameters

UNKNOWN = "unknown_asset"
"""Why a row is no event: the panel lacks its asset."""
USE = "dates"
"""The detector that reads lists."""


@dataclass(frozen=True, eq=False)
class ListedEvents:
    """A list of events on a panel; arrays of shape (n_rows,), in the order of the list.

    Attributes
    ----------
    listed : EventList
        As written.
    asset : ndarray
        Column of the asset in the panel; -1 if the panel lacks it.
    position : ndarray
        Session on which the row counts; -1 if there is none.
    why : ndarray of str
        Why the row flags no session; empty if it does.
    account : Account
        Rows read, sessions of assets kept, and what was left out.
    notes : tuple of Note
        What a reader must know about the list.
    """

    listed: EventList
    asset: Ints
    position: Ints
    why: np.ndarray
    account: Account
    notes: tuple[Note, ...]

    @cached_property
    def kept(self) -> Ints:
        """The rows that flag a session, in order of their assets."""
        rows = np.flatnonzero(self.why == "")
        return rows[np.argsort(self.asset[rows], kind="stable")]

    @cached_property
    def group_at(self) -> dict[tuple[int, int], str]:
        """The group of each flagged session of an asset; empty without groups."""
        group, rows = self.listed.group, self.kept.tolist()
        return {} if group is None else {(int(self.asset[row]), int(self.position[row])): group[row] for row in rows}

    def between(self, first: int, stop: int) -> ListedEvents:
        """Return the rows that flag a session of some assets, whose columns then begin with zero."""
        rows = np.flatnonzero((self.why == "") & (self.asset >= first) & (self.asset < stop))
        account = replace(self.account, read=len(rows), kept=len(rows), excluded=())
        return ListedEvents(
            self.listed.some(rows), self.asset[rows] - first, self.position[rows], self.why[rows], account, ()
        )

    def condition(self, columns: range, sessions: int) -> Condition:
        """Return the flags of some assets in a row, one column each; each flagged session is an episode of its own."""
        rows = self.kept[slice(*np.searchsorted(self.asset[self.kept], (columns.start, columns.stop)))]
        met = np.zeros((len(columns), sessions), dtype=np.bool_).T  # one asset after another
        met[self.position[rows], self.asset[rows] - columns.start] = True
        return Condition(met, np.ones_like(met), begins=met)


def lists_on_panel(panel: Universe, recipe: Recipe, events: Source | None = None) -> dict[str, ListedEvents]:
    """Read every list of a recipe that names assets, by its table in the strategy.

    Parameters
    ----------
    panel : Universe
        The assets.
    recipe : Recipe
        The detectors; those called ``dates`` read lists. A list that names no assets is left to its detector.
    events : Source, optional
        A list that stands in for the file of the only such detector.

    Raises
    ------
    StudyRefused, StrategyInvalid, DataRefused, NotFound
        A list cannot be read, or names no asset of the panel; or there is no detector, or more than one, for `events`.
    """
    reading = [one for one in singles(recipe) if one.use == USE]
    if events is not None and (len(reading) != 1 or reading[0].values["file"] or reading[0].values["dates"]):
        raise StudyRefused(
            "events: stand in for the file of a detector 'dates' without file or dates, and the strategy has "
            f"{len(reading)} such detectors.",
            'Write use = "dates" in [detector], or leave the events out.',
        )
    found = {one.key: _read(panel, one, events) for one in reading if events is not None or one.values["file"]}
    return {key: placed for key, placed in found.items() if placed is not None}


def _read(panel: Universe, one: Single, events: Source | None) -> ListedEvents | None:
    given = resolve(one.values, one.detector.files, one.detector.folder)
    of_file = {key: given[key] for key in ("column", "date_format", "time")}
    source = source_of(given["file"]) if events is None else events
    check(given["dates"], given["file"] or source, of_file, given["after_close"], given["on"], given["offset"])
    columns = ListColumns(**of_file, assets=given["assets"], groups=given["groups"])
    listed = read_pairs(source, columns, set(panel.assets), timed=given["after_close"] is None)
    if listed.asset is None:
        if events is None and given["groups"] is None:
            return None
        raise StudyRefused(
            f"{source.name}: no column names assets; it has {', '.join(map(repr, source.columns))}.",
            "Call one asset, ticker or symbol, or name it with the detector's assets.",
        )
    if given["dates"] is not None:
        raise StrategyInvalid(
            f"{one.key}: 'dates' names no assets, and the file does.", "Write these dates into the file, one per asset."
        )
    return place_on_panel(panel, listed, given, one.key)


def place_on_panel(panel: Universe, listed: EventList, given: Parameters, key: str = "detector") -> ListedEvents:
    """Find the asset and the session of every row.

    Parameters
    ----------
    panel : Universe
        The assets.
    listed : EventList
        With assets.
    given : dict
        ``on``, ``offset`` and ``after_close``, as of the detector ``dates``.
    key : str
        The table of the strategy.

    Raises
    ------
    StudyRefused
        The panel has none of its assets.
    """
    names = np.array(listed.asset, dtype=object)
    number = {name: column for column, name in enumerate(panel.assets)}
    asset = np.array([number.get(name, -1) for name in listed.asset or ()], dtype=np.int64)
    late, says = listed.late, listed.timed
    if given["after_close"] is not None:
        late, says = np.full(len(names), given["after_close"]), "after_close = true"
    known = np.flatnonzero(asset >= 0)
    order = known[np.argsort(listed.date[known], kind="stable")]
    dates = listed.date[order]
    placed = replace(place(dates, panel.common, given["on"], given["offset"], late[order]), asset=asset[order])
    position, why = np.full(len(names), -1), np.full(len(names), UNKNOWN, dtype=object)
    position[order], why[order] = placed.position, np.where(repeats(placed), MERGED, placed.why)
    unknown = _unknown(names[asset < 0], panel)
    if not len(known):
        raise StudyRefused(f"{key}: {unknown[0].text}", f"The panel has {some(panel.assets, 3)}.")
    told = notes_of(dates, placed, late[order], says, panel.common, given["offset"], names[order])
    account = _account(listed, names, why, key)
    found = ListedEvents(listed, asset, position, why, account, (*listed.notes, *unknown, *told))
    return replace(found, notes=(*found.notes, *_two_groups(found)))


def _account(listed: EventList, names: np.ndarray, why: np.ndarray, key: str) -> Account:
    out = {reason: np.flatnonzero(why == reason) for reason in (UNKNOWN, MERGED, OUTSIDE, NO_SESSION, CLOSED)}
    labels = {
        reason: [f"{_shown(name)} {day}" for name, day in zip(names[rows], listed.date[rows].astype(str), strict=True)]
        for reason, rows in out.items()
    }
    account = Account("dates", len(names), int(np.count_nonzero(why == "")), exclusions(labels.items()), key)
    account.check()
    return account


def _unknown(names: np.ndarray, panel: Universe) -> list[Note]:
    """Count the rows whose assets the panel lacks, and name these in the order of the list."""
    rows = Counter(names.tolist())
    if not rows:
        return []
    texts = [f"{_shown(name)} ({plural(n, 'row')})" for name, n in rows.items()]
    alike = {name.casefold(): name for name in panel.assets}
    near = [f"{_shown(alike[name.casefold()])} for {_shown(name)}" for name in rows if name.casefold() in alike]
    case = f"; names are compared letter by letter, and the panel has {some(near, 5)}" if near else ""
    lacks = f"the panel lacks {plural(len(rows), 'asset')} of the list, in {plural(len(names), 'row')}"
    text = f"{lacks}: {some(texts)}{case}."
    return [Note("unknown_assets", "detector", text)]


def _shown(name: str) -> str:
    return shortened(name if name.isprintable() else repr(name))


def _two_groups(found: ListedEvents) -> list[Note]:
    """Count the rows that were merged into an event of another group."""
    rows = np.flatnonzero(found.why == MERGED)
    if found.listed.group is None or not len(rows):
        return []
    kept = found.group_at
    differ = [
        row for row in rows.tolist() if kept[int(found.asset[row]), int(found.position[row])] != found.listed.group[row]
    ]
    if not differ:
        return []
    texts = [f"{_shown((found.listed.asset or ())[row])} {found.listed.date[row]}" for row in differ]
    text = f"{plural(len(differ), 'row')} merged with an event of another group, which counts: {some(texts)}."
    return [Note("merged_groups", "detector", text)]
