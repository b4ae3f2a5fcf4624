"""The figures of a study on a panel by horizon, as the record, the terminal and the page show them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from backtest.errors import StudyRefused
from backtest.inference.effect import ENOUGH, NEVER_FOUND, TOO_FEW_SHIFTS
from backtest.inference.result import (
    NO_VARIATION,
    NO_WINDOW,
    Effect,
    HorizonResult,
    Inference,
    NullTest,
    Standardised,
    VarianceRatio,
    finite,
)
from backtest.inference.verdict import Looks
from backtest.measure.summaries import count_status, median_of
from backtest.model import Floats, Horizon, Measured, measured_by
from backtest.model.rounding import are_hits
from backtest.model.significance import stands_out
from backtest.panel.panel_groups import Groups, groups_of
from backtest.panel.panel_inference import PanelInference
from backtest.panel.panel_opinions import opinions_of
from backtest.panel.panel_remarks import doubt_on_panel, remarks_on_panel
from backtest.panel.panel_result import ASK_FOR_IT, NO_VERDICT, PanelResult
from backtest.panel.panel_windows import COMPLETE, ENDED, INCOMPLETE, MISSING, PENDING

NULL = "the events of all assets, moved along the calendar together by any number of sessions, give as much"
TOO_MANY_WINDOWS = "the events' windows cover more than half of the asset-sessions"
ASSETS = "the assets"
"""What the assets of a panel are called in a sentence."""
BENCHMARKS = {
    "rest": "the equal-weighted rest",
    "group": "the equal-weighted rest of their group",
    "market": "the market",
    "market_index": "the market index",
}
"""What benchmarks are called in a sentence, if not by their own name."""


@dataclass(frozen=True, eq=False)
class PanelHorizons:
    """What a study on a panel found, by horizon.

    Attributes
    ----------
    study : PanelResult
        The study.
    """

    study: PanelResult

    @property
    def measured(self) -> Measured:
        """What is judged: the spread, or the asset alone."""
        held = ("asset", "benchmark") if self.study.strategy.measure.benchmark else ("asset",)
        return measured_by(held)

    @property
    def inference(self) -> PanelInference:
        """What is inferred.

        Raises
        ------
        StudyRefused
            The study was asked for no verdict.
        """
        if self.study.inference is None:
            raise StudyRefused(f"{self.study.strategy.place}: {NO_VERDICT}", ASK_FOR_IT)
        return self.study.inference

    @property
    def status(self) -> NDArray[np.str_]:
        """The state of each event's window, of shape (n_events, n_horizons)."""
        return self.study.status

    @cached_property
    def columns(self) -> dict[str, NDArray[np.generic]]:
        """Every figure of the table of horizons but the horizon, of shape (n_horizons,); NaN where there is none."""
        forward, inference, of = self.study.forward, self.inference, self.measured
        return {
            "n": forward.n,
            "n_assets": self._different(self.study.found.asset),
            "n_dates": self._different(self.study.found.day0),
            **{state: count_status(self.status, state) for state in (PENDING, ENDED, MISSING)},
            "asset_mean": self._mean_leg(forward.asset),
            **({"benchmark_mean": self._mean_leg(forward.benchmark)} if of.has_benchmark else {}),
            of.mean: forward.mean,
            of.median: self._of_values(median_of),
            "hit_rate": self._of_values(lambda values: float(are_hits(values).mean())),
            of.base_mean: forward.base,
            "base_hit_rate": forward.base_hit_rate,
            "base_n": forward.base_n,
            "excess": forward.mean - forward.base,
            "p_value": inference.p_value,
            "p_adjusted": inference.p_adjusted,
            "ci_low": inference.low,
            "ci_high": inference.high,
            "mde": inference.detectable,
        }

    @cached_property
    def results(self) -> tuple[HorizonResult, ...]:
        """What is inferred, as the verdict reads it."""
        excess = self.study.forward.mean - self.study.forward.base
        return tuple(
            HorizonResult(horizon, int(n), finite(excess[at]), self._inference(at, int(n)))
            for at, (horizon, n) in enumerate(zip(self.study.forward.horizons, self.study.forward.n, strict=True))
        )

    @property
    def looks(self) -> Looks:
        """The looks at the panel, one a horizon."""
        benchmark = self.study.strategy.measure.benchmark
        what = f"{ASSETS} against {BENCHMARKS.get(benchmark, benchmark)}" if benchmark else ASSETS
        unfinished = set(np.unique(self.status).tolist()) & INCOMPLETE.keys()
        return Looks(what, self.results, unfinished, self.doubts)

    @cached_property
    def groups(self) -> Groups:
        """The groups that are set side by side, by what is grouped."""
        return groups_of(self.study)

    @cached_property
    def doubts(self) -> dict[Horizon, str]:
        """Why some looks that stand out do not hold, as clauses by horizon; looks that hold are not included."""
        study, dates = self.study, self._different(self.study.found.day0)
        found = {
            one.horizon: doubt_on_panel(study.robustness, self.inference, one, int(dates[at]), at, len(study.found))
            for at, one in enumerate(self.results)
            if stands_out(one.null_test.p_value)
        }
        return {horizon: text for horizon, text in found.items() if text}

    @cached_property
    def remarks(self) -> tuple[dict[str, str], ...]:
        """What the finding at each horizon rests on, as sentences by code; empty where there is no test."""
        study = self.study
        return tuple(
            {} if one.null_test.p_value is None else remarks_on_panel(study.robustness, asked, one, at)
            for at, (one, asked) in enumerate(
                zip(self.results, opinions_of(study.forward, self.inference), strict=True)
            )
        )

    def _different(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.array([len(np.unique(values[known])) for known in (self.status == COMPLETE).T])

    def _of_values(self, figure: Callable[[Floats], float]) -> Floats:
        """Return a figure of what counts once at each horizon: the spread of an event, or of an event date."""
        forward = self.study.forward
        every = [forward.values(column) for column in range(len(forward.horizons))]
        return np.array([figure(values) if len(values) else np.nan for values in every])

    def _mean_leg(self, returns: Floats) -> Floats:
        """Return the mean of a leg over the same events, weighted as the spread is."""
        forward, known = self.study.forward, self.status == COMPLETE
        return np.array(
            [
                np.average(returns[known[:, at], at], weights=forward.weights(at)) if known[:, at].any() else np.nan
                for at in range(len(forward.horizons))
            ]
        )

    def _inference(self, at: int, n: int) -> Inference:
        found = self.inference
        p = finite(found.p_value[at])
        none = None if p is not None else (NO_VARIATION if n else NO_WINDOW)
        test = NullTest(NULL, None, p, finite(found.p_adjusted[at]), none, np.zeros(0))
        sizes = (finite(values[at]) for values in (found.low, found.high, found.detectable, found.kept))
        low, high, detectable, kept = sizes
        why = None
        if low is None and p is not None:
            why = TOO_MANY_WINDOWS if (kept or 0.0) < ENOUGH else TOO_FEW_SHIFTS
        elif detectable is None and p is not None:
            why = NEVER_FOUND
        return Inference(
            test, Effect(low, high, detectable, kept, why), Standardised(None, None), VarianceRatio(None, None)
        )
