"""A detector of ten lines beside a TOML file works without touching the package; and what `show` makes of detectors."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

TEN_LINES = '''
def detect(prices, *, series: str = "small_index", sessions: int = 21):
    """Flag a close at its lowest of the last `sessions` sessions.

    Parameters
    ----------
    series : str
        Role or name of a level series.
    """
    close = prices.pandas(series)
    return close <= close.rolling(sessions).min()
'''
STRATEGY = """
schema = 1
title = "A low"

[detector]
use = "mine.py"
sessions = 63

[episodes]
cooldown = 21

[tune]
"detector.sessions" = [21, 63]
"""


@pytest.fixture
def own(folder):
    (folder / "strategies" / "mine.py").write_text(TEN_LINES, encoding="utf-8")
    (folder / "strategies" / "mine.toml").write_text(STRATEGY, encoding="utf-8")
    return folder


def test_a_detector_of_ten_lines_in_a_new_workspace(tmp_path):
    def backtest(*arguments, place=tmp_path / "mine"):
        command = [sys.executable, "-m", "backtest", *arguments]
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, encoding="utf-8", check=False)
        assert (done.returncode, done.stderr) == (0, ""), arguments
        return done.stdout

    assert len(TEN_LINES.strip().splitlines()) == 10
    backtest("init", "mine", place=tmp_path)
    (tmp_path / "mine" / "strategies" / "mine.py").write_text(TEN_LINES, encoding="utf-8")
    (tmp_path / "mine" / "strategies" / "mine.toml").write_text(STRATEGY, encoding="utf-8")
    rows = json.loads(backtest("list", "detectors", "--json"))["detectors"]
    assert {"name": "mine.py", "what it flags": "Flag a close at its lowest of the last `sessions` sessions."} in rows
    assert "Role or name of a level series." in backtest("show", "mine.py")
    assert json.loads(backtest("show", "mine", "--json"))["parameters"]["detector.sessions"] == 63
    run = json.loads(backtest("run", "mine", "--no-trade", "--json"))
    assert run["parameters"]["detector.series"] == "small_index"
    assert run["n_events"] > 50
    assert "mine: detector (mine.py): no look-ahead" in backtest("audit", "mine")
    assert len(json.loads(backtest("tune", "mine", "--json"))["sets"]) == 2
    assert json.loads(backtest("watch", "mine", "--json"))["strategies"][0]["n_events"] == run["n_events"]
    assert "SIMULATED" not in backtest("show", "mine.py", "--page")
    page = tmp_path / "mine" / "reports" / "detectors" / "mine.py.html"
    assert "Role or name of a level series." in page.read_text(encoding="utf-8")
    backtest("show", "mine.py", "--page", "--picture")
    assert "SIMULATED" in page.read_text(encoding="utf-8")


def test_show_and_list_do_not_run_it(backtest, own):
    (own / "strategies" / "mine.py").write_text(f"raise SystemExit('it was run')\n{TEN_LINES}", encoding="utf-8")
    for command in (
        ("list", "detectors"), ("show", "mine.py"), ("show", "strategies/mine.py"), ("show", "mine"),
        ("show", "mine.py", "--json"), ("show", "mine.py", "--page"), ("show", "detectors", "--page"),
    ):  # fmt: skip
        assert (backtest(*command).status, backtest(*command).err) == (0, ""), command


def test_a_detector_is_listed_before_a_strategy_uses_it_and_a_broken_one_with_the_reason(backtest, own):
    (own / "strategies" / "mine.toml").unlink()
    (own / "strategies" / "broken.py").write_text("def detect(:", encoding="utf-8")
    rows = {row["name"]: row["what it flags"] for row in backtest("list", "--json").json["detectors"]}
    assert rows["mine.py"].startswith("Flag a close")
    assert rows["broken.py"].startswith("cannot be used: detector file '")
    done = backtest("show", "broken.py")
    assert (done.status, done.out) == (1, "")
    assert "is not valid Python" in done.err


def test_show_gives_type_range_default_and_words_of_each_parameter(backtest):
    done = backtest("show", "streak")
    said = " ".join(done.out.split())
    assert "sessions whole number, 1 to 2520; default 5 Length of the streak, in sessions." in said
    assert 'direction text, "up" or "down"; default "up"' in said
    assert max(len(line) for line in done.out.splitlines()) <= 80
    content = backtest("show", "streak", "--json").json
    assert content["parameters"] == {
        "series": "small_index", "against": None, "sessions": 5, "threshold": 0.01, "direction": "up",
    }  # fmt: skip
    assert [one["name"] for one in content["arguments"]] == list(content["parameters"])


def test_pages_of_all_detectors_and_a_slip(backtest, own):
    files = backtest("show", "detectors", "--page", "--json").json["files"]
    assert files[0] == "reports/detectors/index.html"
    assert {"reports/detectors/streak.html", "reports/detectors/mine.py.html"} <= set(files)
    assert all((own / file).is_file() for file in files)
    assert (
        backtest("show", "streek", "--page").err
        == "Error: --page: there is no detector 'streek'. Did you mean 'streak'?\n"
    )
    (own / "strategies" / "detectors.toml").write_text(STRATEGY, encoding="utf-8")
    assert "reports/detectors/ is taken" in backtest("run", "detectors").err
