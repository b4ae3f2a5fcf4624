"""Which looks of a comparison survive the adjustment for all looks."""

from __future__ import annotations

from collections.abc import Sequence

from backtest.format import period, share_of_cases
from backtest.model.significance import stands_out
from backtest.untyped import Json


def survivors(studies: Sequence[Json]) -> list[Json]:
    """List the looks whose adjusted p is significant, the most remarkable first: ``study`` and ``horizon``."""
    alive = [row for row in _ranked(studies) if stands_out(row["p_adjusted"]) and not row.get("doubt")]
    return [{"study": row["study"], "horizon": row["horizon"]} for row in alive]


def verdict(studies: Sequence[Json]) -> str:
    """Return whether any look survives, and which, in words."""
    looks = _ranked(studies)
    if not looks:
        return "Nothing can be said: no study has a p at any horizon."
    standing = [row for row in looks if stands_out(row["p_adjusted"])]
    alive = [row for row in standing if not row.get("doubt")]
    doubted = [f"{_named(row)}: {row['doubt']}" for row in standing if row.get("doubt")]
    but = f" By p alone there {'is' if len(doubted) == 1 else 'are'} also {'; '.join(doubted)}." if doubted else ""
    counted = "the one look" if len(looks) == 1 else f"{'both' if len(looks) == 2 else f'all {len(looks):,}'} looks"
    if alive:
        which = "; ".join(f"{_named(row)}, in {share_of_cases(row['p_adjusted'])} of cases" for row in alive)
        survive = "One look survives" if len(alive) == 1 else f"{len(alive)} looks survive"
        return f"{survive}; chance alone gives as much, with {counted} counted: {which}.{but}"
    p = share_of_cases(looks[0]["p_adjusted"])
    return (
        f"No look survives. The most remarkable: {_named(looks[0])}; chance alone gives as much in {p} of cases, with "
        f"{counted} counted{'; but ' + looks[0]['doubt'] if standing else ''}."
    )


def _ranked(studies: Sequence[Json]) -> list[Json]:
    rows = [
        {"study": study["label"], **row}
        for study in studies
        for row in study["horizons"]
        if row["p_adjusted"] is not None
    ]
    return sorted(rows, key=lambda row: (row["p_adjusted"], row["p_value"]))


def _named(row: Json) -> str:
    return f"{row['study']} over {period(row['horizon'])}"
