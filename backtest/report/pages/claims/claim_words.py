"""What was said and found of one figure of a claim, in words."""

from __future__ import annotations

from collections.abc import Sequence

from backtest import format as words
from backtest.untyped import Json

MANY, ENDS = 8, 3
"""Of more spells than these, only the first and the last few are told; the JSON has all."""


def said(figure: Json) -> str:
    """Write what was said of a figure, with how near is near enough."""
    what, unit = figure["said"], figure["unit"]
    if what is None:
        return words.NONE
    if figure["find"] in ("triggers", "periods"):
        return f"{', '.join(what) or 'none'}; no others since {figure['since']}"
    if isinstance(what, list):
        return f"on {', then '.join(what)}"
    if figure["find"] == "record" and figure["days"]:
        return f"{_bounds(what, unit, figure)}, on {', then '.join(figure['days'])}"
    return _bounds(what, unit, figure)


def _bounds(what: Json, unit: str | None, figure: Json) -> str:
    if "about" in what and figure["tolerance"] is None:
        return plainly(what["about"], unit)
    if "about" in what:
        return f"{plainly(what['about'], unit)} ± {plainly(figure['tolerance'], unit).replace('%', ' pp')}"
    if set(what) == {"at_least", "at_most"} and what["at_least"] == what["at_most"]:
        return plainly(what["at_least"], unit)
    if set(what) == {"at_least", "at_most"}:
        return f"{plainly(what['at_least'], unit)} to {plainly(what['at_most'], unit)}"
    told = {"at_least": "at least", "above": "more than", "at_most": "at most", "below": "less than"}
    return " and ".join(f"{told[key]} {plainly(bound, unit)}" for key, bound in what.items())


def found(figure: Json, result: Json) -> str:
    """Write what was found of a figure on one basis; the reason where it could not be measured."""
    if result["found"] is None:
        return str(result["why"])
    if figure["find"] == "value":
        return _value(result["found"], figure["unit"])
    if figure["find"] == "outcome":
        return _outcome(figure, result)
    if figure["find"] == "record":
        return _record(figure, result)
    periods = figure["find"] == "periods"
    text = _spells(result["found"], periods) or "none"
    before = _spells(result["before"], periods)
    return f"{text}; before that {before}" if before and figure["since"] else text


def briefly(figure: Json, result: Json) -> str:
    """Write what was found of a figure in a few characters, for a list of several."""
    if result["found"] is None:
        return "not checked"
    if figure["find"] == "outcome" and figure["unit"] in ("fraction", "share"):
        return _outcome(figure, result).partition(" (")[0]
    if figure["find"] in ("outcome", "record"):
        return _value(result["found"], figure["unit"])
    return found(figure, result)


def _outcome(figure: Json, result: Json) -> str:
    """Write an outcome with the number of events that it was taken over."""
    value, n, pending = result["found"], result["n"], result["events"] - result["n"]
    if figure["unit"] == "count":
        return f"{words.count(value)}, and {words.count(pending)} not over yet" if pending else words.count(value)
    if figure["unit"] == "share":
        return f"{_value(value, 'share')} ({words.count(round(value * n))} of {words.count(n)})"
    over = words.plural(n, "session") if figure["what"] == "base_rate" else f"n = {words.count(n)}"
    return f"{words.percent(value)} ({over})"


def _record(figure: Json, result: Json) -> str:
    """Write a record with its day, the next ones that were named, and the one before the period that was as far."""
    named = max(len(figure["days"] or ()), 1)
    told = [f"{_value(one['value'], figure['unit'])} on {one['on']}" for one in result["days"]]
    text = "; then ".join(told[:named])
    return f"{text}; as far last on {result['record_since']}" if result["record_since"] else text


def _value(value: float, unit: str | None) -> str:
    if unit == "probability":
        return words.share(value, 1)
    if unit == "fraction":
        return words.percent(value, 3)
    if unit == "count":
        return words.count(round(value))
    if unit == "share":
        return words.share(value, 1)
    if unit == "sessions":
        return words.plural(round(value), "session")
    return f"{words.number(value)}{' times' if unit == 'ratio' else ''}"


def plainly(value: float, unit: str | None) -> str:
    """Write a number that somebody said, with no more digits than it has."""
    if unit in (*words.SHARES, "share", None):
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
