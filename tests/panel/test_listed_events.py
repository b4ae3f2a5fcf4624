"""Lists of (asset, date) on a panel: against a loop over the rows, and against a study of each asset alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from backtest.errors import BacktestError, NoEvents
from backtest.model import Dataset
from backtest.panel.from_frame import panel_of_frame
from backtest.panel.panel_study import study_panel
from backtest.plan import Plan
from backtest.spec.strategy import Strategy, load_strategy
from backtest.study.detect_events import detect_events

MEASURE = {"horizons": [1, 5]}
NAMES = ["AAA", "BBB", "NA", "TRUE", "1E5", "aapl", "AMC", "10107", "A B"]


@pytest.fixture(scope="module")
def days():
    every = pd.bdate_range("2022-01-03", "2022-12-30", name="session")
    return every[~every.isin(pd.to_datetime(["2022-02-21", "2022-05-30", "2022-07-04"]))]


@pytest.fixture(scope="module")
def common(days):
    return Dataset.from_frame(pd.DataFrame({"market": np.linspace(100, 110, len(days))}, index=days))


@pytest.fixture(scope="module")
def closes(days):
    rng = np.random.default_rng(4)
    shape = (len(days), len(NAMES))
    wide = pd.DataFrame(100 * np.exp(rng.normal(0, 0.02, shape).cumsum(axis=0)), days, NAMES)
    wide.loc["2022-07-01":, "BBB"] = np.nan
    wide.loc[:"2022-03-01", "NA"] = np.nan
    return wide


@pytest.fixture(scope="module")
def panel(closes, common):
    return panel_of_frame(closes.reset_index().melt("session", var_name="symbol", value_name="close").dropna(), common)


@pytest.fixture(scope="module")
def rows():
    """Four hundred rows: weekends, holidays, after the close, repeats, unknown assets, days outside of the history."""
    rng = np.random.default_rng(9)
    dates = rng.choice(pd.date_range("2021-12-20", "2023-01-10"), 400)
    when = rng.choice(["amc", "bmo", "16:05", "09:30", ""], 400)
    frame = pd.DataFrame({"ticker": rng.choice([*NAMES, "ZZZ", "AAPL"], 400), "date": dates, "when": when})
    return frame.assign(group=rng.choice(["beat", "miss"], 400))


def outcome_by_hand(rows, closes, cooldown) -> tuple[list[str], list]:
    """Walk through the rows in order of their dates, asset by asset."""
    days = list(closes.index)
    session, outcome = [pd.NaT] * len(rows), [""] * len(rows)
    for place, row in rows.iterrows():
        later = [day for day in days if day >= row["date"] + pd.Timedelta(days=int(row["when"] in ("amc", "16:05")))]
        if row["ticker"] not in closes:
            outcome[place] = "unknown_asset"
        elif not days[0] <= row["date"] or not later:
            outcome[place] = "outside_history"
        else:
            session[place] = later[0]
    for name in closes:
        life = closes[name].dropna().index
        seen, last = set(), None
        of_asset = [place for place in rows.index if rows.at[place, "ticker"] == name and not outcome[place]]
        for place in sorted(of_asset, key=lambda place: rows.at[place, "date"]):
            if session[place] in seen:
                outcome[place] = "merged"
            seen.add(session[place])
        for place in sorted((one for one in of_asset if not outcome[one]), key=lambda one: session[one]):
            if not life[0] <= session[place] <= life[-1]:
                outcome[place] = "outside_life"
            elif last is not None and days.index(session[place]) - last <= cooldown:
                outcome[place] = "cooldown"
            else:
                outcome[place], last = "event", days.index(session[place])
    return outcome, session


@pytest.mark.parametrize("cooldown", [0, 7])
def test_every_row_is_an_event_or_left_out_for_a_reason(rows, closes, panel, cooldown):
    found = study_panel(rows, panel, measure=MEASURE, episodes={"cooldown": cooldown})
    outcome, session = outcome_by_hand(rows, closes, cooldown)
    assert set(outcome) == {"unknown_asset", "outside_history", "merged", "outside_life", "event"} | (
        {"cooldown"} if cooldown else set()
    )
    assert found.listed["outcome"].tolist() == outcome
    assert found.listed["session"].astype(str).tolist() == pd.Series(session).astype(str).tolist()
    assert found.listed["line"].tolist() == list(range(1, 401))
    first, last = found.found.origin.accounts
    counts = pd.Series(outcome).value_counts()
    assert (first.read, last.kept) == (400, counts["event"])
    assert first.kept == last.read
    left = {one.reason: len(one.dates) for account in (first, last) for one in account.excluded}
    assert left == counts.drop("event").to_dict()


def test_each_asset_has_the_events_of_a_study_of_it_alone(rows, closes, panel, tmp_path):
    found = study_panel(rows, panel, measure=MEASURE, episodes={"cooldown": 3}).events
    for name in NAMES:
        rows[rows["ticker"] == name].drop(columns=["ticker", "group"]).to_csv(tmp_path / "one.csv", index=False)
        (tmp_path / "one.toml").write_text(
            'schema = 1\ntitle = "T"\n[detector]\nuse = "dates"\nfile = "one.csv"\n[episodes]\ncooldown = 3\n'
            f"since = {closes[name].first_valid_index().date()}\nuntil = {closes[name].last_valid_index().date()}\n"
        )
        alone = detect_events(Plan(load_strategy(tmp_path / "one.toml"), Dataset.from_frame(closes[["AAA"]])))
        expected = closes.index.to_numpy()[alone.events.day0]
        np.testing.assert_array_equal(found.query("asset == @name")["day0"].to_numpy(), expected.astype("M8[s]"))


def test_a_frame_a_csv_a_parquet_and_a_strategy_file_agree(rows, panel, tmp_path):
    rows.to_csv(tmp_path / "list.csv", index=False, encoding="utf-8-sig")
    rows.to_parquet(tmp_path / "list.parquet")
    rows.to_excel(tmp_path / "list.xlsx", index=False)
    (tmp_path / "s.toml").write_text(
        'schema = 1\ntitle = "T"\n[detector]\nuse = "dates"\nfile = "list.csv"\n'
        '[measure]\nasset = "close"\nbenchmark = ""\nhorizons = [1, 5]\n'
    )
    expected = study_panel(rows, panel, measure=MEASURE)
    studies = [
        study_panel(pl.from_pandas(rows), panel, measure=MEASURE),
        *(study_panel(tmp_path / f"list.{form}", panel, measure=MEASURE) for form in ("csv", "parquet")),
        study_panel(load_strategy(tmp_path / "s.toml"), panel),
    ]
    for found in studies:
        pd.testing.assert_frame_equal(found.horizons, expected.horizons)
        pd.testing.assert_frame_equal(found.events, expected.events)
        assert found.listed["outcome"].tolist() == expected.listed["outcome"].tolist()
    assert studies[1].listed["line"].tolist() == list(range(2, 402))
    found = study_panel(tmp_path / "list.xlsx", panel, measure=MEASURE)
    assert found.listed["outcome"].tolist() == expected.listed["outcome"].tolist()


def test_the_group_of_an_event_is_that_of_its_first_row(panel):
    rows = pd.DataFrame(
        {
            "ticker": ["AAA", "AAA", "AMC"],
            "date": ["2022-02-05", "2022-02-07", "2022-02-07"],
            "group": ["beat", "miss", None],
        }
    )
    found = study_panel(rows, panel, measure=MEASURE)
    assert found.events[["asset", "group"]].to_numpy().tolist() == [["AAA", "beat"], ["AMC", ""]]
    (note,) = [note.text for note in found.found.origin.notes if note.code == "merged_groups"]
    assert note == "1 row merged with an event of another group, which counts: AAA 2022-02-07."


def test_a_list_may_be_one_condition_of_several(rows, closes, panel):
    fell = {"use": "move", "series": "close", "sessions": 1, "threshold": 0.01, "direction": "down"}
    strategy = Strategy.of(
        {"all": ["listed", "fell"]},
        conditions={"listed": {"use": "dates"}, "fell": fell},
        measure={"asset": "close", "benchmark": "market", "horizons": [1]},
    )
    found = study_panel(strategy, panel, events=rows)
    alone = study_panel(rows, panel, measure=MEASURE).events
    change = closes / closes.shift() - 1
    falls = [change.at[day, asset] <= -0.01 for asset, day in zip(alone["asset"], alone["day0"], strict=True)]
    assert found.events[["asset", "day0"]].to_numpy().tolist() == alone[falls][["asset", "day0"]].to_numpy().tolist()
    assert found.listed["outcome"].value_counts()["event"] == sum(falls) > 0
    assert "other_conditions" in set(found.listed["outcome"])


def test_dates_without_assets_are_events_of_every_asset(panel, tmp_path):
    (tmp_path / "dates.csv").write_text("date\n2022-05-05\n2022-08-06\n")
    (tmp_path / "s.toml").write_text(
        'schema = 1\ntitle = "T"\n[detector]\nuse = "dates"\nfile = "dates.csv"\n[measure]\nasset = "close"\n'
        'benchmark = ""\nhorizons = [1]\n'
    )
    found = study_panel(load_strategy(tmp_path / "s.toml"), panel)
    assert len(found.found) == 9 + 8
    assert [note.code for note in found.found.origin.notes] == ["dates_of_every_asset", "dates_moved"]
    assert [(one.of, one.read, one.kept) for one in found.found.origin.accounts] == [
        ("dates", 2, 2),
        ("episodes", 18, 17),
    ]


REFUSED = [
    ("date\n2022-05-05\n", {}, "no column names assets; it has 'date'"),
    ("ticker,date\n", {}, "holds no date|has no row"),
    ("ticker,date\nAMC,2022-05-05\nAAA,\nAMC,2022-06-05\n", {}, "line 3: AAA has no date"),
    ("ticker,date\n,2022-05-05\n", {}, 'line 2: ticker = "": an event needs an asset'),
    ("ticker,date\nQQQ,2022-05-05\n", {}, r"the panel lacks 1 asset of the list, in 1 row: QQQ \(1 row\)"),
    ("AAA,2022-05-05\nAMC,2022-06-06\n", {}, "has no header"),
    ("ticker,date\nAAA,2022-05-05\n", {"assets": "tiker"}, 'assets = "tiker": there is no such column'),
    ("ticker,date\nAAA,2022-05-05\n", {"groups": "kind"}, 'groups = "kind": there is no such column'),
    ("ticker,date\nAAA,05/06/2022\n", {}, "line 2: date = "),
    ("ticker,issuer,date\nAAA,AMC,2022-05-05\n", {}, "more than one column names assets: 'ticker', 'issuer'"),
    ("ticker,date,when\nAAA,2022-05-05,noonish\n", {}, "neither a time of day"),
]


@pytest.mark.parametrize(("text", "keys", "message"), REFUSED)
def test_what_cannot_be_read_is_refused_with_its_place(panel, tmp_path, text, keys, message):
    (tmp_path / "list.csv").write_text(text)
    with pytest.raises(BacktestError, match=message) as refused:
        study_panel(tmp_path / "list.csv", panel, measure=MEASURE, detector=keys)
    assert "\n" not in str(refused.value)


def test_keys_of_the_detector_hold(panel, tmp_path):
    text = "company,ticker,day,kind\nAlpha,AAA,2022-05-05,x\nAlpha,AAA,2022-05-06,y\n"
    (tmp_path / "list.csv").write_text(text)
    found = study_panel(tmp_path / "list.csv", panel, measure=MEASURE, detector={"groups": "kind", "after_close": True})
    assert found.events["day0"].astype(str).tolist() == ["2022-05-06", "2022-05-09"]
    assert found.events["group"].tolist() == ["x", "y"]
    back = study_panel(tmp_path / "list.csv", panel, measure=MEASURE, detector={"offset": -1})
    assert back.events["day0"].astype(str).tolist() == ["2022-05-04", "2022-05-05"]
    assert "day0_before_date" in {note.code for note in back.found.origin.notes}


def test_identifiers_that_the_panel_lacks_are_listed(panel):
    rows = pd.DataFrame({"permno": [10107.0, 99.0, 99.0, 98.0], "date": ["2022-05-05"] * 4})
    found = study_panel(rows, panel, measure=MEASURE)
    (note,) = [note.text for note in found.found.origin.notes if note.code == "unknown_assets"]
    assert note == "the panel lacks 2 assets of the list, in 3 rows: 99 (2 rows), 98 (1 row)."
    rows = pd.DataFrame({"ticker": ["AAPL", "AAA"], "date": ["2022-05-05"] * 2})
    (note,) = [one.text for one in study_panel(rows, panel, measure=MEASURE).found.origin.notes]
    assert note.endswith("names are compared letter by letter, and the panel has aapl for AAPL.")


def test_no_event_is_left(panel):
    rows = pd.DataFrame({"ticker": ["BBB", "AAA"], "date": ["2022-11-11", "2019-01-01"]})
    with pytest.raises(NoEvents, match="Rows: 1 outside the history; 1 with day 0 before the asset's first close"):
        study_panel(rows, panel, measure=MEASURE)


def test_events_need_a_detector_to_stand_in_for(rows, panel):
    streak = Strategy.of({"use": "streak", "series": "close", "sessions": 2}, measure={"asset": "close"})
    with pytest.raises(BacktestError, match="the strategy has 0 such detectors"):
        study_panel(streak, panel, events=rows)


def test_the_case_with_announcement_times(shared):
    names = ["AAA", "BBB", "CCC"]
    days = pd.bdate_range("2022-01-03", "2022-12-30", name="session")
    wide = pd.DataFrame(np.linspace(1, 2, 3 * len(days)).reshape(-1, 3), days, names)
    panel = panel_of_frame(wide.reset_index().melt("session", var_name="symbol", value_name="close"))
    found = study_panel(shared / "cases/event_panel/events.csv", panel, measure=MEASURE).events
    expected = {("AAA", "2022-02-04"), ("BBB", "2022-02-03"), ("AAA", "2022-05-06"), ("CCC", "2022-05-06")}
    assert set(zip(found["asset"], found["day0"].astype(str), strict=True)) == expected


SECTORS = {name: "even" if place % 2 else "odd" for place, name in enumerate(NAMES)}


@pytest.fixture(scope="module")
def grouped(closes, common):
    long = closes.reset_index().melt("session", var_name="symbol", value_name="close").dropna()
    return panel_of_frame(long.assign(sector=long["symbol"].map(SECTORS)), common, group="sector")


def compare(found: pd.DataFrame, alone: pd.DataFrame) -> None:
    """Compare a group with a study of it alone: all columns but the adjusted p, which counts more looks."""
    columns = [name for name in alone if name != "p_adjusted"]
    pd.testing.assert_frame_equal(found[columns].reset_index(drop=True), alone[columns], rtol=1e-9)
    assert (found["p_adjusted"].to_numpy() >= alone["p_adjusted"].to_numpy() - 1e-12).all()


@pytest.mark.parametrize("weight", ["event", "date"])
def test_a_group_of_the_list_is_a_study_of_its_rows(rows, panel, weight):
    rows = rows.drop_duplicates(["ticker", "date"]).query("date.dt.day_of_week == 2 and when == 'bmo'")
    tables = {"measure": {"horizons": [1, 5], "benchmark": "rest"}, "study": {"weight": weight}}
    found = study_panel(rows, panel, **tables).by_group()
    assert found["group"].unique().tolist() == ["beat", "miss"]
    for name in ("beat", "miss"):
        alone = study_panel(rows[rows["group"] == name], panel, **tables)
        compare(found[found["group"] == name], alone.horizons)
    assert (found["p_adjusted"] >= found["p_value"]).all()


def test_one_group_is_adjusted_as_the_study_is(rows, panel):
    study = study_panel(rows.assign(group="all"), panel, measure=MEASURE)
    np.testing.assert_allclose(study.by_group()["p_adjusted"], study.horizons["p_adjusted"], rtol=1e-12)


@pytest.mark.parametrize("weight", ["event", "date"])
@pytest.mark.parametrize(("benchmark", "alone"), [("group", "rest"), ("", "")])
def test_a_group_of_assets_is_a_study_of_a_smaller_panel(rows, closes, common, grouped, weight, benchmark, alone):
    horizons, study = {"horizons": [1, 5]}, {"weight": weight}
    found = study_panel(rows, grouped, measure=horizons | {"benchmark": benchmark}, study=study).by_group("asset")
    for name in ("even", "odd"):
        these = [one for one in NAMES if SECTORS[one] == name]
        long = closes[these].reset_index().melt("session", var_name="symbol", value_name="close").dropna()
        smaller = panel_of_frame(long, common)
        other = study_panel(rows, smaller, measure=horizons | {"benchmark": alone}, study=study)
        compare(found[found["group"] == name], other.horizons)


def test_groups_that_do_not_exist_are_refused(rows, panel):
    study = study_panel(rows.drop(columns="group"), panel, measure=MEASURE)
    with pytest.raises(BacktestError, match="no event has a group"):
        study.by_group()
    with pytest.raises(BacktestError, match="no event is of an asset with a group"):
        study.by_group("asset")
    many = rows.assign(group=[f"g{place:03}" for place in range(len(rows))])
    with pytest.raises(BacktestError, match="at most 50 are set side by side"):
        study_panel(many, panel, measure=MEASURE).by_group()


@pytest.fixture
def by_sector(tmp_path, panel):
    """Run a study whose groups are in a file with this text."""

    def run(text, name="sectors.csv"):
        (tmp_path / "sectors.csv").write_text(text)
        (tmp_path / "s.toml").write_text(
            'schema = 1\ntitle = "T"\n[detector]\nuse = "streak"\nseries = "close"\nsessions = 2\nthreshold = 0.005\n'
            f'[measure]\nasset = "close"\nbenchmark = "group"\nhorizons = [1, 5]\n[study]\ngroups = "{name}"\n'
        )
        return study_panel(load_strategy(tmp_path / "s.toml"), panel)

    return run


def test_groups_of_a_file_are_those_of_the_panel(by_sector, grouped, tmp_path):
    text = "ticker,sector\n" + "".join(f"{name},{group}\n" for name, group in SECTORS.items())
    found = by_sector(text)
    (tmp_path / "s.toml").write_text((tmp_path / "s.toml").read_text().split("[study]")[0])
    expected = study_panel(load_strategy(tmp_path / "s.toml"), grouped)
    pd.testing.assert_frame_equal(found.horizons, expected.horizons)
    some = by_sector("ticker,sector\nAAA,x\nAMC,x\nTRUE,x\nQQQ,y\n")
    assert [(one.rule, one.assets) for one in some.panel.findings if one.rule == "no_group"] == [("no_group", 6)]
    assert some.events.dropna()["asset"].unique().tolist() == ["AAA", "AMC", "TRUE"]


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("ticker,sector\nAAA,x\nAAA,y\n", "sectors.csv", "line 3: AAA has two groups: 'x' and 'y'"),
        ("ticker,colour\nAAA,x\n", "sectors.csv", "has the columns 'ticker', 'colour'"),
        ("ticker,sector\nQQQ,x\n", "sectors.csv", "names no asset of the panel"),
        ("ticker,sector\nAAA,x\n", "../sectors.csv", "must name a file beside the strategy"),
        ("ticker,sector\nAAA,x\n", "other.csv", "study.groups: file 'other.csv' does not exist"),
    ],
)
def test_groups_that_cannot_be_read_are_refused(by_sector, text, name, message):
    with pytest.raises(BacktestError, match=message):
        by_sector(text, name)
