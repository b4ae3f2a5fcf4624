"""The group of each asset, such as its sector, from a file beside the strategy."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from backtest.data.files.source import Source
from backtest.detect.event_assets import asset_column
from backtest.detect.event_list import source_of
from backtest.detect.event_times import cells
from backtest.detect.file_parameters import below, resolve
from backtest.errors import BacktestError, StrategyInvalid, StudyRefused
from backtest.format import some
from backtest.model.panel import BulkFinding, Panel, Universe
from backtest.spec.strategy import Strategy

Grouped = TypeVar("Grouped", Panel, Universe)
NO_GROUP, UNKNOWN_GROUPED = "no_group", "unknown_grouped"
"""What the firewall says of a panel's own groups."""
HEADERS = ("group", "sector", "industry")
"""Headers of the column of groups, in lower case, the first that there is."""


def with_groups(panel: Grouped, strategy: Strategy) -> Grouped:
    """Return a panel with the groups that a strategy's ``study.groups`` gives; the panel itself without that key.

    They take the place of the panel's own. The assets that the file lacks are in no group, and the panel's findings
    count them.

    Raises
    ------
    StrategyInvalid, NotFound, DataRefused, StudyRefused
        The file lies elsewhere, is not there or cannot be read, or an asset has two groups.
    """
    name = strategy.study.groups if strategy.study is not None else None
    if name is None:
        return panel
    try:
        path = resolve({"groups": below(name)}, frozenset(("groups",)), strategy.path.parent)["groups"]
        source = source_of(path, "file")
        group = _groups(source, set(panel.assets))
    except ValueError as error:
        raise StrategyInvalid(f'{strategy.place}: study.groups = "{name}": {error}.') from error
    except BacktestError as error:
        raise error.at(f"{strategy.place}: study.groups") from error
    without: list[str] = [asset for asset in panel.assets if not group.get(asset)]
    if len(without) == len(panel):
        raise StudyRefused(
            f"{strategy.place}: study.groups: {source.name} names no asset of the panel.",
            f"The panel has {some(panel.assets, 3)}; names are compared letter by letter.",
        )
    text = f"assets have no group in {source.name}"
    found: BulkFinding = BulkFinding(
        NO_GROUP, len(without), len(without), tuple((one, 1) for one in without[:5]), False, text
    )
    groups = tuple(group.get(asset, "") for asset in panel.assets)
    others: list[BulkFinding] = [one for one in panel.findings if one.rule not in (NO_GROUP, UNKNOWN_GROUPED)]
    return replace(panel, groups=groups, findings=(*others, *([found] if without else [])))


def _groups(source: Source, known: set[str]) -> dict[str, str]:
    by_name = {one.strip().lower(): one for one in source.columns}
    column = next((by_name[header] for header in HEADERS if header in by_name), None)
    asset = asset_column(source, known)
    if column is None or asset is None:
        raise StudyRefused(
            f"{source.name}: has the columns {', '.join(map(repr, source.columns))}.",
            "Call one asset, ticker or symbol, and the other group, sector or industry.",
        )
    found: dict[str, str] = {}
    for row, (one, group) in enumerate(zip(cells(source, asset), cells(source, column), strict=True)):
        if one and found.setdefault(one, group) != group:
            raise StudyRefused(
                f"{source.place(row)}: {one} has two groups: '{found[one]}' and '{group}'.",
                "Give each asset one group.",
            )
    return found
