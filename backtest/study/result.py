"""The result of a study in typed parts; every table, summary and page is made from it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from backtest.inference.verdict import verdict
from backtest.model import Detection, Lookahead, Measured, Note
from backtest.outlook.at_events import Expectations
from backtest.plan import Plan
from backtest.study.asset_result import AssetResult
from backtest.study.robustness.rarity import Rarity
from backtest.study.robustness.rests_on import Robustness, robustness_of

if TYPE_CHECKING:
    from backtest.study.trading import Trade  # a study without a trade imports none of it


@dataclass(frozen=True, eq=False, repr=False)
class StudyResult:
    """One strategy on one dataset. Returns are simple returns as fractions.

    Attributes
    ----------
    plan : Plan
        The plan that was run.
    created : datetime
        The time of the run, in UTC.
    detection : Detection
        The condition, its episodes and events.
    assets : tuple of AssetResult
        The returns after the events on each asset, in the strategy's order; the events are the same for all.
    rarity : Rarity or None
        How often the neighbours of the condition occurred; None if there is nothing to vary.
    expectations : Expectations or None
        The expectations in futures around the events.
    notes : tuple of Note
        What a reader must know, including the reason for every missing number.
    trade : Trade or None
        The tradable version, after simulation.
    """

    plan: Plan
    created: dt.datetime
    detection: Detection
    assets: tuple[AssetResult, ...]
    rarity: Rarity | None
    expectations: Expectations | None
    notes: tuple[Note, ...]
    trade: Trade | None = None

    def __len__(self) -> int:
        return len(self.detection.events)

    @property
    def lookahead(self) -> Lookahead | None:
        """The leak that was found in its detector but allowed."""
        return self.detection.lookahead

    @property
    def measured(self) -> Measured:
        """What is judged: the spread or the asset alone; the same for all assets."""
        return self.assets[0].base_rate.measured

    @cached_property
    def robustness(self) -> tuple[Robustness, ...]:
        """What the finding on each asset rests on, in the order of the assets."""
        prices = self.plan.dataset.prices
        return tuple(robustness_of(prices, self.detection, asset) for asset in self.assets)

    @property
    def verdict(self) -> str:
        """The verdict in plain words."""
        return verdict([asset.looks for asset in self.assets], len(self), self.measured.word)

    def __repr__(self) -> str:
        mark = " on SIMULATED data" if self.plan.dataset.synthetic else ""
        mark += ", LOOKS AHEAD" if self.lookahead else ""
        return f"<Study {self.plan.strategy.name}: {len(self)} events{mark}. {self.verdict}>"
