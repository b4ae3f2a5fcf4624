"""Detectors that look ahead, one kind each, and honest ones that look alike: the bodies of ``detect``.

``a`` is the series that leaks, ``b`` another that is read honestly; ``trend`` holds where ``b`` has risen.
"""

HEAD = """
import numpy as np
import pandas as pd


def detect(prices, *, one: str = "A", two: str = "B"):
    a, b = prices.pandas(one), prices.pandas(two)
    x = prices.close(one)
    trend = b > b.shift(3)
"""

RETURNS = "r = a.pct_change(fill_method=None)\n    return trend & "

LEAKS = {
    "centred": "return trend & (a > a.rolling(5, center=True).mean())",
    "backfill": "return trend & (a.bfill().pct_change(5, fill_method=None) > 0.01)",
    "z_score": RETURNS + "((r - r.mean()) / r.std() > 1)",
    "shifted": "return trend & (a.shift(-1) > a)",
    "week_on_monday": "w = a.resample('W-FRI').last().reindex(a.index, method='bfill')\n"
    "    return trend & (w > 1.01 * a)",
    "year_total": RETURNS + "(r.groupby(r.index.year).transform('sum') > 0.05)",
    "sorted_by_future": "f = a.shift(-21) / a - 1\n    return trend & (f.rank(ascending=False) <= 50)",
    "by_maximum": "return trend & (a / a.max() > 0.7)",
    "rolled": "return np.asarray(trend) & (np.roll(x, -1) > x)",
    "interpolated": "i = a.interpolate()\n    return trend & (i > 1.01 * i.shift(2))",
    "quantile": RETURNS + "(r > r.quantile(0.8))",
    "detrended": "t = np.arange(len(x))\n    ok = np.isfinite(x)\n"
    "    line = np.polyval(np.polyfit(t[ok], x[ok], 1), t) if ok.sum() > 2 else x\n"
    "    return np.asarray(trend) & (x > line)",
    "long_histories": "if len(a) < 600:\n        raise ValueError('too short')\n"
    "    return trend & (a.shift(-1) > 1.005 * a)",
    "taken_back": RETURNS + "(r > 0.012) & ~(r.shift(-1) < -0.012)",
    "undone_within_three": RETURNS + "(r < -0.01) & ~(a.shift(-3) > a.shift(1))",
    "month_low": "return trend & (a <= a.groupby([a.index.year, a.index.month]).transform('min'))",
}
"""Every one leaks through ``A`` alone."""

SEEN = "seen = detect.__dict__.setdefault('seen', {})\n    "

REMEMBER = {
    "first_answer": SEEN + "if one not in seen:\n        seen[one] = (a - a.mean()) / a.std()\n"
    "    return trend & (seen[one].reindex(a.index) > 0.5)",
    "first_peaks": SEEN + "if one not in seen:\n        seen[one] = a[a >= a.rolling(11, center=True).max()].index\n"
    "    return trend & a.index.isin(seen[one])",
    "longest_history": SEEN + "if one not in seen or len(seen[one]) < len(a):\n        seen[one] = a\n"
    "    return trend & (seen[one].shift(-5).reindex(a.index) / a - 1 > 0.02)",
}
"""They look ahead, and hide it behind what they remember of the whole history."""

NEEDED = ("centred", "backfill", "z_score", "shifted", "week_on_monday", "year_total", "sorted_by_future", "by_maximum")
"""The eight that have to be caught whatever else is."""

HONEST = {
    "trailing": "return trend & (a > a.rolling(5).mean())",
    "expanding": RETURNS + "((r - r.expanding().mean()) / r.expanding().std() > 1)",
    "smoothed": "return trend & (a > a.ewm(span=10).mean())",
    "highest": "return trend & (a >= a.cummax())",
    "week_on_friday": "w = a.resample('W-FRI').last()\n    w = w[w.index <= a.index[-1]]\n"
    "    return trend & (a > w.reindex(a.index, method='ffill'))",
    "filled": "return trend & (a.ffill().pct_change(5, fill_method=None) > 0.01)",
    "year_to_date": RETURNS + "(r.groupby(r.index.year).cumsum() > 0.05)",
    "ranked_so_far": "return trend & (a.expanding().rank(pct=True) > 0.9)",
    "convolved": "z = np.nan_to_num(x)\n    return np.asarray(trend) & (x > np.convolve(z, np.ones(5) / 5)[: len(z)])",
    "noisy_indicator": "from backtest.model import Condition, Indicator\n"
    "    z = np.nan_to_num(x)\n    size = 2 * len(z) + 8\n"
    "    mean = np.fft.irfft(np.fft.rfft(z, size) * np.fft.rfft(np.ones(5) / 5, size), size)[: len(z)]\n"
    "    return Condition(np.asarray(trend), np.ones(len(z), dtype=bool), Indicator('mean', 'points', mean))",
    "strength": "d = a.diff()\n"
    "    up, down = (s.clip(lower=0).ewm(alpha=1 / 14, adjust=False).mean() for s in (d, -d))\n"
    "    return trend & (100 - 100 / (1 + up / down) < 40)",
    "as_of": "past = a.reindex(a.index - pd.Timedelta(days=30), method='ffill').to_numpy()\n"
    "    return np.asarray(trend) & (x > 1.03 * past)",
    "state": "out, peak, down = np.zeros(len(x), dtype=bool), -1.0, False\n"
    "    for i in np.flatnonzero(np.isfinite(x)):\n        down = x[i] < 0.95 * peak or (down and x[i] < peak)\n"
    "        peak, out[i] = max(peak, x[i]), down\n    return np.asarray(trend) & out",
    "memo": SEEN + "key = x.tobytes()\n    if key not in seen:\n        seen[key] = a.rolling(5).mean()\n"
    "    return trend & (a > seen[key])",
    "memo_by_day": SEEN + "if a.index[-1] not in seen:\n        seen[a.index[-1]] = a.rolling(5).mean()\n"
    "    return trend & (a > seen[a.index[-1]])",
    "first_of_month": "m = pd.Series(a.index.month, a.index)\n    return trend & (m != m.shift(1))",
}


def source(name: str) -> str:
    """Return the text of a detector's file."""
    return f"{HEAD}    {({**LEAKS, **REMEMBER, **HONEST})[name]}\n"
