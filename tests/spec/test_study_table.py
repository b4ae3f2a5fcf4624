"""The table [study]: what it says, what it refuses, and that it belongs to panels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtest import Dataset
from backtest.errors import StrategyInvalid, StudyRefused
from backtest.plan import Plan
from backtest.spec.completed import parameters_of
from backtest.spec.strategy import strategy_of_text
from backtest.study.run import run_plan

LEAST = """
schema = 1
title = "T"
[detector]
use = "streak"
[study]
"""


def read(text: str):
    return strategy_of_text(LEAST + text, Path("s.toml"))


def test_what_is_left_open():
    study = read('model = "market"').study
    assert (study.estimation, study.gap, study.minimum, study.event_window) == (250, 0, 100, [-10, 10])
    assert study.windows == ((0, 0), (-10, 10))
    assert read('model = "market"\nevent_window = [1, 5]').study.windows == ((1, 5),)
    assert read("car_windows = [[0, 1], [0, 1], [2, 5]]").study.windows == ((0, 1), (2, 5))
    assert parameters_of(read('model = "market"'), {})["study.estimation"] == 250


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('model = "capm"', "study.model"),
        ('model = "ff3"', "model ff3 needs factors"),
        ('model = "carhart"', r'model carhart needs factors = \[.*"SMB", "HML", "momentum"\], 4 common series'),
        ('model = "market"\nfactors = ["a", "b"]', "model market has 1 factors; 2 are given"),
        ("minimum = 300", r"minimum \(300\) must be at most estimation \(250\)"),
        ("event_window = [5, 1]", r"event_window \[5, 1\] must be"),
        ("car_windows = [[0, 11]]", r"car_windows: \[0, 11\] must lie within event_window \[-10, 10\]"),
        ("estimaton = 3", "estimation"),
        ("event_window = [0]", "study.event_window"),
    ],
)
def test_refusals_name_key_and_rule(text, message):
    with pytest.raises(StrategyInvalid, match=message):
        read(text)


def test_a_study_of_single_series_refuses_it():
    days = pd.bdate_range("2001-01-01", periods=50)
    dataset = Dataset.from_frame(pd.DataFrame({"A": np.arange(1.0, 51.0)}, index=days))
    with pytest.raises(StudyRefused, match=r"s.toml: \[study\] is for panels"):
        run_plan(Plan(read('model = "market"'), dataset))
