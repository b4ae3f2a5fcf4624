"""``tune --spa``: a second opinion for who asks, and a refusal before the search where arch is missing."""

from __future__ import annotations

import sys

import pytest

GRID = ("--grid", "sessions=2,3", "--grid", "threshold=0.004,0.006")
ASKED = ("tune", "streak5", *GRID, "--set", "measure.horizons=5,21")


def test_the_bootstrap_is_asked_and_told_everywhere(backtest, folder):
    pytest.importorskip("arch", reason="needs arch, of the extra 'search'")
    told = backtest(*ASKED, "--spa", "--json").json
    of = told["superior_ability"]
    assert of["sets"] == 4
    assert of["p_lower"] <= of["p_value"] <= of["p_upper"]
    assert "2 sets" not in of["text"]
    assert "leaves the other horizon uncounted" in of["text"]
    (page,) = (folder / "reports" / "streak5").glob("tune-*/report.html")
    assert of["text"].split(" (")[0] in page.read_text(encoding="utf-8")
    printed = backtest(*ASKED, "--spa").out
    assert "A second opinion, by bootstrap:" in printed
    assert "A second opinion" not in backtest(*ASKED).out


def test_without_arch_nothing_is_searched(backtest, folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "arch", None)
    done = backtest(*ASKED, "--spa")
    assert done.status == 1
    assert done.err.count("\n") == 1
    assert done.err.startswith("Error: --spa: arch is not installed.")
    assert "pip install 'episode-backtest[search]'" in done.err
    assert not (folder / "reports").exists()
