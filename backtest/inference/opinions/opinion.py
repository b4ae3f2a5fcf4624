"""The methods that give second opinions, and the opinion of one of them, as a value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """A test, labelled for what it is.

    Attributes
    ----------
    key : str
        Its name for programs.
    name : str
        Its name for readers.
    takes_for_granted : str
        What must hold for its p to be right, as a clause.
    """

    key: str
    name: str
    takes_for_granted: str


@dataclass(frozen=True)
class Opinion:
    """What one method says of one horizon.

    Attributes
    ----------
    method : Method
        Whose opinion it is.
    statistic, p_value : float or None
        Its statistic, with the sign of the excess where it has one, and the two-sided p; None where there is no answer.
    reason : str or None
        Why there is no answer; None where there is one.
    """

    method: Method
    statistic: float | None
    p_value: float | None
    reason: str | None = None


NAIVE_T = Method(
    "naive_t", "naive t", "windows do not overlap, and the events' own returns show how widely chance varies"
)
NEWEY_WEST = Method(
    "newey_west", "Newey–West", "there are many events, and windows have less in common the farther apart they begin"
)
HANSEN_HODRICK = Method(
    "hansen_hodrick", "Hansen–Hodrick", "there are many events, and only windows that overlap have anything in common"
)
BINOMIAL = Method("binomial", "exact binomial", "windows do not overlap, and the base hit rate is known without error")
WILCOXON = Method(
    "wilcoxon", "Wilcoxon signed rank", "windows do not overlap, and returns lie evenly around the base median"
)
SIGN = Method("sign", "sign test", "windows do not overlap, and how far from the base median is of no interest")
LOCAL_SHIFTS = Method(
    "local_shifts", "local shifts", "the two years before and after the events are like the time of the events"
)
EVENTS_T = Method(
    "t_over_events", "t over events", "events have nothing in common, neither a date nor overlapping windows"
)
BY_DATE = Method(
    "t_by_date", "t by date", "dates have nothing in common: windows do not overlap, and no date weighs more"
)
DRISCOLL_KRAAY = Method(
    "driscoll_kraay",
    "Driscoll–Kraay",
    "there are many dates, and windows have less in common the farther apart they begin",
)

METHODS = {
    method.key: method for method in (NAIVE_T, NEWEY_WEST, HANSEN_HODRICK, BINOMIAL, WILCOXON, SIGN, LOCAL_SHIFTS)
}
"""All of them by key, in the order in which they are shown."""
PANEL_METHODS = {method.key: method for method in (EVENTS_T, BY_DATE, DRISCOLL_KRAAY, BINOMIAL, LOCAL_SHIFTS)}
"""Those asked about a panel, likewise."""
