"""What the list of runs and the home page show: a line of each run, and links to the other pages."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backtest.errors import RunUnreadable
from backtest.format import period, points, probability
from backtest.model.horizon import WORD, Asked
from backtest.model.labels import Labels
from backtest.model.notes import LATE_DAY0
from backtest.model.significance import by_remarkable, stands_out
from backtest.untyped import Json, Parameters

STAMP = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")
"""The time within a run id or the name of a page."""
NOTHING = "nothing can be said"


@dataclass(frozen=True)
class Look:
    """One horizon of one asset.

    Attributes
    ----------
    horizon : int or str
        Sessions; by the calendar a word such as ``"1y"``.
    excess : float or None
        Mean over base rate, as a fraction.
    p_adjusted : float or None
        For all looks of the run.
    doubt : str
        Why it does not hold although it stands out; empty if it does.
    asset : str
        Its name, if the run has several.
    p_value : float or None
        Its own.
    """

    horizon: Asked
    excess: float | None
    p_adjusted: float | None
    doubt: str = ""
    asset: str = ""
    p_value: float | None = None


@dataclass(frozen=True)
class RunFacts:
    """What the record of a run says, as far as the list of runs shows it."""

    title: str
    version: str
    dataset: str
    synthetic: bool
    lookahead: bool
    late_day0: str
    """A day 0 on which nobody could have known the event; empty for a trigger."""
    n_events: int
    first: str
    last: str
    verdict: str
    looks: tuple[Look, ...]
    settings: Parameters
    """What was set in place of the strategy's own values, under dotted keys."""
    parameters: Parameters = field(default_factory=dict)
    told: bool = True
    """Whether the record says what was set; earlier versions did not record it."""

    @property
    def spoken_of(self) -> Look | None:
        """The look that the verdict speaks of: one that holds before any that does not; None if there is no test."""
        tried = [look for look in self.looks if look.p_adjusted is not None and look.excess is not None]
        return min(tried, key=lambda look: by_remarkable(look.p_adjusted, look.p_value, look.doubt), default=None)

    @property
    def finding(self) -> str:
        """The verdict in brief."""
        best = self.spoken_of
        if best is None:
            return NOTHING
        p = f"adjusted p {probability(best.p_adjusted)}"
        if not stands_out(best.p_adjusted):
            return f"consistent with chance, {p}"
        asset = f"{best.asset} " if best.asset else ""
        what = f"{asset}{points(best.excess)} over {period(best.horizon)}, {p}"
        return f"does not hold: {what}" if best.doubt else f"stands out: {what}"


@dataclass(frozen=True)
class RunLine:
    """One recorded run.

    Attributes
    ----------
    strategy, run_id : str
        The names of its folders.
    short : str
        The shortest id that names this run alone.
    made : str
        When, as an ISO time; empty if that cannot be known.
    labels : Labels
        What the user says of it.
    facts : RunFacts or None
        What its record says; None if it cannot be read.
    refusal : str
        Why the record or the labels cannot be read; empty if both can.
    """

    strategy: str
    run_id: str
    short: str
    made: str
    labels: Labels = field(default_factory=Labels)
    facts: RunFacts | None = None
    refusal: str = ""


@dataclass(frozen=True)
class PageLink:
    """A page under ``reports/``.

    Attributes
    ----------
    href : str
        Its path below ``reports/``, with ``/``.
    title, about : str
        What it is called, and which studies it is about.
    made : str
        When, as an ISO time; empty if that cannot be known.
    """

    href: str
    title: str
    about: str
    made: str


@dataclass(frozen=True)
class Home:
    """Everything under ``reports/``, each kind newest first."""

    runs: Sequence[RunLine] = ()
    comparisons: Sequence[PageLink] = ()
    tunings: Sequence[PageLink] = ()
    claims: Sequence[PageLink] = ()
    detectors: Sequence[PageLink] = ()


def time_in(name: str) -> str:
    """Return the time within a run id or the name of a page, as ISO; empty if there is none."""
    found = STAMP.search(name)
    if found is None:
        return ""
    year, month, day, hour, minute, second = found.groups()
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}Z"


def facts_of(run: Mapping[str, Any]) -> RunFacts:
    """Return what the content of ``run.json`` says.

    Raises
    ------
    RunUnreadable
        A field is missing or of another type; the message names it.
    """
    parameters = taken(run, "parameters", dict)
    settings = run.get("overrides")
    if settings is not None and not isinstance(settings, dict):
        raise _wrong("overrides")
    day0 = parameters.get("episodes.day0")
    return RunFacts(
        title=taken(run, "title", str),
        version=taken(run, "version", str),
        dataset=taken(run, "dataset.name", str),
        synthetic=taken(run, "dataset.synthetic", bool),
        lookahead=bool(run.get("lookahead")),
        late_day0=day0 if isinstance(day0, str) and day0 in LATE_DAY0 else "",
        n_events=taken(run, "n_events", int),
        first=taken(run, "sample.first", str),
        last=taken(run, "sample.last", str),
        verdict=taken(run, "verdict", str),
        looks=_looks(run),
        settings=settings or {},
        parameters=parameters,
        told=settings is not None,
    )


def taken(run: Mapping[str, Any], key: str, kind: type) -> Any:  # noqa: ANN401  whatever `kind` is
    """Return the value under a dotted key.

    Raises
    ------
    RunUnreadable
        It is missing or of another type; the message names the key.
    """
    found: Any = run
    for name in key.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
        raise _wrong(key)
    return found


def _wrong(key: str) -> RunUnreadable:
    return RunUnreadable(f"'{key}' is missing or of another type.", "Run the study again.")


def _looks(run: Mapping[str, Any]) -> tuple[Look, ...]:
    if "assets" not in run:
        return tuple(_looks_at(run, "horizons", ""))
    assets = taken(run, "assets", list)
    if not all(isinstance(one, dict) for one in assets):
        raise _wrong("assets")
    return tuple(look for one in assets for look in _looks_at(one, "assets.horizons", taken(one, "name", str)))


def _looks_at(one: Mapping[str, Any], place: str, asset: str) -> list[Look]:
    rows = taken(one, "horizons", list)
    if not all(isinstance(row, dict) and _is_horizon(row.get("horizon")) for row in rows):
        raise _wrong(f"{place}.horizon")
    return [
        Look(
            row["horizon"],
            _number(row, "excess", place),
            _number(row, "p_adjusted", place),
            str(row.get("doubt") or ""),
            asset,
            _number(row, "p_value", place),
        )
        for row in rows
    ]


def _is_horizon(value: object) -> bool:
    if isinstance(value, str):
        return WORD.fullmatch(value) is not None
    return isinstance(value, int) and not isinstance(value, bool)


def _number(row: Json, key: str, place: str) -> float | None:
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _wrong(f"{place}.{key}")
    return float(value) if math.isfinite(value) else None
