"""Try every parameter set of a strategy on all assets of a panel, and adjust for all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from backtest.errors import StudyRefused
from backtest.execution.choose import executor_of
from backtest.lookahead.guard import Passed
from backtest.model import Horizon, Ints, Measured, Note, measured_by
from backtest.model.panel_source import PanelSource
from backtest.model.rounding import are_hits
from backtest.panel.panel_forward import PanelForward
from backtest.panel.panel_notes import notes_on_assets
from backtest.panel.panel_run import panel_of
from backtest.panel.panel_study import plan_on_panel
from backtest.plan import Plan
from backtest.study.robustness.doubt import doubt_of_halves, doubt_of_near
from backtest.tuning.family import Judged, adjust_looks
from backtest.tuning.panel_family import Moved, PanelLooks, PanelWork, move_sets
from backtest.tuning.panel_sessions import halves_of_trial
from backtest.tuning.panel_trials import PanelTrial, panel_trials
from backtest.tuning.searched import Searched

WORTH_PROCESSES = 40_000_000
"""Asset-sessions of all sets that take longer than to start a second process."""
STEPS = 10
"""Steps of progress for each set: one for its events, the others for its shifts."""


@dataclass(frozen=True, eq=False)
class PanelSearch(Searched):
    """A search on a panel.

    Attributes
    ----------
    moved : list of Moved
        What each distinct set gave under every shift, by `of_events`.
    """

    trials: list[PanelTrial]
    moved: list[Moved] = field(default_factory=list)

    @property
    def measured(self) -> Measured:
        """What is judged."""
        return measured_by(self.trials[0].base.strategy.measure.legs)

    @property
    def lengths(self) -> tuple[Horizon, ...]:
        """The horizons with their lengths."""
        return self.trials[0].base.horizons

    @property
    def shifts(self) -> int:
        """How many shifts the joint null has."""
        least: dict[tuple[str, ...], int] = {}
        for trial in self.trials:
            held, n = tuple(trial.base.strategy.measure.legs.values()), min(trial.base.circle.sizes)
            least[held] = min(n, least.get(held, n))
        return max(least.values())

    @property
    def last(self) -> int:
        """Position of the last session of the longest sample."""
        return max((int(np.flatnonzero(one.base.each)[-1]) for one in self.trials if one.base.each.any()), default=0)

    @property
    def base_sizes(self) -> list[int]:
        """How many sessions of assets the base rate of each set is made of."""
        return [int(trial.base.each.sum()) for trial in self.trials]

    @property
    def base_unit(self) -> str:
        """What a base rate is made of."""
        return "asset-sessions"

    @property
    def data_notes(self) -> list[Note]:
        """What a reader must know about the panel."""
        return notes_on_assets(self.trials[0].base.panel)

    def doubt(self, at: int, column: int) -> str:
        """Say why a look that stands out does not hold; empty if it holds."""
        trial, statistics = self.trials[at], self.moved[self.of_events[at]].statistics[column]
        excess, errors = halves_of_trial(trial, column)
        return doubt_of_halves(excess, errors, int(self.n[at, column])) or doubt_of_near(
            statistics, self.lengths[column].sessions
        )


def search_panel(
    plan: Plan,
    sets: Sequence[Mapping[str, Any]],
    progress: Callable[[int, int], None] | None = None,
    *,
    allow_lookahead: bool = False,
    jobs: int | None = 1,
    cluster: str | None = None,
    folder: Path | None = None,
    inference: bool = True,
) -> PanelSearch:
    """Try every parameter set of a strategy that measures each asset of a panel.

    The parameters and errors are those of `backtest.tuning.search.search`; the sets are detected and measured in this
    process and moved along the calendar by the executor.

    Parameters
    ----------
    cluster : str, optional
        The address of a Dask scheduler; its workers read the panel themselves.

    Raises
    ------
    ExecutionRefused
        Workers were lost again and again, or the cluster cannot be used.
    """

    def tell(done: int) -> None:
        if progress is not None:
            progress(done, STEPS * len(sets))

    panel = panel_of(plan.dataset)
    whole, passed = plan_on_panel(plan, panel, allow_lookahead=allow_lookahead)
    made = panel_trials(whole, panel, sets, tell)
    first, of_set = _distinct(made.tried)
    unjudged = np.full((len(made.tried), len(made.tried[0].base.horizons)), np.nan)
    judged, moved = Judged(unjudged, unjudged, None), list[Moved]()
    if inference:
        distinct = [made.tried[at] for at in first]
        many = len(first) * panel.close.size >= WORTH_PROCESSES
        with executor_of(jobs or (None if many or cluster else 1), cluster) as executor:
            moved = move_sets(
                distinct,
                PanelWork(_source_of(plan), list({id(one.base): one.base for one in made.tried}.values())),
                executor,
                folder,
                lambda done: tell(len(sets) * (len(first) + (STEPS - 1) * done) // len(first)),
            )
        held = [tuple(one.base.strategy.measure.legs.values()) for one in distinct]
        judged = adjust_looks(PanelLooks(moved), held, unjudged.shape[1], of_set)
    tell(STEPS * len(sets))
    return replace(_figures(whole, made.tried, judged, passed, of_set, moved), skipped=made.skipped)


def _source_of(plan: Plan) -> PanelSource:
    source = plan.dataset.panel
    assert source is not None  # it has been read
    return source


def refuse_on_panel(objective: str) -> None:
    """Refuse what a search on a panel cannot answer.

    Raises
    ------
    StudyRefused
        The objective is a figure of the trade.
    """
    if objective == "sharpe":
        raise StudyRefused(
            "--objective sharpe: the simulated account holds one asset, and a panel has many.",
            "Choose another objective, such as t.",
        )


def _distinct(trials: Sequence[PanelTrial]) -> tuple[list[int], Ints]:
    """Return the first set of each distinct set of events, and which of them each set is."""
    number: dict[tuple[int, bytes, bytes], int] = {}
    first: list[int] = []
    of_set = np.zeros(len(trials), dtype=np.int64)
    for at, trial in enumerate(trials):
        if trial.key not in number:
            number[trial.key] = len(first)
            first.append(at)
        of_set[at] = number[trial.key]
    return first, of_set


def _figures(
    plan: Plan, trials: list[PanelTrial], judged: Judged, passed: Passed, of_set: Ints, moved: list[Moved]
) -> PanelSearch:
    mean = np.array([one.forward.mean for one in trials])
    base = np.array([one.forward.base for one in trials])
    return PanelSearch(
        plan,
        trials,
        tuple(one.label for one in trials[0].base.horizons),
        np.array([one.forward.n for one in trials]),
        mean,
        base,
        mean - base,
        np.array([_hit_rates(one.forward) for one in trials]),
        judged.p_value,
        judged.p_adjusted,
        passed,
        of_set,
        judged.effective_looks,
        moved=moved,
    )


def _hit_rates(forward: PanelForward) -> list[float]:
    every = [forward.values(column) for column in range(len(forward.horizons))]
    return [float(are_hits(values).mean()) if len(values) else float("nan") for values in every]
