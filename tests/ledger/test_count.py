"""How many looks, and the p that counts them all: by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from backtest.files import sha256_of
from backtest.ledger.book import FILE, read_book
from backtest.ledger.count import count_looks, enter, sentences_of
from backtest.ledger.distinct_looks import tally_of
from backtest.ledger.frozen import freeze_entry
from backtest.ledger.holdout import holdout_entry
from backtest.ledger.looked_at import Looks, Result, asked_of, by_horizons, set_hash
from backtest.workspace import Workspace


@pytest.fixture
def place(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path, marked=True)


def looks(*sets: str, horizons=(5, 21), p=0.01, adjusted=0.02, excess=0.03, **more) -> Looks:
    given = {"kind": "run", "strategy": "streak5", "dataset": "us-size", "sha256": "0" * 64, "last": "2025-12-31"}
    results = {(one, h): Result(excess, p, adjusted) for one in sets[:1] for h in horizons}
    made = {"study": sha256_of(repr(sets).encode())[:8], "sets": {tuple(horizons): list(sets)}, "results": results}
    return Looks(**{**given, **made, **more})


def test_the_first_look_is_said_to_be_the_first_and_costs_nothing(place):
    count = count_looks(place, looks("a"))
    assert (count.total, count.own, count.p_value) == (2, 2, 0.02)
    assert count.sentence == "First look at this question (streak5 on us-size): nothing else has been tried."


def test_each_further_look_adds_the_p_taken_alone(place):
    count_looks(place, looks("a"))
    count_looks(place, looks("b", "c", kind="tune"))
    count = count_looks(place, looks("d"))
    # 2 looks of a, 4 of b and c, 2 of d: six others, 0.02 + 6 x 0.01
    assert count.total == 8
    assert count.p_value == pytest.approx(0.08, abs=1e-15)
    said = (
        "Look 8 at this question (streak5 on us-size): counting all 8, p is at most 0.080, and it stands out no more."
    )
    assert count.sentence == said
    assert count_looks(place, looks("e", adjusted=0.001, p=0.001)).sentence.endswith("p is at most 0.009.")


def test_the_same_look_again_is_not_a_new_one(place):
    count_looks(place, looks("a"))
    count_looks(place, looks("b", "a", kind="tune"))
    again = count_looks(place, looks("a"))
    assert (again.total, again.latest, again.line) == (4, 2, 1)
    assert again.sentence.startswith("Look 2 of 4 at this question")
    assert read_book(place.root).lines == 2


def test_a_horizon_more_is_a_look_more(place):
    count_looks(place, looks("a"))
    assert count_looks(place, looks("a", horizons=(5, 21, 63))).total == 3


def test_the_p_is_never_below_the_adjusted_one_nor_above_one(place):
    for i in range(30):
        count = count_looks(place, looks(f"set{i}", p=0.3, adjusted=0.5))
        assert 0.5 <= count.p_value <= 1.0
    assert "p may be as large as 1" in count.sentence


def test_the_p_holds_its_promise_in_noise():
    # 40 studies of 3 looks each, independent: the smallest p of all, judged by the bound, errs in at most 5%
    rng, level, errors, many = np.random.default_rng(20240716), 0.05, 0, 4000
    for _ in range(many):
        p = rng.uniform(size=(40, 3))
        own = p.min(axis=1)
        adjusted = 1 - (1 - own) ** 3  # the exact adjustment of three independent looks
        errors += bool(np.any(adjusted + (120 - 3) * own <= level))
    assert 0.03 < errors / many < 0.055


def test_another_strategy_or_dataset_is_another_question(place):
    count_looks(place, looks("a"))
    assert count_looks(place, looks("b", strategy="rotation")).total == 2
    assert count_looks(place, looks("c", dataset="us-french")).total == 2


def test_a_copy_is_counted_with_what_it_is_a_copy_of(place):
    count_looks(place, looks("a", "b", kind="tune"))
    applied = count_looks(place, looks("b", strategy="mine"))
    assert applied.question == ("streak5", "us-size")
    assert applied.total == 4
    changed = count_looks(place, looks("e", strategy="mine"))
    assert changed.total == 6
    assert "(mine, a form of streak5, on us-size)" in changed.sentence


def test_what_a_search_made_of_a_strategy_is_counted_with_it_whatever_its_sample(place):
    count_looks(place, looks("a", "b", kind="tune"))
    applied = count_looks(place, looks("later", strategy="mine", origin="streak5"))
    assert (applied.question, applied.total) == (("streak5", "us-size"), 6)
    elsewhere = count_looks(place, looks("later", strategy="mine", dataset="other", sha256="1" * 64))
    assert (elsewhere.question, elsewhere.total) == (("mine", "other"), 2)


def test_a_set_without_a_test_is_no_look(place):
    empty = looks("a", sets={}, results={})
    count = count_looks(place, empty)
    assert (count.total, count.own, count.p_value) == (0, 0, None)


def test_a_record_that_is_not_in_the_ledger_makes_the_count_incomplete(place):
    folder = place.reports / "streak5" / "20240716T210000Z-0badcafe"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps({"dataset": {"name": "us-size"}}))
    count = count_looks(place, looks("a"))
    assert count.sentence == (
        "INCOMPLETE: 1 record in reports/ not in the ledger (streak5/20240716T210000Z-0badcafe). "
        "At least 2 looks at this question (streak5 on us-size): counting these, p would be 0.020."
    )
    assert count_looks(place, looks("b", dataset="sample")).reasons == ()  # which is another question
    assert not count.to_json()["complete"]


def test_a_search_and_a_record_that_cannot_be_read_count_too(place):
    for name in ("tune-20240716T210000Z-0badcafe", "20240716T210000Z-1badcafe-2"):
        (place.reports / "streak5" / name).mkdir(parents=True)
    (place.reports / "streak5" / "mine").mkdir()
    assert "2 records" in count_looks(place, looks("a")).sentence


def test_a_ledger_that_cannot_be_written_is_said(place):
    (place.root / FILE).mkdir()
    count = count_looks(place, looks("a"))
    assert (count.total, count.line) == (2, None)
    assert count.sentence.startswith("INCOMPLETE: this look could not be entered (Is a directory).")


def test_damage_is_said(place):
    count_looks(place, looks("a"))
    path = place.root / FILE
    path.write_text(path.read_text().replace("us-size", "us-sighs"))
    assert "ledger.jsonl is damaged (line 1 was altered" in count_looks(place, looks("b")).sentence


def freeze(place, one="a", horizon=21, expect="positive"):
    asked = looks(one, horizons=(), results={}, parameters={"detector.sessions": 5})
    return enter(place, asked, lambda lines: freeze_entry(asked, (one, horizon), expect, lines))[-1]


def answer(place, *sets, **more):
    more.setdefault("parameters", {"detector.sessions": 5})
    (one,) = count_looks(place, looks(*sets, **more)).frozen
    return one


def test_a_question_that_was_fixed_first_counts_only_itself(place):
    freeze(place)
    for i in range(9):
        count_looks(place, looks(f"other{i}"))
    found = answer(place, "a", p=0.04)
    assert (found.p_value, found.answer, found.others) == (0.04, True, 0)
    assert "before it was looked at: over 21 sessions, more than the base rate, with p at most 5%" in found.sentence
    assert found.sentence.endswith("The answer: yes (+3.00 pp, p 0.040).")


@pytest.mark.parametrize(
    ("expect", "excess", "p", "said"),
    [
        ("positive", -0.03, 0.001, False),
        ("negative", -0.03, 0.001, True),
        ("either", -0.03, 0.05, True),
        ("either", 0.03, 0.051, False),
    ],
)
def test_the_rule_that_was_fixed_gives_the_answer(place, expect, excess, p, said):
    freeze(place, expect=expect)
    assert answer(place, "a", p=p, excess=excess).answer is said


def test_looks_before_it_was_fixed_count_against_it(place):
    count_looks(place, looks("b", "c"))
    assert freeze(place)["before"] == 4
    found = answer(place, "a", p=0.02)
    assert (found.p_value, found.answer) == (pytest.approx(0.1), False)
    assert "after 4 looks at other parameters" in found.sentence


def test_what_had_been_looked_at_is_not_fixed_before(place):
    count_looks(place, looks("a"))
    freeze(place)
    found = answer(place, "a")
    assert found.seen
    assert "after it had been looked at" in found.sentence


def test_many_fixed_questions_count_one_another(place):
    for i in range(5):
        freeze(place, f"set{i}")
    assert answer(place, "set0", p=0.01).p_value == pytest.approx(0.05)


def test_another_study_is_told_from_what_was_fixed(place):
    freeze(place)
    found = answer(place, "z", parameters={"detector.sessions": 4})
    assert found.answer is None
    assert found.differs == ("detector.sessions was 5, not 4",)
    other = answer(place, "a", sha256="1" * 64)
    assert other.differs == ("the data have changed (sha256 000000000000, now 111111111111)",)


def withhold(place, begins="2015-01-01"):
    asked = looks("a", horizons=(), results={})
    enter(place, asked, lambda lines: holdout_entry(asked, begins, lines))


def test_a_holdout_is_opened_once_and_the_record_says_when(place):
    withhold(place)
    before = count_looks(place, looks("a", kind="tune", last="2014-12-31"))
    assert before.to_json()["holdouts"][0]["opened"] is None
    assert "has not been looked at." in sentences_of(before.to_json())[-1]
    first = count_looks(place, looks("b", study="aaaaaaaa")).to_json()["holdouts"][0]
    assert (first["opened_by_this"], first["openings"]) == (True, 1)
    assert first["text"].endswith("the first to see it.")
    second = count_looks(place, looks("c", study="bbbbbbbb")).to_json()["holdouts"][0]
    assert (second["opened_by_this"], second["openings"]) == (False, 2)
    assert second["text"].endswith("it is no longer unseen.")


def test_a_search_that_could_test_nothing_opens_no_holdout(place):
    withhold(place)
    count_looks(place, looks("b", kind="tune", study="aaaaaaaa", horizons=(), results={}))
    (text,) = (one["text"] for one in count_looks(place, looks("a", last="2014-12-31")).to_json()["holdouts"])
    assert "has not been looked at." in text


def test_what_had_seen_a_holdout_before_is_counted(place):
    count_looks(place, looks("a"))
    withhold(place)
    withhold(place)  # once is enough
    assert read_book(place.root).lines == 2
    assert "2 looks had seen it before" in sentences_of(count_looks(place, looks("b")).to_json())[-1]


def test_parameters_that_change_no_number_are_not_in_the_hash():
    base = {"detector.threshold": 0.01, "measure.horizons": [5], "measure.window": [-1, 1], "trade.hold": 21}
    same = {**base, "measure.horizons": [21], "measure.window": [-5, 5], "trade.hold": 5}
    assert set_hash(base, {}) == set_hash(same, {})
    assert asked_of(base) == {"detector.threshold": 0.01}
    assert set_hash({"k": 1}, {}) == set_hash({"k": 1.0}, {})
    different = [set_hash({"k": 1}, {}), set_hash({"k": 2}, {}), set_hash({"k": 1}, {"files": {"mine.py": "ab"}})]
    assert len(set(different)) == 3


def test_the_same_parameters_on_new_data_are_a_new_look(place):
    count_looks(place, looks("a"))
    assert count_looks(place, looks("a", sha256="1" * 64)).total == 4
    # what a search found without a holdout's sessions, under a new name and on all data, is counted with the search
    assert count_looks(place, looks("a", strategy="mine", sha256="2" * 64)).question == ("streak5", "us-size")
    assert count_looks(place, looks("a", dataset="sample", sha256="3" * 64)).question == ("streak5", "sample")


def test_sets_are_grouped_by_their_horizons():
    cells = [("a", 5), ("a", 21), ("b", 21), ("c", 21), ("c", 5)]
    assert by_horizons(cells, [5, 21]) == {(5, 21): ["a", "c"], (21,): ["b"]}


def test_a_tally_counts_each_look_once():
    lines = [
        {"data_sha256": "0", "looks": [{"horizons": [5, "1m"], "sets": ["a", "b"]}]},
        {"data_sha256": "0", "looks": [{"horizons": ["1m", 63], "sets": ["b"]}]},
        {"data_sha256": "1", "looks": [{"horizons": [5], "sets": ["b"]}]},
    ]
    tally = tally_of(lines)
    slow = {
        (line["data_sha256"], (one, h))
        for line in lines
        for group in line["looks"]
        for one in group["sets"]
        for h in group["horizons"]
    }
    assert tally.total == len(slow) == 6
    assert all(tally.holds(*look) for look in slow)
    assert not tally.holds("0", ("a", 63))
