"""The commands on a panel: run, events, show, report, verify, export, list; and one line where a command cannot."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

import backtest
from backtest.cli import status_of

ON = ("--dataset", "sample-panel")
RUN = ("run", "streak5_panel", *ON)


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "backtest.toml").touch()
    return tmp_path


def said(capsys, *command: str, status: int = 0) -> str:
    assert status_of(command) == status
    out = capsys.readouterr()
    return out.err if status else out.out


def test_run_show_report_verify_export_and_list(place, capsys):
    first = said(capsys, *RUN, "--name", "mine")
    assert "147 events on 39 of 48 assets, on 136 dates" in first
    assert "SIMULATED DATA" in first
    assert "the assets against the market returned" in " ".join(first.split())
    assert "First look at this question (streak5_panel on sample-panel)" in first
    assert "Events without a return: 1 after 1 session and 1 after 21 sessions; a leg has" in " ".join(first.split())
    assert all(len(line) <= 80 for line in first.splitlines() if "/" not in line)
    shown = said(capsys, "show", "mine")
    assert shown.splitlines()[:4] == first.splitlines()[:4]
    (folder,) = place.glob("reports/streak5_panel/*/")
    page = (folder / "report.html").read_text("utf-8")
    (folder / "report.html").unlink()
    said(capsys, "report", "mine")
    assert (folder / "report.html").read_text("utf-8") == page
    assert "Bit-identical: all " in said(capsys, "verify", "mine")
    said(capsys, "export", "mine", "--to", "csv", "--output", "out")
    with (place / "out" / "events.csv").open(encoding="utf-8") as lines:
        assert len(list(csv.DictReader(lines))) == 147
    assert "| 63 | 144 |" in said(capsys, "export", "mine", "--to", "md", "--output", "t.md") + Path("t.md").read_text(
        "utf-8"
    )
    said(capsys, "export", "mine", "--to", "xlsx", "--output", "t.xlsx")
    listed = json.loads(said(capsys, "list", "runs", "--json"))["runs"]
    assert [(one["strategy"], one["events"], one["refused"]) for one in listed] == [("streak5_panel", 147, None)]
    assert "streak5_panel" in (place / "reports" / "index.html").read_text("utf-8")


def test_tune_counts_sets_aside_records_and_writes_a_strategy(place, capsys):
    grid = ("--grid", "detector.sessions=4,5", "--grid", "detector.threshold=0.01,0.5,-1")
    command = ("tune", "streak5_panel", *ON, *grid, "--horizon", "5", "--holdout", "2020-01-01", "--apply", "tuned")
    found = json.loads(said(capsys, *command, "--json"))
    assert (found["n_sets"], found["looks"], found["own"], found["synthetic"]) == (4, 8, 3, True)
    assert found["holdout"]["from"] == "2020-01-01"
    notes = {note["code"] for note in found["notes"]}
    assert {"skipped", "simulated", "panel", "no_event", "adjusted_for"} <= notes
    (folder,) = place.glob("reports/streak5_panel/tune-*/")
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "sets.parquet", "tune.json"]
    assert "[origin]" in (place / "strategies" / "tuned.toml").read_text("utf-8")
    opened = said(capsys, *RUN, "--holdout", "2020-01-01")
    assert "The holdout from 2020-01-01 on" in opened
    assert "was opened by this study" in " ".join(opened.split())
    run = json.loads(said(capsys, *RUN, "--until", "2019-12-31", "--json"))
    own = next(one for one in found["sets"] if one["set"] == 3)
    assert own["n_events"] == run["n_events"]
    assert own["horizons"][0]["spread_mean"] == run["horizons"][0]["spread_mean"]


def test_a_search_that_stopped_goes_on_where_it_was(place, capsys, monkeypatch):
    from backtest.tuning import panel_family

    command = ("tune", "streak5_panel", *ON, "--grid", "detector.sessions=4,5,6", "--json")
    done, move = [], panel_family._moved

    def stopped(work, piece):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(piece.number)
        return move(work, piece)

    monkeypatch.setattr(panel_family, "_moved", stopped)
    assert "What is done is kept" in said(capsys, *command, status=130)
    done.clear()
    again = json.loads(said(capsys, *command, "--resume"))
    assert done == [2]
    monkeypatch.setattr(panel_family, "_moved", move)
    whole = json.loads(said(capsys, *command))
    assert again["sets"] == whole["sets"]


def test_the_picture_of_a_run_on_a_panel(place, capsys):
    pytest.importorskip("matplotlib")
    said(capsys, *RUN, "--name", "mine")
    said(capsys, "export", "mine", "--to", "svg", "--output", "t.svg")
    drawn = Path("t.svg").read_text("utf-8")
    assert "each asset minus market, 5 sessions after" in drawn
    assert "Each dot is one of 147 events" in drawn
    assert "SIMULATED" in drawn


def test_watch_says_why_it_shows_none(place, capsys):
    assert status_of(("watch", "streak5_panel", "--dataset", "sample-panel")) == 1
    lines = capsys.readouterr().out.splitlines()
    (line,) = [one for one in lines if one.startswith("streak5_panel cannot be shown: ")]
    assert line.endswith("it measures each asset of a panel, and this command takes studies of single series only.")


def test_json_is_the_record_with_its_files(place, capsys):
    found = json.loads(said(capsys, *RUN, "--json", "--set", "measure.horizons=[1,21]", "--since", "2020"))
    assert found["schema"] == 3
    assert [row["horizon"] for row in found["horizons"]] == [1, 21]
    assert found["sample"]["first"] == "2020-01-02"
    assert found["ledger"]["looks"] == 2
    assert Path(found["files"]["events"]).is_file()


def test_without_a_benchmark_by_the_calendar_and_by_date(place, capsys):
    found = json.loads(said(capsys, *RUN, "--json", "--set", "measure.benchmark=none", "--set", "measure.horizons=1m"))
    (row,) = found["horizons"]
    assert row["horizon"] == "1m"
    assert "spread_mean" not in row
    assert row["asset_mean"] is not None
    by_date = json.loads(said(capsys, *RUN, "--json", "--set", "study.weight=date", "--set", "measure.benchmark=rest"))
    assert by_date["legs"]["benchmark"]["name"] == "rest"
    assert by_date["legs"]["benchmark"]["title"] == "the equal-weighted other assets of the panel"
    assert by_date["horizons"][0]["asset_mean"] - by_date["horizons"][0]["benchmark_mean"] == pytest.approx(
        by_date["horizons"][0]["spread_mean"], rel=1e-9
    )


def test_one_event_has_notes_on_what_cannot_be_said(place, capsys):
    found = json.loads(said(capsys, *RUN, "--json", "--since", "2014-01-20", "--until", "2014-01-31"))
    assert found["n_events"] == 1
    assert {row["ci_low"] for row in found["horizons"]} == {None}
    assert {"small_circle", "no_size"} <= {note["code"] for note in found["notes"]}
    assert "Busiest date" not in said(capsys, "show", found["run_id"])  # each date has one event


def test_a_list_says_what_became_of_its_rows_and_may_have_one_date(place, capsys):
    (place / "strategies").mkdir()
    rows = ("SIM01,2020-03-03", "SIM01,2020-03-03", "SIM02,2020-03-03", "SIM03,2020-03-03", "NOPE,2020-03-03")
    (place / "strategies" / "day.csv").write_text("\n".join(("asset,date", *rows)), "utf-8")
    text = 'schema = 1\ntitle = "One day"\n[detector]\nuse = "dates"\nfile = "day.csv"\n'
    text += '[measure]\nasset = "close"\nbenchmark = "market"\nhorizons = [1]\n'
    (place / "strategies" / "day.toml").write_text(text, "utf-8")
    told = " ".join(said(capsys, "run", "day", *ON).split())  # SIM02 has closes on other days only
    assert (
        "2 events on 2 of 48 assets, on one date, 2020-03-03 5 dates read: 2 events, 1 of an asset that the panel "
        "lacks, 1 merged with another on its session, 1 with day 0 before the asset's first close or after its last."
    ) in told
    assert "Busiest" not in told
    assert "– points" not in told
    (page,) = place.glob("reports/day/*/report.html")
    drawn = page.read_text("utf-8")
    assert "Both events lie on one date, 3 March 2020. No two events are on the same asset." in drawn
    assert "as concentrated as" not in drawn


def test_events_lists_asset_and_day(place, capsys):
    found = json.loads(said(capsys, "events", "streak5_panel", "--dataset", "sample-panel", "--json"))
    assert (found["n_events"], found["n_assets"], found["n_dates"]) == (147, 39, 136)
    assert found["events"][0] == {"asset": "SIM10", "day0": "2014-01-22", "knowable": "2014-01-22"}
    printed = said(capsys, "events", "streak5_panel", "--dataset", "sample-panel")
    assert "2014-01-22  SIM10" in printed


def test_several_strategies_may_be_on_panels(place, capsys):
    printed = said(capsys, "run", "streak5_panel", "streak5_p*", "--dataset", "sample-panel", "--quiet")
    assert "report.html" in printed


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("run", "streak5_panel", "--dataset", "sample"), "is each asset of a panel, and the dataset has no panel"),
        (("run", "streak5", "--dataset", "sample-panel"), "series 'small_index': the dataset has no such role"),
        ((*RUN, "--set", "measure.asset=[close,market]"), "on a panel each asset is measured itself"),
        ((*RUN, "--set", "measure.entry=next_open"), "on a panel each asset is measured itself"),
        ((*RUN, "--set", "measure.benchmark=gold"), "gold"),
        ((*RUN, "--set", "detector.threshold=0.9"), "no event on 48 assets"),
        ((*RUN, "--since", "2030"), "the sample window holds no session"),
        ((*RUN, "--legs"), "--legs is for studies of single series"),
        ((*RUN, "--events"), "--events is for studies of single series"),
        ((*RUN, "--holdout", "2020"), "these sessions are not withheld from streak5_panel on sample-panel"),
        (
            ("compare", "streak5_panel@sample-panel", "streak5@sample"),
            "'streak5_panel' on sample-panel measures each asset of a panel, 'streak5' on sample single series",
        ),
        (
            ("tune", "streak5_panel", *ON, "--objective", "sharpe"),
            "--objective sharpe: the simulated account holds one asset, and a panel has many",
        ),
        (
            ("tune", "streak5", "--dataset", "sample", "--cluster", "tcp://127.0.0.1:1"),
            "--cluster tcp://127.0.0.1:1: streak5 measures single series",
        ),
        (
            ("tune", "streak5_panel", *ON, "--grid", "measure.entry=close,next_open"),
            "on a panel each asset is measured itself",
        ),
        (
            ("calibrate", "streak5_panel", "--dataset", "sample-panel"),
            "it measures each asset of a panel, and this command takes studies of single series only",
        ),
    ],
)
def test_a_refusal_is_one_line_that_names_the_thing(place, capsys, command, words):
    told = said(capsys, *command, status=1)
    assert words in told
    assert told.startswith("Error: ")
    assert len(told.splitlines()) == 1
    assert len(told) < 2000
    assert not list(place.glob("reports/*/*"))


def test_audit_takes_the_asset_with_most_closes(place, capsys):
    found = json.loads(said(capsys, "audit", "streak5_panel", *ON, "--json"))
    (one,) = found["strategies"]
    assert one["clean"]
    assert "the asset with most closes" in one["notes"][0]["text"]


def test_python_does_the_same(place):
    run = backtest.run("streak5_panel", "sample-panel", save=True)
    assert len(run) == len(run.events) == 147
    assert run.horizons["n"].tolist() == [146, 147, 146, 144]
    events = backtest.events("streak5_panel", "sample-panel")
    assert events["asset"].tolist() == run.events["asset"].tolist()
    assert backtest.load_run("streak5_panel").frame("concentration").equals(run.frame("concentration"))
    assert "SIMULATED DATA" in repr(run)
