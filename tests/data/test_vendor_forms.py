"""Files as vendors write them are read by a first manifest alone, or refused with the key that settles them."""

import sys
import tomllib
from dataclasses import replace

import numpy as np
import pytest

from backtest import cli
from backtest.data.store.read import load_dataset

from . import forms_in_doubt, forms_of_exchanges, forms_of_services
from .vendor_forms import BARS, CLOSES, DAYS, FORMS


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
    assert all((forms_in_doubt, forms_of_exchanges, forms_of_services))  # importing them adds their forms
    assert len(READ) >= 35
    assert len({form.vendor for form in FORMS}) == len(FORMS)
    assert len(set(CLOSES)) > 150
    assert len(DAYS) == len(CLOSES)


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


def form_of(vendor):
    return next(form for form in FORMS if form.vendor == vendor)


class TestRemedies:
    """What a refusal proposes leads to the right dataset."""

    def test_bars_of_hours_become_daily_ones(self, brought):
        status, said = brought(form_of("hours, not days"), "--repair", "intraday=bars")
        assert status == 0, said.err
        prices = load_dataset(brought.folder).prices
        # the rows of a day: 10:30 with the open, 15:30 opening at the close, both with the day's high and low
        for field, expected in zip(("open", "high", "low", "close"), zip(*BARS, strict=True), strict=True):
            np.testing.assert_array_equal(prices.values("hourly", field), expected)
        assert prices.sessions.tolist() == DAYS

    def test_a_file_that_begins_with_its_newest_hour(self, brought):
        form = form_of("hours, not days")
        header, *lines = form.content.decode().strip().split("\n")
        turned = replace(form, content="\n".join([header, *reversed(lines)]).encode())
        assert brought(turned, "--repair", "intraday=bars")[0] == 0
        np.testing.assert_array_equal(load_dataset(brought.folder).prices.close("hourly"), CLOSES)

    def test_midnight_of_another_zone(self, brought):
        form = form_of("a day early, in UTC")
        assert brought(form)[0] == 1
        manifest = brought.folder / "manifest.toml"
        manifest.write_text(f'{manifest.read_text()}time_zone = "Europe/Berlin"\n')
        status, said = brought(form)
        assert status == 0, said.err
        # 23:00 UTC is midnight in Berlin in winter and 01:00 in summer: the same day, either way
        assert load_dataset(brought.folder).prices.sessions.tolist() == DAYS

    def test_the_repair_that_was_once_proposed_deletes_no_mondays(self, brought):
        status, said = brought(form_of("a day early, in UTC"), "--repair", "off_calendar=drop")
        assert status == 1
        assert "a day early" in said.err

    def test_rows_with_other_values_are_not_a_day(self, brought):
        for way in ("drop", "first", "last"):
            status, said = brought(form_of("hours, not days"), "--repair", f"duplicate_date={way}")
            assert status == 1
            assert "2 rows per day, 10:30 to 15:30" in said.err

    @pytest.mark.parametrize(("form", "month"), [("%d/%m/%Y", 2), ("%m/%d/%Y", 1)])
    def test_either_reading_of_a_date(self, brought, form, month):
        either = form_of("days and months that may be either")
        assert brought(either)[0] == 1
        manifest = brought.folder / "manifest.toml"
        manifest.write_text(f'{manifest.read_text()}date_format = "{form}"\n')
        status, said = brought(either)
        if month == 2:  # 04/01/2022 is 4 January
            assert status == 0, said.err
            assert load_dataset(brought.folder).prices.sessions[1].item() == DAYS[1]
        else:  # the other reading has weekends, and steps back: it is refused, never imported
            assert status == 1
