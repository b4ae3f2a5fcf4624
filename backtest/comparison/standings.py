"""One row a study at one horizon, sorted."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from backtest.errors import StudyRefused
from backtest.format import joined
from backtest.model import Asked, horizons_of
from backtest.untyped import Json

USUAL = 21
"""About a month: long enough to matter to an investor, short enough that windows rarely overlap."""

Row = Json
ORDERS: dict[str, Callable[[Row], tuple[bool, float]]] = {
    "p": lambda row: _missing_last(row["p_adjusted"]),
    "excess": lambda row: _missing_last(_negative(row["excess"])),
    "hits": lambda row: _missing_last(_negative(row["hit_rate"])),
    "n": lambda row: (False, -row["n"]),
}
SORTS = (*ORDERS, "name", "given")
"""What the rows can be sorted by: the most remarkable, the highest or the most first; by label; or as named."""


def chosen_horizon(horizons: Sequence[Sequence[Asked]], asked: Asked | None) -> Asked | None:
    """Return the horizon of the ranking.

    Parameters
    ----------
    horizons : sequence of sequence of int or str
        Of each study, as a strategy writes them.
    asked : int, str or None
        The one asked for. By default, of those that most studies have, the one nearest to 21 sessions; what came out at
        a horizon has no say in it.

    Returns
    -------
    int, str or None
        None where no study has a horizon.

    Raises
    ------
    StudyRefused
        No study has the horizon asked for.
    """
    lengths = {one.label: one.sessions for one in horizons_of({horizon for own in horizons for horizon in own})}
    every = list(lengths)
    if asked is not None and asked not in every:
        raise StudyRefused(
            f"--horizon {asked}: no study has it.", f"Known: {joined([str(h) for h in every])}." if every else ""
        )
    if asked is not None or not every:
        return asked
    counts = {horizon: sum(horizon in own for own in horizons) for horizon in every}
    most = max(counts.values())
    return min((h for h in every if counts[h] == most), key=lambda h: (abs(math.log(lengths[h] / USUAL)), lengths[h]))


def ranked(studies: Sequence[Json], judges: Sequence[str], horizon: Asked | None, sort: str) -> list[Row]:
    """Return one row a study, sorted; studies that judge a spread and those that judge a return stand apart.

    Parameters
    ----------
    studies : sequence of dict
        As in the content of a comparison.
    judges : sequence of str
        What each judges: a spread or a return.
    horizon : int, str or None
        The horizon of the ranking; a study without it has a row without numbers.
    sort : str
        One of `SORTS`.

    Returns
    -------
    list of dict
        ``at`` is the position in `studies`.
    """
    rows = [{"at": at, **_row(*pair, horizon)} for at, pair in enumerate(zip(studies, judges, strict=True))]
    if sort == "name":
        rows.sort(key=lambda row: row["study"])
    elif sort in ORDERS:
        rows.sort(key=lambda row: (*ORDERS[sort](row), *ORDERS["p"](row), *_missing_last(row["p_value"])))
    groups = list(dict.fromkeys(judges))
    return sorted(rows, key=lambda row: groups.index(row["judges"]))


def _row(study: Json, word: str, horizon: Asked | None) -> Row:
    found: Json = next((row for row in study["horizons"] if row["horizon"] == horizon), {})
    keys = ("excess", "ci_low", "ci_high", "hit_rate", "base_hit_rate", "p_value", "p_adjusted")
    return {
        "study": study["label"],
        "judges": word,
        "measured": bool(found),
        "n_events": study["n_events"],
        "n": found.get("n", 0),
        **{key: found[key] for key in ("n_assets", "n_dates") if key in found},
        **{key: found.get(key) for key in keys},
        "doubt": found.get("doubt", ""),
    }


def _missing_last(value: float | None) -> tuple[bool, float]:
    return (value is None, 0.0 if value is None else value)


def _negative(value: float | None) -> float | None:
    return None if value is None else -value
