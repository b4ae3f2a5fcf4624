"""Event-study backtests: what came next after a market episode, and whether it means anything."""

from __future__ import annotations
