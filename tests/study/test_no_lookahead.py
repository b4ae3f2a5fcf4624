"""No strategy of ours sees the future: generated from the folder of strategies, so that a new one is tested unasked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backtest.data.load import load_dataset
from backtest.detect.recipe import condition_of
from backtest.study.plan import plan_on
from backtest.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]
STRATEGIES = sorted(path.stem for path in (ROOT / "strategies").glob("*.toml"))


@pytest.fixture(scope="module")
def sample():
    data = load_dataset(ROOT / "datasets" / "sample")
    # Stocks that the sample lacks are played by what it has: which series is read does not matter here.
    roles = {**data.prices.roles, "NVDA": "SIM_TECH_INDEX", "MSFT": "SIM_MEGA"}
    return replace(data, prices=replace(data.prices, roles=roles))


def test_there_are_strategies():
    assert {"streak5", "ratecut", "rotation"} <= set(STRATEGIES)


@pytest.mark.parametrize("name", STRATEGIES)
def test_the_past_is_judged_as_it_was_then(sample, name):
    plan = plan_on(sample, Workspace(ROOT, marked=True), name)
    prices = sample.prices
    whole = condition_of(plan.recipe, prices)
    assert whole.met.any()
    # Where the answer is most likely to change: on and around the sessions on which the condition is met.
    met = np.flatnonzero(whole.met)[:: max(1, int(whole.met.sum() / 12))]
    cuts = sorted({int(np.clip(t + offset, 1, len(prices))) for t in met for offset in (0, 1, 2)} | {1, 2, 500})
    for n in cuts:
        then = condition_of(plan.recipe, prices.until(n))
        np.testing.assert_array_equal(then.met, whole.met[:n])
        np.testing.assert_array_equal(then.known, whole.known[:n])
        if whole.indicator is not None:
            np.testing.assert_array_equal(then.indicator.values, whole.indicator.values[:n])
