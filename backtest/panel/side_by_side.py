"""Groups of events side by side: each group's own result, its p adjusted for all groups and horizons.

The groups of a list are set against the base rate of the whole study; groups of assets each against the base rate of
its own assets, and a group that the panel has for a shorter time has fewer shifts: the adjusted p turn it around its
circle more than once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from backtest.errors import StudyRefused
from backtest.format import some
from backtest.inference.multiple import family_p_values
from backtest.inference.panel_sums import PanelCircle, PanelSums
from backtest.model import Floats, Ints
from backtest.model.panel import Panel, Universe
from backtest.panel.event_sums import EventsPart, Key, circle_of, span_of, weights_of
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_forward import PanelForward
from backtest.panel.panel_inference import PanelInference, inference_of
from backtest.panel.panel_rates import Grouping, PanelRates
from backtest.panel.row_outcomes import groups_of_events

Of = Literal["event", "asset"]
"""What is grouped: the events by their list, or the assets."""
KINDS: tuple[Of, ...] = ("event", "asset")
MOST = 50
"""Groups that are set side by side; each is a study of its own."""
NONE: dict[Of, tuple[str, str]] = {
    "event": ("no event has a group", "Add a column 'group' to the list."),
    "asset": ("no event is of an asset with a group", "Give the panel groups."),
}
"""Why nothing is set side by side, and what to do."""


@dataclass(frozen=True, eq=False)
class PanelGroup:
    """One group of events.

    Attributes
    ----------
    label : str
        Its name.
    forward, inference
        As of a study of these events; the adjusted p count all horizons of all groups.
    """

    label: str
    forward: PanelForward
    inference: PanelInference


def labels_of(panel: Panel | Universe, events: PanelEvents, of: Of) -> np.ndarray:
    """Return the group of each event as text of shape (n_events,); empty for an event of none."""
    if of not in get_args(Of):
        raise ValueError(f"groups of {of!r}: must be of one of {', '.join(map(repr, get_args(Of)))}.")
    if of == "event":
        return groups_of_events(events)
    return np.array(panel.groups or [""] * len(panel), dtype=object)[events.asset]


def names_of(labels: np.ndarray) -> tuple[str, ...]:
    """Return the groups that events are in, in order."""
    return tuple(sorted(set(labels.tolist()) - {""}))


@dataclass(frozen=True, eq=False)
class AskedGroups:
    """Groups of a study's events that are set side by side.

    Attributes
    ----------
    of : {"event", "asset"}
        What is grouped.
    names : tuple of str
        Of the groups.
    parts : dict of Key to EventsPart
        The events of each, in the same order.
    """

    of: Of
    names: tuple[str, ...]
    parts: dict[Key, EventsPart]

    def group(
        self, key: Key, events: PanelEvents, forward: PanelForward, rates: PanelRates, sums: PanelSums
    ) -> PanelGroup:
        """Return one group.

        Parameters
        ----------
        key : Key
            Of its part.
        events, forward
            The study.
        rates : PanelRates
            Over all assets, with the groups of assets.
        sums : PanelSums
            Of its part.
        """
        keep, number = self.parts[key].keep, key[1]
        mine, some_events = forward.only(keep), events.only(keep)
        if self.of == "asset":
            base = rates.groups[number]
            mean, hits = base.rates()
            mine = replace(mine, base=mean, base_n=base.complete, base_hit_rate=hits)
            some_events = replace(some_events, eligible=rates.eligible[:, number, None])
        return PanelGroup(self.names[number], mine, inference_of(sums, mine, some_events))


def asked_groups(universe: Universe, events: PanelEvents, forward: PanelForward, seen: Ints, of: Of) -> AskedGroups:
    """Say which events must be summed for each group.

    Parameters
    ----------
    universe, events, forward
        The study.
    seen : ndarray of shape (2, n_assets)
        First and last session on which an event could have been seen on each asset, as `seen_on` returns them.
    of : {"event", "asset"}
        What is grouped.

    Raises
    ------
    StudyRefused
        No event has a group, or there are more than 50 groups.
    """
    label = labels_of(universe, events, of)
    refuse_groups(names := names_of(label), of)
    keeps = [label == name for name in names]
    weights, key = _weights_within(forward, keeps), f"group of {of}"
    if of == "event":
        circle = circle_of(universe.common, forward.horizons, span_of(events))
        every = [EventsPart(keep, circle, weights=weights) for keep in keeps]
    else:
        group = np.array(universe.groups, dtype=object)
        members = [group == name for name in names]
        circles = [_circle(universe, forward, seen[:, mine]) for mine in members]
        every = [
            EventsPart(keep, circle, weights=weights, assets=mine)
            for keep, circle, mine in zip(keeps, circles, members, strict=True)
        ]
    return AskedGroups(of, names, {(key, at): part for at, part in enumerate(every)})


def refuse_groups(names: Sequence[str], of: Of) -> None:
    """Refuse to set no group, or more than 50, side by side; errors as of `asked_groups`."""
    if not names:
        raise StudyRefused(f"{NONE[of][0]}.", NONE[of][1])
    if len(names) > MOST:
        raise StudyRefused(f"there are {len(names)} groups ({some(names, 3)}): at most {MOST} are set side by side.")


def grouping_of(panel: Panel | Universe, events: PanelEvents) -> Grouping:
    """Return the groups of assets that events are in; none where they are too many to be set side by side."""
    names = names_of(labels_of(panel, events, "asset"))
    names = names if len(names) <= MOST else ()
    place = {name: at for at, name in enumerate(names)}
    numbers = [place.get(name, -1) for name in panel.groups or [""] * len(panel)]
    return Grouping(names, np.array(numbers, dtype=np.int64))


def side_by_side(groups: Sequence[PanelGroup], of: Of) -> tuple[PanelGroup, ...]:
    """Return the groups with p adjusted for all horizons of all of them; `of` says what is grouped."""
    histories = [group.label for group in groups for _ in group.forward.horizons] if of == "asset" else None
    looks = [look for group in groups for look in group.inference.shifts]
    cells: list[Floats] = [np.zeros(0) if look is None else np.nan_to_num(look.statistic) for look in looks]
    own = np.concatenate([group.inference.p_value for group in groups])
    adjusted = np.array(family_p_values(cells, own.tolist(), histories)).reshape(len(groups), -1)
    return tuple(
        replace(group, inference=replace(group.inference, p_adjusted=p))
        for group, p in zip(groups, adjusted, strict=True)
    )


def _circle(universe: Universe, forward: PanelForward, seen: Ints) -> PanelCircle:
    """Return the sessions on which an event could have been seen on any of some assets."""
    return circle_of(universe.common, forward.horizons, (int(seen[0].min()), int(seen[1].max())))


def _weights_within(forward: PanelForward, keeps: Sequence[np.ndarray]) -> Floats | None:
    """Weighted by date, return what each event counts among those of its group; None where all count the same."""
    if forward.weight == "event":
        return None
    weights = np.zeros(forward.spread.shape)
    for keep in keeps:
        weights[keep] = weights_of(forward.only(keep))
    return weights
