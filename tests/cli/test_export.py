"""``backtest export``: runs, searches and comparisons as files."""

from __future__ import annotations

import csv
import json
import re

import openpyxl
import pyarrow.parquet as pq
import pytest

FIELDS = {"schema", "name", "simulated", "files"}


@pytest.fixture
def ran(backtest):
    return backtest("run", "streak5", "--no-trade", "--json").json["run_id"]


def test_a_run_is_exported_into_the_current_folder(backtest, folder, ran):
    done = backtest("export", "streak5", "--to", "xlsx", "--json")
    assert done.status == 0, done.err
    assert done.json.keys() == FIELDS
    assert done.json["files"] == [f"streak5-{ran}.xlsx"]
    assert done.json["simulated"] is True
    assert openpyxl.load_workbook(folder / f"streak5-{ran}.xlsx").sheetnames[0] == "about"
    assert not list((folder / "reports" / "streak5" / ran).glob("*.xlsx"))


@pytest.mark.parametrize(("name", "form"), [("a.tex", "latex"), ("b.MD", "md"), ("c.png", "png"), ("d.csv", "csv")])
def test_the_form_follows_from_the_name_of_the_file(backtest, folder, ran, name, form):
    table = ["--table", "horizons"] if form == "csv" else []
    done = backtest("export", ran, "-o", name, *table)
    assert done.status == 0, done.err
    assert done.out.splitlines() == ["SIMULATED DATA: the returns below mean nothing.", f"Exported: {name}"]
    assert (folder / name).is_file()


def test_all_tables_as_csv_go_into_a_folder(backtest, folder, ran):
    done = backtest("export", "streak5", "--to", "csv", "-o", "here")
    files = sorted(path.name for path in (folder / "here").iterdir())
    assert {"about.csv", "columns.csv", "events.csv"} <= {*files}
    assert done.out.splitlines()[-1] == f"{len(files)} files: here"
    lines = (folder / "here" / "columns.csv").read_text("utf-8").splitlines()
    told = {(row["table"], row["column"]): row for row in csv.DictReader(lines)}
    run = next((folder / "reports" / "streak5").glob("2*"))
    for path in run.glob("*.parquet"):
        for field in pq.read_schema(path):
            about = {key: field.metadata[key].decode() for key in (b"unit", b"description")}
            row = told[path.stem, field.name]
            assert (row["unit"], row["definition"]) == tuple(" ".join(text.split()) for text in about.values())


def test_a_search_is_exported(backtest, folder):
    backtest("tune", "streak5", "--grid", "detector.sessions=4,5", "--grid", "detector.threshold=0.01")
    (search,) = (folder / "reports" / "streak5").glob("tune-*")
    for name in (search.name, str(search), f"streak5/{search.name}"):
        done = backtest("export", name, "--to", "csv", "--table", "sets", "-o", "sets.csv")
        assert done.status == 0, done.err
    rows = list(csv.DictReader((folder / "sets.csv").read_text("utf-8").splitlines()))
    summary = json.loads((search / "tune.json").read_text("utf-8"))
    first = summary["sets"][0]["horizons"][0]
    assert rows[0]["detector.sessions"] == "4"
    assert float(rows[0]["p_value"]) == first["p_value"]
    assert len(rows) == 2 * len(summary["sets"][0]["horizons"])
    assert backtest("export", search.name, "-o", "alone.csv").status == 0  # it has one table
    assert (folder / "alone.csv").read_bytes() == (folder / "sets.csv").read_bytes()
    assert backtest("export", search.name, "-o", "search.png").status == 0
    assert (folder / "search.png").read_bytes()[:4] == b"\x89PNG"


def test_a_comparison_is_exported(backtest, folder):
    backtest("compare", "streak5", "rotation")
    (page,) = (folder / "reports" / "compare").glob("*.html")
    content = json.loads(page.with_suffix(".json").read_text("utf-8"))
    for name in ("compare", page.stem, str(page)):
        done = backtest("export", name, "--to", "xlsx", "-o", "compared.xlsx")
        assert done.status == 0, done.err
    book = openpyxl.load_workbook(folder / "compared.xlsx")
    assert book.sheetnames == ["about", "studies", "horizons"]
    head, *rows = [[cell.value for cell in row] for row in book["horizons"].iter_rows()]
    expected = [row for study in content["studies"] for row in study["horizons"]]
    at = head.index("p_adjusted")
    assert [row[at] for row in rows] == pytest.approx([row["p_adjusted"] for row in expected], rel=1e-15)
    assert rows[0][head.index("study")] == content["studies"][0]["label"]
    done = backtest("export", "compare", "--to", "md")
    assert done.status == 0, done.err
    assert "| study | horizon |" in next(folder.glob("compare-*.md")).read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["streak5"], 2, "--to is missing"),
        (["streak5", "--to", "csv", "-o", "x.xlsx"], 2, "ask for two forms"),
        (["streak6", "--to", "csv"], 1, r"run 'streak6' is not under"),
        (["streak5", "--to", "xlsx", "--table", "evnts"], 1, "has no table 'evnts'. Did you mean 'events'"),
        (["compare", "--to", "xlsx"], 1, "run 'compare' is not under"),
        (["streak5", "--to", "md", "-o", "file/x.md"], 1, "cannot write file/x.md"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(backtest, folder, ran, arguments, status, said):
    (folder / "file").write_text("in the way", encoding="utf-8")
    done = backtest("export", *arguments)
    assert done.status == status
    assert re.search(said, done.err)
    assert status == 2 or len(done.err.splitlines()) == 1


def test_a_damaged_search_or_comparison_is_refused(backtest, folder):
    comparison = folder / "reports" / "compare" / "x.json"
    comparison.parent.mkdir(parents=True)
    for text, said in (("{", "cannot be read"), ('{"schema": 1}', "'version' is missing")):
        comparison.write_text(text, encoding="utf-8")
        done = backtest("export", "compare", "--to", "csv")
        assert done.status == 1
        assert said in done.err
