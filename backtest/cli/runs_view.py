"""The list of recorded runs in the terminal and as JSON: a row each where all fit, or else a few lines each."""

from __future__ import annotations

import fnmatch
from collections.abc import Sequence
from dataclasses import asdict

from backtest.cli.console import fits, print_table, print_text
from backtest.cli.labels_view import labels_words
from backtest.format import day, plural, settings_inline
from backtest.model.home import RunFacts, RunLine
from backtest.untyped import Json

HEADERS = ("run", "made", "strategy, dataset", "events", "finding")
INDENT = 10
"""Blanks before what is below the id of a run: the length of a short id, and the gap after it."""
LONGEST_NOTE = 60
"""Characters of a note in the table; 'backtest show' prints all of it."""


def chosen_runs(lines: Sequence[RunLine], strategy: str | None, tag: str | None, limit: int | None) -> list[RunLine]:
    """Return the runs of strategies that match a pattern, with a tag, the newest `limit` of them."""
    found = [
        line
        for line in lines
        if strategy is None or fnmatch.fnmatchcase(line.strategy, strategy)
        if tag is None or tag in line.labels.tags
    ]
    return found if limit is None else found[:limit]


def run_json(line: RunLine) -> Json:
    """Return one run of ``list runs --json``; a run that cannot be read has ``refused`` and null for what it lacks."""
    facts = line.facts
    return {
        "run": line.run_id,
        "short": line.short,
        "strategy": line.strategy,
        "created": line.made or None,
        "dataset": _dataset(facts) if facts else None,
        "synthetic": facts.synthetic if facts else None,
        "events": facts.n_events if facts else None,
        "finding": facts.finding if facts else None,
        "name": line.labels.name or None,
        "tags": list(line.labels.tags),
        "note": line.labels.note or None,
        "overrides": facts.settings if facts and facts.told else None,
        "look": asdict(facts.spoken_of) if facts and facts.spoken_of else None,
        "refused": line.refusal or None,
    }


def print_runs(lines: Sequence[RunLine], of: int) -> None:
    """Print runs; `of`: how many there are."""
    read = [(line, line.facts) for line in lines if line.facts is not None]
    if read and fits(HEADERS, [cells for line, facts in read for cells in _lines_of_row(line, facts)]):
        print_table(HEADERS, [_row(line, facts) for line, facts in read], left=(0, 1, 2, 4))
    else:
        for line, facts in read:
            _print_entry(line, facts)
    for line in lines:
        if line.refusal:
            what = "cannot be read" if line.facts is None else "its labels cannot be read"
            print_text(f"{line.strategy} {line.short}: {what}: {line.refusal}")
    if len(lines) < of:
        print_text(f"{len(lines)} of {plural(of, 'run')}; 'backtest list runs' shows more.")


def _row(line: RunLine, facts: RunFacts) -> tuple[str, str, str, str, str]:
    study = "\n".join((f"{line.strategy}, {_dataset(facts)}", *_details(line, facts)))
    return line.short, day(line.made or None), study, f"{facts.n_events:,}", facts.finding


def _lines_of_row(line: RunLine, facts: RunFacts) -> list[tuple[str, ...]]:
    """Return the cells of each line that a run takes in the table."""
    run, made, study, events, finding = _row(line, facts)
    first, *others = study.split("\n")
    return [(run, made, first, events, finding), *(("", "", other, "", "") for other in others)]


def _print_entry(line: RunLine, facts: RunFacts) -> None:
    """Print which run it is, and below that, indented, its finding and its details."""
    print_text(f"{line.short}  {day(line.made or None)}  {line.strategy}, {_dataset(facts)}")
    for text in (f"{plural(facts.n_events, 'event')}, {facts.finding}", *_details(line, facts)):
        print_text(text, indent=INDENT)


def _details(line: RunLine, facts: RunFacts) -> list[str]:
    """Return what the user says of a run, and what was set."""
    note = line.labels.note
    short = note if len(note) <= LONGEST_NOTE else f"{note[: LONGEST_NOTE - 1]}…"
    return list(filter(None, (labels_words(line.labels), short, settings_inline(facts.settings))))


def _dataset(facts: RunFacts) -> str:
    marks = [word for word, given in (("simulated", facts.synthetic), ("LOOKS AHEAD", facts.lookahead)) if given]
    marks += [f"DAY 0 IS THE {facts.late_day0.upper()}"] if facts.late_day0 else []
    return " ".join([facts.dataset, *(f"({mark})" for mark in marks)])
