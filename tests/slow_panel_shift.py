"""The verdict on a panel, written down again: events moved one shift at a time, session by session."""

from __future__ import annotations

import numpy as np


def slow_base(changes, seen, held):
    """Return what the mean asset-session earns on each session, for so many sessions held in all."""
    earned = [sum(row[a] for a in range(len(row)) if at[a]) for row, at in zip(changes[1:], seen, strict=True)]
    return held * np.array(earned) / seen.sum()


def slow_scale(changes, base, day0, asset, length, weights=None):
    """Return D_k and N with a loop over shifts, dates and sessions, as the docstring of the statistic says."""
    m = len(changes) - 1
    parts = np.ones(len(day0)) if weights is None else weights
    members = [(int(date), day0 == date) for date in np.unique(day0)]
    earned = {date: [changes[1 + t, asset[on]] @ parts[on] for t in range(m)] for date, on in members}  # after place t
    portfolio = np.zeros((m, m))  # shift, time of the portfolio's life
    for k in range(m):
        for date, _ in members:
            for step in range(length):
                portfolio[k, (date + step) % m] += earned[date][(date + k + step) % m]
        for place in range(m):
            portfolio[k, place] -= base[(place + k) % m]
    came = (portfolio**2).sum(axis=1)
    life = (portfolio**2).mean(axis=0)
    q = np.array([sum(earned[date][(date + j) % m] ** 2 for date, _ in members) for j in range(m)])
    windows = np.array([sum(q[(k + step) % m] for step in range(length)) for k in range(m)])
    known = np.array([sum(0.06 * 0.94**j * q[(k - 1 - j) % m] for j in range(201 + k)) for k in range(m)])
    known += np.array([0.94 ** (201 + k) for k in range(m)]) * q.mean()
    apart = known - q.mean()
    slope = min(max((apart @ (windows - windows.mean())) / (apart @ apart) / length, 0.0), 1.0)
    hoped = q.mean() + slope * apart
    hoped *= np.median(came) / np.median(hoped)
    n = life.sum() ** 2 / (life**2).sum()
    return np.sqrt((3.0 * hoped + n * came) / (3.0 + n)), n


def slow_effects(effects, day0, asset, weights=None):
    """Return the sum of the effects of the moved events for every shift, of an array of shape (m, n_assets)."""
    m = len(effects)
    parts = np.ones(len(day0)) if weights is None else weights
    found = np.zeros(m)
    for k in range(m):
        for at, held, each in zip(day0, asset, parts, strict=True):
            value = effects[(at + k) % m, held]
            found[k] += each * value if value == value else 0.0
    return found
