"""Looks are counted wherever returns are looked at, and said where the verdict stands."""

from __future__ import annotations

import json
import shlex
import shutil
from pathlib import Path

import pytest

from backtest.ledger.book import FILE

ONE = ("--set", "measure.horizons=5,21")


def entries(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / FILE).read_text().splitlines()]


def run_of(done) -> dict:
    assert done.status in (0, 1), done.err
    return done.json


def test_a_search_and_a_run_of_one_of_its_sets_are_the_same_look(backtest, folder):
    tuned = backtest(
        "tune", "streak5", "--grid", "sessions=4,5", "--grid", "threshold=0.01,0.0075", *ONE, "--json"
    ).json
    assert tuned["ledger"]["looks"] == tuned["looks"] == 8
    assert tuned["ledger"]["p_value"] == min(
        row["p_adjusted"] for one in tuned["sets"] for row in one["horizons"] if row["p_adjusted"] is not None
    )
    run = backtest("run", "streak5", "--set", "sessions=4", *ONE, "--no-trade", "--json").json
    assert (run["ledger"]["looks"], run["ledger"]["own"]) == (8, 2)
    best = min(run["horizons"], key=lambda row: (row["p_adjusted"], row["p_value"]))
    assert run["ledger"]["p_value"] == pytest.approx(min(1.0, best["p_adjusted"] + 6 * best["p_value"]), rel=1e-12)
    other = backtest("run", "streak5", "--set", "sessions=3", *ONE, "--no-trade", "--json").json
    assert other["ledger"]["looks"] == 10
    # a copy under another name is no new question
    copy = (Path(__file__).parents[2] / "strategies" / "streak5.toml").read_text()
    (folder / "strategies" / "mine.toml").write_text(copy)
    mine = backtest("run", "mine", "--set", "sessions=4", *ONE, "--no-trade", "--json").json
    assert mine["ledger"]["question"] == {"strategy": "streak5", "dataset": "sample"}
    assert mine["ledger"]["looks"] == 10


def test_a_run_says_which_look_it_is_and_a_repeated_one_says_the_same(backtest, folder):
    first = backtest("run", "streak5", *ONE, "--no-trade")
    assert "First look at this question (streak5 on sample): nothing else has been" in first.out
    again = backtest("run", "streak5", *ONE, "--no-trade")
    assert "First look at this question" in again.out
    assert len(entries(folder)) == 1
    page = next((folder / "reports" / "streak5").glob("*/report.html")).read_text()
    assert "First look at this question (streak5 on sample): nothing else has been tried." in page
    assert backtest("verify", "streak5").status == 0  # though the count may be another when it is computed again
    assert "streak5" in backtest("ledger").out
    assert backtest("ledger", "verify").out.splitlines() == ["Ledger: ledger.jsonl", "Intact: 1 line."]


def test_the_look_is_entered_before_the_result_is_printed(backtest, folder, monkeypatch):
    def stopped(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr("backtest.cli.study_view.print_study", stopped)
    assert backtest("run", "streak5", *ONE, "--no-trade").status == 130
    assert len(entries(folder)) == 1
    assert not list((folder / "reports").glob("streak5/*"))


def test_strict_refuses_an_incomplete_count_and_records_the_run(backtest, folder):
    assert backtest("run", "streak5", *ONE, "--no-trade", "--strict").status == 0
    for name in (FILE, ".ledger.lock"):
        (folder / name).unlink()
    arguments = ("run", "streak5", "--set", "sessions=4", *ONE, "--no-trade")
    done = backtest(*arguments, "--strict")
    assert done.status == 1
    assert "INCOMPLETE: 1 record in reports/ not in the ledger" in " ".join(done.out.split())
    assert done.err.splitlines()[-1].startswith(
        "Error: the count of looks at streak5 on sample is INCOMPLETE: 1 record"
    )
    assert len(list((folder / "reports" / "streak5").glob("*/run.json"))) == 2
    assert backtest(*arguments).status == 0
    several = backtest("run", "streak5", "rotation", "--set", "episodes.cooldown=9", *ONE, "--no-trade", "--strict")
    assert several.status == 1
    assert "INCOMPLETE" in several.out


def test_a_look_that_cannot_be_counted_is_recorded_all_the_same(backtest, folder):
    (folder / FILE).mkdir()
    done = backtest("run", "streak5", *ONE, "--no-trade", "--json")
    assert done.status == 0
    assert not done.json["ledger"]["complete"]
    assert done.json["ledger"]["reasons"] == ["this look could not be entered (Is a directory)"]
    refused = backtest("ledger")
    assert (refused.status, "cannot be read" in refused.err) == (1, True)


def test_a_question_fixed_before_a_look(backtest, folder):
    arguments = ("streak5", *ONE, "--set", "sessions=4")
    fixed = backtest("freeze", *arguments, "--horizon", "21", "--expect", "negative")
    assert "Nobody had looked at this question before." in fixed.out
    assert not (folder / "reports").exists()
    assert "Fixed already" in backtest("freeze", *arguments, "--horizon", "21", "--expect", "negative").out
    other = backtest("freeze", *arguments, "--horizon", "21", "--expect", "positive")
    assert "What is fixed cannot be changed." in other.err
    run = backtest("run", *arguments, "--no-trade", "--json").json
    (said,) = run["ledger"]["frozen"]
    row = next(row for row in run["horizons"] if row["horizon"] == 21)
    assert (said["p_value"], said["seen_before"], said["differs"]) == (row["p_value"], False, [])
    assert said["answer"] is (row["excess"] < 0 and row["p_value"] <= 0.05)
    (another,) = backtest("run", "streak5", *ONE, "--no-trade", "--json").json["ledger"]["frozen"]
    assert another["differs"] == ["detector.sessions was 4, not 5"]
    two = backtest("freeze", "streak5", "--set", "measure.asset=small,market")
    assert "a question is about one asset" in two.err


def test_a_search_does_not_see_the_holdout(backtest, folder):
    grid = ("--grid", "sessions=3,4", *ONE, "--json")
    whole = backtest("tune", "streak5", *grid, "--until", "2009-12-31").json
    tuned = backtest("tune", "streak5", *grid, "--holdout", "2010").json
    assert tuned["holdout"]["from"] == "2010-01-01"
    assert tuned["holdout"]["last"] == "2009-12-31"
    # windows that would end in it are pending, and until alone does not see to that
    assert [row["n"] for row in tuned["sets"][0]["horizons"]] <= [row["n"] for row in whole["sets"][0]["horizons"]]
    assert entries(folder)[-1]["last"] == "2009-12-31" < entries(folder)[0]["last"]
    assert tuned["ledger"]["holdouts"][0]["opened"] is None
    opened = backtest("run", "streak5", "--set", "sessions=3", *ONE, "--holdout", "2010", "--no-trade", "--json").json
    assert opened["sample"]["first"] == "2010-01-04"
    assert opened["ledger"]["holdouts"][0]["opened_by_this"]
    seen = backtest("run", "streak5", "--set", "sessions=4", *ONE, "--holdout", "2010", "--no-trade")
    assert "it is no longer unseen" in " ".join(seen.out.split())


def test_the_command_of_a_search_with_a_holdout_opens_it_and_so_does_the_strategy_it_wrote(backtest):
    grid = ("--grid", "sessions=3,4", *ONE)
    tuned = backtest("tune", "streak5", *grid, "--holdout", "2010", "--since", "1990", "--apply", "mine", "--json").json
    words = shlex.split(tuned["recommended"]["command"])
    assert words[-2:] == ["--holdout", "2010-01-01"]
    assert "backtest run streak5 --dataset sample --set … --holdout 2010-01-01" in tuned["holdout"]["text"]
    opened = backtest("run", "mine", "--holdout", "2010", "--no-trade", "--json").json
    assert opened["ledger"]["holdouts"][0]["opened_by_this"]
    assert opened["ledger"]["looks"] > tuned["ledger"]["looks"]
    (told,) = (note["text"] for note in opened["notes"] if note["code"] == "origin")
    assert told.endswith("The search saw nothing from 2010-01-01 on, where this run's events lie.")
    whole = backtest("run", "mine", "--no-trade", "--json").json
    (told,) = (note["text"] for note in whole["notes"] if note["code"] == "origin")
    assert told.endswith("the same data chose it and judge it.")
    again = backtest(*words[1:], "--no-trade", "--json").json
    assert again["sample"]["first"] == "2010-01-04"
    assert not again["ledger"]["holdouts"][0]["opened_by_this"]


def test_a_holdout_must_have_been_set_aside(backtest):
    done = backtest("run", "streak5", "--holdout", "2010")
    assert done.status == 1
    assert "these sessions are not withheld from streak5 on sample; nothing is." in done.err
    assert backtest("tune", "streak5", "--holdout", "1900").status == 1
    assert backtest("run", "streak5", "--holdout", "2010", "--since", "2011").status == 2


def test_variants_that_are_compared_are_looks(backtest, folder):
    done = backtest("compare", "streak5", "rotation", "--vary", "episodes.cooldown=0,5", *ONE, "--json")
    streak5, rotation = done.json["ledger"]
    assert (streak5["question"]["strategy"], rotation["question"]["strategy"]) == ("streak5", "rotation")
    assert streak5["looks"] == streak5["own"] > 0
    assert [entry["kind"] for entry in entries(folder)] == ["compare", "compare"]
    page = next((folder / "reports" / "compare").glob("*.html")).read_text()
    assert "First look at this question (streak5 on sample)" in page


def test_damage_is_found_and_the_line_is_named(backtest, folder):
    for sessions in ("3", "4", "5"):
        backtest("run", "streak5", "--set", f"sessions={sessions}", *ONE, "--no-trade", "-q")
    path = folder / FILE
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([lines[0], lines[1].replace('"streak5"', '"streak6"'), lines[2]]))
    done = backtest("ledger", "verify")
    assert done.status == 1
    assert "Not intact: line 2 was altered: its SHA-256 is not that of its content." in done.out
    assert backtest("ledger", "verify", "--json").json["faults"][0].startswith("line 2 was altered")
    assert "INCOMPLETE: ledger.jsonl is damaged (line 2" in backtest("run", "streak5", *ONE, "--no-trade").out
    assert backtest("ledger", "nothing").status == 1


def test_what_looks_at_no_returns_is_no_look(backtest, folder):
    for arguments in (("events", "streak5"), ("audit", "streak5"), ("watch", "streak5"), ("show", "streak5")):
        backtest(*arguments)
    assert not (folder / FILE).exists()


def test_a_run_that_python_records_is_counted(backtest, folder):
    from backtest import run

    study = run("streak5", settings={"measure.horizons": [5]}, trade=False)
    assert not (folder / FILE).exists()
    study.save()
    assert [entry["kind"] for entry in entries(folder)] == ["run"]


OPEN = """schema = 1
title = "Open"
[detector]
use = "streak"
series = "small_index"
sessions = 4
threshold = 0.01
direction = "up"
[measure]
horizons = [5, 21]
[claim]
said = "Small caps lead after it"
by = "Somebody"
on = 2024-07-16
open = true
"""


def test_a_study_that_answers_a_claim_is_a_look(backtest, folder):
    (folder / "strategies" / "open.toml").write_text(OPEN)
    own = folder / "datasets" / "own"  # on simulated data, no such claim is answered
    shutil.copytree(Path(__file__).parents[2] / "datasets" / "sample", own)
    manifest = (own / "manifest.toml").read_text()
    manifest = manifest.replace('name = "sample"', 'name = "own"').replace("synthetic = true", "synthetic = false")
    (own / "manifest.toml").write_text(manifest)
    lock = json.loads((own / "lock.json").read_text())
    (own / "lock.json").write_text(json.dumps({**lock, "dataset": "own", "synthetic": False}))
    done = backtest("claims", "open", "--dataset", "own")
    assert done.status == 0, done.err
    found = entries(folder)
    assert [(entry["kind"], entry["looks"][0]["horizons"]) for entry in found] == [("claims", [5, 21])]
