from __future__ import annotations

import re

import numpy as np
import pytest

from backtest.report.pages.run.page import run_page

from .html_tree import parse
from .records import RUN, small_run, without_benchmark, without_events, written

HEADINGS = [
    "Three straight sessions", "Verdict", "What came next", "The average path", "Both legs", "Spread",
    "Every episode", "streak length, sessions", "Every event’s outcome", "As a trade", "Parameters", "Dataset",
    "Notes", "How to read this",
]  # fmt: skip


@pytest.fixture
def page(tmp_path):
    return parse(run_page(written(tmp_path, *small_run())))


def row(page, first):
    return next(cells for cells in page.rows if cells and cells[0].startswith(first))


def test_headings_stand_in_order(page):
    assert page.headings == HEADINGS


def test_the_horizons_in_percent_and_points(page):
    assert row(page, "1 session") == [
        "1 session the next session", "3", "+3.67 pp +0.01 pp", "+3.66 pp", "0.011 <0.001", "67% 51%", "+1.25 pp",
        "+3.21%", "−0.46%",
    ]  # fmt: skip


def test_what_cannot_be_given_is_a_dash_and_pending_is_counted(page):
    assert row(page, "5 sessions") == [
        "5 sessions about a week", "1 1 pending 1 not covered", "−12.50 pp –", "–", "1.000 0.374", "0% –", "−12.50 pp",
        "−12.00%", "+0.50%",
    ]  # fmt: skip


def test_windows_outside_a_legs_history_are_counted_apart(tmp_path):
    run, columns = small_run()
    run["horizons"][1].update(pending=0, not_covered=2)
    page = parse(run_page(written(tmp_path, run, columns)))
    assert row(page, "5 sessions")[1] == "1 2 not covered"


def test_an_adjusted_p_within_five_percent_is_set_in_bold(tmp_path):
    html = run_page(written(tmp_path, *small_run()))
    assert re.findall(r'<td class="strong">([^<]*)<small>', html) == ["0.011"]


def test_a_column_that_is_null_everywhere_is_hidden(page):
    assert "95% interval" not in page.text
    assert "Detectable" not in page.text


def test_an_interval_is_shown_where_one_is_given(tmp_path):
    run, columns = small_run()
    run["horizons"][0].update(ci_low=-0.01, ci_high=0.08, mde=0.05)
    page = parse(run_page(written(tmp_path, run, columns)))
    assert row(page, "1 session")[3:6:2] == ["+3.66 pp −1.00 to +8.00 pp", "5.00 pp"]
    assert row(page, "5 sessions")[3:6:2] == ["– –", "–"]


def test_events_with_their_outcome_at_the_horizon_nearest_to_a_month(page):
    assert row(page, "2024-07-03") == [
        "2024-07-03", "2024-07-01", "2024-07-03", "2024-07-03", "−12.00%", "+0.50%", "−12.50 pp", "−14.00 pp",
        "+2.00 pp", "complete",
    ]  # fmt: skip
    assert row(page, "2024-07-09")[4:] == ["–", "–", "–", "–", "–", "not covered"]
    assert row(page, "2024-07-12")[3:5] == ["2024-07-15 ongoing", "–"]
    assert row(page, "2024-07-12")[-1] == "pending"


def test_the_trade(page):
    text = " ".join(page.text.split())
    assert "Long small, short mega, entered at the next session’s close, held 21 sessions" in text
    assert "Total return+2.34%" in text
    assert "Sharpe ratio−0.46" in text
    assert "Worst drawdown−7.89%" in text
    assert "Time in the market40%" in text
    assert "Trades2, of which 1 still open" in text
    assert row(page, "2024-07-10") == ["2024-07-10", "open", "3", "2", "+1.00%", "+3.00%", "0.10%", "−2.10%"]


def test_the_facts_and_the_sources(page):
    text = " ".join(page.text.split())
    assert "3 events from 4 episodes, 1 July 2024 to 15 July 2024 (10 sessions). Dataset: A tiny history." in text
    assert "Lowest three deciles (S30; total return index)" in text
    assert "ab" * 32 in text
    assert "Run 20260901T120000Z-0a1b2c3d of streak5, made 1 September 2026, 12:30 UTC" in text


def test_every_note_is_shown(page):
    assert "ci_low: Not given: no interval is computed." in " ".join(page.text.split())


def test_real_data_carry_no_banner(page):
    assert "SIMULATED" not in page.text


def test_simulated_data_say_so_in_the_banner_the_title_the_captions_and_the_charts(tmp_path):
    run, columns = small_run()
    run["dataset"]["synthetic"] = True
    page = parse(run_page(written(tmp_path, run, columns)))
    text = " ".join(page.text.split())
    assert text.startswith("SIMULATED: Three straight sessions SIMULATED DATA")
    assert "Forward returns mean nothing" in text
    assert text.count("(simulated data)") == 3
    assert page.data["synthetic"] is True


def test_the_charts_get_rounded_numbers_and_nulls(page):
    assert page.data["path"]["asset"]["mean"] == [-0.01235, 0.0, None]
    assert page.data["path"]["offset"] == [-1, 0, 1]
    line = page.data["history"]["lines"][0]
    assert line["values"][:3] == [100.0, 101.0, 102.123]
    assert line["name"] == "The index"
    assert page.data["history"]["calendar"] == {"first": 19905, "gaps": [1, 1, 2, 3, 1, 1, 1, 1, 3]}
    assert page.data["history"]["indicator"]["values"][:2] == [None, 0.0]


def test_the_charts_know_where_each_episode_stands(page):
    assert page.data["episodes"] == {
        "start": [0, 3, 7], "trigger": [2, 5, 8], "end": [2, 6, 9], "day0": [2, 5, 8], "ongoing": [False, False, True],
        "number": [1, 2, 3],
    }  # fmt: skip


def test_the_outcomes_of_every_horizon_with_status_and_lines(page):
    five = page.data["outcomes"]["by_horizon"]["5"]
    assert five["spread"] == [-0.125, None, None]
    assert five["status"] == ["complete", "not covered", "pending"]
    assert (five["mean"], five["base"]) == (-0.125, None)
    assert page.data["outcomes"]["chosen"] == 5


def test_the_equity_knows_when_a_position_was_held(page):
    assert page.data["equity"]["held"] == [[3, 4], [6, 9]]
    assert page.data["equity"]["values"][3] == 1.01


def test_without_an_observed_series_both_legs_are_drawn_from_a_common_start(tmp_path):
    run, columns = small_run()
    run["observed"] = None
    columns["history"]["observed"] = np.full(10, np.nan)
    lines = parse(run_page(written(tmp_path, run, columns))).data["history"]["lines"]
    assert [line["name"] for line in lines] == ["small", "mega"]
    assert lines[0]["values"][:4] == [None, None, 100.0, 102.0]
    assert lines[1]["values"][:4] == [40.0, 80.0, 100.0, 104.0]


def test_without_an_event_the_page_still_stands(tmp_path):
    run, columns = small_run()
    without_events(run, columns)
    page = parse(run_page(written(tmp_path, run, columns)))
    assert row(page, "1 session")[1:4] == ["0", "– +0.01 pp", "–"]
    assert "There is no outcome to show." in page.text


def test_without_a_trade_and_an_indicator_their_sections_are_gone(tmp_path):
    run, columns = small_run()
    run.update(trade=None, indicator=None)
    del columns["trades"], columns["equity"]
    page = parse(run_page(written(tmp_path, run, columns)))
    assert "As a trade" not in page.headings
    assert "streak length, sessions" not in page.headings
    assert page.data["equity"] is None


def test_all_events_pending(tmp_path):
    run, columns = small_run()
    for at in range(6):
        columns["forward_returns"]["status"][at] = "pending"
        for key in ("asset", "benchmark", "spread", "mae", "mfe"):
            columns["forward_returns"][key][at] = np.nan
    for line in run["horizons"]:
        line.update(n=0, pending=3, spread_mean=None, asset_mean=None, hit_rate=None, p_value=None, p_adjusted=None)
    page = parse(run_page(written(tmp_path, run, columns)))
    assert row(page, "1 session")[1] == "3 pending" or row(page, "1 session")[1] == "0 3 pending"
    assert row(page, "2024-07-03")[-1] == "pending"
    assert "p adjusted" not in page.text


def test_the_command_that_repeats_the_run(page):
    assert (
        "backtest run streak5 --dataset tiny --set detector.use=streak --set detector.threshold=0.01 "
        "--set episodes.since=2024-07-01 --set measure.asset=small --set measure.benchmark=mega "
        "--set 'measure.horizons=[1, 5]'"
    ) in page.text


def test_the_record_is_left_as_it_was(tmp_path):
    record = written(tmp_path, *small_run())
    run_page(record)
    assert {key: value for key, value in record.run.items() if key != "sha256"} == RUN


def test_an_asset_alone_is_tabled_without_a_benchmark(tmp_path):
    run, columns = small_run()
    without_benchmark(run, columns)
    page = parse(run_page(written(tmp_path, run, columns)))
    heads = next(row for row in page.rows if row[:2] == ["Horizon", "Events"])
    assert heads[2:] == [
        "Return, mean base rate", "Excess over the base rate", "p adjusted p alone", "Hit rate base rate",
        "Median return",
    ]  # fmt: skip
    row = next(row for row in page.rows if row[0].startswith("1 session"))
    assert row[2:] == ["+3.67% +0.01%", "+3.66 pp", "0.011 <0.001", "67% 51%", "+1.25%"]
    assert "spread" not in page.text.lower()
    assert "mega" not in page.text
    assert "Long small, entered at" in " ".join(page.text.split())
    assert page.data["legs"] == {"asset": "small"}
    assert set(page.data["path"]) == {"offset", "n", "asset"}
    assert page.data["outcomes"]["by_horizon"]["5"]["asset"] == [-0.125, None, None]
