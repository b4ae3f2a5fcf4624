"""Where a spliced series changes its source."""

from __future__ import annotations

import datetime as dt

import pytest

from backtest.model import Seam, SeriesInfo, seams_of
from backtest.model.seam import seam_in


def series(**derivations):
    return {name: SeriesInfo(name, name, "price_index", "points", derivation=d) for name, d in derivations.items()}


WORDS = "french_qnt2 up to 2000-05-26, the first session of IWM, then IWM, chained"


def test_what_is_written_is_read():
    seam = Seam(dt.date(2000, 5, 26), "french_qnt2", "IWM")
    assert seam.words == WORDS
    assert seam_in(seam.words) == seam


@pytest.mark.parametrize(
    "words", ["", "A divided by B", "A up to the first session of B, then B, chained", f"{WORDS}; x"]
)
def test_other_derivations_have_none(words):
    assert seam_in(words) is None


def test_a_splice_of_splices():
    old, new = Seam(dt.date(1990, 1, 2), "A", "B"), Seam(dt.date(2010, 1, 4), "C", "D")
    late = Seam(dt.date(2005, 1, 3), "E", "F")
    outer = Seam(dt.date(2000, 1, 3), "first", "second")
    made = series(first=old.words, second=new.words, whole=outer.words, A="", B="", C="", D="")
    assert seams_of(made, "whole") == (old, outer, new)
    # a seam of the first part that lies after the outer one is not used
    assert seams_of(series(first=late.words, whole=outer.words), "whole") == (outer,)
    assert seams_of(made, "A") == ()
    assert seams_of(made, "not there") == ()


def test_as_an_import_says_it(us_size):
    from backtest.data.store.read import load_dataset

    prices = load_dataset("us-size", us_size).prices
    found = {leg: seams_of(prices.series, leg) for leg in ("small_caps", "mega_caps", "RUT")}
    assert found == {
        "small_caps": (Seam(dt.date(2000, 5, 26), "french_qnt2", "IWM"),),
        "mega_caps": (Seam(dt.date(2000, 10, 27), "french_hi10", "OEF"),),
        "RUT": (),
    }
