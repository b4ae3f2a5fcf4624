"""Tables in the terminal: as narrow as 80 characters, but never through a word."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from backtest.cli import console
from backtest.cli.console import fits, print_table, print_text, wrapped

KEYS = ("episodes.cooldown", "episodes.since", "detector.use")
NAMES = ("streak5", "rotation", "ratecut", "ratehike", "surprise_cut")


@pytest.fixture
def printed(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    def run(headers, rows, left=(0,)):
        print_table(headers, rows, left)
        return capsys.readouterr().out.splitlines()

    return run


def test_no_word_is_split_even_where_the_table_gets_wider(printed):
    rows = [(key, *(["expectation_shift"] * len(NAMES))) for key in KEYS]
    lines = printed(("differs", *NAMES), rows, left=range(6))
    words = {word for line in lines for word in line.split()}
    assert words == {"differs", *NAMES, *KEYS, "expectation_shift"}
    assert not fits(("differs", *NAMES), rows)


def test_words_wrap_at_blanks_within_80_characters(printed):
    said = " ".join(["seven words of text that may wrap"] * 3)
    lines = printed(("name", "n", "said"), [("tech_underperformance", "1,234", said), ("a", "5", said)], left=(0, 2))
    assert max(map(len, lines)) <= 80
    assert len(lines) == 7  # a line of names, and twice 101 characters in columns of 50
    assert lines[1].startswith("tech_underperformance  1,234  seven")


def test_a_table_that_fits_is_as_wide_as_its_cells(printed):
    # 38 + 2 + 40 = 80 fits to the letter; one more does not
    assert fits(("a", "b"), [("x" * 38, "y" * 40)])
    assert not fits(("a", "b"), [("x" * 39, "y" * 40)])
    assert printed(("a", "b"), [("x" * 38, "y" * 40)])[1] == f"{'x' * 38}  {'y' * 40}"


def test_a_word_longer_than_most_may_be_cut(printed):
    lines = printed(("path", "n"), [("x" * 200, "1")])
    assert max(map(len, lines)) <= 80
    assert sum(line.count("x") for line in lines) == 200


@given(
    st.text("abc–,.", min_size=1, max_size=12).map(str.split).map(" ".join) | st.text("ab ", max_size=200),
    st.integers(40, 60),
)
@settings(max_examples=200)
def test_text_wraps_as_rich_wraps_it(text, width):
    text = " ".join(text.split())  # of several blanks in a row rich leaves some at the ends of lines
    buffer = io.StringIO()
    Console(file=buffer, width=width, force_terminal=False).print(Text(text))
    assert wrapped(text, width) == [line.rstrip() for line in buffer.getvalue().removesuffix("\n").split("\n")]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("one\n\ntwo", ["one", "", "two"]),
        ("exactly ten", ["exactly", "ten"]),
        ("0123456789 x", ["0123456789", "x"]),
        ("a 0123456789abc d", ["a", "0123456789", "abc d"]),
    ],
)
def test_a_word_moves_whole_unless_it_is_longer_than_a_line(text, lines):
    assert wrapped(text, 10) == lines


def test_styles_are_for_terminals_with_colours_alone(capsys, monkeypatch):
    print_text("plain", bold=True, red=True)
    assert capsys.readouterr().out == "plain\n"
    monkeypatch.setattr(console, "_colour", lambda: True)
    said: list[str] = []
    monkeypatch.setattr(console, "write", said.append)
    print_text("loud", bold=True, red=True)
    print_text("quiet")
    print_table(("head",), [("cell",)])
    assert said == ["\x1b[31m\x1b[1mloud\x1b[0m", "quiet", "\x1b[2mhead\x1b[0m\ncell"]
