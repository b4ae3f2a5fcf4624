"""vectorbt's Portfolio of the simulated orders, for notebooks: the only file that imports vectorbt."""

from __future__ import annotations

from typing import Any

import numpy as np

from backtest.model import Sessions
from backtest.trade.orders import targets_of
from backtest.trade.simulate import Account


def portfolio_of_account(account: Account, sessions: Sessions, cost_bps: float) -> Any:  # noqa: ANN401
    """Return vectorbt's Portfolio of an account's orders; imports vectorbt, which takes seconds.

    Parameters
    ----------
    account : Account
        The simulated account.
    sessions : ndarray of shape (n_rows,)
        Its trading days.
    cost_bps : float
        Costs of every order, in basis points of the traded value.
    """
    import warnings

    import pandas as pd

    closes, fills = account.closes, account.fills
    size = np.full(closes.shape, np.nan)
    size[account.leave[account.leave < len(closes)]] = 0.0
    size[account.enter[account.enter < len(closes)]] = targets_of(closes.shape[1], cost_bps / 1e4)

    with warnings.catch_warnings():  # importing vectorbt changes the caller's warning filters; this puts them back
        warnings.simplefilter("ignore")  # even if Python turns warnings into errors
        import vectorbt as vbt

    index = pd.DatetimeIndex(sessions)
    names = ["asset", "benchmark"][: closes.shape[1]]
    return vbt.Portfolio.from_orders(
        pd.DataFrame(closes, index=index, columns=names),
        size=pd.DataFrame(size, index=index, columns=names),
        price=pd.DataFrame(np.where(np.isfinite(fills), fills, closes), index=index, columns=names),
        size_type="targetpercent",
        fees=cost_bps / 1e4,
        init_cash=1.0,
        group_by=True,
        cash_sharing=True,
        call_seq="auto",  # sell before buying, so that the short sale pays for the purchase and no order is cut
        allow_partial=False,
        raise_reject=True,
        freq="1D",
        engine="rust",
    )
