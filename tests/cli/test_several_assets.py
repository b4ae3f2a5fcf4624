"""A strategy of several assets on the command line, on the simulated sample."""

from __future__ import annotations

import html
import shlex

import pytest

from .test_one_series import UP, days, imported, levels, write

STRATEGY = """
schema = 1
title = "Small caps fall ten percent in a month"

[detector]
use = "move"
sessions = 21
threshold = 0.10
direction = "down"

[episodes]
cooldown = 63

[measure]
asset = ["small", "market_index"]
benchmark = ""
horizons = [5, 21]

[trade]
hold = 21

[[claim]]
said = "Which does better afterwards?"
on = 2024-07-16
open = true
"""


@pytest.fixture
def slump(folder):
    (folder / "strategies" / "slump.toml").write_text(STRATEGY, encoding="utf-8")
    return folder


def test_all_assets_stand_in_one_table(backtest, slump):
    done = backtest("run", "slump")
    assert done.status == 0, done.err
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert "sessions asset n return base hits base p p adj." in lines
    table = [line.split()[:2] for line in lines if line[:1].isdigit() and line.split()[1] in ("small", "market_index")]
    assert table == [["5", "small"], ["5", "market_index"], ["21", "small"], ["21", "market_index"]]
    assert "no benchmark: the returns of each asset beside its own base rate" in lines
    text = " ".join(lines)
    assert "all 4 looks considered (2 assets at 2 horizons)" in text
    assert "Trade: The trade holds one asset, and measure.asset names 2; run one alone for its trade" in text


@pytest.mark.parametrize(
    "value", ["small,market_index", "[small, market_index]", '["small", "market_index"]', " small , market_index "]
)
def test_set_takes_a_list_as_people_type_it(backtest, slump, value):
    found = backtest("run", "slump", "--set", f"measure.asset={value}", "--json")
    assert found.json["parameters"]["measure.asset"] == ["small", "market_index"]
    assert [one["name"] for one in found.json["assets"]] == ["small", "market_index"]


def test_one_asset_is_a_run_as_ever(backtest, slump):
    one, listed = (
        backtest("run", "slump", "--set", f"measure.asset={value}", "--json") for value in ("small", "[small]")
    )
    assert one.json["horizons"] == listed.json["horizons"]
    assert (listed.json["schema"], listed.json["parameters"]["measure.asset"]) == (1, "small")
    assert listed.json["trade"]["n_trades"] == one.json["trade"]["n_trades"] > 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("small,small", "names 'small' twice; name each asset once."),
        ("[]", "measure.asset = []: must have at least 1 item(s)."),
        ("small,,mega", 'measure.asset[1] = "": must have at least 1 character(s).'),
        ("small,smal", "measure.asset = 'smal': the dataset has no such role or series. Did you mean"),
    ],
)
def test_a_list_that_cannot_be_is_refused_in_one_line(backtest, slump, value, text):
    done = backtest("run", "slump", "--set", f"measure.asset={value}")
    assert (done.status, len(done.err.splitlines())) == (1, 1)
    assert text in done.err


def test_the_command_on_the_page_repeats_the_run(backtest, slump):
    first = backtest("run", "slump", "--json").json
    page = (slump / first["files"]["report"]).read_text(encoding="utf-8")
    command = html.unescape(page[page.index("backtest run slump") :].partition("<")[0])
    again = backtest(*shlex.split(command)[1:], "--json").json
    assert again["assets"] == first["assets"]


def test_every_other_command_knows_the_assets(backtest, slump):
    run = backtest("run", "slump", "--json").json
    assert backtest("report", "slump").status == 0
    assert [row["run"] for row in backtest("list", "runs", "--json").json["runs"]] == [run["run_id"]]
    assert f"{run['run_id'][-8:]}  " in backtest("list", "runs").out
    claim = backtest("claims", "slump", "--json").json["claims"][0]
    assert claim["why"] == "The values are simulated."
    content = backtest("compare", "slump", "streak5", "--json").json
    assert [one["label"] for one in content["studies"]] == ["slump small", "slump market_index", "streak5"]
    found = backtest("tune", "slump", "--grid", "threshold=0.08,0.1", "--json")
    assert "slump: its 2 assets are tried one by one, as measure.asset." in found.err
    assert (found.json["n_sets"], found.json["looks"]) == (4, 8)
    again = found.json["sets"][2:]  # the strategy's own threshold
    for one, asset in zip(again, run["assets"], strict=True):
        assert one["parameters"]["measure.asset"] == asset["name"]
        assert [row["p_value"] for row in one["horizons"]] == [row["p_value"] for row in asset["horizons"]]


def test_watch_tells_of_each_asset(backtest, slump):
    event = backtest("run", "slump", "--json").json["events"][-1]["day0"]
    seen = backtest("watch", "slump", "--on", event)
    assert seen.status == 0, seen.err
    assert [line.split()[:3] for line in seen.out.splitlines() if line.startswith("slump ") and "0 of 5" in line] == [
        ["slump", "small", event],
        ["slump", "market_index", event],
    ]
    assert "1 event pending" in " ".join(seen.out.split())
    pending = backtest("watch", "slump", "--on", event, "--json").json["strategies"][0]["pending"]
    assert [one["asset_name"] for one in pending] == ["small", "small", "market_index", "market_index"]


def test_an_open_claim_is_answered_by_every_asset(backtest, slump):
    write(slump, "Date,AAA,BBB", days(120), levels(120), levels(120, 50.0, UP[3:] + UP[:3]))
    imported(backtest)
    text = (
        'schema = 1\ntitle = "Two up"\n[detector]\nuse = "streak"\nseries = "AAA"\nsessions = 2\nthreshold = 0.0\n'
        '[measure]\nasset = ["AAA", "BBB"]\nbenchmark = ""\nhorizons = [1, 5]\n'
        '[claim]\nsaid = "Two up sessions, and then?"\non = 2019-06-03\nopen = true\n'
    )
    (slump / "strategies" / "said.toml").write_text(text, encoding="utf-8")
    done = backtest("claims", "said", "--dataset", "mine", "--json")
    (claim,) = done.json["claims"]
    run = backtest("run", "said", "--dataset", "mine", "--json").json
    keys = ("horizon", "n", "asset_mean", "base_asset_mean", "excess", "p_value", "p_adjusted")
    assert claim["horizons"] == [
        {"asset_name": one["name"], **{key: row[key] for key in keys}}
        for one in run["assets"]
        for row in one["horizons"]
    ]
    assert claim["study"] == run["verdict"]
    shown = " ".join(backtest("claims", "said", "--dataset", "mine").out.split())
    assert "smallest adjusted p of 4 looks" in shown.replace(" open ", " ")
    page = (slump / done.json["files"]["report"]).read_text(encoding="utf-8")
    assert '<th scope="row" class="name">BBB</th>' in page
