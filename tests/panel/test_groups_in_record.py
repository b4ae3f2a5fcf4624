"""Groups of a list and of assets in the record of a study on a panel, its page, and older records without them."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from backtest import PanelRun, panel_of_frame, study_panel
from backtest.cli.panel_study_view import print_groups
from backtest.errors import RunUnreadable
from backtest.files import sha256_of
from backtest.model import Dataset
from backtest.record.read import read_run
from backtest.report.pages.panel.page import panel_page
from backtest.workspace import Workspace

NAMES = [f"S{place:02}" for place in range(12)]


@pytest.fixture(scope="module")
def frames():
    rng = np.random.default_rng(7)
    days = pd.bdate_range("2010-01-01", periods=400, name="session")
    moves = rng.normal(0, 0.02, (len(days), len(NAMES)))
    wide = pd.DataFrame(100 * np.exp(moves.cumsum(axis=0)), days, NAMES)
    listed = pd.DataFrame(
        {
            "ticker": rng.choice(NAMES, 120),
            "date": rng.choice(days[:370], 120),
            "group": rng.choice(["beat", "miss <b>"], 120),
        }
    )
    return wide, listed.drop_duplicates(["ticker", "date"])


def panel(wide):
    long = wide.reset_index().melt("session", var_name="symbol", value_name="close")
    market = Dataset.from_frame(wide[["S00"]].rename(columns={"S00": "market"}))
    return panel_of_frame(long.assign(sector=np.where(long["symbol"] < "S06", "tech", "oil")), market, group="sector")


@pytest.fixture(scope="module")
def folder(frames, tmp_path_factory):
    place = tmp_path_factory.mktemp("groups")
    (place / "backtest.toml").touch()
    wide, listed = frames
    study = study_panel(listed, panel(wide), measure={"benchmark": "market", "horizons": [1, 5]})
    return PanelRun(study).save(Workspace.find(place))


def test_each_group_is_a_study_of_its_events_alone(frames, folder):
    wide, listed = frames
    table = read_run(folder).tables["groups"].to_pandas()
    assert table[["of", "group"]].drop_duplicates().values.tolist() == [
        ["event", "beat"],
        ["event", "miss <b>"],
        ["asset", "oil"],
        ["asset", "tech"],
    ]
    tables = {"measure": {"benchmark": "market", "horizons": [1, 5]}}
    for name in ("beat", "miss <b>"):
        alone = study_panel(listed[listed["group"] == name], panel(wide), **tables).horizons
        mine = table[(table["of"] == "event") & (table["group"] == name)].reset_index(drop=True)
        for ours, theirs in (("n", "n"), ("spread_mean", "mean"), ("base_spread_mean", "base_mean")):
            np.testing.assert_allclose(mine[ours], alone[theirs], rtol=1e-9)
        np.testing.assert_allclose(mine["p_value"], alone["p_value"], rtol=1e-9)
    for name, these in (("tech", NAMES[:6]), ("oil", NAMES[6:])):
        mine = table[(table["of"] == "asset") & (table["group"] == name)].set_index("horizon")
        for horizon in (1, 5):
            moves = wide.shift(-horizon) / wide - 1
            spread = moves.sub(moves["S00"], axis=0)[these]
            assert mine.loc[horizon, "base_spread_mean"] == pytest.approx(np.nanmean(spread.to_numpy()), rel=1e-9)


def test_each_event_has_the_group_of_its_row(frames, folder):
    _, listed = frames
    of = {(row.ticker, row.date.date()): row.group for row in listed.itertuples()}
    rows = read_run(folder).tables["events"].to_pylist()
    assert len(rows) > 100
    assert [row["group"] for row in rows] == [of[row["asset"], row["day0"]] for row in rows]


def test_the_summary_and_the_page_hold_what_the_table_holds(folder):
    record = read_run(folder)
    rows = record.tables["groups"].to_pylist()
    groups = record.run["groups"]
    said = [{"of": one["of"], "group": one["group"], **row} for one in groups for row in one["horizons"]]
    assert said == rows
    page = panel_page(record)
    assert "Groups side by side" in page
    assert "miss &lt;b&gt;" in page
    assert "miss <b>" not in page


def test_a_record_of_before_is_read_and_drawn(folder, tmp_path):
    """Neither tables nor fields of what a finding rests on."""
    old = tmp_path / "old"
    shutil.copytree(folder, old)
    run = json.loads((old / "run.json").read_text("utf-8"))
    for name in ("groups", "matched", "influence"):
        (old / f"{name}.parquet").unlink()
        del run["sha256"][f"{name}.parquet"]
    events = pq.read_table(old / "events.parquet")
    pq.write_table(events.drop_columns("group"), old / "events.parquet")
    run["sha256"]["events.parquet"] = sha256_of((old / "events.parquet").read_bytes())
    del run["groups"], run["robustness"], run["scanned"]
    for row in run["horizons"]:
        del row["doubt"], row["remarks"]
    (old / "run.json").write_text(json.dumps(run), "utf-8")
    page = panel_page(read_run(old))
    assert "How firm it is" not in page
    assert "Groups side by side" not in page


@pytest.mark.parametrize("at", ["groups", "robustness"])
def test_a_row_too_few_is_damage(folder, tmp_path, at):
    damaged = tmp_path / "damaged"
    shutil.copytree(folder, damaged)
    run = json.loads((damaged / "run.json").read_text("utf-8"))
    if at == "groups":
        run["groups"][0]["horizons"].pop()
    else:
        run["robustness"]["halves"][0]["excess"].pop()
    (damaged / "run.json").write_text(json.dumps(run), "utf-8")
    with pytest.raises(RunUnreadable, match=f"'{at}"):
        read_run(damaged)


@pytest.mark.parametrize("table", ["groups", "influence", "matched"])
def test_a_record_that_speaks_of_a_table_that_it_never_had_is_damaged(folder, tmp_path, table):
    """Its page would have no source for what it shows."""
    damaged = tmp_path / "damaged"
    shutil.copytree(folder, damaged)
    run = json.loads((damaged / "run.json").read_text("utf-8"))
    (damaged / f"{table}.parquet").unlink()
    del run["files"][table], run["sha256"][f"{table}.parquet"]
    (damaged / "run.json").write_text(json.dumps(run), "utf-8")
    with pytest.raises(RunUnreadable, match=f"'sha256.{table}.parquet' is missing"):
        read_run(damaged)


def test_the_terminal_shows_the_groups_of_the_record(folder, capsys):
    """At the horizon of the verdict; each row as the table has it."""
    record = read_run(folder)
    print_groups(record.run)
    said = capsys.readouterr().out
    at = min(record.run["horizons"], key=lambda row: (row["p_adjusted"], row["p_value"]))["horizon"]
    assert f"Groups of events, over {at} session" in said
    assert f"Groups of assets, over {at} session" in said
    rows = record.tables["groups"].to_pandas().query("horizon == @at")
    for row in rows.itertuples():
        line = next(line for line in said.splitlines() if line.startswith(f"{row.group} "))
        assert f"{row.p_value:.3f}" in line
        assert f" {row.n} " in line


def test_the_groups_fit_into_eighty_columns_whatever_their_names(folder, capsys):
    run = read_run(folder).run
    long = "pharmaceuticals_biotechnology_and_life_sciences"
    row = {"n": 104_321, "spread_mean": -0.1034, "base_spread_mean": -0.1001, "ci_low": -0.1234, "ci_high": -0.1134}
    groups = [
        {**one, "group": long, "horizons": [{**cells, **row} for cells in one["horizons"]]} for one in run["groups"]
    ]
    print_groups({**run, "groups": groups})
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 80
    assert long in "".join(line[:13].strip() for line in said.splitlines())
