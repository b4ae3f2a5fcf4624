from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest import errors
from backtest.errors import BacktestError, did_you_mean, one_line


@given(st.text(max_size=40), st.text(max_size=40))
def test_an_error_is_one_printable_line_whatever_is_in_it(message, hint):
    text = str(BacktestError(message, hint))
    assert "\n" not in text
    assert text.isprintable()
    assert text == text.strip()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("two\nlines", "two lines"),
        ("a\r\n\tb   c", "a b c"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\x00b", "a\\x00b"),
        ("\u202eleft", "\\u202eleft"),  # turns the direction of writing around
        ("Größe: 5 %", "Größe: 5 %"),
        ("", ""),
    ],
)
def test_control_characters_are_written_as_escapes(text, line):
    assert one_line(text) == line


def test_the_hint_follows_the_message():
    error = BacktestError("series 'x': unknown.", "Did you mean 'y'?")
    assert (error.message, error.hint) == ("series 'x': unknown.", "Did you mean 'y'?")
    assert str(error) == "series 'x': unknown. Did you mean 'y'?"
    assert str(BacktestError("alone.")) == "alone."


@pytest.mark.parametrize(
    ("name", "known", "hint"),
    [
        ("steak5", ["streak5", "ratecut"], "Did you mean 'streak5'?"),
        ("zzz", ["b", "a"], "Known: a, b."),
        ("zzz", [], ""),
        ("", ["b", "a"], "Known: a, b."),
    ],
)
def test_the_nearest_name_or_all_names(name, known, hint):
    assert did_you_mean(name, known) == hint


def test_every_refusal_is_of_one_family_and_in_its_list():
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Exception)]
    assert len(kinds) > 5
    for kind in kinds:
        assert issubclass(kind, BacktestError)
        assert kind.__name__ in errors.__doc__
