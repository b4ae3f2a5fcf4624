"""A row of results, with the spread or return that its study judges under one name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backtest import format as words
from backtest.model import measured_in
from backtest.untyped import Json


def with_judged(row: Mapping[str, Any]) -> Json:
    """Return a row of a table of horizons with its mean and base rate as text.

    Returns
    -------
    dict
        The row, with ``judged`` and ``base`` as text, ``word`` for what they are, and ``paired``: whether the study
        has a benchmark.
    """
    of = measured_in(row)
    texts = {"judged": words.outcome(row[of.mean], of.word), "base": words.outcome(row[of.base_mean], of.word)}
    return {**row, **texts, "word": of.word, "paired": of.has_benchmark}
