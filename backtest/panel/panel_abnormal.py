"""The abnormal returns of a panel study: which series the model takes, and the tables that a reader wants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from backtest.abnormal.abnormal_returns import AbnormalReturns, abnormal_returns
from backtest.abnormal.event_positions import EventPositions
from backtest.abnormal.event_window import EventWindow
from backtest.errors import StudyRefused
from backtest.model import Floats
from backtest.model.panel import Panel
from backtest.panel.abnormal_tables import (
    by_offset_columns,
    classical_columns,
    counted_columns,
    daily_columns,
    event_columns,
    placebo_columns,
)
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_benchmark import GROUP, REST
from backtest.panel.session_changes import daily_changes
from backtest.spec.strategy import Strategy
from backtest.spec.study_table import FACTORS_OF, StudyTable

if TYPE_CHECKING:
    import pandas as pd

Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, eq=False)
class PanelAbnormal:
    """The abnormal returns of the events of a panel study, their averages and the classical tests.

    Attributes
    ----------
    panel : Panel
        The assets.
    strategy : Strategy
        What was asked, in its table ``[study]``.
    given : EventPositions
        All events of the study.
    found : AbnormalReturns
        Of the events that could be measured.
    """

    panel: Panel
    strategy: Strategy
    given: EventPositions
    found: AbnormalReturns

    @cached_property
    def tables(self) -> Mapping[str, Columns]:
        """Every table as arrays by column: ``daily``, ``events``, ``by_offset``, ``tests``, ``exclusions``.

        Returns are simple returns as fractions; NaN where one is missing, and where a test has no answer.
        """
        windows = _rules_of(self.strategy).windows
        return {
            "daily": daily_columns(self.panel, self.found),
            "events": event_columns(self.panel, self.found),
            "by_offset": by_offset_columns(self.found),
            "tests": classical_columns(self.found, windows),
            "exclusions": counted_columns(self.panel, self.found, windows),
        }

    @property
    def daily(self) -> pd.DataFrame:
        """One row per event and session of the event window: its AR, CAR, BHAR, and what the model was estimated on."""
        return self._frame("daily")

    @property
    def events(self) -> pd.DataFrame:
        """One row per event: its estimate, and CAR and BHAR of the whole event window."""
        return self._frame("events")

    @property
    def by_offset(self) -> pd.DataFrame:
        """One row per session of the event window: AAR, CAAR with its 95% interval clustered by date, mean BHAR."""
        return self._frame("by_offset")

    @property
    def classical_tests(self) -> pd.DataFrame:
        """One row per window and test: statistic, p, degrees of freedom, events, null and assumptions."""
        return self._frame("tests")

    @property
    def exclusions(self) -> pd.DataFrame:
        """How many events were left out, and how many are measured with a caution, by reason."""
        return self._frame("exclusions")

    @property
    def ar(self) -> pd.DataFrame:
        """Abnormal returns, a row per event and a column per session of the event window."""
        return self._wide(self.found.ar)

    @property
    def car(self) -> pd.DataFrame:
        """Cumulative abnormal returns up to each session, sums, in the same form."""
        return self._wide(self.found.car)

    @property
    def bhar(self) -> pd.DataFrame:
        """Buy-and-hold abnormal returns up to each session, compounded, in the same form."""
        return self._wide(self.found.bhar)

    def placebo(self, shifts: int = 19) -> pd.DataFrame:
        """Return what the same events give at other times: a normal return that drifts by itself shows there.

        All events are moved along the calendar together, by `shifts` equal steps around its circle, and measured anew.
        CAAR and its placebo are those of sessions of the event window as in `by_offset`.

        Parameters
        ----------
        shifts : int
            How many; each takes as long as the study's own abnormal returns.

        Returns
        -------
        DataFrame
            Per offset: ``caar``, mean, least and greatest placebo CAAR, ``shifts`` with a value there, and the share of
            these and of the study itself whose CAAR is at least as far from zero. A shift that measures no event is in
            neither part of the share.
        """
        if shifts < 1:
            raise StudyRefused(f"placebo: {shifts} shifts: at least 1 is needed.", "Ask for 19, or for more.")
        sessions = len(self.panel.common)
        moved = [(self.given.day0 + sessions * k // (shifts + 1)) % sessions for k in range(1, shifts + 1)]
        drawn = [_measured(self.panel, self.strategy, EventPositions(self.given.asset, day0)).caar for day0 in moved]
        import pandas as pd

        return pd.DataFrame(dict(placebo_columns(self.found.window.offsets, self.found.caar, np.array(drawn))))

    def __repr__(self) -> str:
        label = "SIMULATED DATA, " if self.panel.simulated else ""
        return (
            f"PanelAbnormal({label}{self.strategy.name}: {_rules_of(self.strategy).model} model, "
            f"{len(self.found):,} of {len(self.given):,} events measured)"
        )

    def _frame(self, name: str) -> pd.DataFrame:
        import pandas as pd

        return pd.DataFrame(dict(self.tables[name]))

    def _wide(self, values: Floats) -> pd.DataFrame:
        import pandas as pd

        keys = [self.tables["events"][name] for name in ("event", "asset", "day0")]
        index = pd.MultiIndex.from_arrays(keys, names=["event", "asset", "day0"])
        return pd.DataFrame(values, index, self.found.window.offsets)


def abnormal_of_panel(panel: Panel, events: PanelEvents, strategy: Strategy) -> PanelAbnormal:
    """Measure the abnormal returns of a panel's events as the table ``[study]`` says.

    Parameters
    ----------
    panel : Panel
        The assets, and the common series that the model reads.
    events : PanelEvents
        The events.
    strategy : Strategy
        With a model in ``[study]``.

    Raises
    ------
    StudyRefused
        There is no model, it needs a market and there is none, or a series is neither a level nor a return in percent.
    NotFound
        The panel lacks a common series.
    """
    positions = EventPositions(events.asset, events.day0)
    return PanelAbnormal(panel, strategy, positions, _measured(panel, strategy, positions))


def _rules_of(strategy: Strategy) -> StudyTable:
    if strategy.study is None:
        raise StudyRefused(f"{strategy.place}: [study] is missing.", 'Write model = "market" in [study].')
    return strategy.study


def _measured(panel: Panel, strategy: Strategy, positions: EventPositions) -> AbnormalReturns:
    rules = _rules_of(strategy)
    if rules.model is None:
        raise StudyRefused(f"{strategy.place}: study.model is missing.", 'Write model = "market" in [study].')
    factors = [_returns_of(panel, name, strategy) for name in _factor_names(strategy, rules)]
    together = np.stack(factors, axis=1) if factors else np.empty((len(panel.common), 0))
    riskless = _returns_of(panel, rules.riskless, strategy) if rules.riskless else None
    first, last = rules.event_window
    window = EventWindow(first, last, rules.estimation, rules.gap, rules.minimum)
    return abnormal_returns(daily_changes(panel.close), together, positions, rules.model, window, riskless)


def _factor_names(strategy: Strategy, rules: StudyTable) -> list[str]:
    if rules.factors or rules.model is None or not FACTORS_OF[rules.model]:
        return rules.factors
    if strategy.measure.benchmark in (REST, GROUP):
        raise StudyRefused(
            f"{strategy.place}: model {rules.model} needs a market that all assets share: the benchmark is "
            f'"{strategy.measure.benchmark}".',
            'Write factors = ["NAME OF A COMMON SERIES"] in [study].',
        )
    if not strategy.measure.benchmark:
        raise StudyRefused(
            f"{strategy.place}: model {rules.model} needs a market: there is no benchmark.",
            'Write factors = ["NAME OF A COMMON SERIES"] in [study], or a benchmark in [measure].',
        )
    return [strategy.measure.benchmark]


def _returns_of(panel: Panel, name: str, strategy: Strategy) -> Floats:
    """Return the simple returns of a common series: the changes of a level, or a return in percent as a fraction."""
    values = panel.common.close(name)
    info = panel.common.info(name)
    if info.kind == "percent_return":
        return np.asarray(values / 100.0)
    if info.basis is None:
        raise StudyRefused(
            f"{strategy.place}: {name} is a {info.kind}: a model needs a level or a return in percent.",
            "Name another common series in [study].",
        )
    return daily_changes(values[:, None])[:, 0]
