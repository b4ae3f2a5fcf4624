"""Names that stand for several studies: ``'streak*'``, ``tag:NAME``, ``runs:TAG``, ``--all``."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from backtest.errors import NotFound, did_you_mean
from backtest.files import read_text
from backtest.untyped import read_toml
from backtest.workspace import Workspace

TAG, RUNS = "tag:", "runs:"
WILD = frozenset("*?[")
SELECTORS = "A name may be a pattern ('streak*', quoted) or tag:NAME, for all strategies with that tag."
"""For the help of every command that takes them."""


def selected(workspace: Workspace, names: Sequence[str], every: bool = False, *, runs: bool = False) -> list[str]:
    """Return the names that are meant, in the order given; what a selector adds is there once.

    Parameters
    ----------
    workspace : Workspace
        Where strategies are looked up.
    names : sequence of str
        Names, which are returned as they are, and selectors.
    every : bool
        All strategies, without any name.
    runs : bool
        Whether ``runs:TAG`` selects recorded runs with that tag.

    Raises
    ------
    UsageError
        There are names and `every`, or neither.
    NotFound
        A selector finds nothing.
    """
    if every == bool(names):
        raise click.UsageError("Name strategies, or use --all." if not every else "--all takes no names.")
    if every:
        return list(workspace.strategies())
    found: list[str] = []
    for name in names:
        if name.startswith(TAG):
            found += _new(_tagged(workspace, name.removeprefix(TAG)), found)
        elif runs and name.startswith(RUNS):
            found += _new(_tagged_runs(workspace, name.removeprefix(RUNS)), found)
        elif WILD & set(name) and not Path(name).is_file():
            found += _new(_matching(workspace, name), found)
        else:
            found.append(name)
    return found


def _new(names: Iterable[str], found: Sequence[str]) -> list[str]:
    return [name for name in names if name not in found]


def _matching(workspace: Workspace, pattern: str) -> list[str]:
    known = list(workspace.strategies())
    found = fnmatch.filter(known, pattern)
    if not found:
        raise NotFound(f"no strategy matches '{pattern}'.", did_you_mean(pattern.strip("*?"), known))
    return found


def _tagged(workspace: Workspace, tag: str) -> list[str]:
    tags = {name: tags_of(path) for name, path in workspace.strategies().items()}
    found = [name for name, of in tags.items() if tag in of]
    if not found:
        known = {one for of in tags.values() for one in of}
        raise NotFound(
            f"no strategy has the tag '{tag}'.", did_you_mean(tag, known) or 'Write tags = ["…"] in a strategy.'
        )
    return found


def tags_of(path: Path) -> list[str]:
    """Return the tags in a strategy's file; of one that cannot be read, none: running it would say why."""
    try:
        tags = read_toml(read_text(path)).get("tags", [])
    except (ValueError, OSError):
        click.echo(f"{path}: cannot be read, so its tags are not known.", err=True)
        return []
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def _tagged_runs(workspace: Workspace, tag: str) -> list[str]:
    from backtest.errors import RunUnreadable
    from backtest.record.find import run_folders
    from backtest.record.sidecar import read_labels

    found, known = [], set()
    for folder in run_folders(workspace.reports):
        try:
            tags = read_labels(folder).tags
        except RunUnreadable as error:
            click.echo(str(error), err=True)
            continue
        known |= set(tags)
        if tag in tags:
            found.append(f"{folder.parent.name}/{folder.name}")
    if not found:
        raise NotFound(
            f"no recorded run has the tag '{tag}'.", did_you_mean(tag, known) or "'backtest tag RUN TAG' gives one."
        )
    return found
