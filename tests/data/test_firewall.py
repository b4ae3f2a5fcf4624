"""The firewall: every kind of damage planted in good data is found; in good data, nothing."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from backtest.data.firewall.findings import Refused
from backtest.data.firewall.stored import check_dataset
from backtest.data.ingest.importing import check_files, import_dataset
from backtest.data.manifest.checks import RULES, Repairs
from backtest.data.store.read import load_dataset
from backtest.errors import DataRefused, ManifestInvalid
from backtest.workspace import Workspace

from . import damage

TODAY = dt.date(2024, 1, 2)
"""The first session after those of the good data."""
DOCS = Path(__file__).resolve().parents[2] / "docs" / "data.md"


class Place:
    """A workspace whose dataset 'mine' is delivered from files of the test."""

    def __init__(self, root):
        (root / "backtest.toml").touch()
        self.workspace = Workspace(root, marked=True)
        self.folder, self.source = root / "datasets" / "mine", root / "delivered"
        self.folder.mkdir(parents=True)
        self.source.mkdir()

    def deliver(self, files, manifest=damage.SERIES, checks=""):
        (self.folder / "manifest.toml").write_text(damage.HEAD + manifest + checks)
        damage.write(self.source, files)
        return self

    def run(self, **repairs):
        return import_dataset("mine", self.source, self.workspace, repairs=Repairs(**repairs), today=TODAY)

    def findings(self, **repairs):
        """What an import would find, whether it would refuse or not."""
        try:
            return check_files("mine", self.source, self.workspace, Repairs(**repairs), TODAY)
        except Refused as refused:
            return list(refused.findings)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def planted(place, item):
    files = damage.good()
    if item.again:
        place.deliver(files, item.manifest).run()
    item.plant(files)
    return place.deliver(files, item.manifest)


def test_good_data_have_nothing(place):
    assert place.deliver(damage.good()).run().findings == []
    assert check_dataset("mine", place.workspace) == []


@pytest.mark.parametrize("item", damage.DAMAGES, ids=lambda item: item.what)
def test_planted_damage_is_found(place, item):
    planted(place, item)
    if item.rule == "unreadable":
        with pytest.raises(DataRefused, match=r"^\w+\.csv line \d+"):
            place.run()
        return
    found = [one for one in place.findings() if one.rule == item.rule and one.series == item.series]
    assert len(found) == 1
    assert found[0].severity == item.severity
    if item.severity == "error":
        lock = place.folder / "lock.json"
        before = lock.read_bytes() if item.again else None
        with pytest.raises(Refused):
            place.run()
        assert (lock.read_bytes() if lock.exists() else None) == before
    else:
        texts = [one.text for one in place.run().findings if one.rule == item.rule]
        assert any(text.startswith(found[0].text) for text in texts)


def test_every_rule_is_planted_or_has_a_test_of_its_own():
    assert {item.rule for item in damage.DAMAGES} | {"calendar"} == {*RULES, "unreadable"}


def test_the_table_of_the_document(tmp_path):
    said = []
    for number, item in enumerate(damage.DAMAGES):
        root = tmp_path / str(number)
        root.mkdir()
        place = planted(Place(root), item)
        if item.rule == "unreadable":
            with pytest.raises(DataRefused) as refused:
                place.run()
            said.append((item, refused.value.message))
        else:
            said.append((item, next(one.text for one in place.findings() if one.rule == item.rule)))
    made = damage.table(said)
    assert made in DOCS.read_text(encoding="utf-8"), f"docs/data.md should hold:\n{made}"


class TestRepairs:
    def test_each_is_done_on_request_and_listed(self, place):
        files = damage.good()
        rows = files["small"]
        rows[300], rows[301] = rows[301], rows[300]
        rows.insert(400, list(rows[400]))
        rows.insert(1, ["2021-01-02", "50"])
        rows[500][1] = "0"
        files["return"][300][1] = "-99.99"
        lock = place.deliver(files).run(
            unsorted="sort", duplicate_date="drop", off_calendar="drop", nonpositive="blank", missing_mark="blank"
        )
        done = {item.reason: item for item in (*lock.series["SMALL"].dropped, *lock.series["RETURN"].dropped)}
        assert {reason: item.rows for reason, item in done.items()} == {
            "repaired on request: unsorted = sort": 1,
            "repaired on request: duplicate_date = drop": 1,
            "repaired on request: nonpositive = blank (close)": 1,
            "repaired on request: off_calendar = drop": 1,
            "repaired on request: missing_mark = blank (close)": 1,
        }
        assert done["repaired on request: off_calendar = drop"].dates == [dt.date(2021, 1, 2)]
        assert "Rows repaired on request: unsorted = sort: SMALL 1; lock.json lists them." in lock.notes
        expected = np.array([float(row[1]) for row in damage.good()["small"][1:]])
        kept = load_dataset(place.folder).prices.close("SMALL")
        blank = np.flatnonzero(np.isnan(kept))
        assert len(blank) == 1
        np.testing.assert_array_equal(np.delete(kept, blank), np.delete(expected, blank))

    @pytest.mark.parametrize(("way", "kept"), [("first", None), ("last", 51.5)])
    def test_the_first_or_the_last_of_two(self, place, way, kept):
        files = damage.good()
        date, value = files["small"][300]
        files["small"].insert(301, [date, "51.5"])
        place.deliver(files).run(duplicate_date=way)
        at = np.flatnonzero(load_dataset(place.folder).prices.sessions == np.datetime64(date))[0]
        assert load_dataset(place.folder).prices.close("SMALL")[at] == (kept or float(value))

    def test_drop_does_not_choose_between_two_values(self, place):
        files = damage.good()
        files["small"].insert(301, [files["small"][300][0], "51.5"])
        with pytest.raises(Refused, match="occurs twice, with other values"):
            place.deliver(files).run(duplicate_date="drop")

    def test_the_manifest_may_ask_too(self, place):
        files = damage.good()
        files["small"][300:302] = files["small"][301:299:-1]
        checks = '\n[checks.repair]\nunsorted = "sort"\n'
        assert place.deliver(files, checks=checks).run().findings == []


class TestHistory:
    def test_restated_rows_are_listed_with_both_values(self, place):
        place.deliver(damage.good()).run()
        files = damage.good()
        date, _, before = files["price"][300]
        files["price"][300][-1] = f"{float(before) + 1:.4f}"
        files["rate"][10][1] = "4.44"
        found = {one.series: one for one in place.deliver(files).run().findings if one.rule == "restated"}
        assert found.keys() == {"PRICE", "RATE"}
        change = found["PRICE"].changes[0]
        assert (str(change.date), change.before, change.after) == (date, float(before), float(before) + 1)
        assert len(found["PRICE"].changes) == 1
        for one in found.values():
            assert (one.found, one.column) == (TODAY, one.series)

    def test_a_total_return_rescaled_as_a_whole_is_the_same(self, place):
        place.deliver(damage.good()).run()
        files = damage.good()
        for row in files["small"][1:]:
            row[1] = f"{float(row[1]) * 0.97:.6f}"
        assert place.deliver(files).run().findings == []
        files["small"][300][1] = f"{float(files['small'][300][1]) * 1.01:.6f}"
        assert [one.rule for one in place.deliver(files).run().findings] == ["restated"]

    def test_restated_futures(self, place):
        place.deliver(damage.good()).run()
        files = damage.good()
        files["futures"][5][2] = "94.999"
        (found,) = place.deliver(files).run().findings
        assert (found.rule, found.series, found.count, found.changes[0].after) == ("restated", "FUTURES", 1, 94.999)

    def test_few_lost_rows_are_a_warning_many_an_error(self, place):
        place.deliver(damage.good()).run()
        old = (place.folder / "lock.json").read_bytes()
        files = damage.good()
        del files["rate"][1:6]
        (found,) = place.deliver(files).findings()
        assert (found.rule, found.severity, found.count) == ("lost_rows", "warning", 5)
        del files["rate"][1:100]
        with pytest.raises(Refused, match=r"^RATE: 104 of 753 rows of the last import are missing now"):
            place.deliver(files).run()
        assert (place.folder / "lock.json").read_bytes() == old

    def test_new_rows_are_no_restatement(self, place):
        files = damage.good()
        shorter = {name: rows[:-5] for name, rows in files.items()}
        place.deliver(shorter).run()
        assert place.deliver(files).run().findings == []


class TestCalendar:
    def test_before_it_is_believed_the_datas_own_dates_are_all_there_is(self, bench):
        bench.manifest('[series.A]\ntitle = "A"\nkind = "price_index"\nunit = "points"\nfile = "a.csv"\n')
        # a Saturday session and a holiday of today: both were right in 1950 and 1968
        bench.deliver(a="date,close\n1950-07-15,100\n1950-07-17,101\n1969-12-31,102\n1970-01-02,101\n")
        (found,) = bench.run().findings
        assert (found.rule, found.series, found.severity, found.count) == ("calendar", "", "warning", 3)
        assert "trusted from 1970-01-01" in found.text

    def test_before_all_that_is_believed(self, bench):
        bench.manifest('[series.A]\ntitle = "A"\nkind = "price_index"\nunit = "points"\nfile = "a.csv"\n')
        bench.deliver(a="date,close\n1871-01-02,4.44\n1871-01-03,4.5\n1871-01-04,4.6\n")  # a reader's own S&P
        (found,) = bench.run().findings
        assert (found.rule, found.count) == ("calendar", 3)
        assert "trusted from 1970-01-01; the 3 sessions before that" in found.text

    def test_the_manifest_may_say_since_when(self, place):
        files = damage.good()
        next(item for item in damage.DAMAGES if item.what == "a Saturday").plant(files)
        place.deliver(files, checks="\n[checks]\ncalendar_since = 2023-01-01\n")
        # the Saturday is now a session like any other: the one series that has it makes the others lack it
        assert {one.rule for one in place.run().findings} == {"calendar", "missing_sessions"}

    def test_an_exchange_that_nobody_knows(self, place):
        files = damage.good()
        place.deliver(files)
        manifest = place.folder / "manifest.toml"
        manifest.write_text(manifest.read_text().replace("XNYS", "XNOWHERE"))
        with pytest.raises(DataRefused, match=r"calendar\.exchange = 'XNOWHERE': there is no calendar of that name"):
            place.run()


class TestThresholds:
    @pytest.mark.parametrize(
        ("key", "what"),
        [
            ("stale = 0", "eight unchanged closes"),
            ("stale = 8", "eight unchanged closes"),
            ("stale_futures = 0", "a far contract unchanged for months"),
            ("jump = 0", "a split of 2:1, not adjusted"),
            ("spike = 0\njump = 0", "a decimal point off by one place"),
            ("jump_rates = 60", "a rate ten times too high for a day"),
            ("jump_futures = 0", "a contract ten points too low for a day"),
            ("open_is_close = 1.0", "opens that are the previous close"),
        ],
    )
    def test_each_can_be_moved(self, place, key, what):
        item = next(item for item in damage.DAMAGES if item.what == what)
        files = damage.good()
        item.plant(files)
        place.deliver(files, checks=f"\n[checks]\n{key}\n")
        assert item.rule not in {one.rule for one in place.findings()}

    def test_an_error_that_is_right_is_accepted_by_name_and_stays_visible(self, place):
        item = next(item for item in damage.DAMAGES if item.what.startswith("a split of 2:1"))
        files = damage.good()
        item.plant(files)
        day = files["small"][300][0]
        for date, refused in ((day, False), ("2022-01-03", True)):
            accept = f'\n[checks]\naccept = [{{ rule = "jump", series = "SMALL", date = {date} }}]\n'
            found = next(one for one in place.deliver(files, checks=accept).findings() if one.rule == "jump")
            assert (found.severity == "error") is refused
        accept = '\n[checks]\naccept = [{ rule = "jump", series = "SMALL" }]\n'
        (found,) = (one for one in place.deliver(files, checks=accept).run().findings if one.rule == "jump")
        assert found.text.endswith("(accepted in manifest.toml).")

    def test_a_date_that_cannot_be_is_never_accepted(self, place):
        accept = '\n[checks]\naccept = [{ rule = "future_date", series = "SMALL" }]\n'
        with pytest.raises(ManifestInvalid, match=r"checks\.accept.*must not be future_date"):
            place.deliver(damage.good(), checks=accept).run()

    def test_rates_may_stand_still_for_years_unless_the_manifest_says_otherwise(self, place):
        files = damage.good()
        for row in files["rate"][1:]:
            row[1] = "0.25"
        assert place.deliver(files).findings() == []
        (found,) = place.deliver(files, checks="\n[checks]\nstale_rates = 250\n").findings()
        assert (found.rule, found.series, found.value) == ("stale", "RATE", 0.25)


def test_a_splice_inherits_what_its_inputs_have(place):
    files = damage.good()
    for row in files["small"][300:308]:
        row[1] = files["small"][300][1]
    more = '\n[series.LONG]\ntitle = "Long"\nkind = "total_return_index"\nunit = "index"\nsplice = ["MEGA", "SMALL"]\n'
    manifest = damage.SERIES.replace("\n[roles]", f"{more}\n[roles]")
    place.deliver(files, manifest).run()
    (found,) = load_dataset(place.folder).findings
    assert found.affects == ("LONG",)
    assert found.concerns(["LONG"])
    assert found.concerns(["SMALL"])
    assert not found.concerns(["MEGA", "RATE"])


def test_all_errors_are_counted_and_the_first_is_told(place):
    files = damage.good()
    files["small"][300][1] = "0"
    files["mega"][300][1] = "-1"
    with pytest.raises(Refused) as refused:
        place.deliver(files).run()
    assert refused.value.message == "small.csv line 301 (2022-03-11): close = 0: a total_return_index must be above 0."
    assert refused.value.hint.endswith("1 more: backtest data check mine --from DIR lists them.")
    assert [one.rule for one in refused.value.findings] == ["nonpositive", "nonpositive"]
