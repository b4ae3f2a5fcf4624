"""What futures expected around each event: the implied path, the odds of the next meetings, cuts priced in between."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from backtest.detect.tree import singles
from backtest.model import Contracts, Detection, Floats, Ints, Prices
from backtest.outlook.meetings_ahead import POLICY, Outlook, futures_of, outlook
from backtest.plan import Plan
from backtest.rates.curve import cuts_priced, months_of
from backtest.rates.meetings import load_meetings
from backtest.record.tables import to_table

Json = dict[str, Any]

BEFORE = 5
"""Sessions before the event from which the path is set beside that of the event's day."""
MONTHS = 24
"""Calendar months ahead that the path reaches, where so many are quoted."""
AHEAD = 8
CUTS_OVER = 12
LATEST = 60
"""So many events, the latest, are looked at where the detector does not itself read futures."""


@dataclass(frozen=True, eq=False)
class Expectations:
    """What is recorded of expectations: the tables, and what ``run.json`` says of them."""

    tables: dict[str, pa.Table]
    about: Json


def expectations_of(plan: Plan, seen: Detection) -> Expectations | None:
    """Compute what futures said around the events that lie where they were quoted.

    The futures, the meetings and the version are the detector's own, where it reads any; else the dataset's futures,
    of the latest events, without the cuts priced. None without futures, and where no event lies on a session on which
    they were quoted.
    """
    prices = plan.dataset.prices.published()
    own = next((name for name in seen.reads if prices.series[name].kind == "futures"), None)
    futures = own or futures_of(prices)
    if futures is None:
        return None
    quoted = _sessions_quoted(prices.contracts(futures))
    covered = np.flatnonzero(np.isin(seen.events.day0, quoted))
    chosen = covered if own else covered[-LATEST:]
    if not len(chosen):
        return None
    day0, number = seen.events.day0[chosen], chosen + 1
    set_ = [one.values for one in singles(plan.recipe)]
    file, version = (next((v[key] for v in set_ if v.get(key) is not None), None) for key in ("meetings", "version"))
    looked = outlook(prices, futures, day0, load_meetings(None if file is None else Path(file)), version, AHEAD)
    tables = {
        "expected_path": path_table(prices, futures, day0, number),
        "expected_odds": odds_table(looked, number),
    }
    cuts = cuts_between(prices, futures, seen) if own else None
    if cuts is not None:
        first = seen.window[0]
        tables["expected_cuts"] = to_table("expected_cuts", {"session": prices.sessions[first:], "cuts": cuts[first:]})
    about = {
        **_about(prices, futures, looked),
        "quoted": [str(prices.sessions[quoted[0]]), str(prices.sessions[quoted[-1]])],
        "unquoted": len(seen.events) - len(covered),
        "events": len(chosen),
    }
    return Expectations(tables, about)


def _sessions_quoted(contracts: Contracts) -> Ints:
    """Return the sessions with a quote of any month, in order."""
    session = contracts.session[np.isfinite(contracts.price)]
    return session[np.flatnonzero(np.diff(session, prepend=-1))]  # sorted by session


def path_table(prices: Prices, futures: str, day0: Ints, number: Ints) -> pa.Table:
    """One row a numbered event and contract month: the implied rate on day 0, and the same `BEFORE` sessions before.

    A month that was quoted on neither is left out; NaN where it was quoted on one of them alone.
    """
    contracts, months = prices.contracts(futures), months_of(prices.sessions)
    columns: dict[str, list[Any]] = {"event": [], "month": [], "rate": [], "before": []}
    for event, at in zip(number.tolist(), day0.tolist(), strict=True):
        now, earlier = _quoted(contracts, at), _quoted(contracts, at - BEFORE)
        wanted = sorted(month for month in now.keys() | earlier.keys() if 0 <= month - months[at] <= MONTHS)
        columns["event"] += [event] * len(wanted)
        columns["month"] += [np.datetime64(month, "M").astype("datetime64[D]") for month in wanted]
        columns["rate"] += [now.get(month, np.nan) for month in wanted]
        columns["before"] += [earlier.get(month, np.nan) for month in wanted]
    return to_table("expected_path", {**columns, "month": np.array(columns["month"], dtype="datetime64[D]")})


def _quoted(contracts: Contracts, at: int) -> dict[int, float]:
    """Return the implied rates of one session, in percent, by contract month."""
    low, high = np.searchsorted(contracts.session, [at, at + 1])
    price = contracts.price[low:high]
    return {int(m): 100.0 - float(p) for m, p in zip(contracts.month[low:high], price, strict=True) if np.isfinite(p)}


def odds_table(looked: Outlook, number: Ints) -> pa.Table:
    """One row a numbered event, meeting and outcome; an unsolved meeting is one row with its reason."""
    rows: list[Json] = []
    for i, event in enumerate(number.tolist()):
        lower, upper = looked.range_after(i, 0)
        for row in looked.rows(i):
            meeting = {"event": event, "meeting": row["meeting"], "reason": row["reason"] or ""}
            meeting |= {"version": looked.version[i], "lower": lower, "upper": upper}
            nothing: Json = {"moves": np.nan, "probability": np.nan}
            rows += [{**meeting, **{key: one[key] for key in nothing}} for one in row["outcomes"]] or [
                {**meeting, **nothing}
            ]
    columns: dict[str, Any] = {key: [row[key] for row in rows] for key in ("event", "reason", "version")}
    columns["meeting"] = np.array([row["meeting"] for row in rows], dtype="datetime64[D]")
    for key in ("lower", "upper", "moves", "probability"):
        columns[key] = np.array([row[key] for row in rows], dtype=np.float64)
    return to_table("expected_odds", columns)


def cuts_between(prices: Prices, futures: str, seen: Detection) -> Floats | None:
    """Return the cuts priced over twelve months on every session.

    None where they cannot be told, or are the detector's indicator already.
    """
    series = prices.roles.get(POLICY)
    if series is None:
        return None
    cuts = cuts_priced(prices.contracts(futures), prices.sessions, prices.close(series), CUTS_OVER)
    indicator = seen.condition.indicator
    same = indicator is not None and np.array_equal(indicator.values, cuts, equal_nan=True)
    return None if same or not np.isfinite(cuts[seen.window[0] :]).any() else cuts


def _about(prices: Prices, futures: str, looked: Outlook) -> Json:
    return {
        "futures": futures,
        "title": prices.series[futures].title,
        "before": BEFORE,
        "versions": sorted(set(looked.version)),
        "without_target": int(np.isnan(looked.target).sum()),
        "cuts_over": CUTS_OVER,
        "policy": prices.roles.get(POLICY),
    }
