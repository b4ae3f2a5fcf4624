"""Find detectors, check their parameters against their own signature, and ask them for a condition."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
import sys
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

import backtest.detect as package
from backtest.checking import explain
from backtest.errors import BacktestError, DetectorFailed, NotFound, StrategyInvalid, did_you_mean
from backtest.model import Condition, Prices

NOT_DETECTORS = {"registry", "episodes", "returns"}
"""Modules of this package that are no detectors."""


@dataclass(frozen=True, eq=False)
class Detector:
    """A detector: a pure function from prices to a condition, with its parameters as keyword arguments."""

    name: str
    detect: Callable[..., Any]
    pattern_parameter: str | None
    """The parameter that gives the length of the pattern in sessions, from the module's ``PATTERN``."""
    parameters: type[BaseModel]
    """Its keyword arguments as a model, to check values against."""

    @property
    def summary(self) -> str:
        """First line of its docstring."""
        return (inspect.getdoc(self.detect) or "").partition("\n")[0]

    def check(self, values: Mapping[str, Any], place: str) -> dict[str, Any]:
        """Check parameters and fill in the defaults.

        Raises
        ------
        StrategyInvalid
            A parameter is unknown, missing, of the wrong type or out of range.
        """
        try:
            return self.parameters.model_validate(dict(values)).model_dump()
        except ValidationError as error:
            message, hint = explain(error, self.parameters)
            raise StrategyInvalid(f"{place}: detector.{message}", hint) from error

    def pattern(self, values: Mapping[str, Any]) -> int:
        """Return the length of the pattern in sessions; 1 where the detector names none."""
        return 1 if self.pattern_parameter is None else int(values[self.pattern_parameter])

    def condition(self, prices: Prices, values: Mapping[str, Any]) -> Condition:
        """Ask the detector.

        Raises
        ------
        DetectorFailed
            It raised, or returned something else than one flag per session.
        """
        try:
            answer = self.detect(prices, **values)
        except BacktestError:
            raise
        except Exception as error:  # a user's own code: whatever it raises is theirs to see, by name and line
            raise DetectorFailed(
                f"detector '{self.name}' failed: {type(error).__name__}: {error} ({_where(error)}).",
                "Mend the detector; it gets prices and its parameters, and returns one flag a session.",
            ) from error
        return _as_condition(self.name, answer, len(prices))


def builtin_names() -> list[str]:
    """Names of the built-in detectors: one module each."""
    return sorted(m.name for m in pkgutil.iter_modules(package.__path__) if m.name not in NOT_DETECTORS)


def find_detector(use: str, folder: Path) -> Detector:
    """Return a built-in detector by name, or the one in ``name.py`` beside a strategy file in `folder`.

    Raises
    ------
    NotFound
        There is no such detector.
    DetectorFailed
        The file beside the strategy cannot be imported, or has no function ``detect``.
    """
    if use.endswith(".py"):
        return _from_file(folder / use)
    if use not in builtin_names():
        raise NotFound(f"detector '{use}' is not built in.", did_you_mean(use, builtin_names()))
    return _from_module(use, importlib.import_module(f"backtest.detect.{use}"))


def _from_file(path: Path) -> Detector:
    if path.name in ("", ".py") or path.parent.resolve() / path.name != path.resolve() or not path.is_file():
        raise NotFound(
            f"detector file '{path}' does not exist.",
            "'use' names a built-in, or a .py file beside the strategy.",
        )
    spec = importlib.util.spec_from_file_location(f"_backtest_detector_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise DetectorFailed(f"detector file '{path}' cannot be imported.")
    module = importlib.util.module_from_spec(spec)
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # a user's own code
        raise DetectorFailed(
            f"detector file '{path}' cannot be imported: {type(error).__name__}: {error}.", "Mend the file."
        ) from error
    finally:
        sys.dont_write_bytecode = writes
    return _from_module(path.stem, module)


def _from_module(name: str, module: ModuleType) -> Detector:
    function = getattr(module, "detect", None)
    if not callable(function):
        raise DetectorFailed(
            f"detector '{name}' has no function 'detect'.",
            "Define detect(prices, *, …) returning one flag a session.",
        )
    pattern = getattr(module, "PATTERN", None)
    parameters = _parameters(name, function)
    if pattern is not None and pattern not in parameters.model_fields:
        raise DetectorFailed(f"detector '{name}': PATTERN = {pattern!r} is none of its parameters.")
    return Detector(name, function, pattern, parameters)


def _parameters(name: str, function: Callable[..., Any]) -> type[BaseModel]:
    hints = typing.get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise DetectorFailed(f"detector '{name}': *args and **kwargs cannot be checked.", "Name every parameter.")
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[parameter.name] = (hints.get(parameter.name, Any), default)
    config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
    model: type[BaseModel] = create_model(name, __config__=config, **fields)
    return model


def _as_condition(name: str, answer: object, n: int) -> Condition:
    if isinstance(answer, Condition):
        condition = answer
    else:
        met = np.asarray(answer)
        if met.dtype != np.bool_:
            raise DetectorFailed(
                f"detector '{name}' returned {type(answer).__name__} of {met.dtype}; one boolean a session is needed.",
                "A comparison gives one; fill missing values with False first.",
            )
        condition = Condition(met, np.ones(met.shape, dtype=np.bool_))
    if condition.met.shape != (n,) or condition.known.shape != (n,):
        raise DetectorFailed(
            f"detector '{name}' returned an answer of shape {condition.met.shape} for {n} sessions.",
            "Return one flag a session.",
        )
    return Condition(condition.met & condition.known, condition.known, condition.indicator)


def _where(error: BaseException) -> str:
    trace = error.__traceback__
    line, file = 0, ""
    while trace is not None:
        line, file = trace.tb_lineno, Path(trace.tb_frame.f_code.co_filename).name
        trace = trace.tb_next
    return f"{file}, line {line}"
