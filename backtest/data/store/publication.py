"""When the values of a series are known, including those of the series that it is derived from."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from backtest.data.manifest.manifest import Manifest
from backtest.data.store.lock import LockedLate
from backtest.model import Contracts, Sessions


def lag_of(manifest: Manifest, name: str) -> int:
    """Return the sessions until any value of a series is published: its own lag, or the longest of its inputs."""
    spec = manifest.series[name]
    return max([spec.lag, *(lag_of(manifest, part) for part in spec.inputs)])


def late_prices(
    manifest: Manifest, name: str, sessions: Sessions, tables: Mapping[str, Contracts | pa.Table]
) -> LockedLate | None:
    """Return which prices of a series, or of the futures that it is derived from, are stored later than their day."""
    spec, table = manifest.series[name], tables.get(name)
    if not isinstance(table, Contracts):
        return next((late for part in spec.inputs if (late := late_prices(manifest, part, sessions, tables))), None)
    if table.source is None:
        return None
    lags = {source: lag for source, lag in spec.lags.items() if lag and (table.source == source).any()}
    if not lags:
        return None
    rows = np.isin(table.source.astype(str), list(lags))
    first, last = sessions[table.session[rows].min()], sessions[table.session[rows].max()]
    return LockedLate(lags=lags, first=first.item(), last=last.item())
