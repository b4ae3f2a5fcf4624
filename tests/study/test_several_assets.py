"""A study of several assets: the same events, each asset beside its own base rate, one family of looks."""

from __future__ import annotations

import html
import json
import math
import re

import numpy as np
import pytest

from backtest.comparison.asked import Options
from backtest.comparison.gather import gather
from backtest.comparison.result import compare_json
from backtest.errors import RunUnreadable, StudyRefused
from backtest.model.by_asset import asset_records, asset_runs
from backtest.model.eligible_words import base_rates_from
from backtest.record.read import read_run, read_summary
from backtest.record.tables import in_blocks
from backtest.spec.measure import MeasureTable
from backtest.study.run import run_plan
from backtest.tuning.grid import combinations, full_key_grid
from backtest.tuning.result import tune_json
from backtest.tuning.search import search
from backtest.watch.pending import pending_of

NAN = float("nan")
BOTH = {"measure.asset": ["A", "C"], "measure.benchmark": "", "measure.horizons": [1, 3]}
#     0    1    2    3    4    5    6      7       8       9
A = [100, 110, 121, 110, 110, 121, 108.9, 119.79, 119.79, 131.769]
C = [NAN, NAN, NAN, NAN, 200, 210, 210, 189, 207.9, 207.9]  # begins on session 4: of three events it has two
MADE = Options(("made",))
MARKS = [0, 1, 0, 0, 1, 0, 0, 1, 0, 0]

MADE = Options(("made",))


@pytest.fixture
def plan(history_of, plan_of):
    prices = history_of({"A": A, "C": C, "M": MARKS}, kinds={"M": "rate"}, roles={"small": "A"})
    return plan_of(prices, BOTH, more="\n[trade]\nhold = 1\n")


@pytest.fixture
def study(plan):
    return run_plan(plan)


@pytest.fixture
def long(history_of, plan_of):
    """300 sessions of three legs with a common factor; C begins late, D is the benchmark."""
    rng = np.random.default_rng(8)
    common = rng.normal(0, 0.01, 300)
    levels = {name: 100 * np.exp(np.cumsum(common + rng.normal(0, 0.01, 300))) for name in "ABCD"}
    levels["C"][:90] = NAN
    marks = np.zeros(300)
    marks[[20, 60, 61, 95, 130, 131, 170, 205, 240, 285, 298]] = 1
    return plan_of(history_of({**levels, "M": marks}, kinds={"M": "rate"}), {"measure.benchmark": "D"})


def figures(block):
    return {key: value for key, value in block["horizons"][0].items() if value is not None}


def test_each_asset_stands_beside_its_own_base_rate(study):
    first, second = study.summary["assets"]
    # A after sessions 1, 4 and 7: +10%, +10%, 0. Of its nine sessions five rose.
    assert first["name"] == "A"
    assert figures(first)["n"] == 3
    assert figures(first)["asset_mean"] == pytest.approx(0.2 / 3)
    assert figures(first)["base_asset_mean"] == pytest.approx((0.1 + 0.1 - 1 / 11 + 0 + 0.1 - 0.1 + 0.1 + 0 + 0.1) / 9)
    assert figures(first)["base_hit_rate"] == pytest.approx(5 / 9)
    # C after sessions 4 and 7: +5%, +10%. Of its sessions 4 to 8: +5%, 0, -10%, +10%, 0.
    assert second["name"] == "C"
    assert (figures(second)["n"], figures(second)["not_covered"]) == (2, 1)
    assert figures(second)["asset_mean"] == pytest.approx(0.075)
    assert figures(second)["base_asset_mean"] == pytest.approx(0.05 / 5)
    assert figures(second)["hit_rate"] == 1
    assert figures(second)["base_hit_rate"] == pytest.approx(2 / 5)
    assert (first["sample"]["not_covered"], second["sample"]["not_covered"]) == (0, 4)
    assert study.summary["n_events"] == len(study.summary["events"]) == 3


def test_all_but_the_adjusted_p_is_that_of_each_asset_on_its_own(long):
    several = run_plan(long.vary({"measure.asset": ["A", "B", "C"]}))
    for run, result in zip(asset_runs(several.summary), several.assets, strict=True):
        alone = run_plan(long.vary({"measure.asset": result.name}))
        for key in ("legs", "sample", "rules", "events", "rarity", "observed", "reconciliation", "parameters"):
            assert run[key] == alone.summary[key], key
        for row, own in zip(run["horizons"], alone.summary["horizons"], strict=True):
            assert row.pop("p_adjusted") >= own.pop("p_adjusted")
            assert row == own
        of_run, of_alone = (sorted(note["text"] for note in one["notes"]) for one in (run, alone.summary))
        assert of_run == of_alone


def slow_family(assets):
    """Westfall and Young's step-down over all horizons of all assets, shift by shift."""
    cells = []
    for asset in assets:
        shared = min(len(test.shifts) for test in asset.null_tests)
        for test in asset.null_tests:
            deviation = math.sqrt(sum(s * s for s in test.shifts) / len(test.shifts))
            nearest = [abs(test.shifts[k]) / deviation for k in range(-(shared // 2), (shared + 1) // 2)]
            cells.append((nearest, shared // 2, test.p_value))
    most = max(len(nearest) for nearest, _, _ in cells)
    turned = [[size[(k + zero) % len(size)] for k in range(-(most // 2), (most + 1) // 2)] for size, zero, _ in cells]
    left = sorted(range(len(cells)), key=lambda i: -cells[i][0][cells[i][1]])
    found, floor = {}, 0.0
    while left:
        observed = cells[left[0]][0][cells[left[0]][1]]
        count = sum(max(turned[i][k] for i in left) >= observed * (1 - 1e-6) for k in range(most))
        floor = max(floor, count / most, cells[left[0]][2])
        found[left.pop(0)] = floor
    return [found[i] for i in range(len(cells))]


@pytest.mark.parametrize("assets", [["A", "B"], ["A", "B", "C"], ["C", "A"]])
def test_the_family_is_every_horizon_of_every_asset(long, assets):
    study = run_plan(long.vary({"measure.asset": assets, "measure.horizons": [1, 5, 21]}))
    found = [test.p_adjusted for asset in study.assets for test in asset.null_tests]
    assert found == pytest.approx(slow_family(study.assets), abs=1e-12)
    assert [test.p_adjusted for test in study.assets[0].null_tests] != [
        test.p_adjusted for test in run_plan(long.vary({"measure.asset": assets[0]})).assets[0].null_tests
    ]


def test_a_late_asset_does_not_leave_the_others_with_few_shifts(long):
    late = run_plan(long.vary({"measure.asset": ["A", "C"], "measure.horizons": [1]}))
    a, c = (asset.null_tests[0] for asset in late.assets)
    assert (len(a.shifts), len(c.shifts)) == (299, 209)
    # In steps of one of the 299 shifts of A, not of the 209 of C.
    assert (a.p_adjusted * 299) % 1 == pytest.approx(0, abs=1e-9) or a.p_adjusted == a.p_value


def test_the_verdict_names_the_asset_and_counts_the_looks(study):
    assert study.verdict.startswith(
        "Consistent with chance: after the 3 events, no asset stands out from its base rate."
    )
    assert re.search(r"over \d sessions?, [AC] returned .* than its base rate \(n = \d\)", study.verdict)
    assert "all 4 looks considered (2 assets at 2 horizons)" in study.verdict


def test_notes_name_the_assets_that_they_concern(study):
    texts = [note.text for note in study.notes if note.code in ("not_covered", "pending")]
    assert "C: Events not covered, by horizon: 1 at 1, 1 at 3; a leg's history begins later." in texts
    assert "Events pending, by horizon: 1 at 3; the window ends after the data." in texts  # of both
    a, c = asset_runs(study.summary)
    assert not [note for note in a["notes"] if note["code"] == "not_covered"]
    assert [note["text"][:18] for note in c["notes"] if note["code"] == "not_covered"] == ["Events not covered"]


def test_an_asset_that_does_not_move_has_no_test_and_takes_none_from_the_others(history_of, plan_of):
    prices = history_of({"A": A, "C": [100] * 10, "M": MARKS}, kinds={"M": "rate", "C": "price_index"})
    study = run_plan(plan_of(prices, BOTH))
    alone = run_plan(plan_of(prices, {**BOTH, "measure.asset": "A"}))
    assert [test.p_value for test in study.assets[1].null_tests] == [None, None]
    assert study.assets[1].null_tests[0].reason == "what is judged does not vary"
    together, apart = (one.assets[0].null_tests for one in (study, alone))
    assert [test.p_adjusted for test in together] == [test.p_adjusted for test in apart]
    assert "all 2 looks considered (1 asset at 2 horizons)" in study.verdict
    texts = [note.text for note in study.notes]
    assert "C: Not given at 1, 3: the return does not vary, so that there is no test." in texts
    assert (
        "The assets are on two bases (total return: A; price: C): dividends part their means, so compare the excess of "
        "each."
    ) in texts
    assert "mixed_bases" not in [note.code for note in alone.notes]


def test_one_asset_in_a_list_is_one_asset(plan):
    one, listed = (run_plan(plan.vary({"measure.asset": asset})).summary for asset in ("A", ["A"]))
    assert json.dumps(one["horizons"]) == json.dumps(listed["horizons"])
    assert (one["parameters"], one["schema"]) == (listed["parameters"], 1)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"measure.asset": []}, r"measure\.asset = \[\]: must have at least 1 item"),
        ({"measure.asset": ["A", "A"]}, "names 'A' twice; name each asset once"),
        ({"measure.asset": ["A", 3]}, r"measure\.asset\[1\] = 3: must be a text in quotes"),
        ({"measure.asset": [f"S{i}" for i in range(51)]}, r"must have at most 50 item\(s\)"),
        ({"measure.asset": ["A", "small"]}, "'A' and 'small' are the same series, A. Name it once."),
        ({"measure.asset": ["A", "X"]}, r"measure\.asset = 'X': the dataset has no such role or series"),
        ({"measure.asset": ["A", "M"]}, r"measure\.asset = 'M' is of kind rate"),
        ({"measure.benchmark": "C"}, "names 'C', which is the benchmark, too; their spread is zero. Leave it out"),
    ],
)
def test_what_cannot_be_a_table_is_refused_in_one_line(plan, changes, text):
    with pytest.raises(Exception, match=text):
        run_plan(plan.vary({**BOTH, **changes}))


def test_the_trade_holds_one_asset_and_says_so(study):
    traded = study.with_trade()
    assert traded.trade is None
    (note,) = (note.text for note in traded.notes if note.code == "not_traded")
    assert note == (
        "The trade holds one asset, and measure.asset names 2; run one alone for its trade, as with "
        "--set measure.asset=A."
    )
    for ask in (study.portfolio, lambda: traded.trades):
        with pytest.raises(StudyRefused, match="run one alone for its trade"):
            ask()


def test_the_record_has_a_block_for_each_asset(study, workspace):
    folder = study.save(workspace)
    record = read_run(folder)
    assert record.run["schema"] == 2
    assert not {"legs", "horizons", "rules"} & set(record.run)
    assert record.tables["horizons"]["asset_name"].to_pylist() == ["A", "A", "C", "C"]
    assert record.tables["events"].num_rows == 3
    assert record.tables["levels"].num_rows == 20
    assert "asset" not in record.tables["history"].column_names
    for of, name in zip(asset_records(record), "AC", strict=True):
        alone = run_plan(study.plan.vary({"measure.asset": name}))
        assert set(of.tables) == set(alone.tables)
        for table, content in alone.tables.items():
            kept = [column for column in content.column_names if column != "p_adjusted"]
            assert of.tables[table].select(kept).to_pylist() == content.select(kept).to_pylist(), table


def test_blocks_that_are_not_those_of_the_assets_are_refused(study, workspace):
    record = read_run(study.save(workspace))
    table = record.tables["horizons"]
    record.tables["horizons"] = table.slice(1)
    with pytest.raises(RunUnreadable, match="not one block per asset"):
        asset_records(record)
    alone = table.drop_columns(["asset_name"])
    record.tables["horizons"] = in_blocks({"C": alone.slice(2), "A": alone.slice(0, 2)})
    with pytest.raises(RunUnreadable, match="not one block per asset"):
        asset_records(record)


@pytest.mark.parametrize("damage", ["none", "one", "nameless"])
def test_a_damaged_list_of_assets_is_refused(study, workspace, damage):
    folder = study.save(workspace)
    run = read_summary(folder)
    if damage == "none":
        del run["assets"]
    if damage == "one":
        run["assets"] = run["assets"][:1]
    if damage == "nameless":
        del run["assets"][1]["name"]
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    with pytest.raises(RunUnreadable, match=r"'assets(\[1\]\.name)?' is missing, or not as a run has it"):
        read_summary(folder)


def test_the_page_has_one_table_of_all(study, workspace):
    page = (study.save(workspace) / "report.html").read_text(encoding="utf-8")
    shown = " ".join(html.unescape(re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page, flags=re.S)).split())
    assert "The same 3 events, and what came next on 2 assets" in shown
    assert "There is no benchmark: each asset stands beside its own base rate." in shown
    row = r"{} {}% \+{}% \+{} pp [01]\.\d{{3}} [01]\.\d{{3}} {}% {}% \+{}%"
    first = row.format("1 session the next session A 3", r"\+6\.67", r"3\.43", r"3\.23", 67, 56, r"10\.00")
    assert re.search(first, shown)
    assert re.search(row.format("C 2 1 not covered", r"\+7\.50", r"1\.00", r"6\.50", 100, 40, r"7\.50"), shown)
    assert "from 6 (C) to 10 (A) of 10 sessions" in shown
    assert '--set \'measure.asset=["A", "C"]\'' in shown  # to repeat the run


def test_base_rates_alike_are_told_once():
    sample = {"sessions": 10, "eligible": 10}
    assert base_rates_from({"A": sample, "B": sample}) == "Base rate: all 10 sessions of the sample window."
    assert "from 4 (B) to 10 (A) of 10 sessions" in base_rates_from({"A": sample, "B": {**sample, "eligible": 4}})


def test_frames_name_the_asset(study):
    assert study.horizons["asset_name"].tolist() == ["A", "A", "C", "C"]
    assert study.forward_returns.groupby("asset_name").size().to_dict() == {"A": 6, "C": 6}
    assert "<td>C</td>" in study._repr_html_()


def test_tune_tries_the_assets_one_by_one(long):
    plan = long.vary({"measure.asset": ["A", "B", "C"]})
    grid = full_key_grid(plan.strategy, {"episodes.cooldown": [0]})
    assert grid == {"episodes.cooldown": [0], "measure.asset": ["A", "B", "C"]}
    found = search(plan, combinations(grid))
    study = run_plan(plan)
    assert found.p_adjusted.tolist() == [
        [pytest.approx(test.p_adjusted, abs=1e-12) for test in asset.null_tests] for asset in study.assets
    ]
    notes = tune_json(found, grid, "p_adjusted", 1)["notes"]
    most = min(len(circle) for circle in study.assets[0].base_rate.circles)
    assert [f"({most} of them)" in note["text"] for note in notes if note["code"] == "adjusted_for"] == [True]
    # What the grid lists stands in place of the strategy's own.
    assert full_key_grid(plan.strategy, {"measure.asset": ["C"]}) == {"measure.asset": ["C"]}
    with pytest.raises(StudyRefused, match=r"measure\.asset = A, B, C: a set can have only one asset\. List"):
        search(plan, [{"episodes.cooldown": 0}])


def test_each_asset_stands_in_a_comparison_on_its_own(long, workspace):
    first = run_plan(long.vary({"measure.asset": ["A", "B"]}))
    other = run_plan(long.vary({"measure.asset": "C"}))
    entries = gather(workspace, [first, other], MADE)
    content = compare_json(entries)
    assert [one["label"] for one in content["studies"]] == ["marked A", "marked B", "marked"]
    assert [one.get("asset_name") for one in content["studies"]] == ["A", "B", None]
    assert content["differing"] == ["measure.asset"]
    assert (
        content["studies"][1]["horizons"][0]["spread_mean"] == first.summary["assets"][1]["horizons"][0]["spread_mean"]
    )
    assert "all 6 looks" in content["notes"][0]["text"]
    joint = [row["p_adjusted"] for one in content["studies"] for row in one["horizons"]]
    assert joint == pytest.approx(slow_family([*first.assets, *other.assets]), abs=1e-12)
    folder = first.save(workspace)
    recorded = gather(workspace, [folder.name, other], MADE)
    assert [entry.label() for entry in recorded] == ["marked A", "marked B", "marked"]
    with pytest.raises(StudyRefused, match="'marked A' and 'marked' are the same study, on the same data"):
        gather(workspace, [first, run_plan(long.vary({"measure.asset": "A"}))], MADE)
    with pytest.raises(StudyRefused, match="21 studies named, with 42 assets; at most 40 can be compared"):
        gather(
            workspace,
            [run_plan(long.vary({"measure.asset": ["A", "B"], "episodes.cooldown": i})) for i in range(21)],
            MADE,
        )


def test_pending_events_are_told_of_each_asset(history_of):
    prices = history_of({"A": [100.0, 110.0, 121.0], "C": [100.0, 90.0, 99.0]})
    measure = MeasureTable(asset=["A", "C"], benchmark="", horizons=[3])
    found = pending_of(prices, measure, np.array([0]))
    assert [(one.asset_name, one.passed, one.returns["asset"]) for one in found] == [
        ("A", 2, pytest.approx(0.21)),
        ("C", 2, pytest.approx(-0.01)),
    ]


def test_a_measure_of_several_has_no_legs_of_its_own():
    measure = MeasureTable(asset=["A", "C"], benchmark="D")
    assert [one.legs for one in measure.each] == [{"asset": "A", "benchmark": "D"}, {"asset": "C", "benchmark": "D"}]
    with pytest.raises(ValueError, match="too many values"):
        _ = measure.legs
