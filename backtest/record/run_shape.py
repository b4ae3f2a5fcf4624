"""What ``run.json`` must look like: whoever reads a record may then use its fields without a second look.

What an earlier version did not record may be missing; what is there has its kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from backtest.model.horizon import WORD
from backtest.model.measured import measured_by
from backtest.record.json_shape import (
    Shape,
    anything,
    both,
    count,
    day,
    each,
    fields,
    flag,
    matching,
    maybe,
    number,
    one_of,
    rows,
    share,
    text,
)
from backtest.record.legs_schema import OF_LEG
from backtest.untyped import Json
from backtest.workspace import NAME

SAFE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
"""Names that become part of a path: no separator, and no dot at the beginning."""
UNIT = re.compile("event|year|decade|date|asset")
CREATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")

name, file, created = (matching(pattern) for pattern in (NAME, SAFE, CREATED))
horizon = one_of(count, matching(WORD))
figure, day_or_none = maybe(number), maybe(day)
figures, counts = rows(figure), rows(count)

FIGURES: dict[str, Shape] = dict.fromkeys(
    (
        *("asset_mean", "benchmark_mean", "spread_mean", "asset_median", "spread_median", "base_asset_mean"),
        *("base_spread_mean", "excess", "statistic", "kept"),
        *("standardised_excess", "variance_ratio", "variance_p", "standardised_p"),
    ),
    figure,
)
TESTED = ("kept", "standardised_excess", "standardised_p", "variance_ratio", "variance_p")
"""The figures of a horizon in a record that says what its finding rests on."""
SERIES = dict.fromkeys(("name", "title", "kind", "unit"), text)
LEG = fields(SERIES | {"derivation": text})
LEG_FIGURES = fields(
    {"n": count, "base_n": count} | {f"{prefix}{key}": figure for prefix in ("", "base_") for key in OF_LEG[1:]}
)
NOTES = rows(fields({"text": text, "about": text}, {"code": text}))
SAMPLE = fields(
    {"first": day, "last": day, "sessions": count},
    dict.fromkeys(("eligible", "not_judged", "not_dated", "not_covered", "no_level"), count),
)
ROW = fields(
    {
        "horizon": horizon,
        **dict.fromkeys(("n", "pending"), count),
        **dict.fromkeys(("excess", "ci_low", "ci_high", "mde"), figure),
        **dict.fromkeys(("p_value", "p_adjusted"), maybe(share)),
    },
    {
        **FIGURES,
        "not_covered": count,
        **dict.fromkeys(("hit_rate", "base_hit_rate"), maybe(share)),
        **dict.fromkeys(("no_size", "doubt"), maybe(text)),
        "remarks": maybe(each(text)),
        "legs": maybe(each(LEG_FIGURES)),
    },
)
CELL = fields(
    {"horizon": horizon, "events": count, "n": count, "verdict": text, "p_value": maybe(share)},
    {
        **dict.fromkeys(("spread_mean", "base_spread_mean", "asset_mean", "base_asset_mean"), figure),
        "hit_rate": maybe(share),
    },
)
RULES = rows(
    fields(
        {"rule": text, "day0": text, "cooldown": one_of(count, text), "horizons": rows(CELL)},
        {"investable": flag},
    )
)
OPINION = fields(
    {
        "method": text,
        "name": text,
        "takes_for_granted": text,
        "by_horizon": rows(fields({"statistic": figure, "p_value": maybe(share)}, {"reason": maybe(text)})),
    }
)
BY_HORIZON: dict[str, Shape] = {
    "opinions": rows(OPINION),
    "matched": rows(
        fields(
            {"matching": text, "text": text, "n": counts, "unmatched": counts, "excess": figures},
            dict.fromkeys(("base_spread_mean", "base_asset_mean"), figures),
        )
    ),
    "influence": rows(
        fields(
            {
                "unit": matching(UNIT),
                "groups": count,
                "most": rows(maybe(text)),
                "changes_sign": rows(maybe(flag)),
                **dict.fromkeys(("excess_low", "excess_high", "p_low", "p_high"), figures),
            }
        )
    ),
    **dict.fromkeys(
        ("halves", "sides"),
        rows(
            fields(
                {"n": counts, "excess": figures, "p_value": figures},
                dict.fromkeys(("base_spread_mean", "base_asset_mean", "variance_ratio"), figures)
                | {"first": day_or_none, "last": day_or_none},
            )
        ),
    ),
}
ROBUSTNESS = fields({"horizons": rows(horizon), **BY_HORIZON})
OF_ASSET = {"legs": fields({"asset": LEG}, {"benchmark": LEG}), "horizons": rows(ROW)}
OF_ASSET_LATER: dict[str, Shape] = {"robustness": maybe(ROBUSTNESS), "rules": maybe(RULES), "sample": SAMPLE}
RARITY = fields(
    {
        "sessions": maybe(text),
        "threshold": maybe(text),
        "cells": rows(
            fields(
                {"sessions": figure, "threshold": figure, "episodes": figure, "met": figure, "own": flag},
            )
        ),
        **dict.fromkeys(("unit", "text", "failed"), maybe(text)),
    },
)
TRADE = fields(
    {
        **dict.fromkeys(("hold", "n_trades", "open_trades"), count),
        "cost_bps": number,
        "entry": text,
        **dict.fromkeys(("total_return", "sharpe", "max_drawdown", "exposure"), figure),
    },
    {"hit_rate": figure},
)
EXPECTATIONS = fields(
    {"futures": text, "title": text, "before": count, "without_target": count},
    {
        "versions": rows(text),
        **dict.fromkeys(("cuts_over", "unquoted", "events"), count),
        "policy": maybe(text),
        "quoted": maybe(rows(day)),
    },
)
ORIGIN = fields(
    {},
    {
        "file": maybe(text),
        "text": maybe(text),
        "settings": maybe(rows(text)),
        "functions": maybe(rows(text)),
        "files": maybe(each(matching(re.compile("[0-9a-f]{64}")))),
    },
)
ACCOUNT = fields(
    {
        **dict.fromkeys(("of", "about"), text),
        **dict.fromkeys(("read", "kept"), count),
        "excluded": rows(fields({"reason": text, "n": count}, {"dates": rows(text)})),
    },
)
EVENT = fields({"start": day_or_none, "trigger": day_or_none, "end": day_or_none, "day0": day})
DATASET = fields({"name": name, "title": text, "sha256": text, "synthetic": flag})
SAID = fields({"text": text})
COUNTED = fields({"text": text, "frozen": rows(SAID), "holdouts": rows(SAID)})
PARAMETERS = both(each(anything), fields({}, dict.fromkeys(("episodes.since", "episodes.until"), day_or_none)))
NEEDED: dict[str, Shape] = {
    **dict.fromkeys(("version", "title", "question", "verdict"), text),
    "schema": count,
    "run_id": file,
    "created": created,
    "strategy": name,
    "dataset": DATASET,
    "parameters": PARAMETERS,
    "sample": SAMPLE,
    "files": each(file),
    "n_episodes": count,
    "n_events": count,
    "events": rows(EVENT),
    "observed": maybe(fields(SERIES)),
    "trade": maybe(TRADE),
    "notes": NOTES,
}
LATER: dict[str, Shape] = {
    "overrides": maybe(each(anything)),
    "source": maybe(ORIGIN),
    "environment": maybe(each(text)),
    "ledger": maybe(COUNTED),
    "sha256": each(text),
    "headline": maybe(text),
    "indicator": maybe(
        fields({"name": text, "unit": text}, {"threshold": figure, "side": maybe(text)}),
    ),
    "conditions": maybe(rows(fields({"name": text}, {}))),
    "reconciliation": maybe(rows(ACCOUNT)),
    "calibration": maybe(text),
    "expectations": maybe(EXPECTATIONS),
    "rarity": maybe(RARITY),
    "lookahead": maybe(fields({"text": text}, {"session": text, "series": rows(text)})),
}
SINGLE = fields(NEEDED | OF_ASSET, LATER | OF_ASSET_LATER)
BLOCK = fields(OF_ASSET | {"name": text, "sample": SAMPLE, "notes": NOTES}, OF_ASSET_LATER)
SEVERAL = fields(NEEDED | {"assets": rows(BLOCK)}, LATER)


def damage_in(run: Json, *, several: bool) -> str | None:
    """Return the field of a ``run.json`` that is missing, or not as a record has it; None if there is no such field."""
    found = next((SEVERAL if several else SINGLE)(run), None)
    if found is None:
        blocks = run["assets"] if several else [run]
        if several and len(blocks) < 2:
            return "assets"
        found = next((f".assets{path}" if several else path for path in _misaligned(blocks)), None)
    return None if found is None else found.lstrip(".")


def _misaligned(blocks: Sequence[Json]) -> Iterator[str]:
    """Yield lists that have not one value a horizon, or not the horizons of the first asset."""
    asked = [row["horizon"] for row in blocks[0]["horizons"]] if blocks else []
    if len(set(asked)) < len(asked):
        yield ".horizons"
    for at, block in enumerate(blocks):
        place = f"[{at}]" if len(blocks) > 1 else ""
        if [row["horizon"] for row in block["horizons"]] != asked:
            yield f"{place}.horizons"
        for key, found in (block.get("robustness") or {}).items():
            if key == "horizons" and found != asked:
                yield f"{place}.robustness.horizons"
            if key in BY_HORIZON and not (all_by_horizon(found, len(asked)) and _has_means(key, found, block)):
                yield f"{place}.robustness.{key}"
        yield from (f"{place}.horizons[{row}].{key}" for row, key in _without(block))
        for rule in block.get("rules") or []:
            if [cell["horizon"] for cell in rule["horizons"]] != asked or _without_mean(rule["horizons"], block):
                yield f"{place}.rules"


def _without(block: Json) -> Iterator[tuple[int, str]]:
    """Yield the figures of its legs that a horizon lacks."""
    measured = measured_by(block["legs"])
    needed = (*(f"{leg}_mean" for leg in measured.legs), measured.median, measured.base_mean)
    without = all(row.get("legs") is None for row in block["horizons"])  # as in early records
    for at, row in enumerate(block["horizons"]):
        yield from ((at, key) for key in (*needed, "hit_rate", "base_hit_rate") if key not in row)
        if block.get("robustness") is not None:
            yield from ((at, key) for key in TESTED if key not in row)
        legs = row.get("legs")
        if (legs is None) != without or (legs is not None and tuple(legs) != measured.legs):
            yield at, "legs"


def _without_mean(cells: Sequence[Json], block: Json) -> bool:
    measured = measured_by(block["legs"])
    return any(key not in cell for cell in cells for key in (measured.mean, measured.base_mean))


def _has_means(key: str, found: Sequence[Json], block: Json) -> bool:
    base = measured_by(block["legs"]).base_mean
    needed = {"matched": (base,), "halves": (base, "first", "last"), "sides": (base,)}.get(key, ())
    return all(name in one for one in found for name in needed)


def all_by_horizon(found: Sequence[Any], n: int) -> bool:
    """Tell whether all lists of some objects have one value a horizon."""
    lists = [value for one in found if isinstance(one, dict) for value in one.values() if isinstance(value, list)]
    return all(len(value) == n for value in lists)
