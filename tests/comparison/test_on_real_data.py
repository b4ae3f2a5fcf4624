"""Comparisons on the real history, where it is there."""

from __future__ import annotations

import pytest

from backtest.cli.compare_view import print_comparison
from backtest.comparison.asked import Options
from backtest.comparison.gather import gather
from backtest.comparison.result import compare_json

US_SIZE = ("us-size",)


def test_all_strategies_fit_on_sixty_lines_of_eighty_columns(us_size, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    names = [name for name in us_size.strategies() if name != "streak5_panel"]
    assert len(names) > 10
    print_comparison(compare_json(gather(us_size, names, Options(US_SIZE))))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 59  # and one for the report
    assert max(map(len, lines)) <= 80
    ranking = lines[: lines.index("")]
    assert {line.split()[0] for line in ranking} >= set(names)
    assert len(ranking) <= len(names) + 5  # a line each, and two heads


def test_five_sessions_in_a_row_share_all_their_episodes_with_four(us_size):
    content = compare_json(gather(us_size, ["streak5"], Options(US_SIZE, {"detector.sessions": [5, 4]})))
    assert content["shared"] == [[5, 5], [5, 11]]
    assert sum(content["studies"][1]["shared"]) == 5


def test_pairs_of_assets_on_the_same_events_differ_by_what_the_one_gained_over_the_other(us_size):
    names = ["streak5", "streak5", "streak5"]
    of_one = {"1": {"asset": "small", "benchmark": ""}, "2": {"asset": "mega", "benchmark": ""}}
    content = compare_json(gather(us_size, names, Options(US_SIZE, of_one=of_one)))
    (row,) = [row for row in content["differences"] if row["p_value"] is not None]
    spread = next(one for one in content["studies"][2]["horizons"] if one["horizon"] == 21)
    # Small alone minus mega alone is what the strategy itself judges, but for the sessions of the two base rates.
    assert row["difference"] == pytest.approx(spread["excess"], abs=2e-4)
    assert row["n"] == [5, 5]
    assert row["p_value"] == pytest.approx(spread["p_value"], abs=0.05)
