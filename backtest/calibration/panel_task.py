"""Histories of a panel, identified by number, with every signal judged by the code that judges a study."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from backtest.calibration.judges import ADJUSTED, VERDICT
from backtest.calibration.panel_signals import PanelSignal, find_panel_events
from backtest.calibration.panel_worlds import PanelReturns, PanelWorld, simulate_panel
from backtest.calibration.tally import Tally, counted
from backtest.inference.circular_shift import shift_p_values
from backtest.model import Asked, Floats, Horizon, Ints, Prices, SeriesInfo, horizons_of
from backtest.model.panel import OWN, Panel
from backtest.model.significance import LEVEL
from backtest.panel.on_every_asset import PanelEvents
from backtest.panel.panel_benchmark import CommonBenchmark
from backtest.panel.panel_forward import PanelForward, measure_panel
from backtest.panel.panel_inference import PanelInference, infer_on_panel
from backtest.panel.panel_opinions import opinions_of

CHUNK = 2
FIRST_DAY = np.datetime64("2000-01-03")
"""The day on which a simulated history begins, a Monday; every weekday is a session."""
INDUCED_VARIANCE = 3.0
"""The factor by which an event multiplies the variance of its asset's own return, in a world where it does."""
MARKET = "market"
RAW = "raw_shift"
"""The shift of the sum of the effects, without a scale."""


@dataclass(frozen=True)
class PanelTask:
    """What is counted in the histories of a panel.

    Attributes
    ----------
    world : PanelWorld
        The world.
    signals : tuple of PanelSignal
        The signals that give the events.
    horizons : tuple of int or str
        In order of their length.
    sessions : int
        Length of a history.
    seed : int
        Together with the name of the world, the number of a history and the signal, it determines everything random.
    plant : int
        Number of signals in each history after which an effect is planted, in turn; 0 for none.
    """

    world: PanelWorld
    signals: tuple[PanelSignal, ...]
    horizons: tuple[Asked, ...]
    sessions: int
    seed: int
    plant: int

    @property
    def chunk(self) -> int:
        """Histories that are counted and stored together."""
        return CHUNK

    def tally(self, number: int) -> Tally:
        """Count one history."""
        drawn = simulate_panel(self.world, self.randomness(number), self.sessions - 1)
        turn = {(number * self.plant + i) % len(self.signals) for i in range(min(self.plant, len(self.signals)))}
        horizons = horizons_of(self.horizons)
        rows: list[dict[str, Floats]] = []
        for row, signal in enumerate(self.signals):
            rng = self.randomness(number, str(signal))
            events = find_panel_events(signal, drawn, rng)
            history = _induced(drawn, *events, self.world.induced) if self.world.induced else drawn
            study = judged(history, *events, horizons, alone=self.world.alone)
            figures = figures_of(study)
            if row in turn:
                figures |= self._planted(history, events, study, rng)
            rows.append(figures)
        keys = dict.fromkeys(key for row in rows for key in row)
        nothing = np.full(len(horizons) + 1, np.nan)
        return counted({key: np.array([row.get(key, nothing) for row in rows]) for key in keys})

    def randomness(self, number: int, signal: str = "") -> np.random.Generator:
        """Return the random generator of a history, or of one of its signals, which depends on no other signal."""
        names = (zlib.crc32(name.encode()) for name in (self.world.name, signal))
        return np.random.default_rng([self.seed, number, *names])

    def _planted(
        self, drawn: PanelReturns, events: tuple[Ints, Ints], study: JudgedPanel, rng: np.random.Generator
    ) -> dict[str, Floats]:
        """Plant an effect of the detectable size at each horizon, and see who finds it."""
        result = {key: np.full(len(study.forward.horizons) + 1, np.nan) for key in ("power", "covers_planted")}
        up = rng.choice(np.array([-1.0, 1.0]), len(study.forward.horizons))
        for column, horizon in enumerate(study.forward.horizons):
            effect = float(up[column] * study.inference.detectable[column])
            if np.isfinite(effect):
                moved = _raised(drawn, *events, horizon.sessions, effect)
                again = judged(moved, *events, (horizon,), alone=self.world.alone).inference
                result["power"][column] = float(again.p_value[0] <= LEVEL)
                result["covers_planted"][column] = float(again.low[0] <= effect <= again.high[0])
        return result


@dataclass(frozen=True, eq=False)
class JudgedPanel:
    """A panel study of drawn returns."""

    events: PanelEvents
    forward: PanelForward
    inference: PanelInference


def judged(
    drawn: PanelReturns, day0: Ints, asset: Ints, horizons: Sequence[Horizon], *, alone: bool = False
) -> JudgedPanel:
    """Study the events on drawn returns, as a panel study does."""
    panel = panel_of(drawn)
    events = PanelEvents(asset, day0, day0, np.isfinite(panel.close))
    benchmark = None if alone else CommonBenchmark(panel.common.close(MARKET))
    forward = measure_panel(panel, events, horizons, benchmark)
    return JudgedPanel(events, forward, infer_on_panel(panel, events, forward, benchmark))


def panel_of(drawn: PanelReturns) -> Panel:
    """Return drawn returns as levels; session 0 comes before the first of them."""
    returns = drawn.returns
    n, assets = returns.shape
    alive = np.isfinite(returns)
    level = np.cumprod(1.0 + np.nan_to_num(returns), axis=0)
    close = np.concatenate((np.where(alive[:1], 1.0, np.nan), np.where(alive, level, np.nan)))
    market = np.concatenate(([1.0], np.cumprod(1.0 + drawn.factor)))
    info = SeriesInfo(MARKET, "Factor", "total_return_index", "simulated")
    common = Prices(np.busday_offset(FIRST_DAY, np.arange(n + 1)), {MARKET: market}, {MARKET: info})
    own = SeriesInfo(OWN, "Asset", "total_return_index", "simulated")
    return Panel(tuple(f"A{i}" for i in range(assets)), {"close": close}, own, common, simulated=True)


def figures_of(study: JudgedPanel) -> dict[str, Floats]:
    """Return every figure by horizon, and in the last entry over all of them."""
    forward, inference = study.forward, study.inference
    many = len(forward.horizons)
    p: dict[str, Floats] = {VERDICT: inference.p_value, ADJUSTED: inference.p_adjusted, RAW: np.full(many, np.nan)}
    for column, look in enumerate(inference.shifts):
        if look is not None:
            p[RAW][column] = shift_p_values(look.effect[None])[0]
    for column, asked in enumerate(opinions_of(forward, inference)):
        for one in asked:
            row = p.setdefault(one.method.key, np.full(many, np.nan))
            row[column] = np.nan if one.p_value is None else one.p_value
    figures = {key: np.where(np.isfinite(values), values <= LEVEL, np.nan) for key, values in p.items()}
    any_of = {key: np.nanmax(row) if np.isfinite(row).any() else np.nan for key, row in figures.items()}
    has = np.isfinite(inference.low)
    covers = np.where(has, (inference.low <= 0) & (inference.high >= 0), np.nan)
    sizes = {"n": forward.n, "kept": inference.kept, "detectable": inference.detectable, "covers": covers}
    return {key: np.append(row, any_of[key]) for key, row in figures.items()} | {
        key: np.append(np.asarray(row, dtype=float), np.nan) for key, row in sizes.items()
    }


def _window(shape: tuple[int, ...], day0: Ints, asset: Ints, length: int) -> np.ndarray:
    """Flag the returns of the sessions that follow each event; the first return is that of session 1."""
    flags = np.zeros(shape, dtype=bool)
    for step in range(length):
        inside = day0 + step < shape[0]
        flags[day0[inside] + step, asset[inside]] = True
    return flags


def _induced(drawn: PanelReturns, day0: Ints, asset: Ints, length: int) -> PanelReturns:
    wild = _window(drawn.own.shape, day0, asset, length)
    return replace(drawn, own=np.maximum(drawn.own * np.where(wild, np.sqrt(INDUCED_VARIANCE), 1.0), -0.5))


def _raised(drawn: PanelReturns, day0: Ints, asset: Ints, length: int, effect: float) -> PanelReturns:
    moved = _window(drawn.own.shape, day0, asset, length)
    return replace(drawn, own=drawn.own + np.where(moved, effect / length, 0.0))
