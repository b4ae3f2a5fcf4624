"""What ``run.json`` of a study on a panel must look like."""

from __future__ import annotations

from collections.abc import Iterator

from backtest.model.measured import measured_by
from backtest.record.json_shape import count, day, fields, maybe, number, rows, share, text
from backtest.record.run_shape import LATER, LEG, NEEDED, figure, horizon
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
    },
)
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
    {key: LATER[key] for key in SHARED},
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
    asked = [row["horizon"] for row in run["horizons"]]
    if not asked or len(set(asked)) < len(asked):
        yield ".horizons"
    of = measured_by(run["legs"])
    needed = (*(f"{leg}_mean" for leg in of.legs), of.median, of.base_mean)
    for at, row in enumerate(run["horizons"]):
        yield from (f".horizons[{at}].{key}" for key in needed if key not in row)
