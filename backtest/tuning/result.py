"""The result of a search as JSON, as a table and on disk."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from backtest import arrow
from backtest._version import __version__
from backtest.files import sha256_of, write_file
from backtest.model import Asked, Note
from backtest.model.notes import notes_on_day0
from backtest.plan import Plan
from backtest.record.fields import CALENDAR, HORIZON
from backtest.record.tables import columns_of
from backtest.record.write import in_free_folder, write_run
from backtest.study.export.listing import dataset_json, lookahead_json
from backtest.tuning.evidence_json import cells_of, evidence_json, plain
from backtest.tuning.evidence_of_search import Evidence
from backtest.tuning.grid import Grid
from backtest.tuning.ranking import best_set, doubted, looks, order_of, survivors, verdict
from backtest.tuning.searched import Searched
from backtest.tuning.skipped_sets import skipped_json, skipped_notes
from backtest.untyped import Json
from backtest.workspace import Workspace

SCHEMA = 1
PROBABILITIES = ("p_value", "p_adjusted")

FILES = {"sets": "sets.parquet", "report": "report.html", "tune": "tune.json"}


def tune_json(
    found: Searched,
    grid: Grid,
    objective: str,
    horizon: Asked,
    sampling: Json | None = None,
    of: Evidence | None = None,
) -> Json:
    """Build the summary of a search; fractions, null for a missing number.

    `sampling` says how the sets were chosen, if not as all combinations of the grid. With evidence it is told, too.
    """
    column, more = found.horizons.index(horizon), {} if of is None else cells_of(found, of)
    best = best_set(found, objective, column)
    alive = survivors(found)
    return {
        **_head(found.plan, grid),
        "objective": objective,
        "horizon": horizon,
        "parameters": found.plan.parameters,
        "grid": {key: [plain(value) for value in values] for key, values in _tried(found, grid).items()},
        "sampling": sampling or {"how": "grid"},
        "skipped": skipped_json(found),
        "n_sets": len(found.trials),
        "event_sets": found.event_sets,
        "looks": looks(found),
        "effective_looks": found.effective_looks,
        "noise": found.noise,
        "best": None if best is None else best + 1,
        "order": [i + 1 for i in order_of(found, objective, column).tolist()],
        "survivors": [{"set": i + 1, "horizon": found.horizons[j]} for i, j in alive],
        "doubted": [
            {"set": i + 1, "horizon": found.horizons[j], "doubt": found.doubts[i, j]} for i, j in doubted(found)
        ],
        "verdict": verdict(found, objective, column),
        **({} if of is None else evidence_json(found, of)),
        "sets": [_set_json(found, i, more) for i in range(len(found.trials))],
        "lookahead": lookahead_json(found.passed.lookahead),
        "notes": [note.to_json() for note in (*_notes(found), *_chosen(sampling))],
    }


def _tried(found: Searched, grid: Grid) -> Grid:
    """Return the values of a grid that were tried: some may occur in skipped sets alone."""
    tried = {key: {repr(trial.parameters[key]) for trial in found.trials} for key in grid}
    return {key: [value for value in values if repr(value) in tried[key]] for key, values in grid.items()}


def _head(plan: Plan, grid: Grid) -> Json:
    """Say which search of what this is, and when it was made."""
    created = dt.datetime.now(dt.UTC).replace(microsecond=0)
    content = json.dumps([plan.strategy.name, plan.parameters, grid, plan.dataset.sha256], sort_keys=True, default=str)
    return {
        "schema": SCHEMA,
        "run_id": f"tune-{created:%Y%m%dT%H%M%SZ}-{sha256_of(content.encode())[:8]}",
        "created": created.isoformat().replace("+00:00", "Z"),
        "version": __version__,
        "strategy": plan.strategy.name,
        "title": plan.strategy.title,
        "dataset": dataset_json(plan.dataset),
        "synthetic": plan.dataset.synthetic,
    }


def record_search(workspace: Workspace, found: Searched, summary: Json, of: Evidence | None = None) -> Path:
    """Record a search beside the strategy's runs: ``tune.json``, ``sets.parquet``, ``report.html``."""
    from backtest.report.pages.tune.page import tune_page

    tables = {"sets": sets_table(found, of)}

    def write(folder: Path) -> None:
        content = {**summary, "run_id": folder.name, "files": FILES}

        def draw(work: Path) -> None:
            write_file(work / "report.html", tune_page(content))

        write_run(folder, content, tables, draw, summary_name="tune.json")

    return in_free_folder(workspace.reports / found.plan.strategy.name / summary["run_id"], write)


def sets_table(found: Searched, of_search: Evidence | None = None) -> pa.Table:
    """One row per set and horizon, with one column for each parameter."""
    n_sets, n_horizons = found.n.shape
    fields = [pa.field("set", pa.int32(), metadata={"unit": "1", "description": "number of the set, from 1"})]
    columns = [arrow.ints(np.repeat(np.arange(1, n_sets + 1), n_horizons))]
    for key in found.trials[0].parameters:
        values = [trial.parameters[key] for trial in found.trials for _ in range(n_horizons)]
        columns.append(_parameter_column(values))
        fields.append(pa.field(key, columns[-1].type, metadata={"unit": "parameter", "description": key}))
    of = columns_of(found.lengths, times=n_sets)
    columns.append(arrow.ints(np.asarray(of["horizon"])))
    fields.append(HORIZON)
    if "calendar" in of:
        columns.append(arrow.texts(list(of["calendar"])))
        fields.append(CALENDAR)
    columns.append(arrow.ints(found.n.ravel()))
    fields.append(pa.field("n", pa.int32(), metadata={"unit": "events", "description": "n"}))
    for name, figure in {**found.figures, **({} if of_search is None else cells_of(found, of_search))}.items():
        columns.append(arrow.floats(figure.ravel()))
        unit = "probability" if name in PROBABILITIES else "objective" if name == "objective" else "fraction"
        fields.append(pa.field(name, columns[-1].type, metadata={"unit": unit, "description": name}))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _parameter_column(values: list[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # values of several types, e.g. a name and a number
        return pa.array([str(value) for value in values])


def _set_json(found: Searched, i: int, more: dict[str, np.ndarray]) -> Json:
    rows = []
    for column, horizon in enumerate(found.horizons):
        row: Json = {"horizon": horizon, "n": int(found.n[i, column])}
        for name, of in {**found.figures, **more}.items():
            value = float(of[i, column])
            row[name] = None if math.isnan(value) else value
        rows.append(row)
    parameters = {key: plain(value) for key, value in found.trials[i].parameters.items()}
    return {"set": i + 1, "parameters": parameters, "n_events": found.trials[i].n_events, "horizons": rows}


def _cautions(found: Searched) -> list[str]:
    """List the cautions of the conditions, with the number of sets concerned if not all."""
    counts = Counter(text for trial in found.trials for text in trial.cautions)
    of = len(found.trials)
    return [text if n == of else f"{text} This concerns {n} of {of} sets." for text, n in counts.items()]


def _notes(found: Searched) -> list[Note]:
    notes = [*found.passed.notes, *found.plan.notes, *skipped_notes(found), *found.data_notes]
    if found.plan.dataset.synthetic:
        notes.append(Note("simulated", "dataset", "The data are simulated: the best set means nothing."))
    notes += [Note("condition", "detector", text) for text in _cautions(found)]
    own = found.plan.strategy.episodes.day0
    notes += notes_on_day0([str(trial.parameters.get("episodes.day0", own)) for trial in found.trials])
    if text := _without_event(found):
        notes.append(Note("no_event", "sets", text))
    sessions = sorted(set(found.base_sizes))
    if len(sessions) > 1:
        text = (
            f"Base rates are from {sessions[0]:,} to {sessions[-1]:,} {found.base_unit}, by set: those on which its "
            "event could have been seen."
        )
        notes.append(Note("base_rates", "excess", text))
    n = looks(found)
    if n == 0:
        return notes
    counted = "its one look" if n == 1 else f"all {n:,} looks"
    text = (
        f"Adjusted for {counted} by the maximum over the same shifts ({found.shifts:,} of them); "
        "looks before this search are not in this p."
    )
    return [*notes, Note("adjusted_for", "p_adjusted", text)]


def _without_event(found: Searched) -> str:
    """Say how many sets have no event; empty if all have some."""
    n, of = sum(1 for trial in found.trials if not trial.n_events), len(found.trials)
    if not n:
        return ""
    if n == of:
        return "No set has an event, so that there was no look." if of > 1 else "The set has no event and was no look."
    return f"{n:,} of {of:,} sets {'has no event and was' if n == 1 else 'have no event and were'} no look."


def _chosen(sampling: Json | None) -> list[Note]:
    """Say what the adjustment cannot know of sets that were chosen by what was found."""
    if sampling is None or sampling["how"] in ("grid", "random"):
        return []
    text = (
        f"The sets were proposed one after another by what the earlier ones gave ({sampling['how']}, seed "
        f"{sampling['seed']}). The adjusted p counts those that were tried, as if they had been fixed beforehand; it "
        "is too small, because in noise the search would have tried others."
    )
    return [Note("proposed", "p_adjusted", text)]
