"""How long do the FedWatch odds of the whole history take? Run: ``python tests/benchmarks/fedwatch.py FUTURES``.

FUTURES is a Parquet file with the columns ``date, contract_month, price``. The arrays are compared with one date at a
time: a plain loop (``tests/rates/twin.py``), and with ``--pyfedwatch PYTHON`` the package of that name, installed under
another interpreter, with its prices in memory; both on a sample of sessions.

With ``--published FILE``, a CSV file ``date, meeting_date, rate_low_bp, rate_high_bp, prob``, it prints instead how far
each version is from what CME published, by month.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from backtest.model import Contracts
from backtest.rates.fedwatch import VERSIONS, Reason, solve_meetings
from backtest.rates.meetings import Meetings, load_meetings, target_in_force
from backtest.rates.outcomes import outcome_probabilities
from tests.rates.twin import Row, Twin

AHEAD = 4
ONE_BY_ONE = """
import contextlib, io, json, sys, time, warnings
import pandas as pd
warnings.filterwarnings("ignore")
from pyfedwatch.fedwatch import FedWatch
prices, meetings, days = json.load(open(sys.argv[1]))
letters = dict(zip("FGHJKMNQUVXZ", range(1, 13)))
frames = {}
for month, quotes in prices.items():
    frame = pd.DataFrame({"Close": list(quotes.values())}, index=pd.DatetimeIndex(list(quotes), name="Date"))
    frames[month] = frame
def read(symbol):
    year = int(symbol[3:])
    return frames[f"{year + (1900 if year > 80 else 2000)}-{letters[symbol[2]]:02d}"]
began, done = time.perf_counter(), 0
for day in days:
    try:
        FedWatch(day, AHEAD, meetings, read).generate_hike_info(rate_cols=False)
        done += 1
    except Exception as error:
        print(f"{day}: {type(error).__name__}: {error}", file=sys.stderr)
print(json.dumps([done, time.perf_counter() - began]))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("futures", type=Path)
    parser.add_argument("--pyfedwatch", type=Path, help="an interpreter that has the package pyfedwatch")
    parser.add_argument("--sample", type=int, default=100, help="sessions to do one at a time")
    parser.add_argument("--published", type=Path, help="CME's own history, to compare with")
    options = parser.parse_args()
    day, month, price = read(options.futures)
    sessions, position = np.unique(day, return_inverse=True)
    contracts = Contracts(position, month.astype(np.int64), price)
    meetings = load_meetings()
    if options.published:
        compare(options.published, contracts, sessions, meetings)
        return
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        solved = solve_meetings(contracts, sessions, meetings)
        outcomes = outcome_probabilities(solved)
        seconds.append(time.perf_counter() - began)
    each = float(np.median(seconds)) / len(sessions)
    n = int((outcomes.reason == Reason.SOLVED).sum())
    print(f"arrays: {len(sessions)} sessions, {n} distributions: {np.median(seconds):.2f} s, {1e6 * each:.0f} µs each")
    odds = outcomes.probability[(outcomes.reason == Reason.SOLVED) & (sessions >= np.datetime64("2010-01-01"))[:, None]]
    gap = np.abs(odds.sum(axis=1) - 1).max()
    print(f"since 2010: {len(odds)} distributions, sums within {gap:.1e} of 1, lowest probability {odds.min():.1e}")
    whole = (sessions >= np.datetime64("2010-01-01")) & (outcomes.reason[:, :AHEAD] == Reason.SOLVED).all(axis=1)
    sample = np.random.default_rng(1).choice(sessions[whole], options.sample, replace=False)
    one = by_loop(day, month, price, meetings, np.sort(sample))
    print(f"a loop of our own, one date at a time: {1e3 * one:.1f} ms a date, {one / each:.0f} times slower")
    if options.pyfedwatch:
        done, one = by_pyfedwatch(options.pyfedwatch, day, month, price, meetings, np.sort(sample))
        print(f"pyfedwatch, {done} dates, {AHEAD} meetings: {1e3 * one:.1f} ms a date, {one / each:.0f} times slower")


def read(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = pq.ParquetFile(path).read()
    day = table["date"].to_numpy().astype("datetime64[D]")
    month = np.array(table["contract_month"].to_pylist(), dtype="datetime64[M]")
    price = table["price"].to_numpy()
    order = np.lexsort((month, day))
    order = order[np.isfinite(price[order])]
    return day[order], month[order], price[order]


def compare(published: Path, contracts: Contracts, sessions: np.ndarray, meetings: Meetings) -> None:
    """Print the error of the probabilities up to four meetings out, and the price that it would take to close it.

    The moves that CME expects up to a meeting, less ours, are a difference between two months' rates: the needed price.
    """
    theirs: dict[tuple[str, str], dict[int, float]] = {}
    with published.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            odds = theirs.setdefault((row["date"], row["meeting_date"]), {})
            odds[int(row["rate_low_bp"])] = float(row["prob"])
    low = 100 * target_in_force(meetings, sessions) - 25
    rows = {str(day): i for i, day in enumerate(sessions)}
    found: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for version in VERSIONS:
        outcomes = outcome_probabilities(solve_meetings(contracts, sessions, meetings, ahead=AHEAD, version=version))
        for (date, meeting), expected in theirs.items():
            if date not in rows:
                continue
            i = rows[date]
            at = [k for k, m in enumerate(outcomes.meeting[i]) if m >= 0 and str(meetings.date[m]) == meeting]
            if not at or outcomes.reason[i, at[0]] != Reason.SOLVED:
                continue
            first = round(low[i]) + 25 * int(outcomes.lowest[i, at[0]])
            ours = {first + 25 * j: p for j, p in enumerate(outcomes.probability[i, at[0]])}
            worst = max(abs(ours.get(b, 0.0) - expected.get(b, 0.0)) for b in {*ours, *expected})
            needed = abs(sum(b * p for b, p in expected.items()) - sum(b * p for b, p in ours.items()))
            month = date[:7] + (", settlements" if date <= "2023-09-15" else "")
            found.setdefault(month, {version: [] for version in VERSIONS})[version].append((worst, needed))
    print("| month | n | " + " | ".join(VERSIONS) + " | price needed |")
    print("|---|---|" + "---|" * (len(VERSIONS) + 1))
    for month, by in sorted(found.items(), key=lambda item: f"{item[0]}~"):  # settlements come before last trades
        cells = [
            f"{np.mean([e for e, _ in by[v]]):.4f}, {max(e for e, _ in by[v]):.4f}" if by[v] else "" for v in VERSIONS
        ]
        needed = np.quantile([price for _, price in by["chain_post"]], [0.5, 0.9])
        print(f"| {month} | {len(by['chain_post'])} | " + " | ".join(cells) + f" | {needed[0]:.2f}, {needed[1]:.2f} |")
    for version in VERSIONS:
        pairs = np.array([pair for month, by in found.items() if "s" not in month for pair in by[version]])
        shares = ", ".join(f"{bp} bp {np.mean(pairs[:, 1] <= bp):.0%}" for bp in (0.5, 1, 2))
        print(f"{version}, after the settlements: {len(pairs)}, mean {pairs[:, 0].mean():.4f}; closed by {shares}")


def by_loop(day: np.ndarray, month: np.ndarray, price: np.ndarray, meetings: Meetings, sample: np.ndarray) -> float:
    """Seconds a date; each looks at the quotes of its last 120 days alone."""
    fields = (meetings.date, meetings.scheduled, meetings.moved, meetings.known, meetings.withdrawn)
    rows = [Row(*row) for row in zip(*(field.tolist() for field in fields), strict=True)]
    total = 0.0
    for date in sample:
        near = (day <= date) & (day > date - 120)
        own = zip(day[near].tolist(), month[near].tolist(), price[near].tolist(), strict=True)
        quotes = {(on, (m.year, m.month)): p for on, m, p in own}
        began = time.perf_counter()
        Twin(date.item(), quotes, rows, "chain_post").odds()[:AHEAD]
        total += time.perf_counter() - began
    return total / len(sample)


def by_pyfedwatch(
    python: Path, day: np.ndarray, month: np.ndarray, price: np.ndarray, meetings: Meetings, sample: np.ndarray
) -> tuple[int, float]:
    """Dates done and seconds a date, inside its own process: imports and reading are not counted."""
    prices: dict[str, dict[str, float]] = {}
    for on, m, p in zip(day.astype(str).tolist(), month.astype(str).tolist(), price.tolist(), strict=True):
        prices.setdefault(m, {})[on] = p
    dates = meetings.date[meetings.held & meetings.scheduled].astype(str).tolist()
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "given.json"
        given.write_text(json.dumps([prices, dates, sample.astype(str).tolist()]), encoding="utf-8")
        code = ONE_BY_ONE.replace("AHEAD", str(AHEAD))
        ran = subprocess.run([str(python), "-c", code, str(given)], capture_output=True, text=True, check=True)
    print(ran.stderr, end="", file=sys.stderr)
    done, seconds = json.loads(ran.stdout.splitlines()[-1])
    return done, seconds / max(done, 1)


if __name__ == "__main__":
    main()
