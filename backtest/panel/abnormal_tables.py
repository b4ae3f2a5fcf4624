"""Tables of abnormal returns as arrays by column: returns as fractions, NaN where one is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backtest.abnormal.abnormal_returns import AbnormalReturns, mean_of_known
from backtest.abnormal.across_events import clustered_deviation
from backtest.abnormal.all_tests import CLASSICAL_TESTS
from backtest.abnormal.classical import window_returns
from backtest.model import Floats
from backtest.model.panel import Panel

Columns = Mapping[str, NDArray[Any]]
THIN = 1.0 / 3.0
"""Share of an estimation window's sessions with a return of zero from which an asset counts as thinly traded."""


def event_columns(panel: Panel, found: AbnormalReturns) -> Columns:
    """Return one row per event: its estimate, and CAR and BHAR of the whole event window.

    ``event`` is its position among the events of the study. ``known`` counts the sessions of the event window with an
    abnormal return; CAR and BHAR are missing where one has none. ``car_deviation`` includes the forecast error.
    """
    estimated = found.estimated
    names = ["beta", "beta_smb", "beta_hml"]  # of the market first
    return {
        "event": found.position,
        "asset": _assets(panel, found),
        "day0": _days(panel, found.events.day0),
        "estimation_n": estimated.observations,
        "alpha": estimated.alpha,
        **dict(zip(names, estimated.beta.T, strict=False)),
        "sigma": estimated.sigma,
        "r2": estimated.r2,
        "untraded": found.untraded,
        "overlapping": found.overlapping,
        "known": np.isfinite(found.ar).sum(axis=1),
        "car": found.car[:, -1],
        "car_deviation": found.car_deviation,
        "bhar": found.bhar[:, -1],
    }


def daily_columns(panel: Panel, found: AbnormalReturns) -> Columns:
    """Return one row per event and session of the event window, in order of the events and then of the offset.

    CAR and BHAR run from the first session of the event window; both are missing from the first missing return on.
    """
    n, length = found.ar.shape
    offsets = found.window.offsets
    of_event = event_columns(panel, found)
    model = [name for name in of_event if name in ("estimation_n", "alpha", "sigma") or name.startswith("beta")]
    return {
        **{name: np.repeat(of_event[name], length) for name in ("event", "asset")},
        "date": _days(panel, (found.events.day0[:, None] + offsets).ravel()),
        "offset": np.tile(offsets, n),
        "ret": (found.ar + found.normal).ravel(),
        "normal": found.normal.ravel(),
        "ar": found.ar.ravel(),
        "car": found.car.ravel(),
        "bhar": found.bhar.ravel(),
        **{name: np.repeat(of_event[name], length) for name in model},
    }


def by_offset_columns(found: AbnormalReturns) -> Columns:
    """Return one row per session of the event window, over the events that have a value there.

    The 95% interval of CAAR is that of Student's t with its deviation clustered by date; missing with fewer than two
    dates.
    """
    from scipy.stats import t

    car = found.car
    known = np.isfinite(car)
    deviation = [clustered_deviation(one[has], found.events.day0[has]) for one, has in zip(car.T, known.T, strict=True)]
    dates = np.array([len(np.unique(found.events.day0[has])) for has in known.T])
    reach = t.ppf(0.975, np.maximum(dates - 1, 1)) * np.array(deviation)
    return {
        "offset": found.window.offsets,
        "n": np.isfinite(found.ar).sum(axis=0),
        "aar": found.aar,
        "n_car": known.sum(axis=0),
        "caar": found.caar,
        "caar_low": found.caar - reach,
        "caar_high": found.caar + reach,
        "bhar_mean": mean_of_known(found.bhar),
    }


def classical_columns(found: AbnormalReturns, windows: Iterable[tuple[int, int]]) -> Columns:
    """Return one row per window and test: what it says, of how many events, its null and what it assumes.

    ``freedom`` is missing where the statistic is compared with the normal distribution or p is exact; statistic and p
    are missing where there is no answer, and ``reason`` says why.
    """
    rows = []
    for first, last in windows:
        returns = window_returns(found, first, last)
        mean = float(returns.car.mean()) if len(returns) else np.nan
        for test in CLASSICAL_TESTS:
            said = test(returns)
            numbers = [np.nan if one is None else one for one in (said.statistic, said.p_value, said.freedom)]
            words = (test.name, test.null, test.assumes, test.source, said.reason or "")
            rows.append((first, last, test.key, said.n, mean, *numbers, *words))
    names = ["first", "last", "test", "n", "caar", "statistic", "p_value", "freedom"]
    names += ["name", "null", "assumes", "source", "reason"]
    kinds = (int, int, object, int, float, float, float, float, object, object, object, object, object)
    columns = zip(*rows, strict=True) if rows else ((),) * len(names)
    return {name: np.array(values, dtype=kind) for name, values, kind in zip(names, columns, kinds, strict=True)}


def counted_columns(panel: Panel, found: AbnormalReturns, windows: Iterable[tuple[int, int]]) -> Columns:
    """Return how many events were left out, how many lack a session of a window, and how many call for caution.

    Reasons that hold for no event are listed with 0 where they are cautions, and not at all where they leave out.
    """
    rows = [("left out", reason, len(which)) for reason, which in found.excluded.items()]
    for first, last in windows:
        missing = window_returns(found, first, last).incomplete
        rows.append(("incomplete", f"it lacks an abnormal return in the window [{first}, {last}]", missing))
    _, ends = panel.spans
    ended = found.events.day0 + found.window.last > ends[found.events.asset]
    short = found.estimated.observations < found.window.estimation
    thin = found.untraded > THIN * found.estimated.observations
    rows += [
        ("caution", "its event window overlaps that of another event of the asset", int(found.overlapping.sum())),
        ("caution", "the data of its asset end within the event window", int(ended.sum())),
        ("caution", "its estimation window lacks observations", int(short.sum())),
        ("caution", "more than a third of its estimation window has a return of zero", int(thin.sum())),
    ]
    kinds, reasons, counts = zip(*rows, strict=True)
    return {
        "kind": np.array(kinds, dtype=object),
        "reason": np.array(reasons, dtype=object),
        "n": np.array(counts, dtype=np.int64),
    }


def placebo_columns(offsets: NDArray[Any], caar: Floats, drawn: Floats) -> Columns:
    """Compare CAAR with those of the same events at other times.

    Parameters
    ----------
    offsets, caar : ndarray of shape (L,)
        Sessions of the event window, and CAAR there.
    drawn : ndarray of shape (n_shifts, L)
        Placebo CAAR; NaN where a shift measures no event.
    """
    known = np.isfinite(drawn)
    n = known.sum(axis=0)
    far = (np.abs(drawn) >= np.abs(caar)) & known
    some = n > 0
    return {
        "offset": offsets,
        "caar": caar,
        "placebo_mean": mean_of_known(drawn),
        "placebo_low": np.where(some, np.where(known, drawn, np.inf).min(axis=0), np.nan),
        "placebo_high": np.where(some, np.where(known, drawn, -np.inf).max(axis=0), np.nan),
        "shifts": n,
        "p_value": np.where(np.isfinite(caar) & some, (1 + far.sum(axis=0)) / (1 + n), np.nan),
    }


def _assets(panel: Panel, found: AbnormalReturns) -> NDArray[Any]:
    return np.asarray(np.array(panel.assets, dtype=object)[found.events.asset])


def _days(panel: Panel, rows: NDArray[np.int64]) -> NDArray[Any]:
    return np.asarray(panel.common.sessions[rows].astype("datetime64[s]"))
