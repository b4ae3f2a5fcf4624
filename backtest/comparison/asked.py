"""What is asked for: names times datasets times values of settings."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backtest.errors import StudyRefused
from backtest.panel.panel_run import PanelRun
from backtest.spec.strategy import Strategy
from backtest.study.study import Study
from backtest.untyped import Parameters
from backtest.workspace import Workspace

FEWEST, MOST = 2, 40


@dataclass(frozen=True, eq=False)
class Options:
    """How strategies are run.

    Attributes
    ----------
    datasets : tuple of str
        The datasets that every strategy without one of its own is run on.
    vary : mapping of str to sequence
        Settings, under dotted keys, and the values to try: each strategy is run with their every combination.
    settings : mapping of str to value
        Settings of all strategies.
    of_one : mapping of str to mapping
        Settings of one entry alone, by its name or its number as given, from 1.
    """

    datasets: tuple[str, ...]
    vary: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    of_one: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Wanted:
    """One study to run or to read.

    Attributes
    ----------
    name : str
        As the caller named it; empty for a study or a strategy in Python.
    what : str, Strategy, Study or PanelRun
        The strategy or run by name, without a dataset; or the thing itself.
    dataset : str or None
        Where to run it; None for what is not run by name.
    settings : dict
        Settings under dotted keys.
    variant : dict
        Those of them that tell it from the other studies.
    """

    name: str
    what: str | Strategy | Study | PanelRun
    dataset: str | None = None
    settings: Parameters = field(default_factory=dict)
    variant: Parameters = field(default_factory=dict)


def wanted(
    workspace: Workspace, studies: Sequence[str | Strategy | Study | PanelRun], options: Options
) -> list[Wanted]:
    """List every study that is asked for, in the order of the names.

    Raises
    ------
    StudyRefused
        There are fewer than 2 or more than 40; or a setting is for an entry that is not named, or is no strategy.
    """
    known = workspace.strategies()
    used: set[str] = set()
    found: list[Wanted] = []
    for number, one in enumerate(studies, start=1):
        if not isinstance(one, str):
            found += [Wanted("", one)] if isinstance(one, Study | PanelRun) else _in_python(one, options)
            continue
        name, dataset = _parted(one, known)
        own = {key: options.of_one[key] for key in (one, name, str(number)) if key in options.of_one}
        if name not in known and not name.endswith(".toml"):
            _refuse_settings_of_a_run(one, own, dataset)
            found.append(Wanted(one, name))
            continue
        used |= own.keys()
        apart = {key: value for values in own.values() for key, value in values.items()}
        found += _variants(one, name, (dataset,) if dataset else options.datasets, options, apart)
    if (options.settings or options.vary) and not any(one.dataset or isinstance(one.what, Strategy) for one in found):
        raise StudyRefused(
            "no strategy is named, and a recorded run keeps its settings.", "Name a strategy to vary it."
        )
    if left := [key for key in options.of_one if key not in used]:
        raise StudyRefused(
            f"--set {left[0]}:…: no entry is called '{left[0]}'.", "Give an entry's name, or its number from 1."
        )
    if not FEWEST <= len(found) <= MOST:
        raise StudyRefused(_number(len(studies), len(found)), "Name strategies or runs, or vary a setting.")
    return found


def _number(named: int, found: int) -> str:
    rule = f"{FEWEST} to {MOST} studies can be compared."
    return f"{found} named; {rule}" if named == found else f"{named} named, which make {found} studies; {rule}"


def _parted(name: str, known: Mapping[str, object]) -> tuple[str, str | None]:
    """Part ``NAME@DATASET``; a run is read with the dataset that it was run on."""
    before, at, after = name.rpartition("@")
    return (before, after) if at and after and (before in known or before.endswith(".toml")) else (name, None)


def _refuse_settings_of_a_run(name: str, own: Mapping[str, Mapping[str, Any]], dataset: str | None) -> None:
    if own and dataset is None:
        key = next(iter(next(iter(own.values()))))
        raise StudyRefused(
            f"'{name}' is a recorded run, or no strategy: {key} cannot be set.", "Name the strategy to run it again."
        )


def _variants(
    called: str, name: str, datasets: Sequence[str], options: Options, own: Mapping[str, Any]
) -> list[Wanted]:
    return [
        Wanted(called, name, dataset, {**options.settings, **combination, **own}, {**combination, **own})
        for dataset in datasets
        for combination in combinations_of(options.vary)
    ]


def _in_python(strategy: Strategy, options: Options) -> list[Wanted]:
    return [
        Wanted("", strategy, dataset, {**options.settings, **combination}, combination)
        for dataset in options.datasets
        for combination in combinations_of(options.vary)
    ]


def combinations_of(vary: Mapping[str, Sequence[Any]]) -> list[Parameters]:
    """Return every combination of values, the last key changing fastest; one without any where nothing is varied."""
    return [dict(zip(vary, values, strict=True)) for values in itertools.product(*vary.values())]
