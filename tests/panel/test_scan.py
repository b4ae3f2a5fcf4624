"""A scan by blocks: the numbers of a study on the whole panel, the same bytes whoever computes them."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtest.errors import NoEvents, StudyRefused
from backtest.model import Prices, SeriesInfo
from backtest.model.panel import Panel
from backtest.model.panel_source import PanelBlock
from backtest.panel import event_sums, scan
from backtest.panel.panel_run import PanelRun
from backtest.panel.panel_study import study_panel
from backtest.panel.scan import scan_panel
from backtest.panel.scan_blocks import pieces_of
from backtest.spec.strategy import Strategy, strategy_of_text

TEXT = """
schema = 1
title = "Two up"
[detector]
use = "streak"
series = "close"
sessions = 2
threshold = 0.01
[measure]
asset = "close"
benchmark = "market"
horizons = [1, 5, 21]
"""
SIZE = 7


@dataclass(frozen=True)
class Made:
    """A simulated panel that every process makes anew, a block at a time."""

    folder: str = ""
    """Where a process that reads the third block leaves a mark, and is killed if there was none."""
    fields: tuple[str, ...] = ("close",)
    groups: tuple[str, ...] = ()

    @property
    def assets(self) -> tuple[str, ...]:
        return tuple(f"S{number:02d}" for number in range(3 * SIZE + 2))

    @property
    def blocks(self) -> tuple[PanelBlock, ...]:
        names = [self.assets[first : first + SIZE] for first in range(0, len(self.assets), SIZE)]
        return tuple(PanelBlock(SIZE * i, one, Path(), "", 500 * len(one), 0) for i, one in enumerate(names))

    def read(self, fields: Sequence[str] = ("close",)) -> Panel:
        rng = np.random.default_rng(8)
        n = 500
        moves = rng.normal(0, 0.01, (n, 1)) + rng.normal(0, 0.015, (n, len(self.assets)))
        close = 20 * np.exp(moves.cumsum(axis=0))
        close[rng.random(close.shape) < 0.01] = np.nan
        close[:200, 1] = close[300:, 9] = np.nan
        market = 100 * np.exp(rng.normal(0, 0.01, n).cumsum())
        days = np.datetime64("2001-01-01") + np.arange(n)
        common = Prices(days, {"market": market}, {"market": SeriesInfo("market", "Market", "price_index", "")})
        info = SeriesInfo("close", "Each", "price_index", "")
        return Panel(self.assets, {"close": close}, info, common, simulated=True)

    def read_block(self, block: PanelBlock, fields: Sequence[str] = ("close",)) -> Panel:
        mark = Path(self.folder) / "died"
        if self.folder and block.first == 2 * SIZE and not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        whole = self.read()
        close = whole.close[:, block.first : block.first + len(block)]
        return Panel(block.assets, {"close": close}, whole.info, whole.common, simulated=True)


def strategy(text=TEXT):
    return strategy_of_text(text, Path("two_up.toml"))


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(scan, "SCAN_ROWS", 500 * SIZE)
    monkeypatch.setattr(scan, "SHIFT_ROWS", 1000 * SIZE)


def content(found):
    arrays = [found.found.asset, found.found.day0, found.found.knowable, found.forward.asset, found.forward.benchmark]
    arrays += [found.forward.base, found.forward.base_n, found.forward.base_hit_rate]
    arrays += [
        getattr(found.inference, name) for name in ("p_value", "p_adjusted", "low", "high", "detectable", "kept")
    ]
    said = PanelRun(found).summary
    rests = json.dumps([said["robustness"], said["groups"]]).encode()  # floats are written to the last bit
    return b"".join([*(np.ascontiguousarray(one).tobytes() for one in arrays), rests])


@pytest.fixture(scope="module")
def serial():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "SCAN_ROWS", 500 * SIZE)
        patch.setattr(scan, "SHIFT_ROWS", 1000 * SIZE)
        return scan_panel(strategy(), Made(), workers=1)


@pytest.mark.parametrize("more", ["", '\n[study]\nweight = "date"\n[episodes]\ncooldown = 5\nsince = 2001-03-01\n'])
def test_the_numbers_are_those_of_the_whole_panel(more):
    found = scan_panel(strategy(TEXT + more), Made(), workers=1)
    whole = study_panel(strategy(TEXT + more), Made().read())
    assert found.events.equals(whole.events)
    assert found.horizons.columns.tolist() == whole.horizons.columns.tolist()
    np.testing.assert_allclose(found.horizons.to_numpy(float), whole.horizons.to_numpy(float), rtol=1e-9)
    assert "SIMULATED DATA" in repr(found)
    assert repr(found).removeprefix("PanelScan") == repr(whole).removeprefix("PanelStudy")


def two_up(prices):
    """Flag two sessions up, as a user would; of a module, so that it can be pickled."""
    close = prices.pandas("close")
    return ((close > close.shift(1)) & (close.shift(1) > close.shift(2))).to_numpy()


def test_a_detector_of_ones_own_is_spread_over_more_pieces(monkeypatch):
    monkeypatch.setattr(scan, "SCAN_ROWS", 16_000_000)
    measure = {"asset": "close", "benchmark": "market", "horizons": [1, 5]}
    results, steps = [], []
    for rows in (500 * SIZE, 16_000_000):
        monkeypatch.setattr(scan, "OWN_ROWS", rows)
        own = Strategy.of(two_up, measure=measure)
        results.append(scan_panel(own, Made(), workers=1, progress=lambda *step: steps.append(step)))
    blocks = len(Made().blocks)
    assert [total for done, total in steps if done == total] == [2 * blocks, 2]
    few, many = (one.horizons.to_numpy(float) for one in results)
    np.testing.assert_allclose(few, many, rtol=1e-9)


def test_two_workers_give_the_same_bytes(serial):
    steps = []
    found = scan_panel(strategy(), Made(), workers=2, progress=lambda done, total: steps.append((done, total)))
    assert content(found) == content(serial)
    assert steps == [(n, 6) for n in range(1, 7)]


def test_a_killed_worker_changes_no_byte(serial, tmp_path):
    assert content(scan_panel(strategy(), Made(str(tmp_path)), workers=2)) == content(serial)
    assert (tmp_path / "died").exists()


@pytest.mark.filterwarnings("ignore")  # of Dask's event loop, which warns when it is closed
def test_a_cluster_gives_the_same_bytes(serial, tmp_path):
    distributed = pytest.importorskip("distributed", reason="Dask distributed comes with the extra 'scale'")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=60) as made:
        found = scan_panel(strategy(), Made(str(tmp_path)), cluster=made.scheduler_address)
    assert content(found) == content(serial)
    assert (tmp_path / "died").exists()


def test_without_a_verdict_there_are_means_and_no_p(serial):
    found = scan_panel(strategy(), Made(), workers=1, verdict=False)
    assert found.inference is found.robustness is None
    assert "p_value" not in found.horizons
    assert found.horizons.equals(serial.horizons[found.horizons.columns])


def test_pieces_hang_on_rows_alone():
    blocks = Made().blocks
    assert [len(piece) for piece in pieces_of(blocks, 500 * SIZE)] == [1, 1, 1, 1]
    assert [len(piece) for piece in pieces_of(blocks, 600 * SIZE)] == [2, 2]
    assert [len(piece) for piece in pieces_of(blocks, 10**9)] == [4]
    assert pieces_of((), 5) == []


def test_refusals():
    with pytest.raises(StudyRefused, match="has no panel to scan"):
        scan_panel(strategy(), None)
    with pytest.raises(TypeError, match="a Panel is in memory, where study_panel studies it"):
        scan_panel(strategy(), Made().read())
    with pytest.raises(NoEvents, match=r"two_up.*: no event on 23 assets"):
        scan_panel(strategy(TEXT.replace("0.01", "0.9")), Made(), workers=1)
    with pytest.raises(StudyRefused, match=r'study\.model = "market": a scan measures no abnormal'):
        scan_panel(strategy(TEXT + '[study]\nmodel = "market"\n'), Made(), workers=1)


LISTED = TEXT.replace(
    'use = "streak"\nseries = "close"\nsessions = 2\nthreshold = 0.01', 'use = "dates"\nfile = "list.csv"'
)
ROWS = """asset,date,group
S01,2001-12-03,a
S22,2002-02-01,b
S09,2001-03-05,a
S09,2001-03-05,b
S00,2001-05-05,a
NONE,2001-05-05,a
S01,2001-02-01,b
S15,1999-01-01,b
S07,2001-06-06,
"""


def same_study(found, whole):
    """The tables of both have the same content, but for rounding."""
    ours, theirs = PanelRun(found), PanelRun(whole)
    assert ours.tables.keys() == theirs.tables.keys()
    for name, table in ours.tables.items():
        pd.testing.assert_frame_equal(table.to_pandas(), theirs.tables[name].to_pandas(), rtol=1e-11, atol=1e-14)
    parts = ("panel", "reconciliation", "sample", "n_events", "legs", "dataset", "notes", "verdict")
    assert [ours.summary[part] for part in parts] == [theirs.summary[part] for part in parts]
    for part in ("robustness", "groups"):
        assert alike(ours.summary[part], theirs.summary[part]), part


def alike(ours, theirs):
    """Two JSON values are the same, but for the rounding of numbers."""
    if isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(alike(ours[key], theirs[key]) for key in theirs)
    if isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(alike, ours, theirs))
    return ours == (pytest.approx(theirs, rel=1e-9, abs=1e-12) if isinstance(theirs, float) else theirs)


@pytest.fixture
def folder(tmp_path):
    groups = [f"S{number:02d},{'abc'[number % 3]}" for number in range(23) if number != 4]
    (tmp_path / "sectors.csv").write_text("asset,sector\n" + "\n".join(groups))
    (tmp_path / "list.csv").write_text(ROWS)
    return tmp_path


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.replace('"market"', '""'),
        TEXT.replace('"market"', '"rest"'),
        TEXT.replace('"market"', '"rest"') + '[study]\nweight = "date"\n',
        TEXT.replace('"market"', '"group"') + '[study]\ngroups = "sectors.csv"\n',
        TEXT.replace('use = "streak"', 'use = "moving_average"').replace(
            "sessions = 2\nthreshold = 0.01", "fast = 5\nslow = 20"
        )
        + "[episodes]\ncooldown = 30\n",
        TEXT + '[study]\ngroups = "sectors.csv"\n',
        TEXT.replace('"market"', '""') + '[study]\ngroups = "sectors.csv"\nweight = "date"\n',
        LISTED,
        LISTED + '[study]\ngroups = "sectors.csv"\nweight = "date"\n',
        LISTED.replace('"market"', '"rest"') + "[episodes]\nsince = 2001-02-20\n",
        TEXT.replace("[detector]", "[conditions.up]")
        + '[conditions.named]\nuse = "dates"\nfile = "list.csv"\n[detector]\nwithin = ["named", "up"]\nsessions = 40\n',
    ],
)
def test_a_scan_has_the_record_of_the_whole_panel(folder, text):
    asked = strategy_of_text(text, folder / "two_up.toml")
    found, whole = scan_panel(asked, Made(), workers=1), study_panel(asked, Made().read())
    same_study(found, whole)
    assert found.listed.equals(whole.listed)
    assert found.events.equals(whole.events) or "rest" in text or "group" in text


def test_a_list_may_be_a_frame():
    rows = pd.DataFrame({"asset": ["S01", "S22", "S09"], "date": ["2001-12-03", "2002-02-01", "2001-03-05"]})
    asked = Strategy.of({"use": "dates"}, measure={"asset": "close", "benchmark": "", "horizons": [1, 5]})
    found = scan_panel(asked, Made(), events=rows, workers=1)
    same_study(found, study_panel(asked, Made().read(), events=rows))


SECTORS = '[study]\ngroups = "sectors.csv"\n'


def test_two_workers_compare_with_the_rest_and_give_the_same_bytes(folder):
    asked = strategy_of_text(LISTED.replace('"market"', '"rest"') + SECTORS, folder / "two_up.toml")
    steps = []
    found = scan_panel(asked, Made(), workers=2, progress=lambda done, total: steps.append((done, total)))
    assert content(found) == content(scan_panel(asked, Made(), workers=1))
    assert [group.label for group in found.groups("asset")] == ["a", "b"]  # no event is of the third
    assert steps == [(n, 10) for n in range(1, 11)]


def test_groups_that_take_too_much_memory_are_summed_in_further_passes(folder, monkeypatch):
    asked = strategy_of_text(TEXT + SECTORS, folder / "two_up.toml")
    at_once = scan_panel(asked, Made(), workers=1)
    monkeypatch.setattr(event_sums, "ROWS_AT_ONCE", 1)
    steps = []
    found = scan_panel(asked, Made(), workers=1, progress=lambda done, total: steps.append((done, total)))
    assert content(found) == content(at_once)
    assert steps == [*((n, 6) for n in range(1, 5)), *((n, 12) for n in range(5, 13))]  # one more pass a group
    held = study_panel(asked, Made().read())
    pd.testing.assert_frame_equal(found.by_group("asset"), held.by_group("asset"), rtol=1e-9)


@pytest.mark.parametrize("of", ["event", "asset"])
def test_groups_that_are_not_there_are_refused_as_in_memory(serial, of):
    with pytest.raises(StudyRefused) as scanned:
        serial.by_group(of)
    with pytest.raises(StudyRefused) as held:
        study_panel(strategy(), Made().read()).by_group(of)
    assert str(scanned.value) == str(held.value)


def test_groups_of_what_there_is_not_are_refused(serial):
    for study in (serial, study_panel(strategy(), Made().read())):
        with pytest.raises(ValueError, match=r"groups of 'sector': must be of one of 'event', 'asset'\."):
            study.by_group("sector")


def test_without_a_verdict_no_groups_are_set_side_by_side(folder):
    asked = strategy_of_text(TEXT + SECTORS, folder / "two_up.toml")
    found = scan_panel(asked, Made(), workers=1, verdict=False)
    assert found.group_names("asset") == ("a", "b", "c")
    with pytest.raises(
        StudyRefused, match="a scan without a verdict has no average path, no groups side by side and no"
    ):
        found.by_group("asset")


def test_without_a_verdict_nothing_is_recorded():
    found = PanelRun(scan_panel(strategy(), Made(), workers=1, verdict=False))
    for form in ("summary", "tables"):
        with pytest.raises(
            StudyRefused, match="a scan without a verdict has no average path, no groups side by side and no record"
        ):
            getattr(found, form)
