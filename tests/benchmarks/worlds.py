"""The worlds of `backtest calibrate` as datasets that a strategy can be run on."""

from __future__ import annotations

import numpy as np

from backtest.calibration.volatility_worlds import garch, gjr, gjr_own, stochastic_volatility
from backtest.calibration.worlds import iid_normal, iid_t4
from backtest.model import Dataset, Prices, SeriesInfo

WORLDS = {
    "iid": iid_normal,
    "gjr": gjr,
    "t4": iid_t4,
    "garch": garch,
    "gjr_own": gjr_own,
    "sv": stochastic_volatility,
}
"""Those in which nothing that came before predicts a return."""
FIRST = ("iid", "gjr")
SESSIONS = 6480


def noise(world: str, rng: np.random.Generator, sessions: int = SESSIONS) -> Dataset:
    """Simulate two legs with a common factor and nothing to predict.

    Parameters
    ----------
    world : str
        One of `WORLDS`.
    rng : numpy.random.Generator
        The source of randomness.
    sessions : int
        Length of the history.
    """
    small, mega = (100 * np.cumprod(1 + returns) for returns in WORLDS[world](rng, sessions))
    days = np.busday_offset("1990-01-01", np.arange(sessions), roll="forward").astype("datetime64[D]")
    info = {
        "small_index": SeriesInfo("small_index", "Simulated small caps", "price_index", "points"),
        "small": SeriesInfo("small", "Simulated small caps", "total_return_index", "points"),
        "mega": SeriesInfo("mega", "Simulated mega caps", "total_return_index", "points"),
    }
    columns = {"small_index": small, "small": small, "mega": mega}
    return Dataset("noise", f"Simulated noise ({world})", True, "", Prices(days, columns, info))
