"""The line of a run: the finding in brief, and what is missing in a damaged record."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.errors import RunUnreadable
from backtest.inference.result import Effect, HorizonResult, Inference, NullTest, Standardised, VarianceRatio
from backtest.inference.verdict import Looks, most_remarkable
from backtest.model import Horizon
from backtest.model.by_asset import spoken_of
from backtest.model.home import facts_of, time_in

NO_SHIFTS = np.zeros(0)
NO_SIZES = Effect(None, None, None, None), Standardised(None, None), VarianceRatio(None, None)
RUN: dict[str, Any] = {
    "title": "T",
    "version": "0.1.0",
    "parameters": {"episodes.day0": "end"},
    "dataset": {"name": "d", "synthetic": True},
    "n_events": 3,
    "sample": {"first": "2000-01-03", "last": "2020-12-31"},
    "verdict": "V",
    "horizons": [
        {"horizon": 5, "excess": 0.0125, "p_adjusted": 0.0312, "doubt": ""},
        {"horizon": 21, "excess": -0.5, "p_adjusted": 0.9},
        {"horizon": 63, "excess": None, "p_adjusted": 0.001},
        {"horizon": 126, "excess": 0.2, "p_adjusted": float("nan")},
    ],
}


def changed(**changes: object) -> dict[str, Any]:
    run = copy.deepcopy(RUN)
    run["horizons"][0].update(changes)
    return run


@pytest.mark.parametrize(
    ("run", "finding"),
    [
        (
            changed(),
            "stands out: +1.25 pp over 5 sessions, adjusted p 0.031",
        ),
        (
            changed(doubt="the halves disagree"),
            "does not hold: +1.25 pp over 5 sessions, adjusted p 0.031",
        ),
        (changed(p_adjusted=0.05), "stands out: +1.25 pp over 5 sessions, adjusted p 0.050"),
        (changed(p_adjusted=0.0501), "consistent with chance, adjusted p >0.050"),
        (changed(p_adjusted=0.95), "consistent with chance, adjusted p 0.900"),
        ({**RUN, "horizons": []}, "nothing can be said"),
        (
            {**RUN, "assets": [{"name": "XLK", "horizons": RUN["horizons"]}, {"name": "SPY", "horizons": []}]},
            "stands out: XLK +1.25 pp over 5 sessions, adjusted p 0.031",
        ),
        (
            changed(horizon="1y"),
            "stands out: +1.25 pp over 1 year, adjusted p 0.031",
        ),
        (changed(horizon="3m"), "stands out: +1.25 pp over 3 months, adjusted p 0.031"),
    ],
)
def test_the_finding_in_brief(run, finding):
    assert facts_of(run).finding == finding


P = st.sampled_from([0.02, 0.3, 1.0])
ROWS = st.lists(st.tuples(P, P, st.sampled_from(["", "the halves disagree"])), min_size=1, max_size=6)


@given(st.lists(ROWS, min_size=1, max_size=3))
def test_lists_speak_of_the_look_that_the_verdict_speaks_of(assets):
    """One that holds goes first; step-down gives many looks the same adjusted p: then the own p decides."""
    blocks = [
        {
            "name": str(at),
            "horizons": [
                {"horizon": row + 1, "excess": 0.01, "p_adjusted": max(p), "p_value": min(p), "doubt": doubt}
                for row, (*p, doubt) in enumerate(rows)
            ],
        }
        for at, rows in enumerate(assets)
    ]
    asset, row = spoken_of(blocks)
    found = facts_of({**RUN, "assets": blocks}).spoken_of
    assert (found.asset, found.horizon) == (str(asset), row + 1)
    looks = [Looks(str(at), *_results(rows)) for at, rows in enumerate(assets)]
    at, result = most_remarkable(looks)
    assert (at, result.horizon.sessions) == (asset, row + 1)
    alive = [max(p) for rows in assets for *p, doubt in rows if max(p) <= 0.05 and not doubt]
    if alive:
        assert (found.p_adjusted, found.doubt) == (min(alive), "")


def _results(rows):
    """The same rows as the verdict has them: results, no window unfinished, and doubts by horizon."""
    results = [
        HorizonResult(Horizon(at), 9, 0.01, Inference(NullTest("", None, min(p), max(p), None, NO_SHIFTS), *NO_SIZES))
        for at, (*p, _) in enumerate(rows, start=1)
    ]
    return results, (), {Horizon(at): row[-1] for at, row in enumerate(rows, start=1) if row[-1]}


def test_a_number_that_is_none_is_no_look_at_all():
    first, *_, last = facts_of(changed(p_adjusted=float("nan"), excess=float("inf"))).looks
    assert (first.p_adjusted, first.excess, last.p_adjusted) == (None, None, None)
    assert facts_of(changed(p_adjusted=float("nan"))).finding == "consistent with chance, adjusted p 0.900"


def test_what_must_never_be_parted_from_a_finding_is_there():
    facts = facts_of({**RUN, "lookahead": {"text": "x"}})
    assert (facts.synthetic, facts.lookahead, facts.late_day0) == (True, True, "end")
    plain = facts_of({**RUN, "parameters": {"episodes.day0": "trigger"}})
    assert (plain.lookahead, plain.late_day0) == (False, "")


def test_a_record_that_does_not_say_what_was_set_is_told_from_one_where_nothing_was():
    assert not facts_of(RUN).told
    assert facts_of({**RUN, "overrides": {}}).told
    assert facts_of({**RUN, "overrides": {"detector.sessions": 4}}).settings == {"detector.sessions": 4}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *((key, None) for key in ("title", "version", "parameters", "n_events", "verdict", "horizons")),
        *(("dataset.name", value) for value in (None, 5, [])),
        ("dataset.synthetic", "yes"),
        ("sample.first", 2000),
        ("sample.last", None),
        ("n_events", True),
        ("overrides", []),
        ("assets", {}),
        ("assets", [1]),
        ("assets.horizons", None),
        ("horizons.horizon", "5"),
        ("horizons.excess", "0.1"),
        ("horizons.p_adjusted", True),
    ],
)
def test_a_damaged_field_is_named(key, value):
    run = copy.deepcopy(RUN)
    table, _, name = key.rpartition(".")
    if table == "horizons":
        run["horizons"][1][name] = value
    elif key == "assets.horizons":
        run["assets"] = [{"name": "a", "horizons": [1]}]
    elif table:
        run[table][name] = value
    else:
        run[key] = value
    with pytest.raises(RunUnreadable) as refused:
        facts_of(run)
    assert str(refused.value).startswith(f"'{key}")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "horizon", "excess"]), inner),
    max_leaves=6,
)


@given(st.sampled_from([*RUN, "overrides", "assets", "lookahead"]), JSON)
def test_any_damage_is_refused_or_read(key, value):
    try:
        facts = facts_of({**RUN, key: value})
    except RunUnreadable:
        return
    assert facts.finding


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("20261126T022358Z-efe990dd", "2026-11-26T02:23:58Z"),
        ("tune-20240716T210000Z-1", "2024-07-16T21:00:00Z"),
        ("index", ""),
    ],
)
def test_the_time_in_a_name(name, time):
    assert time_in(name) == time


@pytest.mark.parametrize("horizon", [None, True, 21.0, "", "month", "1d", "0m"])
def test_what_is_no_horizon_is_named(horizon):
    with pytest.raises(RunUnreadable, match=r"'horizons\.horizon' is missing or of another type"):
        facts_of(changed(horizon=horizon))
