"""``backtest calibrate`` as a user meets it."""

from __future__ import annotations

import json

import pytest

SMALL = ("--world", "short", "--signal", "random", "-n", "13", "--horizon", "1", "--horizon", "21", "--jobs", "1")


def test_a_world_in_json(backtest):
    done = backtest("calibrate", *SMALL, "--histories", "4", "--json")
    assert done.status == 0
    assert done.err == ""
    found = done.json
    assert found["kind"] == "worlds"
    (world,) = found["calibrations"]
    assert (world["name"], world["histories"], world["sessions"], world["seed"]) == ("short", 4, 1000, 1)
    assert world["horizons"] == [1, 21]
    (row,) = world["rows"]
    assert row["name"] == "random n = 13"
    assert row["figures"]["verdict"]["21"]["tried"] == 4
    assert 12 < row["figures"]["n"]["1"]["value"] <= 13  # a date near the end has no complete window
    assert row["figures"]["power"]["1"]["tried"] == 4
    assert found["sentence"].startswith("In 1 world without predictability this test rejects ")


def test_tables_and_what_is_kept(backtest, folder):
    first = backtest("calibrate", *SMALL, "--histories", "4")
    assert first.status == 0
    assert "short: GJR-GARCH, 1,000 sessions; 4 histories of 1,000 sessions" in " ".join(first.out.split())
    for words in ("own p", "adjusted", "naive t", "holds 0", "power", "MDE"):
        assert words in first.out
    (chunk,) = (folder / "reports" / ".calibration").glob("*/seed-1/000000-000004.json")
    kept = json.loads(chunk.read_text())
    kept["total"]["verdict"] = [[4.0, 4.0, 4.0]]
    chunk.write_text(json.dumps(kept))
    second = backtest("calibrate", *SMALL, "--histories", "4")
    assert "100.0" in second.out  # read, and not counted again
    assert backtest("calibrate", *SMALL, "--histories", "4", "--seed", "2").out != second.out


def test_markdown(backtest):
    done = backtest("calibrate", *SMALL, "--histories", "2", "--markdown")
    lines = done.out.splitlines()
    assert lines[0] == "### short: GJR-GARCH, 1,000 sessions; 2 histories of 1,000 sessions, 1 signal, seed 1"
    assert "| over | own p | adjusted | weighted | w. adjusted |" in lines
    assert "| --- | --- | --- | --- | --- |" in lines
    each = backtest("calibrate", *SMALL, "--histories", "2", "--markdown", "--each").out
    assert "own p, by signal:" in each
    assert "| random n = 13 |" in each


def test_a_panel(backtest, folder):
    asked = ("--world", "panel_few", "--signal", "random", "-n", "20", "--sessions", "300", "--jobs", "1")
    done = backtest("calibrate", *asked, "--histories", "2", "--json")
    assert done.status == 0
    assert done.json["kind"] == "panels"
    (world,) = done.json["calibrations"]
    assert (world["name"], world["sessions"], world["horizons"]) == ("panel_few", 300, [1, 5, 21])
    (row,) = world["rows"]
    assert row["name"] == "random n = 20"
    assert {"raw_shift", "t_over_events", "t_by_date", "driscoll_kraay"} < set(row["figures"])
    assert row["figures"]["power"]["1"]["tried"] == 2
    text = backtest("calibrate", *asked, "--histories", "2").out
    for words in ("own p", "raw shift", "t by date", "Driscoll–Kraay", "five GARCH assets and a factor"):
        assert words in " ".join(text.split())
    assert len(list((folder / "reports" / ".calibration").glob("*/seed-1/000000-000002.json"))) == 1


def test_a_strategy_on_its_own_data(backtest):
    done = backtest("calibrate", "streak5", "--histories", "2", "--jobs", "1", "--set", "detector.sessions=2")
    assert done.status == 0
    text = " ".join(done.out.split())
    assert "On data like yours this test rejects " in text
    assert "(2 histories, Monte Carlo error " in text
    assert "Histories are quarters of yours in a random order" in text
    real = backtest("calibrate", "ratecut", "--histories", "2", "--jobs", "1", "--json").json
    assert real["method"] == "real path"
    assert real["reason"].startswith("its detector reads more than levels: ")


def test_a_placebo(backtest):
    done = backtest("calibrate", "--placebo", "--tries", "20", "--horizon", "5", "--jobs", "1", "--json")
    assert done.status == 0
    found = done.json
    assert "SIM_SMALL_INDEX" in found["series"]
    assert found["by_size"]["rows"][0]["figures"]["verdict"]["5"]["tried"] == 4 * len(found["series"])
    assert "signals that know nothing" in found["sentence"]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["--world", "gar"], 1, "world 'gar' is unknown. Did you mean 'garch'?"),
        (["--world", "iid", "--signal", "streaks"], 1, "signal 'streaks' is unknown. Did you mean 'streak'?"),
        (["streak5", "--world", "iid"], 2, "--world does not apply with the name of a strategy."),
        (["streak5", "--placebo"], 2, "--placebo does not apply with the name of a strategy."),
        (["--set", "sessions=4"], 2, "--set does not apply without the name of a strategy."),
        (["--placebo", "--histories", "3"], 2, "--histories does not apply with --placebo, which counts --tries."),
        (["--world", "panel_fe"], 1, "world 'panel_fe' is unknown. Did you mean 'panel_few'?"),
        (["--world", "panels", "--world", "gjr"], 1, "world 'gjr' is no panel: its figures do not stand in one table"),
        (["--world", "panels", "--signal", "streak"], 1, "signal 'streak' is unknown for panels."),
        (["--world", "panel_induced", "--signal", "own"], 1, "Ask for --signal random or --signal crowded."),
        (["--world", "panels", "--since", "1990"], 2, "--since does not apply to simulated panels."),
        (["--histories", "0"], 2, "0 is not in the range x>=1."),
        (["nothing"], 1, "strategy 'nothing' is not in "),
        (["--world", "blockwild", "--dataset", "none"], 1, "dataset 'none' is not in "),
        (["--world", "blockwild", "--since", "2025-12"], 1, "blockwild and realwild of sample: the legs share "),
    ],
)
def test_refusals(backtest, arguments, status, words):
    done = backtest("calibrate", *arguments)
    assert done.status == status
    assert words in done.err
    assert done.out == ""
