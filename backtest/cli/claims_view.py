"""Judged claims in the terminal: one line each, or what was found."""

from __future__ import annotations

from collections.abc import Sequence

from backtest.cli.console import GAP, print_table, print_text, table_width
from backtest.format import plural, probability
from backtest.report.pages.claims.claim_words import briefly, found
from backtest.report.pages.claims.figures import HOLDS, ClaimFigures, claim_figures, counted
from backtest.untyped import Json

SHORTEST = 20
"""Characters of what was said that a line shows at least."""


def print_claims(content: Json, *, details: bool) -> None:
    """Print judged claims, in one line each or with what was found."""
    from backtest.cli.study_view import print_notes

    data = content["dataset"]
    print_text(f"{data['title']} ({data['name']}): {counted(content['claims'])}", bold=True)
    if data["synthetic"]:
        print_text("SIMULATED DATA: only figures pinned to public facts are judged.", bold=True)
    print_text()
    judged = [(claim, claim_figures(claim)) for claim in content["claims"]]
    if details:
        _print_details(judged)
    else:
        _print_lines(judged)
    print_notes(content["notes"])


def _print_lines(judged: Sequence[tuple[Json, ClaimFigures]]) -> None:
    """Print one line per claim, what was said cut to the width that is left."""
    rows = [(str(claim["number"] or ""), words.strategy, str(claim["verdict"])) for claim, words in judged]
    taken = sum(max(map(len, column)) + GAP for column in zip(*rows, strict=True))
    room = max(table_width() - taken, SHORTEST)
    lines = [(*row, _cut(words.said, room)) for row, (_, words) in zip(rows, judged, strict=True)]
    print_table(("", "strategy", "verdict", "said"), lines, left=range(4))
    print_text()
    print_text("What was found: backtest claims STRATEGY, or the report.")


def _print_details(judged: Sequence[tuple[Json, ClaimFigures]]) -> None:
    """Print the claims without choices in one table, and those with choices one by one."""
    plain = [(claim, words) for claim, words in judged if not words.tried]
    if plain:
        rows = [
            (str(claim["number"] or ""), f"{words.strategy}: {words.said}", _found(claim), words.verdict)
            for claim, words in plain
        ]
        print_table(("", "said", "found", "verdict"), rows, left=range(4))
        print_text()
        for text, labels in _asides(plain).items():
            print_text(f"{', '.join(labels)}: {text}")
    for claim, words in judged:
        if words.tried:
            _print_one(claim, words)


def _print_one(claim: Json, words: ClaimFigures) -> None:
    """Print a claim: its figures as it reads, then what each choice makes of them."""
    print_text(f"{words.label}: {words.verdict}", bold=True)
    print_text(f"“{words.said}” ({', '.join(filter(None, (words.by, words.on)))})")
    for text in filter(None, (words.reason, words.covers, words.note)):
        print_text(text)
    print_text()
    own = [row for row in words.rows if row.first]
    print_text(f"{own[0].basis}:")
    print_table(("figure", "said", "found", "verdict"), [(r.name, r.said, r.found, r.verdict) for r in own], range(4))
    print_text()
    others = range(1, len(claim["tried"]))
    print_text(f"{plural(len(others), 'other choice')} tried, as fixed in the file:")
    print_table(("choice", "", "found", "verdict"), [_choice(claim, at) for at in others], range(4))
    print_text()


def _choice(claim: Json, at: int) -> tuple[str, str, str, str]:
    reading = claim["tried"][at]
    results = [(figure, figure["results"][at]) for figure in claim["figures"]]
    decided = [result["holds"] for figure, result in results if figure["decides"] and not result.get("beyond")]
    verdict = False if False in decided else True if decided and None not in decided else None
    told = "; ".join(briefly(figure, result) for figure, result in results)
    return reading["choice"] or "basis", reading["basis"], told, HOLDS[verdict]


def _asides(judged: Sequence[tuple[Json, ClaimFigures]]) -> dict[str, list[str]]:
    """Reasons and verdicts of studies, each once, with the claims it concerns."""
    asides: dict[str, list[str]] = {}
    for _, words in judged:
        for text in filter(None, (words.reason, words.study)):
            asides.setdefault(text, []).append(words.label)
    return asides


def _found(claim: Json) -> str:
    """Write what was found for the figures that decide: on the strategy's own basis, then on the others."""
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


def _cut(text: str, length: int) -> str:
    """Cut a text at a blank to at most so many characters; an ellipsis stands for the rest."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    return f"{(cut.rpartition(' ')[0] or cut).rstrip(' ,;:')}…"
