"""What a study judges: the spread of asset over benchmark or, without a benchmark, the return of the asset alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class Measured:
    """What is judged, and what its columns are called.

    Attributes
    ----------
    key : str
        Its name among the values by leg, and in the columns of a record.
    word : str
        What a reader calls it.
    held : tuple of str
        The legs that are held.
    legs : tuple of str
        All that is measured, in the order of a record's columns.
    """

    key: str
    word: str
    held: tuple[str, ...]
    legs: tuple[str, ...]

    @property
    def mean(self) -> str:
        """The column of its mean over the events."""
        return f"{self.key}_mean"

    @property
    def median(self) -> str:
        """The column of its median over the events."""
        return f"{self.key}_median"

    @property
    def base_mean(self) -> str:
        """The column of its base rate."""
        return f"base_{self.key}_mean"

    @property
    def has_benchmark(self) -> bool:
        """Whether there is a second leg."""
        return len(self.held) > 1


SPREAD = Measured("spread", "spread", ("asset", "benchmark"), ("asset", "benchmark", "spread"))
ALONE = Measured("asset", "return", ("asset",), ("asset",))


def measured_by(legs: Collection[str]) -> Measured:
    """Return what is judged where these legs are held, as a strategy, a record or values by leg name them."""
    return SPREAD if "benchmark" in legs else ALONE


def measured_in(columns: Collection[str]) -> Measured:
    """Return what is judged in a table, or a row of one, by its columns."""
    return SPREAD if SPREAD.mean in columns else ALONE


def judged(by_leg: Mapping[str, Value]) -> Value:
    """Return, of values by leg, that of what is judged."""
    return by_leg[measured_by(by_leg).key]
