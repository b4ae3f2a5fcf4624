"""What a detector says of itself, read from its source: against tables by hand, and against pydantic's own schema."""

from __future__ import annotations

import tomllib

import pytest

from backtest.detect.docs.annotations import UNSET
from backtest.detect.docs.describe import Argument, builtin_files, describe
from backtest.detect.docs.markup import Block, blocks, entries, spans, unmarked
from backtest.detect.registry import builtin_names, find_detector
from backtest.errors import DetectorFailed
from backtest.spec.overrides import parse_value

SOURCE = '''
from __future__ import annotations
raise SystemExit("it was run")
import datetime as dt
from typing import Annotated, Literal, Optional
from pydantic import Field
from backtest.rates.outcomes import nothing_of_the_kind

Side = Literal["up", "down"]
DEEP = 0.25
PATTERN = "sessions"

def detect(
    prices, series: str = "A", *, sessions: Annotated[int, Field(ge=1, le=9)] = 5, deep: float = DEEP,
    side: Side = "up", share: Annotated[float, Field(gt=0, lt=1)] | None = None, days: list[dt.date] = (),
    odd: "int | str" = 1, flag: Optional[bool] = None, free, other: frozenset[int] = frozenset({1}),
    many: list[Side] | None = None,
):
    """Flag a session that `series` says
    to flag.

    A paragraph over
    two lines, with ``code`` and *stress*::

        one

        two

    - an item
    - another

    Parameters
    ----------
    prices : Prices
        The history.
    series, side : str
        Said of both.
    sessions : int
        How long,
        in sessions.

    Returns
    -------
    ndarray
        Flags.

    References
    ----------
    .. [1] First, A. (1999). *Title*.
       Journal.
    .. [2] Second, B. (2000).
    """
'''


@pytest.fixture
def mine(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(SOURCE, encoding="utf-8")
    return describe("mine.py", path)


def test_prose_is_read_without_running_anything(mine):
    assert mine.summary == "Flag a session that `series` says to flag."
    assert mine.description == (
        Block("text", "A paragraph over two lines, with ``code`` and *stress*:"),
        Block("literal", "one\n\ntwo"),
        Block("item", "an item"),
        Block("item", "another"),
    )
    assert mine.returns == (Block("text", "Flags."),)
    assert mine.references == ("First, A. (1999). *Title*. Journal.", "Second, B. (2000).")


def test_parameters_are_said_in_words(mine):
    assert mine.arguments == (
        Argument("series", "text", "", False, '"A"', "Said of both."),
        Argument("sessions", "whole number", "1 to 9", False, "5", "How long, in sessions."),
        Argument("deep", "number", "", False, "0.25", ""),
        Argument("side", "text", '"up" or "down"', False, '"up"', "Said of both."),
        Argument("share", "number", "above 0, below 1", False, UNSET, ""),
        Argument("days", "list of dates", "", False, "[]", ""),
        Argument("odd", "whole number or text", "", False, "1", ""),
        Argument("flag", "true or false", "", False, UNSET, ""),
        Argument("free", "any value", "", True, "", ""),
        Argument("other", "frozenset[int]", "", False, "frozenset({1})", ""),
        Argument("many", "list of texts", '"up" or "down"', False, UNSET, ""),
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def detect(:", "is not valid Python"),
        ("def other(prices): ...", "has no function 'detect'"),
        ("\x00", "is not valid Python"),
        (None, "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path, source, said):
    path = tmp_path / "mine.py"
    if source is not None:
        path.write_text(source, encoding="utf-8")
    with pytest.raises(DetectorFailed, match=said):
        describe("mine.py", path)


def test_a_detector_without_a_docstring_has_none(tmp_path):
    (tmp_path / "mine.py").write_text("def detect(prices): return prices", encoding="utf-8")
    found = describe("mine.py", tmp_path / "mine.py")
    assert (found.summary, found.description, found.arguments, found.examples) == ("", (), (), ())


@pytest.mark.parametrize("name", builtin_names())
def test_what_is_read_is_what_is_checked(name, tmp_path):
    """The annotations as words, against the schema that pydantic makes of the function when it is imported."""
    found = {one.name: one for one in describe(name, builtin_files()[name]).arguments}
    model = find_detector(name, tmp_path).parameters
    schema = model.model_json_schema()["properties"]
    assert list(found) == list(model.model_fields)
    for key, one in found.items():
        default = model.model_fields[key].get_default()
        assert one.required == model.model_fields[key].is_required()
        if not one.required:
            assert one.default == UNSET if default is None else parse_value(one.default) == default
        options = schema[key].get("anyOf", [schema[key]])
        for option in options:
            allowed = [f'"{value}"' for value in option.get("enum", [])]
            limits = [
                option[word]
                for word in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
                if word in option
            ]
            assert all(word in one.allowed for word in allowed)
            assert all(f"{limit:g}" in one.allowed for limit in limits), (key, one.allowed)


@pytest.mark.parametrize("name", builtin_names())
def test_a_built_in_is_documented_and_its_example_is_accepted(name, tmp_path):
    found = describe(name, builtin_files()[name])
    assert found.summary.endswith(".")
    assert [one.name for one in found.arguments if not one.text] == []
    detector = find_detector(name, tmp_path)
    for block in found.examples:
        if block.kind == "literal" and block.text.startswith("["):
            table = tomllib.loads(block.text)["detector"]
            assert table.pop("use") == name
            detector.check(table, "example")


def test_marks_are_split_and_names_keep_theirs_in_a_terminal():
    text = 'With `sessions` or ``"up"``, a * b and *Title* (``x >= 1``).'
    assert spans(text) == [
        ("plain", "With "), ("code", "sessions"), ("plain", " or "), ("code", '"up"'), ("plain", ", a * b and "),
        ("italic", "Title"), ("plain", " ("), ("code", "x >= 1"), ("plain", ")."),
    ]  # fmt: skip
    assert unmarked(text) == 'With `sessions` or "up", a * b and Title (x >= 1).'
    assert spans("") == []


def test_references_are_parted_by_numbers_or_by_empty_lines():
    assert entries("A. First\nline.\n\nB. Second.") == ("A. First line.", "B. Second.")
    assert entries(".. [a] First\n.. [b] Second") == ("First", "Second")
    assert entries("") == ()
    assert blocks("::\n\n    x = 1") == (Block("literal", "x = 1"),)
    assert blocks(">>> 1 + 1\n2") == (Block("literal", ">>> 1 + 1\n2"),)
