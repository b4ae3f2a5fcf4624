"""Pages of detectors: their documentation, and a picture of an episode on the simulated sample."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np

from backtest._version import __version__
from backtest.data.store.read import load_dataset
from backtest.detect.docs.describe import Described, describe
from backtest.detect.docs.markup import spans
from backtest.detect.episodes import find_episodes
from backtest.detect.registry import Detector, find_detector
from backtest.errors import BacktestError, StudyRefused
from backtest.files import write_page
from backtest.model import Condition, Dataset, Episodes, Floats
from backtest.report.pages.detector.page import detector_index_page, detector_page
from backtest.untyped import Json
from backtest.workspace import Workspace, builtin

BEFORE, AFTER = 50, 50
"""Sessions drawn before and after the trigger of the episode."""


def write_detector_page(workspace: Workspace, name: str, path: Path, picture: bool) -> Path:
    """Write one detector's page under ``reports/detectors/``.

    Parameters
    ----------
    workspace : Workspace
        Where the page is written.
    name : str
        Its name in a strategy's ``use``; a name that ends in ``.py`` is a user's own detector.
    path : Path
        Its source.
    picture : bool
        Whether to run a user's own detector for its picture; a built-in one is always drawn.

    Raises
    ------
    DetectorFailed
        The source cannot be read, or a user's own detector cannot be imported for its picture.
    """
    folder = workspace.reports / "detectors"
    target = folder / f"{name}.html"
    write_page(target, detector_page(_payload(name, path, picture), (folder / "index.html").is_file()))
    return target


def write_detector_pages(workspace: Workspace, files: Mapping[str, Path], picture: bool) -> list[Path]:
    """Write the pages of many detectors, and their index, which gives the reason if one cannot be read."""
    folder = workspace.reports / "detectors"
    rows: list[Json] = []
    written = []
    for name, path in files.items():
        try:
            payload = _payload(name, path, picture)
        except BacktestError as error:
            rows.append({"name": name, "summary": [], "reason": str(error)})
            continue
        rows.append({"name": name, "summary": payload["summary"], "reason": None})
        write_page(folder / f"{name}.html", detector_page(payload, True))
        written.append(folder / f"{name}.html")
    write_page(folder / "index.html", detector_index_page(rows))
    return [folder / "index.html", *written]


def _payload(name: str, path: Path, picture: bool) -> Json:
    found = describe(name, path)
    drawn: Json | None = None
    reason = ""
    if name.endswith(".py") and not picture:
        reason = "A picture runs the detector; use --picture to draw it."
    else:
        try:
            drawn = episode_picture(find_detector(name, path.parent), found)
        except BacktestError as error:
            reason = f"No picture: {error.message}"
    return {**_marked(found), "picture": drawn, "reason": reason, "version": __version__}


def _marked(found: Described) -> Json:
    """Return a detector's documentation, its prose split at the marks of code and italics."""
    return {
        "name": found.name,
        "summary": spans(found.summary),
        "arguments": [{**asdict(one), "text": spans(one.text)} for one in found.arguments],
        "references": [spans(one) for one in found.references],
        **{
            section: [{"kind": one.kind, "text": one.text, "spans": spans(one.text)} for one in getattr(found, section)]
            for section in ("description", "returns", "notes", "examples")
        },
    }


def episode_picture(detector: Detector, found: Described) -> Json:
    """Run a detector on the embedded simulated sample, and return a stretch around its last episode.

    The parameters are those of the docstring's example, or the defaults if there is no example or it finds nothing.

    Raises
    ------
    BacktestError
        There is no episode, or the detector cannot run: the sample lacks a series, or a parameter is required.
    """
    data = load_dataset(builtin("datasets") / "sample")  # never a workspace dataset with the same name
    refusals: list[BacktestError] = []
    for values in (_example(found), {}):
        if values is None:
            continue
        try:
            checked = detector.check(values, "the example")
            condition = detector.condition(data.prices.published(), checked)
        except BacktestError as error:
            refusals.append(error)
            continue
        episodes = find_episodes(condition, detector.pattern(checked))
        if len(episodes):
            return _stretch(data, condition, episodes, {key: checked[key] for key in values})
        refusals.append(StudyRefused("it finds no episode on the simulated sample."))
    raise refusals[0]


def _example(found: Described) -> Json | None:
    """Return the parameters of the first TOML example that uses the detector; None if there is none."""
    for block in found.examples:
        try:
            table = tomllib.loads(block.text).get("detector") if block.kind == "literal" else None
        except tomllib.TOMLDecodeError:
            continue
        if isinstance(table, dict) and table.pop("use", None) == found.name:
            return table
    return None


def _stretch(data: Dataset, condition: Condition, episodes: Episodes, values: Json) -> Json:
    indicator, n = condition.indicator, len(data.prices)
    whole = [i for i, trigger in enumerate(episodes.trigger) if BEFORE <= trigger < n - AFTER]
    one = whole[-1] if whole else len(episodes) - 1
    trigger = int(episodes.trigger[one])
    first, last = max(trigger - BEFORE, 0), min(trigger + AFTER, n - 1)
    cut = slice(first, last + 1)
    return {
        "dataset": data.title,
        "synthetic": data.synthetic,
        "n_episodes": len(episodes),
        "values": values,
        "sessions": [str(day) for day in data.prices.sessions[cut]],
        "met": condition.met[cut].tolist(),
        "known": condition.known[cut].tolist(),
        "start": max(int(episodes.start[one]) - first, 0),
        "trigger": trigger - first,
        "end": min(int(episodes.end[one]), last) - first,
        "indicator": None if indicator is None else _numbers(indicator.values[cut]),
        "name": "" if indicator is None else indicator.name,
        "unit": "" if indicator is None else indicator.unit,
        "threshold": None if indicator is None else indicator.threshold,
        "side": "" if indicator is None else indicator.side,
    }


def _numbers(values: Floats) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
