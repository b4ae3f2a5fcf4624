"""The days on which exchanges are shut, against their calendars; and that few calendars are asked."""

import numpy as np
import pytest

from backtest.data.firewall import recognise
from backtest.data.firewall.exchange import exchange_of
from backtest.data.firewall.shut_days import SHUT, sessions_on_shut_days

FIRST, LAST = np.datetime64("2016-01-04"), np.datetime64("2023-12-29")


def sessions_of(name):
    return exchange_of(name, FIRST, LAST, FIRST.item()).expected(FIRST, LAST)


@pytest.mark.parametrize("name", sorted(SHUT.keys() - {"XKRX"}))
def test_no_calendar_has_a_session_on_a_day_on_which_it_is_said_to_be_shut(name):
    sessions = sessions_of(name)
    assert len(sessions) > 1800
    assert sessions_on_shut_days(name, sessions) == 0


def test_dates_on_shut_days_are_counted():
    days = np.array(["2020-02-28", "2020-02-29", "2020-12-24", "2020-12-25", "2021-12-25"], dtype="datetime64[D]")
    assert sessions_on_shut_days("XLON", days) == 2
    assert sessions_on_shut_days("XETR", days) == 3
    assert sessions_on_shut_days("XTAI", days) == 1
    assert sessions_on_shut_days("24/5", days) == 0


@pytest.mark.parametrize(("name", "most"), [("XTKS", 5), ("XSHG", 5), ("BVMF", 5), ("XKRX", 7)])
def test_few_calendars_are_asked(name, most, monkeypatch):
    asked = []

    def counted(*args):
        asked.append(args[0])
        return exchange_of(*args)

    monkeypatch.setattr(recognise, "exchange_of", counted)
    sessions = sessions_of(name)
    assert sessions_on_shut_days(name, sessions) == 0
    found = recognise.recognise(sessions)
    assert (found.exchange, found.differing) == (name, 0)
    assert len(asked) <= most
    assert asked.count("XKRX") == (name == "XKRX")


def test_of_two_exchanges_with_the_same_sessions_the_first_is_taken():
    assert np.array_equal(sessions_of("XAMS"), sessions_of("XPAR"))
    assert recognise.recognise(sessions_of("XAMS")).exchange == "XPAR"
