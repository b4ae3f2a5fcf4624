"""What ``backtest tune`` says of searches with one set or no event, and which of its p counts what."""

from __future__ import annotations

import json

import pytest

from backtest.format import probability

COMMON = ("tune", "streak5", "--dataset", "sample", "--set", "measure.horizons=5,21", "--grid")


def page(folder):
    (path,) = sorted((folder / "reports" / "streak5").glob("tune-*/report.html"))
    return path.read_text(encoding="utf-8")


def test_a_search_without_an_event_takes_no_look(backtest, folder):
    backtest(*COMMON, "threshold=0.004")
    told = backtest(*COMMON, "sessions=90,91", "--json").json
    assert told["looks"] == 0
    assert told["ledger"]["text"].endswith("nothing could be tested. 2 looks before.")
    assert "which_p" not in told
    out = " ".join(backtest(*COMMON, "sessions=90,91").out.split())
    assert "2 parameter sets; no look, as no set has an event with a complete window" in out
    assert "No set has an event, so that there was no look." in out
    assert "no set chosen; none had enough events." in out
    for empty in ("Look 2", "First look", "0 sets chosen", "Excess over all sets", "2 of 2"):
        assert empty not in out


def test_a_search_of_one_set_compares_nothing(backtest, folder):
    out = " ".join(backtest(*COMMON, "threshold=0.004").out.split())
    why = "left out: there is only one set of events, and nothing to choose between."
    assert f"Overfitting, the spread of the sets and importance are {why}" in out
    for empty in ("1 of 1", "Excess over all sets", "below the median set", "The sets do not differ"):
        assert empty not in out
        assert empty not in page(folder)
    assert "there is only one set of events" in page(folder)
    assert "No choice is tested outside the years that made it: there is only one set of events" in out
    for claimed in ("holds outside the years", "within what chance gives", "was chosen for", "counts none"):
        assert claimed not in out
        assert claimed not in page(folder)


@pytest.mark.parametrize("before", [(), ("threshold=0.006,0.008",)])
def test_which_p_counts_what(backtest, folder, before):
    for grid in before:
        backtest(*COMMON, grid)
    told = backtest(*COMMON, "threshold=0.002,0.004", "--json").json
    cells = [row for one in told["sets"] for row in one["horizons"]]
    smallest = min((row["p_adjusted"], row["p_value"]) for row in cells)
    assert probability(smallest[0]) in told["which_p"]
    assert "counts the 4 looks of this search" in told["which_p"]
    others = 4 * len(before)
    if others:
        bound = min(1.0, smallest[0] + others * smallest[1])
        ever = f"at most {probability(bound) if bound < 1 else 1}"
        assert f"{ever} counts all {4 + others} that were ever taken at this question" in told["which_p"]
    else:
        assert "the only ones that the ledger has of this question" in told["which_p"]
    assert f"{probability(told['walk_forward']['p_value'])} counts none" in told["which_p"]
    paths = (folder / "reports" / "streak5").glob("tune-*")
    newest = next(path for path in paths if path.name == told["run_id"])
    assert told["which_p"] in (newest / "report.html").read_text(encoding="utf-8")
    assert json.loads((newest / "tune.json").read_text())["which_p"] == told["which_p"]
