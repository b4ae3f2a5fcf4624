"""A record comes out the same, or it is said what changed and which numbers that moved."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import numpy as np
import pytest

from backtest.data.ingest.importing import import_dataset
from backtest.errors import RunUnreadable
from backtest.plan import make_plan
from backtest.study.run import run_plan
from backtest.verification.verified import verify_run
from backtest.workspace import Workspace

MANIFEST = """
schema = 1
name = "own"
title = "Two series"
licence = "made up"
redistributable = true

[calendar]
exchange = "24/5"

[roles]
small = "A"
mega = "B"

[series.A]
title = "A"
kind = "total_return_index"
unit = "index"
columns = { close = "A" }
file = "prices.csv"

[series.B]
title = "B"
kind = "total_return_index"
unit = "index"
columns = { close = "B" }
file = "prices.csv"
"""
STRATEGY = """
schema = 1
title = "Listed"

[detector]
use = "own.py"
every = 50

[measure]
horizons = [1, 5]
window = [-2, 5]

[trade]
hold = 3
"""
OWN = """
import numpy as np


def detect(prices, *, every: int = 10):
    return np.arange(len(prices)) % every == 7
"""
N = 400


def levels():
    rng = np.random.default_rng(5)
    return np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.01, (N, 2)), axis=0)), 4)


def bring(workspace: Workspace, prices: np.ndarray) -> None:
    source = workspace.root / "source"
    source.mkdir(exist_ok=True)
    days = np.busday_offset("2010-01-04", np.arange(N))
    lines = [f"{day},{a:.4f},{b:.4f}" for day, (a, b) in zip(days, prices, strict=True)]
    (source / "prices.csv").write_text("\n".join(["date,A,B", *lines]) + "\n", encoding="utf-8")
    folder = workspace.root / "datasets" / "own"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.toml").write_text(MANIFEST, encoding="utf-8")
    import_dataset("own", source, workspace)


@pytest.fixture
def folder(workspace):
    """The folder of a recorded run of a user's own detector on a user's own data."""
    bring(workspace, levels())
    (workspace.root / "strategies" / "listed.toml").write_text(STRATEGY, encoding="utf-8")
    (workspace.root / "strategies" / "own.py").write_text(OWN, encoding="utf-8")
    overrides = {"horizons": [1, 3], "episodes.until": dt.date(2011, 3, 1)}
    return run_plan(make_plan(workspace, "listed", "own", overrides)).with_trade().save(workspace)


def altered(folder, change):
    path = folder / "run.json"
    run = json.loads(path.read_text("utf-8"))
    change(run)
    path.write_text(json.dumps(run), encoding="utf-8")


def codes(found):
    return [note.code for note in found.changes]


def test_nothing_changed_and_every_bit_is_the_same(workspace, folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    found = verify_run(workspace, folder)
    assert (found.identical, found.changes, found.moved, found.unrecorded) == (True, (), 0, ())
    assert found.sentence == f"Bit-identical: all {found.values:,} values of the record come out the same."
    assert {"trades", "horizons", "run.json"} <= {table.table for table in found.tables}
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_what_was_set_and_the_text_are_those_of_the_record(workspace, folder):
    path = workspace.root / "strategies" / "listed.toml"
    path.write_text(STRATEGY.replace("every = 50", "every = 60"), encoding="utf-8")
    found = verify_run(workspace, folder)
    assert found.identical
    assert codes(found) == ["text"]
    path.unlink()
    assert verify_run(workspace, folder).identical


def test_a_price_that_changed_moves_what_it_enters(workspace, folder):
    prices, at = levels(), 107  # day 0 of the third event
    before = prices[at : at + 2, 0].copy()
    prices[at + 1, 0] = round(prices[at + 1, 0] * 1.01, 4)
    bring(workspace, prices)
    found = verify_run(workspace, folder)
    assert not found.identical
    assert codes(found) == ["data"]
    assert "own' has changed: sha256 " in found.changes[0].text
    moved = {table.table: table for table in found.tables}
    day = str(np.busday_offset("2010-01-04", at))
    (one,) = [
        move for move in moved["forward_returns"].moves if move.column == "asset" and move.key.endswith("horizon 1")
    ]
    assert one.key == f"event {day}, horizon 1"
    assert (one.old, one.new) == pytest.approx(
        (before[1] / before[0] - 1, prices[at + 1, 0] / before[0] - 1), abs=1e-12
    )
    assert moved["events"].same
    assert not moved["horizons"].same
    assert found.largest(3)[0].size >= found.largest(3)[1].size >= found.largest(3)[2].size


def test_a_detector_that_changed_is_named_and_its_events_are_others(workspace, folder):
    path = workspace.root / "strategies" / "own.py"
    path.write_text(f"{OWN}# a remark\n", encoding="utf-8")
    found = verify_run(workspace, folder)
    assert (found.identical, codes(found)) == (True, ["file"])
    assert found.changes[0].text.startswith("'own.py' has changed: sha256 ")
    path.write_text(OWN.replace("== 7", "== 8"), encoding="utf-8")
    found = verify_run(workspace, folder)
    assert not found.identical
    events = next(table for table in found.tables if table.table == "events")
    assert events.gone == events.added > 0


def test_what_is_no_longer_there_is_said(workspace, folder):
    (workspace.root / "strategies" / "own.py").unlink()
    found = verify_run(workspace, folder)
    assert not found.identical
    assert "own.py" in found.refusal
    assert codes(found) == ["file"]
    (workspace.root / "datasets" / "own").rename(workspace.root / "away")
    found = verify_run(workspace, folder)
    assert codes(found)[0] == "data"
    assert found.changes[0].text.startswith("The dataset 'own' is not here (sha256 ")
    assert found.sentence.startswith("Not computed again: dataset 'own' is not in ")


def test_a_number_that_was_altered_is_found(workspace, folder):
    def change(run):
        run["horizons"][1]["p_value"] = np.nextafter(run["horizons"][1]["p_value"], 1)

    altered(folder, change)
    found = verify_run(workspace, folder)
    (move,) = found.largest(9)
    assert (move.table, move.key, move.column) == ("run.json", "horizons.3", "p_value")
    assert found.sentence.endswith(
        "Nothing that the record names has changed: the code has, or the record was altered."
    )


def test_a_parameter_that_was_altered_is_found(workspace, folder):
    altered(folder, lambda run: run["parameters"].update({"detector.every": 60}))
    (move,) = verify_run(workspace, folder).largest(9)
    assert (move.column, move.old, move.new) == ("detector.every", 60, 50)


def test_another_version_is_named_and_decides_nothing(workspace, folder):
    def change(run):
        run["version"], run["environment"]["numpy"] = "0.0.9", "1.0"

    altered(folder, change)
    found = verify_run(workspace, folder)
    assert found.identical
    assert codes(found) == ["version", "environment"]
    assert "numpy 1.0 then, " in found.changes[1].text


def test_a_record_of_an_earlier_version_is_computed_from_its_parameters(workspace, folder):
    def change(run):
        for key in ("source", "environment", "sha256", "robustness"):
            del run[key]

    altered(folder, change)
    (folder / "influence.parquet").unlink()
    found = verify_run(workspace, folder)
    assert found.identical
    assert codes(found) == ["text"]
    assert found.unrecorded == ("influence",)
    assert found.tables[-1].unrecorded == ("robustness",)


def test_a_damaged_table_is_refused(workspace, folder):
    content = bytearray((folder / "horizons.parquet").read_bytes())
    content[100] ^= 1
    (folder / "horizons.parquet").write_bytes(content)
    with pytest.raises(RunUnreadable, match=r"horizons\.parquet: is not as it was recorded"):
        verify_run(workspace, folder)


def test_a_function_is_in_no_record(workspace):
    from backtest import Strategy, run_strategy

    def flagged(prices):
        return np.arange(len(prices)) % 50 == 0

    folder = run_strategy(Strategy.of(flagged), workspace=workspace.root, trade=False).save(workspace)
    found = verify_run(workspace, folder)
    assert not found.identical
    assert "was given as a Python function (flagged), which no record holds" in found.refusal


@pytest.mark.parametrize("name", ["../listed", "a/b"])
def test_the_python_of_another_folder_is_not_run(workspace, folder, name):
    def change(run):
        run["strategy"] = name

    altered(folder, change)
    with pytest.raises(RunUnreadable, match="'strategy' is missing, or not as"):
        verify_run(workspace, folder)


def test_a_file_outside_the_workspace_is_not_looked_at(workspace, folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (outside / "listed.toml").write_text(STRATEGY, encoding="utf-8")
    (outside / "own.py").write_text("raise SystemExit('run from outside')", encoding="utf-8")
    altered(folder, lambda run: run["source"].update(file=str(outside / "listed.toml")))
    assert verify_run(workspace, folder).identical


def test_several_assets_a_leak_and_a_trade_that_was_refused_come_out_the_same(workspace):
    (workspace.root / "strategies" / "seer.toml").write_text(
        'schema = 1\ntitle = "Seer"\n[detector]\nuse = "seer.py"\n[measure]\nhorizons = [1]\nbenchmark = ""\n'
        'asset = ["small", "mega"]\n[trade]\nhold = 2\n',
        encoding="utf-8",
    )
    code = (
        "import numpy as np\n\n\ndef detect(prices):\n"
        "    level = prices.close('small')\n    return np.append(level[1:] > 1.03 * level[:-1], False)\n"
    )
    (workspace.root / "strategies" / "seer.py").write_text(code, encoding="utf-8")
    study = run_plan(make_plan(workspace, "seer"), allow_lookahead=True).with_trade()
    assert study.summary["lookahead"] is not None
    assert [note["code"] for note in study.summary["notes"]].count("not_traded") == 1
    found = verify_run(workspace, study.save(workspace))
    assert found.identical, found.largest(5)


def test_calibration_measured_since_is_said_and_decides_nothing(workspace, folder):
    altered(folder, lambda run: run.update(calibration="Wrong in 4% of histories."))
    found = verify_run(workspace, folder)
    assert (found.identical, codes(found)) == (True, ["calibration"])


def test_the_json_of_a_verification_is_plain(workspace, folder):
    altered(folder, lambda run: run.update(verdict="Otherwise."))
    found = verify_run(workspace, folder)
    content = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert (content["identical"], content["moved"], content["computed"]) == (False, 1, True)
    assert content["largest"][0]["old"] == "Otherwise."
    assert sum(table["values"] for table in content["tables"]) == content["values"]


def test_a_run_on_real_data_comes_out_the_same(us_size, tmp_path):
    study = run_plan(make_plan(us_size, "ratecut", "us-size")).with_trade()
    place = dataclasses.replace(us_size, root=tmp_path)
    folder = study.save(place)
    assert verify_run(us_size, folder).identical
