"""The quick part of the attacks: hostile detectors and damaged records; the long part is tests/attack/long_run.py."""

from __future__ import annotations

import contextlib
import json
import os
import random
import time

import pytest

from backtest import run_strategy
from backtest.catalog.runs import refresh_index, run_lines
from backtest.cli import status_of
from backtest.detect.registry import find_detector
from backtest.detect.strangers import SETTING, limited
from backtest.errors import BacktestError, DetectorFailed, ExportRefused, NotFound, RunUnreadable, StrategyInvalid
from backtest.files import NotListed
from backtest.handout.forms import hand_out
from backtest.handout.results import gather_handout
from backtest.record.find import find_run, run_folders
from backtest.record.panel_shape import damage_in_panel
from backtest.record.read import read_run
from backtest.record.unfinished import orphans, unfinished
from backtest.report.pages.run.page import run_page
from backtest.watch.result import watch
from backtest.workspace import Workspace

from .detectors import BODY, DETECT, STRATEGY, sources
from .records import damage_of, with_value

LONGEST = 2_000


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A recorded run, which each test leaves as it was."""
    root = tmp_path_factory.mktemp("attacked")
    (root / "backtest.toml").touch()
    return run_strategy("streak5", workspace=root, trade=False).save(Workspace(root, marked=True))


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_record_is_refused_or_drawn(recorded, seed):
    what, (name, content) = damage_of(recorded, random.Random(seed))
    path = recorded / name
    before = path.read_bytes()
    path.unlink() if content is None else path.write_bytes(content)
    said = ""
    try:
        run_page(read_run(recorded))
    except RunUnreadable as refused:
        said = str(refused)
    finally:
        path.write_bytes(before)
    assert not said or str(recorded) in said, what
    assert len(said) < LONGEST, what


@pytest.fixture(scope="module")
def of_panel(tmp_path_factory):
    """The recorded run of a study on a panel, which each test leaves as it was."""
    root = tmp_path_factory.mktemp("attacked")
    (root / "backtest.toml").touch()
    with contextlib.chdir(root):
        assert status_of(["run", "streak5_panel", "--dataset", "sample-panel", "--quiet"]) == 0
    return next(root.glob("reports/streak5_panel/*/run.json")).parent


@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_record_of_a_panel_is_refused_or_drawn(of_panel, seed, capsys):
    what, (name, content) = damage_of(of_panel, random.Random(seed))
    path = of_panel / name
    before = path.read_bytes()
    path.unlink() if content is None else path.write_bytes(content)
    out = str(of_panel.parents[2] / "out")
    calls = [["show"], ["report"], *(["export", "--to", form, "-o", f"{out}.{form}"] for form in ("md", "csv", "svg"))]
    with contextlib.chdir(of_panel.parents[2]):
        found = {call[0]: status_of([call[0], of_panel.name, *call[1:]]) for call in calls}
    path.write_bytes(before)
    said = capsys.readouterr().err
    assert set(found.values()) <= {0, 1}, what
    assert max(map(len, said.splitlines()), default=0) < LONGEST, what


@pytest.mark.parametrize("trade", [None, "nothing", {}])
def test_a_panel_whose_record_says_anything_of_a_trade_is_damaged(of_panel, trade):
    run = json.loads((of_panel / "run.json").read_text())
    assert damage_in_panel(run) is None
    run.pop("trade")
    if trade is not None:
        run["trade"] = trade
    assert damage_in_panel(run) == "trade"


OF_ALL = (
    *(("dataset", "title"), ("sample", "sessions"), ("legs", "asset", "derivation"), ("n_episodes",), ("observed",)),
    *(("horizons", 0, key) for key in ("pending", "ci_low", "ci_high", "mde")),
    *(("horizons", 6, "legs"), ("notes", 0, "about"), ("trade",), ("ledger", "text"), ("ledger", "frozen")),
    *(("rarity", key) for key in ("unit", "text", "failed")),
)
OF_SOME = (*(("horizons", 0, key) for key in ("doubt", "remarks")), ("rules", 0, "investable"), ("ledger",))


@pytest.mark.parametrize(("place", "needed"), [*((one, True) for one in OF_ALL), *((one, False) for one in OF_SOME)])
def test_a_field_that_is_missing_is_refused_or_not_looked_for(recorded, place, needed):
    path = recorded / "run.json"
    before = path.read_bytes()
    made = with_value(json.loads(before), place, lambda holder, key: holder.pop(key))
    path.write_text(json.dumps(made))
    try:
        if needed:
            with pytest.raises(RunUnreadable, match="is missing, or not as a run has it"):
                read_run(recorded)
        else:
            run_page(read_run(recorded))
    finally:
        path.write_bytes(before)


def test_horizons_without_a_row_of_their_table_are_refused(recorded):
    path = recorded / "run.json"
    before = path.read_bytes()
    made = json.loads(before) | {"robustness": None, "rules": None}
    made["horizons"] = made["horizons"][:-1]
    path.write_text(json.dumps(made))
    try:
        with pytest.raises(RunUnreadable, match=r"'horizons' are not those of horizons\.parquet"):
            read_run(recorded)
    finally:
        path.write_bytes(before)


@pytest.fixture(scope="module")
def others(tmp_path_factory):
    """A recorded search and a recorded comparison, which each test leaves as they were."""
    root = tmp_path_factory.mktemp("attacked")
    (root / "backtest.toml").touch()
    grid = ["--grid", "detector.sessions=4,5", "--grid", "detector.threshold=0.005,0.01", "--horizon", "5"]
    with contextlib.chdir(root):
        assert status_of(["tune", "streak5", *grid, "--json"]) == 0
        assert status_of(["compare", "streak5", "first_cut", "--json"]) == 0
    (search,) = root.glob("reports/streak5/tune-*/tune.json")
    (comparison,) = root.glob("reports/compare/*.json")
    return {"search": search, "comparison": comparison}


@pytest.mark.parametrize("kind", ["search", "comparison"])
@pytest.mark.parametrize("seed", range(30))
def test_a_damaged_search_or_comparison_is_refused_or_exported(others, kind, seed, tmp_path):
    summary = others[kind]
    what, (name, content) = damage_of(summary.parent, random.Random(seed), summary.name)
    path = summary.with_name(name)
    before = path.read_bytes()
    path.unlink() if content is None else path.write_bytes(content)
    said = ""
    try:
        handout = gather_handout(tmp_path, str(summary.parent if kind == "search" else summary))
        for form in ("md", "csv", "svg"):
            hand_out(handout, form, tmp_path / ("tables" if form == "csv" else f"out.{form}"), table=None, dark=False)
    except (RunUnreadable, ExportRefused, NotFound) as refused:
        said = str(refused)
    finally:
        path.write_bytes(before)
    assert len(said) < LONGEST, what


def asked(folder, use, prices):
    """Ask a detector as a study does."""
    detector = find_detector(use, folder)
    values = detector.check({}, "here")
    detector.pattern(values)
    return detector.condition(prices, values)


@pytest.mark.parametrize(("name", "source"), sources().items())
def test_a_hostile_detector_is_a_refusal(workspace, history_of, name, source):
    folder = workspace.root / "strategies"
    (folder / f"{name}.py").write_text(source, encoding="utf-8", errors="surrogatepass")
    prices = history_of({"A": [1.0] * 200})
    with pytest.raises(DetectorFailed) as refused:
        asked(folder, f"{name}.py", prices)
    assert len(str(refused.value)) < LONGEST


def test_hostile_detectors_take_no_other_strategy_down(workspace):
    folder, made = workspace.root / "strategies", sources()
    names = ("raises1", "answers10", "default0", "named0", "reads", "file0")
    for name in names:
        (folder / f"{name}.py").write_text(made[name], encoding="utf-8")
        (folder / f"{name}.toml").write_text(STRATEGY.format(name=name), encoding="utf-8")
    rows = {row["strategy"]: row for row in watch(workspace, [*names, "streak5"], "sample", None)["strategies"]}
    assert {name for name, row in rows.items() if row["refusal"]} == set(names)


def test_a_detector_that_hangs_and_catches_everything_is_stopped(workspace, history_of, monkeypatch):
    monkeypatch.setenv(SETTING, "0.2")
    folder = workspace.root / "strategies"
    loop = "for _ in range(2):\n        try:\n            while True: pass\n        except BaseException: pass\n"
    (folder / "hangs.py").write_text(f"{BODY}{DETECT}{loop}    while True: pass\n", encoding="utf-8")
    begun = time.monotonic()
    detector = find_detector("hangs.py", folder)
    with pytest.raises(DetectorFailed, match=r"it was stopped after 0.2 seconds\. Fix it, or set BACKTEST_DETECTOR"):
        detector.condition(history_of({"A": [1.0] * 200}), {})
    assert time.monotonic() - begun < 10


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system forks no process")
def test_a_process_that_a_detector_forks_ends_as_it_asks(workspace, history_of):
    folder = workspace.root / "strategies"
    fork = "pid = os.fork()\n    if pid == 0: os._exit(7)\n    status = os.waitpid(pid, 0)[1]\n"
    flagged = "    return Condition(met & (os.waitstatus_to_exitcode(status) == 7), met | True)\n"
    (folder / "forks.py").write_text(f"import os\n{BODY}{DETECT}{fork}{flagged}", encoding="utf-8")
    before = os._exit
    condition = asked(folder, "forks.py", history_of({"A": [1.0] * 200}))
    assert condition.met.sum() == 4
    assert os._exit is before


@pytest.mark.parametrize("text", ["x", "-1", "nan"])
def test_a_limit_that_is_no_number_of_seconds_is_refused(workspace, monkeypatch, text):
    monkeypatch.setenv(SETTING, text)
    (workspace.root / "strategies" / "own.py").write_text(f"{BODY}{DETECT}return met\n", encoding="utf-8")
    with pytest.raises(DetectorFailed, match=f"{SETTING}={text}: is not a number of seconds"):
        find_detector("own.py", workspace.root / "strategies")


def test_no_timer_runs_after_an_answer():
    import signal

    with limited(5):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_the_folder_of_a_killed_run_goes_and_that_of_a_live_one_stays(tmp_path):
    killed = tmp_path / ".unfinished-killed"
    killed.mkdir()
    os.utime(killed, (0, 0))
    (fresh := tmp_path / ".unfinished-fresh").mkdir()
    with unfinished(tmp_path) as live:
        assert not killed.exists()
        os.utime(live, (0, 0))  # however long it takes
        assert orphans(tmp_path) == []
    assert fresh.is_dir()
    assert not live.exists()


def test_the_latest_of_twelve_runs_of_one_second_is_the_twelfth(tmp_path):
    for end in ("", *(f"-{i}" for i in range(2, 13))):
        folder = tmp_path / "streak5" / f"20260101T000000Z-0000000a{end}"
        folder.mkdir(parents=True)
        (folder / "run.json").touch()
    assert find_run(tmp_path, "streak5").name.endswith("-12")


def test_a_folder_whose_name_is_not_utf8_is_no_run(tmp_path):
    folder = tmp_path / "streak5" / os.fsdecode(b"x\xff")
    try:
        folder.mkdir(parents=True)
    except OSError:
        pytest.skip("this file system takes only UTF-8")
    (folder / "run.json").touch()
    assert run_folders(tmp_path) == []
    refresh_index(tmp_path)


def test_an_index_that_cannot_be_written_is_a_warning(tmp_path):
    (tmp_path / "index.html").mkdir()
    with pytest.warns(NotListed, match="the list of runs is not up to date"):
        refresh_index(tmp_path)
    assert run_lines(tmp_path) == []


def test_a_whole_number_beyond_64_bits_is_refused_where_it_is_read(workspace):
    from backtest.spec.strategy import load_strategy

    path = workspace.root / "strategies" / "huge.toml"
    path.write_text(
        f'schema = 1\ntitle = "t"\n[detector]\nuse = "streak"\nsessions = 0x{"f" * 6000}\n', encoding="utf-8"
    )
    with pytest.raises(StrategyInvalid, match="a whole number has 24,000 bits, and TOML has 64"):
        load_strategy(path)
    assert issubclass(StrategyInvalid, BacktestError)
