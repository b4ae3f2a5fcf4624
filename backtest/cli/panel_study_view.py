"""How a study on a panel reads in a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backtest.cli.console import print_table, print_text, wrapped
from backtest.cli.study_view import SIMULATED, print_ledger, print_lookahead, print_notes, print_remarks, print_sums
from backtest.format import count, day, outcome, period, plural, points_range, probability, share
from backtest.model import Measured, measured_by
from backtest.model.by_asset import spoken_of
from backtest.model.horizon import column_head

GROUP = 13
"""Characters in a line of a group's name: so much is left of 80 by the columns of numbers."""


def print_panel_study(summary: Mapping[str, Any]) -> None:
    """Print title, data, how the events are spread, the table of horizons, the verdict and the notes."""
    data, sample, panel = summary["dataset"], summary["sample"], summary["panel"]
    print_text(summary["title"], bold=True)
    print_text(f"{data['title']} ({data['name']}), {sample['first']} to {sample['last']}")
    if data["synthetic"]:
        print_text(SIMULATED, bold=True)
    print_lookahead(summary.get("lookahead"))
    dates, assets = panel["by"]["date"], panel["by"]["asset"]
    of = f"{count(assets['n'])} of {plural(panel['assets'], 'asset')}"
    one_date = dates["n"] == 1
    on = f"one date, {day(dates['busiest'])}" if one_date else plural(dates["n"], "date")
    print_text(f"{plural(summary['n_events'], 'event')} on {of}, on {on}")
    print_sums(summary.get("reconciliation"))
    crowded = ""
    if dates["n"] > dates["top"]:
        crowded = f"; the busiest {dates['top']} hold {share(dates['top_share'])} of the events"
    if dates["events"] > 1 and not one_date:
        print_text(f"Busiest date: {day(dates['busiest'])}, {plural(dates['events'], 'event')}{crowded}")
    print_text()
    print_panel_horizons(summary)
    print_groups(summary)
    print_text()
    print_text(summary["verdict"], bold=True)
    print_ledger(summary)
    print_remarks(summary)
    print_notes(summary["notes"])
    print_text()


def print_groups(summary: Mapping[str, Any]) -> None:
    """Print the groups side by side over the horizon of the verdict; the record has them over all."""
    look, of = spoken_of([dict(summary)]), measured_by(summary["legs"])
    at = 0 if look is None else look[1]
    kinds = {one["of"]: period(summary["horizons"][at]["horizon"]) for one in summary.get("groups", [])}
    for kind, over in kinds.items():
        print_text()
        print_text(f"Groups of {kind}s, over {over}:")
        print_table(
            ("group", "n", of.word, "base", "95% interval", "p", "p adj."),
            [
                (
                    "\n".join(wrapped(one["group"], GROUP)),
                    *_found(row, of),
                    *_p_of(row),
                )
                for one, row in ((one, one["horizons"][at]) for one in summary["groups"] if one["of"] == kind)
            ],
        )


def print_panel_horizons(summary: Mapping[str, Any]) -> None:
    """Print the legs, on what the base rate rests, and the table of horizons."""
    of, legs = measured_by(summary["legs"]), summary["legs"]
    alone = "" if of.has_benchmark else "; no benchmark: their returns beside their own base rate"
    named = "; ".join(f"{leg}: {about['title'] or about['name']}" for leg, about in legs.items())
    print_text(f"{named}{alone}")
    print_text(f"Base rate: {plural(summary['sample']['asset_sessions'], 'asset-session')}")
    rows = summary["horizons"]
    print_table(
        (column_head([row["horizon"] for row in rows]), "n", of.word, "base", "95% interval", "hits", "p", "p adj."),
        [
            (
                str(row["horizon"]),
                *_found(row, of),
                share(row["hit_rate"]),
                *_p_of(row),
            )
            for row in rows
        ],
        left=(),
    )


def _found(row: Mapping[str, Any], of: Measured) -> tuple[str, str, str, str]:
    mean, base = outcome(row[of.mean], of.word), outcome(row[of.base_mean], of.word)
    return count(row["n"]), mean, base, points_range(row["ci_low"], row["ci_high"])


def _p_of(row: Mapping[str, Any]) -> tuple[str, str]:
    return probability(row["p_value"]), probability(row["p_adjusted"])
