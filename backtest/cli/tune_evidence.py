"""What ``backtest tune`` prints of a choice: the own set, the recommended one, and how choices fare outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from backtest.cli.console import print_text
from backtest.format import ALONE, plural, points, points_range, probability, settings_inline


def print_evidence(summary: Mapping[str, Any]) -> None:
    """Print what there is beside the verdict; nothing for a search without it."""
    if "finding" not in summary:
        return
    print_text(summary["finding"], bold=True)
    if "which_p" in summary:
        print_text(summary["which_p"])
    print_text()
    print_text(f"Own set: {_own(summary)}")
    taken = summary["recommended"]
    print_text(f"Recommended: {taken['why'] if taken else 'none: no set has enough events.'}")
    print_text(f"Walk-forward: {_walked(summary['walk_forward'])}")
    _print_comparison(summary)
    if "superior_ability" in summary:
        print_text(summary["superior_ability"]["text"])
    if taken:
        print_text()
        click.echo(_in_lines(taken["command"]))
    print_text()


def _print_comparison(summary: Mapping[str, Any]) -> None:
    """Print what compares sets with one another, or why there is nothing to compare."""
    if summary["event_sets"] < 2:
        print_text(f"Overfitting, the spread of the sets and importance are left out: {ALONE[summary['event_sets']]}.")
        return
    print_text(f"Overfitting: {summary['overfitting']['text']}")
    print_text(f"All sets: {_curve(summary['specification_curve'])}")
    print_text(f"Importance: {summary['importance']['text']}")


def _in_lines(command: str) -> str:
    """Break a command before each option in the way of a POSIX shell, so that it can be copied from 80 columns."""
    for option in ("--set", "--holdout"):
        command = command.replace(f" {option} ", f" \\\n  {option} ")
    return command


def _own(summary: Mapping[str, Any]) -> str:
    if summary["own"] is None:
        return "the strategy's own values are not in the grid."
    one = next(one for one in summary["sets"] if one["set"] == summary["own"])
    row = next(row for row in one["horizons"] if row["horizon"] == summary["horizon"])
    name = f"set {one['set']} ({settings_inline(one['parameters'])})"
    if row["excess"] is None:
        return f"{name} has no event with a complete window."
    p = f"p {probability(row['p_value'])}, adjusted {probability(row['p_adjusted'])}"
    return f"{name}: {points(row['excess'])}, n = {row['n']}, {p}."


def _walked(walked: Mapping[str, Any]) -> str:
    chosen = {row["set"] for row in walked["blocks"] if row["set"] is not None}
    taken = f"{plural(len(walked['blocks']), 'block')}, {plural(len(chosen), 'set') if chosen else 'no set'} chosen"
    if walked["excess"] is None:
        return f"{taken}; {'no event in a block of theirs' if chosen else 'none had enough events'}."
    tested = f"{_interval(walked)}n = {walked['n']}, p {probability(walked['p_value'])}"
    text = f"{taken}; outside {points(walked['excess'])} ({tested}), inside {points(walked['excess_inside'])}."
    others = (("the best by themselves", walked["best_alone"]), ("the own set", walked["own"]))
    beside = [f"{who} {points(of['excess'])} (n = {of['n']})" for who, of in others if of and of["n"]]
    return f"{text} In the same blocks: {', '.join(beside)}." if beside else text


def _interval(walked: Mapping[str, Any]) -> str:
    return "" if walked["ci_low"] is None else f"{points_range(walked['ci_low'], walked['ci_high'])}, "


def _curve(curve: Mapping[str, Any]) -> str:
    n = len(curve["order"])
    if not n:
        return "none has an event with a complete window."
    joint = curve["p_median"]
    tested = "" if joint is None else f", p of the median {probability(joint)}"
    return f"{curve['positive']} of {n} above zero, median {points(curve['median'])}{tested}."
