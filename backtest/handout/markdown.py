"""Tables for Markdown: the pipes that GitHub and most editors read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from backtest.handout.as_texts import ShownTable

MARKUP = re.compile(r"([\\`*_{}\[\]<>|#!~$&])")
"""Characters that begin a form of Markdown, or HTML within it."""


def markdown_text(tables: Sequence[ShownTable], source: Sequence[str]) -> str:
    """Write tables with their captions, and below them what they must not be parted from."""
    parts = [_table(one) for one in tables]
    return "\n\n".join([*parts, "  \n".join(escaped(line) for line in source)]) + "\n"


def escaped(text: str) -> str:
    """Write a text so that Markdown shows it as it is, within a cell of a table too."""
    return MARKUP.sub(r"\\\1", text)


def _table(table: ShownTable) -> str:
    sides = [":--" if at in table.words_in else "--:" for at in range(len(table.heads))]
    rows = (table.heads, *table.rows)
    head, *body = ("| " + " | ".join(map(escaped, row)) + " |" for row in rows)
    return "\n".join([f"**{escaped(table.caption)}**", "", head, "| " + " | ".join(sides) + " |", *body])
