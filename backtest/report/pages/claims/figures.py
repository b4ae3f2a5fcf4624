"""The figures of judged claims in words: the claim, the finding and the verdict, for terminal and page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backtest import format as words
from backtest.report.kit.result_rows import with_judged
from backtest.untyped import Json

MANY, ENDS = 8, 3
"""With more spells than this, only the first and the last few are listed; the JSON has all."""

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
        claims=claims,
        counted=counted(payload["claims"]),
        notes=list(payload["notes"]),
        created=str(payload["created"]),
        version=str(payload["version"]),
    )


def counted(claims: Sequence[Json]) -> str:
    """Count the verdicts: ``7 hold, 2 do not hold, 1 is open``."""
    told = (
        ("holds", "holds", "hold"),
        ("holds on another basis", "holds on another basis", "hold on another basis"),
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
        tone=str(claim["verdict"]).replace(" ", "-"),
        reason=reason(claim),
        note=str(claim["note"]),
        rows=[row for figure in claim["figures"] for row in _rows(figure)],
        horizons=[with_judged(row) for row in claim["horizons"]],
        study=str(claim["study"] or ""),
    )


def label(claim: Json) -> str:
    """Name a claim by its number, where it has one, and its strategy."""
    return str(claim["strategy"]) if claim["number"] is None else f"{claim['number']} {claim['strategy']}"


def verdict(claim: Json) -> str:
    """Return the verdict, with the basis if it is not the strategy's own."""
    another = claim["verdict"] == "holds on another basis"
    return f"{claim['verdict']}: {claim['basis']}" if another else str(claim["verdict"])


def reason(claim: Json) -> str:
    """Say why a claim cannot be checked; otherwise what is near the claim, and which basis was not checked."""
    if claim["why"]:
        return str(claim["why"])
    if claim["verdict"] not in ("does not hold", "holds on another basis"):
        return ""
    near = map(_between, claim["figures"]) if claim["verdict"] == "does not hold" else ()
    return " ".join(filter(None, (*near, *_untried(claim["figures"]))))


def said(figure: Json) -> str:
    """Write what was claimed about a figure, including the tolerance."""
    what, unit = figure["said"], figure["unit"]
    if what is None:
        return words.NONE
    if figure["find"] != "value":
        return f"{', '.join(what) or 'none'}; no others since {figure['since']}"
    if "about" in what:
        return f"{_plain(what['about'], unit)} ± {_plain(figure['tolerance'], unit).replace('%', ' pp')}"
    if set(what) == {"at_least", "at_most"}:
        return f"{_plain(what['at_least'], unit)} to {_plain(what['at_most'], unit)}"
    told = {"at_least": "at least", "above": "more than", "at_most": "at most", "below": "less than"}
    return " and ".join(f"{told[key]} {_plain(bound, unit)}" for key, bound in what.items())


def found(figure: Json, result: Json) -> str:
    """Write what was found for a figure on one basis; the reason if it could not be measured."""
    if result["found"] is None:
        return str(result["why"])
    if figure["find"] == "value":
        return _value(result["found"], figure["unit"])
    periods = figure["find"] == "periods"
    text = _spells(result["found"], periods) or "none"
    before = _spells(result["before"], periods)
    return f"{text}; before that {before}" if before and figure["since"] else text


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
            verdict=HOLDS[result["holds"]] if result["found"] is not None else "cannot be checked",
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
    return f"{_plain(about, figure['unit'])} lies between what two bases give: {under['basis']}; {over['basis']}."


def _untried(figures: Sequence[Json]) -> list[str]:
    """Name the bases on which the claim might hold but which could not be checked."""
    reasons: dict[str, list[str]] = {}
    for on_basis in zip(*(figure["results"] for figure in figures if figure["decides"]), strict=True):
        lacking = [result for result in on_basis if result["holds"] is None]
        if lacking and not any(result["holds"] is False for result in on_basis):
            why = " ".join(dict.fromkeys(str(result["why"]) for result in lacking))
            reasons.setdefault(why, []).append(str(on_basis[0]["basis"]))
    return [f"Not checked on {'; '.join(bases)}: {why}" for why, bases in reasons.items()]


def _value(value: float, unit: str | None) -> str:
    if unit == "probability":
        return words.share(value, 1)
    if unit == "fraction":
        return words.percent(value, 3)
    return f"{words.number(value)}{' times' if unit == 'ratio' else ''}"


def _plain(value: float, unit: str | None) -> str:
    """Write a number from a claim with the digits that it was given with."""
    if unit in (*words.SHARES, None):
        return f"{words.parameter(round(100 * value, 9))}%".replace("-", "−")
    return f"{words.parameter(value)}{' times' if unit == 'ratio' else ''}".replace("-", "−")


def _spells(spells: Sequence[Json], periods: bool) -> str:
    shown = [_spell(spell["trigger"], spell["end"], periods) for spell in spells]
    if len(shown) > MANY:
        return f"{len(shown)}: {', '.join(shown[:ENDS])}, … {', '.join(shown[-ENDS:])}"
    return ", ".join(shown)


def _spell(trigger: str, end: str, period: bool) -> str:
    if trigger == end:
        return trigger
    return f"{trigger} to {end}" if period else f"{trigger} (to {end})"
