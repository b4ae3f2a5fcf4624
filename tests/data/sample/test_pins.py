"""What is pinned is as published, to the last published digit."""

import datetime as dt
import tomllib
from pathlib import Path

import numpy as np
import pytest

from backtest.data.sample.sessions import nyse_sessions

INDEX_OF = {"russell2000": "small_index", "sp500": "market_index", "nasdaq_composite": "tech_index"}
REPOSITORY = Path(__file__).resolve().parents[3]


def as_dates(prices):
    return prices.sessions.tolist()


def test_the_facts_are_the_published_ones(raw_facts):
    original = REPOSITORY.parent / "shared" / "facts" / "public_facts.toml"
    if not original.is_file():
        pytest.skip("compares the facts with the list they were copied from, which is not part of this repository")
    assert raw_facts == tomllib.loads(original.read_text(encoding="utf-8"))


def test_sessions_are_the_exchanges(prices):
    assert np.array_equal(prices.sessions, nyse_sessions())


def test_some_sessions_that_anyone_can_check(prices):
    dates = set(as_dates(prices))
    assert min(dates) == dt.date(1987, 12, 31)
    assert max(dates) == dt.date(2025, 12, 31)
    assert len(dates) == 9573
    closed = ["1988-01-01", "1994-04-27", "2001-09-11", "2001-09-14", "2012-10-29", "2018-12-05", "2025-01-09"]
    assert not dates & {dt.date.fromisoformat(day) for day in closed}
    assert {dt.date(1988, 1, 4), dt.date(2001, 9, 17), dt.date(2012, 10, 31)} <= dates


@pytest.mark.parametrize(("published", "role"), INDEX_OF.items())
def test_years_end_on_the_published_close(prices, raw_facts, published, role):
    last_of_year = {day.year: value for day, value in zip(as_dates(prices), prices.close(role), strict=True)}
    assert {str(year): value for year, value in last_of_year.items()} == {
        year: row[published] for year, row in raw_facts["year_end_close"].items()
    }


def test_streaks_have_the_published_returns_on_their_dates(prices, raw_facts):
    close, dates = prices.close("small_index"), as_dates(prices)
    assert len(raw_facts["russell2000_streak"]) == 5
    for streak in raw_facts["russell2000_streak"]:
        published = streak["returns_pct"]
        end = dates.index(streak["end"])
        run = range(end - len(published) + 1, end + 1)
        assert dates[run[4]] == streak["trigger"]
        assert [round(100 * (close[i] / close[i - 1] - 1), 3) for i in run] == published
        before, after = run[0] - 1, end + 1
        assert close[before] / close[before - 1] - 1 < 0.00995
        assert close[after] / close[after - 1] - 1 < 0.00995


def test_target_changes_on_the_published_days(prices, raw_facts):
    """A loop over sessions, announcement by announcement."""
    changes = {change["date"]: change["to"] for change in raw_facts["fomc_change"]}
    target, policy = prices.close("SIM_FED_FUNDS_TARGET"), prices.close("policy_rate")
    in_force = 3.0
    for i, day in enumerate(as_dates(prices)):
        if day.year < 1994:
            assert np.isnan(target[i])
            assert np.isnan(policy[i])
            continue
        before = in_force
        for announced in sorted(d for d in changes if d <= day):
            in_force = changes.pop(announced)
            if announced < day:  # on a day without a session: 2020-03-15 was a Sunday
                before = in_force
        assert target[i] == in_force
        below = 0.12 if day > dt.date(2008, 12, 16) else 0.0
        assert policy[i] == pytest.approx(before - below, abs=1e-9)
    assert not changes
