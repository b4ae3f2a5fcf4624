"""The page of several assets: one table, and the figures of the asset that the reader chooses."""

from __future__ import annotations

import html
import json
import re
from copy import deepcopy

import numpy as np
import pytest

from backtest.model import measured_by
from backtest.record.read import read_run
from backtest.record.schema import BY_ASSET
from backtest.record.tables import in_blocks, to_table
from backtest.record.write import write_run
from backtest.report.pages.run.page import run_page

from .firm_record import with_robustness
from .html_tree import parse
from .records import small_run, without_benchmark
from .test_in_browser import drawn, needs_browser, opened


def page_of(folder, *, benchmark=True, firm=False, tested=True):
    """Draw a run of two assets: the second, Other, returned half of what the first did over one session."""
    run, columns = small_run()
    if firm:
        with_robustness(run, columns)
    if not benchmark:
        without_benchmark(run, columns)
    of = measured_by(run["legs"])
    tables = {name: to_table(name, found, of) for name, found in columns.items()}
    legs, horizons, rests = run.pop("legs"), run.pop("horizons"), run.pop("robustness", None)
    cells = [
        {
            "horizon": row["horizon"],
            "events": 3,
            "n": 3,
            of.mean: 0.01,
            of.base_mean: 0.0,
            "p_value": 0.5,
            "verdict": "–",
        }
        for row in horizons
    ]
    rules = [{"rule": "own", "day0": "trigger", "cooldown": 0, "investable": True, "horizons": cells}]
    other = deepcopy(horizons)
    other[0] |= {"asset_mean": 0.5 * horizons[0]["asset_mean"], "excess": 0.25, "n": 2}
    if not tested:
        other[1] |= {"p_value": None, "p_adjusted": None}
    half = deepcopy(columns["forward_returns"])
    half["asset"] = 0.5 * np.array(half["asset"], dtype=float)
    forward = {"small": tables["forward_returns"], "Other": to_table("forward_returns", half, of)}
    blocks = {
        name: in_blocks(forward if name == "forward_returns" else {"small": tables[name], "Other": tables[name]})
        for name in BY_ASSET
        if name in tables
    }
    levels = tables["history"].select(["session", *of.held])
    tables |= {**blocks, "levels": in_blocks({"small": levels, "Other": levels})}
    tables["history"] = tables["history"].drop_columns(list(of.held))
    del tables["trades"], tables["equity"]
    about = {
        "legs": legs,
        "sample": run["sample"] | {"eligible": run["sample"]["sessions"]},
        "rules": rules,
        "notes": [],
        **({"robustness": rests} if rests else {}),
    }
    assets = [
        {"name": "small", **about, "horizons": horizons},
        {"name": "Other", **about, "horizons": other},
    ]
    run |= {"schema": 2, "assets": assets, "trade": None}
    run["parameters"]["measure.asset"] = ["small", "Other"]
    write_run(folder / "run", run, tables)
    return run_page(read_run(folder / "run"))


def test_every_asset_stands_at_each_horizon(tmp_path):
    page = parse(page_of(tmp_path))
    rows = [cells for cells in page.rows if cells and cells[0] in ("small", "Other") and len(cells) > 8]
    assert [cells[0] for cells in rows] == ["small", "Other"] * (len(rows) // 2)
    assert rows[0][1:3] == ["3", "+3.67 pp +0.01 pp"]
    assert rows[0][-2:] == ["+3.21%", "−0.46%"]
    assert rows[1][1] == "2"
    assert rows[1][-2] == "+1.60%"
    assert rows[1][3] == "+25.00 pp"
    assert [one["legs"]["asset"] for one in page.data["assets"]] == ["small", "Other"]
    assert "As a trade" not in page.headings


@needs_browser
@pytest.mark.parametrize("benchmark", [True, False])
def test_the_reader_chooses_whose_path_and_outcomes_are_shown(tmp_path, benchmark):
    page = page_of(tmp_path, benchmark=benchmark)
    document, console = opened(tmp_path, page)
    assert console == []
    charts = ["excess", "history", "indicator", "legs-0", "legs-1", "look-0", "look-1", "look-2", "look-3"]
    charts += ["spread-0", "spread-1"] if benchmark else []
    assert drawn(document) == [f"chart-{chart}" for chart in charts]
    # A browser restores an earlier choice: the second asset.
    chosen = page.replace('<option value="0" selected>small<', '<option value="0">small<').replace(
        '<option value="1">Other<', '<option value="1" selected>Other<'
    )
    document, console = opened(tmp_path, chosen)
    assert console == []
    assert set(re.findall(r'<span data-leg="asset">([^<]*)<', document)) == {"Other"}
    first, second = (re.findall(r"<td>([^<]*)<", text.split('id="events"')[1])[3] for text in (page, document))
    assert first != second
    parts = [attributes for _, attributes in parse(document).tags if "data-of-asset" in attributes]
    assert {part["data-of-asset"] for part in parts if "hidden" not in part} == {"1"}
    shown = re.findall(r'<tbody class="group" data-horizon="\d+" data-asset="(\d)"(?! hidden)>', document)
    assert shown == ["1"]


CHOOSING = """<!doctype html><body><iframe srcdoc="{page}"></iframe><p id="told"></p><script>
document.querySelector("iframe").addEventListener("load", ({{ target }}) => {{
  const inside = target.contentDocument;
  const shown = () => [...inside.querySelectorAll(".look:not([hidden]) h3")].map((head) => head.textContent);
  const choose = (selector, value) => {{
    const choice = inside.querySelector(selector);
    choice.value = value;
    choice.dispatchEvent(new Event("change"));
  }};
  const told = [shown()];
  choose(".choose-asset", "1");
  told.push(shown());
  choose("#choose-firm", "1");
  told.push(shown());
  choose(".choose-asset", "1"); // there, five sessions have no test
  told.push(shown());
  choose(".choose-asset", "0");
  told.push(shown());
  document.getElementById("told").textContent = JSON.stringify(told);
}});
</script>"""


@needs_browser
def test_how_firm_it_is_follows_the_asset_that_the_reader_chooses(tmp_path):
    page = html.escape(page_of(tmp_path, firm=True, tested=False), quote=True)
    document, _ = opened(tmp_path, CHOOSING.format(page=page))
    told = json.loads(html.unescape(re.search(r'<p id="told">(.*?)</p>', document, re.DOTALL)[1]))
    assert [len(shown) for shown in told] == [1] * 5
    assert [shown[0].partition(":")[0] for shown in told] == [
        "small, over 1 session, of which the verdict speaks", "Other, over 1 session", "small, over 5 sessions",
        "Other, over 1 session", "small, over 1 session, of which the verdict speaks",
    ]  # fmt: skip


def test_each_look_names_its_asset(tmp_path):
    page = parse(page_of(tmp_path, firm=True))
    looks = [heading for heading in page.headings if "taken alone" in heading]
    assert [look.partition(":")[0] for look in looks] == [
        "small, over 1 session, of which the verdict speaks", "small, over 5 sessions", "Other, over 1 session",
        "Other, over 5 sessions",
    ]  # fmt: skip
    assert "+25.00 pp over the base rate" in looks[2]
    assert page.text.count("Without 2024 nothing is left.") == 2  # beside the verdict, and with the other asset's look
