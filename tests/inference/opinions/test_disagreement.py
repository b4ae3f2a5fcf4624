from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.inference.opinions.disagreement import disagreement, overlap_of
from backtest.inference.opinions.distributions import normal_p
from backtest.inference.opinions.opinion import METHODS, Opinion
from backtest.inference.opinions.regression import NOT_POSITIVE

LOW, HIGH = 0.01, 0.4
SEPARATE, OVERLAPPING = 1.2, 1.25
OVERLAP = "on whether windows that overlap count as separate observations"
SPREAD = "on whether the events' own returns or the volatility of the history show how widely chance varies"
ENOUGH = "on whether there are enough separate events to judge the error of their mean by"
COUNT = "on whether one asks how many events did better, or by how much"
LOCAL = "on whether the years around the events are like the rest of the history"


def said(p_value, overlap=SEPARATE, **others):
    """The sentence where every method agrees with the verdict but those that are named."""
    opinions = [Opinion(method, 1.0, others.get(key, p_value)) for key, method in METHODS.items()]
    return disagreement(p_value, opinions, overlap)


@pytest.mark.parametrize(
    ("overlap", "against", "names", "turns"),
    [
        (OVERLAPPING, ["naive_t", "sign"], "naive t and sign test", OVERLAP),
        (SEPARATE, ["naive_t", "sign"], "naive t and sign test", f"{SPREAD} and {COUNT}"),
        (OVERLAPPING, ["newey_west", "hansen_hodrick"], "Newey–West and Hansen–Hodrick", ENOUGH),
        (OVERLAPPING, ["wilcoxon", "local_shifts"], "Wilcoxon signed rank and local shifts", f"{OVERLAP} and {LOCAL}"),
    ],
)
def test_what_it_turns_on_where_others_see_more_than_the_verdict(overlap, against, names, turns):
    sentence = f"By {names}, p is at most 5%, by the circular shift above 5%: this turns {turns}."
    assert said(HIGH, overlap, **dict.fromkeys(against, LOW)) == sentence


@pytest.mark.parametrize(
    "overlap", [SEPARATE, OVERLAPPING]
)  # it makes others reject more often, so it explains nothing here
@pytest.mark.parametrize(
    ("against", "names", "turns"),
    [
        (["naive_t"], "naive t", SPREAD),
        (["binomial", "wilcoxon", "sign"], "exact binomial, Wilcoxon signed rank and sign test", COUNT),
        (
            ["newey_west", "sign", "local_shifts"],
            "Newey–West, sign test and local shifts",
            f"{SPREAD}, {COUNT} and {LOCAL}",
        ),
    ],
)
def test_what_it_turns_on_where_others_see_less(overlap, against, names, turns):
    sentence = f"By {names}, p is above 5%, by the circular shift at most 5%: this turns {turns}."
    assert said(LOW, overlap, **dict.fromkeys(against, HIGH)) == sentence


@pytest.mark.parametrize("p_value", [LOW, HIGH])
def test_agreement_needs_no_words(p_value):
    assert said(p_value) == ""
    silent = [Opinion(method, None, None, NOT_POSITIVE) for method in METHODS.values()]
    assert disagreement(p_value, silent, 1.0) == ""
    assert disagreement(None, [Opinion(METHODS["sign"], 1.0, LOW)], 1.0) == ""


def test_the_level_itself_is_below():
    assert said(0.05, naive_t=0.0500001).startswith("By naive t, p is above 5%")
    assert said(0.0500001, naive_t=0.05).startswith("By naive t, p is at most 5%")


NEGATION = re.compile(r"\b(not|no|never|none|without|nothing|neither|nor|un\w+)\b|n't", re.IGNORECASE)


def test_every_sentence_is_plain():
    for p_value, overlap, which in itertools.product(
        (LOW, HIGH),
        (SEPARATE, OVERLAPPING),
        itertools.chain.from_iterable(itertools.combinations(METHODS, k) for k in range(1, 8)),
    ):
        text = said(p_value, overlap, **dict.fromkeys(which, LOW + HIGH - p_value))
        assert text.count(". ") == 0
        assert text.endswith(".")
        assert "significant" not in text
        assert not NEGATION.search(text), text


def test_every_method_says_what_it_takes_for_granted():
    assert [method.key for method in METHODS.values()] == list(METHODS)
    for method in METHODS.values():
        assert len(method.takes_for_granted) <= 100
        assert len(NEGATION.findall(method.takes_for_granted)) <= 2
        for clause in method.takes_for_granted.split(","):
            assert len(NEGATION.findall(clause)) <= 1, clause
        assert "significant" not in method.takes_for_granted


def test_the_docs_label_every_method_alike():
    text = (Path(__file__).resolve().parents[3] / "docs/methods.md").read_text(encoding="utf-8")
    rows = [line.strip("|\n").split(" | ") for line in text.splitlines() if line.startswith("| ")]
    labelled = [(row[0].strip(), row[2].strip()) for row in rows if row[0].strip() in names_of_methods()]
    assert labelled == [(method.name, method.takes_for_granted) for method in METHODS.values()]


def names_of_methods():
    return {method.name for method in METHODS.values()}


@given(st.lists(st.integers(0, 400), min_size=1, max_size=30), st.integers(1, 252))
def test_overlap_is_what_it_does_to_the_variance_of_the_mean(day0, horizon):
    """The mean as a sum over sessions: the variance is that of its weights, beside that of windows that stand apart."""
    weight = np.zeros(700)
    for t in day0:
        weight[t + 1 : t + horizon + 1] += 1 / len(day0)
    apart = horizon / len(day0)
    assert overlap_of(np.array(day0), horizon) == pytest.approx((weight**2).sum() / apart, rel=1e-12)


def test_overlap_by_hand():
    # Windows of two sessions from 5 and 6 share one of three: 1 + 4 + 1 over 4.
    assert overlap_of(np.array([5, 6]), 2) == 1.5
    assert overlap_of(np.array([5, 7]), 2) == 1
    assert overlap_of(np.array([5, 7]), np.array([3, 1])) == (1 + 1 + 4) / 4  # the third session of one is the other's
    assert overlap_of(np.zeros(0, dtype=np.int64), 2) == 1


@pytest.mark.parametrize(("horizon", "rejects"), [(5, 0.38), (20, 0.66), (60, 0.80)])
def test_overlap_explains_how_often_a_naive_t_rejects(horizon, rejects):
    """Windows from every session: published rejection rates of a t that takes them for separate, nominal 5%."""
    overlap = overlap_of(np.arange(100_000), horizon)
    assert overlap == pytest.approx(horizon, rel=1e-3)
    assert normal_p(1.959964 / overlap**0.5) == pytest.approx(rejects, abs=0.005)
