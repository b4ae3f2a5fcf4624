"""The nouns that the stages exchange: series, prices, conditions, episodes, events, records."""

from backtest.model.accounts import Account, Exclusion, SumsDoNotAddUp
from backtest.model.arrays import Bools, Floats, Ints, Sessions, sealed
from backtest.model.dataset import Dataset
from backtest.model.detection import Detection
from backtest.model.events import Condition, Episodes, Events, Indicator
from backtest.model.history import Prices
from backtest.model.horizon import Asked, Horizon, horizons_of
from backtest.model.measured import ALONE, SPREAD, Measured, judged, measured_by, measured_in
from backtest.model.notes import Lookahead, Note
from backtest.model.record import Record
from backtest.model.seam import Seam, seams_of
from backtest.model.series import BASIS, LEVEL_ROLES, Contracts, Field, Kind, SeriesInfo

__all__ = [
    "ALONE",
    "BASIS",
    "LEVEL_ROLES",
    "SPREAD",
    "Account",
    "Asked",
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
    "Horizon",
    "Indicator",
    "Ints",
    "Kind",
    "Lookahead",
    "Measured",
    "Note",
    "Prices",
    "Record",
    "Seam",
    "SeriesInfo",
    "Sessions",
    "SumsDoNotAddUp",
    "horizons_of",
    "judged",
    "measured_by",
    "measured_in",
    "sealed",
    "seams_of",
]
