"""What ``run.json`` of a study on a panel must look like."""

from __future__ import annotations

from collections.abc import Iterator

from backtest.model.measured import measured_by
from backtest.record.json_shape import count, day, each, fields, flag, maybe, number, rows, share, text
from backtest.record.run_shape import BY_HORIZON, LATER, LEG, NEEDED, all_by_horizon, figure, horizon
from backtest.untyped import Json

KINDS = ("date", "year", "asset")
"""What events are counted by."""
COUNTED = fields(
    {
        "n": count,
        "busiest": text,
        "events": count,
        "share": share,
        "top": count,
        "top_share": share,
        "effective": number,
    }
)
ROW = fields(
    {
        "horizon": horizon,
        **dict.fromkeys(("n", "n_assets", "n_dates", "pending", "ended", "missing", "base_n"), count),
        **dict.fromkeys(("excess", "ci_low", "ci_high", "mde", "asset_mean", "kept"), figure),
        **dict.fromkeys(("p_value", "p_adjusted", "hit_rate", "base_hit_rate"), maybe(share)),
    },
    {
        **dict.fromkeys(("benchmark_mean", "spread_mean", "spread_median", "base_spread_mean"), figure),
        **dict.fromkeys(("asset_median", "base_asset_mean"), figure),
        "doubt": maybe(text),
        "remarks": maybe(each(text)),
    },
)
RESTS = fields({"horizons": rows(horizon), **{key: BY_HORIZON[key] for key in ("matched", "influence", "halves")}})
"""What a finding rests on."""
GROUP = fields(
    {
        "of": text,
        "group": text,
        "horizons": rows(
            fields(
                {
                    "horizon": horizon,
                    **dict.fromkeys(("n", "n_dates"), count),
                    **dict.fromkeys(("excess", "ci_low", "ci_high"), figure),
                    **dict.fromkeys(("p_value", "p_adjusted"), maybe(share)),
                },
                dict.fromkeys(("spread_mean", "base_spread_mean", "asset_mean", "base_asset_mean"), figure),
            )
        ),
    }
)
"""A group of events."""
HELD_IN = {"robustness": ("influence", "matched"), "groups": ("groups",)}
"""The tables with the figures of what a record may lack."""
SHARED = ("overrides", "source", "environment", "sha256", "lookahead", "reconciliation", "ledger")
"""What it may have like the record of any study."""
OF_EPISODES = ("events", "n_episodes", "observed", "sample", "trade")
"""What the record of a study on one series has alone, or otherwise."""
RUN = fields(
    {key: shape for key, shape in NEEDED.items() if key not in OF_EPISODES}
    | {
        "sample": fields({"first": day, "last": day, "sessions": count, "asset_sessions": count}),
        "legs": fields({"asset": LEG}, {"benchmark": LEG}),
        "panel": fields({"assets": count, "set_aside": count, "by": fields(dict.fromkeys(KINDS, COUNTED))}),
        "headline": text,
        "horizons": rows(ROW),
    },
    {key: LATER[key] for key in SHARED} | {"robustness": maybe(RESTS), "groups": rows(GROUP), "scanned": flag},
)


def damage_in_panel(run: Json) -> str | None:
    """Return the field of a ``run.json`` that is missing, or not as a record has it; None if there is no such field."""
    found = next(RUN(run), None)
    if found is None:
        found = next(_misaligned(run), None)
    return None if found is None else found.lstrip(".")


def _misaligned(run: Json) -> Iterator[str]:
    if run.get("trade", "missing") is not None:  # nobody trades a panel, and the record says so
        yield ".trade"
    held = (name for key, names in HELD_IN.items() if run.get(key) for name in names)
    yield from (f".sha256.{name}.parquet" for name in held if f"{name}.parquet" not in (run.get("sha256") or {}))
    asked = [row["horizon"] for row in run["horizons"]]
    if not asked or len(set(asked)) < len(asked):
        yield ".horizons"
    rests = run.get("robustness") or {"horizons": asked}
    if rests["horizons"] != asked:
        yield ".robustness.horizons"
    of = measured_by(run["legs"])
    for at, group in enumerate(run.get("groups", [])):
        if [row["horizon"] for row in group["horizons"]] != asked:
            yield f".groups[{at}].horizons"
        if not all(key in row for row in group["horizons"] for key in (of.mean, of.base_mean)):
            yield f".groups[{at}].horizons"
    yield from (f".robustness.{key}" for key in rests if not all_by_horizon(rests[key], len(asked)))
    needed = (*(f"{leg}_mean" for leg in of.legs), of.median, of.base_mean)
    for at, row in enumerate(run["horizons"]):
        yield from (f".horizons[{at}].{key}" for key in needed if key not in row)
