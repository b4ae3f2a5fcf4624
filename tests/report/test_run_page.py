from __future__ import annotations

import re

import numpy as np
import pytest

from backtest.report.pages.run.page import run_page

from .html_tree import parse
from .plots import chart
from .records import RUN, SESSIONS, small_run, without_benchmark, without_events, written

HEADINGS = [
    "Three straight sessions", "The finding", "Verdict", "On this page", "What came next", "Every event’s outcome",
    "Dates, legs and extremes", "The average path", "Both legs", "Spread", "When it happened",
    "streak length, sessions", "As a trade", "How to read this", "Notes", "Dataset", "Parameters", "To repeat it",
]  # fmt: skip


@pytest.fixture
def page(tmp_path):
    return parse(run_page(written(tmp_path, *small_run())))


def row(page, first):
    return next(cells for cells in page.rows if cells and cells[0].startswith(first))


def last_row(page, first):
    """The table of dates and legs stands below that of the outcomes, which has rows of the same days."""
    return [cells for cells in page.rows if cells and cells[0].startswith(first) and len(cells) > 7][-1]


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
    assert not [cell for cells in page.rows for cell in cells if "95% interval" in cell]
    assert "Detectable" not in page.text


def test_an_interval_is_shown_where_one_is_given(tmp_path):
    run, columns = small_run()
    run["horizons"][0].update(ci_low=-0.01, ci_high=0.08, mde=0.05)
    page = parse(run_page(written(tmp_path, run, columns)))
    assert row(page, "1 session")[3:7:3] == ["+3.66 pp −1.00 to +8.00 pp", "5.00 pp"]
    assert row(page, "5 sessions")[3:7:3] == ["– –", "–"]


def test_outcomes_at_every_horizon_and_details_at_that_of_the_finding(page):
    assert row(page, "2024-07-03") == ["2024-07-03", "+1.25", "−12.50"]
    assert row(page, "2024-07-09") == ["2024-07-09", "+9.75", "not covered"]
    assert row(page, "2024-07-12") == ["2024-07-12", "0.00", "pending"]
    assert row(page, "Mean") == ["Mean", "+3.67", "−12.50"]
    assert row(page, "Base rate") == ["Base rate", "+0.01", "–"]
    assert last_row(page, "2024-07-03") == [
        "2024-07-03", "2024-07-01", "2024-07-03", "2024-07-03", "+1.00%", "−0.25%", "+1.25 pp", "0.00 pp",
        "+1.25 pp", "complete",
    ]  # fmt: skip
    assert last_row(page, "2024-07-12")[3] == "2024-07-15 ongoing"


def test_without_a_test_the_details_are_those_nearest_to_a_month(tmp_path):
    run, columns = small_run()
    for line in run["horizons"]:
        line.update(p_value=None, p_adjusted=None)
    page = parse(run_page(written(tmp_path, run, columns)))
    assert last_row(page, "2024-07-03")[4:] == ["−12.00%", "+0.50%", "−12.50 pp", "−14.00 pp", "+2.00 pp", "complete"]
    assert last_row(page, "2024-07-09")[4:] == ["–", "–", "–", "–", "–", "not covered"]
    assert last_row(page, "2024-07-12")[-1] == "pending"


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
    html = run_page(written(tmp_path, run, columns))
    page = parse(html)
    text = " ".join(page.text.split())
    assert text.startswith("SIMULATED: Three straight sessions SIMULATED DATA")
    assert "Forward returns mean nothing" in text
    assert text.count("(simulated data)") == 6
    assert html.count('<text class="stamp"') == sum(box in html for box in ("history", "indicator", "legs-0")) + 3


def test_a_pointer_gets_rounded_numbers_and_nulls(page):
    legs = page.data["hover"]["legs-0"]
    assert legs["heads"] == ["−1 session", "day 0", "+1 session"]
    assert legs["x"] == [0, 5000, 10000]
    mean, quartiles = legs["rows"][:2]
    assert (mean["label"], mean["values"]) == ("small", [-0.0123457, 0.0, None])
    assert (quartiles["values"], quartiles["to"]) == (mean["values"], mean["values"])
    assert legs["rows"][-1]["values"] == [3.0, 3.0, 2.0]
    history = page.data["hover"]["history"]
    assert history["calendar"] == {"first": 19905, "gaps": [1, 1, 2, 3, 1, 1, 1, 1, 3]}
    assert (history["rows"][0]["label"], history["rows"][0]["values"][:3]) == ("The index", [100.0, 101.0, 102.123])
    assert page.data["hover"]["indicator"] == {
        "like": "history",
        "rows": [
            {"colour": "observed", "label": "streak length", "write": "level",
             "values": [None, 0.0, 3.0, 1.0, 2.0, 3.0, 0.0, 1.0, 3.0, 0.0]}
        ],
    }  # fmt: skip


def test_each_episode_is_marked_at_its_trigger_with_its_dates(tmp_path):
    history = chart(run_page(written(tmp_path, *small_run())), "history")
    days = SESSIONS.astype(int)
    at = [(days[trigger] - days[0]) / (days[-1] - days[0]) for trigger in (2, 5, 8)]
    assert [x for _, x, _, _ in history.circles] == pytest.approx(at, abs=1e-3)
    assert [title for _, _, _, title in history.circles] == [
        "Episode 1: start 2024-07-01, trigger 2024-07-03, end 2024-07-03, day 0 2024-07-03",
        "Episode 2: start 2024-07-05, trigger 2024-07-09, end 2024-07-10, day 0 2024-07-09",
        "Episode 3: start 2024-07-11, trigger 2024-07-12, end ongoing, day 0 2024-07-12",
    ]
    bands = [(part[0][0], part[-1][0]) for part in history.path("fill episode")]
    span = days[-1] - days[0]
    expected = [((days[a] - days[0]) / span, (days[b] + 1 - days[0]) / span) for a, b in ((0, 2), (3, 6), (7, 9))]
    assert np.allclose(bands, expected, atol=1e-3)


def test_the_outcomes_of_every_horizon_with_what_is_not_complete(page):
    outcomes = page.data["assets"][0]["outcomes"]
    five = outcomes["by_horizon"]["5"]
    assert five["spread"] == [-0.125, None, None]
    assert five["unlike"] == {"1": "not covered", "2": "pending"}
    assert outcomes["chosen"] == 1


def test_few_trades_are_a_list_and_many_have_a_curve_with_the_time_of_each_position(tmp_path):
    run, columns = small_run()
    html = run_page(written(tmp_path / "few", run, columns))
    assert 'id="chart-account"' not in html
    assert "2024-07-05" in html.split("As a trade")[1]
    columns["trades"] = {key: list(values[:1]) * 20 for key, values in columns["trades"].items()}
    many = run_page(written(tmp_path / "many", run, columns))
    held = chart(many, "account").path("fill held")
    days = SESSIONS.astype(int)
    ends = [(days[a], min(days[b] + 1, days[-1])) for a, b in ((3, 4), (6, 9))]
    expected = [[(end - days[0]) / (days[-1] - days[0]) for end in pair] for pair in ends]
    assert np.allclose([(part[0][0], part[-1][0]) for part in held], expected, atol=1e-3)
    assert parse(many).data["hover"]["account"]["rows"][0]["values"][3] == 1.01


def test_without_an_observed_series_both_legs_are_drawn_from_a_common_start(tmp_path):
    run, columns = small_run()
    run["observed"] = None
    columns["history"]["observed"] = np.full(10, np.nan)
    small, mega = parse(run_page(written(tmp_path, run, columns))).data["hover"]["history"]["rows"]
    assert (small["label"], mega["label"]) == ("small", "mega")
    assert small["values"][:4] == [None, None, 100.0, 102.0]
    assert mega["values"][:4] == [40.0, 80.0, 100.0, 104.0]


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
    assert set(page.data["hover"]) == {"history", "legs-0", "spread-0"}


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
    assert last_row(page, "2024-07-03")[-1] == "pending"
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
    assert page.data["assets"][0]["legs"] == {"asset": "small"}
    assert {row["label"] for row in page.data["hover"]["legs-0"]["rows"]} == {
        "small", "quartiles", "base rate", "events, of 3"
    }  # fmt: skip
    assert page.data["assets"][0]["outcomes"]["by_horizon"]["5"]["asset"] == [-0.125, None, None]


def test_a_number_says_where_it_comes_from_in_the_words_of_the_record(tmp_path):
    html = run_page(written(tmp_path, *small_run()))
    told = dict(re.findall(r"<dt><code>(\w+)</code></dt><dd>([^<]*)</dd>", html.split('id="horizons"')[1]))
    assert told["excess"] == "spread_mean minus base_spread_mean (fraction)"
    assert told["p_value"] == "two-sided p of the circular shift test (probability)"
    assert told["n"].endswith("(events)")
    files = set(re.findall(r"(\w+)\.parquet", " ".join(re.findall(r"<p>([^<]*), beside this page:</p>", html))))
    assert files == {"horizons", "forward_returns", "base_distribution", "average_path", "trades"}
