"""A slow twin of published outcomes, in pandas, without a line of the package: events by loops, returns by dates."""

from __future__ import annotations

import pandas as pd

END = pd.Timestamp("2100-01-01")


class Twin:
    """Closes of the shared folder, and what came after days of them."""

    def __init__(self, folder):
        self.folder = folder
        self.closes = {}

    def close(self, name, column="close"):
        """The closes of one file; `column` is ``adj_close`` for a total return."""
        if (name, column) not in self.closes:
            table = pd.read_csv(self.folder / "prices" / f"{name}.csv", parse_dates=["date"]).set_index("date")
            self.closes[name, column] = table[column].dropna()
        return self.closes[name, column]

    def outcomes(self, close, days, horizon, known=END, lag=0):
        """The return from each day to its horizon; None for one whose end was not known by `known`."""
        close, found = close[:known], []
        for day in days:
            start = close.index.get_loc(day) + lag
            if isinstance(horizon, int):
                end = start + horizon
            else:
                unit = {"m": "months", "y": "years"}[horizon[-1]]
                target = day + pd.DateOffset(**{unit: int(horizon[:-1])})
                end = close.index.searchsorted(target, side="right") - 1 if target <= close.index[-1] else len(close)
            found.append(close.iloc[end] / close.iloc[start] - 1 if end < len(close) else None)
        return found

    def figures(self, close, days, horizon, known=END, lag=0):
        """Number, mean, median and share above zero of the outcomes that were known."""
        values = pd.Series([one for one in self.outcomes(close, days, horizon, known, lag) if one is not None])
        return len(values), values.mean(), values.median(), (values > 0).mean()


def run_lengths(flags):
    """For each session, how many sessions in a row up to it are flagged."""
    lengths, so_far = [], 0
    for flag in flags:
        so_far = so_far + 1 if flag else 0
        lengths.append(so_far)
    return pd.Series(lengths, index=flags.index)


def beginnings(flags):
    """The days that are flagged and follow a day that is not."""
    rows = zip(flags.index[1:], flags[1:], flags[:-1], strict=True)
    return [day for day, flag, before in rows if flag and not before]


def endings(lengths, least):
    """The days that end a run of at least so many sessions: the first that is not part of it."""
    days = lengths.index
    return [days[at + 1] for at in range(len(days) - 1) if lengths.iloc[at] >= least and lengths.iloc[at + 1] == 0]


def apart(days, index, cooldown):
    """The days that lie more than so many sessions after the last one kept."""
    kept = []
    for day in days:
        if not kept or index.get_loc(day) - index.get_loc(kept[-1]) > cooldown:
            kept.append(day)
    return kept


def until(days, last):
    """The days up to a day."""
    return [day for day in days if day <= pd.Timestamp(last)]
