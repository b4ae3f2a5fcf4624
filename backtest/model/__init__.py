"""The nouns that the stages hand to one another: series, prices, conditions, episodes, events, records."""

from backtest.model.arrays import Bools, Floats, Ints, Sessions, sealed
from backtest.model.episodes import Condition, Episodes, Events, Indicator
from backtest.model.prices import Dataset, Prices
from backtest.model.record import Record
from backtest.model.series import BASIS, Contracts, Field, Kind, SeriesInfo

__all__ = [
    "BASIS",
    "Bools",
    "Condition",
    "Contracts",
    "Dataset",
    "Episodes",
    "Events",
    "Field",
    "Floats",
    "Indicator",
    "Ints",
    "Kind",
    "Prices",
    "Record",
    "SeriesInfo",
    "Sessions",
    "sealed",
]
