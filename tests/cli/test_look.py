"""``backtest list``, ``show``, ``events``, ``report``, ``init``, ``compare``, ``tune``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq

from backtest.workspace import builtin


def test_list_names_what_there_is(backtest, folder: Path):
    (folder / "strategies" / "broken.toml").write_text("schema = 2", encoding="utf-8")
    assert backtest("run", "streak5", "--no-trade").status == 0
    done = backtest("list", "--json").json
    assert {row["name"] for row in done["strategies"]} >= {"streak5", "ratecut", "rotation", "broken"}
    assert "cannot be used" in next(row for row in done["strategies"] if row["name"] == "broken")["title"]
    assert {row["name"] for row in done["datasets"]} >= {"sample", "us-size"}
    assert {row["name"] for row in done["detectors"]} >= {"expectation_shift", "move", "streak"}
    assert [row["strategy"] for row in done["runs"]] == ["streak5"]
    assert done["runs"][0]["dataset"] == "sample (simulated)"
    assert max(len(line) for line in backtest("list").out.splitlines()) <= 80


def test_show_knows_strategies_datasets_detectors_and_runs(backtest):
    assert backtest("show", "streak5", "--json").json["parameters"]["detector.direction"] == "up"
    assert "us-size" in backtest("show", "us-size", "--json").out
    assert backtest("show", "streak", "--json").json["parameters"]["threshold"] == 0.01
    run = backtest("run", "streak5", "--no-trade", "--json").json
    assert backtest("show", run["run_id"], "--json").json["horizons"] == run["horizons"]
    wrong = backtest("show", "streak4")
    assert wrong.status == 1
    assert "Did you mean 'streak" in wrong.err


def test_show_does_not_run_python_beside_a_strategy(backtest, folder: Path):
    (folder / "strategies" / "own.toml").write_text('schema = 1\ntitle = "Own"\n[detector]\nuse = "own.py"\n')
    (folder / "strategies" / "own.py").write_text("raise SystemExit('it was run')\n")
    assert backtest("show", "own").status == 0
    assert backtest("list").status == 0


def test_events_lists_them_with_the_indicator(backtest):
    done = backtest("events", "streak5", "--json").json
    assert [event["day0"] for event in done["events"]][-1] == "2024-07-16"
    assert [event["indicator"] for event in done["events"]] == [5.0] * 5
    assert "2024-07-16" in backtest("events", "streak5").out
    assert backtest("events", "streak5", "--since", "2025-01-01", "--json").json["n_events"] == 0


def test_report_draws_the_same_page_again(backtest, folder: Path):
    run = backtest("run", "streak5", "--no-trade", "--json").json
    report = folder / run["files"]["report"]
    before = report.read_bytes()
    report.unlink()
    assert backtest("report", "streak5").status == 0
    assert report.read_bytes() == before
    assert (folder / "reports" / "index.html").is_file()
    assert backtest("report", "20200101T000000Z-00000000").status == 1


def test_a_damaged_record_is_refused_with_one_line(backtest, folder: Path):
    run = backtest("run", "streak5", "--no-trade", "--json").json
    (folder / run["files"]["events"]).write_bytes(b"damaged")
    done = backtest("report", run["run_id"])
    assert done.status == 1
    assert len(done.err.splitlines()) == 1
    stored = folder / run["files"]["run"]
    stored.write_text(json.dumps({"schema": 99}), encoding="utf-8")
    assert "schema 99" in backtest("show", run["run_id"]).err
    assert "cannot be read" in " ".join(backtest("list", "runs").out.split())


def test_init_makes_a_workspace_that_runs(backtest, folder: Path, monkeypatch):
    assert backtest("init", "mine").status == 0
    monkeypatch.chdir(folder / "mine")
    done = backtest("run", "streak5", "--no-trade", "--json")
    assert done.status == 0
    assert (folder / "mine" / done.json["files"]["report"]).is_file()
    monkeypatch.chdir(folder)
    again = backtest("init", "mine")
    assert again.status == 1
    assert "not an empty folder" in again.err


def test_compare_shows_what_differs_and_what_is_shared(backtest, folder: Path):
    done = backtest("compare", "streak5", "rotation", "ratecut", "--json")
    assert done.status == 0
    content = done.json
    assert content["synthetic"] is True
    assert "detector.use" in content["differing"]
    assert "measure.asset" not in content["differing"]
    assert content["shared"][0][0] == 5
    assert (folder / content["files"]["report"]).is_file()
    assert max(len(line) for line in backtest("compare", "streak5", "rotation").out.splitlines()) <= 80


def test_compare_of_five_studies_breaks_no_name(backtest):
    out = backtest("compare", "streak5", "rotation", "ratecut", "ratehike", "surprise_cut").out
    assert max(map(len, out.splitlines())) <= 80
    words = set(out.split())
    assert {"surprise_cut", "episodes.cooldown", "episodes.since", "expectation_shift"} <= words
    assert not {"expectation_", "episodes.cool", "down", "surprise_cu", "t"} & words


def test_compare_takes_recorded_runs_and_refuses_the_rest(backtest):
    first = backtest("run", "streak5", "--no-trade", "--json").json["run_id"]
    second = backtest("run", "streak5", "--no-trade", "--json", "--set", "detector.sessions=4").json["run_id"]
    content = backtest("compare", first, second, "--json").json
    assert content["differing"] == ["detector.sessions"]
    assert content["shared"][0][1] <= 5
    assert not [note for note in content["notes"] if "Holm" in note["text"]]
    assert content["shared"] == [[5, 5], [5, content["studies"][1]["n_events"]]]
    assert backtest("compare", "streak5").status == 1
    assert backtest("compare", "streak5", "streak5").status == 1
    assert "Did you mean" in backtest("compare", "streak5", "rotatoin").err


def test_compare_of_variants_ranks_them_at_one_horizon(backtest):
    varied = ["compare", "streak5", "--vary", "sessions=4,5"]
    content = backtest(*varied, "--horizon", "63", "--sort", "given", "--json").json
    assert [row["study"] for row in content["ranking"]] == ["streak5 sessions=4", "streak5 sessions=5"]
    assert (content["horizon"], content["sort"], content["differing"]) == (63, "given", ["detector.sessions"])
    assert content["shared"][1] == [5, 5]
    for row, study in zip(content["ranking"], content["studies"], strict=True):
        at = next(one for one in study["horizons"] if one["horizon"] == 63)
        assert {key: row[key] for key in ("n", "excess", "p_value", "p_adjusted")} == {
            key: at[key] for key in ("n", "excess", "p_value", "p_adjusted")
        }
    own = ["compare", "streak5", "streak5", "--set", "2:detector.sessions=4", "--json"]
    assert [one["label"] for one in backtest(*own).json["studies"]] == ["streak5", "streak5 sessions=4"]
    out = backtest(*varied, "--horizon", "63").out
    assert out.splitlines()[1].startswith("2 studies over 63 sessions (about a quarter) on sample")
    assert max(map(len, out.splitlines())) <= 80
    assert backtest(*varied, "--horizon", "64").status == 1
    assert "--vary sessions: not KEY=V1" in backtest("compare", "streak5", "--vary", "sessions").err
    assert backtest("compare", "streak5", "rotation", "--dataset", ",").status == 2


def test_tune_counts_every_look(backtest, folder: Path):
    done = backtest("tune", "streak5", "--grid", "detector.sessions=3,4,5", "--json")
    assert done.status == 0
    content = done.json
    assert [one["parameters"]["detector.sessions"] for one in content["sets"]] == [3, 4, 5]
    assert content["looks"] == 21
    table = pq.ParquetFile(folder / content["files"]["sets"]).read()
    assert table.num_rows == 21
    run = backtest("run", "streak5", "--no-trade", "--json", "--set", "detector.sessions=4").json
    cells = content["sets"][1]["horizons"]
    for cell, row in zip(cells, run["horizons"], strict=True):
        for key in ("n", "excess", "hit_rate", "p_value"):
            assert cell[key] == row[key], key


def test_tune_reads_the_grid_of_the_file_and_refuses_a_bad_one(backtest):
    done = backtest("tune", "rotation")
    assert done.status == 0
    assert "16 parameter sets" in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 80
    for grid, line in {
        "detector.sessions": "not KEY=V1,V2",
        "detector.sesions=3,4": "Did you mean 'sessions'?",
        "detector.threshold=0.02:0.01:0.005": "from <= to",
        "detector.sessions=3,3": "twice",
        "measure.horizons=[1,5],[1]": "cannot be tuned",
    }.items():
        refused = backtest("tune", "streak5", "--grid", grid)
        assert refused.status == 1, grid
        assert line in refused.err, refused.err
    assert backtest("tune", "streak5", "--horizon", "22").status == 2


def test_a_run_on_data_that_have_changed_says_so(backtest, folder: Path):
    own = folder / "datasets" / "sample"
    shutil.copytree(builtin("datasets") / "sample", own)
    first, second = (backtest("run", name, "--no-trade", "--json").json["run_id"] for name in ("streak5", "rotation"))
    assert "has changed since" not in backtest("show", first).out
    lock = json.loads((own / "lock.json").read_text(encoding="utf-8"))
    then = lock["sha256"][:12]
    lock["sha256"] = "0" * 64
    (own / "lock.json").write_text(json.dumps(lock), encoding="utf-8")
    said = f"The dataset 'sample' has changed since this run (sha256 {then} then, 000000000000 now)"
    assert said in backtest("show", first, "--json").json["notes"][0]["text"]
    for name in (first, f"streak5/{first}", f"reports/streak5/{first}"):
        assert said in " ".join(backtest("show", name).out.split())
    notes = backtest("compare", first, second, "--json").json["notes"]
    (changed,) = [note["text"] for note in notes if note["code"] == "data_changed"]
    assert changed.startswith(f"streak5, rotation: {said}")
    assert said in " ".join(backtest("compare", f"streak5/{first}", second).out.split())
    assert backtest("report", f"streak5/{first}").status == 0
    page = (folder / "reports" / "streak5" / first / "report.html").read_text(encoding="utf-8")
    assert "has changed since this run" in page
