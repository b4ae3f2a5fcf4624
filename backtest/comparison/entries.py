"""One study of a comparison, whether it was run now or read from its record."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.model import Floats, Ints
from backtest.study.asset_result import AssetResult
from backtest.study.study import Study
from backtest.untyped import Json

NOT_KEPT = "a recorded run keeps p-values, not shifts"


@dataclass(frozen=True, eq=False)
class Found:
    """What a study of one asset found, beyond what its record keeps.

    Attributes
    ----------
    asset : AssetResult
        The asset, with the circles that its events are shifted around.
    sessions : ndarray of shape (n_sessions,)
        The dates of its dataset.
    """

    asset: AssetResult
    sessions: np.ndarray

    @property
    def day0(self) -> Ints:
        """Session positions of the events."""
        return self.asset.day0


@dataclass(frozen=True, eq=False)
class Entry:
    """One study of a comparison; for a study of several assets, one of them.

    Attributes
    ----------
    run : dict
        The content of its ``run.json``, in the form of a study of one asset.
    study : Study or None
        The study itself, if it was run now.
    change : str or None
        How its data have changed since the run was recorded, if they have.
    asset : str or None
        The asset, if the study has several.
    again : Found or None
        What a recorded run found, made again from its data.
    lacking : str
        Why it could not be made again, as a clause.
    variant : dict
        The settings that tell it from other studies of its strategy, as the caller gave them.
    named : str
        The name that was given to a recorded run.
    """

    run: Json
    study: Study | None
    change: str | None = None
    asset: str | None = None
    again: Found | None = None
    lacking: str = NOT_KEPT
    variant: Json | None = None
    named: str = ""

    @property
    def found(self) -> Found | None:
        """What it found; None where that is not known, or there is no event."""
        if self.study is None:
            return self.again
        own = next((one for one in self.study.assets if self.asset in (None, one.name)), None)
        return None if own is None else Found(own, self.study.plan.dataset.prices.sessions)

    @property
    def known(self) -> bool:
        """Whether all is known that the joint null needs: without an event, that is nothing."""
        return self.found is not None or not self.run["horizons"]

    @property
    def shifts(self) -> list[Floats]:
        """The statistic under every shift, by horizon; empty where it is not known."""
        return [test.shifts for test in self.found.asset.null_tests] if self.found else []

    def label(self, called: str = "") -> str:
        """Return the strategy, or the name it was given by, and the asset if there are several."""
        return " ".join(filter(None, (called or self.run["strategy"], self.asset)))
