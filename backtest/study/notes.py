"""What a reader must know beside the numbers: every number that is missing has its reason here."""

from __future__ import annotations

import numpy as np

from backtest.measure.forward import MISSING, NOT_COVERED, PENDING
from backtest.model import Bools
from backtest.study.baseline import Baseline
from backtest.study.measurement import Measurement
from backtest.study.observe import Observation
from backtest.study.plan import Plan

Note = dict[str, str]

LATE = {
    "end": "day 0 is the end of the run, which is only seen one session later: nobody could have entered at its close.",
    "start": "day 0 is the start of the pattern, before the event could be known: returns from there include it.",
}


def notes_on(plan: Plan, seen: Observation, baseline: Baseline, measured: Measurement) -> list[Note]:
    """Collect the notes of a run, the ones that matter most first."""
    notes: list[Note] = []
    if plan.dataset.synthetic:
        notes.append(_note("dataset", "The data are simulated: returns and verdicts on them mean nothing."))
    notes += _about_events(plan, seen)
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
    return notes + [_note("dataset", text) for text in plan.dataset.notes]


def _about_events(plan: Plan, seen: Observation) -> list[Note]:
    notes = []
    first, last = seen.window
    sessions = plan.dataset.prices.sessions
    known = seen.condition.known[first : last + 1]
    unknown = np.flatnonzero(~known) + first
    begins = first_judged(seen.condition.known)
    unknown = unknown[unknown >= begins] if begins <= first + seen.pattern else unknown
    if len(unknown):
        share = f"{len(unknown):,} of {len(known):,} sessions"
        span = f"{sessions[unknown[0]]} to {sessions[unknown[-1]]}"
        notes.append(
            _note(
                "detector",
                f"Cannot be judged at {share} of the sample window (between {span}): an input is missing there.",
            )
        )
    day0 = plan.strategy.episodes.day0
    if day0 in LATE:
        notes.append(_note("episodes.day0", f"As set, {LATE[day0]}"))
    left_out = len(seen.episodes) - len(seen.events)
    if left_out > 0:
        rules = "the cooldown" if day0 == "trigger" else "the cooldown, or an end not seen yet,"
        notes.append(
            _note("events", f"{left_out} of {len(seen.episodes)} episodes gave no event: {rules} left them out.")
        )
    if seen.events.episodes.ongoing.any():
        notes.append(
            _note(
                "events",
                "The last episode has no seen end: its 'end' is the last session it was observed on.",
            )
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
    return notes


def _note(about: str, text: str) -> Note:
    return {"about": about, "text": text}
