"""The home page: recorded runs, and the other pages of a workspace."""

from __future__ import annotations

from urllib.parse import quote

from backtest.model.home import Home, RunLine
from backtest.report.pages.index.spark import HEIGHT, WIDTH, spark_of
from backtest.report.render import render

STYLES = ("kit/colours", "kit/base", "kit/tables", "pages/index/page", "kit/print")
SCRIPTS = ("kit/dom", "kit/tables", "pages/index/page")
"""They sort and filter; without them the page is the same, newest first."""


def index_page(home: Home) -> str:
    """Draw the home page: each run with a link to its report, and the other pages by kind."""
    kinds = {
        "Comparisons": home.comparisons,
        "Tunings": home.tunings,
        "Claims": home.claims,
        "Detectors": home.detectors,
    }
    return render(
        "pages/index/page.html.j2",
        SCRIPTS,
        {},
        STYLES,
        runs=[(line, _href(line), spark_of(line.facts) if line.facts else None) for line in home.runs],
        box=(WIDTH, HEIGHT),
        kinds=[
            (kind, [(link, "./" + "/".join(quote(part, safe="") for part in link.href.split("/"))) for link in links])
            for kind, links in kinds.items()
            if links
        ],
    )


def _href(line: RunLine) -> str:
    return f"./{quote(line.strategy, safe='')}/{quote(line.run_id, safe='')}/report.html"
