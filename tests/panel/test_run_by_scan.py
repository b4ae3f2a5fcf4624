"""A run of the shipped panel through the scan: the record of a run in memory, byte for byte."""

from __future__ import annotations

import json

import pytest

from backtest.cli import status_of
from backtest.errors import StudyRefused
from backtest.panel import panel_run as runs
from backtest.panel.panel_run import run_panel
from backtest.panel.panel_study import PanelStudy
from backtest.panel.scan import PanelScan
from backtest.plan import make_plan
from backtest.verification.repeat import study_again

APART = ("run_id", "created", "scanned")
"""What the records of the same study by a scan and in memory do not share."""


def without_time(run):
    """What the record holds, without its time and whether it was scanned."""
    return {key: value for key, value in run.summary.items() if key not in APART}


def same_tables(read, held):
    """The tables of a scan are those of a run in memory."""
    assert read.tables.keys() == held.tables.keys()
    for name, table in read.tables.items():
        assert table.equals(held.tables[name]), name


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_any_number_of_workers_gives_the_record_of_a_run_in_memory(panel_run, panel_workspace, workers):
    found = run_panel(make_plan(panel_workspace, "streak5_panel", "sample-panel"), workers=workers)
    assert isinstance(found.study, PanelScan)
    assert (found.summary["scanned"], panel_run.summary["scanned"]) == (True, False)
    same_tables(found, panel_run)
    assert without_time(found) == without_time(panel_run)


def test_the_rest_of_the_panel_gives_the_same_record_too(panel_workspace):
    plan = make_plan(panel_workspace, "streak5_panel", "sample-panel", {"measure.benchmark": "rest"})
    held, read = run_panel(plan), run_panel(plan, workers=1)
    same_tables(read, held)
    assert without_time(read) == without_time(held)


def test_a_panel_beyond_memory_is_scanned(panel_workspace, monkeypatch):
    plan = make_plan(panel_workspace, "streak5_panel", "sample-panel")
    closes = 8 * len(plan.dataset.panel.assets) * len(plan.dataset.prices)
    monkeypatch.setattr(runs, "IN_MEMORY", closes)
    assert isinstance(run_panel(plan).study, PanelStudy)
    monkeypatch.setattr(runs, "IN_MEMORY", closes - 1)
    assert isinstance(run_panel(plan).study, PanelScan)
    modelled = make_plan(panel_workspace, "streak5_panel", "sample-panel", {"study.model": "constant_mean"})
    assert isinstance(run_panel(modelled).study, PanelStudy)


def test_a_model_is_refused_where_a_scan_is_asked_for(panel_workspace):
    plan = make_plan(panel_workspace, "streak5_panel", "sample-panel", {"study.model": "constant_mean"})
    with pytest.raises(StudyRefused, match=r'study\.model = "constant_mean": a scan measures no abnormal returns'):
        run_panel(plan, workers=2)


@pytest.fixture
def command(panel_workspace, monkeypatch, capsys):
    """Run a command in the workspace of these studies; give its status, and what it printed."""
    monkeypatch.chdir(panel_workspace.root)

    def run(*arguments):
        status = status_of(arguments)
        return status, capsys.readouterr()

    return run


def test_the_command_records_what_a_run_in_memory_records(command, panel_summary):
    status, printed = command("run", "streak5_panel", "-d", "sample-panel", "--workers", "1", "--json")
    assert status == 0, printed.err
    found = json.loads(printed.out)
    for part in ("panel", "sample", "headline", "n_events", "reconciliation"):
        assert found[part] == panel_summary[part]
    for ours, theirs in zip(found["horizons"], panel_summary["horizons"], strict=True):
        assert ours == theirs


@pytest.mark.parametrize("option", [("--workers", "2"), ("--cluster", "tcp://127.0.0.1:1")])
def test_single_series_have_no_blocks_to_read(command, option):
    status, printed = command("run", "streak5", *option)
    assert status == 1
    assert "--workers and --cluster are for panels, not for series" in " ".join(printed.err.split())


def test_workers_and_a_cluster_exclude_each_other(command):
    both = ("--workers", "2", "--cluster", "tcp://127.0.0.1:1")
    status, printed = command("run", "streak5_panel", "-d", "sample-panel", *both)
    assert status == 1
    assert "workers = 2 cannot be chosen" in " ".join(printed.err.split())


def test_a_recorded_scan_is_repeated_as_one(command):
    status, printed = command("run", "streak5_panel", "-d", "sample-panel", "--workers", "1", "--name", "scanned")
    assert status == 0, printed.err
    status, printed = command("verify", "scanned", "--json")
    assert status == 0, printed.out
    assert json.loads(printed.out)["identical"] is True


def test_a_scan_of_before_is_repeated_as_one_too(panel_workspace):
    """Its record said so in a note."""
    plan = make_plan(panel_workspace, "streak5_panel", "sample-panel")
    run = {"notes": [{"code": "scanned"}], "trade": None}
    assert study_again(plan, run).study.scanned
    assert not study_again(plan, run | {"notes": []}).study.scanned
