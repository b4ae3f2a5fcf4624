"""The returns after the events on one asset, compared with its base rate; a study has one for each asset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from backtest.inference.horizons import infer
from backtest.inference.result import HorizonResult, Inference, NullTest, finite
from backtest.inference.verdict import Looks
from backtest.measure.by_leg import LegFigures, figures_by_leg
from backtest.measure.forward import COMPLETE
from backtest.measure.legs import measures_of
from backtest.model import Detection, Horizon, Ints
from backtest.model.significance import stands_out
from backtest.plan import Plan
from backtest.spec.measure import MeasureTable
from backtest.study.base_rate import BaseRate, EverySession, eligible_sessions, measure_every_session
from backtest.study.measurement import Measurement, measure_events
from backtest.study.reconcile import check_windows
from backtest.study.robustness.counting_rules import Rule, RuleCounts, count_by_rules, rules_for
from backtest.study.robustness.doubt import doubt_about


@dataclass(frozen=True, eq=False)
class AssetResult:
    """One asset of a study.

    Attributes
    ----------
    measure : MeasureTable
        The measure of this asset alone.
    day0 : ndarray of shape (n_events,)
        Session positions of the events, the same for all assets.
    base_rate : BaseRate
        Its base rate.
    measurement : Measurement
        The returns after the events.
    inference : tuple of Inference
        The default verdict with its effect sizes, one per horizon; adjusted for all horizons of all assets.
    counting_rules : RuleCounts
        The same condition, counted by other rules.
    """

    measure: MeasureTable
    day0: Ints
    base_rate: BaseRate
    measurement: Measurement
    inference: tuple[Inference, ...]
    counting_rules: RuleCounts

    @property
    def null_tests(self) -> tuple[NullTest, ...]:
        """The default verdict, one test per horizon."""
        return tuple(one.test for one in self.inference)

    @property
    def name(self) -> str:
        """The asset, as the strategy names it."""
        return self.measure.assets[0]

    @property
    def legs(self) -> dict[str, str]:
        """The series that are held, by leg."""
        return self.measure.legs

    @cached_property
    def results(self) -> tuple[HorizonResult, ...]:
        """Number of events, excess and inference at each horizon."""
        rows = zip(
            self.base_rate.forward.horizons,
            self.measurement.summary.n.tolist(),
            self.measurement.excess,
            self.inference,
            strict=True,
        )
        return tuple(HorizonResult(horizon, n, finite(excess), found) for horizon, n, excess, found in rows)

    @cached_property
    def by_leg(self) -> dict[str, LegFigures]:
        """The figures of each leg over the events with a complete window."""
        base_rate = self.base_rate
        return figures_by_leg(self.measurement.summary, base_rate.forward, base_rate.drawdowns, self.day0)

    @cached_property
    def doubts(self) -> dict[Horizon, str]:
        """Why some looks that stand out do not hold, as clauses by horizon; looks that hold are not included."""
        found = {
            result.horizon: doubt_about(self.base_rate, self.day0, column)
            for column, result in enumerate(self.results)
            if stands_out(result.null_test.p_value)
        }
        return {horizon: text for horizon, text in found.items() if text}

    @property
    def looks(self) -> Looks:
        """What the verdict judges."""
        unfinished = set(self.measurement.status.ravel().tolist()) - {COMPLETE}
        return Looks(" minus ".join(self.legs.values()), self.results, unfinished, self.doubts)


def measure_assets(plan: Plan, detection: Detection) -> tuple[AssetResult, ...]:
    """Measure and test the returns after the same events on each asset of a strategy, in its order.

    Raises
    ------
    NotFound
        The dataset has no such role or series.
    StudyRefused
        Assets or legs are the same, are not levels, or are on different bases.
    SumsDoNotAddUp
        An event is neither measured nor left out for a reason: this is a bug.
    """
    prices, episodes, day0 = plan.dataset.prices, plan.strategy.episodes, detection.events.day0
    with plan.errors_located():
        measures = measures_of(prices, plan.strategy.measure)
        every = [measure_every_session(prices, one) for one in measures]
    base_rates = [_base_rate(one, plan, detection) for one in every]
    window = plan.strategy.measure.window
    found = [measure_events(base_rate, day0, (window[0], window[1])) for base_rate in base_rates]
    for measurement in found:
        check_windows(measurement)
    inferred = infer([one.circles for one in base_rates], day0, [one.summary.n for one in found])
    horizons, by_session = base_rates[0].forward.horizons, detection.condition.by_session
    rules = rules_for(episodes, horizons, detection.pattern, by_session=by_session)
    rows = zip(measures, base_rates, found, inferred, strict=True)
    return tuple(_result(detection, rules, *row) for row in rows)


def _base_rate(every: EverySession, plan: Plan, detection: Detection) -> BaseRate:
    return BaseRate(every, eligible_sessions(detection, plan.strategy.episodes.day0, every))


def _result(
    detection: Detection,
    rules: Sequence[Rule],
    measure: MeasureTable,
    base_rate: BaseRate,
    measurement: Measurement,
    inference: tuple[Inference, ...],
) -> AssetResult:
    counts = count_by_rules(detection, base_rate, [one.test for one in inference], rules)
    return AssetResult(measure, detection.events.day0, base_rate, measurement, inference, counts)
