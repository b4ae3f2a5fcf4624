"""``backtest fedwatch`` as a user meets it, on the sample and on a dataset without futures."""

from __future__ import annotations

import importlib

import pytest

fedwatch = importlib.import_module("backtest.cli.fedwatch")  # a test may be the first to need it
CSV = "date,scheduled,target_before,target_after,known,withdrawn\n"


def numbers(line):
    return [float(cell) for cell in line.split()[1:]]


def test_the_table_of_the_last_session(backtest):
    done = backtest("fedwatch")
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "at the close of 2025-12-31" in lines[0]
    assert "SIMULATED DATA: nobody ever expected these odds." in lines
    assert "Effective rate: 3.63% (SIM_POLICY_RATE)." in lines
    assert "Version chain_pre, the default from 2024-08-21; seen at CME since 2024-08." in done.out
    rows = [line for line in lines if line.startswith("2026-")]
    assert [row.split()[0] for row in rows] == [
        *("2026-01-28", "2026-03-18", "2026-04-29", "2026-06-17"),
        *("2026-07-29", "2026-09-16", "2026-10-28", "2026-12-09"),
    ]
    for row in rows:
        assert sum(numbers(row)) == pytest.approx(100, abs=0.5)  # each is rounded, and tiny ones are left out


def test_the_current_range_stands_under_now(backtest):
    lines = backtest("fedwatch", "--ahead", "2").out.splitlines()
    (now,) = [line for line in lines if line.strip() == "now"]
    at = lines.index(now)
    assert lines[at + 1][len(now) - 7 : len(now)].strip() == "3.50–"
    assert lines[at + 2][len(now) - 7 : len(now)].strip() == "3.75"  # the target of 10 December 2025, a public fact


def test_json_is_one_object_with_all_numbers(backtest):
    done = backtest("fedwatch", "--on", "2024-07-16", "--ahead", "3", "--json")
    assert (done.status, done.err) == (0, "")
    content = done.json
    assert content["dataset"]["synthetic"] is True
    assert content["session"] == "2024-07-16"
    assert content["target"] == {"lower": 5.25, "upper": 5.5, "source": "calendar"}
    assert [row["meeting"] for row in content["meetings"]] == ["2024-07-31", "2024-09-18", "2024-11-07"]
    for row in content["meetings"]:
        assert sum(one["probability"] for one in row["outcomes"]) == pytest.approx(1)
        below = sum(one["probability"] for one in row["outcomes"] if one["moves"] < 0)
        assert row["cut"] == pytest.approx(below)
    cuts = content["cuts_priced"]
    assert (cuts["months"], cuts["series"]) == (12, "SIM_POLICY_RATE")
    assert content["version"] == {
        "name": "chain_post",
        "asked": False,
        "default_from": "2018-01-01",
        "default_until": "2024-08-20",
        "seen": "seen at CME from 2022-09 to 2024-03",
    }


def test_a_version_that_is_asked_for(backtest):
    default = backtest("fedwatch", "--on", "2024-07-16", "--json").json
    typed = backtest("fedwatch", "--on", "2024-07-16", "--version", "typed_2015", "--json").json
    assert (typed["version"]["name"], typed["version"]["asked"]) == ("typed_2015", True)
    assert typed["meetings"] != default["meetings"]
    assert "typed_2015, as requested;" in backtest("fedwatch", "--version", "typed_2015").out


def test_an_unsolved_meeting_is_a_row_with_its_reason(backtest):
    lines = backtest("fedwatch", "--on", "2020-03-05", "--ahead", "2").out.splitlines()
    assert "2020-03-18  – two changes in one month cannot be separated" in lines
    assert "2020-04-29  – an earlier meeting is unsolved" in lines


def test_where_the_target_is_not_known_only_moves_are_shown(backtest, folder):
    (folder / "more.csv").write_text(CSV + "2025-12-10,yes,4.00,,2024-08-09,\n", encoding="utf-8")
    done = backtest("fedwatch", "--meetings", "more.csv")
    head = next(line for line in done.out.splitlines() if line.startswith("meeting"))
    assert head.split()[-2:] == ["−1", "0"]
    assert "Note (target): Not known" in done.out
    content = backtest("fedwatch", "--meetings", "more.csv", "--json").json
    assert content["target"] == {"lower": None, "upper": None, "source": None}
    assert content["meetings"][0]["outcomes"][0]["upper"] is None


def test_a_sunday_takes_the_session_before_it_and_says_so(backtest):
    friday = backtest("fedwatch", "--on", "2024-07-12", "--json").json
    sunday = backtest("fedwatch", "--on", "2024-07-14", "--json").json
    assert (sunday["session"], sunday["meetings"]) == ("2024-07-12", friday["meetings"])
    (note,) = [note for note in sunday["notes"] if note not in friday["notes"]]
    assert (note["code"], note["about"]) == ("no_session", "session")
    assert "2024-07-14 is not a session of 'sample': the session before it, 2024-07-12, is shown" in note["text"]
    shown = " ".join(backtest("fedwatch", "--on", "2024-07-14").out.split())
    assert f"Note (session): {note['text']}" in shown


def test_last_is_the_last_session_with_quotes(backtest):
    assert backtest("fedwatch", "--on", "last").out == backtest("fedwatch").out
    refused = backtest("fedwatch", "--on", "first")
    assert refused.status == 2


def test_a_meeting_of_the_users_own_replaces_one(backtest, folder):
    (folder / "more.csv").write_text(CSV + "2026-01-28,yes,,,2024-08-09,2025-12-01\n", encoding="utf-8")
    rows = backtest("fedwatch", "--meetings", "more.csv", "--json").json["meetings"]
    assert rows[0]["meeting"] == "2026-03-18"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--on", "1990-01-03"), "Error: --on 1990-01-03: outside the quotes of SIM_FED_FUNDS_FUTURES in 'sample', f"),
        (("--on", "2030-01-03"), "Error: --on 2030-01-03: outside the quotes of SIM_FED_FUNDS_FUTURES in 'sample', f"),
        (("--version", "chain"), "Error: version = 'chain': no such version of FedWatch. Did you mean"),
        (("--meetings", "none.csv"), "Error: none.csv: does not exist."),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(backtest, arguments, message):
    done = backtest("fedwatch", *arguments)
    assert (done.status, done.out) == (1, "")
    assert done.err.startswith(message)
    assert done.err.count("\n") == 1


RATES = """
schema = 1
name = "{name}"
title = "Rates alone"
licence = "mine"
redistributable = false

[calendar]
exchange = "XNYS"
series = ["A"]

[roles]
policy_rate = "R"

[series.A]
title = "A level"
kind = "total_return_index"
unit = "points"
file = "a.csv"
columns = {{ close = "a" }}

[series.R]
title = "A rate"
kind = "rate"
unit = "percent"
file = "a.csv"
columns = {{ close = "r" }}
"""

PROXY = """
[series.cheap]
title = "Cuts, proxy"
kind = "expectation"
unit = "moves"
expects = { of = "cuts_priced_proxy", policy = "R", treasury = "R" }
"""


@pytest.mark.parametrize(
    ("more", "hint"), [("", 'expects = { of = "cuts_priced_proxy"'), (PROXY, "--set detector.series=cheap")]
)
def test_without_futures_the_proxy_is_named(backtest, folder, more, hint):
    place = folder / "datasets" / "rates"
    place.mkdir(parents=True)
    (place / "manifest.toml").write_text(RATES.format(name="rates") + more, encoding="utf-8")
    days = ["2024-07-01", "2024-07-02", "2024-07-03", "2024-07-05", "2024-07-08"]
    rows = "".join(f"{day},{100 + n},5.{n}\n" for n, day in enumerate(days))
    (folder / "in").mkdir()
    (folder / "in" / "a.csv").write_text("date,a,r\n" + rows, encoding="utf-8")
    assert backtest("data", "import", "rates", "--from", "in").status == 0
    for command in (("fedwatch",), ("run", "ratecut", "--set", "measure.asset=A", "--set", "measure.benchmark=A")):
        done = backtest(*command, "--dataset", "rates")
        assert done.status == 1, command
        assert hint in done.err
        assert done.err.count("\n") == 1


def test_what_rounds_to_nothing_is_blank():
    odds = fedwatch._odds
    assert [odds(value) for value in (None, 0.0004, 0.0012, 0.716, 1.0)] == ["", "", "0.1", "71.6", "100.0"]


def row(day, odds):
    outcomes = [{"moves": moves, "lower": None, "upper": None, "probability": p} for moves, p in odds.items()]
    return {"meeting": day, "reason": None, "outcomes": outcomes}


def shown(content, capsys):
    rest = {
        "dataset": {"name": "a", "title": "A", "synthetic": False},
        "session": "2024-01-02",
        "futures": {"title": "F"},
        "cuts_priced": {"moves": None, "effective": None},
        "version": {"name": "V", "asked": True, "seen": "seen"},
        "notes": [],
    }
    fedwatch._print(rest | content)
    return capsys.readouterr().out.splitlines()


def test_the_headings_have_no_hole(capsys):
    # -3 and -1 are likely, -2 has no odds: its column stands, blank. -4 lies beyond the likely ones: left out.
    target = {"lower": 5.25, "upper": 5.5}
    odds = {-4: 0.0004, -3: 0.2, -1: 0.7996}
    lines = shown({"target": target, "meetings": [row("2024-03-20", odds)]}, capsys)
    head = next(line for line in lines if line.startswith("meeting"))
    assert head.split()[1:] == ["4.75", "5.00", "5.25", "5.50"]
    (line,) = [line for line in lines if line.startswith("2024-03-20")]
    assert line.split()[1:] == ["20.0", "80.0"]
    assert line.index("80.0") == head.index("5.25")
    assert "Left out: 1 outcome to which no meeting gives 0.1%." in lines


def test_a_block_without_a_figure_is_not_shown(capsys):
    # 3.00 down to 0.00 is 13 columns, ten to a block: now stands alone in the second with two blanks
    lines = shown(
        {"target": {"lower": 3.0, "upper": 3.0}, "meetings": [row("2001-10-02", {-12: 0.6, -11: 0.4})]}, capsys
    )
    assert sum(line.startswith("meeting") for line in lines) == 1
    assert "The target now: 3.00%." in lines
    # and on the other side, where the block of now is the first
    unsolved = row("2001-11-06", {}) | {"reason": "why"}
    rows = [row("2001-10-02", {11: 0.6, 12: 0.4}), unsolved]
    lines = shown({"target": {"lower": 2.75, "upper": 3.0}, "meetings": rows}, capsys)
    assert sum(line.startswith("meeting") for line in lines) == 1
    assert "2001-11-06  – why" in lines
    assert "The target now: 2.75–3.00%." in lines
    every = shown({"target": {"lower": 3.0, "upper": 3.0}, "meetings": [unsolved]}, capsys)
    assert any(line.strip() == "now" for line in every)


def test_without_a_meeting_ahead_there_is_no_table(capsys):
    lines = shown({"target": {"lower": 9.0625, "upper": 9.0625}, "meetings": []}, capsys)
    assert not any(line.startswith("meeting") for line in lines)


def test_many_ranges_are_wrapped(backtest, monkeypatch):
    monkeypatch.setattr(fedwatch, "WIDTH", fedwatch.FIRST + 3 * fedwatch.CELL)
    lines = backtest("fedwatch").out.splitlines()
    assert sum(line.startswith("meeting") for line in lines) == 2
    assert sum(line.startswith("2026-12-09") for line in lines) == 2


def test_another_detector_begins_anew(backtest):
    done = backtest("events", "ratecut", "--set", "detector.use=meeting", "--json")
    assert done.status == 0, done.err
    given = {key: value for key, value in done.json["parameters"].items() if key.startswith("detector.")}
    assert given == {
        "detector.use": "meeting",
        "detector.called": "scheduled",
        "detector.offset": 0,
        "detector.meetings": None,
    }
    same = backtest("events", "ratehike", "--set", "detector.use=expectation_shift", "--json").json
    assert same["parameters"]["detector.direction"] == "hikes"  # the file's own; the default is cuts
