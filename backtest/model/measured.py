"""What a study judges: the spread of asset over benchmark or, without a benchmark, the return of the asset alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True)
class Measured:
    """What is judged, and the names of its columns.

    Attributes
    ----------
    key : str
        Its name among the values by leg, and in the columns of a record.
    word : str
        The word for it in prose.
    held : tuple of str
        The legs that are held.
    legs : tuple of str
        Everything measured, in the order of a record's columns.
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
    """Return what is judged if these legs are held, as named in a strategy, a record or values by leg."""
    return SPREAD if "benchmark" in legs else ALONE


def measured_in(columns: Collection[str]) -> Measured:
    """Return what is judged in a table or one of its rows, by the columns."""
    return SPREAD if SPREAD.mean in columns else ALONE


def judged(by_leg: Mapping[str, Value]) -> Value:
    """Select the value of what is judged from values by leg."""
    return by_leg[measured_by(by_leg).key]
