"""``backtest run``: the contract of its JSON, its refusals, its record."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pyarrow.parquet as pq
import pytest

TRIGGERS = ["1998-10-20", "2000-01-20", "2009-09-10", "2020-04-28", "2024-07-16"]  # CLAIMS: what the headline named
HORIZON_KEYS = [
    *("horizon", "n", "pending", "asset_mean", "benchmark_mean", "spread_mean", "spread_median", "hit_rate"),
    *("base_spread_mean", "base_hit_rate", "p_value", "p_adjusted", "ci_low", "ci_high", "mde"),
]


def test_json_lists_exactly_the_five_triggers_and_says_simulated(backtest):
    done = backtest("run", "streak5", "--no-trade", "--json")
    assert done.status == 0
    assert done.err == ""
    run = done.json
    assert [event["trigger"] for event in run["events"]] == TRIGGERS
    assert run["events"][1] == {
        "start": "2000-01-13",
        "trigger": "2000-01-20",
        "end": "2000-01-21",
        "day0": "2000-01-20",
    }
    assert run["dataset"]["synthetic"] is True
    assert run["schema"] == 1
    assert run["n_events"] == 5
    assert run["strategy"] == "streak5"
    assert run["parameters"]["detector.sessions"] == 5
    assert run["trade"] is None
    assert [row["horizon"] for row in run["horizons"]] == [1, 5, 10, 21, 63, 126, 252]
    assert all(key in row for row in run["horizons"] for key in HORIZON_KEYS)


def test_every_null_has_its_reason_under_notes(backtest):
    run = backtest("run", "streak5", "--no-trade", "--json", "--set", "measure.horizons=[1,2500]").json
    missing = {key for row in run["horizons"] for key, value in row.items() if value is None}
    explained = " ".join(note["about"] for note in run["notes"])
    assert missing
    assert all(key in explained for key in missing)


def test_record_is_whole_and_equals_the_json(backtest, folder: Path):
    run = backtest("run", "streak5", "--no-trade", "--json").json
    for path in run["files"].values():
        assert (folder / path).is_file(), path
    stored = json.loads((folder / run["files"]["run"]).read_text(encoding="utf-8"))
    assert stored["horizons"] == run["horizons"]
    table = pq.ParquetFile(folder / run["files"]["forward_returns"]).read()
    assert table.schema.field("spread").metadata[b"unit"] == b"fraction"
    rows = [row for row in table.to_pylist() if row["horizon"] == 21]
    mean = math.fsum(row["asset"] - row["benchmark"] for row in rows) / len(rows)
    assert mean == pytest.approx(run["horizons"][3]["spread_mean"], abs=1e-15)
    assert not list((folder / "reports").rglob(".unfinished-*"))


def test_terminal_fits_80_columns_and_says_simulated(backtest):
    done = backtest("run", "streak5", "--no-trade")
    assert max(len(line) for line in done.out.splitlines()) <= 80
    assert "SIMULATED DATA" in done.out
    assert done.out.rstrip().splitlines()[-1].startswith("Report: reports/streak5/")


def test_table_appears_before_the_trade_is_simulated(backtest, monkeypatch: pytest.MonkeyPatch, capsys):
    from backtest.study.run import Study

    shown: list[str] = []

    def trade(study: Study) -> Study:
        shown.append(capsys.readouterr().out)
        return study

    monkeypatch.setattr(Study, "with_trade", trade)
    monkeypatch.setattr("backtest.cli.study_view.print_trade", lambda _trade: None)
    assert backtest("run", "streak5").status == 0
    assert "sessions  n" in shown[0]
    assert "Report:" not in shown[0]


def test_set_since_until_reach_the_study(backtest):
    more = backtest("run", "streak5", "--no-trade", "--json", "--set", "detector.sessions=4").json
    assert more["n_events"] > 5
    later = backtest("run", "streak5", "--no-trade", "--json", "--since", "2000-01-21", "--until", "2020-12-31").json
    assert [event["trigger"] for event in later["events"]] == TRIGGERS[2:4]
    same = backtest("run", "streak5", "--no-trade", "--json", "--set", "detector.threshold=0.00995").json
    assert [event["trigger"] for event in same["events"]] == TRIGGERS


def test_several_names_give_one_json_object(backtest):
    done = backtest("run", "streak5", "rotation", "--no-trade", "--json")
    assert [run["strategy"] for run in done.json["runs"]] == ["streak5", "rotation"]


def test_nothing_runs_where_one_name_is_wrong(backtest, folder: Path):
    done = backtest("run", "streak5", "streak6", "--no-trade")
    assert done.status == 1
    assert not (folder / "reports").exists()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["streak6"], "Did you mean 'streak5'?"),
        (["streak5", "--dataset", "smaple"], "Did you mean 'sample'?"),
        (["streak5", "--set", "detector.sesions=4"], "detector.sesions = 4: unknown key. Did you mean 'sessions'?"),
        (["streak5", "--set", "detector.sessions=0"], "detector.sessions = 0: must be at least 1."),
        (["streak5", "--set", "detector.sessions=many"], 'detector.sessions = "many": must be a whole number.'),
        (["streak5", "--set", "measure.entry=open"], "measure.entry"),
        (["streak5", "--set", "measure.asset=smal"], "Did you mean 'small'?"),
        (["streak5", "--set", "measure.asset=mega"], "are both 'SIM_MEGA'"),
        (["streak5", "--set", "measure.asset=small_index"], "measure.allow_mixed_basis=true"),
        (["streak5", "--set", "measure.horizons=[5,1]"], "horizons must ascend"),
        (["streak5", "--set", "detector.threshold=0.5"], "no event between"),
        (["streak5", "--set", "detector.series=policy_rate"], "is of kind rate"),
        (["ratecut", "--set", "detector.futures=small"], "kind 'futures'"),
        (["streak5", "--set", "nonsense"], "not KEY=VALUE"),
        (["streak5", "--since", "2030-01-01"], "sample window is empty"),
        (["missing.toml"], "does not exist"),
        (["us-size"], "strategy 'us-size' is not in"),
    ],
)
def test_refusal_is_one_line_with_status_1(backtest, arguments: list[str], line: str):
    done = backtest("run", *arguments, "--no-trade")
    assert done.status == 1
    assert done.out == ""
    assert done.err.startswith("Error: ")
    assert len(done.err.splitlines()) == 1
    assert line in done.err


def test_wrong_usage_is_2_and_a_bug_is_3(backtest, monkeypatch: pytest.MonkeyPatch):
    assert backtest("run").status == 2
    assert backtest("run", "streak5", "--since", "yesterday").status == 2
    assert backtest("walk").status == 2

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("backtest.plan.make_plan", broken)
    done = backtest("run", "streak5")
    assert done.status == 3
    assert "Traceback" in done.err


def test_a_failing_report_leaves_no_run_behind(backtest, folder: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(_record: object) -> str:
        raise ZeroDivisionError

    monkeypatch.setattr("backtest.study.export.recording.record_page", broken)
    assert backtest("run", "streak5", "--no-trade").status == 3
    assert not [path for path in (folder / "reports").rglob("*") if path.is_file()]


def test_a_hostile_title_does_not_break_out(backtest, folder: Path):
    text = 'schema = 1\ntitle = "<script>alert(1)</script>"\n[detector]\nuse = "streak"\nsessions = 4\n'
    (folder / "strategies" / "hostile.toml").write_text(text, encoding="utf-8")
    assert backtest("run", "hostile", "--no-trade").status == 0
    report = next((folder / "reports").rglob("report.html")).read_text(encoding="utf-8")
    assert "<script>alert(1)" not in report
    for hidden in ("\\u001b[31m", "\\u202e"):
        (folder / "strategies" / "hostile.toml").write_text(text.replace("<", hidden), encoding="utf-8")
        done = backtest("run", "hostile", "--no-trade")
        assert done.status == 1
        assert done.err.isascii()
        assert "must be printable text" in done.err


def own_detector(folder: Path, code: str) -> None:
    (folder / "strategies" / "own.py").write_text(code, encoding="utf-8")
    text = 'schema = 1\ntitle = "Own"\n[detector]\nuse = "own.py"\n'
    (folder / "strategies" / "own.toml").write_text(text, encoding="utf-8")


def test_a_detector_that_prints_does_not_spoil_the_json(backtest, folder: Path):
    own_detector(
        folder, "print('hello')\ndef detect(prices):\n    print('hi')\n    return prices.close('small') < 100\n"
    )
    done = backtest("run", "own", "--no-trade", "--json")
    assert done.json["strategy"] == "own"
    assert done.err == "hello\nhi\n"


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("def detect(prices):\n    raise SystemExit(0)\n", "detector 'own' failed: SystemExit: 0 (own.py, line 2)"),
        ("def detect(prices):\n    prices.close('small')[0] = 1.0\n", "read-only (own.py, line 2)"),
        ("import sys\nsys.exit(0)\n", "own.py' cannot be imported: SystemExit"),
        ("def detect(prices):\n    return prices.close('small')\n", "one boolean per session is needed"),
    ],
)
def test_a_detector_that_misbehaves_is_refused(backtest, folder: Path, code: str, line: str):
    own_detector(folder, code)
    done = backtest("run", "own", "--no-trade")
    assert done.status == 1
    assert len(done.err.splitlines()) == 1
    assert line in done.err
