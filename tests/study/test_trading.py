"""The life of the account of a study: from the sample window's begin to its end, or the last exit."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.study.run import run_plan

TRADE = "[trade]\nhold = 3\ncost_bps = 0\n"


@pytest.mark.parametrize(
    ("mark", "last", "open_trades"),
    [
        (5, 19, 0),  # known on 5, entered on 6, left on 9: the sample window ends later
        (18, 22, 0),  # entered on 19, left on 22, after the sample window
        (19, 23, 0),  # entered after the sample window, as it became known on its last session
    ],
)
def test_the_account_ends_with_the_sample_window_or_the_last_exit(history_of, plan_of, mark, last, open_trades):
    rng = np.random.default_rng(3)
    marks = np.zeros(60)
    marks[[mark, 40]] = 1
    a, b = (100 * np.exp(np.cumsum(rng.normal(0, 0.01, 60))) for _ in range(2))
    prices = history_of({"A": a, "B": b, "M": marks}, kinds={"M": "rate"})
    plan = plan_of(prices, {"episodes.until": prices.sessions[19].item(), "measure.horizons": [1]}, more=TRADE)
    study = run_plan(plan).with_trade()
    equity = study.frame("equity")
    assert (str(equity.session.iloc[0])[:10], len(equity)) == (str(prices.sessions[0]), last + 1)
    trade = study.summary["trade"]
    assert (trade["n_trades"], trade["open_trades"]) == (1, open_trades)
    assert trade["exposure"] == pytest.approx(3 / (last + 1))
    # One trade of three sessions: what it gave, over all sessions of the account.
    gains = np.zeros(last + 1)
    entry, leave = mark + 1, mark + 4
    worth = 1 + a[entry : leave + 1] / a[entry] - b[entry : leave + 1] / b[entry]
    gains[entry + 1 : leave + 1] = worth[1:] / worth[:-1] - 1
    assert trade["sharpe"] == pytest.approx(gains.mean() / gains.std(ddof=1) * np.sqrt(252), abs=1e-9)
    assert len(study.portfolio().value()) == last + 1


def test_a_trade_after_the_data_is_open(history_of, plan_of):
    marks = np.zeros(30)
    marks[27] = 1
    walk = 100 * np.exp(np.cumsum(np.random.default_rng(4).normal(0, 0.01, 30)))
    study = run_plan(plan_of(history_of({"A": walk, "B": walk[::-1], "M": marks}, kinds={"M": "rate"}), more=TRADE))
    traded = study.with_trade()
    assert (traded.summary["trade"]["open_trades"], len(traded.frame("equity"))) == (1, 30)


def test_dust_of_two_legs_that_move_alike_is_no_profit(history_of, plan_of):
    marks = np.zeros(30)
    marks[[3, 12, 20]] = 1
    walk = np.exp(np.cumsum(np.random.default_rng(4).normal(0, 0.01, 30)))
    prices = history_of({"A": 100 * walk, "B": 0.03 * walk, "M": marks}, kinds={"M": "rate"})
    study = run_plan(plan_of(prices, more=TRADE)).with_trade()
    net = study.frame("trades").net_return
    assert 0 < net.max() < 1e-14
    assert study.summary["trade"]["hit_rate"] == 0
