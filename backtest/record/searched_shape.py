"""What the JSON of a search and of a comparison must look like, so that an export may use its fields.

What an earlier version did not record may be missing; what is there has its kind.
"""

from __future__ import annotations

from collections.abc import Iterator

from backtest.record.json_shape import anything, count, day, each, fields, flag, maybe, rows, share, text
from backtest.record.run_shape import (
    DATASET,
    NOTES,
    ORIGIN,
    PARAMETERS,
    SAMPLE,
    created,
    figure,
    file,
    horizon,
    name,
)
from backtest.untyped import Json

VERSIONED = {"schema": count, "version": text, "created": created, "verdict": text, "notes": NOTES}
LOOK = fields(
    {"horizon": horizon, "n": count, "excess": figure, "p_value": maybe(share), "p_adjusted": maybe(share)},
    {
        **dict.fromkeys(("ci_low", "ci_high", "objective", "excess_with_neighbours"), figure),
        **dict.fromkeys(("asset_mean", "benchmark_mean", "spread_mean"), figure),
        **dict.fromkeys(("base_asset_mean", "base_spread_mean"), figure),
        **dict.fromkeys(("hit_rate", "base_hit_rate"), maybe(share)),
        "doubt": maybe(text),
    },
)
SET = fields({"set": count, "parameters": each(anything), "n_events": count, "horizons": rows(LOOK)})
SEARCH = fields(
    VERSIONED
    | {
        "run_id": file,
        "strategy": name,
        "title": text,
        "dataset": DATASET,
        "objective": text,
        "horizon": horizon,
        "parameters": PARAMETERS,
        "grid": each(rows(anything)),
        "n_sets": count,
        "looks": count,
        "sets": rows(SET),
    },
    {
        "question": maybe(text),
        "synthetic": flag,
        "order": rows(count),
        "source": maybe(ORIGIN),
        "sha256": each(text),
        "lookahead": maybe(fields({"text": text})),
    },
)
STUDY = fields(
    {
        "label": text,
        "strategy": text,
        "title": text,
        "run_id": maybe(text),
        "dataset": DATASET,
        "n_events": count,
        "first": maybe(day),
        "last": maybe(day),
        "horizons": rows(LOOK),
    },
    {"sample": maybe(SAMPLE), "lookahead": maybe(fields({"text": text})), "events": rows(maybe(day))},
)
RANK = fields(
    {"study": text, "judges": text, "n": count, "excess": figure, "p_value": maybe(share), "p_adjusted": maybe(share)},
    dict.fromkeys(("ci_low", "ci_high"), figure),
)
COMPARISON = fields(
    VERSIONED | {"synthetic": flag, "studies": rows(STUDY)},
    {"horizon": maybe(horizon), "ranking": rows(RANK), "sort": text},
)


def damage_in_search(content: Json) -> str | None:
    """Return the field of a ``tune.json`` that is missing, or not as a search has it; None if all are right."""
    found = next(SEARCH(content), None)
    if found is None:
        found = next(_misaligned(content), None)
    return None if found is None else found.lstrip(".")


def damage_in_comparison(content: Json) -> str | None:
    """Return the field of a comparison's JSON that is missing, or not as it has it; None if all are right."""
    found = next(COMPARISON(content), None)
    return None if found is None else found.lstrip(".")


def _misaligned(content: Json) -> Iterator[str]:
    """Yield sets without the horizon of the search, or without a parameter of its grid, and an order of other sets."""
    for at, one in enumerate(content["sets"]):
        if content["horizon"] not in [row["horizon"] for row in one["horizons"]]:
            yield f".sets[{at}].horizons"
        for key, values in content["grid"].items():
            if key not in one["parameters"] or one["parameters"][key] not in values:
                yield f".sets[{at}].parameters.{key}"
    numbers = [one["set"] for one in content["sets"]]
    if len(set(numbers)) < len(numbers):
        yield ".sets"
    if not set(content.get("order", ())) <= set(numbers):
        yield ".order"
