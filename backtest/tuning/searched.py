"""What every search gives, of single series or of a panel: its sets with their figures, for all that reads them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from backtest.lookahead.guard import Passed
from backtest.model import Asked, Floats, Horizon, Ints, Measured, Note
from backtest.model.significance import LEVEL
from backtest.plan import Plan
from backtest.tuning.trials import Skipped
from backtest.untyped import Parameters

if TYPE_CHECKING:
    import pandas as pd


class Tried(Protocol):
    """One parameter set that was tried."""

    @property
    def parameters(self) -> Parameters:
        """Dotted keys to values."""

    @property
    def cautions(self) -> tuple[str, ...]:
        """What is to be said of its condition, such as that it reads a proxy."""

    @property
    def n_events(self) -> int:
        """How many events it has, with and without a complete window."""


@dataclass(frozen=True, eq=False)
class Searched(ABC):
    """All trials with their figures; arrays of shape (n_sets, n_horizons), NaN if a set has no complete window.

    Attributes
    ----------
    plan : Plan
        The study whose parameters are varied.
    trials : sequence of Tried
        The sets, in order.
    horizons : tuple of int or str
        As they are written, in order of their length; those of the first set.
    n : ndarray
        Events with a complete window; weighted by date, event dates.
    mean, base, excess, hit_rate : ndarray
        Fractions, of what is judged: the spread, or the asset alone. `base` is each set's base rate, which exists
        without events, too.
    p_value, p_adjusted : ndarray
        Each set's own p, and the p adjusted for all sets and horizons.
    passed : Passed
        What the look-ahead guard found.
    of_events : ndarray of shape (n_sets,)
        Which distinct set of events each set has, by number: sets with the same events are one in all that is counted.
    effective_looks : float or None
        How many independent looks would bring the same chance of a false finding; None without a look.
    skipped : tuple of Skipped
        Sets that were not tried, because a rule excludes their values; they are no looks.
    """

    plan: Plan
    trials: Sequence[Tried]
    horizons: tuple[Asked, ...]
    n: Ints
    mean: Floats
    base: Floats
    excess: Floats
    hit_rate: Floats
    p_value: Floats
    p_adjusted: Floats
    passed: Passed
    of_events: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    effective_looks: float | None = None
    skipped: tuple[Skipped, ...] = ()

    @property
    @abstractmethod
    def measured(self) -> Measured:
        """What is judged."""

    @property
    @abstractmethod
    def lengths(self) -> tuple[Horizon, ...]:
        """The horizons with their lengths."""

    @property
    @abstractmethod
    def shifts(self) -> int:
        """How many shifts the joint null has."""

    @property
    @abstractmethod
    def last(self) -> int:
        """Position of the last session of the longest sample."""

    @property
    @abstractmethod
    def base_sizes(self) -> list[int]:
        """How many sessions, or sessions of assets, the base rate of each set is made of."""

    @property
    def base_unit(self) -> str:
        """What a base rate is made of."""
        return "sessions"

    @property
    def data_notes(self) -> list[Note]:
        """What a reader must know about the data besides the notes of the plan."""
        return []

    @abstractmethod
    def doubt(self, at: int, column: int) -> str:
        """Say why a look that stands out does not hold; empty if it holds."""

    @property
    def event_sets(self) -> int:
        """How many distinct sets of events were tried; one without an event is none."""
        return len({int(of) for of, trial in zip(self.of_events, self.trials, strict=True) if trial.n_events})

    @property
    def noise(self) -> float | None:
        """The probability that noise, searched in the same way, brings a look as remarkable as the best."""
        tried = self.p_adjusted[np.isfinite(self.p_adjusted)]
        return float(tried.min()) if len(tried) else None

    @cached_property
    def doubts(self) -> dict[tuple[int, int], str]:
        """Why looks with a significant adjusted p do not hold, by set and horizon; looks that hold are not in it."""
        looks = np.argwhere(np.nan_to_num(self.p_adjusted, nan=1.0) <= LEVEL).tolist()
        found = {(i, j): self.doubt(i, j) for i, j in looks}
        return {look: text for look, text in found.items() if text}

    @property
    def figures(self) -> dict[str, Floats]:
        """Every figure except `n` by column name, of shape (n_sets, n_horizons)."""
        of = self.measured
        return {
            of.mean: self.mean,
            of.base_mean: self.base,
            **{key: getattr(self, key) for key in ("excess", "hit_rate", "p_value", "p_adjusted")},
        }

    @property
    def frame(self) -> pd.DataFrame:
        """One row per set and horizon, with the set's parameters; returns are fractions."""
        import pandas as pd

        rows = [
            {
                "set": i + 1,
                **trial.parameters,
                "horizon": h,
                "n": self.n[i, j],
                **{key: of[i, j] for key, of in self.figures.items()},
            }
            for i, trial in enumerate(self.trials)
            for j, h in enumerate(self.horizons)
        ]
        return pd.DataFrame(rows)
