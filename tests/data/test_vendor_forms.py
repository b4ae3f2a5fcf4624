"""Files as vendors write them are read by a first manifest alone, or refused with the key that settles them."""

import sys
import tomllib

import numpy as np
import pytest

from backtest import cli
from backtest.data.store.read import load_dataset

from .vendor_forms import CLOSES, DAYS, FORMS


@pytest.fixture
def brought(bench, monkeypatch, capsys):
    monkeypatch.chdir(bench.workspace.root)

    def run(form, *more):
        (bench.source / form.file).write_bytes(form.content)
        arguments = ["data", "import", "fresh", "--new", "--from", f"delivered/{form.file}", *more]
        monkeypatch.setattr(sys, "argv", ["backtest", *arguments])
        return cli.status_of(), capsys.readouterr()

    run.folder = bench.workspace.root / "datasets" / "fresh"
    return run


READ = [form for form in FORMS if not form.refusal]
REFUSED = [form for form in FORMS if form.refusal]


def test_there_are_many():
    assert len(READ) >= 35
    assert len({form.vendor for form in FORMS}) == len(FORMS)
    assert len(set(CLOSES)) > 150 and len(DAYS) == len(CLOSES)


@pytest.mark.parametrize("form", READ, ids=[form.vendor for form in READ])
def test_the_right_series_are_read(brought, form):
    status, said = brought(form)
    assert status == 0, said.err
    written = tomllib.loads((brought.folder / "manifest.toml").read_text())["series"]
    assert {name: spec["kind"] for name, spec in written.items()} == form.series
    prices = load_dataset(brought.folder).prices
    first = next(iter(form.series))
    assert prices.sessions.astype(object).tolist() == DAYS
    scale = 100.0 if written[first].get("unit") == "fraction" else 1.0
    np.testing.assert_allclose(prices.close(first), np.array(form.close) * scale, rtol=1e-9)


@pytest.mark.parametrize("form", REFUSED, ids=[form.vendor for form in REFUSED])
def test_a_dangerous_guess_is_refused_and_the_key_named(brought, form):
    status, said = brought(form)
    assert status == 1
    assert form.refusal in said.err
    assert said.err.count("\n") == 1
    assert not (brought.folder / "lock.json").exists()
