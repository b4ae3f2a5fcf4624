"""Horizons by the calendar as a user meets them on the command line."""

from __future__ import annotations

import html
import json
import shlex

import pytest

from backtest.model.horizon import horizons_of

ASKED = ("--set", "horizons=5,21,1m,1y", "--no-trade")
LABELS = [5, 21, "1m", "1y"]


def test_run_shows_both_kinds_and_its_command_repeats_it(backtest, folder):
    done = backtest("run", "streak5", *ASKED, "--json")
    assert [row["horizon"] for row in done.json["horizons"]] == LABELS
    shown = backtest("run", "streak5", *ASKED)
    rows = [line.split() for line in shown.out.splitlines()]
    assert [row[0] for row in rows if len(row) > 9 and row[0] in ("5", "21", "1m", "1y")] == ["5", "21", "1m", "1y"]
    assert ["horizon", "n", "asset"] in [row[:3] for row in rows]
    assert "Horizons: 1m to the same calendar day; a number without a unit counts sessions." in shown.out
    page = next((folder / "reports" / "streak5").glob("*/report.html")).read_text(encoding="utf-8")
    command = next(text for text in page.split("<") if "backtest run streak5" in text).partition(">")[2]
    words = shlex.split(html.unescape(command))
    assert 'measure.horizons=[5, 21, "1m", "1y"]' in words
    again = backtest(*words[1:], "--json")
    assert again.json["horizons"] == done.json["horizons"]


def test_a_run_by_the_calendar_is_listed_and_stands_on_the_home_page(backtest, folder):
    assert backtest("run", "streak5", "--set", "horizons=1m,1y", "--no-trade").status == 0
    (listed,) = backtest("list", "runs", "--json").json["runs"]
    assert (listed["refused"], listed["look"]["horizon"] in ("1m", "1y")) == (None, True)
    page = (folder / "reports" / "index.html").read_text(encoding="utf-8")
    assert "Cannot be read" not in page
    assert "over 1 month, " in page


def test_sessions_alone_are_shown_as_before(backtest):
    done = backtest("run", "streak5", "--set", "horizons=5,21", "--no-trade")
    assert "sessions" in done.out
    assert "Horizons:" not in done.out


@pytest.mark.parametrize(
    ("horizons", "rule"),
    [
        ("5,1x", 'measure.horizons[1] = "1x": must be a number of sessions, or in quotes a count of weeks'),
        ("0m", 'measure.horizons[0] = "0m": must be a number of sessions'),
        ("5d", 'measure.horizons[0] = "5d": must be a number of sessions'),
        ("1m,1m", 'measure.horizons = ["1m", "1m"]: horizons must ascend, without repeats; "1m" and "1m" are the same'),
    ],
)
def test_a_horizon_that_is_none_is_refused_in_one_line(backtest, horizons, rule):
    done = backtest("run", "streak5", "--set", f"horizons={horizons}")
    assert (done.status, done.out) == (1, "")
    assert rule in done.err
    assert "streak5.toml as overridden" in done.err


def test_tune_takes_one_for_its_objective(backtest):
    done = backtest("tune", "streak5", *ASKED[:2], "--grid", "detector.sessions=3,4", "--horizon", "1m", "--json")
    assert done.json["horizon"] == "1m"
    assert [row["horizon"] for row in done.json["sets"][0]["horizons"]] == LABELS
    assert "over 1 month" in backtest("tune", "streak5", *ASKED[:2], "--horizon", "1m").out.replace("\n", " ")
    for given, words in {
        "1y": "",
        "3m": "3m is not one of the study's horizons: 5, 21, 1m, 1y.",
        "1x": "1x must be",
    }.items():
        refused = backtest("tune", "streak5", *ASKED[:2], "--horizon", given, "--grid", "detector.sessions=3,4")
        assert refused.status == (2 if words else 0)
        assert words in " ".join(refused.err.split())


def test_compare_has_a_row_for_each(backtest, folder):
    for name, horizons in {"a": "[21, 252]", "b": '["1m", "1y"]'}.items():
        text = (
            'schema = 1\ntitle = "T"\n[detector]\nuse = "streak"\nsessions = 4\nseries = "small_index"\n'
            f"[measure]\nhorizons = {horizons}\n"
        )
        (folder / "strategies" / f"{name}.toml").write_text(text, encoding="utf-8")
    content = backtest("compare", "a", "b", "--json").json
    assert content["horizons"] == [21, "1m", 252, "1y"]
    shown = backtest("compare", "a", "b").out
    rows = [line.split() for line in shown.splitlines()]
    at = rows.index(["study", "21", "1m", "252", "1y"])
    assert [(row[0], len(row)) for row in rows[at + 1 : at + 3]] == [("a", 3), ("b", 3)]  # two of the four each
    assert "not both studies have this horizon" in " ".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 80
    marks = [line for line in shown.splitlines() if "·" in line]
    assert [line.split()[0] for line in marks] == ["a", "b"]  # a timeline stays on one line
    page = next((folder / "reports" / "compare").glob("*.html")).read_text(encoding="utf-8")
    assert "1 month" in page


def test_watch_counts_the_sessions_of_one_that_is_not_over(backtest, folder):
    text = (
        'schema = 1\ntitle = "T"\n[detector]\nuse = "streak"\nsessions = 2\nseries = "small_index"\nthreshold = 0.0\n'
        '[measure]\nhorizons = ["1w", "1y"]\n'
    )
    (folder / "strategies" / "up.toml").write_text(text, encoding="utf-8")
    (row,) = backtest("watch", "up", "--json").json["strategies"]
    assert {one["horizon"] for one in row["pending"]} >= {"1y"}
    assert " of 1y" in backtest("watch", "up").out or " of 1w" in backtest("watch", "up").out


def test_calibrate_takes_them_for_worlds_and_strategies(backtest, folder):
    small = ("--world", "short", "--signal", "random", "-n", "13", "--histories", "2", "--jobs", "1", "--json")
    (world,) = backtest("calibrate", *small, "--horizon", "1m", "--horizon", "21").json["calibrations"]
    assert world["horizons"] == [21, "1m"]
    assert world["rows"][0]["figures"]["power"]["1m"]["tried"] == 2
    refused = backtest("calibrate", *small, "--horizon", "0m")
    assert (refused.status, "0m must be a number of sessions" in refused.err) == (2, True)
    strategy = backtest("calibrate", "streak5", *ASKED[:2], "--histories", "2", "--jobs", "1", "--json").json
    assert strategy["calibrations"][0]["horizons"] == LABELS
    (kept,) = (folder / "reports" / ".calibration").glob("*/result.json")
    by_horizon = json.loads(kept.read_text(encoding="utf-8"))["by_horizon"]
    assert [one.label for one in horizons_of(int(key) if key.isdigit() else key for key in by_horizon)] == LABELS
    quoted = backtest("run", "streak5", *ASKED, "--json").json["calibration"]
    assert quoted == strategy["sentence"]
