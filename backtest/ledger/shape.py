"""What a line of the ledger must hold; a line of another form is named, and not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from backtest.ledger.chain import Chain, Fault
from backtest.untyped import Json

ANY: dict[str, type] = {
    **dict.fromkeys(("kind", "at", "strategy", "dataset", "data_sha256"), str),
    "question": list,
}
LOOK: dict[str, type] = {"study": str, "last": str, "looks": list}
OF_KIND: Mapping[str, Mapping[str, type]] = {
    **dict.fromkeys(("run", "tune", "compare", "claims"), ANY | LOOK),
    "freeze": ANY | {"set": str, "expect": str, "before": int, "seen": bool, "level": float, "parameters": dict},
    "holdout": ANY | {"from": str, "seen": int},
}
FORM = "is not of a form that this version can read: {}"


def shaped(chain: Chain) -> Chain:
    """Return a chain with the lines that can be read; the others are faults."""
    wrong = {entry["line"]: why for entry in chain.entries if (why := _lacking(entry))}
    if not wrong:
        return chain
    faults = [Fault(line, FORM.format(why)) for line, why in wrong.items()]
    readable = tuple(entry for entry in chain.entries if entry["line"] not in wrong)
    return replace(chain, entries=readable, faults=(*chain.faults, *faults))


def _lacking(entry: Json) -> str:
    """Return what is wrong with the form of a line; empty if nothing is."""
    kind = str(entry.get("kind"))
    if kind not in OF_KIND:
        return f"kind = '{kind}'"
    for key, of in OF_KIND[kind].items():
        if not isinstance(entry.get(key), of):
            return f"its '{key}'"
    if len(entry["question"]) != 2 or not all(isinstance(one, str) for one in entry["question"]):
        return "its 'question'"
    return "" if all(map(_is_group, entry.get("looks", ()))) else "its 'looks'"


def _is_group(group: object) -> bool:
    return (
        isinstance(group, dict)
        and isinstance(group.get("horizons"), list)
        and isinstance(group.get("sets"), list)
        and {*map(type, group["horizons"]), *map(type, group["sets"])} <= {int, str}
    )
