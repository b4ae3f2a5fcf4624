"""What ``backtest tune`` prints of a search: its best sets, its verdict, and what is told of the choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from backtest.cli.console import print_table, print_text
from backtest.cli.tune_evidence import print_evidence
from backtest.format import (
    count,
    objective_words,
    outcome,
    parameter,
    period,
    points,
    probability,
    searched_words,
    share,
)

SHOWN = 10


def print_search(summary: Mapping[str, Any]) -> None:
    """Print the best sets of a search, its verdict, what is told of the choice, and the notes."""
    from backtest.cli.study_view import SIMULATED, print_ledger, print_lookahead

    data, horizon = summary["dataset"], summary["horizon"]
    print_text(summary["title"], bold=True)
    print_text(f"{data['title']} ({data['name']})")
    if data["synthetic"]:
        print_text(SIMULATED, bold=True)
    print_lookahead(summary["lookahead"])
    first = f", the best by {objective_words(summary['objective'])} first" if summary["looks"] else ""
    tried = searched_words(*(summary[key] for key in ("n_sets", "event_sets", "looks", "effective_looks")))
    print_text(f"{tried}; at {period(horizon)}{first}:")
    print_text()
    by_set = {one["set"]: one for one in summary["sets"]}
    rows = [(by_set[number], _at(by_set[number], horizon)) for number in summary["order"]]
    _print_looks(summary["grid"], rows[:SHOWN])
    if len(rows) > SHOWN:
        print_text(f"… and {len(rows) - SHOWN:,} more in the report")
    if summary["event_sets"] > 1:
        _print_spread([row["excess"] for _, row in rows if row["excess"] is not None])
    print_text()
    print_text(summary["verdict"], bold=True)
    print_ledger(summary)
    if "holdout" in summary:
        print_text(summary["holdout"]["text"])
    _print_survivors(summary, by_set)
    print_evidence(summary)
    for note in summary["notes"]:
        print_text(f"Note ({note['about']}): {note['text']}")
    print_text()


def _print_survivors(summary: Mapping[str, Any], by_set: Mapping[int, Mapping[str, Any]]) -> None:
    """Print the looks that survive, if there are more than the headline names."""
    alive = summary["survivors"]
    if len(alive) > 1:
        print_text()
        print_text("Looks that survive, the most remarkable first:")
        rows = [(by_set[look["set"]], _at(by_set[look["set"]], look["horizon"])) for look in alive]
        _print_looks(summary["grid"], rows[:SHOWN], horizons=True)
        if len(rows) > SHOWN:
            print_text(f"… and {len(rows) - SHOWN:,} more in the report")


def _print_looks(
    keys: Iterable[str], rows: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], *, horizons: bool = False
) -> None:
    """Print one row per set with its figures at one horizon; name the horizon if it differs between rows."""
    from backtest.model import measured_in

    keys = list(keys)
    of = measured_in({key for _, row in rows for key in row})
    levels = [of.mean, of.base_mean] if _base_rates_matter(keys) else []
    names = ("set", *(key.partition(".")[2] for key in keys), *(["over"] if horizons else []))
    print_table(
        (*names, "n", *([of.word, "base"] if levels else []), "excess", "hits", "p", "p adj."),
        [
            (
                str(one["set"]),
                *(parameter(one["parameters"][key]) for key in keys),
                *([str(row["horizon"])] if horizons else []),
                count(row["n"]),
                *(outcome(row[key], of.word) for key in levels),
                points(row["excess"]),
                share(row["hit_rate"]),
                probability(row["p_value"]),
                probability(row["p_adjusted"]),
            )
            for one, row in rows
        ],
        left=(),
    )


def _base_rates_matter(keys: Sequence[str]) -> bool:
    """Return whether to show mean and base rate: if the measure varies, or if one parameter leaves room."""
    return len(keys) < 2 or any(key.startswith("measure.") for key in keys)


def _print_spread(excess: list[float]) -> None:
    if excess:
        excess.sort()
        middle = excess[len(excess) // 2] if len(excess) % 2 else sum(excess[len(excess) // 2 - 1 :][:2]) / 2
        print_text(
            f"Excess over all sets: from {points(excess[0])} to {points(excess[-1])}, median {points(middle)}, "
            f"{sum(1 for value in excess if value > 0)} of {len(excess)} above zero"
        )


def _at(one: Mapping[str, Any], horizon: int | str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = next(row for row in one["horizons"] if row["horizon"] == horizon)
    return found
