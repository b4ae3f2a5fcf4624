"""The seam of a spliced series: the session from which on its returns are of another source."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from backtest.model.series import SeriesInfo

SPLICED = re.compile(r"(\S+) up to (\d{4}-\d{2}-\d{2}), the first session of (\S+), then \3, chained")


@dataclass(frozen=True, order=True)
class Seam:
    """Where two levels are chained.

    Attributes
    ----------
    day : datetime.date
        The first session of the second. Returns up to and including it are the first's, later ones the second's.
    before, after : str
        The two.
    """

    day: dt.date
    before: str
    after: str

    @property
    def words(self) -> str:
        """How a series with this seam was derived: what `seam_in` reads."""
        return f"{self.before} up to {self.day}, the first session of {self.after}, then {self.after}, chained"


def seam_in(derivation: str) -> Seam | None:
    """Read the seam out of the words of a derivation; None where there is none."""
    found = SPLICED.fullmatch(derivation)
    return Seam(dt.date.fromisoformat(found[2]), found[1], found[3]) if found else None


def seams_of(series: Mapping[str, SeriesInfo], name: str) -> tuple[Seam, ...]:
    """Return the seams of a series, in order; those of a spliced part count where the part is used.

    Parameters
    ----------
    series : mapping of str to SeriesInfo
        Every series of a dataset.
    name : str
        One of them. A ratio or a sum has none of its own: nothing is looked for in what it is made of.
    """
    seam = seam_in(series[name].derivation) if name in series else None
    if seam is None:
        return ()
    earlier = (one for one in seams_of(series, seam.before) if one.day < seam.day)
    later = (one for one in seams_of(series, seam.after) if one.day > seam.day)
    return (*earlier, seam, *later)
