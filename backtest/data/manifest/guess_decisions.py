"""Recognise a file of central bank decisions: the target before and after each."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np

from backtest.data.files.columns import Numbers
from backtest.data.files.source import Source
from backtest.data.manifest.column_words import folded
from backtest.data.manifest.guess_series import stem_of
from backtest.data.manifest.writer import Guessed

WORDS = {
    "before": re.compile(r"(.*[ _])?(before|previous|old)|(before|previous|old)[ _](rate|target)"),
    "after": re.compile(r"(.*[ _])?(after|new)|(after|new)[ _](rate|target)"),
    "unscheduled": re.compile(r"unscheduled"),
}
FEWEST, CHAINED = 4, 0.8
"""Least number of decisions, and the share of them that must begin at the rate where the previous one ended."""


def decision_columns(numbers: Mapping[str, Numbers]) -> dict[str, str]:
    """Return the columns of decisions by key, if each row begins where the previous one ended; otherwise nothing."""
    found = {key: [name for name in numbers if word.fullmatch(folded(name))] for key, word in WORDS.items()}
    if len(found["before"]) != 1 or len(found["after"]) != 1:
        return {}
    before, after = numbers[found["before"][0]].values, numbers[found["after"][0]].values
    if len(before) != len(after) or len(before) < FEWEST or not _chained(before, after):
        return {}
    return {key: names[0] for key, names in found.items() if len(names) == 1}


def _chained(before: np.ndarray, after: np.ndarray) -> bool:
    forwards, backwards = before[1:] == after[:-1], before[:-1] == after[1:]  # the order may be newest first
    return max(float(forwards.mean()), float(backwards.mean())) >= CHAINED


def decisions(source: Source, columns: dict[str, str], numbers: Mapping[str, Numbers]) -> Guessed:
    """Describe the table of decisions."""
    why = "each row begins at the rate at which the previous one ended"
    read = [numbers[column] for column in columns.values() if column in numbers]
    missing = dict.fromkeys(mark for one in read for mark in one.missing)
    name = stem_of(source)
    return Guessed(name, name, "decisions", "percent a year", why, source.name, columns, missing=tuple(missing))
