"""Names, datasets and values of settings become studies."""

from __future__ import annotations

import pytest

from backtest.comparison.asked import Options, combinations_of, wanted
from backtest.comparison.entries import Entry
from backtest.comparison.gather import gather
from backtest.comparison.result import compare_json
from backtest.comparison.study_names import labels_of
from backtest.errors import NoEvents, StudyRefused

SAMPLE = ("sample",)


def listed(workspace, names, **options):
    return [(one.what, one.dataset, one.settings) for one in wanted(workspace, names, Options(SAMPLE, **options))]


def test_every_combination_the_last_key_fastest():
    found = combinations_of({"a": [1, 2], "b": ["x", "y"]})
    assert found == [{"a": 1, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2, "b": "x"}, {"a": 2, "b": "y"}]
    assert combinations_of({}) == [{}]


def test_names_times_datasets_times_values(workspace):
    found = wanted(workspace, ["streak5", "rotation@own"], Options(("a", "b"), {"detector.sessions": [4, 5]}))
    assert [(one.what, one.dataset, one.settings["detector.sessions"]) for one in found] == [
        ("streak5", "a", 4), ("streak5", "a", 5), ("streak5", "b", 4), ("streak5", "b", 5),
        ("rotation", "own", 4), ("rotation", "own", 5),
    ]  # fmt: skip


def test_a_setting_of_all_or_of_one_by_name_or_by_number(workspace):
    names = ["streak5", "rotation", "streak5@other"]
    found = listed(
        workspace, names, settings={"k": 0}, of_one={"rotation": {"k": 1}, "3": {"k": 2}, "streak5@other": {"m": 3}}
    )
    assert found == [
        ("streak5", "sample", {"k": 0}),
        ("rotation", "sample", {"k": 1}),
        ("streak5", "other", {"k": 2, "m": 3}),
    ]


@pytest.mark.parametrize(
    ("names", "options", "message"),
    [
        (["streak5", "rotation"], {"of_one": {"streak": {"k": 1}}}, "no entry is called 'streak'"),
        (["streak5", "rotation"], {"of_one": {"3": {"k": 1}}}, "no entry is called '3'"),
        (["streak5", "some-run"], {"of_one": {"some-run": {"k": 1}}}, "'some-run' is a recorded run, or no strategy"),
        (["run-a", "run-b"], {"vary": {"k": [1]}}, "no strategy is named"),
        (["streak5"], {"vary": {"k": list(range(41))}}, "1 named, which make 41 studies; 2 to 40 studies"),
        (["streak5"], {"vary": {"k": [1]}}, "1 named; 2 to 40 studies"),
    ],
)
def test_what_cannot_be_asked_is_refused(workspace, names, options, message):
    with pytest.raises(StudyRefused, match=message):
        listed(workspace, names, **options)


def test_variants_are_called_by_what_varies(workspace):
    entries = gather(workspace, ["streak5"], Options(SAMPLE, {"sessions": [5, 4], "detector.threshold": [0.01, 0.012]}))
    assert labels_of(entries) == [
        "streak5 sessions=5, threshold=0.01",
        "streak5 sessions=5, threshold=0.012",
        "streak5 sessions=4, threshold=0.01",
        "streak5 sessions=4, threshold=0.012",
    ]
    assert [entry.run["parameters"]["detector.sessions"] for entry in entries] == [5, 5, 4, 4]


def test_one_of_two_entries_of_a_strategy_is_set_apart(workspace):
    entries = gather(workspace, ["streak5", "streak5"], Options(SAMPLE, of_one={"2": {"detector.sessions": 4}}))
    content = compare_json(entries)
    assert [study["label"] for study in content["studies"]] == ["streak5", "streak5 sessions=4"]
    assert content["differing"] == ["detector.sessions"]
    assert content["shared"][0] == [5, 5]  # every run of five is one of four


def with_label(strategy, run_id, dataset="d", synthetic=False, variant=None):
    run = {"strategy": strategy, "run_id": run_id, "dataset": {"name": dataset, "synthetic": synthetic}}
    return Entry(run, None, variant=variant)


@pytest.mark.parametrize(
    ("entries", "labels"),
    [
        ([("a", "1-x"), ("b", "1-y")], ["a", "b"]),
        ([("a", "1-x", "d"), ("a", "1-x", "e"), ("b", "1-x")], ["a@d", "a@e", "b"]),
        ([("a", "1", "d"), ("a", "2", "d")], ["a (1)", "a (2)"]),
        ([("a", "1", "d", False), ("a", "1", "e", True)], ["a@d", "a@e, simulated"]),
        ([("a", "", "d", False, {"x.n": 1, "y.n": 2}), ("a", "", "d", False, {"x.n": 3, "y.n": 2})],
         ["a x.n=1, y.n=2", "a x.n=3, y.n=2"]),
    ],
)  # fmt: skip
def test_a_label_is_as_short_as_it_can_be(entries, labels):
    assert labels_of([with_label(*entry) for entry in entries]) == labels


def test_a_study_without_an_event_stands_there_with_the_reason(workspace):
    entries = gather(workspace, ["streak5", "rotation"], Options(SAMPLE, of_one={"streak5": {"threshold": 0.5}}))
    content = compare_json(entries)
    empty, other = content["studies"]
    assert (empty["n_events"], empty["events"], empty["horizons"], empty["run_id"]) == (0, [], [], None)
    assert content["shared"][0] == [0, 0]
    row = next(row for row in content["ranking"] if row["at"] == 0)
    assert (row["n"], row["excess"], row["p_value"]) == (0, None, None)
    assert content["ranking"][-1]["at"] == 0  # what has no p stands last
    (told,) = [note["text"] for note in content["notes"] if note["code"] == "no_events"]
    assert told.startswith("streak5: ")
    assert "no event between" in told
    assert not [note for note in content["notes"] if "Holm" in note["text"]]
    alone = compare_json([entries[1]])
    assert [row["p_adjusted"] for row in other["horizons"]] == [
        row["p_adjusted"] for row in alone["studies"][0]["horizons"]
    ]
    assert content["differences"][0]["reason"] == "not both have a complete window at this horizon"
    assert content["differences_verdict"] == (
        "The difference was left untested: not both have a complete window at this horizon."
    )


def test_where_no_study_has_an_event_the_first_refusal_stands(workspace):
    with pytest.raises(NoEvents, match="no event between"):
        gather(workspace, ["streak5"], Options(SAMPLE, {"detector.threshold": [0.5, 0.6]}))
