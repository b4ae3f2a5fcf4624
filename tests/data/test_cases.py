"""Files on which earlier versions failed, each of a kind: read as their README says, or refused with the key to set."""

from __future__ import annotations

import itertools
import json
import math
import shutil
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from backtest import cli
from backtest.data.store.lock import read_lock
from backtest.data.store.read import load_dataset

BARS = ("open", "high", "low", "close")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def case(shared: Path) -> Path:
    folder = shared / "cases"
    if not folder.is_dir():
        pytest.skip("the files of these cases are not part of the package")
    return folder


@pytest.fixture
def backtest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in a new workspace; returns status, standard output and standard error."""
    (tmp_path / "backtest.toml").touch()
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["backtest", *map(str, arguments)])
        status = cli.status_of()
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def series_of(name: str = "mine") -> dict[str, dict[str, object]]:
    return tomllib.loads(Path(f"datasets/{name}/manifest.toml").read_text(encoding="utf-8"))["series"]


def closes_of(series: str, name: str = "mine") -> list[float]:
    values = load_dataset(Path(f"datasets/{name}")).prices.close(series)
    return values[~np.isnan(values)].tolist()


def column_of(path: Path, column: int, separator: str = ",") -> list[float]:
    """Read a column of plain numbers from a file that begins with its oldest date or its newest; oldest first."""
    rows = [line.split(separator) for line in path.read_text().splitlines()[1:] if line.count(separator) >= column]
    values = [float(row[column]) for row in rows]
    return values if rows[0][0] < rows[-1][0] else values[::-1]


@pytest.mark.parametrize(
    ("file", "kinds", "column"),
    [
        ("alphavantage/daily_adjusted_XYZ.csv", ["price_index", "total_return_index"], 4),
        ("aux_columns/with_return.csv", ["price_index"], 4),
        ("aux_columns/settle_zero_close.csv", ["price_index"], 5),
        ("endings/spx.txt", ["price_index"], 4),
        ("epoch/millis.csv", ["price_index"], 4),
        ("epoch/tv.csv", ["price_index"], 4),
        ("footer/barchart.csv", ["price_index"], 4),
        ("ragged/short_last_row.csv", ["price_index"], 4),
        ("ticker_names/TRI.csv", ["price_index"], 4),
        ("single_asset/spy.csv", ["price_index"], 4),
    ],
)
def test_the_close_is_read(backtest: Run, case: Path, file: str, kinds: list[str], column: int):
    status, _, error = backtest("data", "import", "mine", "--from", case / file)
    assert status == 0, error
    assert [spec["kind"] for spec in series_of().values()] == kinds
    expected = column_of(case / file, column)
    assert closes_of(next(iter(series_of()))) == expected
    lock = read_lock(Path("datasets/mine"))
    assert not any(origin.dropped for origin in lock.series.values())


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("latin1/wkn.csv", {"date": "Datum", "open": "Erster", "high": "Hoch", "low": "Tief", "close": "Schlusskurs"}),
        ("investing/index.csv", {"date": "Date", "open": "Open", "high": "High", "low": "Low", "close": "Price"}),
        ("aux_columns/mt5.csv", {k: f"<{k.upper()}>" for k in ("date", "open", "high", "low", "close")}),
        ("preamble/vix_disclaimer.csv", {"date": "Date", **{k: f"VIX {k.title()}" for k in BARS}}),
    ],
)  # fmt: skip
def test_one_series_with_its_bars(backtest: Run, case: Path, file: str, names: dict[str, str]):
    assert backtest("data", "import", "mine", "--from", case / file)[0] == 0
    (spec,) = series_of().values()
    assert spec["columns"] == names


def test_a_point_of_thousands_is_told_by_the_rest_of_the_file(backtest: Run, case: Path):
    assert backtest("data", "import", "mine", "--from", case / "investing/indice_pt.csv")[0] == 0
    # "95.760" beside "-0,73%": ninety-five thousand
    assert closes_of("indice_pt")[-1] == 95760.0


def test_crsp_is_read_by_its_returns(backtest: Run, case: Path):
    assert backtest("data", "import", "mine", "--from", case / "crsp_long/crsp.csv")[0] == 0
    found = series_of()
    assert list(found) == ["10001_returns", "10001", "10002_returns", "10002"]
    assert found["10001_returns"]["missing"] == ["C"]
    rows = [line.split(",") for line in (case / "crsp_long/crsp.csv").read_text().splitlines()]
    first = [100 * float(row[5]) for row in rows if row[0] == "10001" and row[5] != "C"]
    np.testing.assert_allclose(closes_of("10001_returns"), first)
    np.testing.assert_allclose(closes_of("10001")[-1], 100 * math.prod(1 + r / 100 for r in first))


def test_yields_by_maturity_are_rates(backtest: Run, case: Path):
    assert backtest("data", "import", "mine", "--from", case / "treasury/daily-treasury-rates.csv")[0] == 0
    assert {name: spec["kind"] for name, spec in series_of().items()} == dict.fromkeys(
        ("1_Mo", "2_Yr", "10_Yr"), "rate"
    )


def test_factors_are_returns_and_their_preamble_is_named(backtest: Run, case: Path):
    status, said, _ = backtest("data", "import", "mine", "--from", case / "preamble/factors_daily.csv")
    assert status == 0
    assert {spec["kind"] for spec in series_of().values()} == {"percent_return"}
    assert "lines 1 to 3, above the header" in said
    assert 'below the last row ("Copyright 2024")' in said


@pytest.mark.parametrize(("file", "series"), [("AAA_data.csv", ["AAA"]), ("two_tickers.csv", ["AAA", "BBB"])])
def test_the_two_headers_of_yfinance(backtest: Run, case: Path, file: str, series: list[str]):
    assert backtest("data", "import", "mine", "--from", case / "yfinance_multi" / file)[0] == 0
    assert list(series_of()) == series
    assert closes_of("AAA")[:2] == [100.38, 101.23]


@pytest.mark.parametrize(
    ("file", "exchange", "rows"), [("non_us/wig.csv", "XWAR", 1002), ("crypto/coin.csv", "24/7", 365)]
)
def test_the_exchange_is_the_one_whose_sessions_the_dates_are(
    backtest: Run, case: Path, file: str, exchange: str, rows: int
):
    status, said, error = backtest("data", "import", "mine", "--from", case / file)
    assert status == 0, error
    assert f'exchange = "{exchange}"' in said
    assert len(closes_of(next(iter(series_of())))) == rows


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("monthly/index_monthly.csv", "one row per month"),
        ("intraday/hourly.csv", "3 rows per day, 09:30 to 15:30"),
        ("tz_shift/berlin_midnight_in_utc.csv", 'time_zone = "Europe/Berlin"'),
    ],
)
def test_what_is_no_daily_history_is_refused_as_what_it_is(backtest: Run, case: Path, file: str, named: str):
    status, _, error = backtest("data", "import", "mine", "--from", case / file)
    assert status == 1
    assert named in error
    assert "off_calendar=drop" not in error
    assert "duplicate_date" not in error


def test_hours_become_days_by_their_first_and_last(backtest: Run, case: Path):
    status, _, error = backtest(
        "data", "import", "mine", "--from", case / "intraday/hourly.csv", "--repair", "intraday=bars"
    )
    assert status == 0, error
    prices = load_dataset(Path("datasets/mine")).prices
    # 2022-01-03: 09:30 100.41 100.72 100.31 100.41; 12:30 … 100.51 100.08 …; 15:30 100.28 100.43 100.23 100.38
    first = [prices.values("hourly", of)[0] for of in ("open", "high", "low", "close")]
    assert first == [100.41, 100.72, 100.08, 100.38]


@pytest.mark.parametrize("folder", ["alone", "with_other"])
def test_a_hole_is_no_fall_of_one_session(backtest: Run, case: Path, folder: str):
    shutil.copytree(case / "hole" / folder, "files")
    assert backtest("data", "import", "mine", "--from", "files")[0] == 0
    assert len(load_dataset(Path("datasets/mine")).prices) == 757  # sessions of New York, 2019 to 2021
    Path("strategies").mkdir()
    Path("strategies/fall.toml").write_text(
        'schema = 1\ntitle = "A fall"\n[detector]\nuse = "move"\nseries = "aaa"\nsessions = 1\nthreshold = 0.05\n'
        'direction = "down"\n[measure]\nasset = "aaa"\nbenchmark = ""\n'
    )
    status, said, error = backtest("events", "fall", "--dataset", "mine", "--json")
    assert status == 0, error
    assert json.loads(said)["events"] == []
    (hole,) = [one for one in read_lock(Path("datasets/mine")).findings if one.series == "aaa"]
    assert (hole.rule, str(hole.first), str(hole.last), hole.count) == (
        "missing_sessions",
        "2020-02-20",
        "2020-03-20",
        22,
    )


def test_a_level_years_later_is_no_jump(backtest: Run, case: Path):
    assert backtest("data", "import", "mine", "--from", case / "jump_hole/suspended.csv")[0] == 0
    assert [one.rule for one in read_lock(Path("datasets/mine")).findings] == ["missing_sessions"]


def test_an_unchanged_session_is_no_up_day(backtest: Run, case: Path):
    assert backtest("data", "import", "mine", "--from", case / "up_days/flat.csv")[0] == 0
    shutil.copy(case / "up_days/nine_up.toml", "nine_up.toml")
    status, said, error = backtest("events", "./nine_up.toml", "--dataset", "mine", "--json")
    assert status == 0, error
    assert json.loads(said)["n_events"] == 0


def test_what_is_quoted_every_day_has_365_sessions_a_year(backtest: Run, case: Path):
    assert backtest("data", "import", "coin", "--from", case / "crypto/coin.csv")[0] == 0
    Path("strategies").mkdir()
    Path("strategies/wild.toml").write_text(
        'schema = 1\ntitle = "Wild"\n[detector]\nuse = "volatility"\nseries = "coin"\nsessions = 30\nthreshold = 10\n'
        '[measure]\nasset = "coin"\nbenchmark = ""\nhorizons = [1, 5]\n[trade]\nhold = 5\n'
    )
    status, said, error = backtest("events", "wild", "--dataset", "coin", "--json")
    assert status == 0, error
    event = json.loads(said)["events"][0]
    closes = column_of(case / "crypto/coin.csv", 1)
    moves = [math.log(b / a) for a, b in itertools.pairwise(closes)]
    # the first session with 30 returns behind it is the 31st of January
    assert event["trigger"] == "2022-01-31"
    assert event["indicator"] == pytest.approx(100 * math.sqrt(365 / 30 * sum(move**2 for move in moves[:30])))
