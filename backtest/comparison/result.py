"""The content of a comparison: parameters that differ, shared events, results side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from backtest._version import __version__
from backtest.comparison.differences import differing_keys, own_settings
from backtest.comparison.entries import Entry, joint_p_values
from backtest.comparison.remarks import notes_of
from backtest.comparison.shared import RULE, shared_with
from backtest.comparison.survivors import survivors, verdict
from backtest.files import sha256_of, write_page
from backtest.model import Measured, horizons_of, measured_by
from backtest.untyped import Json
from backtest.workspace import Workspace

SCHEMA = 1
SHOWN = ("excess", "hit_rate", "base_hit_rate", "p_value")


def compare_json(entries: Sequence[Entry]) -> Json:
    """Build the content of a comparison; fractions, null for a missing number."""
    parameters = [entry.run["parameters"] for entry in entries]
    differing = differing_keys(parameters)
    events = [entry.run["events"] for entry in entries]
    shared = [[shared_with(own, others) for others in events] for own in events]
    adjusted, how = joint_p_values(entries)
    labels = _labels(entries)
    studies = [
        _study_json(entry, label, p_values)
        | {
            "parameters": {key: entry.run["parameters"].get(key) for key in differing},
            "own": own,
            "shared": np.any([flags for j, flags in enumerate(shared[i]) if j != i], axis=0).tolist(),
        }
        for i, (entry, label, p_values, own) in enumerate(
            zip(entries, labels, adjusted, own_settings(parameters), strict=True)
        )
    ]
    created = dt.datetime.now(dt.UTC).replace(microsecond=0)
    return {
        "schema": SCHEMA,
        "created": created.isoformat().replace("+00:00", "Z"),
        "version": __version__,
        "synthetic": any(entry.run["dataset"]["synthetic"] for entry in entries),
        "studies": studies,
        "differing": differing,
        "horizons": [
            one.label for one in horizons_of({row["horizon"] for study in studies for row in study["horizons"]})
        ],
        "shared": [[int(np.count_nonzero(flags)) for flags in row] for row in shared],
        "shared_rule": RULE,
        "survivors": survivors(studies),
        "verdict": verdict(studies),
        "notes": [note.to_json() for note in notes_of(entries, studies, how)],
    }


def shown(of: Measured) -> tuple[str, ...]:
    """Return the columns of a study's horizons that a comparison shows."""
    return ("horizon", "n", *(f"{leg}_mean" for leg in of.legs), of.base_mean, *SHOWN)


def _study_json(entry: Entry, label: str, p_values: Sequence[float | None]) -> Json:
    run = entry.run
    keys = shown(measured_by(run["legs"]))
    return {
        "label": label,
        "strategy": run["strategy"],
        **({"asset_name": entry.asset} if entry.asset else {}),
        "run_id": run["run_id"] if entry.study is None else None,
        "title": run["title"],
        "dataset": run["dataset"],
        "n_events": run["n_events"],
        "lookahead": run.get("lookahead"),
        "first": run["sample"]["first"],
        "last": run["sample"]["last"],
        "sample": run["sample"],
        "horizons": [
            {**{key: row[key] for key in keys}, "p_adjusted": p, "doubt": row.get("doubt", "")}
            for row, p in zip(run["horizons"], p_values, strict=True)
        ],
        "events": [event["day0"] for event in run["events"]],
    }


def record_comparison(workspace: Workspace, content: Json) -> Path:
    """Write the page of a comparison under ``reports/compare/``; return its path."""
    from backtest.report.pages.compare.page import compare_page

    stamp = content["created"].replace("-", "").replace(":", "")
    runs = " ".join(study["run_id"] or study["strategy"] for study in content["studies"])
    name = f"{stamp}-{sha256_of(runs.encode())[:8]}"
    path, number = workspace.reports / "compare" / f"{name}.html", 1
    while path.exists():
        number += 1
        path = path.with_name(f"{name}-{number}.html")
    write_page(path, compare_page(content))
    return path


def _labels(entries: Sequence[Entry]) -> list[str]:
    names = [entry.label() for entry in entries]
    ids = [entry.run["run_id"] for entry in entries]
    # The same study on the same data gives the same results, whenever it was run.
    short = [run_id[-8:] for run_id in ids]
    shown_ids = short if len(set(zip(names, short, strict=True))) == len(ids) else ids
    labels = [
        name if names.count(name) == 1 else f"{name} ({run_id})" for name, run_id in zip(names, shown_ids, strict=True)
    ]
    simulated = [bool(entry.run["dataset"]["synthetic"]) for entry in entries]
    if all(simulated) or not any(simulated):
        return labels
    return [f"{label}, simulated" if fake else label for label, fake in zip(labels, simulated, strict=True)]
