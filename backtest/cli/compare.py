"""``backtest compare``: studies side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

from backtest.cli.completion import complete_studies
from backtest.cli.console import fits, print_json, print_path, print_table, print_text, shown_path, working
from backtest.cli.options import dataset_option, json_option, lookahead_option
from backtest.format import (
    NONE,
    base_rate_from,
    outcome,
    plural,
    points,
    probability,
    settings,
    share,
)

WIDE = 5
"""Studies that fit side by side in 80 columns."""


@click.command()
@click.argument("names", metavar="[A B]...", nargs=-1, shell_complete=complete_studies)
@click.option("--all", "every", is_flag=True, help="Compare every strategy.")
@dataset_option
@lookahead_option
@json_option
def compare(names: tuple[str, ...], every: bool, dataset: str, allow_lookahead: bool, as_json: bool) -> None:
    """Put 2 to 20 studies side by side.

    The page shows how the studies differ, which events they share, and what came after. An event is shared if its
    episode overlaps an episode of the other study. A name is a strategy, which is run now on the dataset, or a
    recorded run: its id or the beginning of it, its hash, or its name. It may also stand for several: a pattern
    ('streak*', quoted) or tag:NAME for strategies, runs:TAG for recorded runs with that tag.

    \b
    backtest compare streak5 rotation ratecut
    backtest compare 1f2e3d4c 5a6b7c8d
    backtest compare tag:fed baseline
    """
    from backtest.catalog.runs import refresh_index
    from backtest.cli.selectors import selected
    from backtest.comparison.entries import gather
    from backtest.comparison.result import compare_json, record_comparison
    from backtest.workspace import Workspace

    workspace = Workspace.find()
    asked = selected(workspace, names, every, runs=True)
    with working("Running the studies…"):
        content = compare_json(gather(workspace, asked, dataset, allow_lookahead=allow_lookahead))
    if not as_json:
        _print(content)
    path = record_comparison(workspace, content)
    refresh_index(workspace.reports)
    if as_json:
        print_json({**content, "files": {"report": shown_path(path)}})
    else:
        print_path("Report", path)


def _print(content: Mapping[str, Any]) -> None:
    from backtest.cli.study_view import SIMULATED, print_lookahead
    from backtest.model import measured_in
    from backtest.model.horizon import column_head

    studies = content["studies"]
    if content["synthetic"]:
        print_text(SIMULATED, bold=True)
    for study in studies:
        print_text(f"{study['label']}: {study['title']}", bold=True)
        nature = " (SIMULATED)" if study["dataset"]["synthetic"] else ""
        events, data = plural(study["n_events"], "event"), study["dataset"]["name"]
        print_text(f"  {events}, {study['first']} to {study['last']}, on {data}{nature}")
        sample = study["sample"]
        if sample.get("eligible", sample["sessions"]) < sample["sessions"]:  # runs of earlier versions do not have it
            print_text(f"  {base_rate_from(sample)}")
        for line in settings(study["own"]):
            print_text(f"  {line}")
        print_lookahead(study["lookahead"])
    print_text()
    _print_parameters(content)
    words = dict.fromkeys(measured_in(row).word for study in studies for row in study["horizons"])
    print_table(
        (column_head(content["horizons"]), "study", "n", "/".join(words), "base", "excess", "hits", "p", "p adj."),
        [
            (str(horizon), *_cells(study, horizon))
            for horizon in content["horizons"]
            for study in studies
            if any(row["horizon"] == horizon for row in study["horizons"])
        ],
        left=(1,),
    )
    print_text()
    print_text(content["verdict"], bold=True)
    print_text()
    _print_shared(content)
    for note in content["notes"]:
        print_text(f"Note ({note['about']}): {note['text']}")
    print_text()


def _print_shared(content: Mapping[str, Any]) -> None:
    labels = [study["label"] for study in content["studies"]]
    if len(labels) > WIDE:
        return
    print_text(f"Events of the row's study that the column's study shares. {content['shared_rule']}")
    rows = [(label, *(str(n) for n in row)) for label, row in zip(labels, content["shared"], strict=True)]
    print_table(("", *labels), rows)
    print_text()


def _print_parameters(content: Mapping[str, Any]) -> None:
    differing, studies = content["differing"], content["studies"]
    if not differing:
        own = any(study["own"] for study in studies)
        print_text("No other setting differs." if own else "All settings are the same.")
        print_text()
        return
    rows: list[tuple[str, ...]] = [(key, *(_value(study, key) for study in studies)) for key in differing]
    headers: tuple[str, ...] = ("differs", *(study["label"] for study in studies))
    if not fits(headers, rows):  # otherwise names and values would break over lines
        rows = [(key, value, labels) for key in differing for value, labels in _by_value(studies, key)]
        headers = ("differs", "value", "studies")
    print_table(headers, rows, left=range(len(headers)))
    print_text()


def _by_value(studies: Sequence[Mapping[str, Any]], key: str) -> list[tuple[str, str]]:
    """Return each value of a setting with the studies that have it, the most common value first."""
    found: dict[str, list[str]] = {}
    for study in studies:
        found.setdefault(_value(study, key), []).append(study["label"])
    rows = sorted(found.items(), key=lambda item: -len(item[1]))
    others = len(rows[0][1]) > len(studies) / 2
    return [
        (value, f"the other {len(labels)}" if others and i == 0 else ", ".join(labels))
        for i, (value, labels) in enumerate(rows)
    ]


def _value(study: Mapping[str, Any], key: str) -> str:
    value = study["parameters"][key]
    return NONE if value is None else str(value) or "none"


def _cells(study: Mapping[str, Any], horizon: int | str) -> tuple[str, ...]:
    from backtest.model import measured_in

    row = next(row for row in study["horizons"] if row["horizon"] == horizon)
    of = measured_in(row)
    return (
        study["label"],
        str(row["n"]),
        outcome(row[of.mean], of.word),
        outcome(row[of.base_mean], of.word),
        points(row["excess"]),
        share(row["hit_rate"]),
        probability(row["p_value"]),
        probability(row["p_adjusted"]),
    )
