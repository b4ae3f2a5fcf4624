"""The nouns that the stages hand to one another: series, prices, conditions, episodes, events, records."""

from backtest.model.accounts import Account, Exclusion, SumsDoNotAddUp
from backtest.model.arrays import Bools, Floats, Ints, Sessions, sealed
from backtest.model.dataset import Dataset
from backtest.model.detection import Detection
from backtest.model.events import Condition, Episodes, Events, Indicator
from backtest.model.history import Prices
from backtest.model.notes import Lookahead, Note
from backtest.model.record import Record
from backtest.model.series import BASIS, Contracts, Field, Kind, SeriesInfo

__all__ = [
    "BASIS",
    "Account",
    "Bools",
    "Condition",
    "Contracts",
    "Dataset",
    "Detection",
    "Episodes",
    "Events",
    "Exclusion",
    "Field",
    "Floats",
    "Indicator",
    "Ints",
    "Kind",
    "Lookahead",
    "Note",
    "Prices",
    "Record",
    "SeriesInfo",
    "Sessions",
    "SumsDoNotAddUp",
    "sealed",
]
