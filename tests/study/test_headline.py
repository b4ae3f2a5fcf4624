"""The headline, clause by clause, against the numbers of its own study."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from backtest import Dataset, Strategy, run
from backtest.study.headline import frequency


def prices(n=800, drift=0.0):
    """Two legs of noise; the first gains `drift` more on the session after each of `DATES`."""
    rng = np.random.default_rng(5)
    days = pd.bdate_range("2020-01-01", periods=n, name="date")
    moves = rng.normal(0, 0.01, (n, 2))
    moves[61::40, 0] += drift
    return pd.DataFrame(100 * np.cumprod(1 + moves, axis=0), index=days, columns=["A", "B"])


def dates(frame, upto=None):
    return [str(day)[:10] for day in frame.index[60:upto:40]]


def study_of(frame, days, simulated=False, **measure):
    measure = {"asset": "A", "benchmark": "B", "horizons": [1, 5], **measure}
    return run(Strategy.of(days, measure=measure), Dataset.from_frame(frame, simulated=simulated))


def spreads(frame, days, horizon):
    """By hand: the spread after each date, and of every session."""
    moved = frame.shift(-horizon) / frame - 1
    spread = moved["A"] - moved["B"]
    return spread.loc[days].to_numpy(), spread.dropna().to_numpy()


def test_every_clause_is_true_of_the_table():
    frame = prices(drift=0.02)
    days = dates(frame)
    study = study_of(frame, days)
    after, every = spreads(frame, days, 1)
    found = study.summary["headline"]
    p = min(row["p_adjusted"] for row in study.summary["horizons"])
    assert study.summary["horizons"][0]["p_adjusted"] == p
    assert p <= 0.05
    base = f"{100 * every.mean():+.2f}".replace("-", "−").replace("+0.00", "0.00").replace("−0.00", "0.00")
    assert found == (
        f"After {len(days)} such events, A led B by {100 * after.mean():.2f} points on average in the next session; "
        f"the base rate is {base} points. Luck alone does as much only {frequency(p)}, both horizons considered."
    )


def test_it_speaks_of_the_look_of_the_verdict_and_lags_where_the_mean_is_below_zero():
    frame = prices(drift=-0.02)
    found = study_of(frame, dates(frame)).summary
    assert re.match(r"After \d+ such events, A lagged B by \d", found["headline"])
    verdict = re.search(r"over (\d+) session", found["verdict"])[1]
    assert ("next session;" in found["headline"]) == (verdict == "1")


def test_what_luck_does_often_is_not_called_rare():
    frame = prices()
    found = study_of(frame, dates(frame)).summary
    p = min(row["p_adjusted"] for row in found["horizons"])
    assert p > 0.05
    assert f"Luck alone does as much {frequency(p)}, both horizons considered." in found["headline"]
    assert "only about" not in found["headline"]


def test_pending_events_are_counted_apart():
    frame = prices()
    days = [*dates(frame, 700), str(frame.index[-1])[:10]]
    found = study_of(frame, days, horizons=[1]).summary["headline"]
    assert found.startswith(f"After the {len(days) - 1} of {len(days)} such events with a complete window, ")
    assert found.endswith("the only horizon looked at.")


def test_one_event_is_no_average_and_simulated_data_come_first():
    frame = prices()
    found = study_of(frame, dates(frame)[:1], simulated=True).summary["headline"]
    assert found.startswith("SIMULATED: After the only such event, A ")
    assert "average" not in found


def test_an_asset_alone_gains_or_loses():
    frame = prices(drift=0.03)[["A"]]
    days = dates(frame)
    moved = (frame["A"].shift(-1) / frame["A"] - 1).loc[days].mean()
    found = study_of(frame, days, benchmark="", horizons=[1]).summary["headline"]
    assert found.startswith(
        f"After {len(days)} such events, A gained {100 * moved:.2f}% on average in the next session; "
    )


def test_where_nothing_can_be_said_it_says_so():
    frame = prices()
    last = [str(frame.index[-1])[:10]]
    assert study_of(frame, last).summary["headline"] == (
        "Nothing can be said yet: the only event has no complete window at any horizon."
    )
    flat = pd.DataFrame(100.0, index=frame.index, columns=["A", "B"])
    assert study_of(flat, dates(frame)).summary["headline"] == (
        "Nothing can be said: the spread does not vary, so that there is no test."
    )


def test_halves_that_disagree_are_named():
    frame = prices()
    moved = frame.pct_change().fillna(0).to_numpy(copy=True)
    moved[61:700:40, 0] += np.where(np.arange(16) < 8, 0.05, -0.012)
    frame = pd.DataFrame(100 * np.cumprod(1 + moved, axis=0), index=frame.index, columns=["A", "B"])
    summary = study_of(frame, dates(frame, 700), horizons=[1]).summary
    row = summary["horizons"][0]
    assert row["p_adjusted"] <= 0.05
    assert row["doubt"]
    assert summary["headline"].endswith(f" But {row['doubt']}.")


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (1.0, "always"), (0.97, "nearly always"), (0.94, "about 9 times in 10"), (0.428, "about 4 times in 10"),
        (0.096, "about once in 10"), (0.094, "about 9 times in 100"), (0.05, "about 5 times in 100"),
        (0.012, "about once in 100"), (0.0094, "about 9 times in 1,000"), (0.001, "about once in 1,000"),
        (0.0004, "less than once in 1,000"),
    ],
)  # fmt: skip
def test_a_probability_as_a_frequency(p, text):
    assert frequency(p) == text


@pytest.mark.parametrize("p", np.linspace(0.001, 0.949, 400).tolist())
def test_a_frequency_is_within_a_half_of_its_last_digit(p):
    n, size = re.fullmatch(r"about (once|\d+ times) in ([\d,]+)", frequency(p)).groups()
    size = int(size.replace(",", ""))
    number = 1 if n == "once" else int(n.split()[0])
    assert abs(number / size - p) <= 0.5 / size + 1e-12


@pytest.mark.parametrize(("horizon", "words"), [("1w", "over the next week;"), ("2w", "over the next 2 weeks;")])
def test_a_single_week_month_or_year_has_no_number(horizon, words):
    frame = prices(drift=0.02)
    assert words in study_of(frame, dates(frame), horizons=[horizon]).summary["headline"]
