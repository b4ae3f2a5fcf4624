"""Codes of fed funds contracts, as vendors write them."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backtest.data.files.contract_codes import month_of_code
from backtest.data.store.read import load_dataset
from backtest.errors import DataRefused

from .conftest import PRICES, A

FUTURES = '[series.F]\ntitle = "F"\nkind = "futures"\nunit = "points"\nfile = "f.csv"\n'


@pytest.mark.parametrize(
    ("code", "day", "month"),  # F January, G February, H March, J April, K May, M June, N July, Q August, U, V, X, Z
    [
        ("ZQN26", "2026-01-05", "2026-07"),
        ("zqn26", "2026-01-05", "2026-07"),
        ("ZQN2026", "2026-01-05", "2026-07"),
        ("CBOT:ZQZ2026", "2026-01-05", "2026-12"),
        ("ZQF27.CBT", "2026-01-05", "2027-01"),
        ("@FFU26", "2026-01-05", "2026-09"),
        ("/ZQV26", "2026-01-05", "2026-10"),
        ("FFN6 Comdty", "2025-06-30", "2026-07"),
        ("FFN6", "2015-06-30", "2016-07"),
        ("FFF0", "1989-12-01", "1990-01"),
        ("ZQZ99", "1999-01-04", "1999-12"),
        ("FFN6", "2026-08-03", "2026-07"),  # the final settlement, dated after the month
    ],
)
def test_the_month_of_a_code(code, day, month):
    assert np.datetime64(month_of_code(code, np.datetime64(day)), "M") == np.datetime64(month)


@pytest.mark.parametrize("text", ["ZQ26", "ZQA26", "SRN26", "ZQN", "ZQN126", "2026-07", "", "ZQN26X"])
def test_no_code(text):
    assert month_of_code(text, np.datetime64("2026-01-05")) is None


def test_a_futures_file_of_codes(bench):
    bench.manifest(A, FUTURES)
    bench.deliver(
        a=PRICES, f="date,contract,price\n2024-07-15,ZQN24,94.67\n2024-07-16,FFQ4,94.7\n2024-07-16,2024-09,94.8\n"
    )
    bench.run()
    table = load_dataset(bench.folder).prices.contracts("F")
    assert table.month.astype("datetime64[M]").astype(str).tolist() == ["2024-07", "2024-08", "2024-09"]


def test_another_futures_code_is_refused_with_its_line(bench):
    bench.manifest(A, FUTURES)
    bench.deliver(a=PRICES, f="date,contract,price\n2024-07-15,ZQN24,94.67\n2024-07-15,SR1N24,94.7\n")
    with pytest.raises(DataRefused, match=r'f\.csv line 3: contract = "SR1N24": must be a month such as 2024-07, or'):
        bench.run()


def test_a_first_import_sees_codes_and_takes_the_settlement(here):
    rows = "Date,Symbol,Open,High,Low,Last,Settle,Volume\n"
    for day in ("2024-07-15", "2024-07-16", "2024-07-17"):
        rows += f"{day},ZQN24,94.6,94.7,94.6,94.66,94.67,10\n{day},ZQQ24,94.7,94.8,94.7,94.71,94.7,12\n"
    status, said = here(rows, "ff.csv")
    assert status == 0, said.err
    table = load_dataset(here.folder).prices.contracts("ff")
    assert table.price.tolist() == [94.67, 94.7] * 3
    assert table.month.astype("datetime64[M]").astype(str).tolist() == ["2024-07", "2024-08"] * 3


def test_codes_in_parquet(bench):
    bench.manifest(A, FUTURES.replace("f.csv", "f.parquet"))
    bench.deliver(a=PRICES)
    columns = {"date": [dt.date(2024, 7, 15)], "contract": ["ZQN24"], "price": [94.67]}
    pq.write_table(pa.table(columns), bench.source / "f.parquet")
    bench.run()
    assert load_dataset(bench.folder).prices.contracts("F").month.tolist() == [54 * 12 + 6]
