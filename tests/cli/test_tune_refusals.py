"""What ``backtest tune`` cannot answer is refused before anything is computed, entered or written."""

from __future__ import annotations

import pytest

from backtest.tuning import applied, search

GRID = ("--grid", "detector.sessions=2,3")
ASKED = ("tune", "mine", "--dataset", "sample")
WITHOUT_TRADE = "schema = 1\ntitle = 'Mine'\n[detector]\nuse = 'streak'\nseries = 'small'\nsessions = 2\n"


@pytest.fixture
def written(folder, monkeypatch):
    monkeypatch.setattr(search, "guard", lambda *_, **__: pytest.fail("the search began"))

    def write(text):
        (folder / "backtest.toml").touch()
        (folder / "strategies").mkdir(exist_ok=True)
        (folder / "strategies" / "mine.toml").write_text(text)
        return folder

    return write


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((*GRID, "--objective", "sharpe"), "mine has no [trade] table"),
        ((*GRID, "--holdout", "1900-01-01"), "leaves nothing to search"),
        (("--grid", "sessions=0", "--holdout", "2015-01-01"), "detector.sessions = 0: must be at least 1."),
        (("--grid", "sessions=2,x", "--holdout", "2015-01-01"), "must be a whole number"),
        ((*GRID, "--holdout", "2015-01-01", "--resume"), "no interrupted search of these sets"),
        (("--grid", "window=[-5,5],[-3,3]"), "measure.window cannot be tuned"),
        (("--grid", "threshold=1e-300:1e300", "--random", "3"), "a number is too large or too small"),
        ((*GRID, "--apply", "mine"), "exists and is not overwritten"),
        ((*GRID, "--apply", "a/b"), "not a name"),
        (("--grid", "cooldown=1,2", "--apply", "new"), "cannot be rewritten"),
    ],
)
def test_nothing_is_searched_entered_or_written(backtest, written, options, told):
    folder = written("episodes = { day0 = 'trigger' }\n" + WITHOUT_TRADE)
    done = backtest(*ASKED, *options)
    assert done.status == 1
    assert told in done.err
    assert not (folder / "reports").exists()
    assert not (folder / "ledger.jsonl").exists()


def test_a_folder_of_strategies_that_cannot_be_written(backtest, written, monkeypatch):
    folder = written(WITHOUT_TRADE)
    monkeypatch.setattr(applied.os, "access", lambda *_: False)
    done = backtest(*ASKED, *GRID, "--apply", "new")
    assert done.status == 1
    assert f"--apply new: {folder / 'strategies'} cannot be written." in done.err


def test_reports_that_cannot_be_written(backtest, written):
    folder = written(WITHOUT_TRADE)
    (folder / "reports").touch()
    done = backtest(*ASKED, *GRID)
    assert done.status == 1
    assert str(folder / "reports") in done.err
