"""Sums over a panel's assets of what parts of the events give under every shift, a block of assets at a time.

A panel in memory and one that is read by workers are summed by the same lines, so their results differ by rounding
alone. What holds all or none of the events of each date takes its rows from those of all events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from backtest.inference.panel_sums import PanelCircle, PanelSums, base_changes, sums_of_block
from backtest.measure.windows import window_ends
from backtest.model import Bools, Floats, Horizon, Ints, Prices
from backtest.model.panel import Panel
from backtest.panel.block_spreads import changes_of_block, spreads_of_assets
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_benchmark import BLOCK, Benchmark
from backtest.panel.panel_forward import PanelForward

ROWS_AT_ONCE = 2**30
"""Bytes of rows that are held at a time: groups of events that need more are summed in further passes."""


Key = tuple[str, int]
"""What a part is of, such as a half of the sample or a year that is left out, and which one."""


@dataclass(frozen=True, eq=False)
class EventsPart:
    """Some of the events, and the sessions that they are moved around.

    Attributes
    ----------
    keep : ndarray of shape (n_events,)
        Which events they are.
    circle : PanelCircle
        The sessions.
    whole_dates : bool
        Whether it holds all or none of the events of each date. Its sums then come without rows: `rows_of_whole` gives
        them.
    weights : ndarray of shape (n_events, n_horizons), optional
        What each event counts here; by default, what it counts in the study.
    assets : ndarray of shape (n_assets,), optional
        Which assets its base rate is of; by default, all.
    """

    keep: Bools
    circle: PanelCircle
    whole_dates: bool = False
    weights: Floats | None = None
    assets: Bools | None = None

    def among(self, events: slice, assets: slice) -> EventsPart:
        """Return the part of the events of some assets, one after another."""
        weights, base = self.weights, self.assets
        return replace(
            self,
            keep=self.keep[events],
            weights=None if weights is None else weights[events],
            assets=None if base is None else base[assets],
        )


def all_events(common: Prices, events: PanelEvents, forward: PanelForward) -> EventsPart:
    """Return all events, moved around the sessions on which one could have been seen on any asset."""
    return EventsPart(np.ones(len(events), dtype=np.bool_), circle_of(common, forward.horizons, span_of(events)))


def span_of(events: PanelEvents) -> tuple[int, int]:
    """Return the first and the last session on which an event could have been seen on any asset."""
    inside = np.flatnonzero(events.eligible.any(axis=1))
    return (int(inside[0]), int(inside[-1])) if len(inside) else (0, -1)


def seen_on(eligible: Bools | Ints) -> Ints:
    """Return the first and the last session on which an event could have been seen on each asset.

    Parameters
    ----------
    eligible : ndarray of shape (n_sessions, n_assets)
        As of `PanelEvents`.

    Returns
    -------
    ndarray of shape (2, n_assets)
        ``(n_sessions, -1)`` for an asset without any such session.
    """
    eligible = np.asarray(eligible, dtype=np.bool_)
    n, never = len(eligible), ~eligible.any(axis=0)
    first, last = eligible.argmax(axis=0), n - 1 - eligible[::-1].argmax(axis=0)
    return np.stack((np.where(never, n, first), np.where(never, -1, last)))


def circle_of(common: Prices, horizons: Sequence[Horizon], span: tuple[int, int]) -> PanelCircle:
    """Return the sessions that events are moved around.

    Parameters
    ----------
    common : Prices
        The sessions.
    horizons : sequence of Horizon
        In order of their length.
    span : (int, int)
        First and last session position on which an event could have been seen on any asset.
    """
    n, (first, last) = len(common), span
    ends = window_ends(n, horizons, 0, common.sessions)
    sizes, lengths = [], []
    for column in ends.T:
        inside = int(np.count_nonzero(column[first : last + 1] < n))
        window = column[first : first + inside] - np.arange(first, first + inside)
        sizes.append(inside)
        lengths.append(int(np.median(window)) if inside else 0)
    return PanelCircle(first, tuple(sizes), tuple(lengths))


def weights_of(forward: PanelForward) -> Floats:
    """Return what each event counts at each horizon, of shape (n_events, n_horizons).

    Weighted by date, an event without a complete window counts nothing, as those that share its date count for it.
    Weighted by event it has no effect where it stands, but may have one where it is moved to.
    """
    spread = forward.spread
    weights = np.ones(spread.shape)
    if forward.weight == "date":
        for column in range(spread.shape[1]):
            complete = np.isfinite(spread[:, column])
            weights[complete, column], weights[~complete, column] = forward.weights(column), 0.0
    return weights


def sums_of_parts(
    panel: Panel, events: PanelEvents, forward: PanelForward, benchmark: Benchmark | None, parts: Sequence[EventsPart]
) -> list[PanelSums]:
    """Sum what parts of the events give, reading each block of assets once for all of them.

    Parameters
    ----------
    panel, events, forward
        The study so far.
    benchmark : Benchmark, optional
        What every asset is compared with, as `forward` was measured.
    parts : sequence of EventsPart
        Of the events.
    """
    every = [PanelSums(part.circle) for part in parts]
    add_assets(every, parts, panel, events, forward.horizons, benchmark, weights_of(forward))
    return every


def add_assets(
    every: Sequence[PanelSums],
    parts: Sequence[EventsPart],
    panel: Panel,
    events: PanelEvents,
    horizons: Sequence[Horizon],
    benchmark: Benchmark | None,
    weights: Floats,
) -> None:
    """Add what parts of the events of some assets give to sums over others.

    Parameters
    ----------
    every : sequence of PanelSums
        One a part; they are changed.
    parts : sequence of EventsPart
        Of the events of these assets.
    panel, events : Panel, PanelEvents
        The assets, and their events.
    horizons : sequence of Horizon
        As those of the circles.
    benchmark : Benchmark, optional
        What every asset is compared with.
    weights : ndarray of shape (n_events, n_horizons)
        What each event counts in the study, as `weights_of` gives it.
    """
    for first in range(0, len(panel), BLOCK):
        block = slice(first, min(first + BLOCK, len(panel)))
        inside = (events.asset >= block.start) & (events.asset < block.stop)
        changes = changes_of_block(panel, benchmark, block)
        seen = np.asarray(events.eligible[:, block], dtype=np.bool_)
        whole = base_changes(changes, seen)
        held, spreads = spreads_of_assets(panel, events.eligible, horizons, benchmark, events.asset[inside])
        earned = spreads, changes[:, held - first]
        for part, sums in zip(parts, every, strict=True):
            base = whole
            if part.assets is not None:
                base = base_changes(changes[:, part.assets[block]], seen[:, part.assets[block]])
            sums.add_base(*base)
            mine = np.flatnonzero(inside & part.keep)
            if len(mine):
                column = np.searchsorted(held, events.asset[mine])
                each = (weights if part.weights is None else part.weights)[mine]
                made = sums_of_block(part.circle, *earned, events.day0[mine], column, each, not part.whole_dates)
                sums.add(made)


def rows_of_whole(sums: PanelSums, whole: PanelSums, days: Sequence[int]) -> None:
    """Give the sums of whole dates their rows: views of those of all events, which take no memory.

    Parameters
    ----------
    sums : PanelSums
        Without rows; it is changed. Its circle lies within that of `whole`.
    whole : PanelSums
        Of all events.
    days : sequence of int
        Session positions of the dates.
    """
    m, later = sums.circle.longest, sums.circle.first - whole.circle.first
    for day in days:
        place = day - sums.circle.first
        if 0 <= place < m:
            sums.rows[place] = whole.rows[place + later][later : later + m + 1]
            sums.weight[place] = whole.weight[place + later]


def in_passes(parts: Mapping[Key, EventsPart], day0: Ints, needed: int = 0) -> Iterator[dict[Key, EventsPart]]:
    """Divide parts among passes over the assets, so that the rows of each take bounded memory.

    Parameters
    ----------
    parts : mapping of Key to EventsPart
        In order.
    day0 : ndarray of shape (n_events,)
        Session positions of the events.
    needed : int
        So many of the first parts are all in the first pass, however many rows they have.
    """
    held, size = dict[Key, EventsPart](), 0
    for key, part in parts.items():
        rows = 0 if part.whole_dates else len(np.unique(day0[part.keep]))
        more = 8 * rows * (part.circle.longest + 1)
        if held and len(held) >= needed and size + more > ROWS_AT_ONCE:
            yield held
            held, size, needed = {}, 0, 0
        held[key] = part
        size += more
    if held:
        yield held
