"""What a comparison shows of a study that is run for it: of ``run.json`` what needs no check of robustness."""

from __future__ import annotations

from backtest.comparison.entries import Entry
from backtest.errors import NoEvents
from backtest.measure.legs import measures_of
from backtest.model import Detection, Note, Prices
from backtest.model.notes import SAID_OF_ASSET
from backtest.plan import Plan
from backtest.spec.measure import MeasureTable
from backtest.study.detect_events import detect_events
from backtest.study.export.listing import dataset_json, events_json, lookahead_json
from backtest.study.export.summary import horizons_json, run_id_of
from backtest.study.notes_on_assets import notes_on_asset
from backtest.study.sample_account import sample_json, sample_span
from backtest.study.study import Study
from backtest.untyped import Json


def entries_of(study: Study, variant: Json) -> list[Entry]:
    """Return an entry for each asset of a study.

    Parameters
    ----------
    study : Study
        The study.
    variant : dict
        The settings that tell it from other studies of its strategy.
    """
    plan, detection, prices = study.plan, study.detection, study.plan.dataset.prices
    several = len(study.assets) > 1
    shared = _shared(plan, detection) | {
        "run_id": run_id_of(plan, study.created),
        "n_events": len(study),
        "events": events_json(prices, detection),
    }
    found = []
    for asset in study.assets:
        doubts = asset.doubts
        own = {
            **_measured(plan, asset.measure, prices),
            "sample": sample_json(prices.sessions, detection, asset.base_rate, plan.strategy.episodes.day0),
            "horizons": [
                row | {"doubt": doubts.get(result.horizon, "")}
                for row, result in zip(horizons_json(asset), asset.results, strict=True)
            ],
            "notes": [note.to_json() for note in _notes(study, several, notes_on_asset(prices, asset))],
        }
        found.append(Entry(shared | own, study, asset=asset.name if several else None, variant=variant))
    return found


def empty_entries(plan: Plan, error: NoEvents, variant: Json, *, allow_lookahead: bool) -> list[Entry]:
    """Return an entry for each asset of a study that found no event: what was asked, and that nothing was found.

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
    shared = _shared(plan, detection) | {
        "run_id": "",
        "n_events": 0,
        "events": [],
        "horizons": [],
        "sample": sample_span(prices.sessions, detection),
        "notes": [Note("no_events", "events", str(error)).to_json()],
    }
    several = len(measures) > 1
    return [
        Entry(
            shared | _measured(plan, measure, prices),
            None,
            asset=measure.assets[0] if several else None,
            variant=variant,
        )
        for measure in measures
    ]


def _shared(plan: Plan, detection: Detection) -> Json:
    return {
        "strategy": plan.strategy.name,
        "title": plan.strategy.title,
        "dataset": dataset_json(plan.dataset),
        "lookahead": lookahead_json(detection.lookahead),
    }


def _measured(plan: Plan, measure: MeasureTable, prices: Prices) -> Json:
    return {
        "parameters": {**plan.parameters, "measure.asset": measure.assets[0]},
        "legs": {leg: {"name": prices.info(name).name} for leg, name in measure.legs.items()},
    }


def _notes(study: Study, several: bool, own: list[Note]) -> list[Note]:
    """Return the notes on a study and, where it has several assets, on this one."""
    if not several:
        return list(study.notes)
    return [*(note for note in study.notes if note.code not in SAID_OF_ASSET), *own]
