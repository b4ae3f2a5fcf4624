"""What another program reads in an exported table is what was recorded, and nothing of it runs."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
import re
import sys

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from backtest.errors import ExportRefused, NotFound, RunUnreadable
from backtest.handout import latex, markdown
from backtest.handout.as_texts import cell, shown_tables
from backtest.handout.csv_files import csv_bytes, harmless
from backtest.handout.forms import FORMS, hand_out
from backtest.handout.handout import SIMULATED
from backtest.handout.results import gather_handout
from backtest.handout.xlsx import xlsx_bytes
from backtest.record.fields import a_field

from .made import CONDITIONS, NUMBERS, TITLE, run_with


@pytest.fixture
def folder(tmp_path):
    return run_with(tmp_path)


@pytest.fixture
def handout(folder):
    return gather_handout(folder.parents[1], "streak5")


def recorded(folder, name):
    return pq.ParquetFile(folder / f"{name}.parquet").read()


def rows_of(sheet):
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


def test_csv_gives_back_every_number_bit_by_bit(handout, folder, tmp_path):
    paths = hand_out(handout, "csv", tmp_path / "out")
    recorded_as = {path.stem for path in folder.glob("*.parquet")}
    assert {path.stem for path in paths} == {"about", "columns", *recorded_as}
    for path in paths:
        if path.stem not in recorded_as:
            continue
        table = recorded(folder, path.stem)
        with path.open(encoding="utf-8", newline="") as file:
            names, *rows = csv.reader(file)
        assert names == table.column_names
        for row, expected in zip(rows, table.to_pylist(), strict=True):
            for text, value in zip(row, expected.values(), strict=True):
                if value is None:
                    assert text == ""
                elif isinstance(value, float):
                    assert (float(text), text[:1] == "-") == (value, str(value)[0] == "-")
                elif isinstance(value, dt.date):
                    assert text == value.isoformat()
                elif not isinstance(value, str):
                    assert text == str(value).lower()


def test_a_workbook_gives_back_every_number_to_fifteen_digits(handout, folder):
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(handout)))
    assert book.sheetnames == ["about", *handout.tables]
    for name in handout.tables:
        table = recorded(folder, name)
        head, *rows = rows_of(book[name])
        assert head == table.column_names
        for row, expected in zip(rows, table.to_pylist(), strict=True):
            for found, value in zip(row, expected.values(), strict=True):
                if isinstance(value, float):
                    assert f"{found:.15g}" == f"{value:.15g}" or value == found
                elif isinstance(value, dt.date):
                    assert found.date() == value
                elif not isinstance(value, str):
                    assert found == value
    assert [row[1] for row in rows_of(book["rarity"])[1:]] == pytest.approx(NUMBERS, rel=1e-15, abs=0)


def test_a_workbook_says_the_unit_of_each_column_and_keeps_its_head_in_sight(handout):
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(handout)))
    sheet = book["horizons"]
    columns = {cell.value: cell for cell in sheet[1]}
    assert sheet.freeze_panes == "A2"
    assert columns["ci_low"].comment.text == (
        "lower end of the 95% interval for the effect; null: run.json says why. Unit: fraction."
    )
    assert all(cell.comment for cell in sheet[1])
    formats = {name: sheet.cell(2, cell.column).number_format for name, cell in columns.items()}
    assert (formats["spread_mean"], formats["p_value"], formats["n"]) == ("0.00%", "0.000", "0")
    assert book["events"].cell(2, 2).number_format == "yyyy-mm-dd"
    assert book["history"].cell(4, 2).number_format == "General"


def test_no_text_of_a_workbook_is_a_formula_or_a_link(handout):
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(handout)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink]
    found = [row[0] for row in rows_of(book["conditions"])[1:]]
    assert found == [text.replace("\n", " ").replace("\t", " ") for text in CONDITIONS]
    assert "=A1|B_1 & 5% (tiny)" in [cell.value for cell in book["about"]["B"]]


def test_no_text_of_a_csv_file_begins_as_a_formula_does(handout):
    _, *rows = csv.reader(io.StringIO(csv_bytes(handout.table("conditions")).decode()))
    texts = [row[0] for row in rows]
    assert texts[:4] == ['\'=HYPERLINK("http://x")', "'+1", "'-2", "'@SUM(A1)"]
    assert texts[4:] == ["a|b_c%d&e", "one two tab", CONDITIONS[6]]


@given(st.text())
def test_no_text_at_all_begins_as_a_formula_does(text):
    found = harmless(text)
    assert not found.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert "\n" not in found


def test_a_workbook_says_what_it_is(handout, folder):
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(handout)))
    about = {row[0]: row[1] for row in rows_of(book["about"])[2:]}
    assert about["run"] == folder.name
    assert about["dataset sha256"] == "ab" * 32
    assert about["verdict"] == handout.verdict
    assert about["detector.threshold"] == "0.01"
    assert about["sha256 of horizons.parquet"] == handout.record.run["sha256"]["horizons.parquet"]
    assert "SIMULATED" not in about


def test_the_same_record_gives_the_same_bytes(handout):
    assert xlsx_bytes(handout) == xlsx_bytes(handout)


def test_simulated_data_say_so_in_every_row_sheet_and_text(tmp_path):
    reports = run_with(tmp_path, synthetic=True).parents[1]
    handout = gather_handout(reports, "streak5")
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(handout)))
    assert book["about"]["B3"].value == SIMULATED
    for name in handout.tables:
        head, *rows = rows_of(book[name])
        assert head[-1] == "simulated"
        assert all(row[-1] is True for row in rows)
        assert SIMULATED in book[name].oddHeader.center.text
    tables = [path for path in hand_out(handout, "csv", tmp_path / "out") if path.stem in handout.tables]
    assert len(tables) == len(handout.tables)
    for path in tables:
        head, *lines = path.read_text("utf-8").splitlines()
        assert head.endswith(',"simulated"')
        assert all(line.endswith(",true") for line in lines)
    for form in ("latex", "md"):
        (path,) = hand_out(handout, form, tmp_path / form)
        assert path.read_text("utf-8").count(SIMULATED) == 2  # in the caption, and where it comes from


# LaTeX and Markdown

SHOWN = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from("|*_`<>&$%#{}[]~^\\!-"))


@given(SHOWN)
def test_latex_is_given_no_command_of_a_text(text):
    left = latex.escaped(text)
    for own in sorted({value for value in latex.ESCAPES.values() if isinstance(value, str)}, key=len, reverse=True):
        left = left.replace(own, "")
    assert not set(left) & set("\\{}%&#$_~^|<>[]")


def test_every_row_of_a_latex_table_has_as_many_cells(handout):
    text = latex.latex_text(shown_tables(handout, "conditions"), ["run: a%b\\c"])
    body = text.partition("\\midrule\n")[2].partition("\n\\bottomrule")[0].splitlines()
    assert len(body) == 7
    assert {len(re.findall(r"(?<!\\)&", line)) for line in body} == {3}
    assert all(line.endswith(r" \\") for line in body)
    assert text.startswith("% run: a%b\\c\n")
    assert r"50\% off\_all \& \textbar{}pipes\textbar{} \$x\$ \#1 \{b\} \textasciitilde{} \textbackslash{}end" in text


def cells_of(text):
    """The cells of the tables of a Markdown text, as another reader of it shows them."""
    tokens = MarkdownIt().enable("table").parse(text)
    at = [i + 1 for i, token in enumerate(tokens) if token.type in ("td_open", "th_open")]
    return ["".join(child.content for child in tokens[i].children) for i in at]


@given(SHOWN.filter(lambda text: text == text.strip()))
def test_markdown_shows_a_text_as_it_is(text):
    assert cells_of(f"| a |\n| --- |\n| x{markdown.escaped(text)}x |\n") == ["a", f"x{text}x"]


def test_a_markdown_table_shows_hostile_names_as_they_are(handout):
    text = markdown.markdown_text(shown_tables(handout, "conditions"), ["run"])
    found = cells_of(text)
    assert found[4::4] == [one.replace("\n", " ").replace("\t", " ") for one in CONDITIONS]
    assert markdown.escaped(TITLE) in text


def test_the_table_of_horizons_reads_as_in_the_terminal(handout):
    horizons = shown_tables(handout)[0]
    heads = "horizon, n, asset, benchmark, spread, base rate, hits, base hits, excess, 95% interval, p, p adj."
    assert horizons.heads == tuple(heads.split(", "))
    row = handout.record.run["horizons"][0]  # written by hand, as are the texts below
    assert (row["asset_mean"], row["spread_mean"], row["p_value"], row["hit_rate"]) == (0.0321, 0.03666, 0.00042, 2 / 3)
    assert horizons.rows[0][:5] == ("1", "3", "+3.21%", "−0.46%", "+3.67 pp")
    assert horizons.rows[0][6:8] == ("67%", "51%")
    assert horizons.rows[0][10] == "<0.001"


def test_any_table_of_the_record_can_be_shown(handout):
    for name in handout.tables:
        (shown,) = shown_tables(handout, name)
        assert all(len(row) == len(shown.heads) for row in shown.rows)
        assert not [cell for row in shown.rows for cell in row if cell in ("nan", "None")]


def test_a_horizon_by_the_calendar_is_said_once(handout):
    fields = [a_field("horizon", pa.int32(), "sessions", ""), a_field("calendar", pa.string(), "text", "")]
    table = pa.table([[5, 5, 1260], [None, "1w", "5y"]], schema=pa.schema(fields))
    (shown,) = shown_tables(dataclasses.replace(handout, tables={"legs": table}), "legs")
    assert shown.heads == ("horizon",)
    assert shown.rows == (("5",), ("1w",), ("5y",))


# Refusals


@pytest.mark.parametrize("form", FORMS)
def test_an_unknown_run_is_refused(folder, form):
    with pytest.raises(NotFound, match="run 'streak6' is not under"):
        gather_handout(folder.parents[1], "streak6")


@pytest.mark.parametrize("form", ["xlsx", "csv", "latex", "md"])
def test_an_unknown_table_is_refused_with_the_nearest(handout, form, tmp_path):
    with pytest.raises(ExportRefused, match=r"has no table 'horizon'\. Did you mean 'horizons'\?"):
        hand_out(handout, form, tmp_path / "x", table="horizon")
    assert not (tmp_path / "x").exists()


def test_a_missing_library_is_refused_with_the_line_that_installs_it(handout, monkeypatch, tmp_path):
    for module, form in (("xlsxwriter", "xlsx"), ("matplotlib", "png")):
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(ExportRefused, match=r"pip install 'episode-backtest\[export\]'"):
            hand_out(handout, form, tmp_path / "x")


def test_what_does_not_go_together_is_refused(handout, tmp_path):
    with pytest.raises(ExportRefused, match="a picture shows no table"):
        hand_out(handout, "png", tmp_path / "x", table="horizons")
    with pytest.raises(ExportRefused, match="has no colours"):
        hand_out(handout, "csv", tmp_path / "x", dark=True)
    with pytest.raises(ExportRefused, match=r"x\.csv names one file, and there are \d+ tables"):
        hand_out(handout, "csv", tmp_path / "x.csv")
    with pytest.raises(ExportRefused, match=r"form 'xslx' is not known\. Did you mean 'xlsx'\?"):
        hand_out(handout, "xslx", tmp_path / "x")


def test_a_table_that_no_sheet_can_hold_is_refused(handout, monkeypatch):
    monkeypatch.setattr("backtest.handout.xlsx.ROWS", 2)
    with pytest.raises(ExportRefused, match="has 3 rows, a sheet 2"):
        xlsx_bytes(handout, "events")


def test_a_damaged_record_is_not_exported(folder):
    (folder / "events.parquet").write_bytes(b"PAR1")
    with pytest.raises(RunUnreadable, match=r"events.parquet: is not as it was recorded"):
        gather_handout(folder.parents[1], "streak5")


@pytest.mark.parametrize(
    ("name", "unit", "value", "said"),
    [
        ("mean", "fraction", 0.0321, "+3.21%"),
        ("spread_mean", "fraction", -0.0321, "−3.21 pp"),
        ("base_hit_rate", "fraction", 0.504, "50%"),
        ("p_value", "probability", 0.0004, "<0.001"),
        ("indicator", "see run.json", 1234.56789, "1234.57"),
        ("n", "events", 12345, "12,345"),
        ("own", "1", True, "yes"),
        ("mean", "fraction", None, "–"),
        ("day0", "session", dt.date(2024, 7, 16), "2024-07-16"),
    ],
)
def test_a_cell_is_in_the_words_of_its_unit(name, unit, value, said):
    assert cell(value, a_field(name, pa.float64(), unit, "")) == said


def test_a_leg_that_is_a_spread_is_in_points():
    assert cell(0.01, a_field("mean", pa.float64(), "fraction", ""), in_points=True) == "+1.00 pp"
