from __future__ import annotations

import re
import time

import numpy as np
import pytest

from backtest.report.kit import downsample as thin
from backtest.report.pages.claims.page import claims_page
from backtest.report.pages.compare.page import compare_page
from backtest.report.pages.detector.page import detector_index_page, detector_page
from backtest.report.pages.run.page import run_page
from backtest.report.pages.tune.page import tune_page

from .html_tree import parse
from .large import large_run, with_large_robustness
from .payloads import comparison, tuning
from .plots import chart
from .records import RUN as ONE
from .records import written
from .test_detector_page import payload as detector
from .test_index_page import home

LIMIT = 2_500_000
"""What is as large as it comes."""
RUN = 800_000
"""A run, whatever its size."""
USUAL = 600_000
"""A run of seven horizons, however many its events; every page of ordinary content."""
SEVEN = [1, 5, 10, 21, 63, 126, 252]
FIFTY = list(range(1, 51))
SIXTEEN = list(range(1, 17))


def test_everything_stays_where_it_fits():
    assert thin.extremes([np.arange(5.0)], 5).tolist() == [0, 1, 2, 3, 4]
    assert thin.extremes([], 5).tolist() == []
    assert thin.spread_out([3, -1, 8], 3) == [0, 1, 2]


def test_thinning_keeps_every_stretchs_extremes_the_ends_and_what_is_asked_for():
    line = np.sin(np.arange(10_000.0))
    line[[1234, 7777]] = [50, -50]
    other = np.zeros(10_000)
    other[4321] = 9
    kept = thin.extremes([line, other], 500, always=[5000, 5001])
    assert {0, 9999, 1234, 7777, 4321, 5000, 5001} <= set(kept.tolist())
    assert len(kept) <= 500
    assert np.all(np.diff(kept) > 0)


def test_a_gap_stays_a_gap():
    line = np.ones(1000)
    line[400:600] = np.nan
    kept = thin.extremes([line], 100)
    assert np.isnan(line[kept]).any()
    assert not np.isnan(line[kept[(kept < 380) | (kept > 620)]]).any()


def test_marks_are_chosen_from_one_end_to_the_other():
    chosen = thin.spread_out([-1, *range(0, 30_000, 3)], 100)
    assert len(chosen) == 100
    assert chosen[0] == 1
    assert np.diff(chosen).tolist() == [100] * 99
    assert thin.spread_out([-1] * 5, 3) == []


@pytest.mark.parametrize(
    ("sessions", "events", "horizons", "window"),
    [
        (25_000, 500, SEVEN, (-21, 126)),
        (25_000, 20_000, FIFTY, (-2520, 2520)),
        (25_000, 20_000, SIXTEEN, (-2520, 2520)),
        (25_000, 20_000, [21], (-2520, 2520)),
        (10_000, 3_000, SEVEN, (-21, 126)),
    ],
)
def test_a_run_fits_whatever_its_size(tmp_path, sessions, events, horizons, window):
    run, columns = large_run(sessions, events, horizons, window)
    with_large_robustness(run, columns, events)
    record = written(tmp_path, run, columns)
    begun = time.perf_counter()
    html = run_page(record)
    assert time.perf_counter() - begun < 10  # about 1 s here; a table read row by row would take a minute
    assert len(html.encode()) < (USUAL if horizons == SEVEN else RUN)


def test_a_large_run_says_what_it_leaves_out_and_where_it_is(tmp_path):
    page = parse(run_page(written(tmp_path, *large_run(25_000, 2_000, FIFTY))))
    text = " ".join(page.text.split())
    assert "2,000 events on small and mega." in text
    assert "Marked are 200 of 2,000 events" in text
    assert "The tables show the 24 latest of 2,000 events" in text
    assert "events.parquet and forward_returns.parquet beside this page hold the rest" in text
    assert "The table shows the 120 latest of 2,000 trades; trades.parquet" in text
    sessions = len(page.data["hover"]["history"]["calendar"]["gaps"]) + 1
    assert f"drawn from {sessions:,} of 25,000 sessions" in text
    assert len(page.data["assets"][0]["outcomes"]["by_horizon"]["21"]["spread"]) == 24


def test_the_latest_outcomes_are_tabled_all_are_drawn_and_the_marks_span_the_history(tmp_path):
    run, columns = large_run(25_000, 20_000, [21])
    html = run_page(written(tmp_path, run, columns))
    spread = parse(html).data["assets"][0]["outcomes"]["by_horizon"]["21"]["spread"]
    assert spread == pytest.approx(columns["forward_returns"]["spread"][-150:].tolist(), rel=1e-5)
    assert "20,000 events" in chart(html, "look-0").labels("y")
    marks = chart(html, "history").circles
    assert len(marks) == 200
    numbers = [int(re.match(r"Episode (\d+)", title)[1]) for _, _, _, title in marks]
    assert (numbers[0], max(np.diff(numbers)) < 150) == (1, True)
    days = columns["history"]["session"]
    at = (columns["events"]["trigger"][np.array(numbers) - 1] - days[0]) / (days[-1] - days[0])
    assert [x for _, x, _, _ in marks] == pytest.approx(at.tolist(), abs=1e-3)


def test_a_spike_of_one_session_survives_in_the_history_and_in_the_account(tmp_path):
    run, columns = large_run(25_000, 20_000, [21])
    columns["history"]["indicator"][12_345] = 9999.0
    columns["equity"]["equity"][12_345] = 0.25
    hover = parse(run_page(written(tmp_path, run, columns))).data["hover"]
    assert 9999.0 in hover["indicator"]["rows"][0]["values"]
    assert min(hover["account"]["rows"][0]["values"]) == 0.25


def test_a_history_that_fits_is_whole_and_no_page_says_otherwise(tmp_path):
    page = parse(run_page(written(tmp_path, *large_run(1_000, 20, SEVEN))))
    assert len(page.data["hover"]["indicator"]["rows"][0]["values"]) == 1_000
    assert "drawn from" not in page.text
    assert "latest of" not in page.text.replace("15 latest of 20 events", "")


def test_on_paper_every_row_is_printed(tmp_path):
    html = run_page(written(tmp_path / "long", *large_run(3_000, 100, [21])))
    style = html.split("<style>")[1].split("</style>")[0]
    assert "nth-child(n" not in style
    assert "nth-last-child" not in style
    assert ".scroll.tall {\n    max-height: none;" in style


def test_a_comparison_of_20_long_studies_fits_and_says_what_it_draws():
    payload = comparison()
    first = payload["studies"][0]
    days = [str(np.datetime64("1930-01-01") + at) for at in range(20_000)]
    rows = [{**first["horizons"][0], "horizon": horizon} for horizon in FIFTY]
    payload["studies"] = [
        {**first, "label": f"study {at}", "events": found, "shared": [True] * len(found), "horizons": rows}
        for at, found in ((at, days[at % 2 :: 2] if at else days) for at in range(20))
    ]
    payload["ranking"] = [{**payload["ranking"][0], "at": at} for at in range(20)]
    payload.update(horizons=FIFTY, shared=[[10_000] * 20] * 20, differences=payload["differences"] * 380)
    html = compare_page(payload)
    assert len(html.encode()) < LIMIT
    page = parse(html)
    assert html.count(" 2V22") == 20 * 300
    assert "Drawn are 6,000 of 210,000 days" in " ".join(page.text.split())


def test_5000_sets_fit():
    payload = tuning(100, 50)
    one = payload["sets"][0]["horizons"][0]
    rng = np.random.default_rng(2)
    for item in payload["sets"]:
        drawn = {"excess": rng.normal(0, 0.1), "p_value": rng.random(), "p_adjusted": rng.random()}
        item["horizons"] = [{**one, **drawn, "horizon": horizon} for horizon in FIFTY]
    assert len(tune_page(payload).encode()) < LIMIT


def ordinary_comparison():
    payload = comparison()
    rows = [{**payload["studies"][0]["horizons"][0], "horizon": horizon} for horizon in SEVEN]
    days = [str(np.datetime64("1996-01-01") + 30 * at) for at in range(300)]
    study = {**payload["studies"][0], "events": days, "shared": [True] * 300, "horizons": rows}
    payload["studies"] = [study] * 10
    payload["ranking"] = [{**payload["ranking"][0], "at": at} for at in range(10)]
    payload.update(horizons=SEVEN, shared=[[150] * 10] * 10, differences=payload["differences"] * 45)
    return payload


def ordinary_tuning(*sizes):
    payload = tuning(*sizes)
    for item in payload["sets"]:
        one = {**item["horizons"][0], "p_adjusted": 0.5}
        item["horizons"] = [{**one, "horizon": horizon} for horizon in SEVEN]
    if sizes[1] == 1:
        del payload["grid"]["detector.threshold"]
    return payload


def ordinary_claims():
    result = {"basis": "index", "found": 0.11, "before": None, "holds": False, "why": None}
    figure = {
        "name": "n", "find": "value", "on": "2024-07-16", "since": None, "said": {"about": 0.12}, "tolerance": 0.0001,
        "unit": "fraction", "decides": True, "results": [result] * 3,
    }  # fmt: skip
    claim = {
        "strategy": "s", "number": 3, "said": "Up 12%", "on": "2024-07-16", "note": "", "basis": None, "why": None,
        "verdict": "does not hold", "figures": [figure] * 3, "horizons": [], "study": None,
    }  # fmt: skip
    dataset = {"name": "d", "title": "D", "sha256": "0" * 64, "synthetic": False}
    about = {"schema": 1, "created": "2026-09-01T12:30:00Z", "version": "0.1.0"}
    return {**about, "claims": [claim] * 20, "notes": [], "dataset": dataset}


DETECTOR = {"name": "x", "summary": [("plain", "word " * 20)], "reason": ""}
ORDINARY = {
    "run": lambda folder: run_page(written(folder, *large_run(7_500, 300, SEVEN))),
    "compare": lambda folder: compare_page(ordinary_comparison()),
    "tune, two parameters": lambda folder: tune_page(ordinary_tuning(25, 20)),
    "tune, one": lambda folder: tune_page(ordinary_tuning(100, 1)),
    "home": lambda folder: home(*({**ONE, "run_id": f"20260901T120000Z-{at:08x}"} for at in range(200))),
    "claims": lambda folder: claims_page(ordinary_claims()),
    "detector": lambda folder: detector_page(detector("word " * 200), indexed=True),
    "detectors": lambda folder: detector_index_page([DETECTOR] * 50),
}
"""Pages as people make them: 30 years, 300 events, 7 horizons, 10 studies, 500 sets, 200 runs, 20 claims."""


@pytest.mark.parametrize("name", ORDINARY)
def test_a_page_of_ordinary_content_is_small(tmp_path, name):
    assert len(ORDINARY[name](tmp_path).encode()) < USUAL
