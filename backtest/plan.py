"""What is to be done: a checked strategy, its detector, and the data to run it on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from backtest.data.store.read import load_dataset
from backtest.detect.tree import Recipe, make_recipe, singles, tables_of
from backtest.errors import BacktestError
from backtest.model import Dataset
from backtest.spec.strategy import Strategy, load_strategy, parameters_of
from backtest.workspace import Workspace

DEFAULT_DATASET = "sample"


@dataclass(frozen=True, eq=False)
class Plan:
    """A study before it is run."""

    strategy: Strategy
    recipe: Recipe
    """What is asked of the data, checked and complete."""
    dataset: Dataset

    @property
    def parameters(self) -> dict[str, Any]:
        """Every parameter of the study under its dotted key."""
        return parameters_of(self.strategy, tables_of(self.recipe))


def make_plan(
    workspace: Workspace,
    name: str,
    dataset: str = DEFAULT_DATASET,
    overrides: Mapping[str, Any] | None = None,
) -> Plan:
    """Look up and check everything a study needs.

    Parameters
    ----------
    workspace : Workspace
        Where names are looked up.
    name : str
        A strategy, or a path to a ``.toml`` file.
    dataset : str
        A dataset.
    overrides : mapping, optional
        Dotted keys to values, as ``--set`` gives them.
    """
    return plan_on(load_dataset(workspace.dataset(dataset)), workspace, name, overrides)


def plan_on(data: Dataset, workspace: Workspace, name: str, overrides: Mapping[str, Any] | None = None) -> Plan:
    """As `make_plan`, on data that are loaded already."""
    strategy = load_strategy(workspace.strategy(name), overrides)
    return Plan(strategy, make_recipe(strategy), data)


def vary(plan: Plan, overrides: Mapping[str, Any]) -> Plan:
    """Return the same study with other overrides, on the same data."""
    strategy = load_strategy(plan.strategy.path, overrides)
    known = {one.use: one.detector for one in singles(plan.recipe)}
    return Plan(strategy, make_recipe(strategy, known), plan.dataset)


@contextmanager
def placed(plan: Plan) -> Iterator[None]:
    """Say of a refusal which strategy on which dataset it is about."""
    try:
        yield
    except BacktestError as error:
        message = f"{plan.strategy.place} on {plan.dataset.name}: {error.message}"
        raise type(error)(message, error.hint) from error
