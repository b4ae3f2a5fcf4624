"""Groups of events side by side: each group's own result, its p adjusted for all groups and horizons."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from backtest.errors import StudyRefused
from backtest.format import some
from backtest.inference.multiple import family_p_values
from backtest.model import Floats
from backtest.model.panel import Panel
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_benchmark import Benchmark
from backtest.panel.panel_forward import PanelForward, measure_panel
from backtest.panel.panel_inference import PanelInference, infer_on_panel

Of = Literal["event", "asset"]
"""What is grouped: the events by their list, or the assets."""
MOST = 50
"""Groups that are set side by side; each is a study of its own."""


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


def groups_of_list(
    panel: Panel, events: PanelEvents, forward: PanelForward, benchmark: Benchmark | None, label: np.ndarray
) -> tuple[PanelGroup, ...]:
    """Set the groups of a list side by side, against the base rate of the whole study.

    Parameters
    ----------
    panel, events, forward, benchmark
        The study.
    label : ndarray of str, shape (n_events,)
        The group of each event; an event with an empty label is in none.

    Raises
    ------
    StudyRefused
        No event has a group, or there are more than 50 groups.
    """
    found = []
    for name in _names(label, "no event has a group", "Add a column 'group' to the list."):
        keep = label == name
        mine = replace(forward, asset=forward.asset[keep], benchmark=forward.benchmark[keep], day0=forward.day0[keep])
        some_events = events.some(keep)
        found.append(PanelGroup(name, mine, infer_on_panel(panel, some_events, mine, benchmark)))
    return _adjusted(found, None)


def groups_of_assets(
    panel: Panel, events: PanelEvents, forward: PanelForward, benchmark: Benchmark | None
) -> tuple[PanelGroup, ...]:
    """Set groups of assets side by side, each against the base rate of its own assets.

    Arguments and errors are as of `groups_of_list`. A group that the panel has for a shorter time has fewer shifts; the
    adjusted p turn it around its circle more than once.
    """
    label = np.array(panel.groups or [""] * len(panel), dtype=object)
    found = []
    for name in _names(label[events.asset], "no event is of an asset with a group", "Give the panel groups."):
        mine = replace(events.some(label[events.asset] == name), eligible=events.eligible & (label == name)[None, :])
        measured = measure_panel(panel, mine, forward.horizons, benchmark, forward.weight)
        found.append(PanelGroup(name, measured, infer_on_panel(panel, mine, measured, benchmark)))
    return _adjusted(found, [group.label for group in found for _ in forward.horizons])


def _names(label: np.ndarray, none: str, hint: str) -> list[str]:
    names = sorted(set(label.tolist()) - {""})
    if not names:
        raise StudyRefused(f"{none}.", hint)
    if len(names) > MOST:
        raise StudyRefused(f"there are {len(names)} groups ({some(names, 3)}): at most {MOST} are set side by side.")
    return names


def _adjusted(groups: list[PanelGroup], histories: list[str] | None) -> tuple[PanelGroup, ...]:
    looks = [look for group in groups for look in group.inference.shifts]
    cells: list[Floats] = [np.zeros(0) if look is None else np.nan_to_num(look.statistic) for look in looks]
    own = np.concatenate([group.inference.p_value for group in groups])
    adjusted = np.array(family_p_values(cells, own.tolist(), histories)).reshape(len(groups), -1)
    return tuple(
        replace(group, inference=replace(group.inference, p_adjusted=p))
        for group, p in zip(groups, adjusted, strict=True)
    )
