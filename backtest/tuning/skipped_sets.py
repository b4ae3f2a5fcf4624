"""Sets that a search left out because a rule excludes their values: counted and named, and no looks."""

from __future__ import annotations

from backtest.errors import ValueExcluded
from backtest.format import plural
from backtest.model import Note
from backtest.spec.strategy import Strategy
from backtest.tuning.evidence_json import plain
from backtest.tuning.searched import Searched
from backtest.untyped import Json


def skipped_json(found: Searched) -> list[Json]:
    """Return the parameters of each set that was skipped, with the reason."""
    strategy = found.plan.strategy
    return [
        {
            "parameters": {key: plain(value) for key, value in one.parameters.items()},
            "reason": _rule(one.error, strategy),
        }
        for one in found.skipped
    ]


def skipped_notes(found: Searched) -> list[Note]:
    """Say how many sets were skipped, and why; nothing if none was."""
    rules = list(dict.fromkeys(_rule(one.error, found.plan.strategy) for one in found.skipped))
    if not rules:
        return []
    n = len(found.skipped)
    several = "" if len(rules) == 1 else f" for {len(rules):,} reasons, the first"
    text = f"{n:,} of {plural(len(found.trials) + n, 'set')} skipped{several}: {rules[0]}"
    return [Note("skipped", "sets", text)]


def _rule(error: ValueExcluded, strategy: Strategy) -> str:
    """Return the refusal without the name of the strategy's file."""
    text = error.statement.removeprefix(str(strategy.path))
    return text.removeprefix(" as overridden").removeprefix(": ")
