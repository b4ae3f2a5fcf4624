"""A small audit of a detector beside a strategy, run once for each state of its files, and stored."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from pydantic import TypeAdapter

from backtest._version import __version__
from backtest.detect.tree import Single
from backtest.errors import BacktestError
from backtest.files import sha256_of, write_page
from backtest.lookahead.audit import audit
from backtest.lookahead.audited import AuditedCondition
from backtest.lookahead.cutoffs import SAMPLE
from backtest.lookahead.reload import reloaded
from backtest.plan import Plan

FOLDER = ".audit"
"""Folder under ``reports/``, with one file for each state of detector, parameters and data."""


def audit_sample(plan: Plan, one: Single) -> AuditedCondition:
    """Audit one detector on a sample of histories, or read the stored result.

    Parameters
    ----------
    plan : Plan
        The study; the result is stored in its workspace, if it has one.
    one : Single
        One of its detectors, in a file beside the strategy.
    """
    if plan.workspace is None or plan.strategy.functions:  # the inputs of a function cannot be known
        return _audited(plan, one)
    path = plan.workspace.reports / FOLDER / f"{_digest(plan, one)}.json"
    cached = _read(path)
    if cached is not None:
        return cached
    judged = _audited(plan, one)
    with suppress(BacktestError):  # it cannot be stored: the next run audits again
        write_page(path, json.dumps(asdict(judged), indent=2) + "\n")
    return judged


def _audited(plan: Plan, one: Single) -> AuditedCondition:
    with plan.errors_located():
        # A separate copy: what it may remember of other histories stays out of the run.
        return audit(reloaded(one), plan.dataset.prices, SAMPLE, seed_of(plan))[0]


def _read(path: Path) -> AuditedCondition | None:
    """Read a stored result; a damaged one counts as none."""
    try:
        return TypeAdapter(AuditedCondition).validate_json(path.read_bytes())
    except (OSError, ValueError):
        return None


def _digest(plan: Plan, one: Single) -> str:
    """Hash everything that the answer depends on, as far as it can be known."""
    folder = plan.strategy.path.parent
    named = [folder / value for value in one.values.values() if isinstance(value, str)]
    content = {str(path): _sha256(path) for path in sorted({*_python(folder), *named})}
    asked = [one.key, one.use, one.values, plan.dataset.sha256, asdict(SAMPLE), __version__]
    return sha256_of(json.dumps([asked, content], sort_keys=True, default=str).encode())


def _python(folder: Path) -> Iterator[Path]:
    """Find all Python in a folder and below, without hidden folders and virtual environments."""
    for place, below, files in os.walk(folder):
        if "pyvenv.cfg" in files:
            below.clear()
            continue
        below[:] = [name for name in below if not name.startswith(".")]
        yield from (Path(place) / name for name in files if name.endswith(".py"))


def _sha256(path: Path) -> str | None:
    """Hash a file; None if there is no such file."""
    try:
        return sha256_of(path.read_bytes())
    except (OSError, ValueError):
        return None


def seed_of(plan: Plan) -> int:
    """Return a seed derived from the strategy and the data, so that the same sessions are drawn again."""
    content = json.dumps([plan.strategy.name, plan.parameters, plan.dataset.sha256], sort_keys=True, default=str)
    return int(sha256_of(content.encode())[:8], 16)
