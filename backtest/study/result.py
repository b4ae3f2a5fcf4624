"""What a study found, as typed parts; every table, summary and page is made from it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from backtest.inference.result import HorizonResult, NullTest, finite
from backtest.inference.verdict import verdict
from backtest.measure.forward import COMPLETE
from backtest.model import Detection, Lookahead, Note, measured_by
from backtest.outlook.at_events import Expectations
from backtest.plan import Plan
from backtest.study.base_rate import BaseRate
from backtest.study.measurement import Measurement
from backtest.study.robustness.counting_rules import RuleCounts
from backtest.study.robustness.rarity import Rarity

if TYPE_CHECKING:
    from backtest.study.trading import Trade  # without a trade nothing of it is imported


@dataclass(frozen=True, eq=False)
class Robustness:
    """How a finding depends on the choices behind it.

    Attributes
    ----------
    counting_rules : RuleCounts
        The same condition counted by other rules.
    rarity : Rarity or None
        How often the neighbours of the condition occurred; None where there is nothing to vary.
    """

    counting_rules: RuleCounts
    rarity: Rarity | None


@dataclass(frozen=True, eq=False, repr=False)
class StudyResult:
    """One strategy on one dataset. Returns are simple returns as fractions.

    Attributes
    ----------
    plan : Plan
        What was run.
    created : datetime
        When, in UTC.
    detection : Detection
        The condition, its episodes and events.
    base_rate : BaseRate
        The base rate.
    measurement : Measurement
        What came after the events.
    tests : tuple of NullTest
        The default verdict, one test a horizon.
    robustness : Robustness
        What the finding depends on.
    expectations : Expectations or None
        What futures said around the events.
    notes : tuple of Note
        What a reader must know; every number that is missing has its reason here.
    trade : Trade or None
        The tradable version, once simulated.
    """

    plan: Plan
    created: dt.datetime
    detection: Detection
    base_rate: BaseRate
    measurement: Measurement
    tests: tuple[NullTest, ...]
    robustness: Robustness
    expectations: Expectations | None
    notes: tuple[Note, ...]
    trade: Trade | None = None

    def __len__(self) -> int:
        return len(self.detection.events)

    @property
    def lookahead(self) -> Lookahead | None:
        """The leak that was found in its detector, and allowed."""
        return self.detection.lookahead

    @cached_property
    def results(self) -> tuple[HorizonResult, ...]:
        """Number of events, excess and test of each horizon."""
        rows = zip(
            self.base_rate.forward.horizons,
            self.measurement.summary.n.tolist(),
            self.measurement.excess,
            self.tests,
            strict=True,
        )
        return tuple(HorizonResult(horizon, n, finite(excess), test) for horizon, n, excess, test in rows)

    @property
    def verdict(self) -> str:
        """The verdict in plain words."""
        legs = self.plan.strategy.measure.legs
        unfinished = set(self.measurement.status.ravel().tolist()) - {COMPLETE}
        return verdict(self.results, len(self), unfinished, " minus ".join(legs.values()), measured_by(legs).word)

    def __repr__(self) -> str:
        mark = " on SIMULATED data" if self.plan.dataset.synthetic else ""
        mark += ", LOOKS AHEAD" if self.lookahead else ""
        return f"<Study {self.plan.strategy.name}: {len(self)} events{mark}. {self.verdict}>"
