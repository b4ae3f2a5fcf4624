"""One study of a comparison, whether it was run now or read from its record."""

from __future__ import annotations

from dataclasses import dataclass

from backtest.comparison.found_on_asset import FoundOnAsset
from backtest.comparison.found_on_panel import FoundOnPanel
from backtest.comparison.what_was_found import Found
from backtest.model import Floats
from backtest.panel.panel_run import PanelRun
from backtest.panel.panel_study import PanelStudy
from backtest.study.study import Study
from backtest.untyped import Json

NOT_HELD = "a panel that is read in blocks keeps p-values, not shifts"


@dataclass(frozen=True, eq=False)
class Entry:
    """One study of a comparison; for a study of several assets, one of them.

    Attributes
    ----------
    run : dict
        The content of its ``run.json``, in the form of a study of one asset; of a study on a panel with its ``events``,
        each an ``asset`` and a ``day0``.
    study : Study, PanelRun or None
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
    study: Study | PanelRun | None
    change: str | None = None
    asset: str | None = None
    again: Found | None = None
    lacking: str = NOT_HELD
    variant: Json | None = None
    named: str = ""

    @property
    def found(self) -> Found | None:
        """What it found; None where that is not known, or there is no event."""
        if self.study is None:
            return self.again
        if isinstance(self.study, PanelRun):
            held = self.study.study  # a scan keeps no closes, and has nothing to move again
            return FoundOnPanel(held) if isinstance(held, PanelStudy) else None
        own = next((one for one in self.study.assets if self.asset in (None, one.name)), None)
        last = self.study.detection.window[1]
        return None if own is None else FoundOnAsset(own, self.study.plan.dataset.prices.sessions, last)

    @property
    def known(self) -> bool:
        """Whether all is known that the joint null needs: without an event, that is nothing."""
        return self.found is not None or not self.run["horizons"]

    @property
    def shifts(self) -> list[Floats]:
        """The statistic under every shift, by horizon; empty where it is not known."""
        return self.found.shifts if self.found else []

    def label(self, called: str = "") -> str:
        """Return the strategy, or the name it was given by, and the asset if there are several."""
        return " ".join(filter(None, (called or self.run["strategy"], self.asset)))
