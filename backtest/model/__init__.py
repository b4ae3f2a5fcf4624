"""The nouns that the stages hand to one another: series, prices, conditions, episodes, events, records."""

from backtest.model.arrays import Bools, Floats, Ints, Sessions, sealed
from backtest.model.dataset import Dataset
from backtest.model.detection import Detection
from backtest.model.events import Condition, Episodes, Events, Indicator
from backtest.model.history import Prices
from backtest.model.measured import ALONE, SPREAD, Measured, judged, measured_by, measured_in
from backtest.model.notes import Lookahead, Note
from backtest.model.record import Record
from backtest.model.series import BASIS, LEVEL_ROLES, Contracts, Field, Kind, SeriesInfo

__all__ = [
    "ALONE",
    "BASIS",
    "LEVEL_ROLES",
    "SPREAD",
    "Bools",
    "Condition",
    "Contracts",
    "Dataset",
    "Detection",
    "Episodes",
    "Events",
    "Field",
    "Floats",
    "Indicator",
    "Ints",
    "Kind",
    "Lookahead",
    "Measured",
    "Note",
    "Prices",
    "Record",
    "SeriesInfo",
    "Sessions",
    "judged",
    "measured_by",
    "measured_in",
    "sealed",
]
