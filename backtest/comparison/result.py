"""The content of a comparison: a ranking, parameters that differ, shared events, results side by side."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from backtest._version import __version__
from backtest.comparison.adjusted import joint_p_values
from backtest.comparison.apart import differences_json, said_of
from backtest.comparison.differences import differing_keys, own_settings
from backtest.comparison.entries import Entry
from backtest.comparison.remarks import notes_of
from backtest.comparison.shared import PANEL_RULE, RULE, same_events, shared_with
from backtest.comparison.standings import chosen_horizon, ranked
from backtest.comparison.study_names import labels_of
from backtest.comparison.survivors import survivors, verdict
from backtest.files import sha256_of, write_page
from backtest.model import Asked, Measured, horizons_of, measured_by
from backtest.model.record import is_panel
from backtest.untyped import Json
from backtest.workspace import Workspace

SCHEMA = 1
SHOWN = ("excess", "hit_rate", "base_hit_rate", "p_value")
SIZES = ("ci_low", "ci_high")
"""What runs of earlier versions do not have."""


def compare_json(entries: Sequence[Entry], *, horizon: Asked | None = None, sort: str = "p") -> Json:
    """Build the content of a comparison; fractions, null for a missing number.

    Parameters
    ----------
    entries : sequence of Entry
        The studies.
    horizon : int or str, optional
        The horizon of the ranking, as a strategy writes it; see `chosen_horizon`.
    sort : str
        What the ranking is sorted by; see `SORTS`.
    """
    events = [entry.run["events"] for entry in entries]
    on_panels = any(is_panel(entry.run) for entry in entries)
    shares, rule = (same_events, PANEL_RULE) if on_panels else (shared_with, RULE)
    shared = [[shares(own, others) for others in events] for own in events]
    adjusted, how = joint_p_values(entries)
    labels = labels_of(entries)
    studies = _studies(entries, labels, adjusted, shared)
    judges = [measured_by(entry.run["legs"]).word for entry in entries]
    at = chosen_horizon([[row["horizon"] for row in study["horizons"]] for study in studies], horizon)
    apart = differences_json(entries, labels, at)
    created = dt.datetime.now(dt.UTC).replace(microsecond=0)
    return {
        "schema": SCHEMA,
        "created": created.isoformat().replace("+00:00", "Z"),
        "version": __version__,
        "synthetic": any(entry.run["dataset"]["synthetic"] for entry in entries),
        "horizon": at,
        "sort": sort,
        "ranking": ranked(studies, judges, at, sort),
        "studies": studies,
        "differing": differing_keys([entry.run["parameters"] for entry in entries]),
        "horizons": [
            one.label for one in horizons_of({row["horizon"] for study in studies for row in study["horizons"]})
        ],
        "shared": [[int(np.count_nonzero(flags)) for flags in row] for row in shared],
        "shared_rule": rule,
        "survivors": survivors(studies),
        "verdict": verdict(studies),
        "differences": apart,
        "differences_verdict": said_of(apart, at, len(entries)),
        "notes": [note.to_json() for note in notes_of(entries, studies, how)],
    }


def shown(of: Measured, *, panel: bool = False) -> tuple[str, ...]:
    """Return the columns of a study's horizons that a comparison shows."""
    spread_over = ("n_assets", "n_dates") if panel else ()
    return ("horizon", "n", *spread_over, *(f"{leg}_mean" for leg in of.legs), of.base_mean, *SHOWN)


def _studies(
    entries: Sequence[Entry],
    labels: Sequence[str],
    adjusted: Sequence[Sequence[float | None]],
    shared: Sequence[Sequence[np.ndarray]],
) -> list[Json]:
    parameters = [entry.run["parameters"] for entry in entries]
    differing, own = differing_keys(parameters), own_settings(parameters)
    return [
        _study_json(entry, labels[i], adjusted[i])
        | {
            "parameters": {key: entry.run["parameters"].get(key) for key in differing},
            "own": own[i],
            "shared": np.any([flags for j, flags in enumerate(shared[i]) if j != i], axis=0).tolist(),
        }
        for i, entry in enumerate(entries)
    ]


def _study_json(entry: Entry, label: str, p_values: Sequence[float | None]) -> Json:
    run = entry.run
    keys = shown(measured_by(run["legs"]), panel=is_panel(run))
    recorded = entry.study is None and run["run_id"]
    return {
        "label": label,
        "strategy": run["strategy"],
        **({"asset_name": entry.asset} if entry.asset else {}),
        "run_id": run["run_id"] if recorded else None,
        "title": run["title"],
        "dataset": run["dataset"],
        "n_events": run["n_events"],
        **({"panel": _on_panel(run)} if is_panel(run) else {}),
        "lookahead": run.get("lookahead"),
        "first": run["sample"]["first"],
        "last": run["sample"]["last"],
        "sample": run["sample"],
        "horizons": [
            {key: row[key] for key in keys}
            | {key: row.get(key) for key in SIZES}
            | {"p_adjusted": p, "doubt": row.get("doubt", "")}
            for row, p in zip(run["horizons"], p_values, strict=True)
        ],
        "events": [event["day0"] for event in run["events"]],
        **({"event_assets": [event["asset"] for event in run["events"]]} if is_panel(run) else {}),
    }


def _on_panel(run: Json) -> Json:
    """Return over how many of its assets and dates the events of a study on a panel are spread."""
    return {"assets": run["panel"]["assets"], **{f"n_{of}s": run["panel"]["by"][of]["n"] for of in ("asset", "date")}}


def record_comparison(workspace: Workspace, content: Json) -> Path:
    """Write the page of a comparison under ``reports/compare/``, and its content beside it; return the page's path."""
    from backtest.report.pages.compare.page import compare_page

    stamp = content["created"].replace("-", "").replace(":", "")
    runs = " ".join(study["run_id"] or study["label"] for study in content["studies"])
    name = f"{stamp}-{sha256_of(runs.encode())[:8]}"
    path, number = workspace.reports / "compare" / f"{name}.html", 1
    while path.exists():
        number += 1
        path = path.with_name(f"{name}-{number}.html")
    write_page(path.with_suffix(".json"), json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    write_page(path, compare_page(content))
    return path
