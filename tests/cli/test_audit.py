"""``backtest audit``, and the sample inside ``run``, ``tune`` and ``compare`` of a detector of one's own."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import pytest

from backtest import run_strategy
from backtest.cli.audit import _sum as summed
from backtest.errors import LooksAhead
from backtest.lookahead import sample as sampled

ROOT = Path(__file__).resolve().parents[2]
TOML = """schema = 1
title = "Planted"
[detector]
use = "own.py"
[measure]
asset = "small"
benchmark = "mega"
horizons = [5, 21]
[tune]
"detector.least" = [0.02, 0.03]
"""
LEAK = """
def detect(prices, *, least: float = 0.02, series: str = "small_index", other: str = "market_index"):
    close, more = prices.pandas(series), prices.pandas(other)
    return (close.shift(-1) / close - 1 > least) & (more > more.shift(1))
"""
HONEST = LEAK.replace("close.shift(-1) / close", "close / close.shift(1)")


def planted():
    spec = importlib.util.spec_from_file_location("planted", ROOT / "tests" / "lookahead" / "planted.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PLANTED = planted()


@pytest.fixture
def own(folder: Path):
    def write(text: str, name: str = "own", toml: str = TOML) -> Path:
        (folder / "strategies" / f"{name}.py").write_text(text, encoding="utf-8")
        path = folder / "strategies" / f"{name}.toml"
        path.write_text(toml.replace("own.py", f"{name}.py"), encoding="utf-8")
        return path

    return write


def test_no_built_in_is_accused(backtest):
    done = backtest("audit", "streak5", "ratecut", "rotation")
    assert done.status == 0
    assert done.out.count("no look-ahead in") == 3
    assert "0 of 3 strategies look ahead." in done.out
    assert max(len(line) for line in done.out.splitlines()) <= 80


def test_a_leak_is_one_line_with_session_and_series(backtest, own):
    own(LEAK)
    done = backtest("audit", "own", "streak5")
    assert done.status == 1
    text = " ".join(done.out.split())
    line = re.search(
        r"own: detector \(own\.py\): LOOKS AHEAD \(\w+\): its answer on (\S+) depends on (\w+) after (\S+?)\.", text
    )
    assert line is not None
    assert line[2] == "SIM_SMALL_INDEX"
    assert line[1] <= line[3]
    assert "1 of 2 strategies looks ahead." in text


@pytest.mark.parametrize(
    ("results", "text"),
    [
        ("clean clean", "0 of 2 strategies look ahead."),
        ("clean leak refused", "1 of 2 strategies looks ahead. 1 could not be audited."),
        ("clean refused unrepeatable", "0 of 1 strategy looks ahead. 2 could not be audited."),
        ("refused refused", "2 could not be audited."),
    ],
)
def test_the_sum_is_of_the_strategies_that_were_judged(results, text):
    made = {
        "clean": {"clean": True, "conditions": [{"leak": None}]},
        "leak": {"clean": False, "conditions": [{"leak": None}, {"leak": {"text": "…"}}]},
        "refused": {"clean": False, "conditions": []},
        "unrepeatable": {"clean": False, "conditions": [{"leak": None}]},
    }
    assert summed([made[one] for one in results.split()]) == text


def test_json_holds_all_of_it(backtest, own):
    own(LEAK)
    done = backtest("audit", "own", "--json")
    assert done.status == 1
    (strategy,) = done.json["strategies"]
    (condition,) = strategy["conditions"]
    assert strategy["clean"] is False
    assert condition["leak"]["series"] == ["SIM_SMALL_INDEX"]
    assert {finding["kind"] for finding in condition["findings"]} == {"truncation", "future"}
    assert condition["histories"] > 200
    assert done.json["dataset"]["name"] == "sample"


def test_one_for_other_data_stops_nothing_unless_it_was_named(backtest, own):
    own(HONEST, "other", TOML.replace('title = "Planted"', 'title = "Other"').replace('"small"', '"nowhere"'))
    own(HONEST.replace("small_index", "nowhere"), "lost")
    lost = backtest("audit", "lost", "--json")
    assert lost.status == 1
    assert "nowhere" in lost.json["strategies"][0]["refused"]
    everything = backtest("audit", "--json")
    assert everything.status == 0
    assert {"lost", "other", "streak5"} <= {one["strategy"] for one in everything.json["strategies"]}


@pytest.mark.parametrize("name", PLANTED.NEEDED)
def test_a_run_of_what_looks_ahead_is_refused(backtest, own, folder, name):
    own(PLANTED.source(name).replace('"A"', '"small_index"').replace('"B"', '"mega"'), toml=TOML.partition("[tune]")[0])
    done = backtest("run", "own", "--no-trade")
    assert done.status == 1
    assert done.out == ""
    (line,) = done.err.splitlines()
    assert re.match(r"Error: .*own\.toml on sample: detector \(own\.py\) looks ahead: its answer on \d{4}-", line)
    assert "depends on SIM_SMALL_INDEX after" in line
    assert "--allow-lookahead" in line
    assert not list((folder / "reports").glob("own/*"))


def test_allowed_it_runs_and_everything_says_so(backtest, own, folder):
    own(LEAK)
    done = backtest("run", "own", "--no-trade", "--allow-lookahead")
    assert done.status == 0
    assert "LOOK-AHEAD: detector (own.py) looks ahead" in " ".join(done.out.split())
    (report,) = (folder / "reports").glob("own/*/report.html")
    run = json.loads(report.with_name("run.json").read_text(encoding="utf-8"))
    assert run["lookahead"]["allowed"] is True
    assert run["lookahead"]["series"] == ["SIM_SMALL_INDEX"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", run["lookahead"]["session"])
    assert run["notes"][0]["about"] == "look-ahead"
    page = report.read_text(encoding="utf-8")
    assert '<aside class="lookahead" aria-label="Look-ahead">' in page
    assert "--allow-lookahead" in page  # in the command that repeats it
    assert "LOOKS AHEAD" in (folder / "reports" / "index.html").read_text(encoding="utf-8")
    compared = backtest("compare", run["run_id"], "streak5", "--json").json
    assert compared["studies"][0]["lookahead"] == run["lookahead"]
    assert compared["studies"][1]["lookahead"] is None
    page = (folder / compared["files"]["report"]).read_text(encoding="utf-8")
    assert page.count('<aside class="lookahead" aria-label="Look-ahead">') == 1
    assert "LOOKS AHEAD" in page


def test_tune_and_compare_refuse_and_allow_likewise(backtest, own, folder):
    own(LEAK)
    for command in (("tune", "own"), ("compare", "own", "streak5")):
        refused = backtest(*command)
        assert refused.status == 1
        assert "looks ahead" in refused.err
        allowed = backtest(*command, "--allow-lookahead")
        assert allowed.status == 0
        assert "LOOK-AHEAD" in allowed.out
        page = folder / allowed.out.split("Report: ")[1].strip()
        assert '<aside class="lookahead" aria-label="Look-ahead">' in page.read_text(encoding="utf-8")


def test_python_refuses_and_allows_likewise(own, folder):
    path = own(LEAK)
    with pytest.raises(LooksAhead, match="SIM_SMALL_INDEX"):
        run_strategy(str(path), trade=False)
    study = run_strategy(str(path), trade=False, allow_lookahead=True)
    assert study.summary["lookahead"]["allowed"] is True


def test_what_was_found_is_kept_until_something_changes(backtest, own, folder, monkeypatch):
    asked = []
    real = sampled.audit
    monkeypatch.setattr(sampled, "audit", lambda *given: asked.append(1) or real(*given))
    own(HONEST)

    def run(*more: str) -> int:
        done = backtest("run", "own", "--no-trade", "--json", *more)
        assert done.status == 0, done.err
        assert done.json["lookahead"] is None
        return len(asked)

    assert (run(), run()) == (1, 1)
    assert run("--set", "detector.least=0.03") == 2
    (folder / "strategies" / "sibling.py").write_text("X = 1\n", encoding="utf-8")
    assert (run(), run()) == (3, 3)
    own(HONEST + "\n# changed\n")
    assert (run(), run()) == (4, 4)
    for below, counts in (("lib/helpers", True), (".hidden", False), ("venv", False)):
        (folder / "strategies" / below).mkdir(parents=True)
        (folder / "strategies" / "venv" / "pyvenv.cfg").touch() if below == "venv" else None
        (folder / "strategies" / below / "helper.py").write_text("X = 1\n", encoding="utf-8")
        assert run() == (5 if counts else len(asked))
    assert len(asked) == 5
    kept = list((folder / "reports" / ".audit").glob("*.json"))
    assert len(kept) == 5
    for path, damage in zip(kept, ("", "{", '{"key": 1}', '[["deep"]]', "[]"), strict=True):
        path.write_text(damage, encoding="utf-8")
    assert (run(), run()) == (6, 6)
    assert backtest("run", "streak5", "--no-trade", "--json").json["lookahead"] is None
    assert len(asked) == 6  # what is built in is not sampled


def test_events_of_what_looks_ahead_are_refused_or_marked(backtest, own):
    own(LEAK)
    refused = backtest("events", "own")
    assert (refused.status, refused.out) == (1, "")
    assert re.search(r"own\.toml on sample: detector \(own\.py\) looks ahead: .* --allow-lookahead", refused.err)
    allowed = backtest("events", "own", "--allow-lookahead")
    assert allowed.status == 0
    assert "LOOK-AHEAD: detector (own.py) looks ahead" in " ".join(allowed.out.split())
    content = backtest("events", "own", "--allow-lookahead", "--json").json
    assert content["lookahead"]["series"] == ["SIM_SMALL_INDEX"]
    assert content["notes"][0]["about"] == "look-ahead"
    assert content["n_events"] > 0
    own(HONEST)
    assert backtest("events", "own", "--json").json["lookahead"] is None
    assert "LOOK-AHEAD" not in backtest("events", "own").out


def test_a_run_that_was_allowed_is_marked_in_lists_and_notebooks(backtest, own):
    path = own(LEAK)
    backtest("run", "own", "streak5", "--no-trade", "--allow-lookahead")
    rows = backtest("list", "runs", "--json").json["runs"]
    assert {row["strategy"]: row["dataset"] for row in rows} == {
        "own": "sample (simulated) (LOOKS AHEAD)",
        "streak5": "sample (simulated)",
    }
    study = run_strategy(str(path), trade=False, allow_lookahead=True)
    assert "<b>LOOK-AHEAD: detector (own.py) looks ahead: its answer on " in study._repr_html_()
    assert "on SIMULATED data, LOOKS AHEAD. " in repr(study)
    own(HONEST)
    study = run_strategy(str(path), trade=False)
    assert "LOOK" not in study._repr_html_().upper().replace("LOOKING", "")
    assert "LOOK" not in repr(study)


def test_a_file_is_executed_at_most_three_times_for_a_run_and_prints_once(backtest, own, folder):
    log = str(folder / "executed")
    own(f"with open({log!r}, 'a') as f:\n    f.write('x')\nprint('HELLO')\n" + HONEST)
    done = backtest("run", "own", "--no-trade", "--json")
    assert done.json["lookahead"] is None
    assert (folder / "executed").read_text(encoding="utf-8") == "xxx"
    assert done.err.count("HELLO") == 1
    backtest("run", "own", "--no-trade")
    assert (folder / "executed").read_text(encoding="utf-8") == "xxxx"  # what was found is kept


def test_a_sentence_ends_with_one_stop(backtest, own):
    short = "    if len(prices) < 300:\n        raise ValueError('too short')\n"
    own(HONEST.replace('"market_index"):\n', f'"market_index"):\n{short}'))
    done = backtest("audit", "own")
    assert done.status == 0
    assert "too short (own.py, line 4)." in " ".join(done.out.split())
    assert ".." not in done.out


def test_a_random_detector_runs_with_a_note(backtest, own):
    own("import numpy as np\ndef detect(prices):\n    return np.random.default_rng().random(len(prices)) > 0.99\n",
        toml=TOML.partition("[tune]")[0])  # fmt: skip
    run = backtest("run", "own", "--no-trade", "--json").json
    assert run["lookahead"] is None
    assert "answers differently when run again" in run["notes"][0]["text"]
    assert backtest("audit", "own").status == 1
