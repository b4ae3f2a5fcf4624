"""Groups of assets that a dataset's manifest names: what is read, stored, counted and refused, and who uses them."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from backtest.data.manifest.panel_table import GroupsTable, PanelTable
from backtest.data.panel.write_blocks import panel_import
from backtest.errors import DataRefused, DatasetCorrupt
from backtest.panel.panel_study import study_panel
from backtest.panel.scan import scan_panel
from backtest.spec.strategy import Strategy, load_strategy

TABLE = '[panel.groups]\nfile = "sectors.csv"\ncolumns = { asset = "ticker", group = "sector" }\n'
TABLES = {"file": "sectors.csv", "columns": {"asset": "ticker", "group": "sector"}}
SECTORS = "ticker,sector\nS3,oil\nS1, tech \nS0,tech\nS2,\nS4,oil\nS5,tech\nGONE,oil\nGONE,oil\n"
GROUPS = ("tech", "tech", "", "oil", "oil", "tech", "", "", "", "")
UP = {"use": "streak", "series": "close", "sessions": 2, "threshold": 0.001}
MEASURE = {"asset": "close", "benchmark": "group", "horizons": [1]}


@pytest.fixture
def given(delivery, frame, small_blocks):
    """Import the panel with a table of groups; return it."""
    delivery.deliver(frame)
    delivery.describe(delivery.manifest + TABLE)

    def imported(content=SECTORS):
        if isinstance(content, str):
            (delivery.source / "sectors.csv").write_text(content, encoding="utf-8")
        else:
            delivery.deliver(content, "sectors.parquet")
            delivery.describe(delivery.manifest + TABLE.replace("csv", "parquet"))
        delivery.run()
        return delivery.load().panel

    return imported


def test_each_asset_has_its_group_in_memory_and_by_block(given):
    source = given()
    panel = source.read()
    assert panel.groups == source.groups == GROUPS
    again = pickle.loads(pickle.dumps(source))
    assert [again.read_block(block).groups for block in again.blocks] == [GROUPS[:4], GROUPS[4:8], GROUPS[8:]]
    counted = {one.rule: (one.rows, one.assets, one.worst) for one in panel.findings}
    assert counted["unknown_grouped"] == (2, 1, (("GONE", 2),))
    assert counted["no_group"] == (5, 5, tuple((name, 1) for name in ("S2", "S6", "S7", "S8", "S9")))
    stored = pq.read_table(source.blocks[0].path.parent / "panel-groups.parquet").to_pydict()
    assert stored == {
        "asset": ["GONE", "S0", "S1", "S3", "S4", "S5"],
        "group": ["oil", "tech", "tech", "oil", "oil", "tech"],
    }


def test_a_check_of_the_files_counts_what_an_import_counts(given, delivery):
    panel = given().read()
    spec = PanelTable(
        title="t", kind="price_index", unit="u", file="stocks.parquet", groups=GroupsTable.model_validate(TABLES)
    )
    found = panel_import(spec, delivery.source).inspect(panel.common.sessions)
    assert [one for one in found if "group" in one.rule] == [one for one in panel.findings if "group" in one.rule]


def test_whole_numbers_may_name_groups(given):
    table = pd.DataFrame({"ticker": ["S0", "S1", "S9"], "sector": pd.array([3571, 3571, None], dtype="Int64")})
    assert given(table).groups == ("3571", "3571", *[""] * 8)


def test_without_a_table_no_asset_has_a_group(delivery, frame):
    delivery.deliver(frame)
    delivery.run()
    source = delivery.load().panel
    assert source.groups == source.read().groups == ()
    assert delivery.load().panel.read().universe.groups == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("ticker,group\nS1,oil\n", "has no column 'sector'"),
        ("ticker,sector\nS1,oil\nS0,tech\nS1,tech\n", r"row 3: S1 has two groups: 'oil' and 'tech'\. Give each asset"),
        ("ticker,sector\nS1,oil\n,tech\n", "'ticker' holds '', which is no name of an asset"),
        (pd.DataFrame({"ticker": ["S0"], "sector": [1.5]}), "column 'sector' is double: must hold groups"),
    ],
)
def test_groups_that_cannot_be_are_refused(given, content, said):
    with pytest.raises(DataRefused, match=said):
        given(content)


def test_an_address_with_a_password_is_refused(delivery):
    delivery.describe(delivery.manifest + TABLE + 'folder = "s3://key:secret@bucket/x"\n')
    with pytest.raises(Exception, match="folder must hold no credentials"):
        delivery.run()


def test_damaged_groups_are_not_read(given):
    source = given()
    path = source.blocks[0].path.parent / "panel-groups.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DatasetCorrupt, match=r"panel-groups\.parquet: cannot be read"):
        source.read()


def test_a_change_of_groups_is_a_change_of_the_data(given, delivery):
    given()
    before = delivery.load().sha256
    given(SECTORS.replace("S4,oil", "S4,tech"))
    assert delivery.load().sha256 != before
    given()
    assert delivery.load().sha256 == before


def others_in_group(close, groups, events):
    """The return over the next session of the equal-weighted others of the group, with pandas, one event at a time."""
    change = (close.shift(-1) / close - 1).to_numpy()
    found = []
    for asset, at in events:
        same = [i for i, group in enumerate(groups) if group == groups[asset] != "" and i != asset]
        there = change[at, same][np.isfinite(change[at, same])]
        found.append(there.mean() if len(there) else np.nan)
    return found


def test_a_study_compares_with_the_group_that_the_dataset_names(given):
    source, strategy = given(), Strategy.of(UP, measure=MEASURE)
    panel = source.read()
    study = study_panel(strategy, panel)
    expected = others_in_group(pd.DataFrame(panel.close), GROUPS, zip(study.found.asset, study.found.day0, strict=True))
    np.testing.assert_allclose(study.forward.benchmark[:, 0], expected, rtol=1e-12)
    assert np.isfinite(expected).sum() > 5
    scanned = scan_panel(strategy, source, workers=1)
    np.testing.assert_array_equal(scanned.forward.benchmark, study.forward.benchmark)
    by_asset = study.by_group("asset")
    assert set(by_asset["group"]) == {"tech", "oil"}


def test_a_strategy_may_name_groups_of_its_own(given, tmp_path):
    (tmp_path / "mine.csv").write_text("ticker,group\n" + "".join(f"S{i},{'ab'[i % 2]}\n" for i in range(9)))
    (tmp_path / "up.toml").write_text(
        'schema = 1\ntitle = "Up"\n[detector]\nuse = "streak"\nseries = "close"\nsessions = 2\nthreshold = 0.001\n'
        '[study]\ngroups = "mine.csv"\n[measure]\nasset = "close"\nbenchmark = "group"\nhorizons = [1]\n'
    )
    source = given()
    study = study_panel(load_strategy(tmp_path / "up.toml"), source.read())
    assert study.panel.groups == (*("ab"[i % 2] for i in range(9)), "")
    (finding,) = [one for one in study.panel.findings if "group" in one.rule]
    assert (finding.rule, finding.rows, finding.text) == ("no_group", 1, "assets have no group in mine.csv")
    scanned = scan_panel(load_strategy(tmp_path / "up.toml"), source, workers=1)
    assert set(scanned.by_group("asset")["group"]) == {"a", "b"}
