"""What an asset would have returned without the event: five models, estimated for all events at once.

References
----------
Brown and Warner (1980, 1985); Campbell, Lo and MacKinlay (1997), chapter 4; Carhart (1997); Fama and French (1993).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from backtest.errors import StudyRefused
from backtest.model import Bools, Floats, Ints
from backtest.spec.study_table import FACTORS_OF

Model = Literal["none", "constant_mean", "market_adjusted", "market", "ff3", "carhart"]
FACTORS: dict[str, int] = {"none": 0, **FACTORS_OF}
"""Columns that each model needs beside the returns."""

NOTHING_ESTIMATED = ("none", "market_adjusted")
RANK_TOLERANCE = 1e-10
"""Of the smallest to the largest eigenvalue of the factors' correlations: below it they depend on one another."""


@dataclass(frozen=True, eq=False)
class Estimate:
    """One normal return per event.

    Attributes
    ----------
    alpha, sigma, r2 : ndarray of shape (n,)
        Constant a session, the residuals' deviation with `freedom` in its denominator, and the share of variance
        explained (NaN where the model explains none of it). Of models that estimate nothing, alpha is 0 and sigma is
        the deviation of the abnormal returns about their mean.
    beta : ndarray of shape (n, k)
        Per factor; 1 in a market-adjusted model.
    observations, freedom : ndarray of shape (n,)
        Sessions with a return and all factors, and the same minus the parameters that sigma rests on.
    centre : ndarray of shape (n, k)
        Mean of each factor over these sessions.
    inverse : ndarray of shape (n, k, k)
        Inverse of the factors' centred sums of squares.
    singular : ndarray of shape (n,)
        Whether the factors do not vary, or depend on one another.
    """

    alpha: Floats
    beta: Floats
    sigma: Floats
    r2: Floats
    observations: Ints
    freedom: Ints
    centre: Floats
    inverse: Floats
    singular: Bools


def check_model(model: str, factors: Floats) -> None:
    """Refuse an unknown model, and a number of factors that is not the model's.

    Raises
    ------
    StudyRefused
        As said.
    """
    if model not in get_args(Model):
        raise StudyRefused(f"model {model!r}: unknown.", f"Choose one of {', '.join(get_args(Model))}.")
    if factors.shape[1] != FACTORS[model]:
        raise StudyRefused(
            f"model {model!r}: {factors.shape[1]} factor columns: {FACTORS[model]} needed.",
            "Pass one column for each factor.",
        )


def estimate(model: Model, returns: Floats, factors: Floats) -> tuple[Estimate, Floats]:
    """Estimate one model on the estimation windows of all events, by ordinary least squares.

    Parameters
    ----------
    model : str
        One of `Model`.
    returns : ndarray of shape (n, E)
        Simple returns as fractions; NaN where missing.
    factors : ndarray of shape (n, E, k)
        Of the same sessions; NaN where missing.

    Returns
    -------
    Estimate, ndarray of shape (n, E)
        And the residuals: NaN where the return or a factor is missing.
    """
    known = np.isfinite(returns) & np.isfinite(factors).all(axis=2)
    n = known.sum(axis=1)
    y, x = np.where(known, returns, 0.0), np.where(known[:, :, None], factors, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre, mean = x.sum(axis=1) / n[:, None], y.sum(axis=1) / n
        deviation = np.where(known[:, :, None], x - centre[:, None, :], 0.0)
        around = np.where(known, y - mean[:, None], 0.0)
        inverse, singular = _inverse(deviation, n)
        if model in NOTHING_ESTIMATED:
            beta, singular = np.ones_like(centre), np.zeros(len(n), dtype=bool)
            alpha, parameters = np.zeros(len(n)), 1
        else:
            beta = _times(inverse, np.matmul(deviation.transpose(0, 2, 1), around[:, :, None])[:, :, 0])
            alpha, parameters = mean - (centre * beta).sum(axis=1), 1 + centre.shape[1]
        residual = y - alpha[:, None] - np.matmul(x, beta[:, :, None])[:, :, 0]
        freedom = n - parameters
        about = residual - (residual * known).sum(axis=1, keepdims=True) / n[:, None]
        unexplained = np.where(known, about, 0.0)
        left = (unexplained**2).sum(axis=1)
        sigma = np.sqrt(np.where(freedom > 0, left, np.nan) / freedom)
        explains = model not in (*NOTHING_ESTIMATED, "constant_mean")
        r2 = 1.0 - left / (around**2).sum(axis=1) if explains else np.full(len(n), np.nan)
    found = Estimate(alpha, beta, sigma, r2, n, freedom, centre, inverse, singular)
    return found, np.where(known, residual, np.nan)


def forecast_covariance(model: Model, estimated: Estimate, factors: Floats) -> Floats:
    """Return the covariance of the abnormal returns of each event window, forecast errors included.

    Their own variance lies on the diagonal; every pair shares the error of the constant, one over the observations, and
    that of the slopes. Where nothing is estimated, only the diagonal remains.

    Parameters
    ----------
    model : str
        That was estimated.
    estimated : Estimate
        Of n events.
    factors : ndarray of shape (n, L, k)
        Of the event windows; NaN where missing.

    Returns
    -------
    ndarray of shape (n, L, L)
        NaN in row and column of a session with a missing factor.

    References
    ----------
    Campbell, Lo and MacKinlay (1997), equation 4.4.8.
    """
    length = factors.shape[1]
    shape = np.broadcast_to(np.eye(length), (len(factors), length, length))
    if model not in NOTHING_ESTIMATED:
        away = factors - estimated.centre[:, None, :]
        slopes = np.matmul(np.matmul(away, estimated.inverse), away.transpose(0, 2, 1))
        shape = shape + 1.0 / np.maximum(estimated.observations, 1)[:, None, None] + slopes
    return np.asarray(estimated.sigma[:, None, None] ** 2 * shape)


def _inverse(deviation: Floats, n: Ints) -> tuple[Floats, Bools]:
    """Return the inverse of the sums of squares, NaN where there is none, and flag these events."""
    squares = np.matmul(deviation.transpose(0, 2, 1), deviation)
    k = squares.shape[1]
    if not k:
        return squares, np.zeros(len(n), dtype=bool)
    scale = np.sqrt(np.einsum("nkk->nk", squares))
    flat = ~(scale > 1e-12 * np.sqrt(np.maximum(n, 1))[:, None]).all(axis=1)
    scale = np.where(flat[:, None], 1.0, scale)
    correlation = np.where(flat[:, None, None], np.eye(k), squares / (scale[:, :, None] * scale[:, None, :]))
    values = np.linalg.eigvalsh(correlation)
    singular = flat | (values[:, 0] <= RANK_TOLERANCE * values[:, -1])
    safe = np.where(singular[:, None, None], np.eye(k), correlation)
    inverse = np.linalg.inv(safe) / (scale[:, :, None] * scale[:, None, :])
    return np.where(singular[:, None, None], np.nan, inverse), singular


def _times(matrices: Floats, vectors: Floats) -> Floats:
    """Return the product of each matrix and its vector."""
    return np.asarray(np.matmul(matrices, vectors[:, :, None])[:, :, 0])
