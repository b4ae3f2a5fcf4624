"""The panels and signals that the user selects."""

from __future__ import annotations

from collections.abc import Sequence

from backtest.calibration.choices import fitting_kinds
from backtest.calibration.panel_signals import BLIND, KINDS, SIGNALS, PanelSignal
from backtest.calibration.panel_task import PanelTask
from backtest.calibration.panel_worlds import PANELS, PanelWorld
from backtest.errors import NotFound, StudyRefused, did_you_mean
from backtest.model import Asked, horizons_of

ALL = "panels"
"""The name of all panels together."""
HORIZONS = (1, 5, 21)
SESSIONS = 1000
SIZES = (30, 500)
NAMES = (ALL, *(world.name for world in PANELS))


def chosen_panels(names: Sequence[str]) -> list[PanelWorld]:
    """Return panels by name; ``"panels"`` stands for all of them.

    Raises
    ------
    NotFound
        There is no such panel.
    StudyRefused
        One of the names is a world that is no panel.
    """
    found = {world.name: world for world in PANELS}
    chosen: dict[str, PanelWorld] = {}
    for name in names:
        if not name.startswith("panel"):
            raise StudyRefused(
                f"world '{name}' is no panel: its figures do not stand in one table with those of panels.",
                "Ask for panels in a command of their own.",
            )
        if name not in NAMES:
            raise NotFound(f"world '{name}' is unknown.", did_you_mean(name, NAMES))
        chosen |= found if name == ALL else {name: found[name]}
    return list(chosen.values())


def chosen_panel_signals(world: PanelWorld, kinds: Sequence[str], sizes: Sequence[int]) -> tuple[PanelSignal, ...]:
    """Return the signals of a panel: every kind in every requested size, or the default signals.

    Raises
    ------
    NotFound
        There is no such kind.
    StudyRefused
        In this world events change the returns, and all requested kinds look at prices.
    """
    fitting = fitting_kinds(world.name, kinds, KINDS, BLIND if world.induced else None, " for panels")
    if not kinds and not sizes:
        return tuple(signal for signal in SIGNALS if signal.kind in fitting)
    return tuple(PanelSignal(kind, n) for kind in fitting for n in dict.fromkeys(sizes or SIZES))


def panel_task(
    world: PanelWorld,
    signals: tuple[PanelSignal, ...],
    horizons: Sequence[Asked] = (),
    sessions: int | None = None,
    seed: int = 1,
    plant: int = 1,
) -> PanelTask:
    """Return what is counted on a panel; horizons and sessions have defaults."""
    rising = tuple(one.label for one in horizons_of(set(horizons))) or HORIZONS
    return PanelTask(world, signals, rising, sessions or SESSIONS, seed, plant)
