"""A scan by blocks: the numbers of a study on the whole panel, the same bytes whoever computes them."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from backtest.errors import NoEvents, StudyRefused
from backtest.model import Prices, SeriesInfo
from backtest.model.panel import Panel
from backtest.model.panel_source import PanelBlock
from backtest.panel import scan
from backtest.panel.panel_study import study_panel
from backtest.panel.scan import scan_panel
from backtest.panel.scan_blocks import pieces_of
from backtest.spec.strategy import strategy_of_text

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
    return b"".join(np.ascontiguousarray(one).tobytes() for one in arrays)


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
    assert found.inference is None
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
    with pytest.raises(NoEvents, match=r"two_up.*: no event on 23 assets"):
        scan_panel(strategy(TEXT.replace("0.01", "0.9")), Made(), workers=1)
    with pytest.raises(StudyRefused, match=r'study\.model = "market": a scan measures no abnormal'):
        scan_panel(strategy(TEXT + '[study]\nmodel = "market"\n'), Made(), workers=1)
    listed = TEXT.replace(
        'use = "streak"\nseries = "close"\nsessions = 2\nthreshold = 0.01', 'use = "dates"\nfile = "x.csv"'
    )
    with pytest.raises(StudyRefused, match="a file lists the events"):
        scan_panel(strategy(listed), Made(), workers=1)
    for name in ("rest", "group"):
        with pytest.raises(StudyRefused, match=f'benchmark = "{name}" needs all assets'):
            scan_panel(strategy(TEXT.replace('"market"', f'"{name}"')), Made(), workers=1)
