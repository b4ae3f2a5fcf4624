"""A user's own detector that says BY_BLOCK sees several assets at once, and must answer as for each alone."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.detect.tree import make_recipe
from backtest.errors import DetectorFailed
from backtest.model import Condition, Indicator, Prices, SeriesInfo
from backtest.model.panel import Panel
from backtest.panel.on_block import AT_ONCE, Detectors
from backtest.spec.strategy import Strategy, load_strategy

ASSETS = 2 * AT_ONCE + 1


@pytest.fixture(scope="module")
def panel():
    rng = np.random.default_rng(5)
    close = 50 * np.exp(rng.normal(0, 0.02, (60, ASSETS)).cumsum(axis=0))
    close[rng.random(close.shape) < 0.05] = np.nan
    market = 50 * np.exp(rng.normal(0, 0.01, 60).cumsum())
    common = Prices(
        np.datetime64("2001-06-01") + np.arange(60),
        {"market": market},
        {"market": SeriesInfo("market", "M", "price_index", "")},
    )
    names = tuple(f"S{i}" for i in range(ASSETS))
    return Panel(names, {"close": close}, SeriesInfo("close", "Each", "price_index", ""), common)


def episodes_of(panel, detect, by_block):
    """Return the episodes of each asset, and the shapes of the closes that the detector saw."""
    seen = []

    def asked(prices):
        seen.append(prices.columns["close"].shape)
        return detect(prices)

    asked.BY_BLOCK = by_block
    found = [
        (one.start[at == column].tolist(), one.end[at == column].tolist(), one.ongoing[at == column].tolist(), read)
        for block, at, one in Detectors(make_recipe(Strategy.of(asked)), {}).episodes(panel)
        for column, read in zip(block.columns, block.read, strict=True)
    ]
    return found, seen


def lowest(prices):
    close = prices.pandas("close")
    return close <= close.rolling(5).min()


def falling(prices):
    close = prices.close("close")
    met, known = np.zeros_like(close, dtype=bool), np.isfinite(close)
    met[1:] = close[1:] < close[:-1]
    begins = np.zeros_like(met)
    begins[::2] = True
    shown = Indicator("close", "points", close)
    return Condition(met, known, shown, begins=begins & met)


def unread(prices):
    return prices.columns["close"] > 50  # the history does not count it as read


def market_up(prices):
    market = prices.close("market")
    return np.append(False, market[1:] > market[:-1])


@pytest.mark.parametrize("detect", [lowest, falling, unread, market_up])
def test_it_finds_what_it_finds_on_each_asset_alone(panel, detect):
    together, shapes = episodes_of(panel, detect, by_block=True)
    alone, each = episodes_of(panel, detect, by_block=False)
    assert together == alone
    assert sum(len(start) for start, *_ in together) > ASSETS
    assert each == [(60,)] * ASSETS
    # The assets of the first block are asked alone, too, and compared.
    assert shapes == [(60, AT_ONCE), *[(60,)] * AT_ONCE, (60, AT_ONCE), (60, 1)]


def test_a_file_beside_the_strategy_may_say_so(panel, tmp_path):
    (tmp_path / "own.py").write_text(
        f"BY_BLOCK = True\nSEEN = []\nAT_ONCE = {AT_ONCE}\n"
        "def detect(prices, *, above: float = 50.0):\n    close = prices.close('close')\n"
        "    assert close.ndim == 2 or len(SEEN) <= AT_ONCE, 'asked alone for more than one block'\n"
        "    SEEN.append(close.shape)\n    return close > above\n"
    )
    (tmp_path / "own.toml").write_text('schema = 1\ntitle = "T"\n[detector]\nuse = "own.py"\nabove = 51.0\n')
    recipe = make_recipe(load_strategy(tmp_path / "own.toml"))
    found = [
        pair
        for _, at, one in Detectors(recipe, {}).episodes(panel)
        for pair in zip(at.tolist(), one.trigger.tolist(), strict=True)
    ]
    above = np.vstack([np.zeros((1, ASSETS), dtype=bool), panel.close > 51])
    np.testing.assert_array_equal(found, np.argwhere((~above[:-1] & above[1:]).T))


def test_columns_that_see_each_other_are_refused(panel):
    def above_the_others(prices):
        close = np.nan_to_num(prices.close("close"))
        return close > (close.mean(axis=1, keepdims=True) if close.ndim == 2 else close)

    alone, _ = episodes_of(panel, above_the_others, by_block=False)
    assert all(not start for start, *_ in alone)
    with pytest.raises(DetectorFailed) as refused:
        episodes_of(panel, above_the_others, by_block=True)
    close = np.nan_to_num(panel.close[:, :AT_ONCE])
    asset, at = np.argwhere((close > close.mean(axis=1, keepdims=True)).T)[0]
    day = panel.common.sessions[at]
    assert str(refused.value) == (
        f"detector 'asked': BY_BLOCK = True, but its answer for S{asset} on {day} is another one in a "
        f"block of {AT_ONCE} assets than alone. Each column must follow its own sessions (axis 0) alone; or leave "
        "BY_BLOCK out."
    )


@pytest.mark.parametrize("what", ["known", "begins"])
def test_what_is_known_and_what_begins_is_compared_too(panel, what):
    def detect(prices):
        close = prices.close("close")
        flags = {"known": np.isfinite(close), "begins": np.isfinite(close)}
        flags[what] &= close.ndim == 1
        return Condition(np.zeros_like(close, dtype=bool), flags["known"], begins=flags["begins"])

    with pytest.raises(DetectorFailed, match="BY_BLOCK = True, but its answer for S0 on 2001-06-0"):
        episodes_of(panel, detect, by_block=True)


@pytest.mark.parametrize(
    ("answer", "shape"),
    [
        (lambda close: (close > 0).T, f"({AT_ONCE}, 60)"),
        (lambda close: (close > 0)[:, :3], "(60, 3)"),
        (lambda close: Condition((close > 0)[:, 0], close > 0), f"(60,), known where (60, {AT_ONCE}),"),
    ],
)
def test_an_answer_of_another_shape_is_refused(panel, answer, shape):
    with pytest.raises(DetectorFailed) as refused:
        episodes_of(panel, lambda prices: answer(prices.close("close")), by_block=True)
    assert str(refused.value) == (
        f"detector 'asked' returned an answer of shape {shape} for 60 sessions of {AT_ONCE} assets. "
        "Return one flag per session and asset."
    )


def test_it_cannot_change_the_closes(panel):
    def careless(prices):
        prices.close("close")[0] = 0.0

    before = panel.close.copy()
    with pytest.raises(DetectorFailed, match="read-only"):
        episodes_of(panel, careless, by_block=True)
    np.testing.assert_array_equal(panel.close, before)
