"""Docstring prose as blocks: paragraphs on one line each, list items, and literal blocks unchanged."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import Literal

MARK = re.compile(r"``(?P<double>.+?)``|`(?P<single>[^`]+)`|(?<![\w*])\*(?P<italic>[^*\s][^*]*)\*(?![\w*])")
ENTRY = re.compile(r"^\.\. \[[^\]]+\][ \t]*", re.MULTILINE)
ITEM = re.compile(r"^[-*•] ", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A paragraph (``"text"``), an item of a list (``"item"``), or unchanged lines (``"literal"``)."""

    kind: Literal["text", "item", "literal"]
    text: str


def folded(text: str) -> str:
    """Fold to one line."""
    return " ".join(text.split())


def blocks(text: str) -> tuple[Block, ...]:
    """Split the text of a section into its blocks; the ``::`` that announces a literal block is not part of it."""
    found: list[Block] = []
    for part in re.split(r"\n[ \t]*\n", text.strip("\n")):
        if not part.strip():
            continue
        if all(line.startswith((" ", "\t")) for line in part.splitlines() if line.strip()):
            found.append(Block("literal", textwrap.dedent(part).rstrip()))
        elif part.lstrip().startswith(">>>"):
            found.append(Block("literal", part))
        elif ITEM.match(part):
            found += [Block("item", folded(item)) for item in ITEM.split(part) if item.strip()]
        elif part.strip() != "::":
            found.append(Block("text", re.sub(r"\s*::$", ":", folded(part))))
    return tuple(_joined(found))


def _joined(found: list[Block]) -> list[Block]:
    """Join the parts of a literal block that empty lines split."""
    joined: list[Block] = []
    for block in found:
        if joined and block.kind == joined[-1].kind == "literal":
            joined[-1] = Block("literal", f"{joined[-1].text}\n\n{block.text}")
        else:
            joined.append(block)
    return joined


def entries(text: str) -> tuple[str, ...]:
    """Split references into entries, numbered as ``.. [1]`` or separated by empty lines, each on one line."""
    parts = ENTRY.split(text) if ENTRY.search(text) else re.split(r"\n[ \t]*\n", text)
    return tuple(folded(part) for part in parts if part.strip())


def spans(text: str) -> list[tuple[Literal["plain", "code", "italic"], str]]:
    """Split a line at its marks: code in single or double backticks, italics between asterisks."""
    found: list[tuple[Literal["plain", "code", "italic"], str]] = []
    at = 0
    for mark in MARK.finditer(text):
        if mark.start() > at:
            found.append(("plain", text[at : mark.start()]))
        code = mark["double"] or mark["single"]
        found.append(("code", code) if code else ("italic", mark["italic"]))
        at = mark.end()
    return [*found, ("plain", text[at:])] if at < len(text) else found


def unmarked(text: str) -> str:
    """Return a line for a terminal: names keep their backticks, everything else loses its marks."""
    return "".join(f"`{part}`" if kind == "code" and part.isidentifier() else part for kind, part in spans(text))
