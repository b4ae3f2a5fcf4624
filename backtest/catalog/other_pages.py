"""The pages under ``reports/`` that are no runs: comparisons, tunings, claims, detectors."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from pathlib import Path

from backtest.model.home import PageLink, time_in

HEAD = 65_536
"""Bytes at the beginning of a page that hold its title and its heading."""
TITLE = re.compile(r"<title>([^<]*)</title>")
QUESTION = re.compile(r'<p class="question">(.*?)</p>', re.DOTALL)
TAG = re.compile(r"<[^>]*>")


def comparison_pages(reports: Path) -> list[PageLink]:
    """Return the comparisons, newest first, with the studies that each compares."""
    return _links(reports, reports.glob("compare/*.html"))


def tuning_pages(reports: Path) -> list[PageLink]:
    """Return the tunings of all strategies, newest first."""
    return _links(reports, (path.parent / "report.html" for path in reports.glob("*/tune-*/tune.json")))


def claim_pages(reports: Path) -> list[PageLink]:
    """Return the pages of claims, newest first, each with its dataset."""
    return _links(reports, reports.glob("claims/*.html"))


def detector_pages(reports: Path) -> list[PageLink]:
    """Return the list of detectors if there is one, then their pages by name."""
    found = _links(reports, sorted(reports.glob("detectors/*.html")))
    return sorted(found, key=lambda link: (not link.href.endswith("/index.html"), link.href))


def _links(reports: Path, paths: Iterable[Path]) -> list[PageLink]:
    links = [_link(reports, path) for path in paths if path.is_file() and not path.name.startswith(".")]
    return sorted(links, key=lambda link: (link.made, link.href), reverse=True)


def _link(reports: Path, path: Path) -> PageLink:
    """Return a link; a page that cannot be read is called by its name."""
    inside = path.relative_to(reports)
    try:
        with path.open("rb") as file:
            head = file.read(HEAD).decode("utf-8", errors="replace")
    except OSError:
        head = ""
    about = _first(QUESTION, head)
    if not about:  # the strategy of a tuning, the dataset of claims
        stem = time_in(path.stem) and path.stem.partition("Z-")[2]
        about = inside.parts[0] if path.name == "report.html" else stem
    return PageLink(inside.as_posix(), _first(TITLE, head) or path.stem, about, time_in(str(inside)))


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return html.unescape(TAG.sub("", found[1])).strip() if found else ""
