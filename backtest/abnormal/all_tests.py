"""All classical tests, in the order in which they are shown."""

from __future__ import annotations

from backtest.abnormal.across_events import BMP, BMP_MODEL, BY_DATE, CROSS_SECTIONAL, KOLARI_PYNNONEN, PATELL
from backtest.abnormal.brown_warner import BROWN_WARNER_1980, BROWN_WARNER_1985, LAMB
from backtest.abnormal.calendar_time import CALENDAR_TIME
from backtest.abnormal.ranks import CORRADO_RANK, CORRADO_ZIVNEY_RANK, CORRADO_ZIVNEY_SIGN, GRANK
from backtest.abnormal.signs import GENERALISED_SIGN, SIGN, WILCOXON

CLASSICAL_TESTS = (
    CROSS_SECTIONAL,
    BROWN_WARNER_1980,
    PATELL,
    BMP,
    BMP_MODEL,
    KOLARI_PYNNONEN,
    BROWN_WARNER_1985,
    LAMB,
    BY_DATE,
    CALENDAR_TIME,
    CORRADO_RANK,
    CORRADO_ZIVNEY_RANK,
    CORRADO_ZIVNEY_SIGN,
    GRANK,
    GENERALISED_SIGN,
    SIGN,
    WILCOXON,
)
