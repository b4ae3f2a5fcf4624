"""Derived series of expectations, against hand calculation and against what the detectors compute by themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from backtest.data.ingest.derive import derive
from backtest.data.manifest.read import parse_manifest
from backtest.data.store.read import load_dataset
from backtest.detect.builtin import expectation_shift, probability_cross
from backtest.errors import ManifestInvalid
from backtest.model import Contracts

HEAD = """
schema = 1
name = "m"
title = "M"
licence = "none"
redistributable = true
[calendar]
exchange = "XNYS"
[series.P]
title = "P"
kind = "price_index"
unit = "points"
[series.FF]
title = "FF"
kind = "futures"
unit = "100 minus percent"
[series.DFF]
title = "DFF"
kind = "rate"
unit = "percent"
[series.DGS1]
title = "DGS1"
kind = "rate"
unit = "percent"
publication_lag = 1
"""
SESSIONS = np.array(["2024-07-15", "2024-07-16", "2024-07-17"], dtype="datetime64[D]")


def manifest_with(expects, title="E", kind="expectation"):
    series = f'[series.E]\ntitle = "{title}"\nkind = "{kind}"\nunit = "moves"\nexpects = {expects}\n'
    return parse_manifest(HEAD + series, Path("m.toml"))


def month(text):
    return int(np.datetime64(text, "M").astype(int))


CONTRACTS = Contracts(
    np.array([0, 0, 1, 1]),
    np.array([month("2025-01"), month("2025-07"), month("2025-01"), month("2025-07")]),
    np.array([95.0, 96.0, 95.1, 96.06]),
)
COLUMNS = {"DFF": np.array([5.33, 5.33, 5.33]), "DGS1": np.array([4.85, 4.83, np.nan])}


PROXY = (
    "proxy, no futures: DFF minus DGS1, in moves; "
    "a yield is an average over its whole term, and contains a term premium"
)


@pytest.mark.parametrize(
    ("expects", "title", "values", "words"),
    [
        # 5.33 - (100 - 96.00) is 1.33 points, 5.32 moves; a day later 5.33 - 3.94 is 1.39, 5.56 moves.
        (
            '{ of = "cuts_priced", futures = "FF", policy = "DFF" }',
            "E",
            [5.32, 5.56, np.nan],
            "DFF minus the rate FF imply 12 months ahead, in moves",
        ),
        (
            '{ of = "implied_rate", futures = "FF", months = 6 }',
            "E",
            [5.0, 4.9, np.nan],
            "the rate FF imply 6 months ahead",
        ),
        # 5.33 - 4.85 is 0.48 points: 1.92 moves.
        (
            '{ of = "cuts_priced_proxy", policy = "DFF", treasury = "DGS1" }',
            "A proxy",
            [1.92, 2.0, np.nan],
            PROXY,
        ),
    ],
)
def test_by_hand(expects, title, values, words):
    spec = manifest_with(expects, title).series["E"]
    found, derivation = derive("E", spec, SESSIONS, COLUMNS, {"FF": CONTRACTS})
    np.testing.assert_allclose(found, values, atol=1e-9)
    assert derivation == spec.derivation == words


@pytest.mark.parametrize(
    ("expects", "title", "kind", "message"),
    [
        ('{ of = "cuts_priced", futures = "FF" }', "E", "expectation", "'cuts_priced' needs policy."),
        ('{ of = "implied_rate" }', "E", "expectation", "'implied_rate' needs futures."),
        (
            '{ of = "implied_rate", futures = "FF", meeting = 2 }',
            "E",
            "expectation",
            "'meeting' does not go with 'implied_rate'.",
        ),
        (
            '{ of = "implied_rate", futures = "P" }',
            "E",
            "expectation",
            "futures = 'P' must be a series of kind futures",
        ),
        (
            '{ of = "cuts_priced", futures = "FF", policy = "P" }',
            "E",
            "expectation",
            "policy = 'P' must be a series of kind rate",
        ),
        (
            '{ of = "implied_rate", futures = "X" }',
            "E",
            "expectation",
            'expects = "X": must be a series of this manifest',
        ),
        ('{ of = "implied_rate", futures = "FF" }', "E", "rate", 'makes a series of kind "expectation"'),
        (
            '{ of = "cuts_priced_proxy", policy = "DFF", treasury = "DGS1" }',
            "Cuts priced",
            "expectation",
            'is a proxy, so the title must say "proxy".',
        ),
        ('{ of = "odds", futures = "FF" }', "E", "expectation", 'series.E.expects.of = "odds": must be one of'),
    ],
)
def test_what_cannot_be_derived_is_refused_in_one_line(expects, title, kind, message):
    with pytest.raises(ManifestInvalid) as refused:
        manifest_with(expects, title, kind)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.fixture(scope="module")
def real(us_size):
    return load_dataset(us_size.dataset("us-size")).prices


def at(prices, day):
    return int(np.searchsorted(prices.sessions, np.datetime64(day)))


def test_real_series_have_the_figures_of_the_article(real):
    cuts = real.close("cuts_priced_12m")
    # of the prices of 07-09 and 07-16, which are known at the close after
    assert [round(float(cuts[at(real, day)]), 2) for day in ("2024-07-10", "2024-07-17")] == [4.50, 5.56]


def test_a_series_is_what_its_detector_watches(real):
    watched = expectation_shift.detect(real, measure="implied_rate", months=6).indicator.values
    np.testing.assert_array_equal(real.close("implied_rate_6m"), watched)
    odds = probability_cross.detect(real).indicator.values
    np.testing.assert_array_equal(real.close("cut_probability_next_meeting"), odds)


def test_a_proxy_is_as_late_as_its_yield_and_says_what_it_is(real):
    info = real.info("cuts_priced_proxy")
    assert info.publication_lag == 1
    assert "proxy" in info.title
    assert info.cautions[0].text.startswith("cuts_priced_proxy is a proxy, no futures: DFF minus DGS1")
    proxy, cuts = real.close("cuts_priced_proxy"), real.close("cuts_priced_12m")
    both = np.isfinite(proxy) & np.isfinite(cuts)
    assert np.corrcoef(proxy[both], cuts[both])[0, 1] > 0.5
