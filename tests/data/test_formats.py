"""Dates and numbers as files write them: one reading that fits a whole column, or a refusal with both."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.data.files.date_formats import DATE_FORMATS, SHORT_FORMATS, is_date_format, read_dates
from backtest.data.files.numbers import Misread, Unsettled, read_numbers, without_sign

NAN = np.nan


@pytest.mark.parametrize(
    ("texts", "days"),
    [
        (["2024-07-15", " 2024-07-16 "], ["2024-07-15", "2024-07-16"]),
        (["2024/7/5"], ["2024-07-05"]),
        (["20240705"], ["2024-07-05"]),
        (["03/04/2024", "05/16/2024"], ["2024-03-04", "2024-05-16"]),
        (["03/04/2024", "16/05/2024"], ["2024-04-03", "2024-05-16"]),
        (["3.4.2024", "16.5.2024"], ["2024-04-03", "2024-05-16"]),
        (["01/01/2024", "02/02/2024"], ["2024-01-01", "2024-02-02"]),  # both readings are the same dates
        (["16-Sep-2024", "17 September 2024".replace(" ", "-")], ["2024-09-16", "2024-09-17"]),
        (["Jul 16, 2024", "Sept. 3, 2024"], ["2024-07-16", "2024-09-03"]),
        (["2024-07-15 00:00:00", "2024-07-16T00:00:00-04:00"], ["2024-07-15", "2024-07-16"]),
        (["2024-07-15", "2024-07-16 00:00:00"], ["2024-07-15", "2024-07-16"]),
        (["2021-01-04T16:00:00-05:00", "2021-01-05T23:59:59.999+0000"], ["2021-01-04", "2021-01-05"]),
        (["2021-01-04 16:00", "2021-01-05 9:30"], ["2021-01-04", "2021-01-05"]),
        (["1/13/2021 4:00 PM", "1/14/2021 12:00:00 AM"], ["2021-01-13", "2021-01-14"]),
        (["4-Jan-2021", "05-JAN-2021"], ["2021-01-04", "2021-01-05"]),
        (["04JAN2021"], ["2021-01-04"]),
        (["2021-Jan-04"], ["2021-01-04"]),
        (["20210104 16:00", "20210105 16:00"], ["2021-01-04", "2021-01-05"]),
    ],
)
def test_dates(texts, days):
    assert read_dates(texts).astype(str).tolist() == days


@pytest.mark.parametrize(
    ("texts", "row", "rule"),
    [
        (["2024-07-15", "07/16/2024"], 1, "must be a date such as 2024-07-16"),
        (["2024-07-15", "2024-02-30"], 1, "must be a date such as 2024-07-16"),
        (["2024-07-15", "2024-07-16 16:00:00"], 1, "must be a date such as 2024-07-16"),
        (["2024-07-15 16:00", "2024-07-16"], 1, "must be a date with a time of day, as in the rows before it"),
        (["2024-07-15 25:00"], 0, "must be a date such as 2024-07-16"),
        (["2024-07-15 16:60"], 0, "must be a date such as 2024-07-16"),
        (["2024-07-15 16:00", ""], 1, "must be a date such as 2024-07-16"),
        (["2024111"], 0, "must be a date such as 2024-07-16"),  # January 11 or November 1: eight digits or none
        (["1066-10-14"], 0, "must be a date such as 2024-07-16"),
        (
            ["03/04/2024", "16/06/2024", "06/16/2024"],
            2,
            'must be a date in the form of "03/04/2024", as in the rows before it (%d/%m/%Y)',
        ),
    ],
)
def test_no_date(texts, row, rule):
    with pytest.raises(Misread) as misread:
        read_dates(texts)
    assert (misread.value.row, misread.value.rule) == (row, rule)


def test_day_and_month_that_cannot_be_told_apart_are_named_both():
    with pytest.raises(Misread) as misread:
        read_dates(["01/01/2024", "03/04/2024"])
    assert misread.value.row == 1
    assert misread.value.rule.startswith("may be 2024-04-03 (%d/%m/%Y) or 2024-03-04 (%m/%d/%Y)")
    assert misread.value.hint == 'Write date_format = "%d/%m/%Y" or date_format = "%m/%d/%Y" for the series.'


@pytest.mark.parametrize(
    ("text", "form", "day"),
    [
        ("03/04/2024", "%d/%m/%Y", "2024-04-03"),
        ("03/04/2024", "%m/%d/%Y", "2024-03-04"),
        ("15.07.24", "%d.%m.%y", "2024-07-15"),
        ("15.07.24 16:00", "%d.%m.%y", "2024-07-15"),
        ("2024-07-15 00:00:00", "%Y-%m-%d 00:00:00", "2024-07-15"),  # a format with a time is taken at its word
        ("15.07.87", "%d.%m.%y", "1987-07-15"),
    ],
)
def test_a_declared_format_settles_it(text, form, day):
    assert read_dates([text], form).astype(str).tolist() == [day]


# 2021-01-04 is a Monday and 1921-01-04 a Tuesday; 1998-06-01 is a Monday and 1898-06-01 a Wednesday (date -d).
WEEK = ["01/11/21", "01/12/21", "01/13/21", "01/14/21", "01/15/21"]


@pytest.mark.parametrize(
    ("texts", "first", "last"),
    [
        (WEEK, "2021-01-11", "2021-01-15"),
        (["15-Jan-21", "19-Jan-21"], "2021-01-15", "2021-01-19"),
        ([f"{day}.01.21" for day in (11, 12, 13, 14, 15, 18)], "2021-01-11", "2021-01-18"),
        ([f"21/01/{day}" for day in (11, 12, 13, 14, 15, 18)], "2021-01-11", "2021-01-18"),
        (["5/28/98", "5/29/98", "6/1/98"], "1998-05-28", "1998-06-01"),
        (["12/30/99", "12/31/99", "1/3/00", "1/7/00"], "1999-12-30", "2000-01-07"),
        ([f"{day} 16:00" for day in WEEK], "2021-01-11", "2021-01-15"),
    ],
)
def test_a_year_of_two_digits_is_read_where_weekdays_settle_the_century(texts, first, last):
    dates = read_dates(texts)
    assert (str(dates[0]), str(dates[-1])) == (first, last)


@pytest.mark.parametrize(
    ("texts", "rule"),
    [
        # the month could be the day
        (["01/04/21", "01/05/21", "01/08/21"], "may be 2021-04-01 (%d/%m/%y) or 2021-01-04 (%m/%d/%y), and no row"),
        # Monday to Thursday, and Tuesday to Friday a century before
        (WEEK[:4], "may be 2021-01-11 (%m/%d/%y) or 1921-01-11: a year of two digits, and no row of the column"),
        # 1921-01-17 is a Monday: 2021-01-17 is a Sunday
        (["01/17/21", "01/18/21"], "may be 2021-01-17 (%m/%d/%y) or 1921-01-17: a year of two digits"),
        # years first, or years last
        (["13.01.21", "15.01.21"], "may be 2021-01-13 (%d.%m.%y) or 1913-01-21 (%y.%m.%d): a year of two digits"),
        # a date on every day of the week
        ([f"01/{day}/21" for day in range(13, 20)], "may be 2021-01-13 (%m/%d/%y) or 1921-01-13: a year of two"),
    ],
)
def test_a_year_of_two_digits_is_refused_where_they_do_not(texts, rule):
    with pytest.raises(Unsettled) as misread:
        read_dates(texts)
    assert misread.value.rule.startswith(rule)
    assert 'Write date_format = "%' in misread.value.hint


@given(st.dates(dt.date(1900, 1, 1), dt.date(2068, 12, 31)), st.integers(1, 30), st.sampled_from(SHORT_FORMATS))
def test_years_of_two_digits_are_read_back_or_refused(day, n, form):
    days = [day + dt.timedelta(days=k) for k in range(n)]
    days = [day for day in days if day.weekday() < 5]
    if not days:
        return
    try:
        read = read_dates([day.strftime(form) for day in days]).tolist()
    except Unsettled:
        return
    assert read == days or (days[0].year < 1969 and len(days) < 6 and read[0].year == days[0].year + 100)


def test_a_declared_format_is_the_only_one():
    with pytest.raises(Misread, match='must be a date by date_format = "%d/%m/%Y"'):
        read_dates(["2024-07-16"], "%d/%m/%Y")


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 1, 1)), st.sampled_from(DATE_FORMATS))
def test_what_is_written_is_read_back_or_refused(day, form):
    try:
        (read,) = read_dates([day.strftime(form)]).tolist()
    except Misread as misread:
        assert str(day) in misread.rule  # noqa: PT017  (refused as ambiguous, with the true date among the two)
    else:
        assert read == day


@pytest.mark.parametrize(
    ("form", "good"),
    [
        ("%d/%m/%Y", True),
        ("%b %d, %y", True),
        ("%d/%m", False),
        ("%d/%d/%Y", False),
        ("%H %d %m %Y", False),
        ("", False),
    ],
)
def test_formats_that_name_a_date(form, good):
    assert is_date_format(form) is good


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        (["1", "2.5", "", " -.5 ", "+3", "1e3"], [1, 2.5, NAN, -0.5, 3, 1000]),
        (["1,5", "2,25", ""], [1.5, 2.25, NAN]),
        (["1,234.5", "2"], [1234.5, 2]),
        (["1.234,5", "2"], [1234.5, 2]),
        (["1'234.5", "1’234’567.5"], [1234.5, 1234567.5]),
        (["1 234,5", "1\u202f234\u202f567,5"], [1234.5, 1234567.5]),
        (["1.234.567", "5"], [1234567, 5]),
        (["1.234", "2.345"], [1.234, 2.345]),  # commas separate the columns: a point is a decimal point
        (["1,234", "0,5"], [1.234, 0.5]),
    ],
)
def test_numbers(texts, values):
    np.testing.assert_array_equal(read_numbers(texts), values)


@pytest.mark.parametrize(
    "text", ["1_000", "nan", "inf", "-", ".", ",", "1,2,3", "12,34.5", "1.2.3", "٣", "0x10", "1 2"]
)
def test_no_number(text):
    with pytest.raises(Misread, match="must be a number, or blank where it is missing") as misread:
        read_numbers(["5", text, "6"])
    assert misread.value.row == 1


def test_a_comma_that_could_be_of_thousands_or_of_decimals_is_refused_with_both():
    with pytest.raises(Misread) as misread:
        read_numbers(["5", "1,234", "2,345"])
    assert misread.value.row == 1
    assert misread.value.rule.startswith("may be 1234 or 1.234, ")
    np.testing.assert_array_equal(read_numbers(["1,234"], "."), [1234])
    np.testing.assert_array_equal(read_numbers(["1,234"], ","), [1.234])


def test_a_point_is_doubted_only_where_commas_do_not_separate_columns():
    np.testing.assert_array_equal(read_numbers(["93.425"], plain=True), [93.425])
    with pytest.raises(Misread, match=r"^may be 93.425 or 93425"):
        read_numbers(["93.425"], plain=False)
    np.testing.assert_array_equal(read_numbers(["93.425", "93.5"], plain=False), [93.425, 93.5])
    np.testing.assert_array_equal(read_numbers(["0.425"], plain=False), [0.425])  # no number is written 0.425 for 425


def test_marks_of_missing_values_are_declared():
    np.testing.assert_array_equal(read_numbers([".", "NA", "1"], missing=[".", "NA"]), [NAN, NAN, 1])


@given(st.lists(st.floats(-1e9, 1e9).map(lambda x: round(x, 2)), min_size=1, max_size=8), st.sampled_from(".,"))
def test_numbers_written_either_way_are_read_back_or_refused(values, decimal):
    swap = str.maketrans(".,", ",.") if decimal == "," else {}
    texts = [f"{value:,.2f}".translate(swap) for value in values]
    np.testing.assert_array_equal(read_numbers(texts), values)


def test_percent_signs_are_taken_off_only_if_all_have_one():
    assert without_sign(["1.5%", "", "-2 %"], "%") == ["1.5", "", "-2"]
    assert without_sign(["1.5%", "2"], "%") == ["1.5%", "2"]
    assert without_sign(["", ""], "%") == ["", ""]
