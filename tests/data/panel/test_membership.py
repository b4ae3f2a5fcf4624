"""Membership: which asset-sessions count, against a loop over all days."""

from __future__ import annotations

import datetime as dt
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from backtest.errors import DataRefused, DatasetCorrupt
from backtest.panel.panel_study import study_panel
from backtest.spec.strategy import strategy_of_text

TABLE = '[panel.membership]\nfile = "members.csv"\n'
UP = """
schema = 1
title = "Up"
[detector]
use = "streak"
series = "close"
sessions = 2
threshold = 0.001
[measure]
asset = "close"
horizons = [1]
"""


@pytest.fixture
def given(delivery, frame, small_blocks):
    """Import the panel with some intervals of membership; return it."""
    delivery.deliver(frame)
    delivery.describe(delivery.manifest + TABLE)

    def imported(text):
        (delivery.source / "members.csv").write_text(text, encoding="utf-8")
        delivery.run()
        return delivery.load().panel

    return imported


INTERVALS = (
    "symbol,from,to\nS1,2024-07-15,2024-07-19\nS0,2024-07-10,2024-07-10\nS1,2024-07-18,2024-08-01\n"
    "S2,2024-08-10,\nS3,,2024-07-12\nGONE,2024-07-08,2024-08-01\nGONE,2024-08-05,\n"
)


def by_hand(days):
    """The members of INTERVALS, written out again."""
    since, until = dt.date(2024, 7, 15), dt.date(2024, 8, 1)
    flags = np.zeros((len(days), 10), dtype=bool)
    for i, day in enumerate(days):
        flags[i, 0] = day == dt.date(2024, 7, 10)
        flags[i, 1] = since <= day <= until
        flags[i, 2] = day >= dt.date(2024, 8, 10)
        flags[i, 3] = day <= dt.date(2024, 7, 12)
    return flags


def test_members_are_those_of_the_intervals(given, days):
    source = given(INTERVALS)
    panel = source.read()
    np.testing.assert_array_equal(panel.member, by_hand(days))
    block = pickle.loads(pickle.dumps(source)).blocks[0]
    np.testing.assert_array_equal(source.read_block(block).member, by_hand(days)[:, :4])
    counted = {one.rule: (one.rows, one.assets, one.worst[0][0]) for one in panel.findings}
    assert counted["unknown_member"] == (2, 1, "GONE")
    assert counted["never_member"] == (6, 6, "S4")


def test_only_members_have_events_and_count_in_the_base_rate(given, delivery, days):
    strategy = strategy_of_text(UP, Path("up.toml"))
    panel = given("symbol,from,to\n" + "".join(f"S{i},2024-07-22,2024-08-09\n" for i in range(10))).read()
    inside = np.array([dt.date(2024, 7, 22) <= day <= dt.date(2024, 8, 9) for day in days])
    found = study_panel(strategy, panel)
    assert len(found.found)
    assert inside[found.found.day0].all()
    assert not found.found.eligible[~inside].any()
    closes = pd.DataFrame(panel.close)
    base = (closes.shift(-1) / closes - 1).to_numpy()[inside]
    assert found.horizons["base_mean"][0] == pytest.approx(np.nanmean(base), rel=1e-12)
    (account,) = found.found.origin.accounts
    assert account.read == account.kept + sum(len(one.dates) for one in account.excluded)
    closes_up = (closes.pct_change(fill_method=None) >= 0.001).to_numpy()
    triggers = closes_up[2:] & closes_up[1:-1] & ~closes_up[:-2]
    outside = next(len(one.dates) for one in account.excluded if one.reason == "not_a_member")
    assert outside == triggers[~inside[2:]].sum() + (closes_up[1] & closes_up[0]).sum()
    # On the first day of membership an event may rest on closes from before it.
    ups = (closes.pct_change(fill_method=None) >= 0.001).to_numpy()
    first = int(np.flatnonzero(inside)[0])
    begins = ups[first] & ups[first - 1] & ~(ups[first - 1] & ups[first - 2])
    assert begins.any()
    assert set(found.found.asset[found.found.day0 == first]) == set(np.flatnonzero(begins))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("symbol,from\nS1,2024-07-15\n", "has no column 'to'"),
        ("symbol,from,to\nS1,2024-07-15,2024-07-14\n", r"row 1 \('S1'\) ends on 2024-07-14, before it begins"),
        ("symbol,from,to\nS1,yesterday,2024-07-14\n", "column 'from' must hold dates"),
    ],
)
def test_intervals_that_cannot_be_are_refused(given, text, said):
    with pytest.raises(DataRefused, match=said):
        given(text)


def test_damaged_intervals_are_not_read(given, delivery):
    source = given(INTERVALS)
    path = source.blocks[0].path.parent / "panel-members.parquet"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DatasetCorrupt, match=r"panel-members\.parquet: cannot be read"):
        source.read()
