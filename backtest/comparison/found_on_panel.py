"""What a study found on a panel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.comparison.what_was_found import ALL, OTHER_KIND, SHARED, Found
from backtest.inference.contrast import Contrast, no_contrast
from backtest.model import Asked, Floats
from backtest.model.panel import OWN
from backtest.panel.panel_contrast import contrast_of_shared, contrast_on_panel, places_of
from backtest.panel.panel_looks import last_seen
from backtest.panel.panel_study import PanelStudy

OTHER_PANEL = "they are on different panels"


@dataclass(frozen=True, eq=False)
class FoundOnPanel:
    """What a study on a panel found, beyond what its record keeps; a `Found`."""

    study: PanelStudy

    @property
    def name(self) -> str:
        """What a strategy calls each asset of a panel."""
        return OWN

    @property
    def seen(self) -> str:
        """The last session that it looked at."""
        return last_seen(self.study)

    @property
    def horizons(self) -> list[Asked]:
        """Its horizons, as a strategy writes them."""
        return [one.label for one in self.study.forward.horizons]

    @property
    def shifts(self) -> list[Floats]:
        """The statistic under every shift, by horizon."""
        looks = self.study.inference.shifts
        return [np.zeros(0) if look is None else np.nan_to_num(look.statistic) for look in looks]

    def against(self, other: Found, horizon: Asked) -> list[tuple[str, Contrast]]:
        """Return the difference over all events of both and, if some of them are of both, over these.

        With the same benchmark nothing is left of the difference over shared events, and it is not tried.
        """
        if not isinstance(other, FoundOnPanel):
            return [(ALL, no_contrast((0, 0), 0, OTHER_KIND))]
        first, second = self.study, other.study
        if first.plan.dataset.sha256 != second.plan.dataset.sha256:
            return [(ALL, no_contrast((0, 0), 0, OTHER_PANEL))]
        found = [(ALL, contrast_on_panel(first, second, horizon))]
        if first.strategy.measure.benchmark != second.strategy.measure.benchmark:
            shared = np.isin(places_of(first.found), places_of(second.found)).sum()
            if 0 < shared < max(len(first.found), len(second.found)):
                paired = contrast_of_shared(first, second, horizon)
                found += [(SHARED, paired)] if paired.p_value is not None else []
        return found
