"""The seam of a spliced series: the session after which its returns come from another source."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from backtest.model.series import SeriesInfo

SPLICED = re.compile(r"(\S+) up to (\d{4}-\d{2}-\d{2}), the first session of (\S+), then \3, chained")


@dataclass(frozen=True, order=True)
class Seam:
    """The point at which two levels are chained.

    Attributes
    ----------
    day : datetime.date
        First session of the second series. Returns up to and including it come from the first, later ones from the
        second.
    before, after : str
        The two series.
    """

    day: dt.date
    before: str
    after: str

    @property
    def words(self) -> str:
        """The derivation of a series with this seam, in the form that `seam_in` reads."""
        return f"{self.before} up to {self.day}, the first session of {self.after}, then {self.after}, chained"


def seam_in(derivation: str) -> Seam | None:
    """Read the seam from the words of a derivation; None if there is none."""
    found = SPLICED.fullmatch(derivation)
    return Seam(dt.date.fromisoformat(found[2]), found[1], found[3]) if found else None


def seams_of(series: Mapping[str, SeriesInfo], name: str) -> tuple[Seam, ...]:
    """Return the seams of a series, in order; the seams of a spliced part count in the span in which it is used.

    Parameters
    ----------
    series : mapping of str to SeriesInfo
        Every series of a dataset.
    name : str
        One of them. A ratio or a sum has no seams; its inputs are not searched.
    """
    seam = seam_in(series[name].derivation) if name in series else None
    if seam is None:
        return ()
    earlier = (one for one in seams_of(series, seam.before) if one.day < seam.day)
    later = (one for one in seams_of(series, seam.after) if one.day > seam.day)
    return (*earlier, seam, *later)
