"""Stored calibrations: how often the verdict was wrong on histories like those of a plan."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from backtest._version import __version__
from backtest.detect.tree import singles
from backtest.files import sha256_of
from backtest.model import Asked
from backtest.model.horizon import written
from backtest.plan import Plan
from backtest.untyped import Json
from backtest.workspace import PACKAGE

FOLDER = ".calibration"
"""Folder under ``reports/`` with finished chunks and results, one folder for each state of their inputs."""
RESULT = "result.json"
CODE = (
    *("inference/**/*.py", "calibration/**/*.py", "measure/forward.py", "measure/windows.py", "model/horizon.py"),
    "study/base_rate.py",
)
"""The code that decides whether a test rejects: an error rate is valid for this code only."""
PANEL_CODE = (*CODE, "panel/*.py", "model/panel.py")
"""The same on panels."""


@dataclass(frozen=True)
class KeptCalibration:
    """How often the verdict rejects on unpredictable histories like those of a plan.

    Attributes
    ----------
    rate, error : float
        Share of histories in which the adjusted p is at most 5% at any horizon, and its Monte Carlo error.
    by_horizon : dict of int or str to float
        Share of histories in which the own p is at most 5%; horizons without a test are left out.
    histories, seed : int
        The number of histories, and their seed.
    method : str
        How the histories were made: ``"blocks"`` or ``"real path"``.
    sentence : str
        The result in words.
    """

    rate: float
    error: float
    by_horizon: dict[Asked, float]
    histories: int
    seed: int
    method: str
    sentence: str


def kept_calibration(plan: Plan) -> KeptCalibration | None:
    """Return the last calibration of a plan, with the same strategy, data and code; None if there is none.

    This reads one small file, and hashes the code only if anything is stored: it takes milliseconds.
    """
    if plan.workspace is None or not (plan.workspace.reports / FOLDER).is_dir():
        return None
    folder = calibration_folder(plan)
    if folder is None:
        return None
    try:
        content = json.loads((folder / RESULT).read_bytes())
        content["by_horizon"] = {written(horizon): rate for horizon, rate in content["by_horizon"].items()}
        return KeptCalibration(**content)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # a damaged file counts as none
        return None


def calibration_folder(plan: Plan) -> Path | None:
    """Return the folder of a plan's calibration; None if it cannot be stored."""
    if plan.workspace is None or plan.strategy.functions:  # the inputs of a function cannot be known
        return None
    root = plan.workspace.reports / FOLDER
    return root / digest_of(_inputs(plan))


def digest_of(inputs: Json, patterns: Sequence[str] | None = None) -> str:
    """Hash the inputs together with the code, by default that for one series."""
    patterns = CODE if patterns is None else patterns
    files = sorted({path for pattern in patterns for path in PACKAGE.glob(pattern)})
    code = {path.relative_to(PACKAGE).as_posix(): sha256_of(path.read_bytes()) for path in files}
    return sha256_of(json.dumps([inputs, code, __version__], sort_keys=True, default=str).encode())[:32]


def _inputs(plan: Plan) -> Json:
    """Collect all inputs of a calibration: parameters, data, a user's own Python, and files that it names."""
    named = [
        one.detector.folder / str(one.values[key])
        for one in singles(plan.recipe)
        for key in sorted(one.detector.files)
        if one.values.get(key) is not None
    ]
    own = [Path(one.detector.file) for one in singles(plan.recipe) if one.detector.own]
    files = {str(path): sha256_of(path.read_bytes()) for path in (*named, *own) if path.is_file()}
    return {"strategy": plan.parameters, "dataset": plan.dataset.sha256, "files": files}
