"""What a reader must know besides the numbers, including the reason for every missing number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from backtest.lookahead.audited import notes_on_publication
from backtest.model import Bools, Detection, Note
from backtest.model.notes import notes_on_day0
from backtest.plan import Plan
from backtest.study.asset_result import AssetResult
from backtest.study.left_out import notes_on_left_out
from backtest.study.notes_on_assets import notes_on_assets

if TYPE_CHECKING:
    from backtest.study.trading import Trade  # a study without a trade imports none of it

LOOK_BACK = 252
"""Sessions before the sample window on which data still affect a study, since detectors look back."""


def notes_on(plan: Plan, detection: Detection, assets: Sequence[AssetResult]) -> list[Note]:
    """Collect the notes of a study, most important first."""
    notes: list[Note] = []
    if plan.dataset.synthetic:
        text = "The data are simulated: returns and verdicts on them mean nothing."
        notes.append(Note("simulated", "dataset", text))
    if plan.strategy.origin is not None:
        told = plan.strategy.origin.told(plan.dataset.name, plan.strategy.episodes.since)
        notes.append(Note("origin", "strategy", told))
    notes += plan.notes
    notes += _on_detection(plan, detection)
    notes += notes_on_events(plan, detection)
    notes += notes_on_assets(plan.dataset.prices, assets)
    ahead = max(int(asset.base_rate.forward.lengths[detection.window[1]].max()) for asset in assets) + 1
    notes += [Note("firewall", "data", text) for text in _findings(plan, detection, ahead)]
    return notes + [Note("dataset", "dataset", text) for text in plan.dataset.notes]


def _findings(plan: Plan, detection: Detection, ahead: int) -> list[str]:
    """List the firewall's warnings on the series and the span that the study uses; on opens only if it uses them."""
    measure, trade = plan.strategy.measure, plan.strategy.trade
    held = [leg for one in measure.each for leg in one.legs.values()]
    used = {*detection.reads, *map(plan.dataset.prices.name, held)}
    opens = "next_open" in (measure.entry, trade.entry if trade else "")
    first, last = _span_used(plan, detection, ahead)
    found = [one for one in plan.dataset.findings if one.concerns(used) and one.within(first, last)]
    return [finding.text for finding in found if opens or finding.rule != "open_is_close"]


def _span_used(plan: Plan, detection: Detection, ahead: int) -> tuple[dt.date, dt.date]:
    """Return the first and the last day that may affect a study's numbers.

    A detector looks back over its pattern or a year, the longer of the two. A window looks ahead over as many sessions
    as the longest one that begins at the end of the sample window.
    """
    sessions = plan.dataset.prices.sessions
    back = max(LOOK_BACK, detection.pattern)
    first = max(detection.window[0] - back, 0)
    last = min(detection.window[1] + ahead, len(sessions) - 1)
    return sessions[first].item(), sessions[last].item()


def _on_detection(plan: Plan, detection: Detection) -> list[Note]:
    notes = []
    first, last = detection.window
    sessions = plan.dataset.prices.sessions
    known = detection.condition.known[first : last + 1]
    unknown = np.flatnonzero(~known) + first
    begins = first_judged(detection.condition.known)
    warm_up = begins <= first + detection.pattern
    if len(unknown) and not (warm_up and unknown[-1] < begins):
        text = (
            f"Cannot be judged at {len(unknown):,} of {len(known):,} sessions of the sample window (between "
            f"{sessions[unknown[0]]} and {sessions[unknown[-1]]}): an input is missing there."
        )
        notes.append(Note("not_judged", "detector", text))
    notes += notes_on_publication(plan.dataset.prices, detection.reads, (first, last))
    return notes + notes_on_day0([plan.strategy.episodes.day0])


def notes_on_events(plan: Plan, detection: Detection) -> list[Note]:
    """Say what gave no event, by reason, and what the condition itself notes."""
    return [*detection.condition.notes, *notes_on_left_out(plan, detection), *_on_events(detection)]


def _on_events(detection: Detection) -> list[Note]:
    notes = []
    triggers, (first, last) = detection.events.episodes.trigger, detection.window
    beyond = int(((triggers < first) | (triggers > last)).sum())
    if beyond:
        text = f"{beyond} with day 0 inside the sample window, but the trigger outside it: not an episode of it."
        notes.append(Note("trigger_outside", "events", text))
    ongoing = int(detection.events.episodes.ongoing.sum())
    if ongoing and not detection.condition.by_session:  # a condition of single sessions has no end to see
        which = "1 episode has" if ongoing == 1 else f"{ongoing} episodes have"
        text = f"{which} no seen end, as what follows is not known: 'end' is the last session observed."
        notes.append(Note("ongoing", "events", text))
    return notes


def first_judged(known: Bools) -> int:
    """Return the first session that could be judged: before it, a pattern has had no time to form."""
    return int(np.argmax(known)) if known.any() else len(known)


def notes_on_trade(trade: Trade) -> list[Note]:
    """Give the reason for every missing figure of the trade."""
    why = "the account never moved" if trade.n_trades else "no event was known early enough to be traded"
    missing = [key for key, value in (("sharpe", trade.sharpe), ("hit_rate", trade.hit_rate)) if value is None]
    return [Note("no_trade_figure", f"trade.{key}", f"Not given: {why}.") for key in missing]
