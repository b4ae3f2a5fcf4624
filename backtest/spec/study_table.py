"""What a study on a panel weighs, and how it measures abnormal returns: the table ``[study]`` of a strategy file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from backtest.spec.validation import Table

LONGEST = 2520
"""Sessions of an estimation window, and an offset from day 0: ten years."""
FACTORS_OF = {"constant_mean": 0, "market_adjusted": 1, "market": 1, "ff3": 3, "carhart": 4}
"""Factors of each model."""
THREE = ("market above riskless", "SMB", "HML")
NEEDED = {"ff3": THREE, "carhart": (*THREE, "momentum")}
"""What the factors of a model stand for that no benchmark replaces."""

Offset = Annotated[int, Field(ge=-LONGEST, le=LONGEST)]
Offsets = Annotated[list[Offset], Field(min_length=2, max_length=2)]
Common = Annotated[str, Field(min_length=1, max_length=64)]


class StudyTable(Table):
    """Weights; the normal-return model, its estimation window, and windows of which cumulative returns are tested."""

    weight: Literal["event", "date"] = "event"
    """Whether every event counts once in forward returns, or every event date, shared by its events."""
    groups: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    """A file beside the strategy, or in a folder below it, that says in which group each asset is."""
    model: Literal["constant_mean", "market_adjusted", "market", "ff3", "carhart"] | None = None
    """Without one, no abnormal returns are measured."""
    factors: Annotated[list[Common], Field(max_length=4)] = Field(default_factory=list)
    """Common series: the market; of ff3 the market above the riskless rate, SMB and HML; of carhart momentum too. The
    market is the benchmark of the strategy if it is left open."""
    riskless: Annotated[str, Field(max_length=64)] = ""
    """A common series of the riskless return, which is taken off each asset's return; empty: none is."""
    estimation: Annotated[int, Field(ge=3, le=LONGEST)] = 250
    """Sessions of the estimation window."""
    gap: Annotated[int, Field(ge=0, le=LONGEST)] = 0
    """Sessions between the estimation window and the event window."""
    minimum: Annotated[int, Field(ge=3, le=LONGEST)] = 100
    """Observations in the estimation window that an event needs."""
    event_window: Offsets = Field([-10, 10])
    """First and last session relative to day 0, both included."""
    car_windows: Annotated[list[Offsets], Field(max_length=50)] = Field(default_factory=list)
    """Windows within the event window that are tested; left open: day 0, and the whole event window."""

    @model_validator(mode="after")
    def _fits(self) -> StudyTable:
        if self.model is not None and self.factors and len(self.factors) != FACTORS_OF[self.model]:
            raise ValueError(f"model {self.model} has {FACTORS_OF[self.model]} factors; {len(self.factors)} are given")
        if self.model in NEEDED and not self.factors:
            named = ", ".join(f'"{one}"' for one in NEEDED[self.model])
            count = FACTORS_OF[self.model]
            raise ValueError(f"model {self.model} needs factors = [{named}], {count} common series")
        if self.minimum > self.estimation:
            raise ValueError(f"minimum ({self.minimum}) must be at most estimation ({self.estimation})")
        first, last = self.event_window
        if first > last:
            raise ValueError(f"event_window [{first}, {last}] must be [first, last] with first <= last")
        for begin, end in self.car_windows:
            if not first <= begin <= end <= last:
                raise ValueError(f"car_windows: [{begin}, {end}] must lie within event_window [{first}, {last}]")
        return self

    @property
    def windows(self) -> tuple[tuple[int, int], ...]:
        """The windows that are tested, each once, as first and last offset."""
        first, last = self.event_window
        left_open = [[0, 0], [first, last]] if first <= 0 <= last else [[first, last]]
        return tuple(dict.fromkeys((begin, end) for begin, end in self.car_windows or left_open))
