"""How a client asks, waits and tries again, and until when prices are final."""

from __future__ import annotations

import datetime as dt

import pytest

from backtest.data.pull.http import FetchFailed
from backtest.data.pull.providers import Request, fetch
from backtest.data.pull.settled import last_settled

from . import bodies
from .conftest import Reply

FRED = "fredgraph.csv?id="


def test_requests_to_one_host_are_a_pause_apart(provider, client, clock):
    provider.answers(FRED, bodies.fred_csv("DGS10", bodies.RATES))
    for _ in range(3):
        fetch(Request("fred", "DGS10"), client)
    assert clock.slept == [1, 1]
    clock.sleep(0.75)  # time that went by otherwise counts
    fetch(Request("fred", "DGS10"), client)
    assert clock.slept[3:] == [0.25]


def test_another_host_does_not_wait(provider, client, clock):
    provider.answers(FRED, bodies.fred_csv("DGS10", bodies.RATES))
    provider.answers("/Sizes_CSV.zip", Reply(b"", 404))
    fetch(Request("fred", "DGS10"), client)
    with pytest.raises(FetchFailed):
        fetch(Request("french", "Sizes"), client)
    assert clock.slept == []


def test_a_tried_host_is_given_its_tries_again_once_it_answers(provider, client):
    provider.answers(FRED, *[Reply(b"", 500)] * 4, Reply(bodies.fred_csv("DGS10", bodies.RATES)), Reply(b"", 500))
    with pytest.raises(FetchFailed, match="4 times"):
        fetch(Request("fred", "DGS10"), client)
    fetch(Request("fred", "DGS10"), client)
    with pytest.raises(FetchFailed, match="4 times"):
        fetch(Request("fred", "DGS10"), client)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2024-07-17T17:59-04:00", "2024-07-16"),  # Wednesday: closed, not settled
        ("2024-07-17T18:00-04:00", "2024-07-17"),
        ("2024-07-17T22:00+00:00", "2024-07-17"),
        ("2024-12-18T22:59+00:00", "2024-12-17"),  # in winter New York is five hours behind
        ("2024-07-19T20:00-04:00", "2024-07-19"),
        ("2024-07-20T12:00-04:00", "2024-07-19"),  # Saturday
        ("2024-07-21T23:00-04:00", "2024-07-19"),
        ("2024-07-22T12:00-04:00", "2024-07-19"),  # Monday noon
        ("2024-07-22T18:00-04:00", "2024-07-22"),
    ],
)
def test_last_settled_weekday(now, day):
    assert last_settled(dt.datetime.fromisoformat(now)) == dt.date.fromisoformat(day)
