"""Histories like those of a strategy's own data, and what is kept of them."""

from __future__ import annotations

import html
import json
from dataclasses import replace

import numpy as np
import pytest

import backtest.calibration.plan_task as module
from backtest.calibration.campaign import Effort, calibrate_plan
from backtest.calibration.plan_task import plan_task, resampled
from backtest.catalog.calibrations import calibration_folder, kept_calibration
from backtest.cli.study_view import print_study
from backtest.errors import StudyRefused
from backtest.study.run import run_plan

NAN = float("nan")
LEVEL = {"M": "price_index"}


@pytest.fixture
def columns():
    rng = np.random.default_rng(9)
    a, b, m = (100 * np.cumprod(1 + rng.normal(0, 0.01, 400)) for _ in range(3))
    return {"A": a, "B": b, "M": m}


@pytest.fixture
def plan(history_of, plan_of, columns):
    """Events where the level M is at least 100, which reads closes alone."""
    return plan_of(history_of(columns, kinds=LEVEL), {"detector.least": 100.0, "episodes.cooldown": 10})


def test_closes_alone_are_drawn_in_blocks(plan):
    task = plan_task(plan, 1)
    assert (task.method, task.reason, task.span) == ("blocks", "", (0, 399))
    tally = task.tally(0) + task.tally(1)
    assert tally.tried["adjusted"][0, -1] == 2
    assert tally.tried["n"][0, 0] == 2


def test_a_series_that_is_no_level_leaves_the_path_real(history_of, plan_of, columns):
    marks = (np.arange(400) % 37 == 5) * 1.0
    task = plan_task(plan_of(history_of(columns | {"M": marks}, kinds={"M": "rate"})), 1)
    assert (task.method, task.reason) == ("real path", "its detector reads more than levels: M")
    made = [task._real(np.random.default_rng(seed)) for seed in range(2)]
    real = task._as_it_was
    for history in made:
        assert history.events[0].tolist() == np.flatnonzero(marks).tolist()
        a, b, x, y = (np.diff(leg.close) / leg.close[:-1] for leg in (*history.legs, *real.legs))
        assert a + b == pytest.approx(x + y)
        assert np.abs(a - b) == pytest.approx(np.abs(x - y - (x - y).mean()))
    assert not np.allclose(made[0].legs[0].close, made[1].legs[0].close)


def test_opens_and_lists_leave_the_path_real(history_of, plan_of, columns, workspace, dataset_of):
    plan = plan_of(history_of(columns | {"M.open": columns["M"]}, kinds=LEVEL))
    opens = "def detect(prices):\n    return prices.values('M', 'open') > 100\n"
    (workspace.root / "strategies" / "opens.py").write_text(opens)
    assert (
        plan_task(plan.vary({"detector": {"use": "opens.py"}}), 1).reason
        == "its detector reads more than closes: M.open"
    )
    listed = plan.vary({"detector": {"use": "dates", "dates": ["2000-03-01"]}})
    assert plan_task(listed, 1).reason == "its dates are listed"


def test_rows_are_drawn_for_all_levels_alike(history_of, columns):
    columns["B"][7] = NAN
    prices = history_of(columns, kinds=LEVEL)
    rows = np.array([6, 7, 8, 3, 399])
    drawn = resampled(prices, 2, rows)
    assert drawn.sessions.tolist() == prices.sessions[2:8].tolist()
    for name in ("A", "M"):
        level = columns[name]
        assert drawn.close(name)[0] == pytest.approx(level[2])
        assert np.diff(drawn.close(name)) / drawn.close(name)[:-1] == pytest.approx(level[rows] / level[rows - 1] - 1)
    b = drawn.close("B")
    assert np.isnan(b).tolist() == [False, False, True, False, False, False]
    assert b[3] / b[1] == pytest.approx(columns["B"][8] / columns["B"][6])


def test_the_detector_is_asked_on_the_drawn_history(plan):
    task = plan_task(plan, 1)
    found = [task._drawn(np.random.default_rng(seed)).events[0].tolist() for seed in range(3)]
    assert len({tuple(one) for one in found}) == 3
    again = task._drawn(np.random.default_rng(0))
    assert again.events[0].tolist() == found[0]
    assert len(again.eligible) == len(again.legs[0].close) == 400


def test_every_change_of_the_history_may_be_drawn(plan, monkeypatch):
    monkeypatch.setattr(module, "block_rows", lambda _rng, n, available, _length: np.arange(n) % available)
    drawn, real = plan_task(plan, 1)._drawn(np.random.default_rng(0)), plan_task(plan, 1)._as_it_was
    a, b, x, y = (np.diff(leg.close) / leg.close[:-1] for leg in (*drawn.legs, *real.legs))
    assert a + b == pytest.approx(x + y)  # drawn in their order, the changes make the history that was
    assert drawn.events[0].tolist() == real.events[0].tolist()


def test_the_path_may_be_kept(plan):
    task = plan_task(plan, 1, real_path=True)
    assert (task.method, task.reason) == ("real path", "you requested it")


def test_one_asset_at_a_time(plan):
    several = plan.vary({"measure.asset": ["A", "M"]})
    with pytest.raises(StudyRefused, match=r"measure.asset names 2 assets; one is calibrated at a time."):
        plan_task(several, 1)


def test_too_little_in_common(history_of, plan_of, columns):
    columns["A"][:360] = NAN
    with pytest.raises(StudyRefused, match="share 39 daily returns"):
        plan_task(plan_of(history_of(columns, kinds=LEVEL), {"detector.least": 100.0}), 1)


class TestKept:
    """A result is found by whatever it hangs on, and by nothing else."""

    @pytest.fixture
    def low(self, plan):
        return plan.vary({"detector.least": 101.0})

    def test_result(self, low):
        assert kept_calibration(low) is None
        found = calibrate_plan(plan_task(low, 3), Effort(6, jobs=1, keep=low.workspace))
        kept = kept_calibration(low)
        assert (kept.histories, kept.seed, kept.method) == (6, 3, "blocks")
        assert kept.rate == found.worst("adjusted", ["any"]).value
        assert kept.by_horizon.keys() == {1, 3}
        assert kept.sentence.startswith("On data like yours this test rejects ")
        tried = int(found.tally.tried["adjusted"][0, -1])
        assert f"({tried} histories, Monte Carlo error" in kept.sentence
        assert ("want of an event" in kept.sentence) is (tried < 6)

    def test_a_run_quotes_it_on_its_page_and_in_the_terminal(self, low, capsys):
        assert run_plan(low).summary["calibration"] is None
        calibrate_plan(plan_task(low, 3), Effort(4, jobs=1, keep=low.workspace))
        study = run_plan(low)
        sentence = kept_calibration(low).sentence
        assert study.summary["calibration"] == sentence
        page = (study.save(low.workspace) / "report.html").read_text(encoding="utf-8")
        assert f"<li>{html.escape(sentence)}</li>" in page
        print_study(study.summary)
        assert " ".join(capsys.readouterr().out.split()).count(sentence) == 1

    def test_fewer_histories_do_not_replace_more(self, low):
        for histories, expected in ((4, 4), (2, 4), (5, 5)):
            calibrate_plan(plan_task(low, 3), Effort(histories, jobs=1, keep=low.workspace))
            assert kept_calibration(low).histories == expected

    def test_other_parameters_data_or_code_have_another(self, low, monkeypatch, tmp_path):
        calibrate_plan(plan_task(low, 3), Effort(2, jobs=1, keep=low.workspace))
        assert kept_calibration(low) is not None
        assert kept_calibration(low.vary({"episodes.cooldown": 3})) is None
        assert kept_calibration(low.vary({"measure.horizons": [1]})) is None
        assert kept_calibration(low.on(replace(low.dataset, sha256="1" * 64))) is None
        folder = low.workspace.root / "strategies"
        source = (folder / "marked.py").read_text()
        (folder / "marked.py").write_text(source + "\n# another\n")
        assert kept_calibration(low) is None
        (folder / "marked.py").write_text(source)
        assert kept_calibration(low) is not None
        monkeypatch.setattr("backtest.catalog.calibrations.CODE", ("format.py",))
        assert kept_calibration(low) is None

    def test_a_damaged_result_was_never_measured(self, low):
        calibrate_plan(plan_task(low, 3), Effort(2, jobs=1, keep=low.workspace))
        path = calibration_folder(low) / "result.json"
        for damage in ("", "[]", json.dumps({"rate": 0.05}), "null"):
            path.write_text(damage)
            assert kept_calibration(low) is None

    def test_without_a_workspace_nothing_is_kept(self, low):
        loose = replace(low, workspace=None, strategy=low.asked, found=None)
        assert calibration_folder(loose) is None
        assert kept_calibration(loose) is None
