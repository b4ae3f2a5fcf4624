"""Pages of detectors: the stretch that is drawn, and where the pages go."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from backtest.catalog.detectors import episode_picture, write_detector_page, write_detector_pages
from backtest.data.store.read import load_dataset
from backtest.detect.docs.describe import builtin_files, describe
from backtest.detect.registry import builtin_names, find_detector
from backtest.errors import BacktestError, NotFound
from backtest.workspace import builtin

DEAF = "raise SystemExit('it was run')\ndef detect(prices): ...\n"
MINE = '''
def detect(prices, *, series: str = "small_index"):
    """Flag a session that closes 8% below the one before."""
    close = prices.close(series)
    return close / [close[0], *close[:-1]] < 0.92
'''


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    folder = tmp_path_factory.mktemp("nowhere")
    return lambda name: episode_picture(find_detector(name, folder), describe(name, builtin_files()[name]))


def test_the_stretch_around_the_last_streak_of_the_sample(drawn):
    found = drawn("streak")
    sessions = found["sessions"]
    assert sessions[found["trigger"]] == "2024-07-16"
    assert sessions[found["start"]] == "2024-07-10"
    assert [day for day, met in zip(sessions, found["met"], strict=True) if met] == ["2024-07-16"]
    assert found["indicator"][found["start"] : found["trigger"] + 2] == [1, 2, 3, 4, 5, 0]
    assert (found["threshold"], found["unit"], found["n_episodes"]) == (5, "sessions", 5)
    assert found["synthetic"]
    assert len(sessions) == 101


@pytest.mark.parametrize("name", builtin_names())
def test_every_built_in_has_a_picture_on_the_sample(drawn, name):
    try:
        found = drawn(name)
    except NotFound as error:
        pytest.skip(f"its example needs a series that the sample lacks: {error}")
    assert found["met"][found["trigger"]]
    assert not found["met"][found["trigger"] - 1]
    assert len(found["sessions"]) == len(found["met"]) == len(found["indicator"] or found["met"])
    assert all(value is None or np.isfinite(value) for value in found["indicator"] or [])


def test_the_picture_shows_the_embedded_sample_whatever_the_workspace_calls_so(workspace, monkeypatch):
    (workspace.root / "datasets").mkdir()
    shutil.copytree(builtin("datasets") / "sample", workspace.root / "datasets" / "sample")
    (workspace.root / "datasets" / "sample" / "lock.json").write_text("damaged", encoding="utf-8")
    monkeypatch.chdir(workspace.root)
    path = write_detector_page(workspace, "streak", builtin_files()["streak"], False)
    assert "16 July 2024" in path.read_text(encoding="utf-8")


def test_a_detector_of_ones_own_is_run_only_when_a_picture_is_asked_for(workspace):
    path = workspace.root / "strategies" / "deaf.py"
    path.write_text(DEAF, encoding="utf-8")
    page = write_detector_page(workspace, "deaf.py", path, False).read_text(encoding="utf-8")
    assert "use --picture to draw it" in page
    asked = write_detector_page(workspace, "deaf.py", path, True).read_text(encoding="utf-8")
    assert "SystemExit: it was run" in asked  # it was, it failed, and the page says so


def test_a_detector_of_ones_own_is_drawn_where_it_flags(workspace, tmp_path):
    path = workspace.root / "strategies" / "mine.py"
    path.write_text(MINE, encoding="utf-8")
    found = episode_picture(find_detector("mine.py", path.parent), describe("mine.py", path))
    close = load_dataset(builtin("datasets") / "sample").prices.close("small_index")
    fell = np.flatnonzero(close[1:] / close[:-1] < 0.92) + 1
    assert found["n_episodes"] == len([day for day in fell if day - 1 not in fell]) > 0
    assert found["indicator"] is None


def test_without_an_episode_there_is_no_picture(workspace):
    path = workspace.root / "strategies" / "never.py"
    path.write_text("def detect(prices):\n    return prices.close('small_index') < 0\n", encoding="utf-8")
    with pytest.raises(BacktestError, match="finds no episode"):
        episode_picture(find_detector("never.py", path.parent), describe("never.py", path))


def test_all_pages_have_an_index_and_one_that_cannot_be_read_is_named_in_it(workspace):
    broken = workspace.root / "strategies" / "broken.py"
    broken.write_text("def detect(:", encoding="utf-8")
    files = {"streak": builtin_files()["streak"], "broken.py": broken}
    paths = write_detector_pages(workspace, files, False)
    folder = workspace.reports / "detectors"
    assert paths == [folder / "index.html", folder / "streak.html"]
    index = paths[0].read_text(encoding="utf-8")
    assert 'href="./streak.html"' in index
    assert "is not valid Python" in index
    assert "index.html" in paths[1].read_text(encoding="utf-8")
