"""A plan is a study before it is run: a checked strategy, its detectors, and the data to run it on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import InitVar, dataclass, field
from pathlib import Path
from typing import Any

from backtest.data.store.read import load_dataset
from backtest.detect.left_open import left_open, settings_for_only_level
from backtest.detect.registry import Detector
from backtest.detect.short_keys import full_keys, is_short
from backtest.detect.tree import Recipe, make_recipe, singles, tables_of
from backtest.errors import BacktestError, LacksSeries, NotFound, StudyRefused
from backtest.model import Dataset, Note
from backtest.model.panel import OWN
from backtest.spec.completed import completed, parameters_of
from backtest.spec.strategy import Strategy, load_strategy, with_overrides
from backtest.untyped import Parameters
from backtest.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Plan:
    """A study before it is run. It can be pickled: a stored dataset by reference, detectors by name.

    Attributes
    ----------
    strategy : Strategy
        The strategy with its overrides; series that it leaves open are filled in by `left_open`.
    dataset : Dataset
        The data to run it on.
    workspace : Workspace or None
        Where results are stored; None stores none.
    recipe : Recipe
        The detectors and their combination, checked and complete.
    asked : Strategy
        The strategy before anything was filled in.
    notes : tuple of Note
        What was filled in.
    """

    strategy: Strategy
    dataset: Dataset
    workspace: Workspace | None = None
    found: InitVar[Mapping[str, Detector] | None] = None
    """Detectors already found, so that a user's file is executed only once."""
    recipe: Recipe = field(init=False)
    asked: Strategy = field(init=False)
    notes: tuple[Note, ...] = field(init=False)

    def __post_init__(self, found: Mapping[str, Detector] | None) -> None:
        refuse_without_panel(self.strategy, self.dataset)
        strategy, recipe = self.strategy, make_recipe(self.strategy, found)
        opened = left_open(strategy, recipe, self.dataset.prices)
        if opened.values:
            strategy = completed(strategy, opened.values)
            recipe = make_recipe(strategy, _detectors(recipe))
        made = {"asked": self.strategy, "strategy": strategy, "recipe": recipe, "notes": opened.notes}
        for name, value in made.items():
            object.__setattr__(self, name, value)

    def __reduce__(self) -> tuple[Any, ...]:
        return (Plan, (self.asked, self.dataset, self.workspace))

    @property
    def of_panel(self) -> bool:
        """Whether each asset of the dataset's panel is measured, and not one of its series."""
        return self.dataset.panel is not None and OWN in self.strategy.measure.assets

    @property
    def overrides(self) -> Mapping[str, Any]:
        """The values set in place of the strategy's own, under dotted keys."""
        return self.strategy.overrides

    @property
    def parameters(self) -> Parameters:
        """Every parameter of the study under its dotted key."""
        return parameters_of(self.strategy, tables_of(self.recipe))

    def vary(self, overrides: Mapping[str, Any]) -> Plan:
        """Return the same study with further overrides, on the same data; no file is read again."""
        return Plan(with_overrides(self.asked, overrides), self.dataset, self.workspace, _detectors(self.recipe))

    def on(self, dataset: Dataset) -> Plan:
        """Return the same study on other data."""
        return Plan(self.asked, dataset, self.workspace, _detectors(self.recipe))

    @contextmanager
    def errors_located(self) -> Iterator[None]:
        """Put the strategy and the dataset at the head of a refusal."""
        try:
            yield
        except NotFound as error:
            sets = settings_for_only_level(self.recipe, self.dataset.prices)
            if sets:
                error.hint = f"{error.hint} Its only level: {sets}"
            raise error.at(f"{self.strategy.place} on {self.dataset.name}") from error
        except BacktestError as error:
            raise error.at(f"{self.strategy.place} on {self.dataset.name}") from error


def refuse_without_panel(strategy: Strategy, dataset: Dataset) -> None:
    """Refuse a strategy that measures each asset of a panel on a dataset that has none.

    Raises
    ------
    LacksSeries
        The message says what the strategy measures, and where panels are.
    """
    if OWN in strategy.measure.assets and dataset.panel is None and not dataset.prices.knows(OWN):
        raise LacksSeries(
            f'{strategy.place} on {dataset.name}: measure.asset = "{OWN}" is each asset of a panel, and the dataset '
            "has no panel.",
            "Name one that has with --dataset; 'backtest data list' says which.",
            "a panel",
        )


def refuse_panel(plan: Plan) -> None:
    """Refuse a plan for a panel where only single series can be studied.

    Raises
    ------
    StudyRefused
        The plan measures each asset of its dataset's panel.
    """
    if plan.of_panel:
        raise StudyRefused(
            f"{plan.strategy.place} on {plan.dataset.name}: it measures each asset of a panel, and this command takes "
            "studies of single series only.",
            "'run', 'events', 'compare', 'tune', 'audit', 'freeze', 'verify' and 'export' take panels; or name a "
            "series of the dataset as measure.asset.",
        )


def _detectors(recipe: Recipe) -> dict[str, Detector]:
    """Return the detectors of a recipe by their name in ``use``."""
    return {part.use: part.detector for part in singles(recipe)}


def make_plan(
    workspace: Workspace,
    name: str,
    dataset: str | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Plan:
    """Look up and check everything that a study needs.

    Parameters
    ----------
    workspace : Workspace
        Where names are looked up.
    name : str
        A strategy, or a path to a ``.toml`` file.
    dataset : str, optional
        A dataset; by default, the workspace's.
    overrides : mapping, optional
        Dotted keys to values, as in ``--set``; a key may lack its table if only one key ends so.
    """
    return plan_on(load_dataset(workspace.dataset(dataset or workspace.default_dataset())), workspace, name, overrides)


def plan_on(data: Dataset, workspace: Workspace, name: str, overrides: Mapping[str, Any] | None = None) -> Plan:
    """Like `make_plan`, on loaded data."""
    return Plan(load_with_settings(workspace.strategy(name), overrides or {}), data, workspace)


def load_with_settings(path: Path, overrides: Mapping[str, Any]) -> Strategy:
    """Read a strategy file with overrides; a key may lack its table if only one key ends so.

    Raises
    ------
    StrategyInvalid
        The file or an override is wrong, or a key is ambiguous.
    """
    short = {key: value for key, value in overrides.items() if is_short(key)}
    strategy = load_strategy(path, {key: value for key, value in overrides.items() if key not in short})
    uses = {key: value for key, value in short.items() if key.rpartition(".")[2] == "use"}
    # Detectors come first, as each has its own keys.
    for some in (uses, {key: value for key, value in short.items() if key not in uses}):
        strategy = with_overrides(strategy, full_keys(strategy, some)) if some else strategy
    return strategy
