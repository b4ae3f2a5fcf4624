"""What a choice is worth outside its years, in noise and with an effect. Run: ``python tests/benchmarks/outside.py``.

A grid of 100 parameter sets is searched at one horizon. In noise the sets that the past chooses should gain nothing in
the blocks that follow, and the probability of backtest overfitting should be near one half. ``--planted`` raises the
asset by so many points over the 21 sessions after the events of one set of the grid.

Three means of the excess outside are shown. *An event* weighs all events of all histories alike; *a history* averages
the histories' own means; *a block* averages the means of all blocks. The weight of a block in its history's mean is its
share of the events, which the choices after it decide: with an expectation of zero for the sum S of a history's events,
the mean of S/n is exactly -Cov(S/n, n)/mean(n). To tell whether that is all, the choices of each history are measured
in the next one, too (*elsewhere*): no earlier outcome can then have a say in the number of later events.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from worlds import SESSIONS, WORLDS, noise

from backtest.model import Dataset
from backtest.plan import plan_on
from backtest.tuning.grid import combinations, parse_grid
from backtest.tuning.outside import Taken, measure_outside
from backtest.tuning.overfitting import overfitting
from backtest.tuning.pieces import Pieces
from backtest.tuning.search import search
from backtest.tuning.walk_forward import Rules, WalkForward, walk_forward
from backtest.workspace import Workspace

GRID = ["detector.sessions=2,3,4,5", "detector.threshold=0:0.012:0.0005"]
TRUE = {"detector.sessions": 3, "detector.threshold": 0.004}
HORIZON = 21
FIXED = {"measure.horizons": [HORIZON]}


class Row(NamedTuple):
    """Of one history; NaN where there is no answer."""

    inside: float
    outside: float
    n: float
    p: float
    a_block: float
    peak: float
    elsewhere: float
    elsewhere_n: float
    pbo: float


def planted(data: Dataset, points: float) -> Dataset:
    """Raise the asset after the events of the true set; what the detector reads stays as it is."""
    found = search(plan_on(data, Workspace.find(), "streak5", FIXED), [TRUE])
    prices, drift = data.prices, np.zeros(len(data.prices))
    for day in found.trials[0].day0:
        drift[day + 1 : day + 1 + HORIZON] += points / 100 / HORIZON
    columns = {**prices.columns, "small": prices.close("small") * np.cumprod(1.0 + drift)}
    return replace(data, prices=replace(prices, columns=columns))


def choices_of(walked: WalkForward) -> list[Taken]:
    return [(step.first, step.last, step.chosen, step.sign) for step in walked.steps if step.chosen is not None]


def row(pieces: Pieces, walked: WalkForward, before: list[Taken]) -> Row:
    blocks = [step.excess for step in walked.steps if step.n]
    elsewhere = measure_outside(pieces, before)[0] if before else None
    told = (
        walked.inside,
        walked.outside.excess,
        walked.outside.n,
        walked.outside.p_value,
        float(np.mean(blocks)) if blocks else None,
        walked.best_alone.excess,
        elsewhere.excess if elsewhere else None,
        elsewhere.n if elsewhere else None,
        overfitting(pieces).pbo,
    )
    return Row(*(math.nan if one is None else float(one) for one in told))


def mean(values: np.ndarray) -> str:
    """Write a mean in points with its standard error."""
    known = values[np.isfinite(values)] * 100
    return f"{known.mean():+.3f} ({known.std(ddof=1) / math.sqrt(len(known)):.3f})"


def an_event(excess: np.ndarray, n: np.ndarray) -> str:
    """Write the mean over all events, and its standard error with histories as clusters."""
    known = np.isfinite(excess) & (n > 0)
    excess, n = excess[known] * 100, n[known]
    pooled = float((n * excess).sum() / n.sum())
    return f"{pooled:+.3f} ({np.sqrt(((n * (excess - pooled)) ** 2).sum()) / n.sum():.3f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", choices=WORLDS, default="gjr")
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--planted", type=float, default=0.0, metavar="POINTS")
    parser.add_argument("--objective", action="append", choices=["excess", "t", "p_adjusted", "hit_rate"])
    options = parser.parse_args()
    sets = combinations(parse_grid(GRID))
    objectives = options.objective or ["excess", "p_adjusted"]
    rows: dict[str, list[Row]] = {name: [] for name in objectives}
    before: dict[str, list[Taken]] = {name: [] for name in objectives}
    for rng in np.random.default_rng(options.seed).spawn(options.histories):
        data = noise(options.world, rng, options.sessions)
        data = planted(data, options.planted) if options.planted else data
        found = search(plan_on(data, Workspace.find(), "streak5", FIXED), sets, inference=False)
        for name in objectives:
            pieces = Pieces(found, 0, name)
            walked = walk_forward(pieces, Rules())
            rows[name].append(row(pieces, walked, before[name]))
            before[name] = choices_of(walked)
    print(
        f"{options.histories} histories ({options.world}, {options.sessions:,} sessions, seed {options.seed}), "
        f"{len(sets)} sets at {HORIZON} sessions, planted {options.planted:g} points; points, standard errors in "
        "brackets"
    )
    for name, of in rows.items():
        told = Row(*np.array(of).T)
        share = np.cov(told.outside[told.n > 0], told.n[told.n > 0])[0, 1] / told.n[told.n > 0].mean()
        print(
            f"  by {name}: inside {mean(told.inside)}; outside {an_event(told.outside, told.n)} an event, "
            f"{mean(told.outside)} a history, {mean(told.a_block)} a block; -Cov/mean {-share * 100:+.3f}; "
            f"elsewhere {an_event(told.elsewhere, told.elsewhere_n)} an event, {mean(told.elsewhere)} a history; "
            f"the best alone {mean(told.peak)} a history; p outside < 5%: {np.nanmean(told.p < 0.05):.1%}; PBO "
            f"{np.nanmean(told.pbo):.2f} ({np.nanstd(told.pbo, ddof=1) / math.sqrt(np.isfinite(told.pbo).sum()):.3f})"
        )


if __name__ == "__main__":
    main()
