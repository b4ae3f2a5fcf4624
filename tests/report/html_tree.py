"""Read a page as a browser's parser would, and keep what a test asks about."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "br", "link", "img", "input", "hr", "wbr"}


@dataclass
class Page:
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    text: str = ""
    rows: list[list[str]] = field(default_factory=list)
    data: Any = None
    scripts: list[str] = field(default_factory=list)
    unclosed: list[str] = field(default_factory=list)


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.open: list[str] = []
        self.data_next = False
        self.wholes: list[bool] = []
        self.joined = False  # a place where a word may break, or may not, is no blank

    def handle_starttag(self, tag, attrs):
        self.page.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        whole = dict(attrs).get("class") == "whole"
        self.joined = tag == "wbr" or whole
        self.wholes.append(whole) if tag == "span" else None
        if tag in ("h1", "h2", "h3"):
            self.page.headings.append("")
        if tag == "tr":
            self.page.rows.append([])
        if tag in ("th", "td"):
            self.page.rows[-1].append("")
        if tag == "script":
            self.data_next = dict(attrs).get("id") == "data"

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> without a start"
        assert self.open.pop() == tag, f"</{tag}> out of place"
        self.joined = tag == "span" and self.wholes.pop()

    def handle_data(self, data):
        inside = self.open[-1] if self.open else ""
        if inside == "script":
            if self.data_next:
                self.page.data = json.loads(data)
            else:
                self.page.scripts.append(data)
            return
        if inside == "style":
            return
        self.page.text += data
        for tag in ("h1", "h2", "h3"):
            if tag in self.open:
                self.page.headings[-1] += data
        if self.open and ("td" in self.open or "th" in self.open) and data.strip():
            self.page.rows[-1][-1] += data if self.joined else f" {data}"


def part(html: str, tag: str, name: str) -> str:
    """The markup of one element; none of its kind lies inside it."""
    begin = next(found.start() for found in re.finditer(f"<{tag}\\b[^>]*>", html) if f' id="{name}"' in found[0])
    return html[begin : html.index(f"</{tag}>", begin)] + f"</{tag}>"


def parse(html: str) -> Page:
    """Parse a page; elements that are left open, or closed out of turn, fail."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    parser.page.rows = [[" ".join(cell.split()) for cell in row] for row in parser.page.rows]
    return parser.page
