from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import tomllib

import pytest

from backtest.model.home import Home, PageLink, RunLine, facts_of
from backtest.model.labels import Labels
from backtest.record.read import Record
from backtest.report.kit.embed import ROOT, data_json
from backtest.report.pages.compare.page import compare_page
from backtest.report.pages.index.page import index_page
from backtest.report.pages.run.page import run_page
from backtest.report.pages.tune.page import tune_page

from .html_tree import parse
from .payloads import comparison, tuning
from .records import RUN, small_run, written

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\" onload='x' <!-- \u2028 {{ 7*7 }} &amp;"
KEEP = {"created", "status", "schema", "about", "sort", "judges", "on"}


def poisoned(value, key=""):
    """Every string that is not a date, a known word or a number becomes hostile."""
    if isinstance(value, dict):
        return {name: poisoned(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [poisoned(item, key) for item in value]
    if isinstance(value, str) and key not in KEEP and not re.match(r"\d{4}-", value):
        return HOSTILE
    return value


def poisoned_run(run):
    """A run whose strings are hostile, but for those that become part of a path: with them it is not read at all."""
    bad = {**poisoned(run), **{key: run[key] for key in ("run_id", "strategy", "files") if key in run}}
    bad["dataset"]["name"] = run["dataset"]["name"]
    for unit, good in zip(*((one.get("robustness") or {}).get("influence", []) for one in (bad, run)), strict=True):
        unit["unit"] = good["unit"]
    return bad


def shape(html):
    """Elements with the names of their attributes: what hostile strings must not change."""
    return [(tag, sorted(attributes)) for tag, attributes in parse(html).tags]


def index(run, text="x"):
    """The home page of one run with labels and one comparison, and of one that cannot be read."""
    own = {"labels": Labels(text, (text,), text), "facts": facts_of({**run, "overrides": {"detector.x": text}})}
    lines = [
        RunLine(run["strategy"], run["run_id"], run["run_id"], run["created"], **own),
        RunLine(text, text, text, text, refusal=text),
    ]
    return index_page(Home(lines, [PageLink(f"compare/{text}.html", text, text, text)]))


def pages(tmp_path):
    run, columns = small_run()
    return {
        "run": run_page(written(tmp_path / "run", run, columns)),
        "compare": compare_page(comparison()),
        "tune": tune_page(tuning()),
        "index": index(RUN),
    }


def hostile_pages(tmp_path):
    run, columns = small_run()
    return {
        "run": run_page(written(tmp_path / "bad", poisoned_run(run), columns)),
        "compare": compare_page(poisoned(comparison())),
        "tune": tune_page({**poisoned(tuning()), "grid": {HOSTILE: ["<b>", "</script>"]}}),
        "index": index(poisoned_run(RUN), HOSTILE),
    }


@pytest.mark.parametrize("name", ["run", "compare", "index"])
def test_hostile_strings_add_no_element_and_no_attribute(tmp_path, name):
    assert shape(hostile_pages(tmp_path)[name]) == shape(pages(tmp_path)[name])


@pytest.mark.parametrize("name", ["run", "compare", "tune", "index"])
def test_hostile_strings_bring_no_script_and_are_never_evaluated(tmp_path, name):
    page = parse(hostile_pages(tmp_path)[name])
    assert all("alert(" not in script for script in page.scripts)
    assert "img" not in [tag for tag, _ in page.tags]
    assert not [value for _, attributes in page.tags for value in attributes if value.startswith("on")]
    assert "{{ 7*7 }}" in page.text


def test_hostile_names_reach_the_charts_as_plain_strings(tmp_path):
    assert parse(hostile_pages(tmp_path)["run"]).data["assets"][0]["legs"]["asset"] == HOSTILE.replace("\u2028", " ")


TURNING = [*map(chr, range(0x202A, 0x202F)), *map(chr, range(0x2066, 0x206A))]
CONTROLS = "".join(TURNING) + "\x00\x1b\x85\ud800"


def turned(value, key=""):
    """Every free text carries all control characters, and breaks its line."""
    if isinstance(value, dict):
        return {name: turned(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [turned(item, key) for item in value]
    if isinstance(value, str) and key not in KEEP and not re.match(r"\d{4}-", value):
        return f"one{CONTROLS}\n\r\ntwo"
    return value


@pytest.mark.parametrize("name", ["run", "compare", "tune", "index"])
def test_control_characters_are_shown_and_turn_nothing(tmp_path, name):
    grid = {f"key{CONTROLS}": [f"a{CONTROLS}\nb"]}
    run = {**turned(RUN), "strategy": RUN["strategy"], "run_id": RUN["run_id"]}  # names of folders
    record = written(tmp_path, *small_run())
    html = {
        "run": lambda: run_page(Record(record.folder, run, record.tables)),
        "compare": lambda: compare_page(turned(comparison())),
        "tune": lambda: tune_page({**turned(tuning()), "grid": grid}),
        "index": lambda: index(run),
    }[name]()
    assert not set(html) & set(CONTROLS)
    page = parse(html)
    assert "one\\u202a\\u202b\\u202c\\u202d\\u202e\\u2066\\u2067\\u2068\\u2069\\u0000\\u001b \\ud800 two" in page.text
    html.encode()  # half a character cannot be written
    texts = json.dumps(page.data, ensure_ascii=False)
    assert not set(texts) & set(CONTROLS)
    assert "\\n" not in texts.replace("\\\\", "")


def test_the_command_that_repeats_a_run_keeps_its_meaning(tmp_path):
    run, columns = small_run()
    run["parameters"] = {"measure.asset": "a\u202eb"}
    html = run_page(written(tmp_path, run, columns))
    command = parse(html).text.split("To repeat it")[-1].split("--set ")[1].split(" --no-trade")[0]
    assert tomllib.loads(shlex.split(command)[0].replace("measure.asset=", "x = "))["x"] == "a\u202eb"


def test_no_script_of_ours_writes_markup():
    scripts = sorted(ROOT.rglob("*.js"))
    assert scripts
    for script in scripts:
        assert not re.search(r"(inner|outer)HTML|insertAdjacent|document\.write|eval\(|Function\(", script.read_text())


def test_data_cannot_break_out_of_their_element():
    text = data_json({"a": "</script><!--\u2028\u2029&"})
    assert not set(text) & set("<>&\u2028\u2029")


@pytest.mark.parametrize("name", ["run", "compare", "tune", "index"])
def test_a_page_loads_nothing(tmp_path, name):
    html = pages(tmp_path)[name]
    page = parse(html)
    outward = [
        (tag, key, value)
        for tag, attributes in page.tags
        for key, value in attributes.items()
        if key in ("src", "href", "action", "data", "poster", "srcset")
        and not (value or "").startswith(("#", "./", "../../index.html"))
    ]
    assert outward == []
    assert "link" not in [tag for tag, _ in page.tags]
    style = html.split("<style>")[1].split("</style>")[0]
    assert not re.search(r"url\(|@import|https?:", style)


@pytest.mark.parametrize("name", ["run", "compare", "tune", "index"])
def test_the_policy_forbids_the_network_and_names_every_script(tmp_path, name):
    page = parse(pages(tmp_path)[name])
    policy = next(a["content"] for tag, a in page.tags if tag == "meta" and a.get("http-equiv"))
    assert policy.startswith("default-src 'none'; script-src ")
    assert policy.count("sha256-") == len(page.scripts)
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]


def test_the_index_links_to_each_report(tmp_path):
    page = parse(index(RUN))
    links = [a["href"] for tag, a in page.tags if tag == "a"]
    assert links == ["./streak5/20260901T120000Z-0a1b2c3d/report.html", "./compare/x.html"]


WITHOUT_PANDAS = """
import sys
from pathlib import Path
import pyarrow.parquet as pq
from backtest.record.read import Record, read_summary
from backtest.report.pages.run.page import run_page
folder = Path(sys.argv[1])
tables = {path.stem: pq.ParquetFile(path).read() for path in folder.glob("*.parquet")}
run_page(Record(folder, read_summary(folder), tables))
sys.exit("pandas" in sys.modules)
"""


def test_drawing_a_run_needs_no_pandas(tmp_path):
    folder = written(tmp_path, *small_run()).folder
    assert subprocess.run([sys.executable, "-c", WITHOUT_PANDAS, str(folder)], check=False).returncode == 0
