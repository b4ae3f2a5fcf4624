"""The size portfolios since 1926, against the facts that the issue states and the file itself."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from backtest.cli import status_of
from backtest.data.ingest.importing import import_dataset
from backtest.data.manifest.read import parse_manifest
from backtest.data.store.read import load_dataset
from backtest.workspace import Workspace, builtin

FILES = ("size_portfolios_daily_pct.csv", "three_factors_daily_pct.csv")


@pytest.fixture(scope="module")
def manifest():
    path = builtin("datasets") / "us-french" / "manifest.toml"
    return parse_manifest(path.read_text(encoding="utf-8"), path)


@pytest.fixture(scope="module")
def real(shared, tmp_path_factory):
    root = tmp_path_factory.mktemp("workspace")
    (root / "backtest.toml").touch()
    workspace = Workspace(root, marked=True)
    import_dataset("us-french", shared / "data", workspace)
    return workspace


def test_roles_are_total_returns_and_none_is_made_up(manifest):
    assert manifest.roles == {"small": "lo30", "mega": "hi10", "market": "mkt"}
    assert {manifest.series[name].kind for name in manifest.roles.values()} == {"total_return_index"}
    assert manifest.series["mkt_return"].sum == ["mkt_rf", "rf"]


def test_every_column_of_the_files_is_a_series(manifest, shared):
    for name in FILES:
        with (shared / "data" / "french" / name).open() as lines:
            header = next(csv.reader(lines))[1:]
        named = [spec.columns.close for spec in manifest.series.values() if spec.file == f"french/{name}"]
        assert sorted(named) == sorted(header)
    for spec in manifest.series.values():
        assert spec.inputs or (spec.provider == "french" and spec.symbol)


def test_indices_are_the_files_returns_compounded(real, shared):
    prices = load_dataset("us-french", real).prices
    level = dict.fromkeys(("small", "mega", "market"), 100.0)
    sizes, factors = (shared / "data" / "french" / name for name in FILES)
    for row in csv.DictReader(sizes.read_text().splitlines()):
        level["small"] *= 1 + float(row["Lo 30"]) / 100
        level["mega"] *= 1 + float(row["Hi 10"]) / 100
    for row in csv.DictReader(factors.read_text().splitlines()):
        level["market"] *= 1 + (float(row["Mkt-RF"]) + float(row["RF"])) / 100
    for role, value in level.items():
        values = prices.close(role)
        assert values[~np.isnan(values)][-1] == pytest.approx(value, rel=1e-9)
    assert str(prices.sessions[0]) == "1926-07-01"


@pytest.mark.parametrize(
    ("series", "count", "among"),
    [
        ("mega", 3, ["1932-08-08", "1938-06-24", "1970-08-24"]),
        ("small", 22, ["1931-10-10", "1932-08-08", "2020-04-28"]),
        ("market", 2, ["1932-08-08", "1938-06-24"]),
    ],
)
def test_streaks_of_five_sessions_of_one_percent(real, capsys, monkeypatch, series, count, among):
    monkeypatch.chdir(real.root)
    asked = ["events", "streak5", "--dataset", "us-french", "--set", f"detector.series={series}"]
    assert status_of([*asked, "--set", "episodes.since=1926-07-01", "--json"]) == 0
    days = [event["day0"] for event in json.loads(capsys.readouterr().out)["events"]]
    assert len(days) == count
    assert set(among) <= set(days)
