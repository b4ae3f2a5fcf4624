"""The public figures to which the sample is pinned, read from ``facts.toml``."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backtest.errors import DataRefused

INDICES = ("russell2000", "sp500", "nasdaq_composite")
"""The real indices whose year-ends are pinned: small, market, tech; the column order of every array here."""


@dataclass(frozen=True)
class Streak:
    """A run of sessions in which the small-cap index gained at least 1% in each.

    Attributes
    ----------
    trigger : date
        The fifth session of the run.
    end : date
        The last session of the run.
    returns_pct : tuple of float
        Every session's change in percent, in order, the last one on `end`.
    """

    trigger: dt.date
    end: dt.date
    returns_pct: tuple[float, ...]


@dataclass(frozen=True)
class TargetChange:
    """A change of the fed funds target, in percent, dated to its announcement."""

    date: dt.date
    before: float
    after: float
    scheduled: bool


@dataclass(frozen=True)
class Facts:
    """Everything that is pinned.

    Attributes
    ----------
    year_end : mapping of int to tuple of float
        Close of the year's last session per index, in the order of `INDICES`.
    streaks : tuple of Streak
        In order of date.
    target_changes : tuple of TargetChange
        In order of date.
    """

    year_end: Mapping[int, tuple[float, ...]]
    streaks: tuple[Streak, ...]
    target_changes: tuple[TargetChange, ...]


def read_facts(path: Path) -> Facts:
    """Read ``facts.toml``.

    Raises
    ------
    DataRefused
        There is no such file.
    """
    if not path.is_file():
        raise DataRefused(f"{path} does not exist.", "The sample is written beside its facts.toml.")
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    closes = content["year_end_close"]
    year_end = {int(year): tuple(row[name] for name in INDICES) for year, row in closes.items()}
    streaks = [Streak(s["trigger"], s["end"], tuple(s["returns_pct"])) for s in content["russell2000_streak"]]
    changes = [TargetChange(c["date"], c["from"], c["to"], c["scheduled"]) for c in content["fomc_change"]]
    return Facts(year_end, tuple(streaks), tuple(changes))
