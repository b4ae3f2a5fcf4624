"""Parameter sets proposed one after another by Optuna, each by what those before it gave; every one is a look."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from backtest.errors import StrategyInvalid, ValueExcluded
from backtest.inference.neighbouring_sets import looks_along
from backtest.lookahead.guard import guard
from backtest.plan import Plan
from backtest.tuning.between import Between
from backtest.tuning.grid import MAX_SETS, Space
from backtest.tuning.panel_search import search_panel
from backtest.tuning.scores import goodness
from backtest.tuning.search import unjudged
from backtest.tuning.trials import ParameterSets
from backtest.untyped import Parameters

if TYPE_CHECKING:
    from types import ModuleType

INSTALL = "Install it: pip install 'episode-backtest[search]'."
ValueOf = Callable[[Parameters], float]
"""What a set of parameters gave, the higher the better."""


def proposed_sets(
    plan: Plan,
    space: Space,
    trials: int,
    *,
    objective: str,
    column: int,
    seed: int,
    allow_lookahead: bool = False,
    tell: Callable[[int, int], None] | None = None,
) -> list[Parameters]:
    """Let Optuna's tree-structured Parzen estimator propose sets; return all that it tried, each once.

    Parameters
    ----------
    plan : Plan
        The study whose parameters are varied.
    space : Space
        Values of each key, or numbers between two.
    trials : int
        How many sets are tried; one that was tried before is not tried again, but counts here.
    objective : str
        One of `backtest.tuning.objective.OBJECTIVES`, the higher the better; ``"p_adjusted"`` is not known before the
        end: the own p stands for it.
    column : int
        The horizon of the objective, by position.
    seed : int
        The same seed gives the same sets.
    tell : callable, optional
        Called with the number of sets tried and their total.

    Raises
    ------
    StrategyInvalid
        Optuna is not installed, there is nothing to search, or too many sets are asked for.
    """
    if not space or not 1 <= trials <= MAX_SETS:
        raise StrategyInvalid(f"--trials {trials:,}: at least 1 and at most {MAX_SETS:,} sets of a grid are tried.")
    optuna = _optuna()
    judge = _on_panel if plan.of_panel else _on_series
    value_of = judge(plan, objective, column, allow_lookahead=allow_lookahead)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.TPESampler(seed=seed))
    found: dict[str, tuple[Parameters, float]] = {}
    for number in range(trials):
        asked = study.ask()
        parameters = {key: _suggested(asked, key, values) for key, values in space.items()}
        if repr(parameters) not in found:
            found[repr(parameters)] = (parameters, _value(value_of, parameters))
        value = found[repr(parameters)][1]
        if math.isnan(value):
            # Pruned ones count as the worst; failed ones are forgotten, and the sampler would stay among them.
            study.tell(asked, state=optuna.trial.TrialState.PRUNED)
        else:
            study.tell(asked, value)
        if tell is not None:
            tell(number + 1, trials)
    return [parameters for parameters, _ in found.values()]


def _optuna() -> ModuleType:
    try:
        import optuna
    except ImportError as error:
        raise StrategyInvalid("--search optuna: Optuna is not installed.", INSTALL) from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    module: ModuleType = optuna
    return module


def _suggested(asked: Any, key: str, values: list[Any] | Between) -> object:  # noqa: ANN401  a trial of Optuna
    if not isinstance(values, Between):
        return values[asked.suggest_int(key, 0, len(values) - 1)] if _ordered(values) else _chosen(asked, key, values)
    return values.at(asked.suggest_float(key, 0.0, 1.0))


def _ordered(values: list[Any]) -> bool:
    """Return whether neighbours in a list are near one another."""
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
    return numbers and values == sorted(values)


def _chosen(asked: Any, key: str, values: list[Any]) -> object:  # noqa: ANN401  a trial of Optuna
    return values[asked.suggest_categorical(key, list(range(len(values))))]


def _value(value_of: ValueOf, parameters: Parameters) -> float:
    """Return what is maximised; NaN without an event with a complete window, and for a set that a rule excludes."""
    try:
        return value_of(parameters)
    except ValueExcluded:
        return float("nan")


def _on_series(plan: Plan, objective: str, column: int, *, allow_lookahead: bool) -> ValueOf:
    """Return what says what a set of a study on single series gave."""
    passed, tried = guard(plan, allow=allow_lookahead), ParameterSets(plan)

    def value_of(parameters: Parameters) -> float:
        (trial,) = tried.checked([parameters]).trials(lambda _done: None)
        if objective != "p_adjusted":
            return float(goodness(unjudged(tried.plan, [trial], passed), objective, column)[0])
        circle = trial.base_rate.circles[column]
        if not len(circle):
            return float("nan")
        (look,) = looks_along(circle, [circle.ranks(trial.day0)])
        return -math.log(look.p_value)

    return value_of


def _on_panel(plan: Plan, objective: str, column: int, *, allow_lookahead: bool) -> ValueOf:
    """Return the same for a study on a panel, whose events are moved for each set if the objective is a p."""

    def value_of(parameters: Parameters) -> float:
        by_p = objective == "p_adjusted"
        found = search_panel(plan, [parameters], allow_lookahead=allow_lookahead, inference=by_p)
        return -math.log(found.p_value[0, column]) if by_p else float(goodness(found, objective, column)[0])

    return value_of
