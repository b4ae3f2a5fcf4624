"""A study without a single event stands in a comparison, too: what was asked, and that nothing was found."""

from __future__ import annotations

from backtest.comparison.entries import Entry
from backtest.errors import NoEvents
from backtest.measure.legs import measures_of
from backtest.model import Note
from backtest.plan import Plan
from backtest.study.detect_events import detect_events
from backtest.study.export.listing import dataset_json, lookahead_json
from backtest.study.sample_account import sample_span
from backtest.untyped import Json


def empty_entries(plan: Plan, error: NoEvents, variant: Json, allow_lookahead: bool) -> list[Entry]:
    """Return an entry for each asset of a study that found no event.

    Parameters
    ----------
    plan : Plan
        The study.
    error : NoEvents
        What was said when it was run; it becomes a note.
    variant : dict
        The settings that tell it from other studies of its strategy.
    allow_lookahead : bool
        As when it was run.
    """
    prices = plan.dataset.prices
    detection = detect_events(plan, allow_lookahead=allow_lookahead)
    measures = measures_of(prices, plan.strategy.measure)
    whole: Json = {
        "run_id": "",
        "strategy": plan.strategy.name,
        "title": plan.strategy.title,
        "dataset": dataset_json(plan.dataset),
        "sample": sample_span(prices.sessions, detection),
        "n_events": 0,
        "events": [],
        "horizons": [],
        "lookahead": lookahead_json(detection.lookahead),
        "notes": [Note("no_events", "events", str(error)).to_json()],
    }
    return [
        Entry(
            whole
            | {
                "parameters": {**plan.parameters, "measure.asset": measure.assets[0]},
                "legs": {leg: {"name": prices.info(name).name} for leg, name in measure.legs.items()},
            },
            None,
            asset=measure.assets[0] if len(measures) > 1 else None,
            variant=variant,
        )
        for measure in measures
    ]
