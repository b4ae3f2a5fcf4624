"""The sentence that says where a base rate is from."""

from __future__ import annotations

import pytest

from backtest.model.base_rate_words import base_rate_from


@pytest.mark.parametrize(
    ("sample", "text"),
    [
        ({"sessions": 9721, "eligible": 9721}, "Base rate: all 9,721 sessions of the sample window."),
        (
            {"sessions": 9300, "eligible": 5738, "not_judged": 3562},
            (
                "Base rate: the 5,738 of 9,300 sessions on which an event could have been seen; "
                "3,562 could not be judged."
            ),
        ),
        (
            {"sessions": 9572, "eligible": 9568, "not_judged": 0, "not_dated": 4, "not_covered": 0, "no_level": 0},
            (
                "Base rate: the 9,568 of 9,572 sessions on which an event could have been seen; "
                "4 could not be day 0, because what follows is not known."
            ),
        ),
        (
            {"sessions": 26311, "eligible": 9800, "not_judged": 2, "not_dated": 0, "not_covered": 16500, "no_level": 9},
            (
                "Base rate: the 9,800 of 26,311 sessions on which an event could have been seen and measured; "
                "2 could not be judged, 16,500 come before a leg begins, 9 lack the entry level of a leg."
            ),
        ),
        (
            {"sessions": 10, "eligible": 9, "not_judged": 0},  # a record of an earlier version
            "Base rate: the 9 of 10 sessions on which an event could have been seen.",
        ),
    ],
)
def test_where_the_base_rate_is_from(sample, text):
    assert base_rate_from(sample) == text
