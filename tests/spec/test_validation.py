"""What pydantic finds, in the words of the file."""

import datetime
from typing import Literal

import pydantic
import pytest

from backtest.spec.validation import explain, toml_value


class _Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(strict=True, extra="forbid")


class Range(_Strict):
    start: float = pydantic.Field(alias="from")


class Inner(_Strict):
    use: Literal["streak", "move"]
    sessions: int = pydantic.Field(default=5, ge=1)
    since: datetime.date | None = None
    horizons: list[int] = []


class Outer(_Strict):
    detector: Inner
    tune: dict[str, list[int | float] | Range] = {}


GOOD = {"use": "streak"}
CASES = {
    "missing": ({}, "detector: is required and missing.", ""),
    "table": ({"detector": 3}, "detector = 3: must be a table of keys and values.", ""),
    "unknown before missing": (
        {"detector": {"ues": "move"}},
        'detector.ues = "move": unknown key.',
        "Did you mean 'use'?",
    ),
    "choice": (
        {"detector": {"use": "moev"}},
        'detector.use = "moev": must be one of "streak", "move".',
        "Did you mean 'move'?",
    ),
    "bound": ({"detector": {**GOOD, "sessions": 0}}, "detector.sessions = 0: must be at least 1.", ""),
    "bool": ({"detector": {**GOOD, "sessions": True}}, "detector.sessions = true: must be a whole number.", ""),
    "date": (
        {"detector": {**GOOD, "since": "2000"}},
        'detector.since = "2000": must be a date such as 1988-01-01.',
        "",
    ),
    "item": ({"detector": {**GOOD, "horizons": [1, "x"]}}, 'detector.horizons[1] = "x": must be a whole number.', ""),
    "union": (
        {"detector": GOOD, "tune": {"a.b": 3}},
        'tune."a.b" = 3: must be a list in [ ] or a table of keys and values.',
        "",
    ),
    "inside a union": (
        {"detector": GOOD, "tune": {"a.b": {"form": 1.0}}},
        'tune."a.b".form = 1.0: unknown key.',
        "Did you mean 'from'?",
    ),
}


@pytest.mark.parametrize(("given", "message", "hint"), CASES.values(), ids=CASES)
def test_explain(given, message, hint):
    with pytest.raises(pydantic.ValidationError) as error:
        Outer.model_validate(given)
    assert explain(error.value, Outer) == (message, hint)


def test_long_values_are_cut():
    assert toml_value("x" * 100) == '"' + "x" * 58 + "…"
    assert toml_value({"a b": [1, datetime.date(2020, 1, 2)]}) == '{ "a b" = [1, 2020-01-02] }'
