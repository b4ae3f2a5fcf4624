"""Run a recipe on every asset of a panel, and date the episodes of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from backtest.detect.episodes import COOLDOWN, OUTSIDE, take_events, why_no_event
from backtest.detect.tree import Recipe
from backtest.model import Bools, Episodes, Ints, Prices
from backtest.model.arrays import trues_by_row
from backtest.model.events import joined_episodes
from backtest.model.panel import OWN, Panel
from backtest.panel.event_origins import NOT_A_MEMBER, OUTSIDE_LIFE, LeftOut, Origin, joined_origin
from backtest.panel.listed_events import ListedEvents
from backtest.panel.on_block import Detectors
from backtest.spec.strategy import EpisodesTable


@dataclass(frozen=True, eq=False)
class PanelEvents:
    """Events of a panel, in order of the assets and then of day 0; arrays of shape (n_events,).

    Attributes
    ----------
    asset : ndarray
        Column of the asset.
    day0, knowable : ndarray
        Session positions, as of `backtest.model.Events`.
    eligible : ndarray of shape (n_sessions, n_assets)
        The asset-sessions of the sample window: from an asset's first close to its last while it is a member, and where
        the common series that the detectors read have begun and not ended. Of a panel that is not in memory, one
        column: how many assets.
    origin : Origin
        Where all events of the study come from, even if these are some of them.
    """

    asset: Ints
    day0: Ints
    knowable: Ints
    eligible: Bools | Ints
    origin: Origin = field(default_factory=Origin)

    def __len__(self) -> int:
        return len(self.day0)

    @property
    def eligible_assets(self) -> Ints:
        """How many assets are eligible on each session; of shape (n_sessions,)."""
        if self.eligible.dtype == np.bool_:
            return trues_by_row(self.eligible.view(np.bool_))
        return self.eligible[:, 0].view(np.int64)

    def only(self, keep: Bools) -> PanelEvents:
        """Return some of the events, on the same asset-sessions; `keep` has the shape (n_events,)."""
        return replace(self, asset=self.asset[keep], day0=self.day0[keep], knowable=self.knowable[keep])


def detect_on_panel(
    panel: Panel,
    recipe: Recipe,
    rules: EpisodesTable,
    window: tuple[int, int],
    lists: Mapping[str, ListedEvents] | None = None,
) -> PanelEvents:
    """Detect on each asset as a study of that asset alone would.

    Parameters
    ----------
    panel : Panel
        The assets.
    recipe : Recipe
        The detectors; the series ``"close"`` is the asset's own.
    rules : EpisodesTable
        Which session is day 0, and the cooldown, which is each asset's own.
    window : (int, int)
        First and last session position at which day 0 may lie; an asset's own first and last close narrow it.
    lists : mapping of str to ListedEvents, optional
        Events that are listed by asset, by table of the strategy: they answer for its detector.
    """
    return date_on_panel(panel, episodes_on_panel(panel, recipe, lists), rules, window)


def episodes_on_panel(panel: Panel, recipe: Recipe, lists: Mapping[str, ListedEvents] | None = None) -> EpisodesOnPanel:
    """Detect on each asset; the parameters are those of `detect_on_panel`."""
    detectors, common = Detectors(recipe, lists or {}), panel.common.published()
    spans: dict[frozenset[str], tuple[int, int]] = {}
    parts, seen = list[tuple[Ints, Episodes]](), list[tuple[int, int]]()
    for block, asset, episodes in detectors.episodes(panel):
        parts.append((asset, episodes))
        for names in (frozenset(read - {OWN}) for read in block.read):
            if names not in spans:
                spans[names] = _common_span(common, names)
            seen.append(spans[names])
    asset = np.concatenate([asset for asset, _ in parts])
    return EpisodesOnPanel(asset, joined_episodes([one for _, one in parts]), np.array(seen), detectors)


def date_on_panel(panel: Panel, found: EpisodesOnPanel, rules: EpisodesTable, window: tuple[int, int]) -> PanelEvents:
    """Date the episodes of each asset; the parameters are those of `detect_on_panel`.

    The histories of the assets are dated as one long history, in which they follow one another with as many sessions
    between them as the cooldown has, so that no event keeps away one of another asset.
    """
    life, asset = panel.spans, found.asset
    first = np.maximum(np.maximum(life[0], found.common[:, 0]), window[0])
    last = np.minimum(np.minimum(life[1], found.common[:, 1]), window[1])
    eligible = _eligible(first, last, panel)
    cooldown = min(rules.cooldown, len(panel.common))  # more sessions than there are make no difference
    apart = len(panel.common) + cooldown
    every, day0 = found.episodes.later(asset * apart), getattr(found.episodes, rules.day0)
    events = take_events(every.take(eligible[day0, asset]), rules.day0, cooldown, (0, len(panel) * apart))
    of, trigger = np.divmod(events.episodes.trigger, apart)
    out = np.flatnonzero(~np.isin(every.trigger, events.episodes.trigger))
    if len(out):
        inside = (first + np.arange(len(panel)) * apart)[asset], (last + np.arange(len(panel)) * apart)[asset]
        why = why_no_event(every, events, rules.day0, cooldown, inside)[out].astype(object)
        position, of_out = day0[out], asset[out]
        why[(why == OUTSIDE) & ((position < life[0][of_out]) | (position > life[1][of_out]))] = OUTSIDE_LIFE
        if panel.member is not None:
            why[np.isin(why, ["", COOLDOWN]) & ~panel.member[position, of_out]] = NOT_A_MEMBER
    else:
        why = np.empty(0, dtype=object)
    left = LeftOut(asset[out], found.episodes.trigger[out], why)
    detectors = found.detectors
    origin = Origin(trigger, left, detectors.lists, detectors.dates, detectors.told)
    return PanelEvents(of, events.day0 - of * apart, events.knowable - of * apart, eligible, origin)


def _eligible(first: Ints, last: Ints, panel: Panel) -> Bools:
    """Flag each asset's sessions from the first to the last, both included, while it is a member."""
    flags = np.zeros(panel.close.shape[::-1], dtype=np.bool_)  # one asset after another
    for row, begin, end in zip(flags, first.tolist(), last.tolist(), strict=True):
        row[begin : end + 1] = True
    if panel.member is not None:
        flags &= panel.member.T
    return flags.T


def _common_span(prices: Prices, names: Iterable[str]) -> tuple[int, int]:
    """Return the first and the last session on which all these series have a value."""
    first, last = 0, len(prices) - 1
    for name in names:
        held = (
            prices.contracts(name).session if name in prices.tables else np.flatnonzero(np.isfinite(prices.close(name)))
        )
        first, last = (max(first, int(held[0])), min(last, int(held[-1]))) if len(held) else (len(prices), -1)
    return first, last


@dataclass(frozen=True, eq=False)
class EpisodesOnPanel:
    """The episodes of every asset before they are dated, in order of the assets.

    Attributes
    ----------
    asset : ndarray of shape (n_episodes,)
        Column of the asset of each.
    episodes : Episodes
        Of all assets.
    common : ndarray of shape (n_assets, 2)
        First and last session on which the common series that were read have a value.
    detectors : Detectors
        Where they come from.
    """

    asset: Ints
    episodes: Episodes
    common: Ints
    detectors: Detectors


def joined_events(parts: Sequence[PanelEvents], first: Sequence[int]) -> PanelEvents:
    """Join the events of some assets, whose columns begin at `first`, as those of a panel that is not in memory."""
    asset = np.concatenate([part.asset + begin for part, begin in zip(parts, first, strict=True)])
    day0, knowable = (np.concatenate([getattr(part, name) for part in parts]) for name in ("day0", "knowable"))
    eligible = np.zeros(len(parts[0].eligible), dtype=np.int64)
    for part in parts:
        eligible += part.eligible_assets
    return PanelEvents(asset, day0, knowable, eligible[:, None], joined_origin([one.origin for one in parts], first))
