"""``backtest fedwatch``: the odds of each target after each of the next meetings, as priced in futures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from backtest.cli.console import print_json, print_text, write
from backtest.cli.options import dataset_option, json_option
from backtest.cli.typed_dates import day_or_last
from backtest.format import NONE, minus

FIRST, CELL = 10, 7
"""Width of the date column, and of each column of probabilities."""
WIDTH = 80
LEAST = 0.001
"""The table spans the lowest to the highest outcome to which some meeting gives at least this probability."""
STEP = 0.25

Column = tuple[int, str, str]
"""Moves from today's target, and the two lines of the heading."""


@click.command()
@dataset_option
@click.option(
    "--on", type=day_or_last, metavar="DATE", help="A session, or last: the last with quotes [default: last]."
)
@click.option("--meetings", type=click.Path(path_type=Path), metavar="FILE", help="CSV: meetings to add or replace.")
@click.option("--version", metavar="V", help="typed_2015, chain_post or chain_pre [default: by date].")
@click.option("--ahead", type=click.IntRange(1, 24), default=8, show_default=True, help="How many meetings.")
@json_option
def fedwatch(
    dataset: str, on: datetime | None, meetings: Path | None, version: str | None, ahead: int, as_json: bool
) -> None:
    """Show what fed funds futures expect of the Fed's next meetings.

    Prints the odds of each target range after each meeting, as CME FedWatch shows them, and the cuts priced over the
    next twelve months. docs/fedwatch.md explains the computation and how closely it matches CME.

    \b
    backtest fedwatch
    backtest fedwatch --dataset us-size --on 2024-07-16
    backtest fedwatch --on 2024-07-16 --ahead 4 --json
    """
    from backtest.outlook.at_close import fedwatch_json
    from backtest.workspace import Workspace

    day = on.date() if on else None
    content = fedwatch_json(Workspace.find(), dataset, day, meetings=meetings, version=version, ahead=ahead)
    if as_json:
        print_json(content)
    else:
        _print(content)


def _print(content: Mapping[str, Any]) -> None:
    from backtest.cli.study_view import print_notes
    from backtest.format import plural

    data = content["dataset"]
    print_text(f"Odds of the target after each meeting, in percent, at the close of {content['session']}", bold=True)
    print_text(f"{data['title']} ({data['name']}): {content['futures']['title']}")
    if data["synthetic"]:
        print_text("SIMULATED DATA: nobody ever expected these odds.", bold=True)
    print_text()
    every = _columns(content)
    likely = [moves for moves, _, _ in every if moves == 0 or _most(content["meetings"], moves) >= LEAST]
    shown = [column for column in every if likely[0] <= column[0] <= likely[-1]] if content["meetings"] else []
    blocks = _blocks(content["meetings"], shown)
    for n, block in enumerate(blocks):
        _table(content["meetings"], block, reasons=n == 0)
    if shown and not any(moves == 0 for block in blocks for moves, _, _ in block):
        print_text(f"The target now: {''.join(next(column[1:] for column in shown if column[0] == 0))}%.")
    if shown and len(shown) < len(every):
        print_text(f"Left out: {plural(len(every) - len(shown), 'outcome')} to which no meeting gives 0.1%.")
    _below(content)
    print_notes([note for note in content["notes"] if note["about"] != "dataset"])


def _blocks(meetings: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> list[Sequence[Column]]:
    """Split the columns into blocks that fit; drop blocks without a figure, unless none has any."""
    fit = (WIDTH - FIRST) // CELL
    blocks = [columns[begin : begin + fit] for begin in range(0, len(columns), fit)]
    filled = [block for block in blocks if any(_odds(_most(meetings, moves)) for moves, _, _ in block)]
    return filled or blocks[:1]


def _columns(content: Mapping[str, Any]) -> list[Column]:
    """Return every outcome from the lowest to the highest of any meeting and today's target, without gaps."""
    found = [0, *(one["moves"] for meeting in content["meetings"] for one in meeting["outcomes"])]
    target = content["target"]["lower"], content["target"]["upper"]
    return [(moves, *_heading(moves, *target)) for moves in range(min(found), max(found) + 1)]


def _heading(moves: int, lower: float | None, upper: float | None) -> tuple[str, str]:
    """Head a column with the bounds of the target after this many moves or, if unknown, with the moves."""
    if lower is None or upper is None:
        return "", minus(f"{moves:+d}") if moves else "0"
    lower, upper = lower + moves * STEP, upper + moves * STEP
    return ("" if lower == upper else f"{_rate(lower)}–"), _rate(upper)


def _most(meetings: Sequence[Mapping[str, Any]], moves: int) -> float:
    return max((one["probability"] for row in meetings for one in row["outcomes"] if one["moves"] == moves), default=0)


def _table(meetings: Sequence[Mapping[str, Any]], columns: Sequence[Column], *, reasons: bool) -> None:
    """Print one block of columns with write(), as a reason runs across all columns."""
    today = ["now" if moves == 0 else "" for moves, _, _ in columns]
    if any(today):
        write(_line("", today))
    if any(upper_line for _, upper_line, _ in columns):
        write(_line("", [above for _, above, _ in columns]))
    write(_line("meeting", [below for _, _, below in columns]))
    for row in meetings:
        odds = {one["moves"]: one["probability"] for one in row["outcomes"]}
        cells = [_odds(odds.get(moves)) for moves, _, _ in columns]
        if row["reason"] is None:
            write(_line(row["meeting"], cells))
        elif reasons:
            print_text(f"{row['meeting']}  {NONE} {row['reason']}")
    write("")


def _line(first: str, cells: Sequence[str]) -> str:
    return f"{first:<{FIRST}}{''.join(f'{cell:>{CELL}}' for cell in cells)}".rstrip()


def _odds(probability: float | None) -> str:
    """Write a probability in percent; blank if it rounds to zero, as at CME."""
    text = "" if probability is None else f"{probability * 100:.1f}"
    return "" if text == "0.0" else text


def _rate(value: float) -> str:
    return minus(f"{value:.2f}" if round(value, 2) == round(value, 4) else f"{value:.3f}")


def _below(content: Mapping[str, Any]) -> None:
    cuts, version = content["cuts_priced"], content["version"]
    if cuts["moves"] is not None:
        many = minus(f"{cuts['moves']:.2f}")
        print_text(f"Cuts priced over {cuts['months']} months: {many} (moves of 25 basis points; negative: hikes).")
    if cuts["effective"] is not None:
        print_text(f"Effective rate: {_rate(cuts['effective'])}% ({cuts['series']}).")
    print_text(f"Version {version['name']}, {_since(version)}; {version['seen']}. The day of the switch is not known.")


def _since(version: Mapping[str, Any]) -> str:
    if version["asked"]:
        return "as requested"
    first, last = version["default_from"], version["default_until"]
    span = " ".join(part for part in (f"from {first}" if first else "", f"until {last}" if last else "") if part)
    return f"the default {span}"
