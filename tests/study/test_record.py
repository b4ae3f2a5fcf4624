"""What a run leaves on disk."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest

import backtest.report.pages.run.page
import backtest.study.export.recording
from backtest import run_strategy
from backtest.data.store.read import load_dataset
from backtest.errors import BacktestError, RunUnreadable
from backtest.model import SPREAD
from backtest.plan import plan_on
from backtest.record.read import read_run
from backtest.record.schema import EXPECTED, OPTIONAL, schemas
from backtest.study.run import run_plan

from ..conftest import MARKED_STRATEGY

FIVE = ["1998-10-20", "2000-01-20", "2009-09-10", "2020-04-28", "2024-07-16"]
CONDITIONS = ("up", "late")
TRADE = "[trade]\nhold = 3\ncost_bps = 10\n"


@pytest.fixture
def study(history_of, plan_of):
    """Forty weekdays; events on sessions 3, 10 and 38; at the end of the data windows and a trade are open."""
    rng = np.random.default_rng(1)
    walk = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 40)))
    marks = np.zeros(40)
    marks[[3, 10, 38]] = 1
    prices = history_of({"A": walk, "B": [50.0] * 40, "M": marks}, kinds={"M": "rate"})
    return run_plan(plan_of(prices, more=TRADE)).with_trade()


def contents(folder):
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(path.as_posix() for path in found if path.parts[0] != ".audit")


def test_a_run_comes_back_as_it_was(study, workspace):
    folder = study.save(workspace)
    record = read_run(folder)
    assert folder == workspace.reports / "marked" / study.summary["run_id"]
    assert set(record.tables) == set(schemas(SPREAD)) - {"conditions", "rarity", *EXPECTED}  # it has none of them
    for name, table in record.tables.items():
        mark = table.schema.metadata
        assert mark == {b"strategy": b"marked", b"dataset": b"made", b"sha256": b"0" * 64, b"synthetic": b"false"}
        assert table.replace_schema_metadata(None).equals(study.tables[name], check_metadata=True)
    files, checksums = record.run.pop("files"), record.run.pop("sha256")
    assert {file: hashlib.sha256((folder / file).read_bytes()).hexdigest() for file in checksums} == checksums
    assert checksums.keys() == {f"{name}.parquet" for name in record.tables}
    assert record.run.pop("ledger")["looks"] == 2  # two horizons, nothing before
    assert record.run == json.loads(json.dumps(study.summary))
    assert sorted(files.values()) == contents(folder)
    assert "NaN" not in (folder / "run.json").read_text(encoding="utf-8")


def test_every_field_on_disk_has_a_unit_and_a_meaning(study, workspace):
    folder = study.save(workspace)
    for name in study.tables:
        schema = pq.read_schema(folder / f"{name}.parquet")
        assert schema.names == schemas(SPREAD)[name].names
        for field in schema:
            assert field.metadata[b"unit"], (name, field.name)
            assert field.metadata[b"description"], (name, field.name)


@pytest.fixture
def combined(history_of, plan_of, workspace):
    """Ten weekdays; ``up`` is met on 1-3 and 7, unknown on 5; ``late`` on 3 and 7-9; both on 3 and 7."""
    up, late = [0, 1, 1, 1, 0, np.nan, 0, 1, 0, 0], [0, 0, 0, 1, 0, 0, 0, 1, 1, 1]
    columns = {"A": range(100, 110), "B": [50.0] * 10, "U": up, "L": late}
    plan = plan_of(history_of(columns, kinds={"U": "rate", "L": "rate"}))
    tables = "\n".join(f'[conditions.{name}]\nuse = "marked.py"\nseries = "{name[0].upper()}"' for name in CONDITIONS)
    text = MARKED_STRATEGY.replace('use = "marked.py"', 'all = ["up", "late"]')
    plan.strategy.path.write_text(f"{text}\n{tables}", encoding="utf-8")
    return lambda overrides=None: run_plan(plan_on(plan.dataset, workspace, "marked", overrides))


def test_every_named_condition_is_recorded_run_by_run(combined, workspace):
    study = combined()
    days = study.plan.dataset.prices.sessions.tolist()
    assert [event["day0"] for event in study.summary["events"]] == [str(days[3]), str(days[7])]
    runs = [("up", 1, 3), ("up", 7, 7), ("late", 3, 3), ("late", 7, 9)]
    assert study.tables["conditions"].to_pylist() == [
        {"condition": name, "first": days[first], "last": days[last], "sessions": last - first + 1}
        for name, first, last in runs
    ]
    assert study.summary["conditions"] == [
        {"name": "up", "runs": 2, "met": 4, "unknown": 1, "sessions": 10},
        {"name": "late", "runs": 2, "met": 4, "unknown": 0, "sessions": 10},
    ]
    record = read_run(study.save(workspace))
    assert record.tables["conditions"].num_rows == 4


def test_the_conditions_begin_where_the_drawn_history_does(combined):
    study = combined({"episodes.since": dt.date(2000, 1, 5)})  # session 2
    first = study.tables["conditions"].to_pylist()[0]
    assert (first["first"], first["sessions"]) == (dt.date(2000, 1, 5), 2)
    assert (study.summary["conditions"][0]["met"], study.summary["conditions"][0]["sessions"]) == (3, 8)


def test_a_run_recorded_without_these_tables_is_still_read_and_drawn(study, workspace):
    folder = study.save(workspace)
    for name in OPTIONAL:
        (folder / f"{name}.parquet").unlink(missing_ok=True)
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    later = ("conditions", "rules", "rarity", "sha256", "source", "environment")
    older = {key: value for key, value in run.items() if key not in later}
    older["indicator"] = {key: run["indicator"][key] for key in ("name", "unit")}
    (folder / "run.json").write_text(json.dumps({**older, "trade": None}), encoding="utf-8")
    record = read_run(folder)
    assert not set(OPTIONAL) & set(record.tables)
    html = backtest.report.pages.run.page.run_page(record)
    assert "How rare it is" not in html
    assert "Counted by other rules" not in html


def test_tables_recorded_with_fewer_fields_are_still_read_and_drawn(study, workspace):
    folder = study.save(workspace)
    later = {
        "rules": ["hit_rate"],
        "forward_returns": [f"{leg}_drawdown" for leg in ("asset", "benchmark", "spread")],
    }
    for name, fields in later.items():
        pq.write_table(pq.read_table(folder / f"{name}.parquet").drop_columns(fields), folder / f"{name}.parquet")
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    del run["sha256"]  # such a version recorded no checksums
    for rule in run["rules"]:
        for cell in rule["horizons"]:
            del cell["hit_rate"]
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    record = read_run(folder)
    assert all(not set(fields) & set(record.tables[name].column_names) for name, fields in later.items())
    assert "Counted by other rules" in backtest.report.pages.run.page.run_page(record)
    pq.write_table(record.tables["rules"].drop_columns(["n"]), folder / "rules.parquet")
    with pytest.raises(RunUnreadable, match=r"rules\.parquet: its columns are not those of the table 'rules'"):
        read_run(folder)


def test_no_table_holds_a_nan(study):
    for name, table in study.tables.items():
        for field, column in zip(table.schema, table.columns, strict=True):
            values = [value for value in column.to_pylist() if isinstance(value, float)]
            assert not any(value != value for value in values), (name, field.name)


def test_the_tables_say_the_same_as_the_summary(study):
    events = study.tables["events"].to_pylist()
    assert [{k: str(row[k]) for k in ("start", "trigger", "end", "day0")} for row in events] == study.summary["events"]
    assert [row["event"] for row in events] == [1, 2, 3]
    beyond = ("kept", "standardised_excess", "standardised_p", "variance_ratio", "variance_p")
    assert study.tables["horizons"].to_pylist() == [
        {key: row[key] for key in study.tables["horizons"].column_names} for row in study.summary["horizons"]
    ]
    assert study.tables["inference"].to_pylist() == [
        {key: row[key] for key in ("horizon", *beyond)} for row in study.summary["horizons"]
    ]
    assert study.tables["base_rates"].column("n").to_pylist() == [39, 37]  # of 40 sessions, 1 and 3 sessions on
    returns = study.tables["forward_returns"].to_pylist()
    assert [(row["event"], row["horizon"]) for row in returns] == [(1, 1), (1, 3), (2, 1), (2, 3), (3, 1), (3, 3)]
    for h, row in zip((1, 3), study.summary["horizons"], strict=True):
        spreads = [r["spread"] for r in returns if r["horizon"] == h and r["status"] == "complete"]
        assert row["spread_mean"] == pytest.approx(sum(spreads) / len(spreads), abs=1e-15)
    offsets = study.tables["paths"].to_pylist()
    assert [(row["event"], row["offset"]) for row in offsets[:7]] == [(1, o) for o in range(-2, 4)] + [(2, -2)]
    assert study.tables["average_path"].column("n").to_pylist() == [3, 3, 3, 3, 2, 2]


def test_dates_in_the_tables_are_those_of_the_sessions(study):
    # Sessions are weekdays from Monday 2000-01-03 on: session 3 is Thursday the 6th, 10 Monday the 17th, 38 2000-02-24.
    days = [dt.date(2000, 1, 6), dt.date(2000, 1, 17), dt.date(2000, 2, 24)]
    assert study.tables["events"].column("day0").to_pylist() == days
    history = study.tables["history"].to_pylist()
    assert [history[i]["session"] for i in (3, 10, 38)] == days
    assert [history[i]["indicator"] for i in (2, 3)] == [0, 1]
    assert study.tables["equity"].column("session").to_pylist() == [row["session"] for row in history]


def test_the_trades_of_the_record(study):
    trades = study.tables["trades"].to_pylist()
    walk = study.tables["history"].column("asset").to_pylist()
    # Entered a session after 3, 10 and 38 at the close, held three sessions; the last is open on the last day.
    assert [row["entry"] for row in trades] == [dt.date(2000, 1, 7), dt.date(2000, 1, 18), dt.date(2000, 2, 25)]
    assert [row["exit"] for row in trades] == [dt.date(2000, 1, 12), dt.date(2000, 1, 21), None]
    assert [(row["sessions"], row["events"]) for row in trades] == [(3, 1), (3, 1), (0, 1)]
    expected = [walk[7] / walk[4] - 1, walk[14] / walk[11] - 1, 0]
    assert [row["asset_return"] for row in trades] == pytest.approx(expected, abs=1e-12)
    assert [row["benchmark_return"] for row in trades] == [0, 0, 0]
    # 10 basis points of 1 + 1 at entry, and of what both legs are then worth at exit.
    costs = [0.001 * (4 + expected[0]), 0.001 * (4 + expected[1]), 0.002]
    assert [row["costs"] for row in trades] == pytest.approx(costs, abs=1e-12)
    trade = study.summary["trade"]
    assert (trade["n_trades"], trade["open_trades"]) == (3, 1)
    assert trade["exposure"] == 7 / 40  # three closes each, and the last day's
    net = [row["net_return"] for row in trades]
    assert trade["hit_rate"] == sum(value > 0 for value in net) / 3
    assert trade["total_return"] == pytest.approx((1 + net[0]) * (1 + net[1]) * (1 + net[2]) - 1, abs=1e-12)


def test_a_trade_is_entered_at_the_open_where_asked(history_of, plan_of):
    level = np.arange(100.0, 110.0)
    prices = history_of(
        {"A": level, "B": [50.0] * 10, "A.open": level - 0.5, "B.open": [50.0] * 10, "M": [0.0, 1.0] + [0.0] * 8},
        kinds={"M": "rate"},
    )
    study = run_plan(plan_of(prices, more='[trade]\nhold = 3\ncost_bps = 0\nentry = "next_open"\n')).with_trade()
    # In at the open of session 2, 101.5; out at the open of session 5, 104.5.
    assert study.tables["trades"].column("asset_return").to_pylist() == pytest.approx([104.5 / 101.5 - 1], abs=1e-12)


def test_no_trade_is_entered_before_both_legs_begin(history_of, plan_of):
    level = np.append([np.nan] * 5, np.arange(100.0, 115.0))
    marks = np.zeros(20)
    marks[[2, 10]] = 1
    prices = history_of({"A": level, "B": [50.0] * 20, "M": marks}, kinds={"M": "rate"})
    study = run_plan(plan_of(prices, more=TRADE)).with_trade()
    assert study.summary["n_events"] == 2
    (trade,) = study.tables["trades"].to_pylist()
    assert trade["entry"] == prices.sessions[11].item()
    assert trade["asset_return"] == pytest.approx(109 / 106 - 1, abs=1e-12)
    assert study.tables["equity"].column("session")[0].as_py() == prices.sessions[5].item()


def test_a_run_that_breaks_while_it_is_drawn_leaves_nothing_behind(study, workspace, monkeypatch):
    def broken(record):
        assert (record.folder / "events.parquet").exists()
        raise RuntimeError("in the middle of the page")

    monkeypatch.setattr(backtest.study.export.recording, "record_page", broken)
    with pytest.raises(RuntimeError, match="in the middle of the page"):
        study.save(workspace)
    assert contents(workspace.reports) == []
    monkeypatch.undo()
    assert study.save(workspace).is_dir()


def test_a_folder_that_cannot_be_written_is_refused(study, workspace):
    shutil.rmtree(workspace.reports, ignore_errors=True)  # what the look-ahead guard keeps
    workspace.reports.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(BacktestError) as refused:
        study.save(workspace)
    assert str(refused.value) == (
        f"cannot write to {workspace.reports / 'marked'}: Not a directory. Run from a folder you may write to."
    )


def test_runs_of_the_same_second_keep_apart(study, workspace):
    folders = [study.save(workspace) for _ in range(3)]
    first = study.summary["run_id"]
    assert [folder.name for folder in folders] == [first, f"{first}-2", f"{first}-3"]
    assert [read_run(folder).run["run_id"] for folder in folders] == [folder.name for folder in folders]


def test_another_setting_or_other_data_give_another_run_id(history_of, plan_of):
    marks = [0.0, 1.0] + [0.0] * 8
    prices = history_of({"A": range(1, 11), "B": [5.0] * 10, "M": marks}, kinds={"M": "rate"})
    ids = {
        run_plan(plan_of(prices, overrides)).summary["run_id"].rpartition("-")[2]
        for overrides in ({}, {"measure.horizons": [2]}, {"episodes.cooldown": 1})
    }
    assert len(ids) == 3


def test_the_same_study_twice_gives_the_same_numbers(workspace):
    studies = [run_strategy("streak5", workspace=workspace.root, trade=False) for _ in range(2)]
    for name in studies[0].tables:
        assert studies[0].tables[name].equals(studies[1].tables[name])
    changing = ("created", "run_id")
    first, second = ({k: v for k, v in s.summary.items() if k not in changing} for s in studies)
    assert first == second


# The Python interface, on the embedded sample


def test_run_strategy_gives_frames_of_what_the_run_records(workspace):
    study = run_strategy("streak5", settings={"measure.horizons": [5, 21]}, workspace=workspace.root, trade=False)
    assert study.events["trigger"].dt.date.astype(str).tolist() == FIVE
    assert len(study) == 5
    assert study.horizons["horizon"].tolist() == [5, 21]
    assert study.forward_returns.shape[0] == 10
    assert study.summary["dataset"]["synthetic"] is True
    assert study.summary["trade"] is None
    assert contents(workspace.root / "reports") == []
    shown = study._repr_html_()
    assert "Simulated data: these returns mean nothing." in shown
    assert study.verdict in shown.replace("&#x27;", "'").replace("&amp;", "&")
    row = study.summary["horizons"][1]
    interval = f"{100 * row['ci_low']:+.2f} to {100 * row['ci_high']:+.2f} pp".replace("-", "−")
    assert f"<td>{interval}</td>" in shown
    assert repr(study).startswith("<Study streak5: 5 events on SIMULATED data. ")


def test_run_strategy_saves_where_asked(workspace):
    study = run_strategy("rotation", workspace=workspace.root, trade=False, save=True)
    folder = workspace.root / "reports" / "rotation" / study.summary["run_id"]
    assert {"run.json", "report.html", "events.parquet"} <= set(contents(folder))
    assert "trades.parquet" not in contents(folder)


def test_titles_are_escaped_in_a_notebook(workspace):
    path = workspace.root / "strategies" / "odd.toml"
    path.write_text('schema = 1\ntitle = "<script>x</script>"\n[detector]\nuse = "move"\n', encoding="utf-8")
    shown = run_strategy("odd", workspace=workspace.root)._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;x&lt;/script&gt;" in shown


def test_a_strategy_without_a_trade_has_none(workspace):
    path = workspace.root / "strategies" / "plain.toml"
    path.write_text('schema = 1\ntitle = "T"\n[detector]\nuse = "move"\n', encoding="utf-8")
    study = run_strategy("plain", workspace=workspace.root)
    assert study.with_trade() is study
    assert study.summary["trade"] is None


def test_reading_a_detector_twice_does_not_change_what_it_reads(workspace):
    # The history that is plotted is that of the series the detector read, not of what was read before or after.
    data = load_dataset(workspace.dataset("sample"))
    data.prices.close("tech_index")
    for _ in range(2):
        study = run_plan(plan_on(data, workspace, "rotation"))
        assert study.detection.reads == ("SIM_MARKET_INDEX", "SIM_SMALL_INDEX")
