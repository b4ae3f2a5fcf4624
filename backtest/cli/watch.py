"""``backtest watch``: where every strategy stands at the last session."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import click

from backtest.cli.completion import complete_strategies
from backtest.cli.console import print_json, print_table, print_text, working, write
from backtest.cli.options import dataset_option, json_option
from backtest.cli.typed_dates import day_or_last
from backtest.errors import printable
from backtest.format import SHARES, minus, outcome, percent, plural, points, share
from backtest.untyped import Json

EVENTS_SHOWN = 5
"""Pending events shown per strategy in the terminal; --json has them all."""
NOTHING_SHOWN = 1
"""The exit status where no strategy that was named can be shown."""
OUTSIDE = "dates_outside_history"


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=complete_strategies)
@dataset_option
@click.option(
    "--on",
    type=day_or_last,
    metavar="DATE",
    help="Show the state at the close of this day; later data do not count [default: last].",
)
@json_option
def watch(names: tuple[str, ...], dataset: str, on: datetime | None, as_json: bool) -> None:
    """Show where strategies stand at the last session of a dataset.

    A strategy is in an episode, close to one, or has past events whose horizons are not over. Without a name, watch
    shows every known strategy. One that cannot run on the dataset is listed with the reason; the exit status is 1 if
    none of those that were named can. Close means one session short, or within one ordinary session's move: the median
    absolute one-session change of the indicator over the last 252 sessions.

    \b
    backtest watch
    backtest watch streak5 rotation --dataset us-size
    backtest watch streak5 --on 2024-07-15
    """
    from backtest.cli.selectors import selected
    from backtest.watch.result import watch as look
    from backtest.workspace import Workspace

    workspace = Workspace.find()
    asked = selected(workspace, names) if names else []
    with working("Looking…"):
        content = look(workspace, asked, dataset, None if on is None else on.date())
    if as_json:
        print_json(content)
    else:
        _print(content)
    if asked and all(row["refusal"] is not None for row in content["strategies"]):
        raise click.exceptions.Exit(NOTHING_SHOWN)


def _print(content: Mapping[str, Any]) -> None:
    from backtest.cli.study_view import SIMULATED

    data, rows = content["dataset"], content["strategies"]
    print_text(f"{data['title']} ({data['name']}), at the close of {content['session']}", bold=True)
    if data["synthetic"]:
        print_text(SIMULATED, bold=True)
    if not rows:
        print_text("There are no strategies here: backtest init DIR makes a workspace with some.")
        return
    print_text()
    shown = [
        (row["strategy"], row["state"], "; ".join(_state_words(row, content["session"])))
        for row in rows
        if row["refusal"] is None
    ]
    if shown:
        print_table(("strategy", "state", ""), shown, left=(0, 1, 2))
    for row in rows:
        if row["refusal"] is not None:
            write(f"{row['strategy']} cannot be shown: {printable(row['refusal'])}")
    _print_notes(rows, content["session"])
    waiting = [
        (" ".join(filter(None, (row["strategy"], name))), nearest(pending))
        for row in rows
        for name, pending in _by_asset(row["pending"]).items()
    ]
    if waiting:
        _print_pending(waiting, content["session"])


def _print_notes(rows: Sequence[Mapping[str, Any]], session: str) -> None:
    """Print the notes; dates outside the history get one line for all lists."""
    beyond = []
    for row in rows:
        for note in row["notes"]:
            if note["code"] == OUTSIDE:
                beyond.append(row["strategy"])
            else:
                print_text(f"Note ({row['strategy']}): {note['text']}")
    if beyond:
        names = ", ".join(dict.fromkeys(beyond))
        print_text(
            f"Note ({names}): dates outside the history, which ends on {session}, are left out; --json lists them."
        )


def _print_pending(waiting: list[tuple[str, list[Json]]], session: str) -> None:
    from backtest.model import measured_by

    print_text()
    print_text("Events with horizons that are not over, each at the horizon that ends next; returns since entry:")
    benchmarks = [measured_by(event).has_benchmark for _, events in waiting for event in events]
    lines = [(name, *_cells(event, any(benchmarks))) for name, events in waiting for event in events[:EVENTS_SHOWN]]
    second = ("bench.", "spread") if any(benchmarks) else ()
    headers = ("strategy", "day 0", "sessions", "asset", *second, "others", "n")
    print_table(headers, lines, left=(0,))
    for name, events in waiting:
        if len(events) > EVENTS_SHOWN:
            print_text(f"{name}: {plural(len(events) - EVENTS_SHOWN, 'earlier event')} not shown; --json lists all.")
    short: dict[str, list[str]] = {}
    for name, events in waiting:
        if events[0]["through"] not in (None, session):
            short.setdefault(events[0]["through"], []).append(name)
    whose = "both legs" if any(benchmarks) else "the asset"
    for day, names in sorted(short.items()):
        print_text(f"{', '.join(names)}: counted to {day}, the last close of {whose}.")
    words = dict.fromkeys(measured_by(event).word for _, events in waiting for event in events)
    mean = f"mean {' or '.join(words)} after the same number of sessions"
    print_text(f"others: {mean}, over the n events whose horizon is over.")


def _by_asset(pending: Sequence[Json]) -> dict[str, list[Json]]:
    """Group pending events by asset; with a single asset, under an empty name."""
    found: dict[str, list[Json]] = {}
    for one in pending:
        found.setdefault(one.get("asset_name", ""), []).append(one)
    return found


def nearest(pending: list[Json]) -> list[Json]:
    """Keep the horizon of each event that ends next; latest event first."""
    first: dict[str, Json] = {}
    for one in pending:
        first.setdefault(one["day0"], one)
    return list(first.values())


def _cells(one: Mapping[str, Any], benchmarks: bool) -> tuple[str, ...]:
    from backtest.model import measured_by

    passed = f"{one['passed']} of {one['horizon']}"  # such as "12 of 21" or, by the calendar, "12 of 1m"
    of = measured_by(one)
    second = (percent(one["benchmark"]), points(one["spread"])) if of.has_benchmark else ("", "")
    others = outcome(one["completed_so_far"], of.word)
    cells = (one["day0"], passed, percent(one["asset"]))
    return (*cells, *(second if benchmarks else ()), others, str(one["n_completed"]))


def _state_words(row: Mapping[str, Any], last: str) -> Iterator[str]:
    if row["at"] != last:
        why = row["ended"]
        yield f"at {row['at']}" + (f", where {', '.join(why)} {'ends' if len(why) == 1 else 'end'}" if why else "")
    if row["episode"] is not None:
        yield _episode(row["episode"])
    elif not row["known"]:
        yield f"cannot be judged without {', '.join(row['missing'])}"
    yield from _missing(row)
    if events := nearest(row["pending"]):
        yield f"{plural(len(events), 'event')} pending"


def _episode(episode: Mapping[str, Any]) -> str:
    since = f"since {episode['start'] or 'before its sample window'}"
    text = f"{since}, triggered {episode['trigger']}, {plural(episode['sessions'], 'session')} so far"
    return text if episode["day0"] else f"{text}, without its own event"


def _missing(row: Mapping[str, Any]) -> Iterator[str]:
    parts = row["conditions"]
    if parts:
        holding = sum(part["holds"] is True for part in parts)
        lacking = ", ".join(_lacking(part) for part in parts if part["holds"] is not True)
        held = ", ".join(f"{part['name']} held {part['held']}" for part in parts if part["held"])
        text = f"{holding} of {len(parts)} conditions"
        yield f"{text}{f': not yet {lacking}' if lacking else ''}{f' ({held})' if held else ''}"
    elif row["distance"] is not None and row["episode"] is None:
        yield _distance(row["distance"])


def _lacking(part: Mapping[str, Any]) -> str:
    if part["holds"] is None:
        return f"{part['name']} (unknown)"
    return part["name"] if part["distance"] is None else f"{part['name']} ({_distance(part['distance'])})"


def _distance(one: Mapping[str, Any]) -> str:
    value, threshold = _amount(one["value"], one["unit"]), _amount(one["threshold"], one["unit"])
    unit = _unit(one)
    if one["side"] == "above" and one["threshold"] > 0 and one["value"] >= 0:
        return f"{value} of {threshold} {unit}".rstrip()
    way = "more" if one["side"] == "above" else "less"
    return f"{value}, needs {threshold} or {way}{f' ({unit})' if unit else ''}"  # "0 of −0.5" says nothing


def _amount(value: float, unit: str) -> str:
    if unit in SHARES:
        return share(value, 1)
    text = f"{value:.0f}" if unit == "sessions" else f"{value:.4g}"
    return minus(text) if text.strip("-0.") else text.lstrip("-")  # zero has no sign


def _unit(one: Mapping[str, Any]) -> str:
    return "" if one["unit"] in (*SHARES, "1") else str(one["unit"])
