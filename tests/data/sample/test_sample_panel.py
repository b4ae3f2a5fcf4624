"""The simulated stocks: what ships is what the generator writes, and it has the properties that its README names."""

import json
import shutil
import tomllib

import numpy as np
import pytest

from backtest.data.sample.output import write_sample_panel
from backtest.data.store.read import load_dataset


@pytest.fixture(scope="module")
def folder(sample_folder):
    return sample_folder.parent / "sample-panel"


@pytest.fixture(scope="module")
def panel(folder):
    return load_dataset(folder).panel.read()


def test_the_generator_gives_the_shipped_closes(folder, sample_folder, panel, tmp_path):
    again = tmp_path / "sample-panel"
    again.mkdir()
    shutil.copy(folder / "manifest.toml", again)
    shutil.copytree(sample_folder, tmp_path / "sample")
    write_sample_panel(again)
    closes = load_dataset(again).panel.read().close
    np.testing.assert_array_equal(np.isnan(closes), np.isnan(panel.close))
    # To a cent, or to the last bit of four bytes where the price is high: processors round logarithms differently.
    np.testing.assert_allclose(closes, panel.close, rtol=1e-6, atol=0.011)


def test_it_says_that_it_is_a_simulation(folder, panel):
    data = load_dataset(folder)
    assert data.synthetic
    assert panel.simulated
    assert "Simulated" in data.title
    assert "Simulated" in panel.info.title
    assert all(name.startswith("SIM") for name in panel.assets)
    assert all(info.title.startswith("Simulated") for info in data.prices.series.values())
    assert "**Forward returns on it mean nothing**" in (folder / "README.md").read_text(encoding="utf-8")
    manifest = tomllib.loads((folder / "manifest.toml").read_text(encoding="utf-8"))
    assert manifest["synthetic"] is True
    assert "Forward returns on it mean nothing." in manifest["description"]
    assert data.notes == (), "no word of a manifest that has changed since"


def test_the_market_is_that_of_the_sample(panel, prices):
    at = np.searchsorted(prices.sessions, panel.common.sessions)
    for name in ("SIM_MARKET", "SIM_MARKET_INDEX"):
        np.testing.assert_array_equal(panel.common.close(name), prices.close(name)[at])


def test_listings_delistings_and_holes_are_as_its_readme_says(panel):
    first, last = panel.spans
    n = len(panel.common)
    assert len(panel) == 48
    assert ((first > 0).sum(), (last < n - 1).sum()) == (14, 10)
    holes = next(one for one in panel.findings if one.rule == "missing_sessions")
    assert holes.rows == pytest.approx((last - first + 1).sum() / 1000, rel=0.3)
    ends = [panel.close[last[i], i] / panel.close[last[i] - 31, i] for i in np.flatnonzero(last < n - 1)]
    assert sum(end < 0.2 for end in ends) == 1


def test_the_stocks_share_one_factor(panel):
    """The market explains each stock in part; what it leaves is uncorrelated between stocks."""
    market = np.diff(np.log(panel.common.close("SIM_MARKET")))
    stocks = np.diff(np.log(panel.close), axis=0)
    left = []
    for moves in stocks.T:
        known = np.isfinite(moves)
        slope, mean = np.polyfit(market[known], moves[known], 1)
        assert 0.2 < slope < 1.9
        left.append(np.where(known, moves - mean - slope * market, np.nan))
    correlation = np.corrcoef(np.nan_to_num(np.array(left)))
    assert abs(correlation[np.triu_indices(48, 1)].mean()) < 0.01


def test_it_is_small_and_nothing_else_lies_in_its_folder(folder):
    files = {path.relative_to(folder).as_posix(): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    lock = json.loads((folder / "lock.json").read_text(encoding="utf-8"))
    assert set(files) == {"README.md", "lock.json", "manifest.toml", *lock["files"]}
    assert sum(files.values()) < 500_000
