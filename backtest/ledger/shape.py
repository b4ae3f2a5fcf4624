"""What a line of the ledger must hold; a line of another form is named, and not read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from backtest.ledger.chain import Chain, Fault
from backtest.untyped import Json

ANY: Mapping[str, type] = {
    **dict.fromkeys(("kind", "at", "strategy", "dataset", "data_sha256"), str),
    "question": list,
}
LOOK: Mapping[str, type] = {"study": str, "last": str, "looks": list}
OF_KIND: Mapping[str, Mapping[str, type]] = {
    **dict.fromkeys(("run", "tune", "compare", "claims"), LOOK),
    "freeze": {"set": str, "expect": str, "before": int, "seen": bool, "level": float, "parameters": dict},
    "holdout": {"from": str, "seen": int},
}
FORM = "is not of a form that this version can read: {}"


def shaped(chain: Chain) -> Chain:
    """Return a chain with the lines that can be read; the others are faults."""
    faults = [Fault(entry["line"], FORM.format(why)) for entry in chain.entries if (why := _lacking(entry))]
    if not faults:
        return chain
    readable = tuple(entry for entry in chain.entries if not _lacking(entry))
    return replace(chain, entries=readable, faults=(*chain.faults, *faults))


def _lacking(entry: Json) -> str:
    """Return what is wrong with the form of a line; empty if nothing is."""
    kind = str(entry.get("kind"))
    if kind not in OF_KIND:
        return f"kind = '{kind}'"
    wrong = next((key for key, of in {**ANY, **OF_KIND[kind]}.items() if not isinstance(entry.get(key), of)), None)
    if wrong is not None:
        return f"its '{wrong}'"
    if len(entry["question"]) != 2 or not all(isinstance(one, str) for one in entry["question"]):
        return "its 'question'"
    return "" if all(map(_is_group, entry.get("looks", ()))) else "its 'looks'"


def _is_group(group: object) -> bool:
    return (
        isinstance(group, dict)
        and isinstance(group.get("horizons"), list)
        and isinstance(group.get("sets"), list)
        and all(isinstance(one, int | str) for one in (*group["horizons"], *group["sets"]))
    )
