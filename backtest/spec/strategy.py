"""A strategy is a TOML file: read it, override it, check it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, ValidationError, field_validator, model_validator

from backtest.errors import StrategyInvalid
from backtest.files import read_text
from backtest.spec.claim import Claims
from backtest.spec.conditions import ConditionTable, check_references
from backtest.spec.measure import MAX_HORIZON, MeasureTable
from backtest.spec.origin_table import OriginTable
from backtest.spec.overrides import overridden, single_values_as_lists
from backtest.spec.study_table import StudyTable
from backtest.spec.validation import OutOfBounds, Table, invalid
from backtest.untyped import Parameters, read_toml

TUNABLE = re.compile(r"(detector|conditions\.[A-Za-z0-9_]+|episodes|measure)\.[A-Za-z0-9_]+")
TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""A word that can be typed after ``tag:``."""
TUNABLE_RULE = "only keys of detector, conditions, episodes and measure change what is found"


class EpisodesTable(Table):
    """How episodes become events."""

    day0: Literal["trigger", "start", "end"] = "trigger"
    cooldown: Annotated[int, Field(ge=0, le=MAX_HORIZON)] = 0
    since: dt.date | None = None
    until: dt.date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> EpisodesTable:
        if self.since is not None and self.until is not None and self.since > self.until:
            raise OutOfBounds(f"since ({self.since}) must not be after until ({self.until})")
        return self


class TradeTable(Table):
    """The tradable version of a study of one asset: long the asset, short the benchmark if there is one."""

    hold: Annotated[int, Field(ge=1, le=MAX_HORIZON)] = 21
    cost_bps: Annotated[float, Field(ge=0, le=1000)] = 5.0
    entry: Literal["next_open", "next_close"] = "next_close"


class Strategy(Table):
    """A strategy file, checked."""

    schema_: Literal[1] = Field(alias="schema")
    title: Annotated[str, Field(min_length=1, max_length=300)]
    question: Annotated[str, Field(max_length=1000)] = ""
    tags: Annotated[list[str], Field(max_length=50)] = Field(default_factory=list)
    """Words that several strategies may share, for ``tag:NAME`` on the command line; they do not affect the study."""
    detector: ConditionTable
    conditions: dict[str, ConditionTable] = Field(default_factory=dict)
    episodes: EpisodesTable = EpisodesTable()
    measure: MeasureTable = MeasureTable()
    trade: TradeTable | None = None
    study: StudyTable | None = None
    """Abnormal returns and their tests; on panels alone."""
    tune: Parameters = Field(default_factory=dict)
    origin: OriginTable | None = None
    """The search that wrote the file; it does not affect the study."""
    claim: Claims = Field(default_factory=list)
    """What someone said, and how it is checked; it does not affect the study."""

    @model_validator(mode="after")
    def _combined(self) -> Strategy:
        check_references(self.detector, self.conditions)
        return self

    @field_validator("title", "question")
    @classmethod
    def _readable(cls, value: str) -> str:
        folded = " ".join(value.split())
        if not folded.isprintable():
            raise ValueError("must be printable text")
        return folded

    @field_validator("title")
    @classmethod
    def _not_blank(cls, value: str) -> str:
        if not value:
            raise ValueError("must not be blank")
        return value

    @field_validator("tags")
    @classmethod
    def _words(cls, value: list[str]) -> list[str]:
        wrong = next((tag for tag in value if not TAG.fullmatch(tag)), None)
        if wrong is not None:
            raise ValueError(f"'{wrong}' is no tag: use up to 64 letters, digits, '-' and '_'")
        return list(dict.fromkeys(value))

    @field_validator("tune")
    @classmethod
    def _tunable(cls, value: Parameters) -> Parameters:
        for key in value:
            if not TUNABLE.fullmatch(key):
                raise ValueError(f"'{key}' cannot be tuned: {TUNABLE_RULE}")
        return value

    _path: Path = PrivateAttr(default=Path())
    _content: Parameters = PrivateAttr(default_factory=dict)
    _text: str | None = PrivateAttr(default=None)
    _functions: dict[str, Callable[..., Any]] = PrivateAttr(default_factory=dict)
    _overrides: Parameters = PrivateAttr(default_factory=dict)

    @property
    def path(self) -> Path:
        """The file it came from; detectors in Python are beside it."""
        return self._path

    @property
    def name(self) -> str:
        """The file's name without its suffix."""
        return self.path.stem

    @property
    def text(self) -> str | None:
        """The file as it was read, before any override; None for a strategy made in Python."""
        return self._text

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """Detectors given as functions, by their name in ``use``."""
        return self._functions

    @classmethod
    def of(
        cls,
        detector: Callable[..., Any] | str | Sequence[object] | Mapping[str, Any],
        *,
        name: str = "study",
        title: str = "",
        **tables: Mapping[str, Any],
    ) -> Strategy:
        """Make a strategy in Python.

        Parameters
        ----------
        detector : callable, str, sequence of dates, or mapping
            A function ``detect(prices, *, ...)`` that returns one flag per session; the name of a built-in detector;
            the dates of the events; or the table ``[detector]`` of a strategy file.
        name, title : str
            Name and title of the study in results.
        **tables
            The other tables of a strategy file: ``episodes``, ``measure``, ``trade``, ``study``, ``conditions``,
            ``tune``.

        Raises
        ------
        StrategyInvalid
            A table has a wrong key or value.

        Examples
        --------
        >>> Strategy.of(["2020-03-23", "2022-10-12"], measure={"horizons": [21]}).detector.use
        'dates'
        """
        functions = {}
        if callable(detector):
            use = getattr(detector, "__name__", "detector")
            functions, table = {use: detector}, {"use": use}
        elif _is_one_date(detector):
            raise StrategyInvalid(
                f"{name}: {str(detector)!r} is one date: a list of dates is needed.",
                f'Write ["{_day(str(detector))}"].',
            )
        elif isinstance(detector, str):
            table = {"use": detector}
        elif isinstance(detector, Mapping):
            table = dict(detector)
        else:
            table = {"use": "dates", "dates": [_day(str(day)) for day in detector]}
        content = {"schema": 1, "title": title or name, "detector": table, **tables}
        return parse_strategy(content, Path(f"{name}.toml"), functions=functions)

    @property
    def overrides(self) -> Mapping[str, Any]:
        """The values that replace those of the file, under dotted keys."""
        return self._overrides

    @property
    def place(self) -> str:
        """The place of its keys, for error messages."""
        return _place(self.path, bool(self._overrides))


def load_strategy(path: Path, overrides: Mapping[str, Any] | None = None) -> Strategy:
    """Read and check a strategy file.

    Parameters
    ----------
    path : Path
        A TOML file.
    overrides : mapping of str to value, optional
        Dotted keys to values that replace the file's, e.g. ``{"detector.sessions": 4}``; checked in the same way.
        Another detector in ``use`` starts its table afresh, because the parameters in the file belong to the former
        detector.

    Raises
    ------
    StrategyInvalid
        The file is not valid TOML, or a key or value is not allowed; the message names file, key, value and what is
        allowed.
    """
    return strategy_of_text(_read(path), path, overrides)


def strategy_of_text(text: str, path: Path, overrides: Mapping[str, Any] | None = None) -> Strategy:
    """Check the text of a strategy file, like `load_strategy`; the file itself is not read."""
    return parse_strategy(_parse(text, path), path, overrides, text=text)


def parse_strategy(
    content: Mapping[str, Any],
    path: Path,
    overrides: Mapping[str, Any] | None = None,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    text: str | None = None,
) -> Strategy:
    """Check the content of a strategy file, like `load_strategy`.

    Parameters
    ----------
    content : mapping
        The tables of the file, before any override.
    path : Path
        Its real or fictitious path: the stem is the strategy's name, the folder holds its Python.
    overrides : mapping, optional
        Dotted keys to values.
    functions : mapping of str to callable, optional
        Detectors given as functions, by their name in ``use``.
    text : str, optional
        The file that the content was read from, for a record.
    """
    overrides = dict(overrides or {})
    changed = overridden(content, overrides, _place(path, True))
    try:
        strategy = Strategy.model_validate(changed)
    except ValidationError as error:
        if lone := single_values_as_lists(error, overrides):
            return parse_strategy(content, path, {**overrides, **lone}, functions, text)
        raise invalid(error, Strategy, f"{_place(path, bool(overrides))}: ") from error
    strategy._path, strategy._content, strategy._overrides = path, dict(content), overrides
    strategy._functions, strategy._text = dict(functions or {}), text
    return strategy


def with_overrides(strategy: Strategy, overrides: Mapping[str, Any]) -> Strategy:
    """Return a strategy with further overrides; its file is not read again."""
    changed = {**strategy.overrides, **overrides}
    return parse_strategy(strategy._content, strategy.path, changed, strategy.functions, strategy.text)


def _is_one_date(detector: object) -> bool:
    """Return whether this is a single date, not the name of a detector or a list."""
    text = isinstance(detector, str) and re.match(r"\d+[-/. ]?\w+[-/. ]?\d", detector) is not None
    return text or isinstance(detector, dt.date) or type(detector).__name__ == "datetime64"


def _day(text: str) -> str:
    """Drop a midnight; any other time of day stays, and is refused when dates are checked."""
    return text if text[10:].strip("T 0:.+Z") else text[:10]


def _parse(text: str, path: Path) -> Parameters:
    try:
        return read_toml(text)
    except ValueError as error:  # not TOML, or numbers and nesting beyond Python's limits
        raise StrategyInvalid(f"{path}: not valid TOML: {error}.", "Fix the file.") from error


def _read(path: Path) -> str:
    try:
        return read_text(path)
    except UnicodeDecodeError as error:
        raise StrategyInvalid(f"{path}: not UTF-8 text: {error}.", "Save the file as UTF-8.") from error
    except OSError as error:
        raise StrategyInvalid(
            f"{path}: cannot be read: {error.strerror}.", "Check the path and its permissions."
        ) from error


def _place(path: Path, overridden: bool) -> str:
    return f"{path} as overridden" if overridden else str(path)
