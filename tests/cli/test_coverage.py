"""The small picture of what a dataset covers."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from backtest.cli.data.coverage import CELLS, bar, print_coverage, print_origins
from backtest.data.store.lock import Lock, LockedSeries

FIRST = dt.date(2000, 1, 1)


def day(n: int) -> dt.date:
    return FIRST + dt.timedelta(days=n)


@pytest.mark.parametrize(
    ("begin", "end", "left", "filled"),
    [
        (0, 399, 0, 40),  # 400 days, 10 a cell: all of it
        (0, 0, 0, 1),
        (399, 399, 39, 1),
        (100, 199, 10, 10),
        (109, 200, 10, 11),  # from the last day of the eleventh cell into the twenty-first
    ],
)
def test_a_span_fills_the_cells_it_reaches_into(begin: int, end: int, left: int, filled: int):
    drawn = bar(day(begin), day(end), day(0), day(399))
    assert len(drawn) == CELLS
    assert drawn == "·" * left + "█" * filled + "·" * (CELLS - left - filled)


def test_a_dataset_of_one_day_is_drawn_too():
    assert len(bar(FIRST, FIRST, FIRST, FIRST)) == CELLS


def test_an_end_before_the_datasets_own_is_written_out(capsys, dataset):
    print_coverage(dataset(("LONG", "1926-07-01", "2026-07-10"), ("EARLY", "1926-07-01", "2025-08-08")))
    _, long, early, *_ = capsys.readouterr().out.splitlines()
    assert long.split() == ["LONG", "█" * 40]
    assert early.split() == ["EARLY", "█" * 40, "2025-08-08"]


def test_an_import_says_when_it_was_and_where_the_hash_is_whole(capsys, dataset):
    lock = dataset(("A", "2024-01-02", "2024-07-12"), ("B", "2024-01-02", "2024-07-12"))
    fetched = lock.series["B"].model_copy(update={"fetched": dt.datetime(2024, 7, 13, 1, 2, tzinfo=dt.UTC)})
    derived = lock.series["A"].model_copy(update={"file": "", "sha256": "", "derivation": "A less B"})
    lock = lock.model_copy(update={"series": {"A": lock.series["A"], "B": fetched, "C": derived}})
    print_origins(lock)
    _, a, b, c, *rest = capsys.readouterr().out.splitlines()
    assert a.split() == ["A", "a.csv", "2024-07-14", "09:30", "abcdef012345"]
    assert b.split() == ["B", "a.csv", "2024-07-13", "01:02", "abcdef012345"]
    assert c.split() == ["C", "A", "less", "B", "–", "–"]
    assert rest[0] == "The first 12 digits of each sha256; all of them: backtest show mine --json"


def test_show_tells_what_the_firewall_warned_of(backtest, folder: Path):
    rows = "".join(f"{date},{close}\n" for date, close in (("2024-07-15", 100), ("2024-07-16", 101)))
    (folder / "a.csv").write_text("date,close\n1950-01-03,99\n" + rows)
    said = backtest("data", "import", "fresh", "--from", "a.csv").out
    warnings = said[said.index("Warning: The calendar of XNYS is trusted from 1970-01-01") :].partition("\nWritten")[0]
    assert warnings in backtest("show", "fresh").out


@pytest.fixture
def dataset():
    """Make a lock file of series that were imported from one file, each with its span."""

    def make(*spans: tuple[str, str, str]) -> Lock:
        series = {
            name: LockedSeries(
                file="a.csv",
                sha256="abcdef0123456789" * 4,
                title=name,
                kind="rate",
                unit="percent",
                source="",
                rows=2,
                first=dt.date.fromisoformat(first),
                last=dt.date.fromisoformat(last),
                gaps=0,
            )
            for name, first, last in spans
        }
        created = dt.datetime(2024, 7, 14, 9, 30, tzinfo=dt.UTC)
        empty = {"title": "", "sha256": "", "manifest_sha256": "", "files": {}, "roles": {}, "notes": []}
        return Lock.model_validate(
            {**empty, "schema": 1, "dataset": "mine", "synthetic": False, "created": created, "series": series}
        )

    return make


def test_show_draws_coverage_and_names_the_origin(backtest):
    out = backtest("show", "sample").out
    line = next(line for line in out.splitlines() if line.startswith("SIM_FED_FUNDS_FUTURES") and "█" in line)
    # 1994 to 2025 of 1988 to 2025: the last 34 of 40 cells
    assert line.split()[1] == "·" * 6 + "█" * 34
    assert max(len(line) for line in out.splitlines()) <= 80
