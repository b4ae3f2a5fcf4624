"""How a study reads in a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from backtest.cli.console import print_table, print_text
from backtest.format import minus, outcome, percent, period, plural, probability, share
from backtest.model import Measured, measured_by
from backtest.model.by_asset import asset_runs, counted_over, said_beside_verdict
from backtest.model.eligible_words import base_rates_from
from backtest.model.horizon import column_head

SIMULATED = "SIMULATED DATA: the returns below mean nothing."
COUNTED = {
    "own": "as the strategy sets it",
    "first": "first session of each run",
    "every": "every session on which it is met",
    "apart": "events whose windows do not overlap",
}
MANY = 12
FEW = 3


def print_study(summary: Mapping[str, Any], details: Callable[[], None] | None = None) -> None:
    """Print title, data, events, the table of horizons, details if they are asked for, the verdict and the notes."""
    data, sample = summary["dataset"], summary["sample"]
    print_text(summary["title"], bold=True)
    print_text(f"{data['title']} ({data['name']}), {sample['first']} to {sample['last']}")
    if data["synthetic"]:
        print_text(SIMULATED, bold=True)
    print_lookahead(summary.get("lookahead"))
    print_text(f"{plural(summary['n_events'], 'event')}: {_dates(summary['events'])}")
    print_sums(summary.get("reconciliation"))
    if summary.get("rarity"):
        print_text(f"Rarity: {summary['rarity']['text']}")
    print_text()
    print_measured(summary)
    if details is not None:
        details()
    print_text()
    print_text(summary["verdict"], bold=True)
    print_ledger(summary)
    print_remarks(summary)
    print_counted(summary)
    print_notes(summary["notes"])
    print_text()


def print_ledger(summary: Mapping[str, Any]) -> None:
    """Print what the ledger says: which look this is, fixed questions and holdouts."""
    if summary.get("ledger"):
        from backtest.ledger.count import sentences_of

        for text in sentences_of(summary["ledger"]):
            print_text(text)


def print_remarks(summary: Mapping[str, Any]) -> None:
    """Print what the finding in the verdict rests on."""
    for text in said_beside_verdict(dict(summary)):
        print_text(f"- {text}")


def print_measured(summary: Mapping[str, Any]) -> None:
    """Print the legs, the sessions of the base rate, and the table of horizons, one table for all assets.

    Parameters
    ----------
    summary : mapping
        The content of ``run.json``.
    """
    runs = asset_runs(dict(summary))
    legs = runs[0]["legs"]
    alone = "" if "benchmark" in legs else "; no benchmark: its returns beside its own base rate"
    if len(runs) == 1:
        print_text("; ".join(f"{leg}: {about['title']}" for leg, about in legs.items()) + alone)
    else:
        print_text(f"assets: {_assets(runs)}")
        print_text(
            f"benchmark: {legs['benchmark']['title']}; the spread of each asset beside its own base rate"
            if "benchmark" in legs
            else "no benchmark: the returns of each asset beside its own base rate"
        )
    names = [str(run["parameters"].get("measure.asset", "")) for run in runs]
    print_text(base_rates_from({name: run["sample"] for name, run in zip(names, runs, strict=True)}))
    rows = [(name, row) for name, run in zip(names, runs, strict=True) for row in run["horizons"]]
    print_horizons(rows, measured_by(legs), several=len(runs) > 1)


def _assets(runs: Sequence[Mapping[str, Any]]) -> str:
    """Name the assets as the strategy does, each with its title if it has one."""
    titles = [(str(run["parameters"]["measure.asset"]), run["legs"]["asset"]["title"]) for run in runs]
    return "; ".join(name if title in ("", name) else f"{name}, {title}" for name, title in titles)


def print_lookahead(found: Mapping[str, Any] | None) -> None:
    """Print in red that a study looks ahead."""
    if found:
        print_text(f"LOOK-AHEAD: {found['text']}", bold=True, red=True)


def print_sums(accounts: Sequence[Mapping[str, Any]] | None) -> None:
    """Print the account of listed dates."""
    from backtest.study.left_out import sums_of

    for text in sums_of(accounts or []):
        print_text(text)


def print_counted(summary: Mapping[str, Any]) -> None:
    """Print the counting rules that give another number or mean than the strategy's own, over one horizon."""
    runs = asset_runs(dict(summary))
    look = counted_over(runs)
    if look is None:
        return
    run, horizon = runs[look[0]], runs[look[0]]["horizons"][look[1]]["horizon"]
    of = measured_by(run["legs"])
    found = [
        (rule, next(cell for cell in rule["horizons"] if cell["horizon"] == horizon))
        for rule in run.get("rules") or []
        if rule["day0"] in ("trigger", "every") or rule["rule"] == "own"
    ]
    shown = {(cell["n"], cell[of.mean]): (rule, cell) for rule, cell in reversed(found)}  # the first of equal ones
    if len(shown) < 2:
        return
    ordered = sorted(shown.values(), key=lambda pair: (pair[0]["rule"] != "own", -pair[1]["n"]))
    name = f" {run['parameters']['measure.asset']}" if len(runs) > 1 else ""
    print_text()
    print_table(
        (f"Counted by other rules,{name} over {period(horizon)}", "n", of.word, "hits"),
        [
            (_rule(rule), str(cell["n"]), outcome(cell[of.mean], of.word), share(cell["hit_rate"]))
            for rule, cell in ordered
        ],
    )
    print_text()


def _rule(rule: Mapping[str, Any]) -> str:
    return COUNTED.get(rule["rule"]) or f"cooldown of {plural(rule['cooldown'], 'session')}"


def print_notes(notes: Sequence[Mapping[str, str]]) -> None:
    """Print the notes; of many about the data, only the first, and where the others are."""
    about_data = [note for note in notes if note["about"] in ("data", "dataset")]
    held_back = about_data[1:] if len(about_data) > FEW else []
    for note in notes:
        if note not in held_back:
            print_text(f"Note ({note['about']}): {note['text']}")
    if held_back:
        print_text(f"{len(held_back)} more notes about the data are in the report.")


def print_horizons(rows: Sequence[tuple[str, Mapping[str, Any]]], of: Measured, *, several: bool) -> None:
    """Print means after the events beside their base rates.

    Parameters
    ----------
    rows : sequence of (str, mapping)
        An asset's name, and its figures at a horizon.
    of : Measured
        The quantity that is judged.
    several : bool
        Whether there are several assets: then each horizon has a row per asset, and no column per leg.
    """
    legs = [leg for leg in of.held if leg != of.key and not several]
    heads = {"asset": "asset", "benchmark": "bench."}
    order = list(dict.fromkeys(row["horizon"] for _, row in rows))
    ordered = sorted(rows, key=lambda row: order.index(row[1]["horizon"]))  # of several assets, one beside the other
    print_table(
        (
            column_head(order),
            *(("asset",) if several else ()),
            "n",
            *(heads[leg] for leg in legs),
            of.word,
            *("base", "hits", "base", "p", "p adj."),
        ),
        [
            (
                str(row["horizon"]),
                *((name,) if several else ()),
                str(row["n"]),
                *(percent(row[f"{leg}_mean"]) for leg in legs),
                outcome(row[of.mean], of.word),
                outcome(row[of.base_mean], of.word),
                share(row["hit_rate"]),
                share(row["base_hit_rate"]),
                probability(row["p_value"]),
                probability(row["p_adjusted"]),
            )
            for name, row in ordered
        ],
        left=(1,) if several else (),
    )
    words = [one for one in order if isinstance(one, str)]
    if words:
        print_text(f"Horizons: {words[0]} to the same calendar day; a number without a unit counts sessions.")


def print_trade(summary: Mapping[str, Any]) -> None:
    """Print the figures of the simulated trade in one sentence, or why there is none."""
    trade = summary["trade"]
    if trade is None:
        reasons = [note["text"] for note in summary["notes"] if note["about"] == "trade"]
        print_text(f"Trade: {' '.join(reasons)}" if reasons else "Trade: none.")
        return
    sharpe = "not defined" if trade["sharpe"] is None else minus(f"{trade['sharpe']:.2f}")
    short = ", short the benchmark" if "benchmark" in asset_runs(dict(summary))[0]["legs"] else ""
    when = trade["entry"].replace("_", " ")
    print_text(
        f"Trade: long the asset{short}, {when}, held {plural(trade['hold'], 'session')}, "
        f"{trade['cost_bps']:g} bp an order: {plural(trade['n_trades'], 'trade')}, "
        f"total {percent(trade['total_return'])}, Sharpe {sharpe}, largest drawdown {percent(trade['max_drawdown'])}, "
        f"invested {share(trade['exposure'])} of sessions."
    )


def _dates(events: Sequence[Mapping[str, str]]) -> str:
    days = [event["day0"] for event in events]
    if len(days) <= MANY:
        return ", ".join(days)
    return f"{', '.join(days[:3])}, … {', '.join(days[-3:])} ('backtest events' lists all)"
