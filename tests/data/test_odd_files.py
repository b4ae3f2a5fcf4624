"""Files that are no plain tables of prices: each is read rightly, or refused with the cause and the key."""

import datetime as dt
import gzip
import io
import os
import re
import zipfile
import zoneinfo
from itertools import pairwise

import numpy as np
import openpyxl
import pytest

from backtest.data.files.months import month_of
from backtest.data.firewall import exchange, recognise
from backtest.data.firewall.midnights import zones_of
from backtest.data.store.lock import read_lock
from backtest.data.store.read import load_dataset

from .first_files import DAYS, known, series_of
from .vendor_forms import CLOSES
from .vendor_forms import DAYS as SESSIONS


def rows(header, cells, days=SESSIONS):
    return "\n".join([header, *(f"{day},{cell}" for day, cell in zip(days, cells, strict=False))]) + "\n"


def dates_of(name):
    """Return an exchange's sessions from 2019 to 2022."""
    days = np.array(["2019-01-01", "2022-12-31"], dtype="datetime64[D]")
    return exchange.exchange_of(name, *days).expected(*days).astype(object).tolist()


def walk(n, start, step, seed=3):
    return start + np.cumsum(np.random.default_rng(seed).normal(0, step, n))


# rates


def test_rates_that_may_be_fractions_are_refused_until_the_unit_says_which(here):
    yields = walk(len(SESSIONS), 0.0184, 0.0003)
    status, said = here(rows("date,yield", [f"{value:.4f}" for value in yields]))
    assert status == 1
    assert "as a fraction and 0.0" in said.err
    assert 'Write unit = "fraction" or unit = "percent" for series.prices' in said.err
    here.manifest.write_text(here.manifest.read_text().replace('"fraction or percent"', '"fraction a year"'))
    assert here(None)[0] == 0
    np.testing.assert_allclose(known(here), 100 * yields.round(4), rtol=1e-12)
    assert read_lock(here.folder).series["prices"].unit == "percent a year"


def test_rates_by_the_words_of_a_column_are_in_doubt_alike(here):
    cells = [f"{name},{0.0150 + k / 10_000:.4f}" for k, name in enumerate(["2Y", "10Y"] * len(SESSIONS))]
    days = [day for day in SESSIONS for _ in range(2)]
    status, said = here(rows("date,series,yield", cells[: 2 * 60], days[: 2 * 60]))
    assert status == 1
    assert 'Write unit = "fraction" or unit = "percent" for series.' in said.err
    assert {spec["unit"] for spec in series_of(here).values()} == {"fraction or percent"}


@pytest.mark.parametrize("highest", ["1.84", "-0.45"])
def test_one_rate_that_is_no_fraction_tells_of_all(here, highest):
    cells = [f"0.0{k % 7 + 1},{highest}" for k in range(len(SESSIONS))]
    assert here(rows("date,1 Mo,10 Yr", cells))[0] == 0
    assert {spec["unit"] for spec in series_of(here).values()} == {"percent a year"}


def test_a_policy_rate_that_nobody_named_is_one_by_its_steps(here):
    steps = [5.5] * 60 + [5.25] * 60 + [4.75] * (len(SESSIONS) - 120)
    status, said = here(rows("date,target_1982_on", steps))
    assert status == 0
    assert series_of(here)["prices"]["kind"] == "rate"
    assert "jump" not in said.out


def test_a_policy_rate_that_is_called_a_close_is_told_by_the_hint(here):
    steps = [0.25] * 60 + [0.5] * 60 + [1.0] * (len(SESSIONS) - 120)
    status, said = here(rows("date,close", steps))
    assert status == 1
    assert 'it hardly ever changes, and then in steps: a rate? (kind = "rate")' in said.err
    assert 'A policy rate? Write kind = "rate" for the series in manifest.toml.' in said.err
    here.manifest.write_text(here.manifest.read_text().replace('kind = "price_index"', 'kind = "rate"'))
    assert here(None)[0] == 0


def test_the_return_of_a_bill_stands_for_months_and_is_a_return_beside_returns(here):
    moves = walk(len(SESSIONS), 0.0, 0.0) + np.random.default_rng(5).normal(0, 1.1, len(SESSIONS))
    cells = [f"{move:.2f},{0.01 + 0.01 * (k // 90)}" for k, move in enumerate(moves)]
    status, said = here(rows("date,Mkt-RF,RF", cells))
    assert status == 0, said.err
    assert {name: spec["kind"] for name, spec in series_of(here).items()} == {
        "Mkt-RF": "percent_return",
        "RF": "percent_return",
    }


def test_a_table_of_decisions_is_one_of_decisions_and_no_prices(here):
    levels = [3.0, 3.25, 3.25, 3.5, 4.25, 4.0, 4.0]
    cells = [f"{int(k == 4)},{a},{b}" for k, (a, b) in enumerate(pairwise(levels))]
    status, said = here(rows("date,unscheduled,target_before,target_after", cells), "fed.csv")
    assert series_of(here)["fed"]["kind"] == "decisions"
    columns = {"before": "target_before", "after": "target_after", "unscheduled": "unscheduled"}
    assert series_of(here)["fed"]["columns"] == columns
    assert status == 1  # decisions alone have no sessions
    assert "Add a price, a return, a rate or futures to it." in said.err


def test_yields_of_a_bond_market_are_read_on_the_sessions_of_stocks(here):
    days = [d for d in np.arange("2023-09-01", "2023-12-01", dtype="datetime64[D]").tolist() if d.weekday() < 5]
    closed = {dt.date(2023, 9, 4), dt.date(2023, 10, 9), dt.date(2023, 11, 10), dt.date(2023, 11, 23)}
    bonds = [day for day in days if day not in closed]  # Columbus Day; Veterans Day is a Saturday; the stocks trade
    status, said = here(rows("date,10 Yr", walk(len(bonds), 4.5, 0.05).round(2), bonds))
    assert status == 0, said.err
    prices = load_dataset(here.folder).prices
    assert dt.date(2023, 10, 9) in prices.sessions.astype(object).tolist()
    assert np.isnan(prices.close("prices")[prices.sessions == np.datetime64("2023-10-09")]).all()
    assert "missing_sessions" not in said.out  # two holidays of another market are no hole


# returns


@pytest.mark.parametrize(
    ("column", "size", "unit"),
    [
        ("ret", 0.0010, "fraction"),  # whatever the file is called
        ("ret", 0.0200, ""),
        ("ret_fraction", 0.0200, "fraction"),
        ("ret_pct", 0.0010, ""),  # its name and its values disagree
        ("ret_fraction", 0.9000, ""),
        ("ret_pct", 0.9000, "percent"),
    ],
)
def test_the_name_of_a_file_says_nothing_of_its_unit(here, column, size, unit):
    cells = [f"{(-1) ** k * size * (0.5 + k % 10 / 10):.5f}" for k in range(len(SESSIONS))]
    status, said = here(rows(f"date,{column}", cells), "my_pct.csv")
    assert status == (0 if unit else 1), said.err
    assert series_of(here)["my_pct"]["unit"] == (unit or "fraction or percent")
    if not unit:
        assert 'Write unit = "fraction" or unit = "percent"' in said.err


# footers, months, blocks


@pytest.mark.parametrize(
    "footer",
    ["Total,123", "Summe,123.5", "Average:,99", "Stand: 31.12.2024", "Stand:,31.12.2024", "Data as of,2024-12-31"],
)
def test_what_stands_below_the_data_is_not_read_and_said(here, footer):
    status, said = here(rows("date,close", CLOSES) + footer + "\n")
    assert status == 0, said.err
    assert known(here) == CLOSES
    assert "below the last row" in here.manifest.read_text()


def test_a_total_below_a_long_file_is_not_read_either(here, monkeypatch):
    monkeypatch.setattr("backtest.data.files.reading.LARGE", 1)
    status, said = here(rows("date,close", CLOSES) + "Total,123\n")
    assert status == 0, said.err
    assert known(here) == CLOSES


def test_a_row_that_lost_its_date_is_no_total(here):
    for last in (",123.5", "NaT,123.5", "2022-1x-03,99"):
        status, _ = here(rows("date,close", CLOSES) + last + "\n")
        assert status == 1
        here.manifest.unlink(missing_ok=True)


MONTHS = {
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
}


@pytest.mark.parametrize(
    ("language", "form"),
    [
        ("de", "{d}. {m} {y}"),
        ("fr", "{d} {m} {y}"),
        ("es", "{d} de {m} de {y}"),
        ("it", "{d} {m} {y}"),
        ("pt", "{d} de {m} de {y}"),
        ("pt", "{d}/{m}/{y}"),
        ("es", "{d:02d}-{m}-{y}"),
    ],
)
def test_months_are_read_in_the_languages_of_the_files(here, language, form):
    names = MONTHS[language].split()
    days = [form.format(d=day.day, m=names[day.month - 1], y=day.year) for day in SESSIONS]
    status, said = here(rows("Date;Close", [], []) + "".join(f"{d};{c}\n" for d, c in zip(days, CLOSES, strict=True)))
    assert status == 0, said.err
    assert load_dataset(here.folder).prices.sessions.astype(object).tolist() == SESSIONS
    assert known(here) == CLOSES


def test_months_cut_short():
    texts = {"Sept.": 9, "janv.": 1, "févr.": 2, "Mär": 3, "Mrz": 3, "juil.": 7, "août": 8, "dic.": 12, "ene": 1}
    texts |= {"gen": 1, "ott": 10, "set": 9, "out": 10, "dez": 12, "may": 5, "xyz": 0}
    assert {text: month_of(text) for text in texts} == texts
    assert month_of("jui") == 0  # June or July


def test_pairs_of_dates_and_values_are_called_what_they_are(here):
    body = "".join(f"{day},{close},{day},{close}\n" for day, close in zip(SESSIONS, CLOSES, strict=True))
    status, said = here("Date,PX_LAST,Date,PX_LAST\n" + body)
    assert status == 1
    assert "holds 2 tables side by side: there is more than one column 'Date'" in said.err
    assert "Save each 'Date' and its values as a separate file" in said.err


# files that are none, and names


def test_a_pipe_is_refused_and_never_read(here):
    os.mkfifo(here.source / "pipe.csv")
    status, said = here(None, "pipe.csv")
    assert status == 1
    assert "is neither file nor folder (a pipe or device)" in said.err


def test_names_that_a_manifest_cannot_hold(here):
    status, said = here(rows("date,close", CLOSES), "a\\b.csv")
    assert status == 1
    assert r"a\b.csv: has '\' in its name" in said.err.replace("\n", " ")
    status, said = here(rows("date,close", CLOSES), ".hidden.csv")
    assert status == 0, said.err
    assert list(series_of(here)) == ["hidden"]


# times


@pytest.mark.parametrize(
    ("zone", "clock"), [("Europe/Berlin", 23), ("Asia/Tokyo", 15), ("Asia/Kolkata", 18.5), ("Australia/Sydney", 13)]
)
def test_the_zone_is_named_whose_midnight_the_times_are(here, zone, clock):
    days = [day for day in SESSIONS if day.month < 3]  # no clock is changed in between
    moments = [dt.datetime.combine(day, dt.time()) - dt.timedelta(hours=24 - clock) for day in days]
    status, said = here(rows("date,close", CLOSES, [f"{moment}+00:00" for moment in moments]))
    assert status == 1
    assert f'time_zone = "{zone}"' in said.err
    here.manifest.write_text(f'{here.manifest.read_text()}time_zone = "{zone}"\n')
    assert here(None)[0] == 0
    assert load_dataset(here.folder).prices.sessions.astype(object).tolist() == days


def test_summer_and_winter_tell_zones_apart():
    days = np.array(["2023-01-01", "2023-07-02"], dtype="datetime64[D]")
    hours = np.array([23, 22]) * 3600
    assert zones_of(days, hours) == ["Europe/Berlin"]
    assert zones_of(days, np.array([23, 23]) * 3600) == ["Europe/Berlin"]  # winter's clock, all the year
    assert zones_of(days, np.array([23, 20]) * 3600) == []


# workbooks


def workbook(**sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, cells in sheets.items():
        sheet = book.create_sheet(title.replace("_", " "))
        for line, row in enumerate(cells, 1):
            for at, cell in enumerate(row, 1):
                value, form = cell if isinstance(cell, tuple) else (cell, None)
                sheet.cell(line, at, value).number_format = form or "General"
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def test_cells_in_percent_are_read_as_they_are_shown(here):
    values = walk(len(SESSIONS), 0.0184, 0.0003).round(5)
    cells = [("date", "yield"), *((day, (value, "0.00%")) for day, value in zip(SESSIONS, values, strict=True))]
    status, said = here(workbook(A=cells), "prices.xlsx")
    assert status == 0, said.err
    np.testing.assert_allclose(known(here), 100 * values, rtol=1e-9)


def test_a_formula_without_a_value_is_no_missing_price(here):
    cells = [("date", "close"), *zip(SESSIONS, CLOSES, strict=True)]
    cells[7] = (SESSIONS[6], "=B7*1.01")
    status, said = here(workbook(A=cells), "prices.xlsx")
    assert status == 1
    assert "prices.xlsx row 8: column 2 holds the formula =B7*1.01 without a saved value." in said.err


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (",\n,\n,\n", "its first line names no column. Add a line of names: date,close\n"),
        ("1.5\n2.5\n2.6\n", "its first line reads as values (1.5). Add a line of names: date,close\n"),
    ],
)
def test_a_line_of_names_that_is_asked_for_has_a_date_and_a_price(here, text, says):
    status, said = here(text)
    assert status == 1
    assert said.err.endswith(says)


def changed(archive, name, edit):
    """Return a zip archive in which one member is edited."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        for item in old.infolist():
            new.writestr(item, edit(old.read(item)) if item.filename == name else old.read(item))
    return out.getvalue()


def test_a_workbook_without_a_sheet_has_no_rows(here):
    book = workbook(A=[("date", "close"), *zip(SESSIONS, CLOSES, strict=True)])
    none = changed(book, "xl/workbook.xml", lambda xml: re.sub(rb"<sheets>.*</sheets>", b"<sheets/>", xml))
    status, said = here(none, "prices.xlsx")
    assert (status, said.err) == (1, "Error: prices.xlsx: no sheet has rows.\n")


@pytest.mark.parametrize(("name", "what"), [("prices.zip", "cannot be unpacked"), ("prices.xlsx", "is not an Excel")])
def test_an_archive_of_a_version_to_come_is_refused(here, name, what):
    book = bytearray(workbook(A=[("date", "close"), *zip(SESSIONS, CLOSES, strict=True)]))
    book[book.index(b"PK\x01\x02") + 6] = 125  # the version needed to extract it
    status, said = here(bytes(book), name)
    assert status == 1
    assert f"{name}: {what}" in said.err
    assert "zip file version 12.5" in said.err


def test_a_key_chooses_the_sheet_and_a_refusal_names_them(here):
    one = [("date", "close"), *zip(SESSIONS, CLOSES, strict=True)]
    two = [("date", "close"), *((day, close * 2) for day, close in one[1:])]
    content = workbook(First=one, The_other=two, Notes=[("about", "this"), ("and", "that")])
    assert here(content, "prices.xlsx")[0] == 0
    assert known(here) == CLOSES
    assert 'sheet "The other" (sheet = "The other" reads it)' in here.manifest.read_text()
    text = here.manifest.read_text()
    here.manifest.write_text(f'{text}sheet = "The other"\n')
    assert here(None, "prices.xlsx")[0] == 0
    assert known(here) == [close * 2 for close in CLOSES]
    here.manifest.write_text(f'{text}sheet = "Another"\n')
    status, said = here(None, "prices.xlsx")
    assert status == 1
    assert 'has no sheet "Another": it has "First", "The other", "Notes".' in said.err


def test_days_since_1900_are_dates(here):
    serial = [(day - dt.date(1899, 12, 30)).days for day in SESSIONS]
    status, said = here(workbook(A=[("Date", "Close"), *zip(serial, CLOSES, strict=True)]), "prices.xlsx")
    assert status == 0, said.err
    assert load_dataset(here.folder).prices.sessions.astype(object).tolist() == SESSIONS
    assert DAYS


def test_a_part_with_every_second_session_is_called_what_it_is(here):
    """Nothing is measured across a missing session, so it refuses nothing; but it must not pass for a few slips."""
    kept = [k for k in range(len(SESSIONS)) if k < 60 or k % 2 or k > 160]
    text = rows("date,close", [CLOSES[k] for k in kept], [SESSIONS[k] for k in kept])
    status, said = here(text)
    assert status == 0, said.err
    said_on_one_line = " ".join(said.out.split())
    assert "PRICES" not in said_on_one_line
    assert "at least every second one from" in said_on_one_line
    assert "where few one-session returns are known; nothing is filled in." in said_on_one_line
    few = rows(
        "date,close", [c for k, c in enumerate(CLOSES) if k % 9 != 4], [d for k, d in enumerate(SESSIONS) if k % 9 != 4]
    )
    here.manifest.unlink()
    assert "every second" not in here(few)[1].out


# calendars


def test_calendars_are_evaluated_over_the_dates_alone_and_slow_ones_last(monkeypatch):
    asked = {}

    def exchange_of(name, first, last, since=None):
        asked[name] = since
        return exchange.exchange_of(name, first, last, since)

    monkeypatch.setattr(recognise, "exchange_of", exchange_of)
    first, last = np.datetime64("2021-01-04"), np.datetime64("2022-12-30")
    days = exchange.exchange_of("XTKS", first, last).expected(first, last)
    assert recognise.recognise(days).exchange == "XTKS"
    assert asked["XTKS"] == dt.date(2021, 1, 4)
    asked.clear()
    summer = days[(days >= np.datetime64("2021-05-06")) & (days <= np.datetime64("2021-08-13"))]
    few_off = np.concatenate([summer[:30], summer[32:]])  # two closures of its own, and no holiday of Korea
    assert recognise.recognise(few_off).exchange == "XTKS"
    assert "XPHS" in asked  # others are tried
    assert "XKRX" not in asked  # and the slow one is not


def test_a_calendar_that_cannot_be_evaluated_fails_at_once_and_says_so(monkeypatch):
    import exchange_calendars

    tried = []

    def fail(name, start, end):
        tried.append(start)
        raise ValueError("Cannot compare Timestamp")

    monkeypatch.setattr(exchange_calendars, "get_calendar", fail)
    found = exchange.exchange_of("XTAE", np.datetime64("2015-01-04"), np.datetime64("2033-12-29"))
    assert found.unknown == "its calendar cannot be evaluated"
    assert not len(found.sessions)
    assert len(tried) == 2  # the earliest start and the latest


@pytest.mark.parametrize(
    ("market", "zone", "hour", "text"),
    [
        ("XASX", "Australia/Sydney", 10, "prices.csv: the dates of 24 weeks are a day early, first on 2022-01-09"),
        ("XNYS", "America/New_York", 20, "its dates are a day late: there is no Monday, and a Saturday in every week"),
    ],
)
def test_moments_that_fall_on_another_day_in_utc_are_told_by_their_zone(here, market, zone, hour, text):
    days = [day for day in dates_of(market) if day.year == 2022]
    clock = dt.datetime.combine
    moments = [clock(day, dt.time(hour), zoneinfo.ZoneInfo(zone)).timestamp() for day in days]
    closes = 100 * np.exp(walk(len(days), 0, 0.01))
    content = rows("time,close", [f"{close:.4f}" for close in closes], [f"{moment:.0f}" for moment in moments])
    for options in ((), ("--repair", "off_calendar=drop")):  # which would leave the rest a day early
        status, said = here(content, "prices.csv", *options)
        assert status == 1
        assert text in said.err
        assert f'Its times are one time of day there: write time_zone = "{zone}"' in said.err
    text = here.manifest.read_text().replace('"XNYS"', f'"{market}"')
    here.manifest.write_text(f'{text}time_zone = "{zone}"\n')
    assert here(None)[0] == 0
    assert load_dataset(here.folder).prices.sessions.astype(object).tolist() == days


@pytest.mark.parametrize("freq", ["D", "B"])
def test_days_without_a_market_that_were_filled_in_are_no_sessions(here, freq):
    days = dates_of("XNYS")
    closes = 100 * np.exp(walk(len(days), 0, 0.01))
    lines, close = {day: f"{value:.4f}" for day, value in zip(days, closes, strict=True)}, ""
    filled = {}
    for day in (days[0] + dt.timedelta(k) for k in range((days[-1] - days[0]).days + 1)):
        close = lines.get(day, close)
        if freq == "D" or day.weekday() < 5:
            filled[day] = close
    status, said = here(rows("date,close", filled.values(), filled))
    assert status == 1
    assert "repeats the day before, as filled-in weekends and holidays do" in said.err
    text = here.manifest.read_text()
    here.manifest.write_text(re.sub('exchange = "24/."', 'exchange = "XNYS"', text))
    status, said = here(None)
    assert status == 1
    assert "Leave them out: --repair off_calendar=drop." in said.err  # and no word of 24/7
    assert here(None, "prices.csv", "--repair", "off_calendar=drop")[0] == 0
    assert load_dataset(here.folder).prices.sessions.astype(object).tolist() == days


def test_returns_read_as_a_price_are_not_to_be_blanked_where_they_fell(here):
    returns = np.random.default_rng(3).normal(0, 1, len(SESSIONS))
    status, said = here(rows("date,ret", [f"{value:.2f}".replace("-", "\u2212") for value in returns]))
    assert status == 1
    assert "read as a price, since its values could not be read: say what they are" in said.out
    status, said = here(rows("date,ret", [f"{value:.2f}" for value in returns]))  # the manifest stays
    assert status == 1
    assert 'Write kind = "percent_return" or kind = "rate" for the series in manifest.toml, with its unit.' in said.err
    assert "nonpositive=blank" not in said.err


def test_files_of_two_exchanges_are_to_be_two_datasets(here):
    for name, market in (("ftse", "XLON"), ("spx", "XNYS")):
        days = dates_of(market)
        prices = 100 * np.exp(walk(len(days), 0, 0.01))
        (here.source / f"{name}.csv").write_text(rows("date,close", [f"{price:.4f}" for price in prices], days))
    status, said = here(None, "")
    assert status == 1
    assert 'Its dates are the sessions of XNYS: write exchange = "XNYS" under [calendar] in manifest.toml' in said.err
    assert "import data from another one as another dataset" in said.err


def test_hours_that_go_over_midnight_make_no_bars_until_the_zone_is_said(here):
    days = [day for day in dates_of("XASX") if day.year == 2022]
    sydney = zoneinfo.ZoneInfo("Australia/Sydney")
    moments = [dt.datetime.combine(day, dt.time(hour), sydney).timestamp() for day in days for hour in range(10, 16)]
    closes = (100 * np.exp(walk(len(moments), 0, 0.002))).round(4)
    content = rows("time,close", closes, [f"{moment:.0f}" for moment in moments])
    for options in (("intraday=bars",), ("intraday=bars", "--repair", "off_calendar=drop")):
        status, said = here(content, "prices.csv", "--repair", *options)
        assert status == 1
        assert "prices.csv: midnight splits its sessions: 2022-01-09 (Sunday) has only a few rows (23 more)" in said.err
        assert "Write time_zone, the zone of its exchange, for the series" in said.err
    text = here.manifest.read_text().replace('"XNYS"', '"XASX"')
    here.manifest.write_text(f'{text}time_zone = "Australia/Sydney"\n')
    assert here(None, "prices.csv", "--repair", "intraday=bars")[0] == 0
    assert load_dataset(here.folder).prices.sessions.astype(object).tolist() == days
    assert known(here) == closes[5::6].tolist()


def test_a_packed_file_is_told_by_the_ending_before(here):
    status, said = here(gzip.compress(rows("date,close", CLOSES).encode()), "prices.gz")
    assert status == 1
    assert "prices.gz: does not end with .csv.gz, .txt.gz, .tsv.gz, .dat.gz, .prn.gz. Rename it" in said.err


def test_a_week_that_was_changed_from_sundays_to_fridays_is_not_to_be_moved(here):
    days = [dt.date(2023, 7, 2) + dt.timedelta(k) for k in range(365)]
    change = dt.date(2024, 1, 1)
    held = [day for day in days if day.weekday() in ((6, 0, 1, 2, 3) if day < change else (0, 1, 2, 3, 4))]
    status, said = here(rows("date,close", 100 * np.exp(walk(len(held), 0, 0.01)), held))
    assert status == 1
    assert 'Tel Aviv or Riyadh? Write exchange = "XTAE" or "XSAU"' in said.err
    assert "off_calendar=drop" not in said.err
