"""What a command looks at: parameter sets at horizons, of one strategy on one dataset."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backtest.files import sha256_of
from backtest.model import Asked
from backtest.untyped import Json

Cell = tuple[str, Asked]
"""A look at some data: the hash of a parameter set, and a horizon."""

NOT_ASKED = ("measure.horizons", "measure.window")
"""Parameters that change no number at a horizon; nor does the trade."""
DIGITS = 16
"""Characters of the hash of a parameter set."""


@dataclass(frozen=True)
class Result:
    """What a look found: the excess as a fraction, its own p, and the p adjusted for all looks of its study."""

    excess: float
    p_value: float
    p_adjusted: float


@dataclass(frozen=True)
class Looks:
    """The looks of a study or a search.

    Attributes
    ----------
    kind : str
        The command: ``"run"``, ``"tune"``, ``"compare"`` or ``"claims"``.
    strategy, dataset : str
        Their names.
    sha256 : str
        Of the data.
    study : str
        The hash at the end of the id of its record.
    last : str
        The last session that it could see, as an ISO date.
    sets : mapping of tuple to sequence of str
        Hashes of parameter sets, by the horizons at which there was a test.
    parameters : dict
        Every parameter of the study, under dotted keys, as `asked_of` returns them.
    origin : str
        The strategy that a search on the same dataset made this one of; empty if there is none.
    results : mapping
        Results by look, of a study; of a search only the most remarkable.
    """

    kind: str
    strategy: str
    dataset: str
    sha256: str
    study: str
    last: str
    sets: Mapping[tuple[Asked, ...], Sequence[str]]
    parameters: Json = field(default_factory=dict)
    results: Mapping[Cell, Result] = field(default_factory=dict)
    origin: str = ""

    @property
    def cells(self) -> set[Cell]:
        """Each look."""
        return {(one, horizon) for horizons, sets in self.sets.items() for one in sets for horizon in horizons}

    @property
    def hashes(self) -> set[str]:
        """The hash of each parameter set."""
        return {one for sets in self.sets.values() for one in sets}

    @property
    def most_remarkable(self) -> tuple[Cell, Result] | None:
        """The look with the lowest adjusted p; None where there was no test."""
        return min(self.results.items(), key=lambda one: (one[1].p_adjusted, one[1].p_value), default=None)

    def to_json(self) -> Json:
        """Return what the ledger holds of them."""
        best = self.most_remarkable
        return {
            "kind": self.kind,
            "strategy": self.strategy,
            "dataset": self.dataset,
            "data_sha256": self.sha256,
            "study": self.study,
            "last": self.last,
            "looks": [{"horizons": list(horizons), "sets": list(sets)} for horizons, sets in self.sets.items()],
            "best": None if best is None else {"set": best[0][0], "horizon": best[0][1], **vars(best[1])},
        }


def asked_of(parameters: Mapping[str, Any]) -> Json:
    """Return the parameters that change a number at a horizon."""
    return {key: value for key, value in parameters.items() if not key.startswith("trade.") and key not in NOT_ASKED}


def set_hash(parameters: Mapping[str, Any], code: Mapping[str, Any]) -> str:
    """Return the hash of a parameter set; the name of the strategy, the data and the horizon are not in it.

    Parameters
    ----------
    parameters : mapping
        Every parameter under its dotted key, of one asset.
    code : mapping
        What tells the user's own detectors and files from others of the same name.
    """
    asked = {key: _plain(value) for key, value in asked_of(parameters).items()}
    content = [asked, dict(code)]
    return sha256_of(json.dumps(content, sort_keys=True, default=str).encode())[:DIGITS]


def by_horizons(cells: Iterable[Cell], order: Sequence[Asked]) -> dict[tuple[Asked, ...], list[str]]:
    """Group parameter sets by the horizons at which there was a test."""
    of: dict[str, set[Asked]] = {}
    for one, horizon in cells:
        of.setdefault(one, set()).add(horizon)
    grouped: dict[tuple[Asked, ...], list[str]] = {}
    for one, horizons in of.items():
        grouped.setdefault(tuple(h for h in order if h in horizons), []).append(one)
    return grouped


def _plain(value: object) -> object:
    """Write a whole number the same way whether a file or a grid gave it as 1 or as 1.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
