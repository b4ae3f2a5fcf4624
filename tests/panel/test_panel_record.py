"""The record of a study on a panel: every number of it from pandas, on the simulated panel."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest

from backtest.data.store.read import load_dataset
from backtest.errors import RunUnreadable
from backtest.panel.panel_benchmark import Compared
from backtest.panel.panel_paths import _sums
from backtest.panel.panel_run import run_panel
from backtest.plan import make_plan
from backtest.record.read import read_run, read_summary
from backtest.report.pages.panel.panel_figures import labels_of

HORIZONS = (1, 5, 21, 63)


@pytest.fixture(scope="module")
def wide() -> pd.DataFrame:
    panel = load_dataset("sample-panel").panel.read()
    return pd.DataFrame(panel.close, panel.common.sessions, panel.assets)


@pytest.fixture(scope="module")
def market() -> pd.Series:
    panel = load_dataset("sample-panel").panel.read()
    return pd.Series(panel.common.close("market"), panel.common.sessions)


@pytest.fixture(scope="module")
def tables(panel_folder):
    read = read_run(panel_folder).tables
    return {name: table.to_pandas(date_as_object=False) for name, table in read.items()}


@pytest.fixture(scope="module")
def by_hand(wide) -> pd.DataFrame:
    """The first fifth session of each run of gains of 1% or more, by a loop over assets and sessions."""
    found = []
    for asset in wide:
        gains, run = wide[asset].pct_change(fill_method=None) >= 0.01, 0
        for day, up in gains.items():
            run = run + 1 if up else 0
            if run == 5:
                found.append((day, asset))
    return pd.DataFrame(sorted(found), columns=["day0", "asset"])


def test_the_events_are_those_of_a_loop(tables, by_hand, panel_summary):
    events = tables["events"]
    assert events["event"].tolist() == list(range(1, len(by_hand) + 1))
    assert list(zip(events["day0"], events["asset"], strict=True)) == list(by_hand.itertuples(index=False, name=None))
    assert (events["knowable"] == events["day0"]).all()
    assert panel_summary["n_events"] == len(by_hand)


def test_the_returns_are_those_of_pandas(tables, by_hand, wide, market):
    rows = tables["forward_returns"].pivot(index="event", columns="horizon")
    for h in HORIZONS:
        asset, other = wide.shift(-h) / wide - 1, market.shift(-h) / market - 1
        expected = np.array([asset.at[day, name] for day, name in by_hand.itertuples(index=False)])
        benchmark = other[by_hand["day0"]].to_numpy()
        np.testing.assert_allclose(rows["asset", h], expected, rtol=1e-12)
        np.testing.assert_allclose(rows["benchmark", h], benchmark, rtol=1e-12)
        np.testing.assert_allclose(rows["spread", h], expected - benchmark, rtol=1e-9, atol=1e-14)


def state_of(wide, day, name, horizon) -> str:
    """What becomes of a window, by looking along the asset's closes."""
    at = wide.index.get_loc(day) + horizon
    if at >= len(wide):
        return "pending"
    if np.isfinite(wide[name].iloc[at]):
        return "complete"
    return "missing" if wide[name].iloc[at:].notna().any() else "ended"


@pytest.fixture(scope="module")
def many(panel_workspace):
    """Runs of two sessions: so many events that some come just before an asset is delisted."""
    return run_panel(make_plan(panel_workspace, "streak5_panel", "sample-panel", {"detector.sessions": 2}))


@pytest.mark.parametrize("fixture", ["panel_run", "many"])
def test_every_window_is_complete_or_says_why_not(request, fixture, wide):
    run = request.getfixturevalue(fixture)
    status = run.forward_returns.pivot(index="event", columns="horizon", values="status")
    figures = run.horizons.set_index("horizon")
    for h in HORIZONS:
        expected = [state_of(wide, day, name, h) for day, name in run.events[["day0", "asset"]].itertuples(index=False)]
        assert status[h].tolist() == expected
        states = ("complete", "pending", "ended", "missing")
        assert figures.loc[h, ["n", *states[1:]]].tolist() == [expected.count(one) for one in states]
    if fixture == "many":
        assert figures.loc[63, "ended"] > 0


def test_the_horizons_are_those_of_pandas(tables, by_hand, wide, market):
    eligible = wide.ffill().notna() & wide.bfill().notna()
    figures = tables["horizons"].set_index("horizon")
    for h in HORIZONS:
        spread = (wide.shift(-h) / wide - 1).sub(market.shift(-h) / market - 1, axis=0)
        base = spread.to_numpy()[eligible.to_numpy()]
        base = base[np.isfinite(base)]
        of = by_hand.assign(spread=[spread.at[day, name] for day, name in by_hand.itertuples(index=False)]).dropna()
        row = figures.loc[h]
        assert (row["n"], row["n_assets"], row["n_dates"]) == (len(of), of["asset"].nunique(), of["day0"].nunique())
        assert row["base_n"] == len(base)
        wanted = [of["spread"].mean(), of["spread"].median(), (of["spread"] > 0).mean(), base.mean(), (base > 0).mean()]
        found = row[["spread_mean", "spread_median", "hit_rate", "base_spread_mean", "base_hit_rate"]].tolist()
        np.testing.assert_allclose(found, wanted, rtol=1e-9)
        assert row["excess"] == pytest.approx(wanted[0] - wanted[3], rel=1e-9)
        assert row["asset_mean"] - row["benchmark_mean"] == pytest.approx(row["spread_mean"], rel=1e-9)


def test_the_average_path_is_that_of_pandas(tables, by_hand, wide, market):
    path = tables["average_path"].set_index("offset")
    assert (path.index[0], path.index[-1]) == (-10, 63)
    for offset in (-10, -1, 0, 5, 63):
        asset, other = wide.shift(-offset) / wide - 1, market.shift(-offset) / market - 1
        spread = asset.sub(other, axis=0)
        values = np.array([spread.at[day, name] for day, name in by_hand.itertuples(index=False)])
        values = values[np.isfinite(values)]
        row = path.loc[offset]
        assert row["n"] == len(values)
        wanted = [values.mean(), *np.percentile(values, (25, 75)), np.nanmean(spread)]
        found = row[["spread_mean", "spread_low", "spread_high", "spread_base"]].tolist()
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-15)


def test_the_base_path_is_that_of_every_window_in_turn():
    rng = np.random.default_rng(1)
    levels = [np.exp(rng.normal(0, 0.02, 120).cumsum()) for _ in range(2)]
    levels[0][[3, 40, 41, 90]] = np.nan
    levels[1][[40, 60]] = np.nan
    eligible, offsets = np.arange(120) % 7 != 0, np.arange(-4, 9)
    legs = [Compared(level[:, None]) for level in levels]
    slow = [Compared(level[:, None], np.zeros((120, 1), dtype=np.int64)) for level in levels]
    (total, n), (by_window, counted) = _sums(legs, eligible, offsets), _sums(slow, eligible, offsets)
    np.testing.assert_array_equal(n, counted)
    np.testing.assert_allclose(total, by_window, rtol=1e-9, atol=1e-12)
    rows = pd.DataFrame(levels).T
    for column, k in enumerate(offsets):
        grown = rows.shift(-k).div(rows).sub(1)[eligible].dropna()
        assert n[column] == len(grown)
        np.testing.assert_allclose(total[:, column], grown.sum(), rtol=1e-9, atol=1e-12)


def test_the_path_is_the_mean_return_at_each_horizon(tables):
    # where the events of the horizon all have a benchmark, too
    path, figures = tables["average_path"].set_index("offset"), tables["horizons"].set_index("horizon")
    for h in HORIZONS:
        assert path.loc[h, "spread_mean"] == pytest.approx(figures.loc[h, "spread_mean"], rel=1e-12)
        assert path.loc[h, "spread_base"] == pytest.approx(figures.loc[h, "base_spread_mean"], rel=1e-9)


def test_the_events_are_counted_by_date_year_asset_and_month(tables, by_hand, wide, panel_summary):
    counted = tables["concentration"]
    by = {"date": by_hand["day0"].astype(str), "year": by_hand["day0"].dt.year.astype(str), "asset": by_hand["asset"]}
    for kind, values in by.items():
        mine, expected = counted[counted["of"] == kind], values.value_counts()
        assert dict(zip(mine["name"], mine["events"], strict=True)) == expected.to_dict()
        assert mine["events"].is_monotonic_decreasing
        assert mine["cumulative_share"].iloc[-1] == pytest.approx(1.0)
        brief = panel_summary["panel"]["by"][kind]
        assert (brief["n"], brief["events"]) == (len(expected), expected.max())
        assert expected[brief["busiest"]] == expected.max()
        assert brief["top_share"] == pytest.approx(expected.nlargest(10).sum() / len(by_hand))
        assert brief["effective"] == pytest.approx(1 / ((expected / len(by_hand)) ** 2).sum())
    months = tables["through_time"].set_index("month")
    eligible = (wide.ffill().notna() & wide.bfill().notna()).sum(axis=1)
    assert months["asset_sessions"].tolist() == eligible.resample("MS").sum().tolist()
    events = by_hand.groupby(by_hand["day0"].dt.to_period("M")).size()
    found = months[months["events"] > 0]["events"]
    assert dict(zip(found.index.to_period("M"), found, strict=True)) == events.to_dict()


def test_the_sentences_are_true_of_the_table(panel_summary):
    row = min(panel_summary["horizons"], key=lambda one: (one["p_adjusted"], one["p_value"]))
    assert f"{abs(row['spread_mean']) * 100:.2f} points on average" in panel_summary["headline"]
    assert panel_summary["headline"].startswith("SIMULATED: After ")
    assert f"returned {abs(row['excess']) * 100:.2f} points" in panel_summary["verdict"]
    assert "all 4 horizons considered" in panel_summary["verdict"]
    notes = {note["code"] for note in panel_summary["notes"]}
    assert {"simulated", "panel", "pending", "missing", "firewall"} <= notes


def test_run_json_says_what_the_tables_say(panel_summary, tables):
    for row, of in zip(panel_summary["horizons"], tables["horizons"].to_dict("records"), strict=True):
        assert {key: row[key] for key in of} == {key: None if value != value else value for key, value in of.items()}


def test_the_same_study_gives_the_same_bytes(panel_run, panel_folder, panel_workspace):
    again = panel_run.save(panel_workspace)
    for path in panel_folder.glob("*.parquet"):
        assert (again / path.name).read_bytes() == path.read_bytes()
    shutil.rmtree(again)


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("n_events", -1, "n_events"),
        ("panel", {"assets": 3}, "panel.set_aside"),
        ("horizons", [], "horizons"),
        ("headline", None, "headline"),
        ("legs", {}, "legs.asset"),
        ("sample", {"first": "x", "last": "2020-01-01", "sessions": 1, "asset_sessions": 1}, "sample.first"),
    ],
)
def test_a_damaged_summary_is_refused_by_its_field(panel_folder, tmp_path, key, value, said):
    run = json.loads((panel_folder / "run.json").read_text("utf-8"))
    (tmp_path / "run.json").write_text(json.dumps({**run, key: value}), "utf-8")
    with pytest.raises(RunUnreadable, match=f"'{said}"):
        read_summary(tmp_path)


def test_a_horizon_without_its_mean_is_refused(panel_folder, tmp_path):
    run = json.loads((panel_folder / "run.json").read_text("utf-8"))
    del run["horizons"][1]["spread_mean"]
    (tmp_path / "run.json").write_text(json.dumps(run), "utf-8")
    with pytest.raises(RunUnreadable, match=r"horizons\[1\].spread_mean"):
        read_summary(tmp_path)


def test_a_table_that_was_changed_is_refused(panel_folder, tmp_path):
    folder = tmp_path / "run"
    shutil.copytree(panel_folder, folder)
    content = bytearray((folder / "events.parquet").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "events.parquet").write_bytes(content)
    with pytest.raises(RunUnreadable, match="is not as it was recorded"):
        read_run(folder)


def test_the_opinions_are_those_of_scipy(tables):
    stats = pytest.importorskip("scipy.stats")
    found = tables["opinions"].set_index(["horizon", "test"])
    base = tables["horizons"].set_index("horizon")["base_spread_mean"]
    spread = tables["forward_returns"].set_index("horizon")["spread"]
    for h in HORIZONS:
        expected = stats.ttest_1samp(spread[h].dropna(), base[h])
        row = found.xs(h).loc[lambda rows: rows["name"] == "t over events"].iloc[0]
        assert row["statistic"] == pytest.approx(expected.statistic, rel=1e-9)
        assert row["p_value"] == pytest.approx(expected.pvalue, rel=1e-9)


@pytest.fixture(scope="module")
def abnormal(panel_workspace):
    settings = {"study.model": "market", "study.event_window": [-2, 3]}
    return run_panel(make_plan(panel_workspace, "streak5_panel", "sample-panel", settings))


def test_abnormal_returns_are_those_of_a_regression(abnormal, wide, market):
    events, daily = abnormal.frame("abnormal_events"), abnormal.frame("abnormal_returns")
    returns, factor = wide.pct_change(fill_method=None), market.pct_change(fill_method=None)
    numbered = abnormal.frame("events").set_index("event")
    for row in events.iloc[::20].itertuples():
        assert (row.asset, row.day0) == (numbered.loc[row.event, "asset"], numbered.loc[row.event, "day0"])
        at = wide.index.get_loc(row.day0)
        both = pd.DataFrame({"y": returns[row.asset], "x": factor})
        beta, alpha = np.polyfit(*both.iloc[max(0, at - 252) : at - 2].dropna()[["x", "y"]].to_numpy().T, 1)
        assert (row.alpha, row.beta) == pytest.approx((alpha, beta), rel=1e-8)
        mine = daily[daily["event"] == row.event]
        expected = both["y"].iloc[at - 2 : at + 4] - alpha - beta * both["x"].iloc[at - 2 : at + 4]
        np.testing.assert_allclose(mine["ar"], expected, rtol=1e-7, atol=1e-12)
        assert mine["offset"].tolist() == [-2, -1, 0, 1, 2, 3]
    by_offset = abnormal.frame("abnormal_by_offset").set_index("offset")
    means = daily.groupby("offset")["ar"].mean()
    np.testing.assert_allclose(by_offset["aar"], means, rtol=1e-9)


def test_a_record_with_abnormal_returns_is_read_and_drawn(abnormal, panel_workspace):
    folder = abnormal.save(panel_workspace)
    record = read_run(folder)
    assert set(record.tables["classical_tests"]["first"].to_pylist()) == {0, -2}
    page = (folder / "report.html").read_text("utf-8")
    assert "Kolari–Pynnönen" in page
    assert "abnormal by its definition" in page


@pytest.mark.parametrize(("name", "said"), [("rest", "the rest"), ("group", "its group"), ("market", "market")])
def test_a_benchmark_of_the_other_assets_is_named_in_words(name, said):
    """The page writes "the asset of the event minus the rest"."""
    run = {"legs": {"asset": {}, "benchmark": {}}, "parameters": {"measure.benchmark": name}}
    assert labels_of(run)["benchmark"] == said
