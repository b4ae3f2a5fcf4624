"""Panels without predictability: daily returns of many assets that share a factor, with volatility that clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from backtest.calibration.volatility_worlds import SYMMETRIC
from backtest.model import Floats

FACTOR, SECTOR, OWN = 0.010, 0.006, 0.018
"""Daily volatility of the factor, of a sector and of what is an asset's own."""
BETA = (0.5, 1.5)
"""Range of the assets' exposures to the factor."""
DEGREES, HEAVY = 5.0, 2.5
"""Degrees of freedom of the shocks, and where tails are heavy."""
DRIFT = 0.0005
"""Standard deviation of the assets' mean daily returns, where they differ."""
LISTED, DELISTED = 0.5, 0.5
"""Share of the assets that are listed during the history, and that are delisted during it."""
LEAST = 0.1
"""Least life of an asset, as a share of the history."""


@dataclass(frozen=True)
class PanelWorld:
    """A simulated panel in which nothing can be predicted.

    Attributes
    ----------
    name, title : str
        A word for the command line, and a description.
    assets : int
        How many.
    sectors : int
        How many, each with a factor of its own; 0 for none.
    degrees : float
        Degrees of freedom of the shocks, Student's t of variance 1.
    lives : bool
        Whether assets are listed and delisted during the history.
    drifts : bool
        Whether assets have different mean returns.
    breaks : bool
        Whether the volatility of everything doubles in the last tenth.
    induced : int
        Sessions after each event on which its asset's own return has three times the variance; 0 for none.
    alone : bool
        Whether returns are judged without a benchmark, so that the whole factor stays in them.
    """

    name: str
    title: str
    assets: int = 40
    sectors: int = 0
    degrees: float = DEGREES
    lives: bool = False
    drifts: bool = False
    breaks: bool = False
    induced: int = 0
    alone: bool = False


PANELS = (
    PanelWorld("panel_factor", "40 GARCH assets and a factor"),
    PanelWorld("panel_sectors", "40 GARCH assets, a factor and five sectors", sectors=5),
    PanelWorld("panel_alone", "40 GARCH assets and a factor, without a benchmark", alone=True),
    PanelWorld("panel_few", "five GARCH assets and a factor", assets=5),
    PanelWorld("panel_many", "120 GARCH assets, a factor and ten sectors", assets=120, sectors=10),
    PanelWorld("panel_lives", "40 GARCH assets and a factor, listed and delisted", lives=True),
    PanelWorld("panel_drifts", "40 GARCH assets with mean returns of their own, and a factor", drifts=True),
    PanelWorld("panel_break", "40 GARCH assets and a factor, volatility doubles in the last tenth", breaks=True),
    PanelWorld("panel_tails", "40 GARCH assets and a factor, t2.5 shocks", degrees=HEAVY),
    PanelWorld("panel_induced", "events triple the variance of an asset's own return for five sessions", induced=5),
)
"""All panels."""


@dataclass(frozen=True, eq=False)
class PanelReturns:
    """Daily simple returns of a panel, as fractions.

    Attributes
    ----------
    factor : ndarray of shape (n,)
        Of the factor, which is the benchmark.
    common, own : ndarray of shape (n, n_assets)
        What an asset has in common with others, and what is its own: its return is the sum. NaN outside its life.
    """

    factor: Floats
    common: Floats
    own: Floats

    @property
    def returns(self) -> Floats:
        """Of the assets."""
        return self.common + self.own


def simulate_panel(world: PanelWorld, rng: np.random.Generator, n: int) -> PanelReturns:
    """Draw n daily returns of every asset of a panel."""
    factor = _garch(rng, n, 1, world.degrees) * FACTOR
    sectors = _garch(rng, n, world.sectors, world.degrees) * SECTOR
    own = _garch(rng, n, world.assets, world.degrees) * OWN
    common = factor * rng.uniform(*BETA, world.assets)
    if world.sectors:
        common = common + sectors[:, np.arange(world.assets) % world.sectors]
    if world.drifts:
        own = own + DRIFT * rng.standard_normal(world.assets)
    if world.breaks:
        factor, common, own = (
            np.where(np.arange(n)[:, None] < 0.9 * n, part, 2.0 * part) for part in (factor, common, own)
        )
    if world.lives:
        own[~_alive(rng, n, world.assets)] = np.nan
    return PanelReturns(np.maximum(factor[:, 0], WORST), np.maximum(common, WORST / 2), np.maximum(own, WORST / 2))


WORST = -0.8
"""No return is below it: a price stays positive."""


def _garch(rng: np.random.Generator, n: int, many: int, degrees: float) -> Floats:
    """Draw series of unconditional variance 1, each with a GARCH volatility of its own."""
    shocks = rng.standard_t(degrees, (n, many)) / np.sqrt(degrees / (degrees - 2.0))
    variance, result = np.ones(many), np.empty((n, many))
    for t, shock in enumerate(shocks):
        result[t] = np.sqrt(variance) * shock
        variance = (1.0 - SYMMETRIC.persistence) + SYMMETRIC.alpha * result[t] ** 2 + SYMMETRIC.beta * variance
    return result


def _alive(rng: np.random.Generator, n: int, assets: int) -> np.ndarray:
    begin = np.where(rng.random(assets) < LISTED, rng.integers(0, round(n * (1.0 - LEAST)), assets), 0)
    left = np.maximum(n - begin, 1)
    end = np.where(rng.random(assets) < DELISTED, begin + rng.uniform(LEAST, 1.0, assets) * left, n)
    day = np.arange(n)[:, None]
    return (day >= begin) & (day < np.maximum(end, begin + LEAST * n))
