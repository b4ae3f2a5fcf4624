"""CME's own history of 2025 and 2026 against the default version, from settlements."""

from __future__ import annotations

import csv
import itertools

import numpy as np
import pytest

from backtest.model import Contracts
from backtest.rates.fedwatch import VERSIONS, Reason, solve_meetings
from backtest.rates.meetings import load_meetings


@pytest.fixture(scope="module")
def history(shared):
    """(sessions, contracts, {date: {meeting: expected target in moves}}) as CME's history has them."""
    folder = shared / "oracles" / "fedwatch_cme_history_2025_26"
    with (folder / "settlements.csv").open(encoding="utf-8") as file:
        rows = sorted((row["date"], row["contract_month"], float(row["price"])) for row in csv.DictReader(file))
    sessions, session = np.unique(np.array([row[0] for row in rows], "datetime64[D]"), return_inverse=True)
    month = np.array([row[1] for row in rows], "datetime64[M]").astype(np.int64)
    expected = {}
    with (folder / "expected_target.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            expected.setdefault(row["date"], {})[row["meeting"]] = float(row["expected_target_low_in_moves"])
    return sessions, Contracts(session, month, np.array([row[2] for row in rows])), expected


def errors(history, version):
    """[(meetings out, |moves of a meeting, CME's less ours|)]; CME's are the step from the meeting before it."""
    sessions, contracts, expected = history
    ours = load_meetings()
    solved = solve_meetings(contracts, sessions, ours, ahead=8, version=version)
    found = []
    for i, session in enumerate(sessions.astype(str)):
        dates = ours.date[solved.meeting[i]].astype(str).tolist()
        for before, meeting in itertools.pairwise(sorted(expected.get(session, {}))):
            k = dates.index(meeting) if meeting in dates else -1
            if k < 1 or dates[k - 1] != before or solved.reason[i, k] != Reason.SOLVED:
                continue
            moves = (solved.end[i, k] - solved.start[i, k]) / 0.25
            found.append((k + 1, abs(moves - (expected[session][meeting] - expected[session][before]))))
    return found


def test_the_default_has_cmes_moves_to_a_ten_thousandth(history):
    found = errors(history, None)
    assert (len(found), sum(error <= 1e-4 for _, error in found)) == (581, 580)
    assert max(out for out, _ in found) == 8


def test_no_other_version_does(history):
    for version in set(VERSIONS) - {"chain_pre"}:
        assert sum(error <= 1e-4 for _, error in errors(history, version)) < 100
