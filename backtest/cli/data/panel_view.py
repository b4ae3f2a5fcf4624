"""How the panel of a dataset is shown, from its lock file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backtest.cli.console import print_table, print_text

if TYPE_CHECKING:
    from backtest.data.store.locked_panel import LockedPanel

NAMED = 10
"""Assets set aside that are named; the others are counted."""


def print_panel(panel: LockedPanel) -> None:
    """Print what the panel holds, and which assets were set aside."""
    print_text(f"Panel: {panel.title}. {panel.description}".strip())
    headers = ("kind", "first", "last", "assets", "closes", "missing", "set aside")
    kind = panel.kind.removesuffix("_index").replace("_", " ")
    counts = [panel.assets, panel.rows, panel.gaps, len(panel.set_aside)]
    row = [kind, str(panel.first), str(panel.last), *(f"{count:,}" for count in counts)]
    print_table(headers, [row], left=(0, 1, 2))
    if panel.set_aside:
        named = ", ".join(f"{one.asset} ({one.rule})" for one in panel.set_aside[:NAMED])
        more = len(panel.set_aside) - NAMED
        rest = f", and {more:,} more; lock.json lists them" if more > 0 else ""
        print_text(f"Set aside: {named}{rest}.")
