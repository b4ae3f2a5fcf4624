"""Files in which no column holds dates: the refusal says what may be done."""

import pytest

from backtest.data.manifest.guess import guess_manifest
from backtest.errors import DataRefused

DAYS = [f"2024-07-{day}" for day in (15, 16, 17, 18, 19)]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            f"Symbol,{','.join(DAYS)}\nAAA,1,2,3,4,5\n",
            f"a.csv: its dates run across the columns (Symbol, {', '.join(DAYS)[:52]}).",
            "Transpose the table: one row per date, one column per series.",
        ),
        (
            "Year,Month,Day,Close\n2024,7,15,1\n2024,7,16,2\n",
            "a.csv: no column holds dates (Year, Month, Day, Close).",
            "Combine Year, Month, Day into one column: date, such as 2024-07-16.",
        ),
        (
            "Date  Close\n2024-07-15  1.5\n2024-07-16  2.5\n",
            "a.csv: no column holds dates (Date Close).",
            "Its columns must be separated by a comma, a semicolon, a tab or |, and one of them must hold dates.",
        ),
    ],
)
def test_a_file_without_a_column_of_dates_is_refused_with_its_cause(tmp_path, text, message, hint):
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(DataRefused) as refused:
        guess_manifest("a", tmp_path / "a.csv")
    assert (refused.value.message, refused.value.hint) == (message, hint)
