"""Where the events of a panel come from: lists and episodes, and what became of those that gave none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from backtest.detect.episodes import COOLDOWN, NO_END, OUTSIDE
from backtest.model import Account, Ints, Note, SumsDoNotAddUp
from backtest.model.accounts import exclusions
from backtest.model.panel import Universe
from backtest.panel.listed_events import ListedEvents

OUTSIDE_LIFE = "outside_life"
"""Why an episode gave no event: its day 0 lies before the asset's first close or after its last."""
NOT_A_MEMBER = "not_a_member"
"""Why an episode gave no event: on its day 0 the asset did not belong to the universe."""


@dataclass(frozen=True, eq=False)
class LeftOut:
    """Episodes that gave no event: column of the asset, trigger, and the reason; arrays of one length."""

    asset: Ints
    trigger: Ints
    why: np.ndarray


@dataclass(frozen=True, eq=False)
class Origin:
    """Where the events of a study come from, and what gave none.

    Attributes
    ----------
    trigger : ndarray of shape (n_events,)
        Session position at which each event's episode began to hold.
    left_out : LeftOut
        The episodes that gave no event; None where events were not detected.
    lists : mapping of str to ListedEvents
        The lists that the events come from, by table of the strategy.
    dates : tuple of Account
        What became of dates that hold for every asset.
    told : tuple of Note
        What a reader must know about such dates.
    episodes : Account
        What became of every episode; None where nobody asked.
    """

    trigger: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    left_out: LeftOut | None = None
    lists: Mapping[str, ListedEvents] = field(default_factory=dict)
    dates: tuple[Account, ...] = ()
    told: tuple[Note, ...] = ()
    episodes: Account | None = None

    @property
    def accounts(self) -> tuple[Account, ...]:
        """What became of every row of a list and every episode; the last is for the episodes."""
        lists = (one.account for one in self.lists.values())
        return (*lists, *self.dates, *(() if self.episodes is None else (self.episodes,)))

    @property
    def notes(self) -> tuple[Note, ...]:
        """What a reader must know about the lists."""
        return (*(note for one in self.lists.values() for note in one.notes), *self.told)

    def accounted(self, universe: Universe, *, listed: bool) -> Origin:
        """Account for the episodes; `listed` says whether a list alone makes them.

        Raises
        ------
        SumsDoNotAddUp
            A list alone makes them, and there are not as many as it has sessions of assets.
        """
        out, sessions, taken = self.left_out, universe.common.sessions, len(self.trigger)
        assert out is not None  # events were detected
        labels = {
            reason: [
                f"{universe.assets[asset]} {sessions[trigger]}"
                for asset, trigger in zip(out.asset[out.why == reason], out.trigger[out.why == reason], strict=True)
            ]
            for reason in (NO_END, OUTSIDE, OUTSIDE_LIFE, NOT_A_MEMBER, COOLDOWN)
        }
        account = Account("episodes", taken + len(out.why), taken, exclusions(labels.items()), "episodes")
        account.check()
        kept = [one.account.kept for one in self.lists.values()] if listed else []
        if kept and kept != [account.read]:
            raise SumsDoNotAddUp(f"{kept[0]} sessions of assets are listed, and there are {account.read} episodes.")
        return replace(self, episodes=account)


def joined_origin(parts: Sequence[Origin], first: Sequence[int]) -> Origin:
    """Join the origins of the events of some assets, whose columns begin at `first`; without lists and accounts."""
    lefts = [part.left_out for part in parts if part.left_out is not None]
    out = LeftOut(
        np.concatenate([left.asset + begin for left, begin in zip(lefts, first, strict=True)]),
        np.concatenate([left.trigger for left in lefts]),
        np.concatenate([left.why for left in lefts]),
    )
    trigger = np.concatenate([part.trigger for part in parts])
    return Origin(trigger, out, dates=parts[0].dates, told=parts[0].told)
