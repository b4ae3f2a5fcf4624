"""Each rule at its edge, on histories small enough to be counted by hand."""

import datetime as dt
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtest.data.firewall.bars import out_of_bars
from backtest.data.firewall.bases import mixed_bases
from backtest.data.firewall.exchange import Exchange
from backtest.data.firewall.gaps import blank_end, missing_sessions
from backtest.data.firewall.impossible_dates import impossible_dates
from backtest.data.firewall.jumps import WINDOW, contract_steps, jumps, scales, steps
from backtest.data.firewall.opens import copied_opens, far_from_closes, spans
from backtest.data.firewall.stale import stale_contracts, stale_values
from backtest.data.manifest.checks import Checks
from backtest.data.manifest.read import parse_manifest
from backtest.errors import DataRefused
from backtest.model import Contracts

from . import damage

DAYS = np.busday_offset("2021-01-04", np.arange(800)).astype("datetime64[D]")
NOTHING = Exchange("NONE", DAYS[:0], np.datetime64("2100-01-01"), np.datetime64("1900-01-01"), frozenset())
NAN = np.nan


def noise(n, seed=1):
    return 0.01 * np.random.default_rng(seed).standard_normal(n)


@pytest.mark.parametrize(("equal", "found"), [(4, 0), (5, 1)])
def test_stale_counts_changes_that_did_not_come(equal, found):
    values = np.concatenate([[1.0, 2.0], np.full(equal + 1, 3.0), [4.0]])
    assert len(list(stale_values("A", DAYS, values, 5))) == found


def contracts(months, price):
    n = len(months)
    return Contracts(np.arange(n), np.array(months, dtype=np.int64), np.array(price, dtype=float))


def test_near_contracts_may_stand_still_and_far_ones_may_not():
    january = 51 * 12
    for ahead, found in ((2, 0), (3, 1)):  # 20 sessions, all in January 2021
        table = contracts([january + ahead] * 20, [94.0] * 20)
        assert len(list(stale_contracts("F", DAYS, table, 10))) == found


def test_contracts_that_stand_at_the_same_price_are_runs_of_their_own():
    january = 51 * 12
    n = 8
    table = Contracts(np.tile(np.arange(n), 2), np.repeat([january + 6, january + 7], n), np.full(2 * n, 94.0))
    assert list(stale_contracts("F", DAYS, table, n)) == []
    (found,) = stale_contracts("F", DAYS, table, n - 1)
    assert found.count == 2


def test_steps_are_within_a_contract():
    table = Contracts(np.array([0, 1, 0, 1]), np.array([612, 612, 613, 613]), np.array([90.0, 90.1, 99.0, 99.1]))
    assert list(contract_steps("F", DAYS, table, 5.0)) == []
    assert [one.count for one in contract_steps("F", DAYS, table, 0.05)] == [2]


def test_a_rate_steps_by_points():
    assert [one.value for one in steps("R", DAYS, np.array([5.0, 15.0, 14.9]), 10.0)] == [10.0]
    assert list(steps("R", DAYS, np.array([5.0, 14.9]), 10.0)) == []


def test_scales_against_a_slow_twin():
    changes = noise(300)
    changes[150] = 0.5
    found = scales(changes)
    for i in range(300):
        before = np.abs(changes[i - WINDOW : i]) if i >= WINDOW else None
        after = np.abs(changes[i + 1 : i + 1 + WINDOW]) if i + WINDOW < 300 else None
        around = max(np.median(side) for side in (before, after) if side is not None)
        assert found[i] == pytest.approx(max(1.4826 * around, 0.002), rel=1e-12)


def test_a_quiet_history_has_a_least_scale():
    assert scales(np.zeros(300)).tolist() == [0.002] * 300
    assert list(jumps("A", DAYS, np.r_[np.zeros(150), 0.03, np.zeros(149)], Checks())) == []


def test_a_price_that_alternates_is_one_spike_after_another_not_two_at_once():
    changes = noise(300)
    changes[150:154] = 0.5, -0.5, 0.5, -0.5
    rules = [(one.rule, one.first) for one in jumps("A", DAYS, changes, Checks())]
    assert rules == [("spike", DAYS[150].item()), ("spike", DAYS[152].item())]


def test_a_small_change_that_is_taken_back_is_a_market():
    changes = noise(300)
    changes[150:152] = 0.03, -0.03
    assert list(jumps("A", DAYS, changes, Checks())) == []


def test_many_jumps_are_counted_not_listed():
    changes = np.zeros(800)
    changes[100::25] = 0.4
    found = list(jumps("A", DAYS, changes, Checks()))
    assert len(found) == 11
    assert found[-1].count == len(changes[100::25]) - 10


@pytest.mark.parametrize(("share", "found"), [(0.5, 1), (0.51, 0)])
def test_copied_opens_at_the_share_and_without_blanks(share, found):
    closes = np.arange(100.0, 141.0)
    opens = np.concatenate([[NAN], closes[:-1]])
    opens[1::2] += 0.5  # 20 of 40 are copies
    assert len(list(copied_opens("A", DAYS[:41], opens, closes, share))) == found
    holes = opens.copy()
    holes[2] = NAN
    assert [one.count for one in copied_opens("A", DAYS[:41], holes, closes, 0.4)] == [19]


def test_spans_of_years():
    assert spans([1987]) == "1987"
    assert spans([1987, 1988, 1990, 1992, 1993]) == "1987–1988, 1990, 1992–1993"


def test_holes_of_a_rate_count_from_a_length_on():
    values = np.ones(60)
    values[10:12] = NAN
    values[30:35] = NAN
    assert [one.count for one in missing_sessions("R", DAYS[:60], values, NOTHING)] == [7]
    assert [one.count for one in missing_sessions("R", DAYS[:60], values, NOTHING, 5)] == [5]
    assert list(missing_sessions("R", DAYS[:60], values, NOTHING, 6)) == []


def test_a_date_that_is_known_to_be_no_session_is_missed_by_nobody():
    off = 20
    exchange = Exchange("X", np.delete(DAYS, off), DAYS[0], DAYS[-1], frozenset(range(5)))
    values = np.ones(60)
    values[off] = NAN
    assert list(missing_sessions("A", DAYS[:60], values, exchange)) == []
    values[off + 1] = NAN
    assert [one.first for one in missing_sessions("A", DAYS[:60], values, exchange)] == [DAYS[off + 1].item()]


def test_a_total_return_may_equal_its_price_for_a_while_but_not_for_a_year():
    manifest = parse_manifest(damage.HEAD + damage.SERIES, "m")
    level = 100 * np.exp(np.cumsum(noise(400)))
    for n, found in ((252, 0), (253, 1)):
        columns = {"PRICE": level[:n], "SMALL": 2 * level[:n]}
        assert len(list(mixed_bases(manifest, DAYS[:n], columns))) == found
    paying = 2 * level * np.exp(0.005 * (np.arange(400) // 63))  # a dividend a quarter
    assert list(mixed_bases(manifest, DAYS[:400], {"PRICE": level, "SMALL": paying})) == []


def test_only_errors_are_accepted(bench):
    head = damage.HEAD + '[checks]\naccept = [{ rule = "stale", series = "SMALL" }]\n'
    files = damage.good()
    for row in files["small"][300:310]:
        row[1] = files["small"][300][1]
    bench.manifest(damage.SERIES, head=head)
    damage.write(bench.source, files)
    (found,) = bench.run().findings
    assert "accepted" not in found.text


def test_a_split_of_a_lively_stock_is_found_by_its_ratio():
    changes = 3.2 * noise(300)
    changes[150] = -np.log(2)
    size = abs(changes[150]) / scales(changes)[150]
    assert Checks().jump / 2 < size < Checks().jump
    assert ["2:1" in one.text for one in jumps("A", DAYS, changes, Checks())] == [True]
    changes[150] = -0.55  # as large, and no split: a stock may fall by 42% in a day
    assert list(jumps("A", DAYS, changes, Checks())) == []


@pytest.mark.parametrize(
    ("ratio", "share"), [(10.0, 0.4), (2.0, 0.4), (1.5, 0.56), (4 / 3, 0.7), (1.25, 0.7), (1.7, 1.0)]
)
@pytest.mark.parametrize("way", [-1, 1])
def test_where_a_split_fits_a_share_of_the_threshold_is_enough(ratio, share, way):
    for beyond in (0.98, 1.02):  # a scale that puts the change just under its bar, and just over it
        changes = np.where(np.arange(301) % 2, 1.0, -1.0) * np.log(ratio) / (25 * share * beyond) / 1.4826
        changes[150] = way * np.log(ratio)
        found = list(jumps("A", DAYS, changes, Checks()))
        assert len(found) == (beyond > 1)
        assert all(("fits a" in one.text) is (share < 1) for one in found)


def test_findings_reach_what_is_derived_by_several_steps(bench):
    more = "".join(
        f'\n[series.{name}]\ntitle = "{name}"\nkind = "total_return_index"\nunit = "index"\nratio = {inputs}\n'
        for name, inputs in (("ONE", '["SMALL", "MEGA"]'), ("TWO", '["ONE", "MEGA"]'))
    )
    files = damage.good()
    for row in files["small"][300:310]:
        row[1] = files["small"][300][1]
    bench.manifest(damage.SERIES.replace("\n[roles]", f"{more}\n[roles]"), head=damage.HEAD)
    damage.write(bench.source, files)
    (found,) = bench.run().findings
    assert found.affects == ("ONE", "TWO")


def test_a_point_is_doubted_in_a_file_with_semicolons(bench):
    bench.manifest('[series.A]\ntitle = "A"\nkind = "price_index"\nunit = "points"\nfile = "a.csv"\n')
    bench.deliver(a="date;close\n2024-07-15;93.425\n2024-07-16;94.125\n")
    with pytest.raises(DataRefused, match=r'may be 93.425 or 93425, .* Write decimal = "\."'):
        bench.run()


# Opens, highs and lows


def test_an_open_far_from_both_closes_is_found_and_one_near_either_is_not():
    rng = np.random.default_rng(3)
    days = np.busday_offset("2020-01-01", np.arange(300), roll="forward").astype("datetime64[D]")
    closes = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 300)))
    opens = np.append(closes[0], closes[:-1]) * 1.002
    assert list(far_from_closes("A.open", days, opens, closes, Checks())) == []
    opens[150] *= 100
    (found,) = far_from_closes("A.open", days, opens, closes, Checks())
    assert (found.rule, found.series, found.severity, found.first) == ("spike", "A", "error", days[150].item())
    opens[150] /= 100
    closes[151:] *= 2.0  # a real leap overnight: the open stands with its own close
    opens[151] = closes[151]
    opens[152:] *= 2.0
    assert list(far_from_closes("A.open", days, opens, closes, Checks())) == []


def bars(**changed):
    """Forty sessions of open 10, high 12, low 9, close 11, and what is changed of them."""
    columns = {
        key: np.full(40, value) for key, value in (("close", 11.0), ("open", 10.0), ("high", 12.0), ("low", 9.0))
    }
    for key, rows in changed.items():
        for row, value in rows.items():
            columns[key][row] = value
    return list(out_of_bars("A", DAYS[:40], *(columns[key] for key in ("close", "open", "high", "low"))))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"high": {7: 8.9}}, "the high 8.9 is below the low 9"),
        ({"close": {7: 12.1}}, "the high 12 is below the close 12.1"),
        ({"close": {7: 8.9}}, "the close 8.9 is below the low 9"),
        ({"open": {7: 12.1}}, "the high 12 is below the open 12.1"),
        ({"open": {7: 8.9}}, "the open 8.9 is below the low 9"),
        ({"low": {7: NAN}, "close": {7: 12.1}}, "the high 12 is below the close 12.1"),
    ],
)
def test_a_bar_that_cannot_be(changed, words):
    (found,) = bars(**changed)
    assert (found.rule, found.severity, found.first, found.count) == ("bars", "warning", DAYS[7].item(), 1)
    assert words in found.text


def test_a_bar_may_have_its_close_at_its_edge_and_blanks():
    assert bars() == []
    assert bars(close={1: 12.0, 2: 9.0, 3: NAN, 4: 12.0 * (1 + 5e-7)}, high={5: NAN}, low={6: NAN}) == []
    assert list(out_of_bars("A", DAYS[:2], np.ones(2), None, None, None)) == []


def test_columns_mixed_up_are_an_error():
    swapped = {"high": dict.fromkeys(range(20), 9.0), "low": dict.fromkeys(range(20), 12.0)}
    assert [(one.severity, one.count) for one in bars(**swapped)] == [("error", 20)]
    del swapped["high"][0], swapped["low"][0]
    assert [(one.severity, one.count) for one in bars(**swapped)] == [("warning", 19)]


def test_blanks_behind_the_last_close_are_told_and_those_before_the_first_are_not():
    closes = np.array([NAN, 1.0, NAN, 1.0, NAN, NAN])
    (found,) = blank_end("A", DAYS[:6], closes)
    assert (found.rule, found.severity, found.count, found.first) == ("blank_end", "warning", 2, DAYS[4].item())
    assert list(blank_end("A", DAYS[:4], closes[:4])) == []


@pytest.mark.parametrize(("unit", "refused"), [("percent", True), ("basis points", False), ("spread in bp", False)])
def test_a_mark_of_a_missing_rate_is_none_in_basis_points(bench, unit, refused):
    head = damage.HEAD.replace("[calendar]", "[calendar]\nseries = ['A']")
    rate = f'[series.R]\ntitle = "R"\nkind = "rate"\nunit = "{unit}"\nfile = "r.csv"\n'
    price = '[series.A]\ntitle = "A"\nkind = "price_index"\nunit = "p"\nfile = "a.csv"\n'
    bench.manifest(price, rate, head=head)
    bench.deliver(a="date,close\n2024-07-15,1\n2024-07-16,1\n", r="date,close\n2024-07-15,-98\n2024-07-16,-150\n")
    if refused:
        with pytest.raises(DataRefused, match=r"^r\.csv line 3 \(2024-07-16\): close = -150: a rate in percent"):
            bench.run()
    else:
        assert {one.rule for one in bench.run().findings} <= {"jump"}


# Dates that cannot be


@pytest.mark.parametrize(
    ("date", "ahead", "found"),
    [
        ("2024-07-17", 1, 0),  # tomorrow: it has begun in Tokyo
        ("2024-07-18", 1, 1),
        ("2024-07-18", 2, 0),
        ("1700-01-01", 1, 0),
        ("1699-12-31", 1, 1),
        ("0001-01-01", 1, 1),
        ("9999-12-31", 1, 1),
        ("20240-07-16", 1, 1),  # a Parquet file can say so
    ],
)
def test_dates_up_to_tomorrow_and_not_before_1700(date, ahead, found):
    days = np.array(["2024-07-15", "2024-07-16", date], dtype="datetime64[D]")
    said = list(impossible_dates("A", days, "line {}".format, dt.date(2024, 7, 16), ahead))
    assert [(one.rule, one.severity, one.count, one.text.split(":")[0]) for one in said] == [
        ("future_date", "error", 1, "line 2")
    ] * found


# The ends of what a number can be


EXTREMES = (1e308, 1.7e308, 1e-308, 1e-320, 5e-324, 1.0)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(EXTREMES), min_size=3, max_size=6), st.sampled_from([5, 150]))
def test_the_largest_and_the_smallest_numbers_are_judged_without_a_warning(extremes, before):
    levels = np.exp(np.concatenate([noise(before), noise(len(extremes)), noise(before, 2)]))
    levels[before : before + len(extremes)] = extremes
    days, rates = DAYS[: len(levels)], levels * np.where(np.arange(len(levels)) % 2, 1.0, -1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        said = [
            *jumps("A", days[1:], np.diff(np.log(levels)), Checks(), levels),
            *far_from_closes("A.open", days, levels, np.roll(levels, 1), Checks()),
            *steps("R", days, rates, 10.0),
            *contract_steps("F", days, contracts([700] * len(levels), rates), 5.0),
        ]
    assert all(one.value is not None and np.isfinite(one.value) for one in said)
    if max(extremes) > 1e300:
        assert {"spike", "jump"} & {one.rule for one in said}


def test_a_leap_beyond_all_numbers_is_told_by_its_power_of_ten():
    levels = np.full(300, 1e-320)
    levels[150:] = 1e300
    (found,) = jumps("A", DAYS[1:300], np.diff(np.log(levels)), Checks(), levels)
    assert "moves to 1e620 times its level" in found.text
