"""Files with a row a symbol and date: what is read once is read as it stands in every row."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backtest.data.dates import read_dates
from backtest.data.formats import Misread

ISO_DAYS = st.dates().filter(lambda day: 1900 <= day.year <= 2100).map(str)


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.lists(ISO_DAYS, min_size=1, max_size=5), st.lists(st.integers(0, 4), min_size=1, max_size=30))
def test_dates_that_are_there_again_and_again_read_as_each_alone(days, order):
    texts = [days[k % len(days)] for k in order]
    assert read_dates(texts).astype(str).tolist() == texts


def test_the_first_row_of_a_date_that_is_none_is_named():
    texts = ["2024-01-02", "2024-01-03", "2024-01-02", "x", "2024-01-03", "x"]
    with pytest.raises(Misread) as misread:
        read_dates(texts)
    assert misread.value.row == 3
