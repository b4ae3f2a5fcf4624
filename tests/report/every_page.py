"""A page of every kind, made by the commands on the simulated sample; without an event, by a record written by hand."""

from __future__ import annotations

from pathlib import Path

from backtest.cli import status_of
from backtest.report.pages.run.page import run_page

from .records import small_run, without_events, written

RUN = ("run", "--quiet", "--dataset", "sample")
COMMANDS = {
    "run": (*RUN, "streak5"),
    "run by the calendar": (*RUN, "streak5", "--set", 'measure.horizons=["1w","1m","1y","5y"]'),
    "run of several assets": (*RUN, "streak5", "--set", 'measure.asset=["small","market"]', "--no-trade"),
    "run of one event": (*RUN, "streak5", "--since", "2023"),
    "run of an asset alone": (*RUN, "day_gain", "--set", "measure.benchmark=none"),
    "run of hundreds of events": (*RUN, "three_up", "--no-trade"),
    "run without events": (),
    "run on a panel": ("run", "--quiet", "--dataset", "sample-panel", "streak5_panel"),
    "run on a panel of assets alone": (
        *("run", "--quiet", "--dataset", "sample-panel", "streak5_panel", "--set", "measure.benchmark=none"),
        *("--since", "2022"),
    ),
    "search": ("tune", "streak5", "--grid", "detector.sessions=4,5", "--grid", "detector.threshold=0.0075,0.01"),
    "search of one parameter": ("tune", "streak5", "--grid", "detector.sessions=3,4,5"),
    "comparison": ("compare", "streak5", "rotation"),
    "comparison of many": (
        "compare",
        "streak5",
        "--vary",
        "detector.sessions=3:6:1",
        "--vary",
        "threshold=0.005,0.01,0.015",
    ),
    "claims": ("claims",),
    "detector": ("show", "streak", "--page"),
    "all detectors": ("show", "detectors", "--page"),
    "home": (),
}
"""What makes each kind of page; home is last, as it lists the others."""


def make(folder: Path) -> dict[str, Path]:
    """Make a page of each kind in a workspace, the current folder; return where they are."""
    (folder / "backtest.toml").touch()
    pages = {}
    for name, command in COMMANDS.items():
        if command:
            pages[name] = _made(folder, command)
    pages["all detectors"] = folder / "reports" / "detectors" / "index.html"
    pages["home"] = folder / "reports" / "index.html"
    run, columns = small_run()
    without_events(run, columns)
    pages["run without events"] = folder / "without.html"
    pages["run without events"].write_text(run_page(written(folder / "without", run, columns)), encoding="utf-8")
    return {name: pages[name] for name in COMMANDS}


def _made(folder: Path, command: tuple[str, ...]) -> Path:
    """Run a command; return the page that it made."""
    before = set(folder.rglob("*.html"))
    status = status_of(command)
    if status:
        raise RuntimeError(f"backtest {' '.join(command)}: status {status}")
    new = [page for page in folder.rglob("*.html") if page not in before and page.name != "index.html"]
    return max(new, key=lambda page: page.stat().st_mtime_ns)
