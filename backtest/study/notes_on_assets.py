"""What a reader must know about each asset: which windows are incomplete, and what the test could not do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from backtest.format import some
from backtest.inference.result import NO_VARIATION
from backtest.measure.forward import MISSING, NOT_COVERED, PENDING
from backtest.model import Ints, Note, Prices
from backtest.study.asset_result import AssetResult
from backtest.study.base_rate import BaseRate

FEW = 200
"""With fewer sessions on the circle, a note is due: with 200, p comes in steps of half a percent."""


WINDOWS = {
    PENDING: ("pending", "the window ends after the data"),
    NOT_COVERED: ("not_covered", "a leg's history begins later"),
    MISSING: ("missing", "a leg has no level at entry or at the end"),
}
"""Code and reason for each state of an incomplete window."""


def notes_on_assets(prices: Prices, assets: Sequence[AssetResult]) -> list[Note]:
    """Collect the notes on the assets, each once; a note names its assets unless it concerns all of them."""
    said: dict[Note, list[str]] = {}
    for asset in assets:
        for note in notes_on_asset(prices, asset):
            said.setdefault(note, []).append(asset.name)
    notes = [
        note if len(of) == len(assets) else replace(note, text=f"{some(of)}: {note.text}") for note, of in said.items()
    ]
    return notes + _on_bases(prices, assets)


def _on_bases(prices: Prices, assets: Sequence[AssetResult]) -> list[Note]:
    """Note assets with and without dividends in the same table; a mixed benchmark has its own note."""
    of: dict[str | None, list[str]] = {}
    for asset in assets:
        of.setdefault(prices.info(asset.legs["asset"]).basis, []).append(asset.name)
    if len(of) < 2 or assets[0].base_rate.measured.has_benchmark:
        return []
    told = "; ".join(f"{basis}: {some(names)}" for basis, names in of.items())
    text = f"The assets are on two bases ({told}): dividends part their means, so compare the excess of each."
    return [Note("mixed_bases", "measure", text)]


def notes_on_asset(prices: Prices, asset: AssetResult) -> list[Note]:
    """Collect the notes on one asset; their codes are in `backtest.model.notes.SAID_OF_ASSET`."""
    notes = [*_on_windows(asset), *_on_tests(asset)]
    if len({prices.info(name).basis for name in asset.legs.values()}) > 1:
        text = "One leg includes dividends, the other does not: 1.5 to 2% a year part them."
        notes.append(Note("mixed_basis", "measure", text))
    return notes


def _on_windows(asset: AssetResult) -> list[Note]:
    base_rate, measurement = asset.base_rate, asset.measurement
    by_calendar, notes = any(one.word for one in base_rate.forward.horizons), []
    for status, (code, reason) in WINDOWS.items():
        counts = (measurement.status == status).sum(axis=0)
        if counts.any():
            hole = ", or the window ends in a hole of the history" if status == MISSING and by_calendar else ""
            text = f"Events {status}, by horizon: {_by_horizon(base_rate, counts)}; {reason}{hole}."
            notes.append(Note(code, "horizons", text))
    empty = [str(h) for h, n in zip(base_rate.forward.horizons, measurement.summary.n.tolist(), strict=True) if n == 0]
    if empty:
        text = f"No event has a complete window at {', '.join(empty)}: no number there."
        notes.append(Note("no_window", "horizons", text))
    return notes


def _on_tests(asset: AssetResult) -> list[Note]:
    base_rate, tests = asset.base_rate, asset.null_tests
    notes = []
    horizons = base_rate.forward.horizons
    untested = [str(h) for h, test in zip(horizons, tests, strict=True) if test.reason == NO_VARIATION]
    if untested:
        what = base_rate.measured.word
        text = f"Not given at {', '.join(untested)}: the {what} does not vary, so that there is no test."
        notes.append(Note("no_test", "p_value", text))
    notes += _on_sizes(asset)
    sizes = np.array([len(circle) for circle in base_rate.circles])
    small = np.where(sizes < FEW, sizes, 0)
    if small.any():
        text = (
            f"Few sessions to move the events to, by horizon: {_by_horizon(base_rate, small)}; "
            "p is never below one of them."
        )
        notes.append(Note("small_circle", "p_value", text))
    return notes


def _on_sizes(asset: AssetResult) -> list[Note]:
    """Say why there is a test but no interval or no detectable effect."""
    reasons: dict[tuple[str, str], list[str]] = {}
    for result in asset.results:
        effect = result.inference.effect
        if effect.reason is not None and result.null_test.reason is None:
            about = "mde" if effect.low is not None else "ci_low, ci_high, mde"
            reasons.setdefault((about, effect.reason), []).append(str(result.horizon))
    return [
        Note("no_size", about, f"Not given at {', '.join(horizons)}: {reason}.")
        for (about, reason), horizons in reasons.items()
    ]


def _by_horizon(base_rate: BaseRate, counts: Ints) -> str:
    """Write the counts that are not zero, with their horizons."""
    return ", ".join(f"{n} at {h}" for h, n in zip(base_rate.forward.horizons, counts.tolist(), strict=True) if n)
