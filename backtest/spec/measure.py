"""What is measured after each event: the table ``[measure]`` of a strategy file."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, PlainValidator, Tag, field_validator

from backtest.model.horizon import DAYS_A_YEAR, WORD, calendar_days
from backtest.spec.validation import OutOfBounds, Table

MAX_HORIZON = 2520
"""Ten years of sessions: a longer forward return says more about the decade than about the event."""

MAX_ASSETS = 50
"""With more assets, the table is no longer readable."""

MAX_YEARS = 10
"""The same by the calendar."""

CALENDAR_RULE = (
    'a number of sessions, or in quotes a count of weeks, months or years by the calendar, such as "2w", "3m" or "1y"'
)


def checked_horizon(value: Any) -> int | str:  # noqa: ANN401  whatever stands in the file
    """Return a horizon as it is written, or raise a ValueError that says what it must be."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"must be a whole number of sessions, or {CALENDAR_RULE.partition('or ')[2]}")
    if isinstance(value, int):
        if not 1 <= value <= MAX_HORIZON:
            raise ValueError("must be at least 1" if value < 1 else f"must be at most {MAX_HORIZON}")
        return value
    if WORD.fullmatch(value) is None:
        raise ValueError(f"must be {CALENDAR_RULE}{_meant(value)}")
    if calendar_days(value) > MAX_YEARS * DAYS_A_YEAR:
        raise ValueError(f"must be at most {MAX_YEARS} years")
    return value


def _meant(text: str) -> str:
    """Say what a text that is no horizon may mean."""
    plain = text.strip().lower().replace(" ", "")
    if plain.isdecimal():
        return f"; sessions are written without quotes: {int(plain)}"
    if plain[:-1].isdecimal() and plain.endswith("d"):
        return f"; days are counted in sessions: {int(plain[:-1])}"
    return f'; write "{plain}"' if WORD.fullmatch(plain) else ""


Ahead = Annotated[int | str, PlainValidator(checked_horizon)]
"""A horizon: a number of sessions, or a word such as ``"3m"``."""
SeriesName = Annotated[str, Field(min_length=1, max_length=64)]
SeriesNames = Annotated[list[SeriesName], Field(min_length=1, max_length=MAX_ASSETS)]
Assets = Annotated[
    Annotated[SeriesName, Tag("one")] | Annotated[SeriesNames, Tag("several")],
    Discriminator(lambda value: "several" if isinstance(value, list) else "one"),
]


class MeasureTable(Table):
    """What is measured after each event."""

    asset: Assets = "small"
    """One asset or several: each is measured after the same events, against its own base rate."""
    benchmark: Annotated[str, Field(max_length=64)] = "mega"
    """Empty: the asset alone."""
    horizons: Annotated[list[Ahead], Field(min_length=1, max_length=50)] = Field([1, 5, 10, 21, 63, 126, 252])
    """Numbers of sessions, and words for calendar horizons; each kind ascends."""
    entry: Literal["close", "next_open", "next_close"] = "close"
    window: Annotated[list[int], Field(min_length=2, max_length=2)] = Field([-21, 126])
    allow_mixed_basis: bool = False

    @field_validator("horizons")
    @classmethod
    def _ascending(cls, value: list[int | str]) -> list[int | str]:
        words = [one for one in value if isinstance(one, str)]
        for one, other in pairwise(words):
            if calendar_days(one) == calendar_days(other):
                raise ValueError(f'horizons must ascend, without repeats; "{one}" and "{other}" are the same')
        for lengths in ([one for one in value if isinstance(one, int)], [calendar_days(word) for word in words]):
            if sorted(set(lengths)) != lengths:
                raise ValueError("horizons must ascend, without repeats")
        return value

    @field_validator("asset", mode="before")
    @classmethod
    def _single_asset(cls, value: Any) -> Any:  # noqa: ANN401  whatever stands in the file
        listed = list(value) if isinstance(value, tuple) else value
        return listed[0] if isinstance(listed, list) and len(listed) == 1 and isinstance(listed[0], str) else listed

    @field_validator("asset")
    @classmethod
    def _each_once(cls, value: str | list[str]) -> str | list[str]:
        twice = next((name for name in value if value.count(name) > 1), None) if isinstance(value, list) else None
        if twice is not None:
            raise ValueError(f"names '{twice}' twice; name each asset once")
        return value

    @field_validator("benchmark", mode="before")
    @classmethod
    def _empty_benchmark(cls, value: Any) -> Any:  # noqa: ANN401  whatever stands in the file
        return "" if value is None or value == "none" else value

    @property
    def assets(self) -> tuple[str, ...]:
        """The assets, as the strategy names them."""
        return (self.asset,) if isinstance(self.asset, str) else tuple(self.asset)

    @property
    def each(self) -> tuple[MeasureTable, ...]:
        """The same measure for each single asset; with one asset, the measure itself."""
        return tuple(self.model_copy(update={"asset": name}) for name in self.assets)

    @property
    def legs(self) -> dict[str, str]:
        """The series that are held, by leg: the asset and the benchmark, if any; only with a single asset.

        Raises
        ------
        ValueError
            There are several assets: a bug of the caller, who must use `each`.
        """
        (asset,) = self.assets
        named = {"asset": asset, "benchmark": self.benchmark}
        return {leg: name for leg, name in named.items() if name}

    @field_validator("window")
    @classmethod
    def _around_day0(cls, value: list[int]) -> list[int]:
        if not -MAX_HORIZON <= value[0] <= 0 < value[1] <= MAX_HORIZON:
            raise OutOfBounds(f"window must be [first, last] with -{MAX_HORIZON} <= first <= 0 < last <= {MAX_HORIZON}")
        return value
