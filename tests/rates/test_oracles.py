"""What others computed and published: CME's cases, its worksheets, its own history, and the Federal Reserve's rates."""

from __future__ import annotations

import calendar
import csv
import dataclasses
import datetime as dt
import json

import numpy as np
import pytest

from backtest.rates.curve import cuts_priced
from backtest.rates.fedwatch import VERSIONS, Reason, solve_meetings
from backtest.rates.meetings import load_meetings, target_in_force
from backtest.rates.outcomes import at_meeting, cut_probability, outcome_probabilities

from .made import table

SETTLEMENTS_END = "2023-09-15"


@pytest.fixture(scope="module")
def ours():
    return load_meetings()


def month_of(text):
    return int(text[:4]), int(text[5:7])


def quoted(watch, prices):
    """Quotes of one day; a month that is over was settled on its last weekday."""
    quotes = {}
    for text, price in prices.items():
        month = month_of(text)
        last = dt.date(*month, calendar.monthrange(*month)[1])
        last -= dt.timedelta(days=max(0, last.weekday() - 4))
        quotes[min(last, watch), month] = price
    return quotes


def in_basis_points(outcomes, low, row, k):
    """{lower bound: probability} of one meeting on one session; `low` is the lower bound in force."""
    odds = outcomes.probability[row, k]
    return {low + 25 * (int(outcomes.lowest[row, k]) + j): float(p) for j, p in enumerate(odds) if p > 0}


def cases(shared):
    return json.loads((shared / "oracles" / "fedwatch" / "cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("i", range(5))
def test_case_within_its_tolerance_in_its_version(shared, ours, i):
    assert len(cases(shared)) == 5
    case = cases(shared)[i]
    watch = dt.date.fromisoformat(case["watch"])
    assert set(case["meetings"]) <= {str(date) for date in ours.date}
    sessions, contracts = table(quoted(watch, case["prices"]))
    solved = solve_meetings(contracts, sessions, ours, ahead=9, version=case["vintage"])
    outcomes = outcome_probabilities(solved)
    low = round(100 * target_in_force(ours, sessions)[-1]) - 25
    assert low == case["base_low"]
    dates = [str(ours.date[row]) for row in solved.meeting[-1]]
    assert dates[: len(case["upcoming"])] == case["upcoming"]
    for date, expected in case["expected"].items():
        found = in_basis_points(outcomes, low, -1, dates.index(date))
        for bound in {*found, *map(int, expected)}:
            assert abs(100 * found.get(bound, 0.0) - expected.get(str(bound), 0.0)) <= case["tol"], (date, bound)
    if "intermediate" in case:
        assert round(float(solved.start[-1, 0]), 4) == case["intermediate"]["FFER_start"]
        assert round(float(solved.end[-1, 0]), 5) == case["intermediate"]["FFER_end"]


@pytest.mark.parametrize("i", [0, 1])
def test_worksheet_to_the_digits_shown(shared, ours, i):
    # both worksheets count the days of September and November 2022
    sheet = json.loads((shared / "oracles" / "fedwatch" / "worksheets.json").read_text(encoding="utf-8"))[i]
    prices = dict(zip(("2022-09", "2022-10", "2022-11"), sheet["prices"].values(), strict=True))
    sessions, contracts = table(quoted(dt.date(2022, 9, 12), prices))
    solved = solve_meetings(contracts, sessions, ours, ahead=2, version="chain_post")
    for k, month in enumerate(("sept", "nov")):
        assert round(float(solved.start[0, k]), 4) == sheet[month]["start_rate"]
        assert round(float(solved.end[0, k]), 4) == sheet[month]["end_rate"]
        assert round(float(solved.end[0, k] - solved.start[0, k]), 4) == sheet[month]["monthly_change"]


def errors(published, futures, ours, version, ahead=8):
    """[(date, meeting, meetings out, largest error of a probability)] wherever CME's file and the prices overlap."""
    sessions, contracts = futures
    outcomes = outcome_probabilities(solve_meetings(contracts, sessions, ours, ahead=ahead, version=version))
    target = target_in_force(ours, sessions)
    rows = {str(day): row for row, day in enumerate(sessions)}
    found = []
    for (date, meeting), theirs in published.items():
        row = rows.get(date)
        if row is None:
            continue
        dates = [str(ours.date[i]) if i >= 0 else "" for i in outcomes.meeting[row]]
        if meeting not in dates or outcomes.reason[row, dates.index(meeting)] != Reason.SOLVED:
            continue
        k = dates.index(meeting)
        mine = in_basis_points(outcomes, round(100 * target[row]) - 25, row, k)
        error = max(abs(mine.get(bound, 0.0) - theirs.get(bound, 0.0)) for bound in {*mine, *theirs})
        found.append((date, meeting, k + 1, error))
    return found


def test_cme_published_the_same_to_its_last_decimal_wherever_there_are_settlements(published, futures, ours):
    found = errors(published, futures("pyfedwatch"), ours, "chain_post")
    four = [error for date, _, out, error in found if date <= SETTLEMENTS_END and out <= 4]
    assert len(four) == 193
    assert max(four) <= 0.0005
    assert max(four) <= 0.51e-6  # six decimals are published
    assert max(error for date, _, out, error in found if date <= SETTLEMENTS_END and out <= 6) <= 0.51e-6


def test_seven_and_eight_out_cme_had_not_entered_the_meeting_of_july_2024(published, futures, ours):
    # Until 2023-07-26 its file knows no meeting after 2024-06-12; with July as a month without one, all is CME's.
    known = ours.known.copy()
    known[ours.date == np.datetime64("2024-07-31")] = np.datetime64("2023-07-27")
    entered = dataclasses.replace(ours, known=known)
    found = errors(published, futures("pyfedwatch"), entered, "chain_post")
    assert max(out for _, _, out, _ in found) == 8
    assert max(error for date, _, _, error in found if date <= SETTLEMENTS_END) <= 0.51e-6
    as_published = errors(published, futures("pyfedwatch"), ours, "chain_post")
    assert max(error for date, _, _, error in as_published if date <= SETTLEMENTS_END) == pytest.approx(
        0.0145, abs=1e-4
    )


@pytest.mark.parametrize(("version", "miss"), [("chain_pre", 0.033), ("typed_2015", 0.141)])
def test_the_other_versions_do_not_fit_that_history(published, futures, ours, version, miss):
    found = errors(published, futures("pyfedwatch"), ours, version)
    worst = max(error for date, _, out, error in found if date <= SETTLEMENTS_END and out <= 4)
    assert worst == pytest.approx(miss, abs=0.0005)


def test_cuts_priced_in_july_2024(futures, fred):
    sessions, contracts = futures()
    days, values = fred["DFF"]
    effective = np.full(len(sessions), np.nan)
    there = np.isin(sessions, days)
    effective[there] = values[np.searchsorted(days, sessions[there])]
    cuts = cuts_priced(contracts, sessions, effective)
    for day, expected in (("2024-07-09", 4.50), ("2024-07-16", 5.56)):
        assert cuts[np.searchsorted(sessions, np.datetime64(day))] == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_september_cut_is_a_given(futures, published, ours, version):
    # CME: 73.1% on 07-09, 92.6% on 07-11, 100% on 07-15 and 07-16. Prices of these sessions are last trades.
    sessions, contracts = futures()
    outcomes = outcome_probabilities(solve_meetings(contracts, sessions, ours, version=version))
    cut = at_meeting(cut_probability(outcomes), outcomes.meeting, ours, dt.date(2024, 9, 18))
    rows = np.searchsorted(
        sessions, np.array(["2024-07-09", "2024-07-11", "2024-07-15", "2024-07-16"], "datetime64[D]")
    )
    cme = [sum(p for low, p in published[str(sessions[row]), "2024-09-18"].items() if low < 525) for row in rows]
    np.testing.assert_allclose(cme, [0.7312, 0.9264, 1.0, 1.0], atol=1e-9)
    if version == "typed_2015":
        np.testing.assert_allclose(cut[rows], [0.621, 0.848, 0.929, 0.929], atol=0.0005)
    else:
        assert cut[rows[3]] >= 0.99
        np.testing.assert_allclose(cut[rows], cme, atol=0.02)


def test_the_last_rate_of_a_contract_is_the_average_that_came_out(futures, fred):
    sessions, contracts = futures("pyfedwatch")
    days, values = fred["DFF"]
    months = days.astype("datetime64[M]").astype(np.int64)
    own = sessions.astype("datetime64[M]").astype(np.int64)[contracts.session]
    gap, after_the_month = {}, {}
    for month in np.unique(contracts.month):
        last = np.flatnonzero(contracts.month == month)[-1]
        if own[last] >= month:
            gap[month] = abs(100 - contracts.price[last] - values[months == month].mean())
            after_the_month[month] = own[last] > month
    since = lambda year: [g for month, g in gap.items() if month >= (year - 1970) * 12]  # noqa: E731
    assert len(gap) == 405
    assert len(since(2015)) == 105
    assert np.median(since(2015)) == pytest.approx(0.0005, abs=0.00001)
    assert np.median(since(2016)) == pytest.approx(0.0004, abs=0.00001)
    assert np.median(since(1990)) == pytest.approx(0.0021, abs=0.0001)
    settled = [g for month, g in gap.items() if after_the_month[month]]
    assert len(settled) == 15
    assert np.median(settled) <= 1e-9  # quoted on the first session after the month: the final settlement itself


def test_every_distribution_since_2010(futures, ours):
    sessions, contracts = futures()
    outcomes = outcome_probabilities(solve_meetings(contracts, sessions, ours))
    there = (outcomes.reason == Reason.SOLVED) & (sessions >= np.datetime64("2010-01-01"))[:, None]
    assert there.sum() > 20_000
    odds = outcomes.probability[there]
    assert (odds >= 0).all()
    np.testing.assert_allclose(odds.sum(axis=1), 1.0, rtol=0, atol=1e-12)


def test_every_decision_is_that_of_the_public_record(shared, ours):
    with (shared / "data" / "rates" / "fomc_decisions.csv").open(encoding="utf-8") as file:
        record = [
            (row["date"], row["unscheduled"] == "0", float(row["target_before"]), float(row["target_after"]))
            for row in csv.DictReader(file)
        ]
    held = np.flatnonzero(ours.held & (ours.date <= np.datetime64("2025-12-10")))
    mine = [(str(ours.date[i]), bool(ours.scheduled[i]), float(ours.before[i]), float(ours.after[i])) for i in held]
    assert mine == record


def test_the_target_in_force_is_freds(fred, ours):
    # FRED dates a change to the day from which it is in force, but in 2015 and 2016 to the announcement
    days, values = fred["DFEDTARU"]
    decided = (days > np.datetime64("2008-12-16")) & (days <= np.datetime64("2025-12-11")) & ~np.isin(days, ours.date)
    assert decided.sum() > 6000
    np.testing.assert_array_equal(target_in_force(ours, days[decided]), values[decided])
