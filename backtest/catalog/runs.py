"""What lies under ``reports/``: a line of each run, and the home page, ``reports/index.html``."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from backtest.catalog.other_pages import claim_pages, comparison_pages, detector_pages, tuning_pages
from backtest.errors import BacktestError, RunUnreadable
from backtest.files import NotListed, write_page
from backtest.model.home import Home, RunFacts, RunLine, facts_of, time_in
from backtest.model.labels import Labels
from backtest.record.find import named_runs, run_folders, short_ids
from backtest.record.read import read_summary
from backtest.record.sidecar import read_labels
from backtest.report.pages.index.page import index_page


def run_lines(reports: Path) -> list[RunLine]:
    """Return a line of every run under ``reports/``, newest first; one that cannot be read says why."""
    folders = run_folders(reports)
    short = short_ids(folders, named_runs(reports))
    lines = [run_line(folder, short[folder]) for folder in folders]
    return with_differences(sorted(lines, key=lambda line: (line.made, line.run_id), reverse=True))


def run_line(folder: Path, short: str) -> RunLine:
    """Return the line of one run; damaged files are no refusal, but part of the line."""
    made, refusals = time_in(folder.name), []
    labels, facts = Labels(), None
    try:
        run = read_summary(folder)
        made = str(run["created"])
        facts = facts_of(run)
    except RunUnreadable as error:
        at = error if str(folder) in error.message else error.at(str(folder / "run.json"))
        refusals.append(str(at))
    try:
        labels = read_labels(folder)
    except RunUnreadable as error:
        refusals.append(str(error))
    above = f"{folder.parents[2]}/"  # of a path inside the workspace, what lies above reports/ says nothing
    refusal = " ".join(refusals).replace(above, "")
    return RunLine(folder.parent.name, folder.name, short, made, labels, facts, refusal)


def with_differences(lines: Sequence[RunLine]) -> list[RunLine]:
    """Tell runs of earlier versions, which do not say what was set, by the parameters in which a strategy's differ."""
    of: dict[str, list[RunFacts]] = {}
    for line in lines:
        if line.facts is not None and not line.facts.told:
            of.setdefault(line.strategy, []).append(line.facts)
    differing = {
        name: [
            key
            for key in dict.fromkeys(key for one in runs for key in one.parameters)
            if any(one.parameters.get(key) != runs[0].parameters.get(key) for one in runs)
        ]
        for name, runs in of.items()
    }
    return [_told(line, differing.get(line.strategy, [])) for line in lines]


def _told(line: RunLine, keys: Sequence[str]) -> RunLine:
    facts = line.facts
    if facts is None or facts.told:
        return line
    own = {key: facts.parameters[key] for key in keys if key in facts.parameters}
    return replace(line, facts=replace(facts, settings=own))


def refresh_index(reports: Path) -> None:
    """Redraw the home page; nothing that is damaged under ``reports/`` keeps it from being drawn.

    Where it cannot be written there is a `NotListed` warning: the run that it would list is recorded all the same.
    """
    home = Home(
        run_lines(reports),
        comparison_pages(reports),
        tuning_pages(reports),
        claim_pages(reports),
        detector_pages(reports),
    )
    try:
        write_page(reports / "index.html", index_page(home))
    except BacktestError as error:
        warnings.warn(f"the list of runs is not up to date: {error}", NotListed, stacklevel=2)
