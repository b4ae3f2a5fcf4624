"""A record says what it was made from, and notices that a file of it is no longer what was recorded."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import shutil

import pyarrow.parquet as pq
import pytest

from backtest import run_strategy
from backtest.errors import RunUnreadable
from backtest.plan import make_plan
from backtest.record.read import read_run
from backtest.study.run import run_plan


@pytest.fixture
def folder(workspace):
    return run_strategy("streak5", workspace=workspace.root).save(workspace)


def test_two_runs_of_the_same_inputs_differ_in_id_and_time_alone(workspace):
    first, second = (run_strategy("streak5", workspace=workspace.root) for _ in range(2))
    object.__setattr__(second, "created", first.created + dt.timedelta(days=400))
    one, two = first.save(workspace), second.save(workspace)
    assert one.name != two.name
    names = sorted(path.name for path in one.iterdir())
    assert sorted(path.name for path in two.iterdir()) == names
    differing = [name for name in names if (one / name).read_bytes() != (two / name).read_bytes()]
    assert differing == ["report.html", "run.json"]
    lines = [(folder / "run.json").read_text("utf-8").splitlines() for folder in (one, two)]
    changed = [a.split('"')[1] for a, b in zip(*lines, strict=True) if a != b]
    assert changed == ["run_id", "created"]
    pages = [(folder / "report.html").read_text("utf-8").splitlines() for folder in (one, two)]
    (line,) = [(a, b) for a, b in zip(*pages, strict=True) if a != b]
    assert one.name in line[0]
    assert two.name in line[1]


@pytest.mark.parametrize("table", ["horizons", "rarity", "trades"])
def test_a_table_that_was_changed_is_refused_by_name(folder, table):
    path = folder / f"{table}.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(RunUnreadable) as refused:
        read_run(folder)
    said = str(refused.value)
    assert said.startswith(f"{path}: is not as it was recorded (sha256 ")
    assert said.endswith("Restore the file, or run the study again.")


@pytest.mark.parametrize("table", ["horizons", "rarity"])  # one that every record has, one that it may lack
def test_a_table_that_is_gone_is_refused_by_name(folder, table):
    (folder / f"{table}.parquet").unlink()
    with pytest.raises(RunUnreadable, match=f"{table}.parquet: is missing from the record\\. Restore"):
        read_run(folder)


def test_a_table_that_the_record_never_had_is_refused(workspace, folder):
    other = run_strategy("streak5", workspace=workspace.root, trade=False).save(workspace)
    shutil.copy(folder / "trades.parquet", other)
    with pytest.raises(RunUnreadable, match=r"trades.parquet: is not as it was recorded .* has no such file"):
        read_run(other)


def test_a_record_of_an_earlier_version_is_read_without_checksums(folder):
    path = folder / "run.json"
    run = json.loads(path.read_text("utf-8"))
    for key in ("sha256", "source", "environment"):
        del run[key]
    path.write_text(json.dumps(run), encoding="utf-8")
    (folder / "rarity.parquet").unlink()
    assert "rarity" not in read_run(folder).tables


@pytest.mark.parametrize(("schema", "said"), [(4, "schema 4; this version, "), (True, "schema True; this version, ")])
def test_a_record_of_a_later_version_names_that_version(folder, schema, said):
    path = folder / "run.json"
    run = json.loads(path.read_text("utf-8")) | {"schema": schema, "version": "9.1"}
    path.write_text(json.dumps(run), encoding="utf-8")
    with pytest.raises(RunUnreadable) as refused:
        read_run(folder)
    assert said in str(refused.value)
    assert str(refused.value).endswith("install the version that wrote it: backtest 9.1.")


def test_checksums_of_another_type_are_refused(folder):
    path = folder / "run.json"
    run = json.loads(path.read_text("utf-8")) | {"sha256": ["0"]}
    path.write_text(json.dumps(run), encoding="utf-8")
    with pytest.raises(RunUnreadable, match="'sha256' is missing, or not as"):
        read_run(folder)


def test_pyarrow_reads_unit_and_definition_of_a_column(folder):
    field = pq.read_schema(folder / "horizons.parquet").field("ci_low")
    assert field.metadata == {
        b"unit": b"fraction",
        b"description": b"lower end of the 95% interval for the effect; null: run.json says why",
    }


OWN = '''
"""Every tenth session."""

import numpy as np


def detect(prices, *, every: int = 10):
    return np.arange(len(prices)) % every == 0
'''


def test_the_record_names_what_the_study_was_made_from(workspace):
    folder = workspace.root / "strategies"
    text = 'schema = 1\ntitle = "Tenth"\n[detector]\nuse = "tenth.py"\n'
    (folder / "tenth.toml").write_text(text, encoding="utf-8")
    (folder / "tenth.py").write_text(OWN, encoding="utf-8")
    overrides = {"every": 50, "episodes.since": dt.date(2010, 1, 1)}
    study = run_plan(make_plan(workspace, "tenth", "sample", overrides))
    source = study.summary["source"]
    assert (source["file"], source["text"]) == ("strategies/tenth.toml", text)
    assert source["settings"] == ["episodes.since=2010-01-01", "detector.every=50"]
    assert source["files"] == {"tenth.py": hashlib.sha256(OWN.encode()).hexdigest()}
    assert source["functions"] == []


def test_a_strategy_made_in_python_has_no_text(workspace):
    from backtest import Strategy

    def flagged(prices):
        return prices.sessions.astype(int) % 50 == 0

    source = run_strategy(Strategy.of(flagged), workspace=workspace.root).summary["source"]
    assert (source["file"], source["text"], source["functions"]) == (None, None, ["flagged"])
