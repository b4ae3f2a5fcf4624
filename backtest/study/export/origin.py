"""What a study was made from: all that is needed to compute it again, and to tell what has changed since."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from backtest.detect.tree import Recipe, singles
from backtest.files import sha256_of
from backtest.plan import Plan
from backtest.spec.overrides import setting
from backtest.untyped import Json


def origin_json(plan: Plan) -> Json:
    """Return what a study was made from, and by what.

    Returns
    -------
    dict
        ``source``: ``file``, the strategy's file below the workspace; ``text``, its content, null for a strategy made
        in Python; ``settings``, what was set in its place, as ``--set`` reads it, null where TOML has no such value;
        ``files``, the SHA-256 of the user's own Python and of the files that it names, by name; ``functions``, the
        detectors that were given as Python functions. ``environment``: the versions of what computes, as results may
        differ between them in the last digits.
    """
    strategy = plan.asked
    source = {
        "file": _below(plan, strategy.path) if strategy.text is not None else None,
        "text": strategy.text,
        "settings": _settings(plan.overrides),
        "files": own_files(plan.recipe, strategy.path.parent),
        "functions": sorted(strategy.functions),
    }
    return {"source": source, "environment": environment_json()}


def environment_json() -> dict[str, str]:
    """Return the versions of what computes."""
    python = ".".join(map(str, sys.version_info[:3]))
    return {"python": python, "numpy": np.__version__, "pyarrow": pa.__version__}


def own_files(recipe: Recipe, folder: Path) -> dict[str, str]:
    """Return the SHA-256 of the user's own detectors and of the files that detectors read, by their path below."""
    found: dict[str, str] = {}
    for one in singles(recipe):
        names = [str(one.values[key]) for key in sorted(one.detector.files) if one.values.get(key) is not None]
        own = [one.use] if one.detector.own and one.use.endswith(".py") else []
        for name in (*own, *names):
            path = folder / name
            if path.is_file():
                found[name] = sha256_of(path.read_bytes())
    return dict(sorted(found.items()))


def _below(plan: Plan, path: Path) -> str:
    """Write a path below the workspace; of a file elsewhere only its name, as a record may be sent to others."""
    root = plan.workspace.root if plan.workspace else None
    whole = path.resolve()
    return whole.relative_to(root).as_posix() if root and whole.is_relative_to(root) else path.name


def _settings(overrides: Mapping[str, Any]) -> list[str] | None:
    try:
        return [setting(key, value) for key, value in overrides.items()]
    except TypeError:
        return None
