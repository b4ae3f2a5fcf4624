"""The studies on real history against the figures of CLAIMS.md, which were computed outside the project."""

from __future__ import annotations

import csv
import datetime as dt

import numpy as np
import pytest

from backtest.comparison.entries import Entry
from backtest.comparison.result import compare_json
from backtest.data.store.read import load_dataset
from backtest.detect.builtin import move, streak
from backtest.detect.builtin.expectation_shift import cuts_priced
from backtest.detect.episodes import find_episodes
from backtest.errors import NoEvents
from backtest.plan import plan_on
from backtest.study.run import run_plan

FIVE = ["1998-10-20", "2000-01-20", "2009-09-10", "2020-04-28", "2024-07-16"]
PRICE_LEGS = {"measure.asset": "small_index", "measure.benchmark": "market_index"}


@pytest.fixture(scope="module")
def real(us_size):
    return load_dataset(us_size.dataset("us-size"))


@pytest.fixture(scope="module")
def run(us_size, real):
    return lambda name, **settings: run_plan(
        plan_on(real, us_size, name, {key.replace("__", "."): value for key, value in settings.items()})
    )


def claimed(shared, heading):
    """Read a table of CLAIMS.md: {trigger: [(small, mega) at 5, 21, 63, 126, 252]}, in percent."""
    lines = (shared / "CLAIMS.md").read_text(encoding="utf-8").split(heading)[1].splitlines()
    rows = {}
    for line in lines:
        cells = [cell.strip() for cell in line.replace("−", "-").strip().strip("|").split("|")]
        if cells[0][:4].isdigit():
            rows[cells[0]] = [tuple(float(part) for part in cell.split("/")) for cell in cells[1:]]
        elif rows:
            return rows
    return rows


@pytest.mark.parametrize(
    ("heading", "settings"),
    [("Forward returns after claim 1's triggers", PRICE_LEGS), ("The same on the total-return legs", {})],
)
def test_the_legs_after_each_streak(run, shared, heading, settings):
    table = claimed(shared, heading)
    study = run("streak5", measure__horizons=[5, 21, 63, 126, 252], **settings)
    events = [event["trigger"] for event in study.summary["events"]]
    assert events == list(table) == FIVE
    assert study.summary["dataset"]["synthetic"] is False
    rows = study.tables["forward_returns"].to_pylist()
    found = [(100 * row["asset"], 100 * row["benchmark"]) for row in rows]
    np.testing.assert_allclose(found, [pair for pairs in table.values() for pair in pairs], rtol=0, atol=0.005)
    assert {row["status"] for row in rows} == {"complete"}


def test_a_little_less_is_the_same_and_four_in_a_row_are_more(run):
    triggers = [event["trigger"] for event in run("streak5", detector__threshold=0.00995).summary["events"]]
    assert triggers == FIVE
    four = [event["trigger"] for event in run("streak5", detector__sessions=4).summary["events"]]
    assert len(four) > 5
    # Every streak of five has a fourth session, the one before.
    assert {"1998-10-19", "2000-01-19", "2009-09-09", "2020-04-27", "2024-07-15"} <= set(four)


def test_two_of_the_streaks_last_six_sessions(run):
    ends = [event["end"] for event in run("streak5").summary["events"]]
    assert ends == ["1998-10-20", "2000-01-21", "2009-09-10", "2020-04-29", "2024-07-16"]
    starts = [event["start"] for event in run("streak5").summary["events"]]
    assert starts[-1] == "2024-07-10"


def test_the_closes_of_the_article(real):
    prices = real.prices
    level = dict(zip(prices.sessions.astype(str).tolist(), prices.close("small_index").tolist(), strict=True))
    assert [round(level[day], 2) for day in ("2023-12-29", "2024-07-09", "2024-07-16")] == [2027.07, 2029.47, 2263.67]


def test_the_cuts_priced(real):
    prices = real.prices
    cuts = cuts_priced(prices, "fed_funds_futures", "policy_rate", 12)
    on = dict(zip(prices.sessions.astype(str).tolist(), cuts.tolist(), strict=True))
    # of the prices of 07-09 and 07-16: last trades of the UTC day, known at the next close
    assert (round(on["2024-07-10"], 2), round(on["2024-07-17"], 2)) == (4.50, 5.56)


def test_quotes_that_stood_still_price_nothing(real):
    # At 2001-11-15 the rate was 2.22%; the contract of 2002-11 stood at 93.425, as if 17 hikes were priced.
    prices = real.prices
    cuts = cuts_priced(prices, "fed_funds_futures", "policy_rate", 12)
    days = prices.sessions
    assert np.isnan(cuts[days == np.datetime64("2001-11-15")]).all()
    np.testing.assert_array_equal(prices.close("cuts_priced_12m"), cuts)
    known = ~np.isnan(cuts)
    # The most hikes ever priced are those of June 2022, from 0.83%.
    assert str(days[known][np.argmin(cuts[known])]) == "2022-06-14"


def test_cuts_are_found_about_69_times_since_1994_and_the_gap_is_told(run):
    study = run("ratecut", episodes__since=dt.date(1994, 1, 1))
    # 70 less that of 2001-03-30, which rested on quotes that stood at 93.425 and are left out.
    assert study.summary["n_events"] == 69
    assert "2001-03-30" not in [event["trigger"] for event in study.summary["events"]]
    (note,) = [note["text"] for note in study.summary["notes"] if note["code"] == "not_judged"]
    assert note.startswith("Cannot be judged at ")
    # Most of the sessions before 2004 lack the twelfth month.
    sessions, known = study.plan.dataset.prices.sessions, study.detection.condition.known
    early = (sessions >= np.datetime64("1994-01-01")) & (sessions < np.datetime64("2004-01-01"))
    assert known[early].mean() < 0.5
    late = sessions >= np.datetime64("2005-01-01")
    assert known[late & (sessions <= np.datetime64("2024-12-31"))].mean() > 0.95


def test_small_caps_beat_technology_so_much_only_once_before(real):
    found = move.detect(
        real.prices, series="small_index", against="tech_index", sessions=5, threshold=0.1110, direction="up"
    )
    sessions = real.prices.sessions
    since = sessions >= np.datetime64("1999-07-01")
    until = sessions <= np.datetime64("2024-07-16")
    assert sessions[found.met & since & until].astype(str).tolist() == ["2000-12-20", "2024-07-16"]
    returns = dict(zip(sessions.astype(str).tolist(), found.indicator.values.tolist(), strict=True))
    assert (round(100 * returns["2024-07-16"], 2), round(100 * returns["2000-12-20"], 1)) == (11.11, 11.8)


def test_small_caps_lagged_technology_to_such_an_extreme_twice(real):
    # 252-session return of the Russell 2000 minus the Nasdaq at least 20 points, since July 1999.
    found = move.detect(real.prices, series="small_index", against="tech_index", sessions=252, threshold=0.20)
    sessions = real.prices.sessions
    met = sessions[found.met & (sessions >= np.datetime64("1999-07-01")) & (sessions <= np.datetime64("2024-07-16"))]
    gap = int(np.argmax(np.diff(met)))
    spans = [str(day) for day in (met[0], met[gap], met[gap + 1], met[-1])]
    assert spans == ["2000-11-30", "2002-07-10", "2021-03-12", "2021-07-12"]


def test_how_rare_it_is_depends_on_how_it_is_counted(shared, history_of):
    # Three times +1% on the S&P 500 from 1970 to 2015: 27 times first in its run, 30 counting every third session on.
    with (shared / "data" / "prices" / "GSPC.csv").open(encoding="utf-8") as lines:
        rows = [(row["date"], float(row["close"])) for row in csv.DictReader(lines) if row["close"]]
    sessions = np.array([day for day, _ in rows], dtype="datetime64[D]")
    prices = history_of({"GSPC": [close for _, close in rows]}, sessions=sessions)
    found = streak.detect(prices, series="GSPC", sessions=3, threshold=0.01)
    inside = (sessions >= np.datetime64("1970-01-01")) & (sessions <= np.datetime64("2015-12-31"))
    assert np.count_nonzero(found.met & inside) == 30
    assert np.count_nonzero(inside[find_episodes(found, 3).trigger]) == 27


def test_never_five_in_a_row_on_the_market_since_1950(run):
    with pytest.raises(NoEvents):
        run("streak5", detector__series="market_index", episodes__since=dt.date(1950, 1, 1))


def test_the_rules_of_the_record_count_27_and_30(run):
    period = {"episodes__since": dt.date(1970, 1, 1), "episodes__until": dt.date(2015, 12, 31)}
    study = run("streak5", detector__series="market_index", detector__sessions=3, episodes__cooldown=5, **period)
    counted = {rule["rule"]: rule["horizons"][0]["events"] for rule in study.summary["rules"]}
    assert (counted["first"], counted["every"]) == (27, 30)


def test_four_in_a_row_happened_eleven_times_and_five_in_a_row_five_times(run):
    told = run("streak5").summary["rarity"]
    at = {(cell["sessions"], cell["threshold"]): cell["episodes"] for cell in told["cells"]}
    assert (at[4, 0.01], at[5, 0.01]) == (11, 5)
    assert told["text"].startswith("5 sessions at 1%: 5 times; 4 sessions at 1%: 11 times; ")


def test_the_base_rate_of_ratecut_is_from_the_sessions_that_could_be_judged(run, real):
    # Counted contract by contract: the one twelve months ahead is quoted on the session and five sessions before; of
    # a price that was known a day late, ahead of the day of the price.
    prices = real.prices
    table = prices.contracts("fed_funds_futures")
    months = (table.month - table.quoted.astype("datetime64[M]").astype(int)).tolist()
    ahead = {t for t, m in zip(table.session.tolist(), months, strict=True) if m == 12}
    there = [t in ahead for t in range(len(prices))]
    rate = np.isfinite(prices.published().close("policy_rate"))
    known = [t >= 5 and there[t] and there[t - 5] and rate[t] and rate[t - 5] for t in range(len(prices))]
    study = run("ratecut")
    first, last = (
        int(np.searchsorted(prices.sessions, np.datetime64(study.summary["sample"][k]))) for k in ("first", "last")
    )
    judged = [t for t in range(first, last + 1) if known[t]]
    assert study.summary["sample"]["eligible"] == len(judged) == 5732
    assert study.summary["sample"]["not_judged"] == 3568
    small, mega = prices.close("small").tolist(), prices.close("mega").tolist()
    spread = [small[t + 252] / small[t] - mega[t + 252] / mega[t] for t in judged if t + 252 < len(prices)]
    row = next(row for row in study.summary["horizons"] if row["horizon"] == 252)
    assert row["base_spread_mean"] == pytest.approx(np.nanmean(spread), abs=1e-12)
    assert round(100 * row["base_spread_mean"], 2) == -1.5


def test_streaks_of_five_are_all_among_those_of_four(run):
    content = compare_json(
        [Entry(study.summary, study) for study in (run("streak5"), run("streak5", detector__sessions=4))]
    )
    assert content["shared"][0] == [5, 5]
    assert content["shared"][1][0] == 5
    assert content["differing"] == ["detector.sessions"]


def test_every_session_of_streak5_could_be_judged(run):
    sample = run("streak5").summary["sample"]
    assert (sample["eligible"], sample["not_judged"]) == (sample["sessions"], 0)
