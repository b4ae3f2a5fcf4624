"""``backtest claims``: what someone said against what the data say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from backtest.cli.completion import complete_strategies
from backtest.cli.console import print_json, print_path, print_table, print_text, shown_path, working
from backtest.cli.options import dataset_option, json_option
from backtest.format import probability
from backtest.untyped import Json

if TYPE_CHECKING:
    from backtest.report.pages.claims.figures import ClaimFigures


@click.command()
@click.argument("names", metavar="[NAME]...", nargs=-1, shell_complete=complete_strategies)
@dataset_option
@json_option
def claims(names: tuple[str, ...], dataset: str, as_json: bool) -> None:
    """Check claims against the data.

    A strategy's [claim] quotes what someone said, with its figures and their tolerances. The verdict is: holds, holds
    on another basis, does not hold, cannot be checked, or open if the claim gives no number. Without a name, check
    every strategy that has a claim. On simulated data, only figures pinned to public facts are judged.

    \b
    backtest claims --dataset us-size
    backtest claims streak5
    """
    from backtest.catalog.runs import refresh_index
    from backtest.claims.result import claims_json, record_claims
    from backtest.cli.selectors import selected
    from backtest.workspace import Workspace

    workspace = Workspace.find()
    with working("Checking…"):
        content = claims_json(workspace, selected(workspace, names) if names else [], dataset)
    if not as_json:
        _print(content)
    path = record_claims(workspace, content)
    refresh_index(workspace.reports)
    if as_json:
        print_json({**content, "files": {"report": shown_path(path)}})
    else:
        print_path("Report", path)


def _print(content: Json) -> None:
    from backtest.cli.study_view import print_notes
    from backtest.report.pages.claims.figures import claim_figures, counted

    data = content["dataset"]
    print_text(f"{data['title']} ({data['name']}): {counted(content['claims'])}", bold=True)
    if data["synthetic"]:
        print_text("SIMULATED DATA: only figures pinned to public facts are judged.", bold=True)
    print_text()
    judged = [(claim, claim_figures(claim)) for claim in content["claims"]]
    rows = [
        (str(claim["number"] or ""), f"{words.strategy}: {words.said}", _found(claim), words.verdict)
        for claim, words in judged
    ]
    print_table(("", "said", "found", "verdict"), rows, left=range(4))
    print_text()
    for text, labels in _asides(judged).items():
        print_text(f"{', '.join(labels)}: {text}")
    print_notes(content["notes"])


def _asides(judged: Sequence[tuple[Json, ClaimFigures]]) -> dict[str, list[str]]:
    """Reasons and verdicts of studies, each once, with the claims it concerns."""
    asides: dict[str, list[str]] = {}
    for _, words in judged:
        for text in filter(None, (words.reason, words.study)):
            asides.setdefault(text, []).append(words.label)
    return asides


def _found(claim: Json) -> str:
    """Write what was found for the figures that decide: on the strategy's own basis, then on the others."""
    from backtest.report.pages.claims.figures import found

    if claim["horizons"]:
        rows = claim["horizons"]
        p_values = [row["p_adjusted"] for row in rows if row["p_adjusted"] is not None]
        looks = "looks" if "asset_name" in rows[0] else "horizons"
        return f"smallest adjusted p of {len(rows)} {looks}: {probability(min(p_values, default=None))}"
    figures = [figure for figure in claim["figures"] if figure["decides"]]
    lines = []
    before = None
    for figure in figures:
        name = f"{figure['name']}: " if len(figures) > 1 else ""
        for at, result in enumerate(figure["results"]):
            text = "not checked"
            if result["found"] is not None:
                text = "the same" if result["found"] == before else found(figure, result)
                before = result["found"]
            lines.append(f"{name}{text}" if at == 0 else f"{result['basis']}: {text}")
    return "–" if before is None else "\n".join(lines)
