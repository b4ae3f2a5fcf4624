"""What a finding rests on, written out by hand for the small run: one session is judged, five are not."""

from __future__ import annotations

from typing import Any

NAN = float("nan")


def with_robustness(run: dict[str, Any], columns: dict[str, dict[str, Any]]) -> None:
    """Add it, in place."""
    one, five = run["horizons"]
    one.update(
        p_value=0.03, ci_low=-0.01, ci_high=0.08, mde=0.05, no_size=None, kept=0.9, standardised_excess=0.02,
        standardised_p=0.06, variance_ratio=1.26, variance_p=0.17, doubt="the halves disagree",
        remarks={"influence": "Without 2024 nothing is left.", "opinions": "By the sign test, p is above 5%."},
    )  # fmt: skip
    five.update(
        excess=-0.05, ci_low=None, ci_high=None, mde=None, no_size="the windows cover too much", kept=0.4,
        standardised_excess=-0.04, standardised_p=0.5, variance_ratio=0.5, variance_p=0.999, doubt="",
        remarks={"kept": "Five cannot be judged."},
    )  # fmt: skip
    run["robustness"] = {
        "horizons": [1, 5],
        "opinions": [
            _opinion("sign", "sign test", "windows do not overlap", [(0.25, None), (None, "one event is too few")]),
            _opinion("naive_t", "naive t", "returns are alike", [(0.05, None), (0.04, None)]),
        ],
        "matched": [
            _matched("all", "all sessions", [0.0001, -0.075], [0.03656, -0.05]),
            _matched("month", "sessions of the same calendar month", [0.01, -0.08], [0.02666, -0.045]),
        ],
        "influence": [
            _influence("event", 3, [-0.005, None], [0.05, None], "2024-07-09", changes=True),
            _influence("decade", 1, [None, None], [None, None], None, changes=False),
        ],
        "halves": [
            _part("2024-07-01", "2024-07-08", 1, 0.0125, 0.4),
            _part("2024-07-09", "2024-07-15", 0, None, None),
        ],
        "sides": [],
    }
    days = ["2024-07-03", "2024-07-09", "2024-07-12", "2024-07-15"]  # the window of the last is never complete
    columns["influence"] = {
        "horizon": [1, 5] * 5,
        "unit": ["event"] * 8 + ["decade"] * 2,
        "label": [day for day in days for _ in (1, 5)] + ["2020s"] * 2,
        "left_out": [1, 1, 1, 0, 1, 1, 0, 0, 3, 1],
        "n": [2, 0, 2, 1, 2, 1, 3, 1, 0, 0],
        "excess": [0.05, NAN, -0.005, -0.05, 0.04, -0.2, 0.03656, -0.05, NAN, NAN],
        "p_value": [0.01, NAN, 0.7, 0.374, 0.02, 0.5, 0.03, 0.374, NAN, NAN],
    }


def _opinion(method: str, name: str, clause: str, said: list[tuple[float | None, str | None]]) -> dict[str, Any]:
    rows = [{"statistic": 1.0, "p_value": p, "reason": reason} for p, reason in said]
    return {"method": method, "name": name, "takes_for_granted": clause, "by_horizon": rows}


def _matched(key: str, text: str, base: list[float], excess: list[float]) -> dict[str, Any]:
    unmatched = [0, 0] if key == "all" else [1, 0]
    return {"matching": key, "text": text, "n": [2, 1], "unmatched": unmatched, "base_spread_mean": base,
            "excess": excess}  # fmt: skip


def _influence(unit: str, groups: int, low: list, high: list, most: str | None, *, changes: bool) -> dict[str, Any]:
    p_low, p_high = ([None if end is None else p for end in low] for p in (0.01, 0.7))
    return {"unit": unit, "groups": groups, "excess_low": low, "excess_high": high, "p_low": p_low, "p_high": p_high,
            "most": [most, None], "changes_sign": [changes, False]}  # fmt: skip


def _part(first: str, last: str, n: int, excess: float | None, p: float | None) -> dict[str, Any]:
    return {"first": first, "last": last, "n": [n, 0], "base_spread_mean": [0.0002, None], "excess": [excess, None],
            "p_value": [p, None]}  # fmt: skip
