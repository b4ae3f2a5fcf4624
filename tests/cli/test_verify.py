"""``backtest verify``: what it prints, and its status."""

from __future__ import annotations

import json


def test_a_run_that_comes_out_the_same(backtest):
    run_id = backtest("run", "streak5", "--json").json["run_id"]
    done = backtest("verify", "streak5")
    assert done.status == 0, done.err
    head, mark, said = done.out.splitlines()
    assert head == f"streak5 on sample, run {run_id}"
    assert mark.startswith("SIMULATED DATA")
    assert said.startswith("Bit-identical: all ")
    assert backtest("verify", run_id, "--json").json["identical"] is True


def test_a_run_that_does_not(backtest, folder):
    backtest("run", "streak5", "--no-trade", "--json")
    (path,) = folder.glob("reports/streak5/*/run.json")
    run = json.loads(path.read_text("utf-8"))
    run["horizons"][0]["excess"] = 0.5
    run["title"] = "Another\x1b[31m title"
    path.write_text(json.dumps(run), encoding="utf-8")
    done = backtest("verify", "streak5")
    assert done.status == 1
    assert done.err == ""
    text = " ".join(done.out.split())
    assert "Not identical: 2 of " in text
    assert "- run.json, horizons.1, excess: 0.5 then, " in text
    assert "- run.json, title then: Another" in text
    assert "\x1b" not in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    found = backtest("verify", "streak5", "--json")
    assert found.status == 1
    assert found.json["moved"] == 2


def test_a_damaged_record_names_record_and_file(backtest, folder):
    backtest("run", "streak5", "--no-trade", "--json")
    (path,) = folder.glob("reports/streak5/*/events.parquet")
    path.write_bytes(path.read_bytes()[:-1])
    done = backtest("verify", "streak5")
    assert done.status == 1
    assert done.err.startswith(f"Error: {path}: is not as it was recorded (sha256 ")
    assert len(done.err.splitlines()) == 1
    again = backtest("report", "streak5")
    assert again.err == done.err


def test_a_run_that_is_not_there(backtest):
    done = backtest("verify", "streak5")
    assert done.status == 1
    assert done.err.startswith("Error: run 'streak5' is not under")
