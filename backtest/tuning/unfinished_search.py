"""A search that may be interrupted: what is done is kept in a folder beside the strategy's runs, and found again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from backtest._version import __version__
from backtest.data.store.exclusive import writing
from backtest.detect.tree import singles
from backtest.errors import DataRefused, StudyRefused
from backtest.files import sha256_of, write_file
from backtest.plan import Plan

INPUTS = "inputs.json"
BLOCKS = "blocks"
"""The folder of what is done, beside the inputs: nothing else lies in it."""


@contextmanager
def unfinished(reports: Path, plan: Plan, sets: Sequence[Mapping[str, Any]], *, resume: bool) -> Iterator[Path | None]:
    """Yield the folder of what is done; remove it at the end, unless the search stops early with something done.

    A search that stops with nothing done leaves no folder that it made.

    Parameters
    ----------
    reports : Path
        The folder of all reports.
    plan : Plan
        The study whose parameters are varied.
    sets : sequence of mapping
        The sets of the search: another search has another folder.
    resume : bool
        Go on with what is done; without it, that is thrown away.

    Yields
    ------
    Path or None
        None if the same search is running already: it has the folder.

    Raises
    ------
    StudyRefused
        There is nothing to go on with, the inputs have changed since, or the search is running.
    OSError
        The folder cannot be written.
    """
    folder = _folder(reports, plan, sets)
    if resume:
        _check(folder, plan)
    with _without_empty(folder.parent, reports), ExitStack() as stack:
        try:
            stack.enter_context(writing(folder, wait=0.0))
        except DataRefused as error:
            if resume:
                raise StudyRefused(
                    f"--resume: this search of {plan.strategy.name} is running.", "Let it finish."
                ) from error
            yield None
            return
        yield from _kept(folder, plan, resume=resume)


def is_unfinished(reports: Path, plan: Plan, sets: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether this search was interrupted, or is running; the parameters are those of `unfinished`."""
    return (_folder(reports, plan, sets) / INPUTS).is_file()


def _kept(folder: Path, plan: Plan, *, resume: bool) -> Iterator[Path]:
    blocks = folder / BLOCKS
    if not resume:
        shutil.rmtree(blocks, ignore_errors=True)
        write_file(folder / INPUTS, json.dumps(_inputs(plan)))
    blocks.mkdir(exist_ok=True)
    try:
        yield blocks
    except BaseException:
        if not any(blocks.iterdir()):
            shutil.rmtree(folder, ignore_errors=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _without_empty(*folders: Path) -> Iterator[None]:
    """Remove the folders that the block makes and leaves empty, the inner one first."""
    new = [folder for folder in folders if not folder.exists()]
    try:
        yield
    finally:
        for folder in new:
            with suppress(OSError):  # it holds something, or was never made
                folder.rmdir()


def _folder(reports: Path, plan: Plan, sets: Sequence[Mapping[str, Any]]) -> Path:
    """Return the folder of a search: the same question has the same one, whatever the data say today."""
    question = repr([plan.dataset.name, sorted(map(repr, plan.overrides.items())), [list(one.items()) for one in sets]])
    return reports / plan.strategy.name / f".unfinished-tune-{sha256_of(question.encode())[:16]}"


def _inputs(plan: Plan) -> dict[str, str]:
    """Return what the result depends on besides the sets, each under the words with which it is named."""
    own = [one.detector.file for one in singles(plan.recipe) if one.detector.own and one.detector.file]
    code = [sha256_of(Path(file).read_bytes()) for file in own if Path(file).is_file()]
    return {
        f"the dataset {plan.dataset.name} or its holdout": plan.dataset.sha256,
        f"the strategy {plan.strategy.name}": sha256_of(json.dumps(plan.parameters, default=str).encode()),
        "a detector": sha256_of(json.dumps(code).encode()),
        "backtest": __version__,
    }


def _check(folder: Path, plan: Plan) -> None:
    try:
        before = json.loads((folder / INPUTS).read_bytes())
    except (OSError, ValueError) as error:
        raise StudyRefused(
            f"--resume: no interrupted search of these sets of {plan.strategy.name} on {plan.dataset.name}.",
            "Start it without --resume.",
        ) from error
    changed = [name for name, value in _inputs(plan).items() if before.get(name) != value]
    if changed:
        raise StudyRefused(
            f"--resume: {' and '.join(changed)} {'has' if len(changed) == 1 else 'have'} changed since this search of "
            f"{plan.strategy.name} was interrupted.",
            "Start it anew, without --resume.",
        )
