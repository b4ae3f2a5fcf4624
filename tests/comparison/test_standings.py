"""The ranking: one row a study at one horizon."""

from __future__ import annotations

import pytest

from backtest.comparison.standings import SORTS, chosen_horizon, ranked
from backtest.errors import StudyRefused


@pytest.mark.parametrize(
    ("horizons", "chosen"),
    [
        ([[1, 5, 21, 63], [21]], 21),
        ([[1, 5, 63], [5, 63], [5, 63]], 63),  # three times 21, and 5 is less than a quarter of it
        ([[1, 10], [10, 21]], 10),  # both have it
        ([[1], [2]], 2),
        ([[7, 63], [7, 63]], 7),  # as far from 21 as 63 is: the shorter
        ([[], [5]], 5),
        ([[], []], None),
        ([[5, "1m", "1y"], ["1m", "1y"]], "1m"),  # about 21 sessions
        ([[252, "1y"]], 252),  # of the same length, the one that is counted
    ],
)
def test_the_default_is_what_most_have_nearest_to_a_month(horizons, chosen):
    assert chosen_horizon(horizons, None) == chosen


def test_a_horizon_that_one_study_has_can_be_asked_for():
    assert chosen_horizon([[1, 5], [21]], 5) == 5
    with pytest.raises(StudyRefused, match=r"--horizon 4: no study has it\. Known: 1, 5 and 21\."):
        chosen_horizon([[1, 5], [21]], 4)


def test_a_horizon_by_the_calendar_is_asked_for_by_its_word():
    assert chosen_horizon([[21, "1m"]], "1m") == "1m"
    with pytest.raises(StudyRefused, match=r"--horizon 3m: no study has it\. Known: 21 and 1m\."):
        chosen_horizon([[21, "1m"]], "3m")


def study(label, n, excess, hits, p, adjusted):
    row = {"horizon": 21, "n": n, "excess": excess, "hit_rate": hits, "base_hit_rate": 0.5, "p_value": p}
    return {"label": label, "n_events": n + 1, "horizons": [{**row, "p_adjusted": adjusted, "doubt": ""}]}


STUDIES = [
    study("d", 9, 0.02, 0.7, 0.3, 1.0),
    study("a", 5, -0.03, 0.4, 0.2, 1.0),
    study("c", 30, 0.01, 0.8, 0.01, 0.2),
    {"label": "b", "n_events": 4, "horizons": []},
]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("p", "cadb"),  # of equal adjusted p, the smaller p first; without one, last
        ("excess", "dcab"),
        ("hits", "cdab"),
        ("n", "cdab"),
        ("name", "abcd"),
        ("given", "dacb"),
    ],
)
def test_it_is_sorted_as_asked(sort, order):
    rows = ranked(STUDIES, ["spread"] * 4, 21, sort)
    assert "".join(row["study"] for row in rows) == order
    assert [STUDIES[row["at"]]["label"] for row in rows] == list(order)


def test_every_sort_is_tried():
    assert set(SORTS) == {"p", "excess", "hits", "n", "name", "given"}


def test_spreads_and_returns_stand_apart_however_it_is_sorted():
    judges = ["spread", "return", "return", "spread"]
    for sort in SORTS:
        rows = ranked(STUDIES, judges, 21, sort)
        assert [row["judges"] for row in rows] == ["spread", "spread", "return", "return"]


def test_a_study_without_the_horizon_has_a_row_without_numbers():
    row = ranked(STUDIES, ["spread"] * 4, 21, "given")[3]
    assert row["measured"] is False
    assert (row["n"], row["n_events"]) == (0, 4)
    assert {row[key] for key in ("excess", "ci_low", "ci_high", "hit_rate", "p_value", "p_adjusted")} == {None}
