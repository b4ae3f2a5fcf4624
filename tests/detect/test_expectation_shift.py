from __future__ import annotations

import numpy as np
import pytest

from backtest.detect.builtin import expectation_shift
from backtest.detect.builtin.expectation_shift import cuts_priced
from backtest.errors import StudyRefused
from backtest.model import Contracts

NAN = float("nan")
ROLES = {"policy_rate": "EFFR", "fed_funds_futures": "ZQ"}


def month(text):
    return int(np.datetime64(text, "M").astype(int))


@pytest.fixture
def strip_of(history_of):
    """Build prices from sessions, the policy rate and quotes {(session, contract month): price}."""

    def build(sessions, policy, quotes):
        rows = sorted((sessions.index(day), month(contract), price) for (day, contract), price in quotes.items())
        columns = [list(column) for column in zip(*rows, strict=True)]
        table = Contracts(np.array(columns[0]), np.array(columns[1]), np.array(columns[2], dtype=float))
        return history_of(
            {"EFFR": policy},
            kinds={"EFFR": "rate"},
            roles=ROLES,
            tables={"ZQ": table},
            sessions=np.array(sessions, dtype="datetime64[D]"),
        )

    return build


def test_the_contract_rolls_with_the_calendar_month(strip_of):
    prices = strip_of(
        ["2024-07-30", "2024-07-31", "2024-08-01"],
        [5.33, 5.33, 5.33],
        {
            ("2024-07-30", "2025-07"): 95.58,  # 4.42 expected: (5.33 - 4.42) / 0.25 = 3.64
            ("2024-07-30", "2025-08"): 95.70,
            ("2024-07-31", "2025-07"): 95.63,  # 4.37: 3.84
            ("2024-07-31", "2025-08"): 95.80,
            ("2024-08-01", "2025-07"): 96.00,
            ("2024-08-01", "2025-08"): 96.13,  # 3.87: 5.84
        },
    )
    np.testing.assert_allclose(cuts_priced(prices, "ZQ", "EFFR", 12), [3.64, 3.84, 5.84], atol=1e-12)
    # From 3.84 to 5.84 in one session: two moves more. Over two sessions, from 3.64: 2.2.
    one = expectation_shift.detect(prices, sessions=1, moves=2.0)
    assert (one.met.tolist(), one.known.tolist()) == ([0, 0, 1], [0, 1, 1])
    two = expectation_shift.detect(prices, sessions=2, moves=2.21)
    assert (two.met.tolist(), two.known.tolist()) == ([0, 0, 0], [0, 0, 1])
    np.testing.assert_allclose(one.indicator.values, [3.64, 3.84, 5.84], atol=1e-12)


def test_a_missing_contract_is_unknown_and_never_interpolated(strip_of):
    sessions = ["2024-07-08", "2024-07-09", "2024-07-10", "2024-07-11"]
    quotes = {(day, f"2025-{m:02d}"): 95.0 for day in sessions for m in (6, 7, 8)}
    del quotes["2024-07-09", "2025-07"]  # its neighbours in time and along the strip are there
    prices = strip_of(sessions, [5.33, 5.33, 5.33, NAN], quotes)
    cuts = cuts_priced(prices, "ZQ", "EFFR", 12)
    assert np.isnan(cuts).tolist() == [0, 1, 0, 1]  # the last: no policy rate
    found = expectation_shift.detect(prices, sessions=1, moves=0.5)
    assert found.known.tolist() == [0, 0, 0, 0]
    assert expectation_shift.detect(prices, sessions=2, moves=0.5).known.tolist() == [0, 0, 1, 0]


def test_cuts_and_hikes_are_opposite_ways(strip_of):
    # Expected rate 5.00, 4.50, 5.25: 0.00 cuts, 2 more cuts, then 3 fewer.
    sessions = ["2024-07-08", "2024-07-09", "2024-07-10"]
    prices = strip_of(
        sessions, [5.0] * 3, {(d, "2025-07"): p for d, p in zip(sessions, (95.0, 95.5, 94.75), strict=True)}
    )
    assert cuts_priced(prices, "ZQ", "EFFR", 12).tolist() == [0.0, 2.0, -1.0]
    assert expectation_shift.detect(prices, sessions=1, moves=2.0).met.tolist() == [0, 1, 0]
    assert expectation_shift.detect(prices, sessions=1, moves=3.0, direction="hikes").met.tolist() == [0, 0, 1]
    assert expectation_shift.detect(prices, sessions=1, moves=3.01, direction="hikes").met.tolist() == [0, 0, 0]


def test_a_cut_of_the_policy_rate_itself_counts_as_one_fewer(strip_of):
    sessions = ["2024-09-18", "2024-09-19"]
    prices = strip_of(sessions, [5.33, 4.83], {(d, "2025-09"): 97.0 for d in sessions})
    np.testing.assert_allclose(np.diff(cuts_priced(prices, "ZQ", "EFFR", 12)), [-2.0], atol=1e-12)


@pytest.mark.parametrize(("hundredths", "met"), [(24, False), (25, True), (26, True)])
@pytest.mark.parametrize("direction", ["cuts", "hikes"])
def test_a_shift_of_exactly_one_move_counts_at_every_price(strip_of, hundredths, met, direction):
    # Quotes from 90.00 to 99.50, each followed by one `hundredths` away. With a policy rate of 0.08, 4 of these shifts
    # of a quarter come out below 1 in binary: dust must not decide.
    first = np.arange(9000, 9950, 7)
    sign = 1 if direction == "cuts" else -1
    quotes = np.column_stack((first, first + sign * hundredths)).ravel() / 100
    sessions = [str(day) for day in np.datetime64("2000-01-01") + np.arange(len(quotes))]
    contract = [str(np.datetime64(day, "M") + 12) for day in sessions]
    prices = strip_of(
        sessions, [0.08] * len(quotes), {(d, c): q for d, c, q in zip(sessions, contract, quotes, strict=True)}
    )
    found = expectation_shift.detect(prices, sessions=1, moves=1.0, direction=direction)
    assert set(found.met[1::2].tolist()) == {met}


def test_a_history_shorter_than_the_shift_is_unknown(strip_of):
    prices = strip_of(["2024-07-08"], [5.0], {("2024-07-08", "2025-07"): 95.0})
    found = expectation_shift.detect(prices, sessions=5)
    assert (found.met.tolist(), found.known.tolist()) == ([False], [False])


def test_a_level_is_no_strip(history_of):
    prices = history_of({"RUT": [1.0, 2.0]}, kinds={"RUT": "price_index"}, roles={"policy_rate": "RUT"})
    with pytest.raises(StudyRefused) as refused:
        expectation_shift.detect(prices, futures="RUT", sessions=1)
    assert str(refused.value) == (
        "series 'RUT' is of kind price_index; futures by contract month are needed. "
        "Name a series of kind 'futures'; 'backtest show DATASET' lists them."
    )


def test_the_implied_rate_alone_does_not_step_with_the_policy_rate(strip_of):
    quotes = {(day, "2025-09"): 96.0 for day in ("2024-09-17", "2024-09-18", "2024-09-19")}
    quotes[("2024-09-18", "2025-09")] = 96.25
    prices = strip_of(["2024-09-17", "2024-09-18", "2024-09-19"], [5.33, 5.33, 4.83], quotes)
    # The rate falls from 4.00 to 3.75, one move, and rises back; the cuts priced fall by two more with the policy rate.
    down = expectation_shift.detect(prices, sessions=1, measure="implied_rate")
    assert (down.met.tolist(), down.known.tolist()) == ([0, 1, 0], [0, 1, 1])
    np.testing.assert_allclose(down.indicator.values, [4.0, 3.75, 4.0], atol=1e-12)
    up = expectation_shift.detect(prices, sessions=1, measure="implied_rate", direction="hikes")
    assert up.met.tolist() == [0, 0, 1]
    assert expectation_shift.detect(prices, sessions=1, moves=3.0, direction="hikes").met.tolist() == [0, 0, 1]
    without = strip_of(["2024-09-17", "2024-09-18", "2024-09-19"], [NAN] * 3, quotes)
    assert expectation_shift.detect(without, sessions=1, measure="implied_rate").met.tolist() == [0, 1, 0]
