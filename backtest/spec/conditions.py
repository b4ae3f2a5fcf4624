"""Conditions in a strategy file: a detector, or named conditions combined by all, any, not, within."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from backtest.errors import did_you_mean
from backtest.spec.validation import OutOfBounds, Table
from backtest.untyped import Parameters

NAME = r"[A-Za-z][A-Za-z0-9_]{0,63}"


def _member(value: str) -> str:
    if not re.fullmatch(rf"(not )?{NAME}", value):
        raise ValueError("must be the name of a condition, or 'not' and its name")
    return value


def _name(value: str) -> str:
    if not re.fullmatch(NAME, value):
        raise ValueError("must be the name of a condition")
    return value


Member = Annotated[str, AfterValidator(_member)]
How = Literal["use", "all", "any", "not", "within"]
HOW: tuple[How, ...] = ("use", "all", "any", "not", "within")
LONGEST_WAIT = 2520
MOST_CONDITIONS = 50


class ConditionTable(Table):
    """Either ``use`` with the parameters of a detector, or one way to combine conditions named elsewhere.

    A member is the name of a table under ``[conditions]``, optionally preceded by ``not``.
    """

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, allow_inf_nan=False, defer_build=True)

    use: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    all_: Annotated[list[Member], Field(min_length=1, max_length=20)] | None = Field(None, alias="all")
    any_: Annotated[list[Member], Field(min_length=1, max_length=20)] | None = Field(None, alias="any")
    not_: Annotated[str, AfterValidator(_name)] | None = Field(None, alias="not")
    within: Annotated[list[Member], Field(min_length=2, max_length=2)] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> ConditionTable:
        given = [how for how in HOW if self._value(how) is not None]
        if len(given) != 1:
            found = f"; it has {' and '.join(given)}" if given else ""
            raise ValueError(f"needs 'use', or one of all, any, not, within{found}")
        extra = dict(self.model_extra or {})
        if self.how == "within":
            sessions = extra.pop("sessions", None)
            whole = isinstance(sessions, int) and not isinstance(sessions, bool)
            if not whole or not 1 <= sessions <= LONGEST_WAIT:
                raise (OutOfBounds if whole else ValueError)(
                    f"'within' needs sessions = 1 to {LONGEST_WAIT}, in which the second must follow the first"
                )
        if extra and self.how != "use":
            raise ValueError(f"'{next(iter(extra))}' goes with 'use'; '{self.how}' combines conditions named elsewhere")
        return self

    def _value(self, how: How) -> Any:  # noqa: ANN401  a text or a list of texts
        return getattr(self, how if how in ("use", "within") else f"{how}_")

    @property
    def how(self) -> How:
        """The one key of these that it has."""
        return next(how for how in HOW if self._value(how) is not None)

    @property
    def members(self) -> tuple[str, ...]:
        """The conditions it combines, as written; empty if it uses a detector."""
        value = self._value(self.how)
        if self.how == "use":
            return ()
        return (value,) if isinstance(value, str) else tuple(value)

    @property
    def sessions(self) -> int:
        """For ``within``: the number of sessions in which the second condition must follow the first."""
        return int((self.model_extra or {})["sessions"])

    @property
    def parameters(self) -> Parameters:
        """The detector's parameters as in the file."""
        return dict(self.model_extra or {})

    @property
    def written(self) -> Parameters:
        """The table as in the file, if it combines conditions."""
        value = self._value(self.how)
        return {self.how: value, **self.parameters}


def split_member(member: str) -> tuple[bool, str]:
    """Return whether a member is negated, and the name of its condition."""
    negated = member.startswith("not ")
    return negated, member.removeprefix("not ")


def check_references(detector: ConditionTable, conditions: Mapping[str, ConditionTable]) -> None:
    """Refuse conditions that are unknown, unused, badly named, or refer back to themselves.

    Raises
    ------
    ValueError
        The fault in one line.
    """
    if len(conditions) > MOST_CONDITIONS:
        raise ValueError(f"{len(conditions)} conditions; at most {MOST_CONDITIONS} can be combined")
    for name in conditions:
        if name == "not":
            raise ValueError("conditions.not: 'not' negates a condition; choose another name")
        if not re.fullmatch(NAME, name):
            raise ValueError(f"conditions.{name}: a name has letters, digits and '_', and starts with a letter")
    reached: set[str] = set()
    _visit("detector", detector, conditions, (), reached)
    unused = [name for name in conditions if name not in reached]
    if unused:
        raise ValueError(f"conditions.{unused[0]} is not used; name it in all, any, not or within of [detector]")


def _visit(
    place: str,
    table: ConditionTable,
    conditions: Mapping[str, ConditionTable],
    above: tuple[str, ...],
    reached: set[str],
) -> None:
    """Add to `reached` every condition that a table depends on, visiting each once."""
    for member in table.members:
        name = split_member(member)[1]
        if name not in conditions:
            hint = did_you_mean(name, conditions)
            raise ValueError(f"{place}.{table.how} names '{name}', and there is no [conditions.{name}]. {hint}".strip())
        if name in above:
            raise ValueError(f"conditions.{name} refers back to itself")
        if name not in reached:
            reached.add(name)
            _visit(f"conditions.{name}", conditions[name], conditions, (*above, name), reached)
