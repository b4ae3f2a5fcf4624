"""What compare and tune hand to their pages, small enough to check by eye."""

from __future__ import annotations

from typing import Any

from .records import alone


def _result(horizon: int, excess: float | None, p_adjusted: float) -> dict[str, Any]:
    return {
        "horizon": horizon, "n": 2, "asset_mean": 0.02, "benchmark_mean": 0.01, "spread_mean": 0.01,
        "base_spread_mean": -0.002, "excess": excess, "hit_rate": 0.5, "base_hit_rate": 0.49,
        "p_value": 0.04, "p_adjusted": p_adjusted,
    }  # fmt: skip


def without_benchmarks(payload: dict[str, Any], key: str) -> dict[str, Any]:
    """Take the benchmark out of what a comparison (its studies) or a search (its sets) hands to its page."""
    for one in payload[key]:
        one["horizons"] = [alone(row) for row in one["horizons"]]
    for row in payload.get("ranking", []):
        row["judges"] = "return"
    return payload


def comparison() -> dict[str, Any]:
    """Two studies that share one of their events; the second lacks the longer horizon."""
    common = {"strategy": "s", "run_id": "r1", "dataset": {"name": "sample", "title": "Sample", "synthetic": True}}
    return {
        "schema": 1, "created": "2026-09-01T12:30:00Z", "version": "0.1.0",
        "studies": [
            {**common, "label": "streak5", "title": "Streak", "n_events": 2, "first": "2020-04-28",
             "last": "2024-07-16", "parameters": {"detector.sessions": 5}, "shared": [False, True],
             "sample": {"sessions": 900, "eligible": 850, "not_judged": 50}, "own": {},
             "horizons": [_result(1, 0.012, 0.03), _result(5, None, 0.9)], "events": ["2020-04-28", "2024-07-16"]},
            {**common, "label": "rotation", "title": "Rotation", "n_events": 3, "first": "2001-01-02",
             "last": "2024-07-16", "parameters": {}, "shared": [False, False, True],
             "sample": {"sessions": 2000}, "own": {"trade.hold": 21, "trade.cost_bps": 5.0},
             "horizons": [_result(1, -0.034, 0.5)], "events": ["2001-01-02", "2003-05-06", "2024-07-16"]},
        ],
        "differing": ["detector.sessions"], "shared": [[2, 1], [1, 3]], "horizons": [1, 5],
        "shared_rule": "Shared where episodes overlap.", "horizon": 1, "sort": "p",
        "ranking": [_ranked(0, 2, 0.012, 0.03), _ranked(1, 3, -0.034, 0.5)],
        "differences": [
            {"first": "streak5", "second": "rotation", "on": "all events", "n": [2, 2], "of": [2, 3], "sessions": 800,
             "difference": 0.046, "ci_low": 0.004, "ci_high": 0.088, "p_value": 0.02, "p_adjusted": 0.02,
             "reason": None}],
        "differences_verdict": "One of 3 differences is unlikely to be chance.",
        "verdict": "Unlikely to be chance: streak5.", "notes": ["The samples differ."], "synthetic": True,
    }  # fmt: skip


def _ranked(at: int, n: int, excess: float, p: float) -> dict[str, Any]:
    """A row of the ranking; its interval reaches 2 points to either side."""
    return {
        "at": at, "study": "s", "judges": "spread", "measured": True, "n_events": n, "n": n, "excess": excess,
        "ci_low": excess - 0.02, "ci_high": excess + 0.02, "hit_rate": 0.5, "base_hit_rate": 0.49, "p_value": 0.04,
        "p_adjusted": p,
    }  # fmt: skip


def tuning(values: int = 3, thresholds: int = 2) -> dict[str, Any]:
    """A grid of two parameters; the excess of set k is k thousandths, its p falls with it."""
    grid = {
        "detector.sessions": list(range(3, 3 + values)),
        "detector.threshold": [k / 200 for k in range(1, 1 + thresholds)],
    }
    pairs = [(a, b) for a in grid["detector.sessions"] for b in grid["detector.threshold"]]
    sets = [
        {
            "set": at, "parameters": {"detector.sessions": a, "detector.threshold": b}, "n_events": 10 * at,
            "horizons": [
                {"horizon": h, "n": at, "spread_mean": at / 500, "base_spread_mean": at / 1000, "excess": at / 1000,
                 "hit_rate": 0.6, "p_value": 1 / (1 + at), "p_adjusted": None if at == 2 else 1 / at}
                for h in (5, 21)
            ],
        }
        for at, (a, b) in enumerate(pairs, start=1)
    ]  # fmt: skip
    return {
        "schema": 1, "created": "2026-09-01T12:30:00Z", "version": "0.1.0", "strategy": "streak5", "title": "Streak",
        "dataset": {"name": "us-size", "title": "US size"}, "objective": "excess", "horizon": 21, "grid": grid,
        "sets": sets, "best": len(sets), "order": list(range(len(sets), 0, -1)), "survivors": [],
        "verdict": "Nothing stands out among 12 looks.", "notes": [],
        "synthetic": False,
    }  # fmt: skip
