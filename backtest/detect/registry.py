"""Find detectors, check their parameters against their signature, and run them."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
import sys
import typing
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

import backtest.detect.builtin as builtin
from backtest.detect.answer import condition_from
from backtest.detect.file_parameters import as_written, is_plain, names_file, resolve
from backtest.detect.strangers import stranger
from backtest.errors import DetectorFailed, NotFound, did_you_mean
from backtest.files import why_no_file
from backtest.model import Condition, Prices
from backtest.spec.conditions import HOW
from backtest.spec.validation import invalid
from backtest.untyped import Parameters

LONGEST_PATTERN = 10_000
"""Sessions of a pattern."""


@dataclass(frozen=True, eq=False)
class Detector:
    """A detector: a pure function from prices to a condition, with its parameters as keyword arguments."""

    name: str
    detect: Callable[..., Any]
    pattern_parameter: str | None
    """The parameter that is the length of the pattern in sessions, from the module's ``PATTERN``."""
    parameters: type[BaseModel]
    """Its keyword arguments as a model that checks values."""
    files: frozenset[str] = frozenset()
    """The parameters that name a file: annotated ``Path`` or ``Path | None``."""
    folder: Path = Path()
    """The folder of those files: the strategy's folder."""
    threshold_parameter: str | None = None
    """The parameter that is the threshold, from the module's ``THRESHOLD``."""
    threshold_unit: str = ""
    """Its unit, from the module's ``UNIT``: ``"fraction"`` is shown as percent, any other unit follows the number."""
    file: str = ""
    """Its own source file."""
    own: bool = False
    """Whether it is a user's own Python, not built in."""
    by_block: bool = False
    """Whether series may be matrices of several assets, from the ``BY_BLOCK`` of the module, or of a function."""

    @property
    def summary(self) -> str:
        """First line of its docstring."""
        return (inspect.getdoc(self.detect) or "").partition("\n")[0]

    def check(self, values: Mapping[str, Any], place: str, key: str = "detector") -> Parameters:
        """Check parameters and fill in the defaults; `place` is the file and `key` the table that holds them.

        Raises
        ------
        StrategyInvalid
            A parameter is unknown, missing, of the wrong type or out of range.
        """
        try:
            return self.parameters.model_validate(dict(values)).model_dump()
        except ValidationError as error:
            raise invalid(error, self.parameters, f"{place}: {key}.") from error

    def pattern(self, values: Mapping[str, Any]) -> int:
        """Return the length of the pattern in sessions; 1 if the detector names none.

        Raises
        ------
        DetectorFailed
            The parameter that it names is not a number of sessions.
        """
        if self.pattern_parameter is None:
            return 1
        length = values[self.pattern_parameter]
        if not isinstance(length, int | float) or not 1 <= length <= LONGEST_PATTERN:
            raise DetectorFailed(
                f"detector '{self.name}': PATTERN names {self.pattern_parameter} = {length!r}.",
                f"A pattern is 1 to {LONGEST_PATTERN:,} sessions long.",
            )
        return int(length)

    def condition(self, prices: Prices, values: Mapping[str, Any], assets: int | None = None) -> Condition:
        """Run the detector.

        Parameters
        ----------
        prices : Prices
            The history.
        values : mapping
            Its parameters.
        assets : int, optional
            For a detector that works by block: how many assets the series ``"close"`` has, as columns. The answer has
            the same columns, or none if it is that of all assets.

        Raises
        ------
        DetectorFailed
            It raised, or returned something other than one flag per session, or per session and asset.
        """
        hint = "Fix the detector; it gets prices and its parameters, and returns one flag per session."
        with stranger(f"detector '{self.name}' failed", self.file, hint, own=self.own):
            answer = self.detect(prices, **resolve(values, self.files, self.folder))
            return condition_from(self.name, answer, prices, assets) if self.own else cast("Condition", answer)


def builtin_names() -> list[str]:
    """Names of the built-in detectors: all modules of `backtest.detect.builtin`."""
    return sorted(module.name for module in pkgutil.iter_modules(builtin.__path__))


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
        return _from_file(folder, use)
    if use not in builtin_names():
        raise NotFound(f"detector '{use}' is not built in.", did_you_mean(use, builtin_names()))
    return replace(_builtin(use), folder=folder)


@cache
def _builtin(name: str) -> Detector:
    """Make a built-in detector; its model of parameters takes longer to build than a small panel to scan."""
    return _from_module(name, importlib.import_module(f"{builtin.__name__}.{name}"), Path())


def _from_file(folder: Path, use: str) -> Detector:
    path = folder / use
    if Path(use).name != use or use == ".py" or not path.is_file():
        what = why_no_file(path) if Path(use).name == use else "does not exist"
        raise NotFound(f"detector file '{path}' {what}.", "'use' names a built-in, or a .py file beside the strategy.")
    spec = importlib.util.spec_from_file_location(f"_backtest_detector_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise DetectorFailed(f"detector file '{path}' cannot be imported.")
    module = importlib.util.module_from_spec(spec)
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        with stranger(f"detector file '{path}' cannot be imported", str(path), "Fix the file."):
            spec.loader.exec_module(module)
            return _from_module(path.stem, module, folder)
    finally:
        sys.dont_write_bytecode = writes


def from_function(name: str, function: Callable[..., Any]) -> Detector:
    """Return a detector made of a function ``detect(prices, *, …)``.

    Raises
    ------
    DetectorFailed
        It has a built-in's name, is not a function, or its parameters cannot be checked.
    """
    if name in builtin_names():
        raise DetectorFailed(f"detector '{name}' is built in already.", "Give the function another name.")
    if not callable(function):
        raise DetectorFailed(
            f"detector '{name}' is not a function.", "Define detect(prices, *, …) returning one flag per session."
        )
    parameters = _parameters(name, function, getattr(function, "__globals__", {}))
    by_block = _by_block(name, function)
    file = inspect.getsourcefile(function) or ""
    return Detector(name, function, None, parameters, file=file, own=True, by_block=by_block)


def _from_module(name: str, module: ModuleType, folder: Path) -> Detector:
    function = getattr(module, "detect", None)
    if not callable(function) or inspect.iscoroutinefunction(function):
        raise DetectorFailed(
            f"detector '{name}' has no function 'detect'.",
            "Define detect(prices, *, …) returning one flag per session.",
        )
    parameters = _parameters(name, function, vars(module))
    pattern, threshold = (_named(name, module, which, parameters) for which in ("PATTERN", "THRESHOLD"))
    files = frozenset(key for key, field in parameters.model_fields.items() if names_file(field))
    unit, file = getattr(module, "UNIT", ""), module.__file__ or ""
    if not isinstance(unit, str):
        raise DetectorFailed(f"detector '{name}': UNIT = {unit!r} is no text.", 'As UNIT = "sessions".')
    own = not module.__name__.startswith(f"{builtin.__name__}.")
    by_block = _by_block(name, module)
    return Detector(name, function, pattern, parameters, files, folder, threshold, unit, file, own, by_block)


def _by_block(name: str, told: object) -> bool:
    """Return whether a module or a function says that it works by block."""
    by_block = getattr(told, "BY_BLOCK", False)
    if not isinstance(by_block, bool):
        raise DetectorFailed(f"detector '{name}': BY_BLOCK = {by_block!r} is neither True nor False.", "Write True.")
    return by_block


def _named(name: str, module: ModuleType, which: str, parameters: type[BaseModel]) -> str | None:
    """Return the parameter that a module names for a purpose; None if it names none."""
    parameter = getattr(module, which, None)
    if parameter is not None and (not isinstance(parameter, str) or parameter not in parameters.model_fields):
        raise DetectorFailed(f"detector '{name}': {which} = {parameter!r} is not one of its parameters.")
    return parameter


def _parameters(name: str, function: Callable[..., Any], namespace: Parameters) -> type[BaseModel]:
    try:
        accepted = list(inspect.signature(function).parameters.values())
    except ValueError as error:
        raise DetectorFailed(f"detector '{name}': 'detect' has no signature.", "Define it in Python.") from error
    if any(parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD) for parameter in accepted):
        raise DetectorFailed(f"detector '{name}': *args and **kwargs cannot be checked.", "Name every parameter.")
    if not accepted:
        raise DetectorFailed(f"detector '{name}': 'detect' takes no prices.", "Define detect(prices, *, …).")
    for parameter in accepted[1:]:
        if parameter.name in HOW or parameter.name.startswith(("_", "model_")):
            raise DetectorFailed(f"detector '{name}': a parameter cannot be called '{parameter.name}'.", "Rename it.")
        if parameter.default is not parameter.empty and not is_plain(parameter.default):
            raise DetectorFailed(
                f"detector '{name}': the default of '{parameter.name}' is not a value that a strategy could give.",
                "Use a finite number, a text, true or false, a date, a list of these, or None.",
            )
    try:
        return _model(name, accepted[1:], namespace)
    except Exception as error:  # whatever pydantic cannot build a schema for
        raise DetectorFailed(
            f"detector '{name}': its parameters cannot be checked: {type(error).__name__}: {error}.",
            "Annotate them with plain types: int, float, str, bool, Literal, Path.",
        ) from error


def _model(name: str, parameters: list[inspect.Parameter], namespace: Parameters) -> type[BaseModel]:
    def carrier() -> None:
        """Carry the annotations of the parameters, without the prices, which are not checked."""

    carrier.__annotations__ = {p.name: p.annotation for p in parameters if p.annotation is not p.empty}
    hints = typing.get_type_hints(carrier, namespace, include_extras=True)
    fields: Parameters = {
        p.name: (as_written(hints.get(p.name, Any)), ... if p.default is p.empty else p.default) for p in parameters
    }
    config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, protected_namespaces=())
    with warnings.catch_warnings():  # a parameter may be called 'json', like a method of a model
        warnings.simplefilter("ignore", UserWarning)
        model: type[BaseModel] = create_model(name, __config__=config, **fields)
    return model
