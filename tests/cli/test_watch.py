"""``backtest watch`` as a user meets it."""

from __future__ import annotations

import re

import pytest

from backtest.cli.watch import _amount, _distance

COMBINED = """
schema = 1
title = "A streak while the market has not moved"

[detector]
all = ["streak", "not slump"]

[conditions.streak]
use = "streak"
sessions = 5

[conditions.slump]
use = "move"
series = "market_index"
sessions = 21
threshold = 0.05
direction = "down"
"""


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2024-07-15", "streak5 close 4 of 5 sessions"),
        (
            "2024-07-16",
            "streak5 in an episode since 2024-07-10, triggered 2024-07-16, 1 session so far; 1 event pending",
        ),
    ],
)
def test_watch_says_where_a_study_stands(backtest, day, said):
    done = backtest("watch", "streak5", "--on", day)
    assert done.status == 0
    assert said in " ".join(done.out.split())
    assert "SIMULATED DATA" in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 80


def test_watch_shows_conditions_distances_and_reasons(backtest, folder):
    (folder / "strategies" / "both.toml").write_text(COMBINED, encoding="utf-8")
    (folder / "strategies" / "away.toml").write_text(
        'schema = 1\ntitle = "Away"\n[detector]\nuse = "move"\nseries = "away"\n', encoding="utf-8"
    )
    done = backtest("watch", "both", "rotation", "away", "--on", "2024-07-15")
    said = " ".join(done.out.split())
    assert "both close 1 of 2 conditions: not yet streak (4 of 5 sessions)" in said
    assert "rotation quiet 1.7% of 5.0%" in said
    assert "series 'away': the dataset has no such role or series" in said
    assert said.index("both") < said.index("rotation") < said.index("away")
    assert done.status == 0


def test_watch_shows_the_nearest_pending_horizon_and_all_of_them_in_json(backtest):
    done = backtest("watch", "ratecut", "--on", "2024-07-15")
    rows = [line.split() for line in done.out.splitlines() if line.startswith("ratecut") and "of" in line]
    assert [row[1:5] for row in rows] == [["2024-02-28", "94", "of", "126"], ["2023-07-31", "240", "of", "252"]]
    found = backtest("watch", "ratecut", "--on", "2024-07-15", "--json").json
    pending = found["strategies"][0]["pending"]
    assert [(one["day0"], one["horizon"]) for one in pending] == [
        ("2024-02-28", 126), ("2024-02-28", 252), ("2023-07-31", 252),
    ]  # fmt: skip
    assert found["session"] == "2024-07-15"


def test_watch_lists_everything_known_without_a_name(backtest):
    rows = backtest("watch", "--json").json["strategies"]
    listed = backtest("list", "strategies", "--json").json["strategies"]
    assert sorted(row["strategy"] for row in rows) == sorted(row["name"] for row in listed)


def test_watch_refuses_a_day_outside_in_one_line(backtest):
    done = backtest("watch", "--on", "2044-01-01")
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith("Error: --on 2044-01-01: dataset 'sample' runs from 1987-12-31 to 2025-12-31.")


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (-0.0, "fraction", "0.0%"),
        (-0.0004, "fraction", "0.0%"),
        (-0.0006, "fraction", "−0.1%"),
        (0.1, "fraction", "10.0%"),
        (0.9, "probability", "90.0%"),
        (-0.0, "sessions", "0"),
        (-3.0, "sessions", "−3"),
        (-0.0, "points", "0"),
        (-0.25, "points", "−0.25"),
        (100.0, "points", "100"),
    ],
)
def test_zero_has_no_sign(value, unit, text):
    assert _amount(value, unit) == text


LISTED = """
schema = 1
title = "Listed"

[detector]
use = "dates"
file = "{name}.csv"
"""


def test_dates_outside_the_history_are_one_line_for_all_lists(backtest, folder):
    for name, day in (("one", "2031-01-02"), ("two", "2032-01-05"), ("three", "2033-01-03")):
        (folder / "strategies" / f"{name}.toml").write_text(LISTED.format(name=name), encoding="utf-8")
        (folder / "strategies" / f"{name}.csv").write_text(f"date\n2020-03-03\n{day}\n", encoding="utf-8")
    asked = ("watch", "one", "two", "three", "--on", "2021-03-01")
    out = " ".join(backtest(*asked).out.split())
    assert out.count("outside the history") == 1
    (names,) = re.findall(r"Note \(([^)]*)\): dates outside the history, which ends on 2021-03-01, are left out", out)
    assert set(names.split(", ")) == {"one", "two", "three"}
    texts = [note["text"] for row in backtest(*asked, "--json").json["strategies"] for note in row["notes"]]
    assert sum("2032-01-05" in text for text in texts) == 1


@pytest.mark.parametrize(
    ("value", "threshold", "side", "unit", "text"),
    [
        (4.0, 5.0, "above", "sessions", "4 of 5 sessions"),
        (0.017, 0.05, "above", "fraction", "1.7% of 5.0%"),
        (0.0, -0.5, "below", "moves of 25 bp", "0, needs −0.5 or less (moves of 25 bp)"),
        (-0.03, -0.1, "below", "fraction", "−3.0%, needs −10.0% or less"),
        (-0.03, 0.0, "above", "fraction", "−3.0%, needs 0.0% or more"),
        (-0.016, 0.05, "above", "fraction", "−1.6%, needs 5.0% or more"),
    ],
)
def test_a_distance_reads_as_one(value, threshold, side, unit, text):
    assert _distance({"value": value, "threshold": threshold, "side": side, "unit": unit}) == text
