"""A first manifest for files as people have them: marks, signs, times, and what is left open."""

import datetime as dt
import json
import tomllib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backtest.data.manifest.guess import guess_manifest
from backtest.data.store.lock import read_lock
from backtest.data.store.read import load_dataset
from backtest.errors import DataRefused

from . import damage
from .first_files import DAYS, csv_of, known, series_of


@pytest.mark.parametrize("mark", [".", "-", "NA", "N/A", "#N/A", "null", "nan", "NaN", "None", "--", "n.a."])
def test_a_mark_of_what_is_missing_is_written_into_the_manifest(here, mark):
    status, said = here(csv_of(["100.5", mark, "101.5", "", "102.5"]))
    assert status == 0, said.err
    assert series_of(here)["prices"]["missing"] == [mark]
    assert known(here) == [100.5, 101.5, 102.5]
    # and the import is the same from the manifest alone
    assert here(None)[0] == 0
    # which is strict: another mark is none
    other = "?" if mark != "?" else "."
    status, said = here(csv_of(["100.5", other, "101.5"]))
    assert status == 1
    assert f'write missing = ["{other}"] for the series' in said.err


def test_a_column_of_marks_alone_is_left_out_with_a_warning(here):
    status, said = here(csv_of(["100.5,NA", "101.5,NA"], "date,A,B"))
    assert status == 0
    assert "Warning: left out of the first manifest: prices.csv, column B: holds no numbers" in said.out
    assert series_of(here)["prices"]["columns"] == {"close": "A"}


def test_what_is_left_out_is_a_warning_in_json_too(here):
    content = csv_of(["100.5,1.2.3,9", "101.5,7,9"], "date,A,B,Volume")
    status, said = here(content, "prices.csv", "--json")
    assert status == 0
    printed = json.loads(said.out)
    assert printed["first_manifest"] is True
    (line,) = printed["left_out"]  # volumes are no prices: a comment in the manifest, and no warning
    assert line.startswith('prices.csv, column B: holds no numbers (prices.csv line 2: B = "1.2.3": must be a number')
    text = here.manifest.read_text()
    assert f"# Left out: {line}" in text
    assert "# Not read: prices.csv, column Volume" in text
    assert json.loads(here(None, "prices.csv", "--json")[1].out)["left_out"] == []


def test_percent_signs_say_percent(here):
    values = [f"{(-1) ** k * (0.5 + k / 100):.2f}%" for k in range(60)]
    values[7] = "N/A"
    status, said = here(csv_of(values))
    assert status == 0, said.err
    spec = series_of(here)["prices"]
    assert (spec["kind"], spec["unit"], spec["missing"]) == ("percent_return", "percent", ["N/A"])
    closes = load_dataset(here.folder).prices.close("prices")
    assert closes[:2].tolist() == [0.5, -0.51]
    assert np.isnan(closes[7])
    assert len(closes) == 60
    # 0.5% as a fraction is not 50%
    here.manifest.write_text(here.manifest.read_text().replace('unit = "percent"', 'unit = "fraction"'))
    status, said = here(None)
    assert status == 1
    assert 'line 2: close = "0.50%": has a percent sign, but the unit says fraction.' in said.err


@pytest.mark.parametrize(
    ("values", "sign", "closes"),
    [
        (["$12.30", "$ 1,012.40", "N/A", "$12.50"], "$", [12.3, 1012.4, 12.5]),
        (["12,30 €", "12,40 €", "12,50€"], "€", [12.3, 12.4, 12.5]),
        (["USD 12.30", "USD 12.40"], "USD", [12.3, 12.4]),
    ],
)
def test_a_currency_sign_is_declared(here, values, sign, closes):
    status, said = here(csv_of([f'"{value}"' for value in values]))
    assert status == 0, said.err
    assert series_of(here)["prices"]["currency"] == sign
    assert known(here) == closes
    # without the declaration it is no number; and what lacks the sign is none of that currency
    text = here.manifest.read_text()
    here.manifest.write_text(text.replace(f'currency = "{sign}"\n', ""))
    assert here(None)[0] == 1
    here.manifest.write_text(text.replace(f'currency = "{sign}"', 'currency = "£"'))
    assert here(None)[0] == 1


def test_levels_of_one_series_share_marks_and_signs(here):
    rows = ["$10,$11", "-,$12", "$11,NA", "$12,$13"]
    status, said = here(csv_of(rows, "Date,Open,Close"))
    assert status == 0, said.err
    spec = series_of(here)["prices"]
    assert (spec["currency"], set(spec["missing"]), spec["unit"]) == ("$", {"-", "NA"}, "$")
    np.testing.assert_array_equal(load_dataset(here.folder).prices.values("prices", "open"), [10, np.nan, 11, 12])


@pytest.mark.parametrize("sign", ["1", "$$$$$", "", " ", "%", "-"])
def test_a_sign_that_could_be_part_of_a_number_is_no_currency(bench, sign):
    from backtest.errors import ManifestInvalid

    more = f'file = "a.csv"\ncurrency = "{sign}"\n'
    bench.manifest(f'[series.A]\ntitle = "A"\nkind = "price_index"\nunit = "points"\n{more}')
    with pytest.raises(ManifestInvalid, match=r"series\.A\.currency"):
        bench.run()


class TestRefusedAndMended:
    def test_the_only_column_with_one_wrong_value(self, here):
        status, said = here(csv_of(["100", "101", "x?", "103"]))
        assert status == 1
        assert said.err.startswith('Error: prices.csv line 4: close = "x?": must be a number, or blank')
        assert 'missing = ["x?"]' in said.err
        assert said.err.endswith(
            "The first manifest is datasets/fresh/manifest.toml: fix it, or the file, and import again.\n"
        )
        assert said.err.count("\n") == 1
        assert here.manifest.read_text() in said.out
        here.manifest.write_text(here.manifest.read_text() + 'missing = ["x?"]\n')
        status, said = here(None)
        assert status == 0, said.err
        assert known(here) == [100, 101, 103]

    def test_the_manifest_that_was_there_is_not_replaced_nor_named(self, here):
        here(csv_of(["100", "x?", "103"]))
        here.manifest.write_text(here.manifest.read_text() + "# mine\n")
        before = here.manifest.read_bytes()
        status, said = here(None)
        assert status == 1
        assert "The first manifest is" not in said.err
        assert here.manifest.read_bytes() == before

    def test_dates_that_only_a_format_can_tell(self, here):
        status, said = here("date,close\n2021~1~4,100\n2021~1~5,101\n")
        assert status == 1
        assert "datasets/fresh/manifest.toml: fix it" in said.err
        here.manifest.write_text(here.manifest.read_text() + 'date_format = "%Y~%m~%d"\n')
        assert here(None)[0] == 0

    def test_a_separator_that_only_the_manifest_can_tell(self, here):
        status, said = here("date,a;date\n2024-07-15,1;2024-07-15\n2024-07-16,1;2024-07-16\n")
        assert status == 1
        assert "columns may be separated by" in said.err
        # only one of two sets the dates apart
        status, said = here("date;close,EUR\n2024-07-15;1,5\n2024-07-16;1,6\n")
        assert status == 0, said.err
        assert load_dataset(here.folder).prices.close("prices").tolist() == [1.5, 1.6]


def test_text_with_offsets_and_a_short_year(here):
    days = ["2021-01-04", "2021-01-05", "2021-01-06", "2021-01-07", "2021-01-08", "2021-01-11"]
    status, said = here(csv_of(range(100, 106), days=[f"{day}T16:00:00-05:00" for day in days]))
    assert status == 0, said.err
    expected = load_dataset(here.folder).prices.sessions
    assert expected.astype(str).tolist() == days
    for number, form in enumerate(("%m/%d/%y", "%d-%b-%Y", "%b %d, %Y", "%Y%m%d", "%Y-%m-%d %H:%M")):
        texts = [f'"{dt.date.fromisoformat(day):{form}}"' for day in [*days, "2021-01-13"]]
        other = f"other{number}"
        status, said = here(csv_of(range(100, 107), days=texts), "prices.csv", "--new", dataset=other)
        assert status == 0, said.err
        prices = load_dataset(here.folder.parent / other).prices
        assert prices.sessions.astype(str).tolist() == [*days, "2021-01-12", "2021-01-13"]


def test_a_table_written_with_its_unnamed_index(here):
    status, said = here(csv_of([100, 101, 102], ",close"))
    assert status == 0, said.err
    assert series_of(here)["prices"]["columns"] == {"date": ""}


@pytest.mark.parametrize("name", ["A.CSV", "A.CSV.GZ", "A.PARQUET", "a.Csv"])
def test_endings_in_upper_case(here, name):
    import gzip

    content = csv_of([100, 101, 102]).encode()
    if name == "A.PARQUET":
        pq.write_table(pa.table({"date": [dt.date(2024, 7, 15)], "close": [100.5]}), here.source / name)
        content = None
    elif name.endswith("GZ"):
        content = gzip.compress(content)
    status, said = here(content, name)
    assert status == 0, said.err


@pytest.mark.parametrize("code", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark_says_so(here, code):
    status, said = here(csv_of([100, 101, 102]).encode(code))
    assert status == 1
    assert said.err == ("Error: prices.csv: is UTF-16 without a byte-order mark. Save it as UTF-8, or with the mark.\n")


def test_what_a_long_file_has_besides_its_closes(here):
    rows = [f"{name},{k},{k + 1},{k + 2},x" for k in (100, 101) for name in ("A", "B")]
    content = csv_of(rows, "date,symbol,open,close,other,word", [DAYS[0], DAYS[0], DAYS[1], DAYS[1]])
    status, said = here(content)
    assert status == 0, said.err
    spec = series_of(here)["A"]
    assert spec["columns"] == {"open": "open"}
    assert spec["where"] == {"symbol": "A"}
    text = here.manifest.read_text()
    assert "# Left out: prices.csv, column other: its series are made of column close" in text
    assert "# Left out: prices.csv, column word" in text


def test_a_long_file_by_numbers_of_securities(here):
    rows = [f"{number},{value}" for value in (100, 101) for number in (10001, 10002)]
    days = [DAYS[0], DAYS[0], DAYS[1], DAYS[1]]
    status, said = here(csv_of(rows, "date,gvkey,prccd", days))
    assert status == 0, said.err
    assert {item["where"]["gvkey"] for item in series_of(here).values()} == {"10001", "10002"}
    status, said = here(csv_of(rows, "date,permno,prc", days), dataset="bare")
    assert status == 1  # not adjusted for splits, and negative where it is no trade
    assert "has permno and PRC, but no RET" in said.err


def test_nothing_but_a_folder_without_series(tmp_path):
    (tmp_path / "a.csv").write_text("date,b\n2024-07-15,x\n2024-07-16,y\n")
    with pytest.raises(DataRefused, match="no series was found"):
        guess_manifest("mine", tmp_path / "a.csv")


def test_a_file_that_begins_with_its_newest_date_is_in_order_and_nothing_is_left_out(here):
    content = csv_of(range(102, 99, -1), days=DAYS[2::-1])
    status, said = here(content, "prices.csv", "--json")
    assert status == 0, said.err
    assert "checks" not in tomllib.loads(here.manifest.read_text())
    assert load_dataset(here.folder).prices.close("prices").tolist() == [100, 101, 102]
    assert read_lock(here.folder).series["prices"].dropped == []
    # a date that occurs twice is one all the same, and stands where the file has it
    status, said = here(csv_of([102, 101, 7, 100], days=[DAYS[2], DAYS[1], DAYS[1], DAYS[0]]))
    assert status == 1
    assert f"prices.csv line 4: date {DAYS[1]} occurs twice, with other values" in said.err
    # what is only out of order is damage, and no repair is asked for
    status, said = here(csv_of(range(3), days=[DAYS[2], DAYS[0], DAYS[1]]), "b.csv", "--new", dataset="other")
    assert status == 1
    assert "dates must increase" in said.err


def test_names_of_columns_in_brackets_and_with_stars(here):
    head = "<TICKER>,<DATE>,<TIME>,<OPEN>,<CLOSE>,<VOL>"
    status, said = here(csv_of(["20210104,000000,99,100,5", "20210105,000000,100,101,6"], head, ["SPY"] * 2))
    assert status == 0, said.err
    assert series_of(here).keys() == {"prices"}
    spec = series_of(here)["prices"]
    assert spec["columns"] == {"date": "<DATE>", "open": "<OPEN>", "close": "<CLOSE>"}
    assert spec["date_format"] == "%Y%m%d"
    status, said = here(csv_of(["$100,9,$99", "$101,9,$100"], "Date,Close/Last,Vol.,Open"), dataset="nasdaq")
    assert status == 0, said.err
    text = (here.folder.parent / "nasdaq" / "manifest.toml").read_text()
    (spec,) = tomllib.loads(text)["series"].values()
    assert spec["columns"] == {"date": "Date", "close": "Close/Last", "open": "Open"}


def test_a_rate_is_known_by_its_column(tmp_path):
    (tmp_path / "download.csv").write_text("observation_date,DGS10\n2024-07-15,4.2\n2024-07-16,.\n")
    (item,) = tomllib.loads(guess_manifest("mine", tmp_path / "download.csv").text)["series"].values()
    assert (item["kind"], item["missing"]) == ("rate", ["."])


def test_rows_that_are_sorted_or_blanked_are_not_left_out(here):
    days, values = [DAYS[1], DAYS[0], DAYS[2], DAYS[2], DAYS[3]], [2, 1, 3, 3, 0]
    asked = ("unsorted=sort", "nonpositive=blank", "duplicate_date=drop")
    status, said = here(csv_of(values, days=days), "prices.csv", *(f"--repair={one}" for one in asked))
    assert status == 0, said.err
    (line,) = [line.split() for line in said.out.splitlines() if line.startswith("prices ")]
    assert line == ["prices", "price", DAYS[0], DAYS[2], "3", "1"]  # the one that was there twice


class TestPrices:
    """What is quoted like a price is one: no name, and no single 0, takes the firewall of prices away."""

    BARS = "date,open,high,low,close,volume"

    @staticmethod
    def levels(n=60):
        return [round(7 + 1.5 * np.sin(k / 9) + 0.01 * (k % 5), 4) for k in range(n)]

    @pytest.mark.parametrize("name", ["Target", "accelerate", "corporate", "SEPARATE_price", "treasury", "rate"])
    def test_a_close_is_a_price_whatever_the_file_is_called(self, here, name):
        for head, row in (("date,close", "{0}"), (self.BARS, "{0},{0},{0},{0},9")):
            status, said = here(csv_of([row.format(v) for v in self.levels()], head), f"{name}.csv", "--new")
            assert status == 0, said.err
            (spec,) = series_of(here).values()
            assert spec["kind"] == "price_index"
            here.manifest.unlink()

    @pytest.mark.parametrize("wrong", ["0", "-7.1"])
    @pytest.mark.parametrize("head", ["date,close", "date,level", BARS])
    def test_a_lone_value_at_or_below_0_is_refused(self, here, head, wrong):
        values = [str(value) for value in self.levels()]
        values[30] = wrong
        rows = [f"7,9,5,{value},1" for value in values] if head == self.BARS else values
        status, said = here(csv_of(rows, head))
        assert status == 1
        column = "level" if "level" in head else "close"
        assert f"{column} = {wrong}: a price_index must be above 0" in said.err

    @pytest.mark.parametrize(
        ("column", "kind"),
        [
            ("DGS10", "rate"),
            ("fed_funds_rate", "rate"),
            ("PolicyRate", "rate"),
            ("10y yield", "rate"),
            ("DFEDTARU", "rate"),
            ("policy target", "rate"),
            ("Target", "price_index"),
            ("Corporate Index", "price_index"),
            ("exchange rate", "price_index"),
            ("treasury total return", "total_return_index"),
        ],
    )
    def test_a_name_is_that_of_a_rate_word_by_word(self, tmp_path, column, kind):
        (tmp_path / "x.csv").write_text(csv_of(self.levels(), f"date,{column}"))
        (spec,) = tomllib.loads(guess_manifest("mine", tmp_path / "x.csv").text)["series"].values()
        assert spec["kind"] == kind

    def test_a_rate_of_return_is_a_return(self, tmp_path):
        (tmp_path / "x.csv").write_text(csv_of([(-1) ** k * (0.5 + k / 100) for k in range(60)], "date,rate of return"))
        (spec,) = tomllib.loads(guess_manifest("mine", tmp_path / "x.csv").text)["series"].values()
        assert spec["kind"] == "percent_return"

    def test_what_comes_down_to_0_day_by_day_is_a_rate(self, tmp_path):
        values = [max(0.0, round(5 - k / 10, 2)) for k in range(60)]  # ten days at 0 at the end
        (tmp_path / "x.csv").write_text(csv_of(values, "date,DTB"))
        (spec,) = tomllib.loads(guess_manifest("mine", tmp_path / "x.csv").text)["series"].values()
        assert spec["kind"] == "rate"

    def test_a_level_that_has_lost_nearly_all_is_none_for_a_lone_0(self, tmp_path):
        values = [round(100 * 0.95**k, 4) for k in range(150)]  # to 0.05, a hundredth of its median
        values[80] = 0
        (tmp_path / "x.csv").write_text(csv_of(values, "date,ABC", damage.sessions()[:150]))
        (spec,) = tomllib.loads(guess_manifest("mine", tmp_path / "x.csv").text)["series"].values()
        assert spec["kind"] == "price_index"

    def test_an_unadjusted_split_in_a_file_with_a_name_of_rates_is_not_passed_over(self, here):
        rng = np.random.default_rng(4)
        values = 50 * np.exp(np.cumsum(0.01 * rng.standard_normal(200)))
        values[120:] /= 2
        days = damage.sessions()[:200]
        status, said = here(csv_of([f"{v:.4f}" for v in values], days=days), "Target.csv")
        assert status == 1
        assert "fits a split of 2:1 that was not adjusted" in said.err


def test_too_many_names_are_counted_before_a_number_is_read(here, monkeypatch):
    from backtest.data.manifest import guess

    rows = [f"S{k},{v}" for v in (1, 2) for k in range(501)]
    content = csv_of(rows, "date,symbol,close", [DAYS[0]] * 501 + [DAYS[1]] * 501)
    monkeypatch.setattr(guess, "numbers_in", None)  # would raise
    status, said = here(content)
    assert status == 1
    assert "column 'symbol' has 501 names: a guessed manifest lists at most 500." in said.err


def test_a_long_file_is_grouped_once(bench, monkeypatch):
    from backtest.data.files.reading import read_source
    from backtest.data.files.source import Source
    from backtest.data.manifest.read import read_manifest

    one = '[series.{0}]\ntitle = "{0}"\nkind = "price_index"\nunit = "p"\nfile = "a.csv"\nwhere = {{ s = "{0}" }}\n'
    bench.manifest(*(one.format(name) for name in "ABC"))
    bench.deliver(a="date,s,close\n" + "".join(f"{d},{s} ,{ord(s)}\n" for d in DAYS[:3] for s in "CAB"))
    asked, texts = [], Source._texts
    monkeypatch.setattr(Source, "_texts", lambda self, column: asked.append(column) or texts(self, column))
    source = read_source(bench.source, "a.csv")
    series = read_manifest(bench.folder).series
    for name, line in (("A", 3), ("B", 4), ("C", 2)):
        part = source.as_declared(series[name])
        assert part.numbers("close").tolist() == [ord(name)] * 3
        assert part.place(0) == f"a.csv line {line}"
    assert asked == ["s"]


class TestHints:
    @pytest.mark.parametrize(
        ("value", "hint"),
        [
            ("\u22121.25", 'Write its minus as "-": this character is U+2212.'),
            ("(1.25)", 'Write a loss as "-1.2": parentheses are not read.'),
        ],
    )
    def test_losses_written_otherwise(self, here, value, hint):
        status, said = here(csv_of(["0.5", "0.7", value, "1.1", "0.9"], "date,ret"))
        assert status == 1
        assert f'ret = "{value}": must be a number, or blank where it is missing. {hint}' in said.err

    def test_a_line_for_a_spreadsheet(self, here):
        status, said = here("sep=;\n" + csv_of([100, 101]).replace(",", ";"))
        assert status == 0, said.err
        assert load_dataset(here.folder).prices.close("prices").tolist() == [100, 101]


@pytest.mark.parametrize("column", ["date", "close"])
def test_a_long_value_is_cut(simple, column):
    long = "x" * 35_000
    row = f"{long},1" if column == "date" else f"2024-07-18,{long}"
    simple.deliver(a=f"date,close\n2024-07-17,1\n{row}\n")
    with pytest.raises(DataRefused) as refused:
        simple.run()
    assert len(str(refused.value)) < 300
    assert f'a.csv line 3: {column} = "{"x" * 60} … (35,000 characters)": must be a' in refused.value.message
