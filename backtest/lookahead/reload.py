"""A recipe whose user Python is executed again: a copy that remembers nothing of the first."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from dataclasses import replace
from pathlib import Path

from backtest.detect.registry import Detector, find_detector
from backtest.detect.tree import Recipe, Single


def reloaded(recipe: Recipe) -> Recipe:
    """Return the same recipe with every file beside the strategy executed again.

    Python in the strategy's folder or below that such a file imports is executed again, too, unless it is imported only
    while the detector runs. Built-in detectors stay as they are. Output of the files is not shown again.

    Raises
    ------
    DetectorFailed
        A file can no longer be imported.
    """
    with redirect_stderr(io.StringIO()):
        return _copy(recipe, {}, {})


def _copy(part: Recipe, found: dict[str, Detector], made: dict[str, Recipe]) -> Recipe:
    if part.key not in made:
        if not isinstance(part, Single):
            members = tuple((negated, _copy(member, found, made)) for negated, member in part.members)
            made[part.key] = replace(part, members=members)
        elif not part.use.endswith(".py"):
            made[part.key] = part
        else:
            if part.use not in found:
                with _forgotten(part.detector.folder):
                    found[part.use] = find_detector(part.use, part.detector.folder)
            made[part.key] = replace(part, detector=found[part.use])
    return made[part.key]


@contextmanager
def _forgotten(folder: Path) -> Iterator[None]:
    """Forget what was imported from a folder, so that it is imported again; restore the first copies afterwards."""
    folder = folder.resolve()
    known = {name: module for name, module in list(sys.modules.items()) if _is_own(name, module, folder)}
    for name in known:
        del sys.modules[name]
    try:
        yield
    finally:
        sys.modules.update(known)


def _is_own(name: str, module: object, folder: Path) -> bool:
    """Return whether a module is the user's own, not an installed package that may lie in the same folder."""
    file = getattr(module, "__file__", None)
    if not isinstance(file, str) or not file.endswith(".py") or name.partition(".")[0] in ("__main__", "backtest"):
        return False
    return "site-packages" not in file and Path(file).is_relative_to(folder)
