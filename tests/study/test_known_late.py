"""A study of futures on the real history enters only on what was known: the tariffs of 2 April 2025."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import numpy as np
import pytest

from backtest.cli import status_of
from backtest.data.store.read import load_dataset
from backtest.lookahead.audited import notes_on_publication
from backtest.model.series import Late
from backtest.plan import plan_on
from backtest.study.run import run_plan


@pytest.fixture(scope="module")
def real(us_size):
    return load_dataset(us_size.dataset("us-size"))


@pytest.fixture(scope="module")
def ratecut(us_size, real):
    return run_plan(plan_on(real, us_size, "ratecut"))


def test_nothing_happens_at_the_close_before_the_announcement(ratecut):
    days = [event["day0"] for event in ratecut.summary["events"]]
    assert "2025-04-02" not in days
    assert "2025-04-03" in days  # the first close at which the trades of that evening were known


def test_the_run_says_so(ratecut):
    (note,) = [note for note in ratecut.summary["notes"] if note["code"] == "known_late"]
    assert note["about"] == "detector"
    assert "databento_continuous 1 session" in note["text"]


def test_a_study_that_ends_before_is_told_nothing_of_it(us_size, real):
    study = run_plan(plan_on(real, us_size, "ratecut", {"episodes.until": dt.date(2020, 12, 31)}))
    assert "known_late" not in {note["code"] for note in study.summary["notes"]}


def test_the_audit_says_so(us_size, monkeypatch, capsys):
    monkeypatch.chdir(us_size.root)
    assert status_of(("audit", "ratecut", "--dataset", "us-size", "--json")) == 0
    (result,) = json.loads(capsys.readouterr().out)["strategies"]
    assert (result["clean"], [note["code"] for note in result["notes"]]) == (True, ["known_late"])


def test_the_words_of_what_is_known_late(history_of):
    prices = history_of({"A": np.ones(5)})
    late = Late((("trades", 1), ("mail", 2)), dt.date(2000, 1, 4), dt.date(2000, 1, 5))
    series = {"A": dataclasses.replace(prices.series["A"], late=late)}
    prices = dataclasses.replace(prices, series=series)
    (note,) = notes_on_publication(prices, ["A"])
    assert note.text == (
        "A: prices known only after their day are read when they were known (trades 1 session, mail 2 sessions late), "
        "from 2000-01-04 to 2000-01-05."
    )
    assert notes_on_publication(prices, ["A"], (3, 4)) == []  # from 2000-01-06 on
    assert len(notes_on_publication(prices, ["A"], (2, 4))) == 1
