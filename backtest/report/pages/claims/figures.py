"""The figures of judged claims in words: the claim, the finding and the verdict, for terminal and page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from backtest import format as words
from backtest.report.kit.result_rows import with_judged
from backtest.report.pages.claims.claim_words import found, plainly, said
from backtest.untyped import Json

HOLDS = {True: "holds", False: "does not hold", None: words.NONE}


@dataclass(frozen=True)
class Row:
    """One figure on one basis; `first` in the first row of a figure, `n` rows in all."""

    name: str
    said: str
    first: bool
    n: int
    basis: str
    found: str
    verdict: str


@dataclass(frozen=True)
class ClaimFigures:
    """One claim, ready to be shown."""

    label: str
    strategy: str
    said: str
    on: str
    verdict: str
    tone: str
    reason: str
    tried: str
    covers: str
    by: str
    note: str
    rows: list[Row]
    horizons: list[Json]
    study: str


@dataclass(frozen=True)
class ClaimsFigures:
    """What the page of claims shows."""

    dataset: Json
    claims: list[ClaimFigures]
    counted: str
    notes: list[Any]
    created: str
    version: str


def claims_figures(payload: Json) -> ClaimsFigures:
    """Arrange what `backtest claims` found for its page."""
    claims = [claim_figures(claim) for claim in payload["claims"]]
    return ClaimsFigures(
        dataset=payload["dataset"],
        claims=_told_apart(claims),
        counted=counted(payload["claims"]),
        notes=list(payload["notes"]),
        created=str(payload["created"]),
        version=str(payload["version"]),
    )


def _told_apart(claims: Sequence[ClaimFigures]) -> list[ClaimFigures]:
    """Return the claims with those of one label numbered, such as two outcomes said at once."""
    labels = [claim.label for claim in claims]
    parts = Counter(labels)
    return [
        replace(claim, label=f"{claim.label} ({labels[: at + 1].count(claim.label)} of {parts[claim.label]})")
        if parts[claim.label] > 1
        else claim
        for at, claim in enumerate(claims)
    ]


def counted(claims: Sequence[Json]) -> str:
    """Count the verdicts: ``7 hold, 2 do not hold, 1 is open``."""
    told = (
        ("holds", "holds", "hold"),
        ("holds on another basis", "holds on another basis", "hold on another basis"),
        ("holds on another choice", "holds on another choice", "hold on another choice"),
        ("does not hold", "does not hold", "do not hold"),
        ("cannot be checked", "cannot be checked", "cannot be checked"),
        ("open", "is open", "are open"),
    )
    numbers = [(sum(claim["verdict"] == key for claim in claims), one, many) for key, one, many in told]
    return ", ".join(f"{n} {one if n == 1 else many}" for n, one, many in numbers if n)


def claim_figures(claim: Json) -> ClaimFigures:
    """Put one claim into words."""
    return ClaimFigures(
        label=label(claim),
        strategy=str(claim["strategy"]),
        said=str(claim["said"]),
        on=str(claim["on"]),
        verdict=verdict(claim),
        tone=str(claim["verdict"]).replace(" ", "-").replace("choice", "basis"),
        reason=reason(claim),
        tried=tried(claim),
        covers=covers(claim),
        by=str(claim.get("by", "")),
        note=str(claim["note"]),
        rows=[row for figure in claim["figures"] for row in _rows(figure)],
        horizons=[with_judged(row) for row in claim["horizons"]],
        study=str(claim["study"] or ""),
    )


def label(claim: Json) -> str:
    """Name a claim by its number, where it has one, and its strategy."""
    return str(claim["strategy"]) if claim["number"] is None else f"{claim['number']} {claim['strategy']}"


def verdict(claim: Json) -> str:
    """Return the verdict, with the basis or choice if it is not the strategy's own."""
    if claim["verdict"] == "holds on another choice":
        return f"{claim['verdict']}, the {claim['choice']}: {claim['basis']}"
    another = claim["verdict"] == "holds on another basis"
    return f"{claim['verdict']}: {claim['basis']}" if another else str(claim["verdict"])


def tried(claim: Json) -> str:
    """Say on how many choices a claim was tried, and which; they are fixed in its file."""
    others = _choices(claim)
    if not others:
        return ""
    listed = "; ".join(f"{one['choice']}: {one['basis']}" for one in others)
    return f"{words.plural(len(others), 'other choice')} tried, fixed in its file: {listed}."


def _choices(claim: Json) -> list[Json]:
    return [one for one in claim.get("tried", ()) if one["choice"]]


def covers(claim: Json) -> str:
    """Say where the data begin, if what was said reaches back further."""
    own = [(figure, figure["results"][0]) for figure in claim["figures"] if figure["results"]]
    short = [(result["covers"], figure["since"]) for figure, result in own if result.get("covers")]
    if not short:
        return ""
    begin, since = max(short)
    return f"Judged from {begin} on, as far back as the data reach, not from {since}."


def reason(claim: Json) -> str:
    """Say why a claim cannot be checked; otherwise what is near the claim, and which basis was not checked."""
    if claim["why"]:
        return str(claim["why"])
    if claim["verdict"] not in ("does not hold", "holds on another basis", "holds on another choice"):
        return ""
    near = map(_between, claim["figures"]) if claim["verdict"] == "does not hold" and not _choices(claim) else ()
    return " ".join(filter(None, (*near, *_untried(claim["figures"]))))


def _rows(figure: Json) -> list[Row]:
    results = figure["results"]
    return [
        Row(
            name=str(figure["name"]) + (f", {figure['on']}" if figure["on"] else ""),
            said=said(figure),
            first=at == 0,
            n=len(results),
            basis=str(result["basis"]),
            found=found(figure, result),
            verdict="cannot be checked" if result["why"] else HOLDS[result["holds"]],
        )
        for at, result in enumerate(results)
    ]


def _between(figure: Json) -> str:
    about = figure["said"].get("about") if isinstance(figure["said"], Mapping) else None
    results = [result for result in figure["results"] if result["found"] is not None]
    if about is None:
        return ""
    under = max((r for r in results if r["found"] < about), key=lambda r: r["found"], default=None)
    over = min((r for r in results if r["found"] > about), key=lambda r: r["found"], default=None)
    if under is None or over is None:
        return ""
    return f"{plainly(about, figure['unit'])} lies between what two bases give: {under['basis']}; {over['basis']}."


def _untried(figures: Sequence[Json]) -> list[str]:
    """Name the bases on which the claim might hold but which could not be checked."""
    reasons: dict[str, list[str]] = {}
    for on_basis in zip(*(figure["results"] for figure in figures if figure["decides"]), strict=True):
        lacking = [result for result in on_basis if result["holds"] is None]
        if lacking and not any(result["holds"] is False for result in on_basis):
            why = " ".join(dict.fromkeys(str(result["why"]) for result in lacking))
            reasons.setdefault(why, []).append(str(on_basis[0]["basis"]))
    return [f"Not checked on {'; '.join(bases)}: {why}" for why, bases in reasons.items()]
