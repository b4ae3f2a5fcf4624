"""Random cells of a large search, over detectors, conditions, dating and measure, against the command."""

from __future__ import annotations

import random

import pytest

from .cells import compare, searched

COMPARED = 6


@pytest.mark.parametrize(("name", "sets"), [("streak5", 1_000), ("mixed", 300)])
def test_every_cell_is_what_the_command_gives_with_the_same_settings(name, sets, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = searched(tmp_path, name, sets)
    assert len(found.trials) == sets
    assert compare(found, name, random.Random(7).sample(range(sets), COMPARED)) >= 2 * COMPARED
