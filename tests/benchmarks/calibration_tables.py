"""Print the tables of docs/calibration.md from what ``backtest calibrate`` counted.

Run: ``backtest calibrate --histories 2000 --dataset us-size --since 1988 --json > worlds.json``, which takes hours, and
then ``python tests/benchmarks/calibration_tables.py worlds.json``. Likewise with ``--world panels``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FEW = 50
"""Events times sessions below which variance that events bring along is not made up for."""
OTHERS = {
    "verdict": "circular shift",
    "standardised": "weighted",
    "local_shifts": "local shifts",
    "naive_t": "naive t",
    "newey_west": "Newey–West",
    "hansen_hodrick": "Hansen–Hodrick",
    "binomial": "exact binomial",
    "wilcoxon": "Wilcoxon",
    "sign": "sign",
    "bootstrap": "stationary bootstrap",
    "power_standardised": "power of the weighted",
}
ON_PANELS = {
    "verdict": "shift of the panel",
    "raw_shift": "raw shift",
    "t_over_events": "t over events",
    "t_by_date": "t by date",
    "driscoll_kraay": "Driscoll–Kraay",
    "binomial": "exact binomial",
}

Cell = tuple[str, int, dict[str, dict[str, float]]]
"""A signal, a horizon, and the figures there."""


def cells_of(world: dict[str, Any]) -> list[Cell]:
    """Return every signal at every horizon."""
    found = []
    for row in world["rows"]:
        for horizon in world["horizons"]:
            figures = {key: by[str(horizon)] for key, by in row["figures"].items() if str(horizon) in by}
            found.append((row["name"], horizon, figures))
    return found


def pooled(cells: Iterable[Cell], key: str) -> float:
    """Return the share over all cells, each weighted by how often it was tried."""
    known = [figures[key] for _, _, figures in cells if key in figures and figures[key]["tried"]]
    return sum(one["value"] * one["tried"] for one in known) / sum(one["tried"] for one in known)


def span(cells: Iterable[Cell], key: str = "verdict") -> str:
    """Return the lowest and the highest share of some cells, in percent."""
    values = [figures[key]["value"] * 100 for _, _, figures in cells]
    return f"{min(values):.1f}–{max(values):.1f}" if values else "–"


def few(cell: Cell) -> bool:
    """Return whether a cell has few events times sessions."""
    return cell[2]["n"]["value"] * cell[1] < FEW


def line(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |")


def print_sizes(worlds: list[dict[str, Any]]) -> None:
    """Print the rejections of the verdict by horizon, and what planted effects come to."""
    horizons = worlds[0]["horizons"]
    heads = ("n · h < 50", "any horizon, adjusted", "interval holds the effect", "power at the MDE")
    line("world", *map(str, horizons[:-1]), f"{horizons[-1]} sessions", *heads)
    line(*["---"] * (len(horizons) + 5))
    for world in worlds:
        cells = cells_of(world)
        many = [cell for cell in cells if not few(cell)]
        families = [row["figures"]["adjusted"]["any"]["value"] * 100 for row in world["rows"]]
        line(
            f"`{world['name']}`",
            *(span(cell for cell in many if cell[1] == h) for h in horizons),
            span(cell for cell in cells if few(cell)),
            f"{min(families):.1f}–{max(families):.1f}",
            *(f"{pooled(cells, key) * 100:.1f}" for key in ("covers_planted", "power")),
        )
    print()


def print_others(worlds: list[dict[str, Any]]) -> None:
    """Print the rejections of all tests, over all signals and horizons."""
    tests = ON_PANELS if "raw_shift" in worlds[0]["rows"][0]["figures"] else OTHERS
    line("world", *tests.values())
    line(*["---"] * (len(tests) + 1))
    for world in worlds:
        line(f"`{world['name']}`", *(f"{pooled(cells_of(world), key) * 100:.1f}" for key in tests))
    print()


def print_highest(worlds: list[dict[str, Any]]) -> None:
    """Print where the verdict rejects most."""
    whole = [(world["name"], cell) for world in worlds for cell in cells_of(world)]
    print(f"{len(whole)} cells, rejected in {pooled((cell for _, cell in whole), 'verdict') * 100:.2f}% of cases")
    for name, cell in sorted(whole, key=lambda one: -one[1][2]["verdict"]["value"])[:40]:
        signal, horizon, figures = cell
        print(f"  {name}, {signal}, h = {horizon}: {figures['verdict']['value']:.1%}{', few' if few(cell) else ''}")
    print("adjusted, at any horizon:")
    families = [(r["figures"]["adjusted"]["any"]["value"], w["name"], r["name"]) for w in worlds for r in w["rows"]]
    for value, name, signal in sorted(families, reverse=True)[:15]:
        print(f"  {name}, {signal}: {value:.1%}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counted", type=Path)
    worlds = json.loads(parser.parse_args().counted.read_text())["calibrations"]
    print_sizes(worlds)
    print_others(worlds)
    print_highest(worlds)


if __name__ == "__main__":
    main()
