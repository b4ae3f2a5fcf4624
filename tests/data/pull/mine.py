"""A small dataset with series from all three providers, ready to be pulled."""

from __future__ import annotations

import numpy as np

from backtest.data.pull.pulling import pull_dataset
from backtest.data.store.read import load_dataset
from backtest.workspace import Workspace

from . import bodies

DAYS = [str(day) for day in np.busday_offset("2024-07-01", np.arange(12))]
HEAD = """schema = 1
name = "mine"
title = "My prices"
licence = "their owners'"
redistributable = false
[calendar]
exchange = "XNYS"
series = ["IWM", "PRICE"]
"""
SERIES = """
[series.{name}]
title = "{name}"
kind = "{kind}"
unit = "{unit}"
file = "{name}.csv"
"""
PROVIDER = 'columns = {{ {columns} }}\nprovider = "{provider}"\nsymbol = "{symbol}"\n'
OHLC = 'open = "open", high = "high", low = "low"'


def series(name, kind="rate", unit="percent", provider=None, symbol="", columns='close = "value"', more=""):
    text = SERIES.format(name=name, kind=kind, unit=unit)
    if provider:
        text += PROVIDER.format(provider=provider, symbol=symbol, columns=columns)
    return text + more


MANIFEST = "".join(
    [
        HEAD,
        series("IWM", "total_return_index", "USD", "yahoo", "IWM", OHLC + ', close = "close"'),
        series("PRICE", "price_index", "USD", "yahoo", "IWM", OHLC + ', close = "close"'),
        series("DGS10", provider="fred", symbol="DGS10"),
        series("target", provider="fred", symbol="DFEDTAR, DFEDTARU"),
        series("lo30", "percent_return", "percent", "french", "Sizes", 'close = "Lo 30"'),
        '[series.small]\ntitle = "small"\nkind = "total_return_index"\nunit = "index"\nindex_of = "lo30"\n',
        series("FF", "futures", more="optional = true\n"),
        series("FOMC", "decisions", more='columns = { unscheduled = "unscheduled" }\noptional = true\n'),
    ]
)
FF = "date,contract,price\n2024-07-15,2024-08,94.7\n2024-07-16,2024-08,94.68\n2024-07-16,2024-09,94.8\n"
FOMC = "date,before,after,unscheduled\n2024-06-12,5.5,5.5,0\n2024-07-31,5.5,5.5,0\n"


class Bench:
    def __init__(self, root, provider, client):
        (root / "backtest.toml").touch()
        self.workspace = Workspace(root, marked=True)
        self.folder = root / "datasets" / "mine"
        self.folder.mkdir(parents=True)
        self.manifest(MANIFEST)
        self.provider, self.client = provider, client
        lo30 = [0.0, 1.0, *[0.1] * 10]
        provider.answers("/chart/IWM", bodies.chart("IWM"))
        provider.answers("id=DGS10", bodies.fred_csv("DGS10", bodies.RATES))
        provider.answers("id=DFEDTARU", bodies.fred_csv("DFEDTARU", [("2024-07-15", "5.5"), ("2024-07-16", "5.25")]))
        provider.answers("id=DFEDTAR", bodies.fred_csv("DFEDTAR", [("2024-07-11", "5.75"), ("2024-07-15", "5.75")]))
        provider.answers("/Sizes_CSV.zip", bodies.french_sizes(DAYS, {"Lo 30": lo30}))

    def manifest(self, text):
        (self.folder / "manifest.toml").write_text(text)

    def pull(self, **options):
        return pull_dataset("mine", self.workspace, client=self.client, **options)

    def prices(self):
        return load_dataset("mine", self.workspace).prices

    def data(self):
        """The dataset's files, without what is kept for the next pull."""
        paths = [self.folder / "lock.json", *sorted((self.folder / "data").rglob("*.parquet"))]
        return {path: path.read_bytes() for path in paths}

    def outcomes(self, **options):
        return {str(request): answer.outcome for request, answer in self.pull(**options).answers.items()}
