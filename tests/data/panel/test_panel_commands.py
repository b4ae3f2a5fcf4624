"""What the commands say of a panel: one line a rule, counts, and JSON."""

from __future__ import annotations

import json
import shlex

import pytest

from backtest import cli


@pytest.fixture
def said(delivery, frame, days, monkeypatch, capsys):
    """Run a command in the workspace of a panel with two bad assets; return what it printed."""
    bad = frame["symbol"].isin(["S4", "S5"]) & (frame["session"] == days[3])
    delivery.deliver(frame.assign(close=frame["close"].where(~bad, -1.0)))
    monkeypatch.chdir(delivery.workspace.root)

    def run(*arguments):
        status = cli.status_of(list(arguments))
        shown = capsys.readouterr()
        assert (status, shown.err) == (0, "")
        return shown.out if "--json" not in arguments else json.loads(shown.out)

    return run


def test_import_counts_and_names_what_was_set_aside(said):
    out = said("data", "import", "many", "--from", "delivered")
    assert "Imported many: 1 series and 8 assets, 2024-07-08 to 2024-08-30" in out
    assert "Set aside: S4 (nonpositive), S5 (nonpositive)." in out
    assert "panel: a close is not a number above zero: the asset is set aside (2, of 2 assets; first: S4, S5)." in (
        " ".join(out.split())
    )


def test_list_show_and_check(said):
    said("data", "import", "many", "--from", "delivered")
    assert "8" in next(line for line in said("data", "list").splitlines() if line.startswith("many")).split()
    shown = " ".join(said("show", "many").split())
    assert "Panel: Simulated stocks." in shown
    assert "total return 2024-07-08 2024-08-30 8" in shown
    checked = " ".join(said("data", "check", "many").split())
    assert "closes are missing between an asset's first and last session (3, all of S2)" in checked
    assert "0 errors and 2 warnings in the stored data" in checked


def test_json_has_every_asset(said):
    imported = said("data", "import", "many", "--from", "delivered", "--json")
    panel = imported["dataset"]["panel"]
    assert panel["blocks"][0]["assets"] == ["S0", "S1", "S2", "S3", "S6", "S7", "S8", "S9"]
    assert panel["set_aside"] == [{"asset": "S4", "rule": "nonpositive"}, {"asset": "S5", "rule": "nonpositive"}]
    listed = {row["name"]: row["assets"] for row in said("data", "list", "--json")["datasets"]}
    assert (listed["many"], listed["sample-panel"], listed["sample"]) == (8, 48, None)
    checked = said("data", "check", "many", "--json")
    assert {one["rule"]: one["count"] for one in checked["findings"] if one["series"] == "panel"} == {
        "nonpositive": 2,
        "missing_sessions": 3,
    }


def test_a_manifest_without_data_names_the_files(said):
    assert "(each asset) total return stocks.parquet" in " ".join(said("show", "many").split())


def test_a_panel_is_not_pulled(delivery, said, capsys):
    offered = 'provider = "yahoo"\nsymbol = "^GSPC"\n[panel]'
    delivery.describe(delivery.manifest.replace("[panel]", offered))
    assert cli.status_of(["data", "pull", "many"]) == 1
    assert "it has a panel, which no provider offers" in capsys.readouterr().err
    assert cli.status_of(["run", "three_up", "--dataset", "many"]) == 1
    assert "data pull" not in capsys.readouterr().err


def last_line(out):
    return shlex.split(out.splitlines()[-1].removeprefix("Try: backtest "))


def test_an_import_ends_with_a_command_that_ends_with_a_report(said, delivery):
    command = last_line(said("data", "import", "many", "--from", "delivered"))
    assert command[:4] == ["run", "streak5_panel", "--dataset", "many"]
    assert "measure.benchmark=none" in command
    assert "Report: reports/streak5_panel/" in said(*command)
    delivery.describe(delivery.manifest.replace("[panel]", '[roles]\nmarket = "index"\n[panel]'))
    command = last_line(said("data", "import", "many", "--from", "delivered"))
    assert "measure.benchmark=none" not in command
    assert "benchmark: Simulated index" in said(*command)


def test_an_import_in_which_nothing_happens_ends_with_what_was_imported(said, delivery, frame):
    delivery.deliver(frame.assign(close=50.0))
    assert last_line(said("data", "import", "many", "--from", "delivered")) == ["show", "many"]
