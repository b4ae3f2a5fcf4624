"""The public face: a pandas user has what the command line has."""

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import backtest
from backtest import Dataset, Strategy, compare, events, load_run, plan_study, run, run_strategy, tune
from backtest.errors import BacktestError, DataRefused, LooksAhead, NotFound, StrategyInvalid, StudyRefused
from backtest.study.run import run_plan

FIVE = ["1998-10-20", "2000-01-20", "2009-09-10", "2020-04-28", "2024-07-16"]
DATES = ["2016-02-11", "2018-12-24", "2020-03-23"]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    days = pd.bdate_range("2015-01-02", periods=1500, name="date")
    values = 100 * np.exp(rng.normal(0.0003, 0.01, (1500, 2)).cumsum(axis=0))
    return pd.DataFrame(values, index=days, columns=["A", "B"])


@pytest.fixture(scope="module")
def data(frame) -> Dataset:
    return Dataset.from_frame(frame, roles={"small": "A", "mega": "B"}, simulated=True)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_a_frame_and_dates_make_a_study_by_hand(frame, data):
    study = run(Strategy.of(DATES, measure={"horizons": [5]}), data)
    assert study.events["day0"].dt.date.astype(str).tolist() == DATES
    at = [frame.index.get_loc(day) for day in DATES]
    spread = [frame["A"].iloc[i + 5] / frame["A"].iloc[i] - frame["B"].iloc[i + 5] / frame["B"].iloc[i] for i in at]
    assert study.horizons["spread_mean"].tolist() == pytest.approx([sum(spread) / 3], abs=1e-14)
    assert study.forward_returns["spread"].tolist() == pytest.approx(spread, abs=1e-14)
    assert len(study.episodes) == 3
    assert set(study.paths.columns) == {"event", "offset", "asset", "benchmark", "spread"}
    assert "3 events on SIMULATED data" in repr(study)


def test_without_roles_columns_go_by_their_names(frame):
    plain = Dataset.from_frame(frame)
    study = run(Strategy.of(DATES, measure={"asset": "B", "benchmark": "A", "horizons": [5]}), plain)
    assert len(study) == 3
    with pytest.raises(NotFound, match=r"measure\.asset = 'small'"):
        run(Strategy.of(DATES), plain)


def test_polars_and_pyarrow_give_the_same_dataset(frame, data):
    import pyarrow as pa

    polars = pytest.importorskip("polars", reason="polars comes with the 'test' group")
    flat = frame.reset_index()
    for other in (polars.from_pandas(flat), pa.Table.from_pandas(flat, preserve_index=False), flat):
        made = Dataset.from_frame(other, roles={"small": "A", "mega": "B"})
        assert made.sha256 == data.sha256
        np.testing.assert_array_equal(made.prices.close("small"), frame["A"].to_numpy())
        assert made.prices.sessions[0].item() == dt.date(2015, 1, 2)


def changed(frame, **how):
    return frame.assign(**how)


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda f: f.reset_index(drop=True), "nor the index holds dates"),
        (lambda f: f.iloc[::-1], "is not later than the row before it"),
        (lambda f: pd.concat([f, f.iloc[-1:]]), "is not later than the row before it"),
        (lambda f: f.set_axis(f.index + pd.Timedelta(hours=16), axis=0), "a session is a day without a time"),
        (
            lambda f: f.set_axis(f.index.tz_localize("Asia/Tokyo"), axis=0),
            "the dates are moments in the time zone Asia",
        ),
        (lambda f: f.iloc[::21], r"the dates are \d+ days apart: a row is a session"),
        (lambda f: f.iloc[:0], "the frame has no rows"),
        (lambda f: f.assign(A=0.0), "is taken for levels, and 0 is not above zero"),
        (lambda f: f.assign(A=np.inf), "holds an infinite value"),
        (lambda f: f.assign(A="x"), "column 'A' does not hold numbers"),
        (lambda f: [1, 2], "a list is not a DataFrame"),
        (lambda f: f.set_axis(["A", "A"], axis=1), "A"),
        (lambda f: f.set_axis([pd.NaT, *f.index[1:]], axis=0), "has no date"),
    ],
)
def test_a_frame_that_is_no_history_is_refused(frame, made, words):
    with pytest.raises((DataRefused, ValueError), match=words):
        Dataset.from_frame(made(frame))


@pytest.mark.filterwarnings("error")
def test_the_way_out_of_a_time_zone_leads_to_the_days_of_the_exchange(frame):
    tokyo = frame.set_axis(frame.index.tz_localize("Asia/Tokyo").tz_convert("UTC"), axis=0)
    with pytest.raises(DataRefused) as refused:
        Dataset.from_frame(tokyo)
    way = "index.tz_convert('America/New_York').normalize().tz_localize(None)"
    assert f"frame.{way}" in refused.value.hint
    days = eval(way.replace("America/New_York", "Asia/Tokyo"), {"index": tokyo.index})
    assert (days == frame.index).all()
    naive = frame.set_axis(tokyo.index.tz_localize(None), axis=0)
    with pytest.raises(DataRefused) as refused:
        Dataset.from_frame(naive)
    way = "index.tz_localize('UTC').tz_convert('Asia/Tokyo').tz_localize(None)"
    assert f"frame.{way}" in refused.value.hint
    assert (eval(way, {"index": naive.index}) == frame.index).all()


def test_a_role_or_kind_of_no_column_is_refused(frame):
    with pytest.raises(DataRefused, match="role of 'AA': the frame has no such column"):
        Dataset.from_frame(frame, roles={"small": "AA"})
    with pytest.raises(DataRefused, match="'futures' is not one of"):
        Dataset.from_frame(frame, kinds={"A": "futures"})


def slump(prices, *, series: str = "small", sessions: int = 5, fall: float = 0.03):
    """Flag a fall."""
    close = prices.pandas(series)
    return close / close.shift(sessions) - 1 <= -fall


def peek(prices, *, series: str = "small"):
    """Flag what comes before a rise."""
    close = prices.pandas(series)
    return close.shift(-1) / close > 1.01


def test_a_function_is_a_detector_with_parameters(frame, data):
    strategy = Strategy.of(slump, episodes={"cooldown": 21}, measure={"horizons": [5]})
    fall = frame["A"] / frame["A"].shift(5) - 1 <= -0.03
    study = run(strategy, data, settings={"episodes.cooldown": 0})
    first = fall & ~fall.shift(1, fill_value=False)
    assert study.events["day0"].tolist() == frame.index[first].tolist()
    assert study.plan.parameters["detector.fall"] == 0.03
    deeper = run(strategy, data, settings={"detector.fall": 0.05})
    assert 0 < len(deeper) < len(study)
    with pytest.raises(StrategyInvalid, match=r"detector\.fal = 1: unknown key"):
        run(strategy, data, settings={"detector.fal": 1})


def test_a_function_that_looks_ahead_is_refused_or_marked(data):
    strategy = Strategy.of(peek, measure={"horizons": [1]})
    with pytest.raises(LooksAhead, match="looks ahead"):
        run(strategy, data)
    study = run(strategy, data, allow_lookahead=True)
    assert study.lookahead.series == ("A",)
    assert "LOOKS AHEAD" in repr(study)


def test_names_work_as_before():
    study = run_strategy("streak5", trade=False)
    assert study.events["trigger"].dt.date.astype(str).tolist() == FIVE
    assert run("streak5", trade=False).summary["horizons"] == study.summary["horizons"]
    assert events("streak5")["trigger"].dt.date.astype(str).tolist() == FIVE
    with pytest.raises(StudyRefused, match="no simulated trade"):
        _ = study.trades


def test_the_trade_and_vectorbts_portfolio():
    study = run("streak5")
    assert len(study.trades) == study.trade.n_trades == 5
    portfolio = study.portfolio()
    np.testing.assert_allclose(portfolio.value().to_numpy(), study.trade.simulation.equity, rtol=1e-12)
    with pytest.raises(StudyRefused, match=r"has no \[trade\]"):
        run(Strategy.of("streak")).portfolio()


def test_compare_and_tune_give_frames(data):
    strategies = [Strategy.of(DATES[:n], name=f"first{n}", measure={"horizons": [5, 21]}) for n in (2, 3)]
    studies = [run(one, data) for one in strategies]
    together = compare(*studies)
    assert together.frame.loc[("first3", 5), "spread_mean"] == studies[1].horizons["spread_mean"][0]
    assert compare(*strategies, dataset=data).frame.equals(together.frame)
    found = tune("streak5", {"detector.sessions": [4, 5]})
    assert found.frame.query("horizon == 21")["n"].tolist()[1] == 5


def test_a_recorded_run_comes_back(tmp_path):
    study = run("streak5", save=True)
    back = load_run("streak5")
    pd.testing.assert_frame_equal(back.horizons, study.horizons)
    assert back.verdict == study.verdict
    assert "SIMULATED" in repr(back)
    assert "streak5" in (tmp_path / "reports" / "index.html").read_text(encoding="utf-8")
    with pytest.raises(NotFound, match="has no table 'event'"):
        back.frame("event")


def test_a_study_is_saved_with_labels_and_found_by_its_name(tmp_path):
    study = run("streak5")
    folder = study.save(name="baseline", tags="paper", note="so it is")
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    assert labels == {"schema": 1, "name": "baseline", "tags": ["paper"], "note": "so it is"}
    for name in ("baseline", folder.name[-8:], folder.name[-8:-4]):
        assert load_run(name).summary["run_id"] == folder.name
    with pytest.raises(BacktestError, match="has this name"):
        study.save(name="baseline")
    elsewhere = study.save(output=tmp_path / "out", name="baseline")
    assert elsewhere.parent == tmp_path / "out" / "streak5"
    assert len(list((tmp_path / "reports" / "streak5").iterdir())) == 1


def verdict_of(sent: bytes) -> tuple[str, list[float]]:
    study = run_plan(pickle.loads(sent))
    return study.verdict, [test.p_value for test in study.assets[0].null_tests]


def test_a_plan_travels_to_another_process(data):
    for made in (plan_study("streak5").vary({"detector.sessions": 4}), plan_study(Strategy.of(slump), data)):
        sent = pickle.dumps(made)
        here = verdict_of(sent)
        assert here == (run_plan(made).verdict, [test.p_value for test in run_plan(made).assets[0].null_tests])
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            assert pool.apply(verdict_of, (sent,)) == here
    assert len(pickle.dumps(plan_study("streak5"))) < 20_000  # the dataset goes by reference


def test_a_plan_travels_by_dask():
    dask = pytest.importorskip("dask", reason="Dask comes with the 'test' group")
    made = plan_study("streak5")
    study = dask.delayed(run_plan)(made).compute(scheduler="processes")
    assert study.verdict == run_plan(made).verdict


def test_a_study_pickles_with_all_its_parts():
    study = run("streak5")
    back = pickle.loads(pickle.dumps(study))
    assert back.summary == study.summary
    np.testing.assert_array_equal(back.assets[0].null_tests[0].shifts, study.assets[0].null_tests[0].shifts)


def test_data_that_have_changed_are_not_taken_for_those_referred_to(tmp_path):
    import shutil

    from backtest.data.store.read import load_dataset
    from backtest.errors import DatasetCorrupt
    from backtest.workspace import builtin

    folder = tmp_path / "sample"
    shutil.copytree(builtin("datasets") / "sample", folder)
    sent = pickle.dumps(load_dataset(folder))
    lock = folder / "lock.json"
    content = lock.read_text(encoding="utf-8")
    sha256 = load_dataset(folder).sha256
    lock.write_text(content.replace(sha256, "0" * 64), encoding="utf-8")
    with pytest.raises((DatasetCorrupt, BacktestError)):
        pickle.loads(sent)


def test_varying_a_plan_reads_no_file(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('schema = 1\ntitle = "Own"\n[detector]\nuse = "streak"\n', encoding="utf-8")
    made = plan_study(path)
    path.unlink()
    assert made.vary({"detector.sessions": 4}).parameters["detector.sessions"] == 4
    again = made.vary({"detector.sessions": 4}).vary({"episodes.cooldown": 5})
    assert (again.parameters["detector.sessions"], again.parameters["episodes.cooldown"]) == (4, 5)


def test_every_public_name_is_there_and_nothing_heavy_comes_with_the_package():
    for name in backtest.__all__:
        assert getattr(backtest, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = backtest.nothing
    code = "import sys, backtest; print([m for m in ('numpy', 'pandas', 'pydantic') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
