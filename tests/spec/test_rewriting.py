"""A strategy file with single values replaced: the rest of it, comments included, is left as it was."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.errors import StrategyInvalid
from backtest.spec.rewriting import rewritten

TEXT = """\
schema = 1
title = "A # in a title"  # and a comment

[detector]
use = "streak"            # of all
dates = [                 # several lines
  "2020-01-01",  # one
  "2020-01-02",
]  # end
threshold = 0.01# close

# what follows is about episodes
[episodes]
cooldown = 0

[claim]
said = "x"

[[claim.figures]]
name = "y"
"""


def test_values_change_in_their_place_and_comments_stay():
    found = rewritten(TEXT, {"title": "B", "detector.threshold": 0.005, "detector.dates": ["2021-01-01"]}, ("claim",))
    assert found == (
        'schema = 1\ntitle = "B"  # and a comment\n\n[detector]\nuse = "streak"            # of all\n'
        'dates = ["2021-01-01"]  # end\nthreshold = 0.005# close\n\n'
        "# what follows is about episodes\n[episodes]\ncooldown = 0\n"
    )


def test_keys_and_tables_that_are_missing_are_added():
    found = rewritten(TEXT, {"episodes.day0": "end", "question": "Why?", "origin.set": 3}, ("claim",))
    assert '[episodes]\ncooldown = 0\nday0 = "end"\n\n[origin]\nset = 3\n' in found
    assert tomllib.loads(found)["question"] == "Why?"


@pytest.mark.parametrize("text", ["detector = { use = 'streak' }\n", "detector.use = 'streak'\n"])
def test_a_table_in_another_form_is_refused(text):
    with pytest.raises(StrategyInvalid, match=r"detector.sessions: the file writes a table in one line"):
        rewritten(text, {"detector.sessions": 4})


@given(
    st.dictionaries(
        st.sampled_from(["title", "detector.use", "detector.dates", "episodes.cooldown", "trade.hold", "origin.on"]),
        st.one_of(
            st.integers(-9, 9), st.floats(-1, 1), st.text(max_size=12), st.lists(st.text("a#]\"'\\n", max_size=4))
        ),
    )
)
def test_what_is_read_back_is_what_was_asked_for(values):
    wanted = {key: value for key, value in tomllib.loads(TEXT).items() if key != "claim"}
    for key, value in values.items():
        table, _, name = key.rpartition(".")
        (wanted.setdefault(table, {}) if table else wanted)[name] = value
    assert tomllib.loads(rewritten(TEXT, values, ("claim",))) == wanted
