"""Files as vendors write them: separators, byte-order marks, long and wide, fractions; a first manifest for them."""

import codecs
import datetime as dt
import gzip
import json
import sys
import tomllib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from backtest import cli
from backtest.data.manifest.guess import guess_manifest
from backtest.data.manifest.writer import write_manifest
from backtest.data.store.read import load_dataset
from backtest.errors import DataRefused

from . import damage


def spec(name, more="", kind="price_index", unit="points"):
    return f'[series.{name}]\ntitle = "{name}"\nkind = "{kind}"\nunit = "{unit}"\n{more}\n'


def closes(bench, *names):
    bench.run()
    prices = load_dataset(bench.folder).prices
    return [prices.close(name).tolist() for name in names]


EUROPEAN = "Datum;Kurs\n15.07.2024;1.234,5\n16.07.2024;1.240\n17.07.2024;\n18.07.2024;999,25\n"


@pytest.mark.parametrize(
    "content",
    [
        EUROPEAN.encode(),
        EUROPEAN.encode("utf-8-sig"),
        codecs.BOM_UTF16_LE + EUROPEAN.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + EUROPEAN.encode("utf-16-be"),
        EUROPEAN.replace(";", "\t").encode(),
        EUROPEAN.replace("\n", "\r\n").encode(),
    ],
)
def test_european_files(bench, content):
    bench.manifest(spec("A", 'file = "a.csv"\ncolumns = { date = "Datum", close = "Kurs" }'))
    (bench.source / "a.csv").write_bytes(content)
    bench.run()
    # the blank is no session
    assert load_dataset(bench.folder).prices.columns["A"].tolist()[:2] == [1234.5, 1240]
    assert load_dataset(bench.folder).prices.close("A").tolist()[3] == 999.25


def test_the_manifest_settles_format_separator_mark_and_missing(bench):
    more = 'file = "a.csv"\nseparator = "|"\ndate_format = "%m/%d/%y"\ndecimal = ","\nmissing = ["n/a"]'
    bench.manifest(spec("A", more))
    bench.deliver(a="date|close\n07/08/24|1,234\n07/09/24|n/a\n07/10/24|1,236\n")
    assert closes(bench, "A")[0][::2] == [1.234, 1.236]


def test_a_separator_that_cannot_be_told_is_refused(bench):
    bench.manifest(spec("A", 'file = "a.csv"'))
    bench.deliver(a="date,close;x\n2024-07-15,1;2\n")
    with pytest.raises(DataRefused, match=r'^a.csv: columns may be separated by "," or ";"\. Write separator'):
        bench.run()
    # rows that only one of them divides evenly settle it
    bench.deliver(a='date;close;"of A, in points"\n2024-07-15;1;2\n2024-07-16;1;2\n')
    assert closes(bench, "A") == [[1, 1]]


@pytest.mark.parametrize("form", ["csv", "parquet", "dictionary"])
def test_a_long_file(bench, form):
    rows = [(day, name, k + day) for day in (15, 16, 17) for k, name in ((100, "RUT"), (200, "SPX"))]
    name = "long.csv" if form == "csv" else "long.parquet"
    bench.manifest(
        spec("A", f'file = "{name}"\nwhere = {{ symbol = "RUT" }}'),
        spec("B", f'file = "{name}"\nwhere = {{ symbol = "SPX" }}'),
    )
    if form == "csv":
        text = "date,symbol,close\n" + "".join(f"2024-07-{day},{symbol},{value}\n" for day, symbol, value in rows)
        (bench.source / name).write_text(text)
    else:
        symbols = pa.array([row[1] for row in rows])
        symbols = symbols.dictionary_encode() if form == "dictionary" else symbols
        dates = [dt.date(2024, 7, row[0]) for row in rows]
        pq.write_table(
            pa.table({"date": dates, "symbol": symbols, "close": [row[2] for row in rows]}), bench.source / name
        )
    assert closes(bench, "A", "B") == [[115, 116, 117], [215, 216, 217]]
    bench.manifest(spec("A", f'file = "{name}"\nwhere = {{ symbol = "RTU" }}'))
    with pytest.raises(DataRefused, match=rf'^{name}: no row has symbol = "RTU"\. Did you mean \'RUT\'\?$'):
        bench.run()


def test_a_line_of_a_long_file_keeps_its_place(bench):
    bench.manifest(spec("A", 'file = "a.csv"\nwhere = { symbol = "A" }'))
    bench.deliver(a="date,symbol,close\n2024-07-15,B,1\n2024-07-15,A,1\n2024-07-16,B,1\n2024-07-16,A,x\n")
    with pytest.raises(DataRefused, match=r"^a.csv line 5: close = "):
        bench.run()


class TestReturns:
    def deliver(self, bench, unit, scale=1.0, sign=""):
        rows = damage.good()["return"]
        text = "".join(f"{day},{float(value) * scale:.8f}{sign}\n" for day, value in rows[1:])
        bench.manifest(spec("R", 'file = "r.csv"', "percent_return", unit))
        bench.deliver(r="date,close\n" + text)
        return np.array([float(value) for _, value in rows[1:]])

    @pytest.mark.parametrize(
        ("unit", "scale", "sign"), [("percent", 1, ""), ("fraction", 0.01, ""), ("percent, total", 1, "%")]
    )
    def test_what_the_unit_says_is_kept_as_percent(self, bench, unit, scale, sign):
        expected = self.deliver(bench, unit, scale, sign)
        lock = bench.run()
        np.testing.assert_allclose(load_dataset(bench.folder).prices.close("R"), expected, atol=1e-5)
        assert lock.series["R"].unit.startswith("percent")

    @pytest.mark.parametrize(("unit", "scale"), [("percent", 0.01), ("fraction", 1.0)])
    def test_what_is_not_what_the_unit_says_is_refused(self, bench, unit, scale):
        self.deliver(bench, unit, scale)
        with pytest.raises(DataRefused, match="these look like"):
            bench.run()

    def test_a_bills_return_is_small_and_right(self, bench):
        days = damage.sessions()
        bench.manifest(spec("R", 'file = "r.csv"', "percent_return", "percent"))
        bench.deliver(r="date,close\n" + "".join(f"{day},0.01{i // 60 % 5}\n" for i, day in enumerate(days)))
        assert bench.run().findings == []


class TestGuess:
    def text(self, tmp_path, content, name="prices.csv"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tomllib.loads(guess_manifest("mydata", path).text)["series"]

    def test_levels_adjusted_closes_and_no_volume(self, tmp_path):
        head = "Date,Open,High,Low,Close,Adj Close,Volume\n"
        found = self.text(tmp_path, head + "2024-07-15,1,2,1,2,1.5,99\n", "SPY.csv")
        assert found.keys() == {"SPY", "SPY_total_return"}
        assert found["SPY"]["kind"] == "price_index"
        assert found["SPY"]["columns"] == {
            "date": "Date",
            "open": "Open",
            "high": "High",
            "low": "Low",
            "close": "Close",
        }
        assert found["SPY_total_return"]["kind"] == "total_return_index"
        assert found["SPY_total_return"]["columns"] == {"date": "Date", "close": "Adj Close"}

    def test_kinds_come_from_names_and_values(self, tmp_path):
        rows = "".join(f"2024-07-{d},{100 + d},{(-1) ** d},{0.005 * (-1) ** d},5.3,0.0,x\n" for d in range(15, 20))
        found = self.text(tmp_path, "day,level,ret,small,DGS10,zero,word\n" + rows)
        kinds = {name: (item["kind"], item["unit"]) for name, item in found.items()}
        assert kinds == {
            "level": ("price_index", "points"),
            "ret": ("percent_return", "percent"),
            "small": ("percent_return", "fraction"),
            "DGS10": ("rate", "percent a year"),
            "zero": ("rate", "percent a year"),
        }

    def test_a_long_file_is_a_series_a_symbol(self, tmp_path):
        rows = "".join(f"2024-07-{d},{s},{v}\n" for d in (15, 16) for s, v in (("^RUT", 100), ("^GSPC", 200)))
        found = self.text(tmp_path, "date,symbol,close\n" + rows)
        assert found["RUT"]["where"] == {"symbol": "^RUT"}
        assert found["GSPC"]["where"] == {"symbol": "^GSPC"}

    def test_futures(self, tmp_path):
        found = self.text(tmp_path, "date,contract_month,settle\n2024-07-15,2024-08,94.7\n")
        (item,) = found.values()  # not called 'prices': the dataset's own file bears that name
        assert item["kind"] == "futures"
        assert item["columns"] == {"contract": "contract_month", "price": "settle"}
        assert "prices" not in found

    def test_a_folder_with_what_cannot_be_read(self, tmp_path):
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "a.csv.gz").write_bytes(gzip.compress(b"date,close\n2024-07-15,1\n"))
        (tmp_path / "bad.csv").write_text("<html>")
        (tmp_path / "notes.txt").write_text("date,close")
        text = guess_manifest("mydata", tmp_path).text
        assert tomllib.loads(text)["series"]["a"]["file"] == "in/a.csv.gz"
        assert "# Left out: bad.csv: is a web page, not a table." in text
        assert "# Left out: notes.txt: has no rows." in text

    @pytest.mark.parametrize(
        ("content", "line"),
        [
            ("", "prices.csv: is empty."),
            (
                "a,b\nx,y\n",
                "(a, b). Its first line must name the columns, one of which must have a date in every row.",
            ),
            ("date,b\n", "has no rows."),
        ],
    )
    def test_a_file_without_a_series_is_refused(self, tmp_path, content, line):
        with pytest.raises(DataRefused) as refused:
            self.text(tmp_path, content)
        assert str(refused.value).endswith(line)

    def test_hostile_names_stay_inside_the_quotes(self, tmp_path):
        found = self.text(tmp_path, 'date,"a""] = 1\n[roles]"\n2024-07-15,1\n', 'x" # [y].csv')
        (item,) = found.values()
        assert item["columns"]["close"] == 'a"] = 1\n[roles]'

    def test_nothing_there(self, tmp_path):
        with pytest.raises(DataRefused, match="does not exist"):
            guess_manifest("mydata", tmp_path / "nowhere")
        with pytest.raises(
            DataRefused, match=r"has no file that ends with \.csv, \.txt, \.tsv, \.gz, \.zip, \.xlsx, \.parquet"
        ):
            guess_manifest("mydata", tmp_path)

    def test_a_manifest_that_is_there_is_never_replaced(self, tmp_path):
        write_manifest(tmp_path, "mine")
        with pytest.raises(DataRefused, match="exists already, and is not replaced"):
            write_manifest(tmp_path, "yours")
        assert (tmp_path / "manifest.toml").read_text() == "mine"
        assert [path.name for path in tmp_path.iterdir()] == ["manifest.toml"]


class TestCommands:
    @pytest.fixture
    def status_of(self, bench, monkeypatch):
        monkeypatch.chdir(bench.workspace.root)
        monkeypatch.setenv("COLUMNS", "80")

        def run(*arguments):
            monkeypatch.setattr(sys, "argv", ["backtest", "data", *arguments])
            return cli.status_of()

        return run

    def test_import_without_a_manifest_writes_shows_and_imports(self, bench, status_of, capsys):
        bench.deliver(prices="date,close\n2024-07-15,100\n2024-07-16,101\n")
        assert status_of("import", "fresh", "--from", "delivered/prices.csv") == 0
        said = capsys.readouterr().out
        manifest = bench.workspace.root / "datasets" / "fresh" / "manifest.toml"
        assert manifest.read_text() in said
        assert "Imported fresh: 1 series, 2024-07-15 to 2024-07-16" in said
        manifest.write_text(manifest.read_text().replace("fresh, as delivered", "Mine now"))
        assert status_of("import", "fresh", "--from", "delivered", "--json") == 0
        assert json.loads(capsys.readouterr().out)["dataset"]["title"] == "Mine now"

    def test_a_slip_of_a_known_name_is_no_new_dataset(self, bench, status_of, capsys):
        bench.deliver(prices="date,close\n2024-07-15,100\n")
        assert status_of("import", "us-szie", "--from", "delivered") == 1
        assert capsys.readouterr().err.endswith("Did you mean 'us-size'? For a new dataset of this name: --new\n")
        assert not (bench.workspace.root / "datasets" / "us-szie").exists()
        assert status_of("import", "us-szie", "--from", "delivered", "--new") == 0

    def test_what_the_import_refuses_leaves_the_manifest_to_be_edited(self, bench, status_of, capsys):
        bench.deliver(prices="date,close\n03/04/2024,100\n04/04/2024,101\n")
        assert status_of("import", "fresh", "--from", "delivered") == 1
        assert 'Write date_format = "%d/%m/%Y" or date_format = "%m/%d/%Y"' in capsys.readouterr().err
        manifest = bench.workspace.root / "datasets" / "fresh" / "manifest.toml"
        manifest.write_text(manifest.read_text() + 'date_format = "%d/%m/%Y"\n')
        assert status_of("import", "fresh", "--from", "delivered") == 0

    def test_check_of_files_and_of_what_is_stored(self, bench, status_of, capsys):
        files = damage.good()
        bench.manifest(damage.SERIES, head=damage.HEAD)
        damage.write(bench.source, files)
        assert status_of("import", "mine", "--from", "delivered") == 0
        capsys.readouterr()
        assert status_of("check", "mine") == 0
        assert capsys.readouterr().out == "mine: 0 errors and 0 warnings in the stored data.\n"
        files["small"][300][1], files["mega"][300][1] = "0", "-1"
        damage.write(bench.source, files)
        assert status_of("check", "mine", "--from", "delivered", "--json") == 1
        said = capsys.readouterr()
        content = json.loads(said.out)
        assert (content["errors"], content["warnings"]) == (2, 0)
        found = content["findings"][0]
        assert (found["rule"], found["series"], found["severity"], found["first"], found["value"]) == (
            *("nonpositive", "SMALL", "error", "2022-03-11", 0.0),
        )
        assert said.err.count("\n") == 1
        assert status_of("import", "mine", "--from", "delivered", "--repair", "nonpositive=blank") == 0
        capsys.readouterr()
        assert status_of("check", "mine") == 0
        assert "4 warnings" in capsys.readouterr().out  # two sessions are blank now, and two rows are gone

    def test_a_repair_that_nobody_knows_is_wrong_usage(self, bench, status_of, capsys):
        assert status_of("import", "mine", "--from", ".", "--repair", "unsorted=shuffle") == 2
        assert '--repair unsorted = "shuffle": must be "sort"' in capsys.readouterr().err


def test_a_file_without_a_header_is_refused_and_loses_no_row(tmp_path):
    (tmp_path / "prices.csv").write_text("2021-01-04,100.13\n2021-01-05,101.2\n2021-01-06,101.9\n")
    with pytest.raises(DataRefused, match=r"its first line reads as values \(2021-01-04, 100\.13\)"):
        guess_manifest("mine", tmp_path / "prices.csv")


def test_a_column_that_is_left_out_says_which_value_is_why(tmp_path):
    (tmp_path / "prices.csv").write_text("date,A,B\n2021-01-04,100.13,1\n2021-01-05,1.2.3,2\n2021-01-06,101.9,3\n")
    text = guess_manifest("mine", tmp_path / "prices.csv").text
    (left_out,) = [line for line in text.splitlines() if line.startswith("# Left out")]
    assert 'line 3: A = "1.2.3"' in left_out
