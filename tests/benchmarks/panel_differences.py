"""How often the difference of two studies on a panel is found where there is none.

    python tests/benchmarks/panel_differences.py [HISTORIES] [SESSIONS]

Histories of the panels of `backtest calibrate --world panels` have no predictability, so that each p at or below 5% is
wrong; the world in which events raise volatility is left out. Prints, for each world and each pair of signals, the
share of such p at 1, 5 and 21 sessions. Seed 1.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import numpy as np

from backtest.calibration.panel_signals import PanelSignal, find_panel_events
from backtest.calibration.panel_task import PanelTask, panel_of
from backtest.calibration.panel_worlds import PANELS, PanelReturns, PanelWorld, simulate_panel
from backtest.model import horizons_of
from backtest.model.significance import LEVEL
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_contrast import contrast_on_panel

HORIZONS = (1, 5, 21)
OWN, MARKET, RANDOM, CROWDED = (
    PanelSignal("own", 200), PanelSignal("market", 20), PanelSignal("random", 200), PanelSignal("crowded", 20),
)  # fmt: skip
PAIRS = ((OWN, RANDOM), (OWN, PanelSignal("own", 500)), (CROWDED, RANDOM), (MARKET, RANDOM))


def study(drawn: PanelReturns, signal: PanelSignal, rng: np.random.Generator, alone: bool) -> Any:
    """Return what the test asks of a study."""
    day0, asset = find_panel_events(signal, drawn, rng)
    panel = panel_of(drawn)
    measure = SimpleNamespace(benchmark="" if alone else "market")
    return SimpleNamespace(
        panel=panel,
        found=PanelEvents(asset, day0, day0, np.isfinite(panel.close)),
        forward=SimpleNamespace(horizons=horizons_of(HORIZONS), weight="event"),
        strategy=SimpleNamespace(measure=measure),
    )


def rates(world: PanelWorld, histories: int, sessions: int) -> np.ndarray:
    """Return the share of wrong p, of shape (pairs, horizons)."""
    task = PanelTask(world, (), HORIZONS, sessions, 1, 0)
    wrong = np.full((histories, len(PAIRS), len(HORIZONS)), np.nan)
    for number in range(histories):
        drawn = simulate_panel(world, task.randomness(number), sessions - 1)
        for row, pair in enumerate(PAIRS):
            sides = [
                study(drawn, one, task.randomness(number, f"{at} {one}"), world.alone) for at, one in enumerate(pair)
            ]
            for column, horizon in enumerate(HORIZONS):
                p = contrast_on_panel(*sides, horizon).p_value
                wrong[number, row, column] = np.nan if p is None else p <= LEVEL
    return np.nanmean(wrong, axis=0)


def main() -> None:
    """Print a line a world and pair."""
    histories, sessions = (int(value) for value in (*sys.argv[1:], *("200", "1500")[len(sys.argv) - 1 :]))
    for world in (one for one in PANELS if not one.induced):
        for pair, row in zip(PAIRS, rates(world, histories, sessions), strict=True):
            shares = "  ".join(f"{100 * share:5.1f}" for share in row)
            print(f"{world.name:15} {' against '.join(map(str, pair)):40} {shares}", flush=True)


if __name__ == "__main__":
    main()
