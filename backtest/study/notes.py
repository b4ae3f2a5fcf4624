"""What a reader must know beside the numbers: every number that is missing has its reason here."""

from __future__ import annotations

from typing import Any

import numpy as np

from backtest.measure.forward import MISSING, NOT_COVERED, PENDING
from backtest.model import Bools, Detection
from backtest.plan import Plan
from backtest.study.base_rate import Baseline
from backtest.study.measurement import Measurement

Note = dict[str, str]

OTHER_RULES = {
    "trigger": "",
    "start": ", or a day 0 outside the sample window,",
    "end": ", an end not seen yet, or a day 0 outside the sample window,",
}
"""What beside the cooldown may leave an episode without an event, by where day 0 lies."""

FEW = 200
"""Sessions on the circle below which a reader is told: with 200, p comes in steps of half a percent."""

LATE = {
    "end": "day 0 is the end of the run, which is only seen one session later: nobody could have entered at its close.",
    "start": "day 0 is the start of the pattern, before the event could be known: returns from there include it.",
}


def notes_on(plan: Plan, seen: Detection, baseline: Baseline, measured: Measurement) -> list[Note]:
    """Collect the notes of a run, the ones that matter most first."""
    notes: list[Note] = []
    if plan.dataset.synthetic:
        notes.append(_note("dataset", "The data are simulated: returns and verdicts on them mean nothing."))
    notes += _about_events(plan, seen)
    notes += [_note("detector", text) for text in seen.condition.notes]
    notes += _about_windows(baseline, measured)
    if plan.strategy.measure.allow_mixed_basis:
        bases = {
            plan.dataset.prices.info(n).basis for n in (plan.strategy.measure.asset, plan.strategy.measure.benchmark)
        }
        if len(bases) > 1:
            notes.append(
                _note("measure", "One leg includes dividends, the other does not: 1.5 to 2% a year part them.")
            )
    notes.append(
        _note(
            "ci_low, ci_high, mde",
            "Not given: this version computes no interval and no minimum detectable effect.",
        )
    )
    notes += [_note("data", text) for text in _findings(plan, seen)]
    return notes + [_note("dataset", text) for text in plan.dataset.notes]


def _findings(plan: Plan, seen: Detection) -> list[str]:
    """List what the firewall warned of in the series that the study uses; about opens only where opens are."""
    measure, trade = plan.strategy.measure, plan.strategy.trade
    used = {*seen.reads, *(plan.dataset.prices.name(leg) for leg in (measure.asset, measure.benchmark))}
    opens = "next_open" in (measure.entry, trade.entry if trade else "")
    found = [finding for finding in plan.dataset.findings if finding.concerns(used)]
    return [finding.text for finding in found if opens or finding.rule != "open_is_close"]


def _about_events(plan: Plan, seen: Detection) -> list[Note]:
    notes = []
    first, last = seen.window
    sessions = plan.dataset.prices.sessions
    known = seen.condition.known[first : last + 1]
    unknown = np.flatnonzero(~known) + first
    begins = first_judged(seen.condition.known)
    unknown = unknown[unknown >= begins] if begins <= first + seen.pattern else unknown
    if len(unknown):
        share = f"{len(unknown):,} of {len(known):,} sessions"
        span = f"{sessions[unknown[0]]} and {sessions[unknown[-1]]}"
        notes.append(
            _note(
                "detector",
                f"Cannot be judged at {share} of the sample window (between {span}): an input is missing there.",
            )
        )
    late = [info for info in (plan.dataset.prices.info(name) for name in seen.reads) if info.publication_lag]
    notes += [
        _note("detector", f"{info.name} is seen {_sessions(info.publication_lag)} late, as it is published.")
        for info in late
    ]
    day0 = plan.strategy.episodes.day0
    if day0 in LATE:
        notes.append(_note("episodes.day0", f"As set, {LATE[day0]}"))
    return notes + _about_episodes(seen, day0)


def _about_episodes(seen: Detection, day0: str) -> list[Note]:
    notes = []
    left_out = int((~np.isin(seen.episodes.trigger, seen.events.episodes.trigger)).sum())
    if left_out:
        rules = f"the cooldown{OTHER_RULES[day0]}"
        notes.append(
            _note("events", f"{left_out} of {len(seen.episodes)} episodes gave no event: {rules} left them out.")
        )
    triggers, (first, last) = seen.events.episodes.trigger, seen.window
    beyond = int(((triggers < first) | (triggers > last)).sum())
    if beyond:
        notes.append(
            _note(
                "events",
                f"{beyond} with day 0 inside the sample window, but the trigger outside it: not an episode of it.",
            )
        )
    ongoing = int(seen.events.episodes.ongoing.sum())
    if ongoing:
        which = "1 episode has" if ongoing == 1 else f"{ongoing} episodes have"
        notes.append(
            _note("events", f"{which} no seen end, as what follows is not known: 'end' is the last session observed.")
        )
    return notes


def first_judged(known: Bools) -> int:
    """Return the first session that could be judged: before it, a pattern has not had the time to form."""
    return int(np.argmax(known)) if known.any() else len(known)


def _about_windows(baseline: Baseline, measured: Measurement) -> list[Note]:
    notes = []
    reasons = {
        PENDING: "the window ends after the data",
        NOT_COVERED: "a leg's history begins later",
        MISSING: "a leg has no level at entry or at the end",
    }
    for status, reason in reasons.items():
        counts = (measured.status == status).sum(axis=0)
        if counts.any():
            where = ", ".join(
                f"{n} at {h}" for h, n in zip(baseline.forward.horizons, counts.tolist(), strict=True) if n
            )
            notes.append(_note("horizons", f"Events {status}, by horizon: {where}; {reason}."))
    empty = [str(h) for h, n in zip(baseline.forward.horizons, measured.summary.n.tolist(), strict=True) if n == 0]
    if empty:
        notes.append(_note("horizons", f"No event has a complete window at {', '.join(empty)}: no number there."))
    untested = [
        str(h)
        for h, n, p in zip(baseline.forward.horizons, measured.summary.n, measured.tested.p_value, strict=True)
        if n and np.isnan(p)
    ]
    if untested:
        where = ", ".join(untested)
        notes.append(_note("p_value", f"Not given at {where}: the spread does not vary, so that there is no test."))
    return notes + _about_circles(baseline)


def _about_circles(baseline: Baseline) -> list[Note]:
    small = [
        f"{len(of)} at {h}"
        for h, of in zip(baseline.forward.horizons, baseline.outcomes, strict=True)
        if 0 < len(of) < FEW
    ]
    if not small:
        return []
    where = ", ".join(small)
    return [_note("p_value", f"Few sessions to move the events to, by horizon: {where}; p is never below one of them.")]


def notes_on_trade(trade: dict[str, Any]) -> list[Note]:
    """Give the reason of every figure of the trade that is missing."""
    missing = [key for key in ("sharpe", "hit_rate") if trade[key] is None]
    why = "no event was known early enough to be traded" if not trade["n_trades"] else "the account never moved"
    return [_note(f"trade.{key}", f"Not given: {why}.") for key in missing]


def _sessions(n: int) -> str:
    return f"{n} session{'' if n == 1 else 's'}"


def _note(about: str, text: str) -> Note:
    return {"about": about, "text": text}
