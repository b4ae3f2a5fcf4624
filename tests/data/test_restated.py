"""Restated history: every column is compared, every row is listed, and what is known stays known."""

import numpy as np
import pyarrow.parquet as pq
import pytest

from backtest.data.firewall.revision_log import LATEST, LISTED
from backtest.data.firewall.revisions import distinct_texts, restated
from backtest.data.firewall.stored import check_dataset
from backtest.errors import DataRefused

from . import damage
from .test_firewall import TODAY, Place

DAYS = np.busday_offset("2021-01-04", np.arange(800)).astype("datetime64[D]")
BARS = damage.SERIES.replace(
    'columns = { open = "open" }', 'columns = { open = "open", high = "high", low = "low", close = "close" }'
)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def imported(place):
    place.deliver(damage.good()).run()
    return place


def scaled(first, last, factor=1.004):
    files = damage.good()
    for row in files["price"][first:last]:
        row[-1] = f"{float(row[-1]) * factor:.4f}"
    return files


def bars(**changed):
    """Good prices with highs and lows; of some columns, line 300 is another value."""
    files = damage.good()
    rows = [["date", "open", "high", "low", "close"]]
    for day, opened, close in files["price"][1:]:
        high, low = (pick(float(opened), float(close)) for pick in (max, min))
        rows.append([day, opened, f"{high * 1.001:.4f}", f"{low * 0.999:.4f}", close])
    for column, factor in changed.items():
        at = rows[0].index(column)
        rows[300][at] = f"{float(rows[300][at]) * factor:.4f}"
    files["price"] = rows
    return files


def history(place):
    return [one for one in place.run().findings if one.rule in ("restated", "lost_rows")]


@pytest.mark.parametrize("kind", ["price_index", "total_return_index"])
@pytest.mark.parametrize("column", ["open", "high", "low", "close"])
def test_each_column_is_compared(place, column, kind):
    manifest = BARS.replace('"price_index"', f'"{kind}"')
    place.deliver(bars(), manifest).run()
    (found,) = history(place.deliver(bars(**{column: 1.002}), manifest))
    assert found.column == ("PRICE" if column == "close" else f"PRICE.{column}")
    assert found.series == "PRICE"
    # the return that leads to a close and the one that leads away from it
    assert found.count == (2 if (column, kind) == ("close", "total_return_index") else 1)
    assert str(found.first) == damage.good()["price"][300][0]


def test_total_returns_rescaled_at_a_dividend_are_the_same_in_every_column(place):
    manifest = BARS.replace('"price_index"', '"total_return_index"')
    place.deliver(bars(), manifest).run()
    files = bars()
    for row in files["price"][1:]:
        row[1:] = [f"{float(value) * 0.97:.6f}" for value in row[1:]]
    assert history(place.deliver(files, manifest)) == []


def test_the_same_bytes_again_do_not_make_it_forgotten(imported):
    (found,) = history(imported.deliver(scaled(300, 310)))
    assert found.count == 10
    assert "Found on 2024-01-02" in found.text
    assert history(imported) == [found]
    assert history(imported) == [found]
    assert found in check_dataset("mine", imported.workspace)


def test_a_further_restatement_stands_beside_the_ones_before(imported):
    (first,) = history(imported.deliver(scaled(300, 310)))
    files = scaled(300, 310)
    files["rate"][10][1] = "4.44"
    assert sorted(one.column for one in history(imported.deliver(files))) == ["PRICE", "RATE"]
    files["price"][20][-1] = "1999"
    known = history(imported.deliver(files))
    assert sorted((one.column, one.count) for one in known) == [("PRICE", 1), ("PRICE", 10), ("RATE", 1)]
    assert first in known
    names = {one.file.rpartition("/")[2] for one in history(imported)}
    assert {path.name for path in (imported.folder / "restated").iterdir()} == names
    assert first.file.rpartition("/")[2] in names


def test_beyond_the_latest_ones_all_rows_stay_in_one_finding(imported):
    imported.deliver(files := scaled(300, 310)).run()
    for number in range(20, 20 + LATEST + 3):
        files["price"][number][-1] = "1999"
        imported.deliver(files).run()
    known = history(imported)
    assert len(known) == LATEST + 1
    assert [one.count for one in known] == [1] * LATEST + [13]
    assert [str(one.first) for one in known[:2]] == [files["price"][number][0] for number in (27, 26)]
    said = "PRICE: 13 rows restated up to 2024-01-02, at several times, 2021-02-01 to 2022-03-24."
    assert known[-1].text.startswith(said)
    assert "First found on 2024-01-02; all rows: restated/" in known[-1].text
    rows = pq.read_table(imported.folder / known[-1].file).to_pylist()
    dates = {str(row["date"]) for row in rows if row["column"] == "PRICE"}
    assert dates == {files["price"][number][0] for number in (20, 21, 22, *range(300, 310))}
    names = {one.file.rpartition("/")[2] for one in known}
    assert {path.name for path in (imported.folder / "restated").iterdir()} == names


def without(first, last, name="rate"):
    files = damage.good()
    del files[name][first:last]
    return files


def test_lost_rows_are_known_until_they_are_back(imported):
    (found,) = history(imported.deliver(without(100, 150)))
    assert (found.rule, found.count) == ("lost_rows", 50)
    assert history(imported) == [found]
    (rest,) = history(imported.deliver(without(120, 150)))
    dates = [row[0] for row in damage.good()["rate"][120:150]]
    assert (rest.count, str(rest.first), str(rest.last)) == (30, dates[0], dates[-1])
    assert rest.text.startswith(f"RATE: 30 of 50 lost rows are still missing, {dates[0]} to {dates[-1]}.")
    assert [str(row["date"]) for row in pq.read_table(imported.folder / rest.file).to_pylist()] == dates
    assert history(imported.deliver(damage.good())) == []
    assert list((imported.folder / "restated").iterdir()) == []


def test_lost_contracts_are_known_until_they_are_back(imported):
    (found,) = history(imported.deliver(without(5, 7, "futures")))
    assert (found.rule, found.count) == ("lost_rows", 2)
    assert history(imported.deliver(without(5, 6, "futures")))[0].count == 1
    assert history(imported.deliver(damage.good())) == []


@pytest.mark.parametrize(
    ("accepted", "stays"), [("", False), (", date = 2022-03-11", False), (", date = 2022-03-14", True)]
)
def test_it_is_forgotten_once_the_manifest_accepts_it(imported, accepted, stays):
    (found,) = history(imported.deliver(scaled(300, 310)))
    assert str(found.first) == "2022-03-11"
    accept = f'\n[checks]\naccept = [{{ rule = "restated", series = "PRICE"{accepted} }}]\n'
    assert history(imported.deliver(scaled(300, 310), checks=accept)) == [found] * stays
    anew, *old = history(imported.deliver(damage.good(), checks=accept))  # what is found anew is said once, in any case
    assert (anew.count, anew.file == found.file) == (10, False)
    assert old == [found] * stays


def test_all_rows_are_listed_in_a_file_and_the_first_ones_in_the_lock(imported):
    n = LISTED + 50
    (found,) = history(imported.deliver(scaled(1, 1 + n)))
    assert (found.count, len(found.changes)) == (n, LISTED)
    assert found.file in found.text
    rows = pq.read_table(imported.folder / found.file).to_pylist()
    good = damage.good()["price"][1 : 1 + n]
    assert rows == [
        {
            "rule": "restated",
            "column": "PRICE",
            "date": found.first.fromisoformat(date),
            "contract": None,
            "before": float(close),
            "after": float(f"{float(close) * 1.004:.4f}"),
        }
        for date, _, close in good
    ]


def test_contracts_and_lost_rows_are_in_the_file_too(imported):
    files = damage.good()
    day, month, _ = files["futures"][5]
    files["futures"][5][2] = "94.999"
    lost = files["rate"].pop(7)
    changed, gone = sorted(history(imported.deliver(files)), key=lambda one: one.rule, reverse=True)
    assert changed.file == gone.file
    rows = {row["rule"]: row for row in pq.read_table(imported.folder / gone.file).to_pylist()}
    assert (str(rows["restated"]["date"]), rows["restated"]["contract"]) == (day, month)
    assert (rows["lost_rows"]["before"], rows["lost_rows"]["after"]) == (float(lost[1]), None)


def test_a_refused_import_leaves_what_was_known(imported):
    (found,) = history(imported.deliver(scaled(300, 310)))
    files = scaled(300, 310)
    files["small"][300][1] = "0"
    with pytest.raises(DataRefused):
        imported.deliver(files).run()
    assert found in check_dataset("mine", imported.workspace)
    assert (imported.folder / found.file).is_file()


def test_two_numbers_are_written_so_that_they_differ():
    for old, new in ((34.8602, 34.86020000001), (1.0, 1.0 + 2**-52), (1e308, 1.0000000000001e308), (2.0, 3.0)):
        was, now = distinct_texts(old, new)
        assert was != now
        assert (float(was) < float(now)) == (old < new)
    assert distinct_texts(34.8602, 35.0) == ("34.8602", "35")


def test_a_total_return_is_told_by_its_returns(history_of):
    old = np.array([100.0, 101.0, 102.0, 103.0])
    before = history_of({"A": old}, kinds={"A": "total_return_index"}, sessions=DAYS[:4])
    (found,) = restated("A", "total_return_index", DAYS[:4], {"A": np.array([90.0, 101.0, 102.0, 103.0])}, before, 0.1)
    assert found.count == 1  # the level is the same: 101 became 101; it is the return to it that is another
    assert "2021-01-05 was 0.01 and is now 0.1222222222." in found.text
    assert found.changes[0].after == pytest.approx(101 / 90 - 1)


def test_today_is_by_the_clock_where_nobody_says_it(place):
    files = damage.good()
    files["small"].append(["2199-01-02", "50"])
    place.deliver(files)
    from backtest.data.ingest.importing import import_dataset

    with pytest.raises(DataRefused, match=r"^small\.csv line 755: date 2199-01-02 is in the future: today is 20"):
        import_dataset("mine", place.source, place.workspace)
    assert TODAY.year == 2024
