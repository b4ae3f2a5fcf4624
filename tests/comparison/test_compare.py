from __future__ import annotations

import html
import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import backtest.comparison.sources as module
from backtest.comparison.adjusted import joint_p_values
from backtest.comparison.asked import Options
from backtest.comparison.differences import differing_keys, own_settings
from backtest.comparison.entries import Entry
from backtest.comparison.gather import gather
from backtest.comparison.result import compare_json, record_comparison
from backtest.comparison.shared import shared_with
from backtest.comparison.survivors import survivors, verdict
from backtest.errors import NotFound, StudyRefused
from backtest.inference.multiple import holm
from backtest.report.pages.compare.page import compare_page
from backtest.study.run import run_plan

from ..slow_shift import slow_statistics

NAN = float("nan")
SAMPLE = Options(("sample",))


@pytest.fixture
def plan(history_of, plan_of):
    rng = np.random.default_rng(41)
    a, b = (100 * np.exp(np.cumsum(rng.normal(0, 0.01, 150))) for _ in range(2))
    marks = rng.choice([0.0, 1.0, 2.0, 3.0], 150, p=[0.85, 0.05, 0.05, 0.05])
    return plan_of(history_of({"A": a, "B": b, "M": marks}, kinds={"M": "rate"}))


@pytest.fixture
def entries(plan):
    """Three studies of the same data, run now."""
    settings = ({}, {"detector.least": 2.0, "measure.horizons": [1, 2, 5]}, {"measure.entry": "next_close"})
    studies = [run_plan(plan.vary(overrides)) for overrides in settings]
    return [Entry(study.summary, study) for study in studies]


# The joint p


def statistics_of(of, events):
    position = of.position.tolist()
    return np.array(slow_statistics(of, [position.index(t) for t in events if t in position]))


def slow_family(cells, own):
    shifts = min(len(cell) for cell in cells)
    shared = [*range((shifts + 1) // 2), *range(-(shifts // 2), 0)]  # a shift backwards counts from the end
    size = [np.abs(cell) / np.sqrt(np.mean(cell**2)) for cell in cells]
    left = sorted(range(len(cells)), key=lambda i: -size[i][0])
    adjusted, floor = [NAN] * len(cells), 0.0
    while left:
        largest = np.max([size[i][shared] for i in left], axis=0)
        floor = max(floor, np.count_nonzero(largest >= size[left[0]][0] * (1 - 1e-6)) / shifts, own[left[0]])
        adjusted[left.pop(0)] = floor
    return adjusted


def test_the_joint_p_is_that_of_all_studies_and_horizons_shifted_together(entries):
    cells, own = [], []
    for entry in entries:
        events = entry.study.detection.events.day0.tolist()
        cells += [statistics_of(of, events) for of in entry.study.assets[0].base_rate.circles]
        own += [row["p_value"] for row in entry.run["horizons"]]
    found, how = joint_p_values(entries)
    assert [len(row) for row in found] == [2, 3, 2]
    assert [p for row in found for p in row] == pytest.approx(slow_family(cells, own), abs=1e-12)
    assert how == "by the maximum over the same shifts"


def test_a_study_alone_is_judged_as_its_run_judges_it(entries):
    for entry in entries:
        found, _ = joint_p_values([entry])
        assert found == [[row["p_adjusted"] for row in entry.run["horizons"]]]


def test_the_same_study_twice_costs_nothing(entries):
    once, _ = joint_p_values(entries)
    again, _ = joint_p_values([*entries, entries[0]])
    assert again == [*once, once[0]]


def test_recorded_runs_are_adjusted_by_holm(entries):
    recorded = [entries[0], Entry(entries[1].run, None)]
    found, how = joint_p_values(recorded)
    own = [row["p_value"] for entry in recorded for row in entry.run["horizons"]]
    assert [p for row in found for p in row] == pytest.approx(slow_holm(own))
    assert how == "by Holm's step-down, because a panel that is read in blocks keeps p-values, not shifts"


def slow_holm(p_values):
    """The i-th smallest of m counts m - i + 1 times, and none less than a smaller one."""
    tried = [p for p in p_values if not math.isnan(p)]
    return [
        NAN
        if math.isnan(p)
        else max(min(1.0, (len(tried) - sum(other < q for other in tried)) * q) for q in tried if q <= p)
        for p in p_values
    ]


def test_holm_by_hand():
    # Five looks: 0.01 x 5; 0.012 x 4 = 0.048 < 0.05; 0.03 x 3 = 0.09; 0.04 x 2 = 0.08 < 0.09; 0.5 x 1.
    assert holm([0.03, 0.01, 0.5, 0.012, 0.04]) == pytest.approx([0.09, 0.05, 0.5, 0.05, 0.09])
    assert holm([0.4, 0.6, 0.7]) == [1.0, 1.0, 1.0]
    assert holm([0.02, NAN, 0.04]) == pytest.approx([0.04, NAN, 0.04], nan_ok=True)
    assert holm([]) == []


@given(st.lists(st.one_of(st.floats(0.001, 1), st.just(NAN)), max_size=12))
def test_holm_agrees_with_its_definition(p_values):
    assert holm(p_values) == pytest.approx(slow_holm(p_values), nan_ok=True, abs=1e-15)


# Side by side


def test_only_what_all_have_can_differ():
    studies = [
        {"detector.use": "streak", "detector.n": 5, "detector.to": None, "measure.at": [5, 21], "trade.hold": 3},
        {"detector.use": "streak", "detector.n": 4, "measure.at": [5], "trade.hold": 3},
        {"detector.use": "streak", "detector.n": 5, "detector.to": "x", "measure.at": [5, 21], "trade.hold": 3},
    ]
    assert differing_keys(studies) == ["detector.n", "detector.to", "measure.at"]
    assert own_settings(studies) == [{}, {}, {}]
    assert differing_keys(studies[:1]) == []
    # Five sessions of a streak are not five sessions of a move, and who has no trade has no shorter one.
    other = {"detector.use": "move", "detector.n": 5, "detector.to": None, "measure.at": [1]}
    assert differing_keys([studies[0], other]) == ["detector.use", "measure.at"]
    assert own_settings([studies[0], other]) == [
        {"detector.use": "streak", "detector.n": 5, "trade.hold": 3},
        {"detector.use": "move", "detector.n": 5},
    ]


def test_what_is_empty_sets_nothing():
    plain = {"measure.at": [5]}
    modelled = {**plain, "study.model": "market", "study.factors": [], "study.riskless": "", "study.gap": 0}
    assert own_settings([plain, modelled]) == [{}, {"study.model": "market", "study.gap": 0}]


def test_conditions_are_compared_by_name():
    calm = {"conditions.calm.use": "level", "conditions.calm.below": 15}
    one = {"detector.all": ["calm", "up"], **calm, "conditions.up.use": "move"}
    two = {"detector.all": ["calm", "down"], **calm, "conditions.calm.below": 20, "conditions.down.use": "move"}
    assert differing_keys([one, two]) == ["detector.all", "conditions.calm.below"]
    assert own_settings([one, two]) == [{"conditions.up.use": "move"}, {"conditions.down.use": "move"}]
    assert differing_keys([one, {"detector.any": ["calm", "up"], **calm}]) == []


def test_a_comparison_repeats_what_the_runs_say(entries):
    content = compare_json(entries)
    assert content["differing"] == ["detector.least", "measure.horizons", "measure.entry"]
    assert content["horizons"] == [1, 2, 3, 5]
    assert content["synthetic"] is False
    joint, _ = joint_p_values(entries)
    for study, entry, adjusted in zip(content["studies"], entries, joint, strict=True):
        assert study["parameters"] == {key: entry.run["parameters"][key] for key in content["differing"]}
        assert study["n_events"] == len(entry.run["events"]) == len(study["events"])
        for shown, row, p in zip(study["horizons"], entry.run["horizons"], adjusted, strict=True):
            assert shown == {key: row[key] for key in shown if key != "p_adjusted"} | {"p_adjusted": p}
            assert {"excess", "hit_rate", "base_hit_rate", "p_value"} <= set(shown)
    labels = [study["label"] for study in content["studies"]]
    assert all(label.startswith("marked (") for label in labels)
    assert len(set(labels)) == 3


def days(episodes):
    """Episodes as day numbers: ``[(3, 5)]`` starts on the third of the month and ends on the fifth."""
    return [{"start": f"2024-01-{a:02}", "end": f"2024-01-{b:02}", "day0": f"2024-01-{b:02}"} for a, b in episodes]


def test_events_are_shared_where_episodes_overlap():
    own = days([(2, 5), (8, 8), (10, 12), (20, 24)])
    assert shared_with(own, days([(1, 2), (9, 9), (12, 13), (19, 30)])).tolist() == [True, False, True, True]
    assert shared_with(own, days([(1, 31)])).tolist() == [True] * 4
    assert shared_with(own, days([(1, 9), (2, 2)])).tolist() == [True, True, False, False]
    assert shared_with(own, []).tolist() == [False] * 4
    assert shared_with([], own).tolist() == []


EPISODES = st.lists(st.tuples(st.integers(1, 31), st.integers(1, 31)).map(sorted), max_size=8)


@given(EPISODES, EPISODES)
def test_shared_events_agree_with_a_look_at_every_day(own, others):
    taken = [{*range(a, b + 1)} for a, b in others]
    expected = [any({*range(a, b + 1)} & other for other in taken) for a, b in own]
    assert shared_with(days(own), days(others)).tolist() == expected


def test_five_in_a_row_are_among_four_in_a_row(history_of, plan_of):
    # Rises on sessions 5 to 9, 20 to 23 and 30 to 35: day 0 of four in a row is a session before that of five.
    up = [*range(5, 10), *range(20, 24), *range(30, 36)]
    walk = np.cumprod([1.02 if t in up else 0.999 for t in range(60)])
    prices = history_of({"A": walk, "B": [50.0] * 60, "M": [1.0] * 60}, kinds={"M": "rate"})
    streak = {"detector.use": "streak", "detector.series": "A"}
    studies = [run_plan(plan_of(prices, {**streak, "detector.sessions": n})) for n in (5, 4)]
    content = compare_json([Entry(study.summary, study) for study in studies])
    assert [study["n_events"] for study in content["studies"]] == [2, 3]
    assert content["shared"] == [[2, 2], [2, 3]]
    assert [study["shared"] for study in content["studies"]] == [[True, True], [True, False, True]]
    assert not set(content["studies"][0]["events"]) & set(content["studies"][1]["events"])
    assert content["differing"] == ["detector.sessions"]
    assert [study["own"] for study in content["studies"]] == [{}, {}]


def test_the_notes_count_the_looks_and_tell_of_other_data(entries):
    assert compare_json(entries)["notes"] == [
        {
            "code": "adjusted_for",
            "about": "p_adjusted",
            "text": "Adjusted for all 7 looks of this comparison, by the maximum over the same shifts.",
        },
        {
            "code": "not_recorded",
            "about": "run_id",
            "text": "A study without a run id was run for this comparison, and not recorded.",
        },
    ]
    other = {**entries[1].run, "dataset": {**entries[1].run["dataset"], "sha256": "1" * 64, "synthetic": True}}
    content = compare_json([Entry(entries[0].run, None), Entry(other, None)])
    assert content["synthetic"] is True
    assert [study["run_id"] for study in content["studies"]] == [entry.run["run_id"] for entry in entries[:2]]
    assert [note["about"] for note in content["notes"]] == ["dataset", "p_adjusted", "dataset"]
    assert content["notes"][0]["text"] == "Data are simulated: returns and verdicts on them mean nothing."
    assert content["notes"][2]["text"].startswith("The studies used different data")


def test_the_same_study_run_on_two_days_has_two_labels(entries):
    run = {**entries[0].run, "run_id": "20260101T000000Z-abcd1234"}
    later = {**run, "run_id": "20260102T000000Z-abcd1234"}
    content = compare_json([Entry(run, None), Entry(later, None), entries[1]])
    assert [study["label"] for study in content["studies"]][:2] == [
        "marked (20260101T000000Z-abcd1234)",
        "marked (20260102T000000Z-abcd1234)",
    ]


# Which studies


def test_names_are_strategies_or_recorded_runs(workspace, monkeypatch):
    loaded = []
    monkeypatch.setattr(
        module, "load_dataset", lambda path, true=module.load_dataset: loaded.append(path) or true(path)
    )
    first = gather(workspace, ["streak5", "rotation"], SAMPLE)
    assert [(entry.run["strategy"], entry.study is not None) for entry in first] == [
        ("streak5", True),
        ("rotation", True),
    ]
    assert len(loaded) == 1  # the data are read once
    folder = first[0].study.save(workspace)
    for name in (folder.name, str(folder)):
        (recorded, now) = gather(workspace, [name, "rotation"], SAMPLE)
        assert recorded.study is None
        assert recorded.run["run_id"] == folder.name
        assert recorded.run["horizons"] == first[0].study.summary["horizons"]
        assert now.study is not None


@pytest.mark.parametrize(
    ("names", "kind", "message"),
    [
        ([], StudyRefused, "0 named; 2 to 40 studies can be compared. Name strategies or runs, or vary a setting."),
        (["streak5"], StudyRefused, "1 named; 2 to 40 studies can be compared."),
        ([f"s{i}" for i in range(41)], StudyRefused, "41 named; 2 to 40 studies can be compared."),
        (
            ["streak5", "rotation", "streak5"],
            StudyRefused,
            "'streak5': it is named twice, on the same data. Name it once, or set apart what is to differ.",
        ),
        (
            ["streak5", "rotatoin"],
            NotFound,
            "'rotatoin' is neither a strategy nor a recorded run. Did you mean 'rotation'?",
        ),
        (["nowhere.toml", "rotation"], NotFound, "strategy file 'nowhere.toml' does not exist."),
    ],
)
def test_other_names_are_refused(workspace, names, kind, message):
    with pytest.raises(kind) as refused:
        gather(workspace, names, SAMPLE)
    assert str(refused.value).startswith(message)


def test_comparisons_of_the_same_second_keep_apart(entries, workspace):
    content = compare_json(entries)
    paths = [record_comparison(workspace, content) for _ in range(3)]
    assert len({path.name for path in paths}) == 3
    assert {path.parent for path in paths} == {workspace.reports / "compare"}
    beside = [path.with_suffix(".json") for path in paths]
    assert sorted((workspace.reports / "compare").iterdir()) == sorted([*paths, *beside])
    assert all(json.loads(path.read_text("utf-8")) == content for path in beside)


def test_a_proxy_is_named_for_each_study_that_rests_on_one(plan):
    info = replace(plan.dataset.prices.series["M"], derivation="proxy, no futures: A minus B", proxy=True)
    series = {**plan.dataset.prices.series, "M": info}
    data = replace(plan.dataset, prices=replace(plan.dataset.prices, series=series))
    resting = {"detector.use": "level", "detector.series": "M", "detector.threshold": 2.0}
    studies = [run_plan(plan.on(data).vary(settings)) for settings in ({}, resting)]
    labels = [study["label"] for study in compare_json([Entry(s.summary, s) for s in studies])["studies"]]
    expected = [
        {"code": "condition", "about": "detector", "text": f"{labels[1]}: M is a proxy, no futures: A minus B."}
    ]
    for made_now in (True, False):
        content = compare_json([Entry(study.summary, study if made_now else None) for study in studies])
        assert [note for note in content["notes"] if note["about"] == "detector"] == expected
        assert expected[0]["text"] in html.unescape(compare_page(content))


# What is carried from the studies, and what survives


def compared(*studies):
    return compare_json([Entry(study.summary, study) for study in studies])


def test_a_day_0_before_the_event_was_known_is_told_once_for_all_that_have_it(plan):
    early = [run_plan(plan.vary({"episodes.day0": "start", "measure.horizons": [h]})) for h in (1, 2)]
    content = compared(run_plan(plan), *early)
    labels = [study["label"] for study in content["studies"]]
    (text,) = [note["text"] for note in content["notes"] if note["code"] == "late_day0"]
    assert text == (
        f"{labels[1]}, {labels[2]}: As set, day 0 is the start of the pattern, before the event could be known: "
        "returns from there include it."
    )


def test_a_row_without_an_event_has_its_reason(plan):
    # Horizons as long as the history: windows end after it. The other study has no such row, and no such note.
    other = run_plan(plan.vary({"detector.least": 2.0}))
    content = compared(run_plan(plan.vary({"measure.horizons": [1, 149]})), other)
    labels = [study["label"] for study in content["studies"]]
    assert content["studies"][0]["horizons"][1]["n"] == 0
    told = {note["code"]: note["text"] for note in content["notes"]}
    assert told["no_window"] == f"{labels[0]}: No event has a complete window at 149: no number there."
    assert told["pending"].startswith(f"{labels[0]}: Events pending, by horizon: ")
    others = compared(run_plan(plan), other)
    assert not {"pending", "no_window"} & {note["code"] for note in others["notes"]}


def shown(label, *rows):
    return {
        "label": label,
        "horizons": [{"horizon": h, "excess": 0.0123, "p_value": p, "p_adjusted": q} for h, p, q in rows],
    }


@pytest.mark.parametrize(
    ("studies", "alive", "text"),
    [
        (
            [shown("a", (1, 0.2, 0.6), (5, 0.1, 0.3)), shown("b", (5, 0.4, 0.7))],
            [],
            (
                "Consistent with chance. The most remarkable look: a, +1.23 pp beyond its base rate over 5 sessions; "
                "chance alone gives as much in 30% of cases, with all 3 looks counted."
            ),
        ),
        (
            [shown("a", (1, 0.2, 0.6)), shown("b", (5, 0.02, 0.04))],
            [("b", 5)],
            (
                "Unlikely to be chance: b, +1.23 pp beyond its base rate over 5 sessions; chance alone gives as much "
                "in 4.0% of cases, with both looks counted."
            ),
        ),
        (
            [shown("a", (1, 0.01, 0.05)), shown("b", (1, 0.002, 0.004), (5, 0.9, 0.9), (9, None, None))],
            [("b", 1), ("a", 1)],
            (
                "2 of 3 looks are unlikely to be chance, all counted: b, +1.23 pp beyond its base rate over 1 session, "
                "by chance in 0.4%; a, +1.23 pp beyond its base rate over 1 session, by chance in 5.0% of cases."
            ),
        ),
        (
            [shown("a", (1, 0.2, 0.2)), shown("b", (1, None, None))],
            [],
            (
                "Consistent with chance. The most remarkable look: a, +1.23 pp beyond its base rate over 1 session; "
                "chance alone gives as much in 20% of cases, with the one look counted."
            ),
        ),
        ([shown("a", (1, None, None))], [], "Too little to judge: no study has a p at any horizon."),
    ],
)
def test_the_verdict_leads_with_the_finding(studies, alive, text):
    assert verdict(studies) == text
    assert [(row["study"], row["horizon"]) for row in survivors(studies)] == alive


def test_what_stands_out_and_holds_leads_and_what_does_not_is_told():
    studies = [shown("a", (1, 0.001, 0.01), (5, 0.002, 0.02)), shown("b", (1, 0.003, 0.03), (5, 0.9, 0.9))]
    studies[0]["horizons"][0]["doubt"] = "the halves disagree"
    text = verdict(studies)
    assert text.startswith(
        "2 of 4 looks are unlikely to be chance, all counted: a, +1.23 pp beyond its base rate over 5"
    )
    assert text.endswith(
        " One more stands out by p alone: a, +1.23 pp beyond its base rate over 1 session; but the halves disagree."
    )
    studies[0]["horizons"][1]["doubt"] = "its years explain it"
    assert verdict(studies).endswith(
        " 2 more stand out by p alone and do not hold; the first: a, +1.23 pp beyond its base rate over 1 session; but "
        "the halves disagree."
    )
    studies[1]["horizons"][0]["doubt"] = "its years explain it"
    assert verdict(studies) == (
        "Stands out by p alone: a, +1.23 pp beyond its base rate over 1 session; chance alone gives as much in 1.0% of "
        "cases, with all 4 looks counted; but the halves disagree. So do 2 more, which do not hold either."
    )
    many = verdict([shown(str(at), (1, 0.001, 0.01)) for at in range(8)])
    assert many.startswith("8 of 8 looks")
    assert many.endswith("; and 2 more.")


def test_one_look_is_one_look(plan):
    one = plan.vary({"measure.horizons": [1]})
    pending = one.vary({"measure.horizons": [149]})
    (text,) = [n["text"] for n in compared(run_plan(one), run_plan(pending))["notes"] if n["code"] == "adjusted_for"]
    assert text == "Adjusted for the one look of this comparison, by the maximum over the same shifts."
