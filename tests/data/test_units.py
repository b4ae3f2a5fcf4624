"""Returns that a first manifest takes for percent, for fractions, or for neither."""

import tomllib

import numpy as np
import pytest

from backtest.data.manifest.guess import guess_manifest
from backtest.data.store.read import load_dataset

from .first_files import csv_of, series_of


@pytest.mark.parametrize(("unit", "scale"), [("fraction", 100), ("percent", 1)])
def test_returns_that_could_be_either_are_left_open(here, unit, scale):
    rng = np.random.default_rng(7)
    values = rng.normal(0, 0.02, 60)  # percent of something very calm, or fractions of something lively
    status, said = here(csv_of([f"{value:.6f}" for value in values]))
    assert status == 1
    assert 'Write unit = "fraction" or unit = "percent" for series.prices in manifest.toml.' in said.err
    assert series_of(here)["prices"]["unit"] == "fraction or percent"
    text = here.manifest.read_text().replace('unit = "fraction or percent"', f'unit = "{unit}"')
    if unit == "percent":  # the firewall doubts percent as small as that, until they are accepted
        here.manifest.write_text(text)
        status, said = here(None)
        assert status == 1
        assert "list them under checks.accept" in said.err
        text += '[checks]\naccept = [{ rule = "magnitude", series = "prices" }]\n'
    here.manifest.write_text(text)
    status, said = here(None)
    assert status == 0, said.err
    np.testing.assert_allclose(load_dataset(here.folder).prices.close("prices"), values * scale, atol=1e-4)


@pytest.mark.parametrize(
    ("sigma", "unit", "column"),
    [
        (1.0, "percent", "close"),  # a stock, in percent
        (0.0002, "fraction", "close"),  # 0.02% a day, as fractions: as percent it would be nothing
        (0.007, "fraction", "close"),  # the S&P 500
        (0.02, "fraction or percent", "close"),
        (0.02, "percent", "ret_pct"),
        (0.02, "fraction", "ret_fraction"),
    ],
)
def test_units_of_returns(tmp_path, sigma, unit, column):
    values = np.random.default_rng(3).normal(0, sigma, 60)
    (tmp_path / "r.csv").write_text(csv_of([f"{value:.8f}" for value in values], f"date,{column}"))
    (item,) = tomllib.loads(guess_manifest("mine", tmp_path / "r.csv").text)["series"].values()
    assert item["unit"] == unit


def test_very_calm_fractions_are_imported_as_what_they_are(here):
    values = np.random.default_rng(3).normal(0, 0.0002, 60)
    status, said = here(csv_of([f"{value:.8f}" for value in values]))
    assert status == 0, said.err
    np.testing.assert_allclose(load_dataset(here.folder).prices.close("prices"), values * 100, atol=1e-5)
