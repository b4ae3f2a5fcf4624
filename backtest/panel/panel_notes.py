"""What a reader of a study on a panel must know besides the numbers."""

from __future__ import annotations

from collections.abc import Iterator

from backtest.format import joined, period, periods, plural
from backtest.measure.summaries import count_status
from backtest.model import Asked, Note
from backtest.model.notes import notes_on_day0
from backtest.model.panel import Panel, Universe
from backtest.model.significance import stands_out
from backtest.panel.panel_horizons import PanelHorizons
from backtest.panel.panel_result import PanelResult
from backtest.panel.panel_tables import worst_words
from backtest.panel.panel_windows import INCOMPLETE
from backtest.study.notes_on_assets import FEW

COVERED = 200
"""Below this product of events and sessions, the test does not fully offset the variance that events bring along; more
than of one asset, as the wildest of many are chosen."""


def notes_on_panel(figures: PanelHorizons) -> list[Note]:
    """Collect the notes of a study on a panel, most important first."""
    study, plan = figures.study, figures.study.plan
    notes: list[Note] = []
    if plan.dataset.synthetic:
        notes.append(Note("simulated", "dataset", "The data are simulated: returns and verdicts on them mean nothing."))
    notes += _on_assets(study.panel)
    if plan.strategy.origin is not None:
        told = plan.strategy.origin.told(plan.dataset.name, plan.strategy.episodes.since)
        notes.append(Note("origin", "strategy", told))
    notes += [
        *plan.notes,
        *study.passed.notes,
        *study.found.origin.notes,
        *notes_on_day0([plan.strategy.episodes.day0]),
    ]
    notes += [*_on_windows(figures), *_on_sizes(figures), *_on_errors(figures)]
    notes += [*_on_circles(figures), *_on_basis(study), *_on_findings(study.panel)]
    return notes + [Note("dataset", "dataset", text) for text in plan.dataset.notes]


def _on_windows(figures: PanelHorizons) -> Iterator[Note]:
    horizons = figures.study.forward.horizons
    for state, reason in INCOMPLETE.items():
        counts = count_status(figures.status, state).tolist()
        pairs = zip(horizons, counts, strict=True)
        if after := [f"{n:,} after {period(horizon.label)}" for horizon, n in pairs if n]:
            yield Note(state, "horizons", f"Events without a return: {joined(after)}; {reason}.")
    empty = [one.horizon.label for one in figures.results if not one.n]
    if empty:
        text = f"No event has a complete window over {periods(empty)}: no number there."
        yield Note("no_window", "horizons", text)


def _on_sizes(figures: PanelHorizons) -> Iterator[Note]:
    reasons: dict[tuple[str, str], list[Asked]] = {}
    for one in figures.results:
        effect = one.inference.effect
        if effect.reason is not None:
            about = "mde" if effect.low is not None else "ci_low, ci_high, mde"
            reasons.setdefault((about, effect.reason), []).append(one.horizon.label)
    for (about, reason), horizons in reasons.items():
        yield Note("no_size", about, f"Not given over {periods(horizons)}: {reason}.")


def _on_errors(figures: PanelHorizons) -> Iterator[Note]:
    """Name the looks that stand out where simulated panels were rejected too often: docs/calibration.md counts them."""
    found = [one for one in figures.results if stands_out(one.null_test.p_value)]
    if few := [one.horizon.label for one in found if one.n * one.horizon.sessions < COVERED]:
        text = (
            f"Over {periods(few)}, few sessions come after the events: an effect can hardly be told from turbulence "
            "that the events bring along, and p may be too small."
        )
        yield Note("few_sessions", "p_value", text)


def _on_circles(figures: PanelHorizons) -> Iterator[Note]:
    sizes = [0 if look is None else len(look.statistic) for look in figures.inference.shifts]
    pairs = zip(figures.study.forward.horizons, sizes, strict=True)
    if small := [f"{n} over {period(horizon.label)}" for horizon, n in pairs if 0 < n < FEW]:
        text = f"Few sessions to move the events to: {joined(small)}; p is never below one of them."
        yield Note("small_circle", "p_value", text)


def _on_basis(study: PanelResult) -> Iterator[Note]:
    benchmark, common = study.strategy.measure.benchmark, study.panel.common
    if benchmark and common.knows(benchmark) and common.info(benchmark).basis != study.panel.info.basis:
        text = "One leg includes dividends, the other does not: 1.5 to 2% a year part them."
        yield Note("mixed_basis", "measure", text)


def notes_on_assets(panel: Panel | Universe) -> list[Note]:
    """Return what every study of a panel must say of its assets and of what did not fit when it was read."""
    return [*_on_assets(panel), *_on_findings(panel)]


def _on_assets(panel: Panel | Universe) -> Iterator[Note]:
    if panel.description:
        yield Note("panel", "panel", panel.description)


def _on_findings(panel: Panel | Universe) -> Iterator[Note]:
    for one in panel.findings:
        if one.rows == one.assets:  # one of each asset: what counts is the assets, as those with like names
            counted, some = plural(one.assets, "asset"), ", ".join(name for name, _ in one.worst)
            most = "first " if one.assets > len(one.worst) else ""
        else:
            counted, some = f"{plural(one.rows, 'row')} of {plural(one.assets, 'asset')}", worst_words(one)
            most = "most in "
        where = f"; {most}{some}" if some else ""
        yield Note("firewall", "data", f"{counted} ({one.rule}): {one.text}{where}.")
