"""``backtest audit``: whether a detector knows what came later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from backtest.cli.completion import complete_settings, complete_strategies
from backtest.cli.console import print_json, print_text, progress_of
from backtest.cli.options import dataset_option, json_option, overrides, report_short_keys
from backtest.untyped import Json

if TYPE_CHECKING:
    from backtest.lookahead.audit import Progress
    from backtest.lookahead.audited import AuditedCondition
    from backtest.model import Dataset, Note
    from backtest.plan import Plan
    from backtest.workspace import Workspace


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=complete_strategies)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    shell_complete=complete_settings,
    help="Override a key of the strategies.",
)
@dataset_option
@json_option
def audit(names: tuple[str, ...], settings: tuple[str, ...], dataset: str, as_json: bool) -> None:
    """Look for look-ahead in strategies.

    Without a name, all strategies are audited; a name may be a pattern ('streak*', quoted) or tag:NAME. The audit cuts
    the history off at many sessions and replaces later or unpublished values with other ones. The detector's answers up
    to the cut must not change. If they do, the audit names the series that leak and the earliest session found. A fresh
    copy of the detector's file answers for the shorter histories, so that nothing it remembers can hide a leak. The
    exit status is 1 if something leaks or cannot be judged.

    The audit cannot see numbers that do not come through prices (a file, the network, dates in the code), nor what the
    detector stores on disk or elsewhere outside its own Python. It cannot tell whether a listed date was public in
    advance; a note says if day 0 lies before it. It can miss a leak on sessions that it did not try.

    \b
    backtest audit
    backtest audit slump --dataset us-size --json
    """
    from backtest.cli.selectors import selected
    from backtest.data.store.read import load_dataset
    from backtest.errors import LooksAhead
    from backtest.workspace import Workspace

    workspace = Workspace.find()
    data = load_dataset(workspace.dataset(dataset))
    changes = overrides(settings, None, None)
    results = []
    with progress_of("Auditing") as progress:
        asked = selected(workspace, names, not names)
        for at, name in enumerate(asked):
            results.append(_audited(workspace, data, name, changes, _within(progress, at, len(asked))))
    if as_json:
        print_json({"schema": 1, "dataset": {"name": data.name, "sha256": data.sha256}, "strategies": results})
    else:
        _print(results, data)
    # A strategy that was not named may be meant for other data.
    wrong = [
        one["strategy"] for one in results if not one["clean"] and (one["strategy"] in names or one["refused"] is None)
    ]
    if wrong:
        raise LooksAhead(
            f"{', '.join(wrong)} on {data.name}: not shown to be free of look-ahead.",
            "Fix what is named above, or draw no conclusions from it.",
        )


def _within(progress: Progress, at: int, of: int) -> Progress:
    return lambda done, total: progress(at * 100 + done * 100 // total, of * 100)


def _audited(workspace: Workspace, data: Dataset, name: str, changes: Json, progress: Progress) -> Json:
    from backtest.errors import BacktestError
    from backtest.lookahead.audit import audit as judge
    from backtest.lookahead.audited import notes_on_publication
    from backtest.lookahead.cutoffs import FULL
    from backtest.lookahead.sample import seed_of
    from backtest.plan import plan_on

    try:
        plan = plan_on(data, workspace, name, changes)
        report_short_keys(changes, plan.strategy)
        plan, told = _on_one_asset(plan)
        judged = judge(plan.recipe, plan.dataset.prices, FULL, seed_of(plan), progress)
    except BacktestError as error:
        return {"strategy": name, "clean": False, "refused": str(error), "conditions": [], "notes": []}
    clean = all(one.clean for one in judged)
    reads = sorted({series for one in judged for series in one.reads})
    published = notes_on_publication(plan.dataset.prices, reads)
    notes = dict.fromkeys((*told, *published, *(note for one in judged for note in one.notes)))
    return {
        "strategy": name,
        "clean": clean,
        "refused": None,
        "conditions": [_condition(one) for one in judged],
        "notes": [note.to_json() for note in notes],
    }


def _on_one_asset(plan: Plan) -> tuple[Plan, list[Note]]:
    """Return a plan on a panel as one on its asset with most closes, and a note that says so."""
    if not plan.of_panel:
        return plan, []
    from backtest.model import Note
    from backtest.panel.panel_run import audited_on

    plan, asset = audited_on(plan)
    text = f"Audited on {asset}, the asset with most closes; a detector sees each asset alone."
    return plan, [Note("audited_asset", "panel", text)]


def _condition(one: AuditedCondition) -> Json:
    leak = None if one.leak is None else asdict(one.leak)
    return {"condition": one.key, "detector": one.use, "clean": one.clean, "leak": leak, **_rest(one)}


def _rest(one: AuditedCondition) -> Json:
    return {"findings": [asdict(finding) for finding in one.findings], "histories": one.asked, "failed": one.failed}


def _print(results: Sequence[Json], data: Dataset) -> None:
    print_text(f"Look-ahead on {data.title} ({data.name})", bold=True)
    for result in results:
        name = result["strategy"]
        if result["refused"] is not None:
            print_text(f"{name}: not audited: {result['refused']}")
        for one in result["conditions"]:
            print_text(f"{name}: {one['condition']} ({one['detector']}): {_words(one)}", bold=not one["clean"])
        for note in result["notes"]:
            print_text(f"{name}: {note['text']}")
    print_text(_sum(results))


def _sum(results: Sequence[Json]) -> str:
    """Count the strategies that look ahead among those that were judged, and those that could not be."""
    leaking = sum(_leaks(result) for result in results)
    judged = leaking + sum(result["clean"] for result in results)
    others = f"{len(results) - judged} could not be audited."
    if not judged:
        return others
    of = "1 strategy" if judged == 1 else f"{judged} strategies"
    among = f"{leaking} of {of} look{'s' if leaking == 1 or judged == 1 else ''} ahead."
    return among if judged == len(results) else f"{among} {others}"


def _leaks(result: Json) -> bool:
    return any(one["leak"] for one in result["conditions"])


def _words(one: Json) -> str:
    others = [found["text"] for found in one["findings"] if found["kind"] in ("not repeatable", "fails")]
    if one["leak"] is not None:
        series = {name: None for found in one["findings"] for name in found["series"]}
        also = [name for name in series if name not in one["leak"]["series"]]
        more = f"; so do answers on {', '.join(also)}" if also else ""
        return f"LOOKS AHEAD ({one['leak']['kind']}): {one['leak']['text']}{more}."
    clean = f"no look-ahead in {one['histories']:,} other histories"
    if not one["clean"]:
        return f"CANNOT BE JUDGED: {'; '.join(others)}."
    return f"{clean}; {'; '.join(others)}." if others else f"{clean}."
