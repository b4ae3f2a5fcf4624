"""Which looks of a comparison survive the adjustment for all looks."""

from __future__ import annotations

from collections.abc import Sequence

from backtest.format import period, points, share_of_cases
from backtest.model.significance import stands_out
from backtest.untyped import Json

NAMED = 6
"""Looks that a sentence names."""


def survivors(studies: Sequence[Json]) -> list[Json]:
    """List the looks whose adjusted p is significant, the most remarkable first: ``study`` and ``horizon``."""
    alive = [row for row in _ranked(studies) if stands_out(row["p_adjusted"]) and not row.get("doubt")]
    return [{"study": row["study"], "horizon": row["horizon"]} for row in alive]


def verdict(studies: Sequence[Json]) -> str:
    """Say which looks are unlikely to be chance, or which is the most remarkable one, in words."""
    looks = _ranked(studies)
    if not looks:
        return "Too little to judge: no study has a p at any horizon."
    standing = [row for row in looks if stands_out(row["p_adjusted"])]
    alive = [row for row in standing if not row.get("doubt")]
    doubted = [f"{_named(row)}; but {row['doubt']}" for row in standing if row.get("doubt")]
    counted = "the one look" if len(looks) == 1 else f"{'both' if len(looks) == 2 else f'all {len(looks):,}'} looks"
    if not alive:
        head = "Stands out by p alone" if doubted else "Consistent with chance. The most remarkable look"
        also = f" So do {len(doubted) - 1:,} more, which do not hold either." if len(doubted) > 1 else ""
        but = f"; but {looks[0]['doubt']}" if doubted else ""
        return f"{head}: {_named(looks[0])}; {_luck(looks[0])}, with {counted} counted{but}.{also}"
    if len(alive) == 1:
        text = f"Unlikely to be chance: {_named(alive[0])}; {_luck(alive[0])}, with {counted} counted."
    else:
        which = "; ".join(f"{_named(row)}, by chance in {share_of_cases(row['p_adjusted'])}" for row in alive[:NAMED])
        more = f"; and {len(alive) - NAMED:,} more" if len(alive) > NAMED else ""
        text = f"{len(alive):,} of {len(looks):,} looks are unlikely to be chance, all counted: {which} of cases{more}."
    return f"{text}{_fallen(doubted)}"


def _fallen(doubted: Sequence[str]) -> str:
    if len(doubted) > 1:
        return f" {len(doubted):,} more stand out by p alone and do not hold; the first: {doubted[0]}."
    return f" One more stands out by p alone: {doubted[0]}." if doubted else ""


def _luck(row: Json) -> str:
    return f"chance alone gives as much in {share_of_cases(row['p_adjusted'])} of cases"


def _ranked(studies: Sequence[Json]) -> list[Json]:
    rows = [
        {"study": study["label"], **row}
        for study in studies
        for row in study["horizons"]
        if row["p_adjusted"] is not None
    ]
    return sorted(rows, key=lambda row: (row["p_adjusted"], row["p_value"]))


def _named(row: Json) -> str:
    by = f"{points(row['excess'])} beyond its base rate "
    return f"{row['study']}, {by}over {period(row['horizon'])}"
