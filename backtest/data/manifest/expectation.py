"""What the market expects of the central bank, derived from futures, or from Treasury yields as a proxy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from backtest.model import Contracts, Floats, Sessions
from backtest.rates.curve import MOVE, contract_ahead, cuts_priced
from backtest.rates.fedwatch import Version, solve_meetings
from backtest.rates.meetings import load_meetings
from backtest.rates.outcomes import cut_probability, hike_probability, outcome_probabilities
from backtest.spec.validation import Table

Of = Literal["cuts_priced", "implied_rate", "cut_probability", "hike_probability", "cuts_priced_proxy"]
Name = Annotated[str, Field(min_length=1, max_length=64)]

NEEDS: dict[Of, tuple[str, ...]] = {
    "cuts_priced": ("futures", "policy"),
    "implied_rate": ("futures",),
    "cut_probability": ("futures",),
    "hike_probability": ("futures",),
    "cuts_priced_proxy": ("treasury", "policy"),
}
"""The inputs of each."""
TAKES: dict[Of, tuple[str, ...]] = {
    "cuts_priced": ("months",),
    "implied_rate": ("months",),
    "cut_probability": ("meeting", "moves", "version"),
    "hike_probability": ("meeting", "moves", "version"),
    "cuts_priced_proxy": (),
}


class Expectation(Table):
    """How a manifest derives a series of expectations: its subject and its inputs."""

    of: Of
    futures: Name | None = None
    policy: Name | None = None
    treasury: Name | None = None
    """A Treasury yield in percent, for a proxy without futures."""
    months: Annotated[int, Field(ge=0, le=36)] = 12
    """Calendar months ahead."""
    meeting: Annotated[int, Field(ge=1, le=12)] = 1
    """The meeting, counted from the next scheduled one."""
    moves: Annotated[int, Field(ge=1, le=8)] = 1
    """At least this many moves of 25 basis points below (above) today's target after the meeting."""
    version: Version | None = None
    """The FedWatch method for the rates around meetings; default: the one in use at the time."""

    @model_validator(mode="after")
    def _what_it_takes(self) -> Expectation:
        needs, takes = NEEDS[self.of], TAKES[self.of]
        missing = [key for key in needs if getattr(self, key) is None]
        if missing:
            raise ValueError(f"'{self.of}' needs {' and '.join(missing)}")
        other = sorted(self.model_fields_set - {"of", *needs, *takes})
        if other:
            raise ValueError(f"'{other[0]}' does not go with '{self.of}'")
        return self

    @property
    def inputs(self) -> list[str]:
        """The series that it is derived from."""
        return [getattr(self, key) for key in NEEDS[self.of]]

    @property
    def is_proxy(self) -> bool:
        """Whether it only approximates what futures would say."""
        return self.of == "cuts_priced_proxy"

    @property
    def derivation(self) -> str:
        """The derivation in words."""
        odds = f"by meeting {self.meeting} from each session, by the FedWatch method, from {self.futures}"
        return {
            "cuts_priced": f"{self.policy} minus the rate {self.futures} imply {self.months} months ahead, in moves",
            "implied_rate": f"the rate {self.futures} imply {self.months} months ahead",
            "cut_probability": f"probability of {_at_least(self.moves, 'cut')} {odds}",
            "hike_probability": f"probability of {_at_least(self.moves, 'hike')} {odds}",
            "cuts_priced_proxy": f"proxy, no futures: {self.policy} minus {self.treasury}, in moves; "
            "a yield is an average over its whole term, and contains a term premium",
        }[self.of]

    def broken_rule(self, kind: str, title: str, kinds: Mapping[str, str]) -> str | None:
        """Say which rule it breaks in its manifest; None if it breaks none.

        Parameters
        ----------
        kind, title : str
            The kind and title of the series itself.
        kinds : mapping of str to str
            Kind of every series of the manifest, by name.
        """
        if kind != "expectation":
            return 'makes a series of kind "expectation"'
        wanted = {key: "futures" if key == "futures" else "rate" for key in NEEDS[self.of]}
        for key, right in wanted.items():
            if kinds.get(getattr(self, key)) != right:
                return f"{key} = '{getattr(self, key)}' must be a series of kind {right}"
        return 'is a proxy, so the title must say "proxy"' if self.is_proxy and "proxy" not in title.lower() else None

    def values(self, sessions: Sessions, columns: Mapping[str, Floats], tables: Mapping[str, Any]) -> Floats:
        """Compute it from a dataset's columns and tables, shape (n_sessions,); NaN where an input is missing."""
        if self.is_proxy:
            return (columns[str(self.policy)] - columns[str(self.treasury)]) / MOVE
        contracts: Contracts = tables[str(self.futures)]
        if self.of == "cuts_priced":
            return cuts_priced(contracts, sessions, columns[str(self.policy)], self.months)
        if self.of == "implied_rate":
            return 100.0 - contract_ahead(contracts, sessions, self.months)
        solved = solve_meetings(contracts, sessions, load_meetings(), ahead=self.meeting, version=self.version)
        odds = cut_probability if self.of == "cut_probability" else hike_probability
        return odds(outcome_probabilities(solved), self.moves)[:, self.meeting - 1]


def _at_least(moves: int, what: str) -> str:
    return f"a {what}" if moves == 1 else f"{moves} {what}s or more"
