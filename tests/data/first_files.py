"""Files of one series, and the first manifest that was guessed for them."""

import tomllib

import numpy as np

from backtest.data.store.read import load_dataset

from . import damage

DAYS = [str(day) for day in damage.sessions()[:60]]


def csv_of(values, head="date,close", days=DAYS):
    return "\n".join([head, *(f"{day},{value}" for day, value in zip(days, values, strict=False))]) + "\n"


def series_of(here):
    return tomllib.loads(here.manifest.read_text())["series"]


def known(here):
    """Return the closes that are there, in order: a session of the exchange without one is unknown."""
    closes = load_dataset(here.folder).prices.close("prices")
    return closes[~np.isnan(closes)].tolist()
