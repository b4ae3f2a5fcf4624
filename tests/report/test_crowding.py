"""What the page of a study on a panel says of how its events crowd."""

from __future__ import annotations

import numpy as np
import pytest

from backtest.report.pages.panel.crowding_words import crowding_words
from backtest.report.pages.panel.panel_charts.crowding_chart import crowding_chart

AS_ON = " By the sum of their squared shares, the events are as concentrated as on {} dates with equally many."
"""One over the sum of the squared shares of the dates: 9 / 5 and 400 / 92."""


def by(names, events):
    """What ``run.json`` has of events by date or by asset, the one with most first."""
    share = np.array(events) / sum(events)
    top = min(10, len(events))
    return {
        "n": len(events),
        "busiest": names[0],
        "events": events[0],
        "share": share[0],
        "top": top,
        "top_share": float(share[:top].sum()),
        "effective": 1 / float((share**2).sum()),
    }


def said(dates, assets):
    days = [f"2024-07-{day:02}" for day in range(1, 29)]
    found = {"date": by(days, dates), "asset": by([f"S{n}" for n in range(99)], assets)}
    assert sum(dates) == sum(assets)
    return crowding_words({"n_events": sum(dates), "panel": {"by": found}})


@pytest.mark.parametrize(
    ("dates", "assets", "words"),
    [
        ([1], [1], "The only event lies on one date, 1 July 2024."),
        ([3], [1] * 3, "All 3 events lie on one date, 1 July 2024. No two events are on the same asset."),
        ([2], [1, 1], "Both events lie on one date, 1 July 2024. No two events are on the same asset."),
        ([1] * 3, [3], "No two events share a date. All of them are on one asset, S0."),
        (
            [2, 1],
            [2, 1],
            "The busiest date is 1 July 2024, with 2 events. The asset with most is S0, with 2 events."
            + AS_ON.format(2),
        ),
        (
            [9, *[1] * 11],
            [4, *[1] * 16],
            "The busiest date is 1 July 2024, with 9 events; the busiest 10 of 12 dates hold 90% of the events. "
            "The asset with most is S0, with 4 events; the busiest 10 of 17 assets hold 65% of the events."
            + AS_ON.format(4),
        ),
    ],
)
def test_what_is_said(dates, assets, words):
    assert said(dates, assets) == words


def cumulative(*events):
    return np.cumsum(events) / sum(events)


def test_nothing_is_drawn_of_an_even_spread():
    even, single, uneven = cumulative(1, 1, 1), cumulative(5), cumulative(4, 1, 1)
    assert crowding_chart({"date": even, "asset": single}, "") is None
    drawn = crowding_chart({"date": single, "asset": uneven}, "")
    assert "of assets hold" in drawn.svg
    assert "of dates hold" not in drawn.svg
