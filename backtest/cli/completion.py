"""What the shell completes: names of strategies, datasets and runs, and keys of parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from backtest.errors import BacktestError

OWN = ".py"
"""What a strategy's file holds if its detector is the user's own."""

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem

    from backtest.workspace import Workspace


def complete_strategies(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a strategy."""
    return _beginning_with(incomplete, _strategies(_here()))


def complete_datasets(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a dataset."""
    place = _here()
    return _beginning_with(incomplete, ((name, "") for name in (place.datasets() if place else ())))


def complete_runs(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete what names a run: a name given to it, a strategy with runs, a short id."""
    return _beginning_with(incomplete, _runs(_here()))


def complete_studies(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a strategy or of a run."""
    place = _here()
    return _beginning_with(incomplete, [*_strategies(place), *_runs(place)])


def complete_everything(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a strategy, a dataset or a run."""
    place = _here()
    datasets = [(name, "dataset") for name in (place.datasets() if place else ())]
    return _beginning_with(incomplete, [*_strategies(place), *datasets, *_runs(place)])


def complete_settings(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the dotted key of a parameter of the first strategy that is named so far, up to the equals sign."""
    place = _here()
    given = ctx.params.get("names") or ctx.params.get("name") or ()
    names = [*([given] if isinstance(given, str) else given), *ctx.args]  # an option without its value ends parsing
    known = place.strategies() if place else {}
    first = next((name for name in names if name in known), None)
    if place is None or first is None:
        return []
    try:
        keys = _parameters(place, first)
    except (BacktestError, OSError, ValueError):
        return []
    return _beginning_with(incomplete, [(f"{key}=", "") for key in keys])


def _parameters(place: Workspace, name: str) -> list[str]:
    """Return the keys of a strategy; none where its detector is the user's own, which no key press may run."""
    from backtest.detect.tree import make_recipe, tables_of
    from backtest.spec.completed import parameters_of
    from backtest.spec.strategy import load_strategy

    path = place.strategy(name)
    if OWN in path.read_text(encoding="utf-8-sig"):
        return []
    strategy = load_strategy(path)
    return list(parameters_of(strategy, tables_of(make_recipe(strategy, {}))))


def _here() -> Workspace | None:
    from backtest.workspace import Workspace

    try:
        return Workspace.find()
    except (BacktestError, OSError):  # a shell that completes is no place for a refusal
        return None


def _strategies(place: Workspace | None) -> list[tuple[str, str]]:
    return [] if place is None else [(name, "strategy") for name in place.strategies()]


def _runs(place: Workspace | None) -> Iterator[tuple[str, str]]:
    if place is None:
        return
    from backtest.record.find import named_runs, run_folders, short_ids

    folders, named = run_folders(place.reports), named_runs(place.reports)
    for name, folder in named.items():
        yield name, f"run of {folder.parent.name}"
    for strategy in dict.fromkeys(folder.parent.name for folder in folders):
        yield strategy, "its latest run"
    for folder, short in short_ids(folders, named).items():
        yield short, f"run of {folder.parent.name}, {folder.name[:8]}"


def _beginning_with(incomplete: str, known: Iterable[tuple[str, str]]) -> list[CompletionItem]:
    """Return what begins so, each once."""
    from click.shell_completion import CompletionItem  # no other command needs it

    found: dict[str, str] = {}
    for name, what in known:
        if name.startswith(incomplete):
            found.setdefault(name, what)
    return [CompletionItem(name, help=what or None) for name, what in found.items()]
