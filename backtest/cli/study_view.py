"""How a study reads in a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from backtest.cli.console import print_table, print_text
from backtest.format import base_rate_from, minus, percent, plural, points, probability, share

SIMULATED = "SIMULATED DATA: the returns below mean nothing."
COUNTED = {"first": "first session of each run", "every": "every session on which it is met"}
MANY = 12
FEW = 3


def print_study(summary: Mapping[str, Any]) -> None:
    """Print title, data, events, the table of horizons, the verdict and the notes."""
    data, sample, legs = summary["dataset"], summary["sample"], summary["legs"]
    print_text(summary["title"], bold=True)
    print_text(f"{data['title']} ({data['name']}), {sample['first']} to {sample['last']}")
    if data["synthetic"]:
        print_text(SIMULATED, bold=True)
    print_lookahead(summary.get("lookahead"))
    print_text(f"{plural(summary['n_events'], 'event')}: {_dates(summary['events'])}")
    print_counts(summary)
    print_text()
    print_text(f"asset: {legs['asset']['title']}; benchmark: {legs['benchmark']['title']}")
    print_text(base_rate_from(sample["sessions"], sample["eligible"], sample["not_judged"]))
    print_horizons(summary["horizons"])
    print_text()
    print_text(summary["verdict"], bold=True)
    print_notes(summary["notes"])
    print_text()


def print_lookahead(found: Mapping[str, Any] | None) -> None:
    """Print, in red where there are colours, that a study looks ahead."""
    if found:
        print_text(f"LOOK-AHEAD: {found['text']}", bold=True, red=True)


def print_counts(summary: Mapping[str, Any]) -> None:
    """Print how often the neighbouring conditions occurred, and how many events other rules would count."""
    if summary.get("rarity"):
        print_text(f"Rarity: {summary['rarity']['text']}")
    counted = {rule["rule"]: rule["horizons"][0]["events"] for rule in summary.get("rules") or []}
    others = [f"{counted[key]:,} ({what})" for key, what in COUNTED.items() if key in counted]
    if others:
        print_text(f"Counted by other rules: {', '.join(others)}.")


def print_notes(notes: Sequence[Mapping[str, str]]) -> None:
    """Print the notes; of many about the data only the first, and where the others are."""
    about_data = [note for note in notes if note["about"] in ("data", "dataset")]
    held_back = about_data[1:] if len(about_data) > FEW else []
    for note in notes:
        if note not in held_back:
            print_text(f"Note ({note['about']}): {note['text']}")
    if held_back:
        print_text(f"{len(held_back)} more notes about the data are in the report.")


def print_horizons(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print means after the events beside their base rates."""
    print_table(
        ("sessions", "n", "asset", "bench.", "spread", "base", "hits", "base", "p", "p adj."),
        [
            (
                str(row["horizon"]),
                str(row["n"]),
                percent(row["asset_mean"]),
                percent(row["benchmark_mean"]),
                points(row["spread_mean"]),
                points(row["base_spread_mean"]),
                share(row["hit_rate"]),
                share(row["base_hit_rate"]),
                probability(row["p_value"]),
                probability(row["p_adjusted"]),
            )
            for row in rows
        ],
        left=(),
    )


def print_trade(summary: Mapping[str, Any]) -> None:
    """Print the figures of the simulated trade in one sentence, or why there are none."""
    trade = summary["trade"]
    if trade is None:
        reasons = [note["text"] for note in summary["notes"] if note["about"] == "trade"]
        print_text(f"Trade: {' '.join(reasons)}" if reasons else "Trade: none.")
        return
    sharpe = "not defined" if trade["sharpe"] is None else minus(f"{trade['sharpe']:.2f}")
    when = trade["entry"].replace("_", " ")
    print_text(
        f"Trade: long the asset, short the benchmark, {when}, held {plural(trade['hold'], 'session')}, "
        f"{trade['cost_bps']:g} bp an order: {plural(trade['n_trades'], 'trade')}, "
        f"total {percent(trade['total_return'])}, Sharpe {sharpe}, largest drawdown {percent(trade['max_drawdown'])}, "
        f"invested {share(trade['exposure'])} of sessions."
    )


def _dates(events: Sequence[Mapping[str, str]]) -> str:
    days = [event["day0"] for event in events]
    if len(days) <= MANY:
        return ", ".join(days)
    return f"{', '.join(days[:3])}, … {', '.join(days[-3:])} ('backtest events' lists all)"
