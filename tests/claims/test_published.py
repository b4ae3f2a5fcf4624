"""The published outcomes, each figure on each reading, against a slow twin in pandas, and against CLAIMS.md."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pandas as pd
import pytest

from backtest.claims.result import claims_json
from backtest.workspace import Workspace

from .twin import Twin, apart, beginnings, endings, run_lengths, until

VERDICTS = {
    "five_percent_day": [(11, "holds on another choice", "horizon")],
    "vix_above_50": [(12, "holds", None)],
    "lead_record": [(13, "holds", None)],
    "eight_up": [(14, "does not hold", None)],
    "cut_near_high": [(15, "does not hold", None)],
    "small_lead_ends": [(16, "does not hold", None)],
    "ten_in_ten": [(17, "does not hold", None)],
    "five_day_surge": [(18, "does not hold", None)],
    "cut_a_year_later": [(19, "holds", None), (20, "holds", None), (20, "does not hold", None)],
    "small_cap_days": [(21, "holds", None)],
    "five_gains_then_less": [(22, "holds", None)],
    "death_cross": [(23, "does not hold", None)],
}


@pytest.fixture(scope="module")
def judged(us_size, tmp_path_factory):
    """The claims by strategy."""
    root = shutil.copytree(us_size.root, tmp_path_factory.mktemp("workspace"), dirs_exist_ok=True)
    found = {}
    for claim in claims_json(Workspace(root, marked=True), tuple(VERDICTS), "us-size")["claims"]:
        found.setdefault(claim["strategy"], []).append(claim)
    return found


@pytest.fixture(scope="module")
def twin(shared):
    return Twin(shared / "data")


@pytest.fixture(scope="module")
def series(twin):
    spx, rut = twin.close("GSPC"), twin.close("RUT")
    both = pd.concat({"rut": rut, "spx": spx}, axis=1, sort=True).dropna()
    spy, iwm = twin.close("SPY_total_return", "adj_close"), twin.close("IWM_total_return", "adj_close")
    return SimpleNamespace(spx=spx, rut=rut, spy=spy, iwm=iwm, both=both, vix=twin.close("VIX"))


def same(claim, figure, expected):
    """Compare what was found of one figure on every reading; a count of None is not compared."""
    found = [(result["found"], result.get("n")) for result in claim["figures"][figure]["results"]]
    assert len(found) == len(expected)
    for (number, n), (value, of) in zip(found, expected, strict=True):
        assert number == pytest.approx(value, abs=1e-12)
        assert n == of or of is None


def same_figures(claim, positions, readings):
    """Compare count, mean, median and share with what the twin found on every reading, as far as they are asked."""
    for what, figure in positions.items():
        at = ("n", "mean", "median", "positive").index(what)
        same(claim, figure, [(one[at], one[0]) for one in readings])


def test_each_has_its_number_and_its_verdict(judged):
    told = {name: [(c["number"], c["verdict"], c["choice"]) for c in claims] for name, claims in judged.items()}
    assert told == VERDICTS
    for claims in judged.values():
        for claim in claims:
            assert claim["by"]
            assert 1 <= len(claim["tried"]) - 1 <= 6  # few choices


def test_days_of_five_percent(judged, twin, series):
    (claim,) = judged["five_percent_day"]
    days, on = list(series.spx.index[series.spx.pct_change() >= 0.05]), "2025-04-10"
    then, spy = until(days, on), [day for day in until(days, on) if day >= series.spy.index[0]]
    readings = [
        twin.figures(series.spx, then, "1y", on),
        twin.figures(series.spx, then, 252, on),
        twin.figures(series.spx, days, "1y"),
        twin.figures(series.spy, spy, "1y", on),
        twin.figures(series.spx, apart(days, series.spx.index, 252), "1y"),
    ]
    same_figures(claim, {"n": 0, "mean": 1, "positive": 2}, readings)
    told = [f"{one[0]}, {one[1]:+.2%}, {one[3]:.1%}" for one in readings[1:3]]
    assert told == ["23, +26.93%, 91.3%", "24, +26.92%, 91.7%"]


def test_closes_of_vix_above_fifty(judged, twin, series):
    (claim,) = judged["vix_above_50"]
    high = series.vix[series.vix.index.isin(series.spx.index)] >= 50
    days, on = list(high.index[high]), "2025-04-16"
    then, first = until(days, on), until(beginnings(high), on)
    for figure, word, sessions in ((1, "1y", 252), (2, "5y", 1260)):
        readings = [
            twin.figures(series.spy, then, word, on),
            twin.figures(series.spy, then, sessions, on),
            twin.figures(series.spx, then, word, on),
            twin.figures(series.spy, first, word, on),
            twin.figures(series.spy, days, word),
        ]
        same_figures(claim, {"mean": figure}, readings)
    episodes = len(apart(then, series.spx.index, 21))
    assert claim["figures"][3]["results"][0]["found"] == episodes == 7


def test_the_record_lead(judged, series):
    (claim,) = judged["lead_record"]
    gains = run_lengths(series.rut.pct_change() >= 0.01)
    earlier = until(gains.index[gains == 5], "2024-07-15")
    assert [result["found"] for result in claim["figures"][0]["results"]] == [len(earlier)] * 2 == [4, 4]
    five = series.both.pct_change(5)
    lead = (five.rut - five.spx).dropna().sort_values(ascending=False)
    then, to_the_end = lead[lead.index <= "2024-07-16"], lead
    for result, expected in zip(claim["figures"][1]["results"], (then, to_the_end), strict=True):
        told = [(one["on"], round(one["value"], 12)) for one in result["days"]]
        assert told == [(str(day.date()), round(value, 12)) for day, value in expected.head(4).items()]


def test_eight_up_sessions(judged, twin, series):
    (claim,) = judged["eight_up"]
    length, change = run_lengths(series.spx.pct_change() > 0), series.spx.pct_change(8)
    days, on = [day for day in length.index[length == 8] if change[day] >= 0.06], "2025-05-02"
    then, some = until(days, on), [day for day in days if day.year >= 1975]
    wide = until(beginnings((length >= 8) & (change >= 0.06)), on)
    asked = [("n", "1m", 21), *(("positive", f"{m}m", 21 * m) for m in (1, 3, 6)), ("mean", "1y", 252)]
    for figure, (what, word, sessions) in enumerate([*asked, ("median", "1y", 252)]):
        readings = [
            twin.figures(series.spx, then, word, on),
            twin.figures(series.spx, then, sessions, on),
            twin.figures(series.spx, then, word),
            twin.figures(series.spx, some, word),
            twin.figures(series.spx, wide, word, on),
        ]
        same_figures(claim, {what: figure}, readings)
    assert len(days) == 11


@pytest.fixture(scope="module")
def cuts(shared, series):
    """Sessions of cuts: as the target showed them before 1994, as they were announced since."""
    fred = pd.read_csv(shared / "data" / "rates" / "fred.csv", parse_dates=["date"]).set_index("date").target_1982_on
    target = fred.reindex(series.spx.index).dropna()
    shown = [day for day in target.index[target.diff() < 0] if day < pd.Timestamp("1994-02-04")]
    told = pd.read_csv(shared / "data" / "rates" / "fomc_decisions.csv", parse_dates=["date"])
    days = told.date[told.change_bp < 0]
    announced = [series.spx.index[series.spx.index.searchsorted(day)] for day in days]
    return SimpleNamespace(all=[*shown, *announced], announced=announced)


def test_cuts_near_a_high(judged, twin, series, cuts):
    (claim,) = judged["cut_near_high"]
    near = series.spx > series.spx.cummax() * 0.98
    before = near.shift(1, fill_value=False)
    days, on = [day for day in cuts.all if before[day]], "2024-09-17"
    readings = [
        twin.figures(series.spx, until(days, on), "1y", on),
        twin.figures(series.spx, until(days, on), 252, on),
        twin.figures(series.spx, days, "1y"),
        twin.figures(series.spx, until([day for day in cuts.all if near[day]], on), "1y", on),
        twin.figures(series.spx, until([day for day in cuts.announced if before[day]], on), "1y", on),
    ]
    same_figures(claim, {"n": 0, "positive": 1, "mean": 2}, readings)
    assert (readings[2][0], readings[2][3], round(readings[2][1], 3)) == (23, 1.0, 0.154)  # "23 of 23, +15.4%"


def test_the_end_of_a_long_lead(judged, twin, series):
    (claim,) = judged["small_lead_ends"]
    change = series.both.pct_change()
    length, on = run_lengths(change.rut > change.spx), "2026-01-28"
    ends, eighth = until(endings(length, 8), on), until(list(length.index[length == 8]), on)
    since = [day for day in ends if day >= series.iwm.index[0]]
    kinds = [
        (series.rut, series.spx, ends, 21, on),
        (series.rut, series.spx, ends, "1m", on),
        (series.rut, series.spx, eighth, 21, on),
        (series.iwm, series.spy, since, 21, on),
        (series.rut, series.spx, ends, 21, "2026-07-31"),
    ]
    readings = [twin.figures(asset, days, horizon, known) for asset, _, days, horizon, known in kinds]
    same_figures(claim, {"mean": 0, "positive": 1, "n": 5}, readings)
    same_figures(claim, {"mean": 3}, [twin.figures(other, days, h, known) for _, other, days, h, known in kinds])
    ahead = []
    for asset, other, days, horizon, known in kinds:
        pairs = zip(*(twin.outcomes(one, days, horizon, known) for one in (asset, other)), strict=True)
        won = [a > b for a, b in pairs if a is not None]
        ahead.append((sum(won) / len(won), len(won)))
    same(claim, 2, ahead)
    assert claim["figures"][6]["results"][0]["found"] == length.max() == 16
    assert claim["figures"][6]["results"][0]["days"][0]["on"] == str(length.idxmax().date()) == "1996-05-07"
    month = series.both.spx.shift(-21) / series.both.spx - 1
    # from the second session on that could be judged; the last whose month was over when it was said
    expected = month["1987-09-15":"2025-12-26"].mean()
    assert claim["figures"][4]["results"][0]["found"] == pytest.approx(expected, abs=1e-12)


def test_ten_percent_in_ten_sessions(judged, twin, series):
    (claim,) = judged["ten_in_ten"]
    high = series.rut.pct_change(10) >= 0.10
    days, on = until(list(high.index[high]), "2020-10-08"), "2020-10-08"
    some = {cooldown: apart(days, series.rut.index, cooldown) for cooldown in (10, 21, 42, 63)}
    assert claim["figures"][0]["results"][0]["found"] == len(some[42]) == 20
    readings = [
        twin.figures(series.rut, some[42], 21, on),
        *(twin.figures(series.rut, some[cooldown], 21) for cooldown in (10, 21, 63, 42)),
        twin.figures(series.rut, some[42], "1m", on),
    ]
    same_figures(claim, {"positive": 1}, readings)
    lower = {c: sum(one < 0 for one in twin.outcomes(series.rut, some[c], 21)) for c in some}
    assert [(lower[c], len(some[c])) for c in some] == [(4, 27), (4, 26), (2, 20), (1, 18)]  # CLAIMS.md


def test_a_change_of_ten_percent_in_five_sessions(judged, twin, series):
    (claim,) = judged["five_day_surge"]
    days, on = beginnings(series.rut.pct_change(5) >= 0.10), "2024-07-16"
    then = until(days, on)
    readings = [
        twin.figures(series.rut, then, 252, on),
        twin.figures(series.rut, apart(then, series.rut.index, 21), 252, on),
        twin.figures(series.rut, apart(days, series.rut.index, 21), 252),
        twin.figures(series.rut, then, "1y", on),
        twin.figures(series.rut, days, 252),
    ]
    for what, figure in (("n", 0), ("positive", 1), ("median", 2)):
        at = ("n", "mean", "median", "positive").index(what)
        found = claim["figures"][figure]["results"]
        assert [one["found"] for one in found[:5]] == pytest.approx([one[at] for one in readings], abs=1e-12)
    assert [f"{one[0]}, {one[3]:.0%}, {one[2]:.1%}" for one in readings[2:5:2]] == ["16, 81%, 15.3%", "22, 86%, 19.4%"]


def test_a_year_after_single_cuts(judged, twin, series):
    said = (["2019-07-31", "2020-03-03"], ["2007-09-18"], ["2007-09-18"])
    for claim, days in zip(judged["cut_a_year_later"], said, strict=True):
        for figure, day in enumerate(map(pd.Timestamp, days)):
            kinds = ((series.spx, "1y"), (series.spx, 252), (series.spy, "1y"))
            same(claim, figure, [(twin.outcomes(close, [day], horizon)[0], 1) for close, horizon in kinds])


def test_two_days_of_the_russell(judged, series):
    (claim,) = judged["small_cap_days"]
    for figure, day in enumerate(("2024-07-11", "2024-07-16")):
        expected = [series.rut.pct_change()[day], series.iwm.pct_change()[day]]
        assert [one["found"] for one in claim["figures"][figure]["results"]] == pytest.approx(expected, abs=1e-12)


def test_five_gains_then_a_lesser_session(judged, twin, series):
    (claim,) = judged["five_gains_then_less"]
    days, on = endings(run_lengths(series.rut.pct_change() >= 0.005), 5), "2010-02-23"
    readings = [
        twin.figures(series.rut, until(days, on), 26, on),
        twin.figures(series.rut, until(days, on), 26),
        twin.figures(series.rut, days, 26),
    ]
    for what, figure in (("n", 0), ("positive", 1)):
        at = ("n", "mean", "median", "positive").index(what)
        found = [one["found"] for one in claim["figures"][figure]["results"][:3]]
        assert found == pytest.approx([one[at] for one in readings], abs=1e-12)
    higher = [round(one[0] * one[3]) for one in readings]
    assert list(zip(higher, [one[0] for one in readings], strict=True)) == [(15, 15), (16, 16), (19, 21)]
    assert all(result["beyond"] for result in claim["figures"][0]["results"])  # 26 cases reach back to 1979


def test_death_crosses(judged, twin, series):
    (claim,) = judged["death_cross"]
    quick, steady = (series.spx.rolling(n).mean() for n in (50, 200))
    known = steady.notna()
    days, on = beginnings((quick < steady)[known]), "2015-08-28"
    then = until(days, on)
    assert claim["figures"][0]["results"][0]["found"] == len(then) - 1 == 26
    for figure, what, sessions, word in ((1, "mean", 21, "1m"), (2, "positive", 252, "1y")):
        readings = [
            twin.figures(series.spx, then, sessions, on),
            twin.figures(series.spx, then, sessions),
            twin.figures(series.spx, then, word, on),
            twin.figures(series.spx, then[:-1], sessions, on, lag=1),
            twin.figures(series.spx, days, sessions),
        ]
        same_figures(claim, {what: figure}, readings)
    month, year = (twin.figures(series.spx, then, h) for h in (21, 252))
    assert (month[0], f"{month[1]:.1%}", f"{year[3]:.0%}") == (27, "-0.0%", "70%")  # CLAIMS.md
