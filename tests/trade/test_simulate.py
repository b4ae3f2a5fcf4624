"""The simulated trade against hand calculations and an account kept day by day; amounts are of an account of 1."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtest.errors import StudyRefused
from backtest.trade.account import equity_of
from backtest.trade.holdings import plan_holdings
from backtest.trade.orders import fill_orders
from backtest.trade.portfolio import portfolio_of_account
from backtest.trade.simulate import TradeLevels, account_of, simulate

CENT = 1e-12
"""To the cent, on ten billion."""


def sessions(n):
    return np.busday_offset("2020-01-06", np.arange(n)).astype("datetime64[D]")


def levels(asset, benchmark, asset_fill=None, benchmark_fill=None):
    closes, fills = (asset, benchmark), (asset_fill or asset, benchmark_fill or benchmark)
    return TradeLevels(*(np.array(columns, dtype=float).T for columns in (closes, fills)))


def run(of, knowable, hold, cost_bps=0.0, first=0):
    n = len(of.closes)
    holdings = plan_holdings(np.array(knowable, dtype=np.int64), hold, n)
    return simulate(of, sessions(n), holdings, first, cost_bps)


# When a position is held


def held(knowable, hold, n):
    found = plan_holdings(np.array(knowable, dtype=np.int64), hold, n)
    return list(zip(found.entry.tolist(), found.exit.tolist(), found.events.tolist(), strict=True))


def test_a_position_is_entered_a_session_after_the_event_is_known():
    assert held([3], 5, 20) == [(4, 9, 1)]


def test_an_event_while_a_position_is_held_extends_it():
    assert held([3, 6], 5, 20) == [(4, 12, 2)]
    assert held([3, 6, 10], 5, 20) == [(4, 16, 3)]  # each from the last, not from the first
    assert held([3, 8], 5, 20) == [(4, 14, 2)]  # entry on the very session of the exit: held on, no costs
    assert held([3, 9], 5, 20) == [(4, 9, 1), (10, 15, 1)]


def test_an_entry_after_the_history_is_no_trade_and_an_exit_after_it_leaves_one_open():
    assert held([19], 5, 20) == []
    assert held([], 5, 20) == []
    assert held([18], 5, 20) == [(19, 24, 1)]


@given(st.sets(st.integers(0, 60)), st.integers(1, 12))
def test_holdings_agree_with_a_calendar(knowable, hold):
    # Each event is held from the session after it for `hold` closes; runs of such sessions are the holdings, and an
    # event that enters on the session another leaves is the same run.
    n = 61
    marked = sorted({t for k in knowable if k + 1 < n for t in range(k + 1, k + 1 + hold)})
    runs = []
    for t in marked:
        if runs and t == runs[-1][1]:
            runs[-1][1] = t + 1
        else:
            runs.append([t, t + 1])
    found = held(sorted(knowable), hold, n)
    assert [[entry, leave] for entry, leave, _ in found] == runs
    assert sum(events for *_, events in found) == len([k for k in knowable if k + 1 < n])


# By hand


def test_one_trade_without_costs():
    # Known on session 1, entered at the close of 2 at 100 and 50, left at the close of 4 at 120 and 52.
    # Long 1/100, short 1/50. Close of 3: 1 + 0.10 - 0.02 = 1.08. Close of 4: 1 + 0.20 - 0.04 = 1.16.
    found = run(levels([90, 95, 100, 110, 120, 500], [50, 50, 50, 51, 52, 10]), [1], 2)
    np.testing.assert_allclose(found.equity, [1, 1, 1, 1.08, 1.16, 1.16], atol=CENT)
    assert found.exposure.tolist() == [0, 0, 1, 1, 0, 0]
    np.testing.assert_allclose(found.leg_returns[:, 0], [0.20], atol=CENT)
    np.testing.assert_allclose(found.leg_returns[:, 1], [0.04], atol=CENT)
    np.testing.assert_allclose([found.costs[0], found.net_return[0]], [0, 0.16], atol=CENT)
    np.testing.assert_allclose([found.total_return, found.max_drawdown], [0.16, 0], atol=CENT)


def test_costs_are_paid_on_both_legs_at_both_ends():
    # 10 basis points. Entry: 0.001 on each leg of 1. Exit: 0.001 of 1.20 and of 1.04. Together 0.00424.
    found = run(levels([100, 100, 100, 110, 120, 120], [50, 50, 50, 51, 52, 52]), [1], 2, cost_bps=10)
    np.testing.assert_allclose(found.equity, [1, 1, 0.998, 1.078, 1.15576, 1.15576], atol=CENT)
    np.testing.assert_allclose([found.costs[0], found.net_return[0]], [0.00424, 0.15576], atol=CENT)


def test_the_second_trade_is_of_the_size_the_first_left():
    # First: +10% against 0: 1.10. Second, from there: 0 against +20%: 1.10 * 0.80 = 0.88.
    asset = [100, 100, 110, 110, 110, 110, 110]
    benchmark = [50, 50, 50, 50, 50, 60, 60]
    found = run(levels(asset, benchmark), [0, 3], 1)
    np.testing.assert_allclose(found.equity, [1, 1, 1.1, 1.1, 1.1, 0.88, 0.88], atol=CENT)
    np.testing.assert_allclose(found.net_return, [0.1, -0.2], atol=CENT)
    np.testing.assert_allclose(found.max_drawdown, -0.2, atol=CENT)
    np.testing.assert_allclose(found.total_return, -0.12, atol=CENT)


def test_an_extended_holding_pays_once_and_is_not_rebalanced():
    # Known on 0 and 2, two sessions each: held from the close of 1 to the close of 5. 100 -> 150, benchmark 50 -> 55.
    found = run(levels([100, 100, 90, 130, 140, 150, 1], [50, 50, 49, 52, 54, 55, 1]), [0, 2], 2, cost_bps=100)
    # Costs at 1%: 0.02 at entry, at exit 0.01 * (1.5 + 1.1) = 0.026. Profit 0.5 - 0.1 - 0.046 = 0.354.
    np.testing.assert_allclose(found.net_return, [0.354], atol=CENT)
    # Close of 2: 1 - 0.02 + (0.9 - 1) - (0.98 - 1) = 0.90.
    np.testing.assert_allclose(found.equity[[1, 2, 5, 6]], [0.98, 0.90, 1.354, 1.354], atol=CENT)
    assert found.exposure.tolist() == [0, 1, 1, 1, 1, 0, 0]


def test_an_open_trade_is_valued_at_the_last_close_and_has_not_paid_its_exit():
    found = run(levels([100, 100, 110, 130], [50, 50, 50, 55]), [0], 10, cost_bps=10)
    np.testing.assert_allclose(found.equity, [1, 0.998, 1.098, 1.198], atol=CENT)  # 1 - 0.002 + 0.30 - 0.10
    np.testing.assert_allclose([found.costs[0], found.net_return[0]], [0.002, 0.198], atol=CENT)
    np.testing.assert_allclose(found.total_return, 0.198, atol=CENT)


def test_orders_fill_at_the_open_where_asked():
    # Entered at the open of 2 at 100 and 50, left at the open of 4 at 125 and 55.
    asset, benchmark = [99, 99, 105, 120, 200], [50, 50, 51, 54, 90]
    opens = [98, 98, 100, 110, 125], [50, 50, 50, 52, 55]
    found = run(levels(asset, benchmark, *opens), [1], 2, cost_bps=10)
    # Close of 2: 0.998 + 0.05 - 0.02. Close of 3: 0.998 + 0.20 - 0.08. Out: 1 + 0.25 - 0.10 - 0.002 - 0.001 * 2.35.
    np.testing.assert_allclose(found.equity, [1, 1, 1.028, 1.118, 1.14565], atol=CENT)
    np.testing.assert_allclose([*found.leg_returns[0]], [0.25, 0.10], atol=CENT)


def test_a_short_may_lose_more_than_the_account_while_the_long_leg_pays_for_it():
    # Benchmark +150%, asset +120%: 1 + 1.2 - 1.5 = 0.70.
    found = run(levels([100, 100, 160, 220, 220], [50, 50, 100, 125, 125]), [0], 2)
    np.testing.assert_allclose(found.equity, [1, 1, 0.6, 0.7, 0.7], atol=CENT)
    np.testing.assert_allclose(found.leg_returns[:, 1], [1.5], atol=CENT)


@pytest.mark.parametrize(
    ("benchmark", "hold", "by"),
    [
        ([50, 50, 50, 80, 130, 130, 130, 130], 4, "2020-01-10"),  # -1.6 on session 4, while held
        ([50, 50, 50, 80, 130, 130, 130, 130], 2, "2020-01-10"),  # on the session of the exit
        ([50, 50, 50, 80, 100, 60, 60, 60], 4, "2020-01-10"),  # exactly nothing left, and then a recovery
        ([50, 50, 50, 80, 99.9, 60, 60, 60], 2, "2020-01-10"),  # something left, and the costs of the exit take it
    ],
)
def test_a_short_that_takes_the_whole_account_is_refused(benchmark, hold, by):
    with pytest.raises(StudyRefused) as refused:
        run(levels([100] * 8, benchmark), [1], hold, cost_bps=10)
    assert str(refused.value) == (
        f"the trade cannot be simulated: entered on 2020-01-08, it loses the whole account by {by}. "
        "Use --no-trade, or a shorter trade.hold."
    )


def test_the_account_starts_at_its_first_session():
    of = levels([float("nan"), 100, 100, 100, 110, 110], [1, 50, 50, 50, 50, 50])
    found = run(of, [2], 1, first=1)
    assert found.first == 1
    np.testing.assert_allclose(found.equity, [1, 1, 1, 1.1, 1.1], atol=CENT)
    assert found.exposure.tolist() == [0, 0, 1, 0, 0]


def test_the_account_ends_with_the_shorter_leg():
    of = levels([100, 100, 110, 121, 133], [50, 50, 50, 50, float("nan")])
    found = run(of, [0], 10)
    np.testing.assert_allclose(found.equity, [1, 1, 1.1, 1.21], atol=CENT)


@pytest.mark.parametrize(
    ("asset", "fill", "where"),
    [
        ([100, 100, np.nan, 100, 100], None, "2020-01-08"),  # no close to value the account at
        ([100, 100, 100, 100, 100], [1, np.nan, 1, 1, 1], "2020-01-07"),  # no open to enter at
        ([100, 100, 100, 100, 100], [1, 1, 1, np.nan, 1], "2020-01-09"),  # no open to leave at
        ([np.nan] * 5, None, "every session"),
    ],
)
def test_a_missing_level_is_refused(asset, fill, where):
    with pytest.raises(StudyRefused) as refused:
        run(levels(asset, [50] * 5, fill, [50] * 5), [0], 2)
    assert str(refused.value).startswith(
        f"the trade cannot be simulated: a leg has no level on {where}. Use --no-trade"
    )


def test_a_missing_open_where_nothing_is_traded_does_not_matter():
    found = run(levels([100, 100, 100, 110, 110], [50] * 5, [100, 100, np.nan, 110, 110], [50] * 5), [0], 2)
    np.testing.assert_allclose(found.equity, [1, 1, 1, 1.1, 1.1], atol=CENT)


def test_an_account_that_never_moved_has_no_sharpe_ratio():
    found = run(levels([100, 110, 120], [50, 50, 50]), [], 2, cost_bps=5)
    assert found.equity.tolist() == [1, 1, 1]
    assert np.isnan(found.sharpe)
    assert (found.total_return, found.max_drawdown, len(found.net_return)) == (0, 0, 0)


# An account kept day by day


def keep_account(of, holdings, cost):
    """Cash, and shares of each leg: buy and sell what the plan says, and look at the account every evening."""
    cash, long, short, evening = 1.0, 0.0, 0.0, []
    for t in range(len(of.closes)):
        if t in holdings.exit:
            bought, sold = short * of.fills[t, 1], long * of.fills[t, 0]
            cash += sold - bought - cost * (sold + bought)
            long = short = 0.0
        if t in holdings.entry:
            account = cash
            long, short = account / of.fills[t, 0], account / of.fills[t, 1]
            cash += account - account - cost * 2 * account
        evening.append(cash + long * of.closes[t, 0] - short * of.closes[t, 1])
    return evening


MOVE = st.integers(-400, 400).map(lambda points: points / 10_000)  # up to 4%
MOVES = st.lists(st.tuples(MOVE, MOVE, MOVE, MOVE), min_size=3, max_size=40)


@settings(max_examples=30)
@given(MOVES, st.sets(st.integers(0, 40), max_size=8), st.integers(1, 6), st.sampled_from([0.0, 5.0, 80.0]))
def test_the_simulation_agrees_with_an_account_kept_by_hand(moves, knowable, hold, cost_bps):
    closes = 100 * np.cumprod(1 + np.array(moves)[:, :2], axis=0)
    fills = closes * (1 + np.array(moves)[:, 2:])
    of = TradeLevels(closes, fills)
    known = sorted(knowable)
    found = run(of, known, hold, cost_bps)
    holdings = plan_holdings(np.array(known, dtype=np.int64), hold, len(closes))
    account = keep_account(of, holdings, cost_bps / 1e4)
    np.testing.assert_allclose(found.equity, account, rtol=0, atol=CENT)
    np.testing.assert_allclose(found.total_return, account[-1] - 1, atol=CENT)
    # The worst fall from the highest evening so far.
    highest, worst = account[0], 0.0
    for value in account:
        highest = max(highest, value)
        worst = min(worst, value / highest - 1)
    np.testing.assert_allclose(found.max_drawdown, worst, atol=CENT)
    # Every trade's net return compounds to the account.
    np.testing.assert_allclose(np.prod(1 + found.net_return), account[-1], atol=1e-11)


# The same orders in vectorbt's own Portfolio


def theirs(of, holdings, first=0, cost_bps=0.0):
    account = account_of(of, sessions(len(of.closes)), holdings, first, cost_bps)
    days = sessions(len(of.closes))[first : first + len(account.closes)]
    return account, portfolio_of_account(account, days, cost_bps)


@st.composite
def accounts(draw):
    n = draw(st.integers(40, 120))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    closes = 100 * np.exp(np.cumsum(rng.normal(0, 0.015, (n, 2)), axis=0))
    fills = closes * np.exp(rng.normal(0, 0.004, (n, 2)))
    knowable = sorted(draw(st.sets(st.integers(0, n - 1), max_size=8)))
    hold, cost = draw(st.integers(1, 30)), draw(st.sampled_from([0.0, 5.0, 100.0]))
    holdings = plan_holdings(np.array(knowable, dtype=np.int64), hold, n)
    return TradeLevels(closes, fills), holdings, cost


@settings(max_examples=12)
@given(accounts())
def test_every_order_is_vectorbts(made):
    of, holdings, cost = made
    account, portfolio = theirs(of, holdings, cost_bps=cost)
    fills = fill_orders(account.fills, account.enter, account.leave, cost / 1e4)
    records = portfolio.orders.records.sort_values(["idx", "side"], ascending=[True, False])  # sales first
    assert fills.row.tolist() == records["idx"].tolist()
    assert fills.leg.tolist() == records["col"].tolist()
    signed = np.where(records["side"] == 0, records["size"], -records["size"])
    for mine, other in ((fills.size, signed), (fills.price, records["price"]), (fills.fees, records["fees"])):
        np.testing.assert_allclose(mine, other, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(equity_of(fills, account.closes), portfolio.value().to_numpy(), rtol=1e-13, atol=0)
    if len(fills.row):
        np.testing.assert_allclose(fills.cash[-1], portfolio.cash().to_numpy()[-1], rtol=1e-12, atol=1e-13)


def test_the_sharpe_ratio_is_vectorbts_with_a_year_of_252_sessions():
    rng = np.random.default_rng(5)
    closes = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, (300, 2)), axis=0))
    of = TradeLevels(closes, closes)
    found = run(of, [10, 60, 200], 21, cost_bps=5)
    holdings = plan_holdings(np.array([10, 60, 200]), 21, 300)
    portfolio = theirs(of, holdings, cost_bps=5)[1]
    import vectorbt as vbt

    before = dict(vbt.settings.returns)
    try:
        vbt.settings.returns["year_freq"] = "252 days"
        sharpe = portfolio.sharpe_ratio()
    finally:
        vbt.settings.returns.update(before)
    np.testing.assert_allclose(found.sharpe, sharpe, rtol=1e-12)
    daily = found.equity[1:] / found.equity[:-1] - 1
    by_hand = np.append(0.0, daily).mean() / np.append(0.0, daily).std(ddof=1) * 252**0.5
    np.testing.assert_allclose(found.sharpe, by_hand, rtol=1e-12)
    np.testing.assert_allclose(found.total_return, portfolio.total_return(), rtol=1e-8)
    np.testing.assert_allclose(found.max_drawdown, portfolio.max_drawdown(), rtol=1e-8)


CHECK = """
import sys, warnings
import numpy as np
from backtest.trade.holdings import plan_holdings
from backtest.trade.simulate import TradeLevels, simulate

close = np.array([100.0, 100.0, 110.0])
before = list(warnings.filters)
both = np.column_stack((close, close * 0 + 50))
found = simulate(TradeLevels(both, both), np.arange(3).astype("datetime64[D]"),
                 plan_holdings(np.array([0]), 1, 3), 0, 0.0)
assert warnings.filters == before, "the caller's warning filters were changed"
assert abs(found.total_return - 0.1) < 1e-12
heavy = [name for name in ("vectorbt", "numba", "pandas", "scipy") if name in sys.modules]
assert not heavy, heavy
"""


@pytest.mark.parametrize("strict", [["-W", "error"], []])
def test_a_trade_leaves_warnings_alone_and_imports_nothing_heavy(strict):
    done = subprocess.run([sys.executable, *strict, "-c", CHECK], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# The asset alone


def keep_account_alone(of, holdings, cost):
    """Cash and shares: buy for all the cash there is, costs included, and look at the account every evening."""
    cash, shares, evening = 1.0, 0.0, []
    for t in range(len(of.closes)):
        if t in holdings.exit:
            cash += shares * of.fills[t, 0] * (1 - cost)
            shares = 0.0
        if t in holdings.entry:
            shares = cash / (of.fills[t, 0] * (1 + cost))
            cash = 0.0
        evening.append(cash + shares * of.closes[t, 0])
    return evening


@settings(max_examples=30)
@given(MOVES, st.sets(st.integers(0, 40), max_size=8), st.integers(1, 6), st.sampled_from([0.0, 5.0, 80.0]))
def test_an_asset_alone_is_bought_for_all_the_cash(moves, knowable, hold, cost_bps):
    closes = 100 * np.cumprod(1 + np.array(moves)[:, :1], axis=0)
    of = TradeLevels(closes, closes * (1 + np.array(moves)[:, 2:3]))
    known = sorted(knowable)
    found = run(of, known, hold, cost_bps)
    holdings = plan_holdings(np.array(known, dtype=np.int64), hold, len(closes))
    account = keep_account_alone(of, holdings, cost_bps / 1e4)
    np.testing.assert_allclose(found.equity, account, rtol=0, atol=CENT)
    np.testing.assert_allclose(np.prod(1 + found.net_return), account[-1], atol=1e-11)


def test_one_trade_of_an_asset_alone_by_hand():
    # 1% an order: 1 / 1.01 is invested at 100 and sold at 121; 1% of each is lost: 1.21 * 0.99 / 1.01 = 1.186...
    close = np.array([[90.0], [100.0], [121.0], [121.0]])
    found = run(TradeLevels(close, close), [0], 1, cost_bps=100)
    assert found.leg_returns[:, 0].tolist() == pytest.approx([0.21])
    assert found.net_return.tolist() == pytest.approx([1.21 * 0.99 / 1.01 - 1])
    assert found.costs.tolist() == pytest.approx([0.01 * 2.21 / 1.01])
    assert found.total_return == pytest.approx(1.21 * 0.99 / 1.01 - 1)


@settings(max_examples=8)
@given(accounts())
def test_every_order_of_an_asset_alone_is_vectorbts(made):
    both, holdings, cost = made
    of = TradeLevels(both.closes[:, :1], both.fills[:, :1])
    account, portfolio = theirs(of, holdings, cost_bps=cost)
    fills = fill_orders(account.fills, account.enter, account.leave, cost / 1e4)
    records = portfolio.orders.records.sort_values("idx")
    assert fills.row.tolist() == records["idx"].tolist()
    signed = np.where(records["side"] == 0, records["size"], -records["size"])
    np.testing.assert_allclose(fills.size, signed, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(equity_of(fills, account.closes), portfolio.value().to_numpy(), rtol=1e-13, atol=0)
