from __future__ import annotations

import re
from datetime import date

import pandas as pd
import pytest

from backtest import format as words
from backtest.cli.console import print_table
from backtest.study.export.notebook import frame_html


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0321, "+3.21%"), (-0.0456, "−4.56%"), (0.0, "0.00%"), (-0.000004, "0.00%"), (12.5, "+1,250.00%"), (None, "–")],
)
def test_percent(value, text):
    assert words.percent(value) == text


def test_points_are_named():
    assert words.points(-0.0123) == "−1.23 pp"
    assert words.points(None) == "–"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "<0.001"), (0.00099, "<0.001"), (0.001, "0.001"), (0.0113, "0.011"), (0.0996, "0.100"), (0.374, "0.374")],
)
def test_probability_is_never_zero(value, text):
    assert words.probability(value) == text


@pytest.mark.parametrize("write", [words.percent, words.points, words.share, words.probability, words.number])
def test_what_is_missing_is_a_dash(write):
    assert [write(None), write(float("nan"))] == ["–", "–"]


def test_a_share_has_no_sign_but_where_it_is_below_zero():
    assert [words.share(value, 1) for value in (0.6, -0.0001, -0.012)] == ["60.0%", "0.0%", "−1.2%"]


def test_a_share_that_is_not_zero_is_not_written_as_zero():
    # 16 of 4,227 are 0.38%
    assert [words.share(value) for value in (0.0, 16 / 4227, 0.00499, 0.0051)] == ["0%", "<1%", "<1%", "1%"]


@pytest.mark.parametrize(
    ("sessions", "text"),
    [
        (1, "the next session"),
        (4, "4 sessions"),
        (5, "about a week"),
        (21, "about a month"),
        (30, "about 6 weeks"),
        (100, "about 5 months"),
        (252, "about a year"),
        (400, "about 1.5 years"),
        (2520, "about 10 years"),
        ("2w", "2w, by the calendar"),
        ("18m", "18m, by the calendar"),
    ],
)
def test_length_in_words(sessions, text):
    assert words.length(sessions) == text


def test_horizons_in_a_sentence():
    assert [words.period(one) for one in (1, 21, 1260, "1w", "2w", "1m", "18m", "1y", "10y")] == [
        *(
            "1 session",
            "21 sessions",
            "1,260 sessions",
            "1 week",
            "2 weeks",
            "1 month",
            "18 months",
            "1 year",
            "10 years",
        )
    ]
    assert words.periods([1]) == "1 session"
    assert words.periods([5, 21, 1260]) == "5, 21 and 1,260 sessions"
    assert words.periods([5, "1w", 21, "3m"]) == "5, 1 week, 21 sessions and 3 months"
    assert words.periods(["3m", "1y"]) == "3 months and 1 year"
    assert [words.count(one) for one in (1260, "1y")] == ["1,260", "1y"]


def test_dates():
    assert words.long_day("2024-07-16") == "16 July 2024"
    assert words.long_day(date(1998, 10, 20)) == "20 October 1998"
    assert words.moment("2026-09-01T12:30:00Z") == "1 September 2026, 12:30 UTC"
    assert words.long_day("no date") == "no date"


def test_parameters_read_as_in_their_file():
    assert words.parameter([1, 5]) == "1, 5"
    assert words.parameter(0.00995) == "0.00995"
    assert words.parameter(True) == "true"
    assert words.parameter(None) == "–"


def test_plain_numbers_have_the_same_minus_and_zero_has_none():
    assert words.number(-0.456) == "\u22120.46"
    assert words.number(-0.456)[0] == words.percent(-0.456)[0]
    assert words.number(-0.001) == "0.00"
    assert words.number(1234.5) == "1,234.50"


def test_text_stays_on_its_line_and_turns_nothing():
    assert words.plain("a\r\n\tb\u2029c") == "a b c"
    assert words.plain("a\u202eb\u2066\x1b") == "a\\u202eb\\u2066\\u001b"
    assert words.plain("café – שלום 👩‍👧") == "café – שלום 👩‍👧"


def test_a_notebook_prints_what_the_page_prints():
    frame = pd.DataFrame({"spread_mean": [0.0367, float("nan")], "hit_rate": [0.6, 1.0], "p_adjusted": [0.374, 0.0001]})
    cells = re.findall(r"<td>(.*?)</td>", frame_html(frame))
    assert cells == ["+3.67 pp", "60%", "0.374", "–", "100%", "&lt;0.001"]


def test_a_table_too_wide_for_the_terminal_keeps_its_numbers_whole(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    print_table(("study", *"abcdefgh"), [("a name of several words", *(["+1,234.56 pp"] * 8))])
    assert capsys.readouterr().out.count("+1,234.56 pp") == 8


@pytest.mark.parametrize(
    ("n_bytes", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (1_234_567_890, "1,234.6 MB"),
    ],
)
def test_sizes_of_files(n_bytes, text):
    assert words.file_size(n_bytes) == text
