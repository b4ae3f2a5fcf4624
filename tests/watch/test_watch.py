"""Where studies stand: small histories by hand, the sample, and real history on two days that are known."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from backtest.cli.watch import _print as shown
from backtest.data.store.read import load_dataset
from backtest.errors import NotFound, StudyRefused
from backtest.watch.result import as_of, watch, watch_on

NAN = float("nan")


@pytest.fixture
def stand(plan_of, history_of, workspace):
    """Where the marked strategy stands: a string of marks, ``u`` met, ``.`` not, ``?`` missing; one row."""

    def row(marks, more="", **columns):
        values = [{"u": 1.0, ".": 0.0, "?": NAN}[mark] for mark in marks]
        levels = {"A": [100.0 + t for t in range(len(marks))], "B": [50.0] * len(marks)}
        prices = history_of({**levels, "M": values, **columns}, kinds={"M": "rate"})
        plan = plan_of(prices, more=more)
        (found,) = watch_on(plan.dataset, workspace, ["marked"])["strategies"]
        return found

    return row


def test_in_an_episode_since_when_and_how_long(stand):
    found = stand("...u....uuu")
    assert found["state"] == "in an episode"
    assert found["episode"] == {"start": "2000-01-13", "trigger": "2000-01-13", "day0": "2000-01-13", "sessions": 3}
    assert (found["at"], found["n_events"]) == ("2000-01-17", 2)


def test_an_episode_may_give_no_event_of_its_own(stand):
    assert stand("..u..uu", "[episodes]\ncooldown = 10\n")["episode"]["day0"] is None
    assert stand("..u..uu", '[episodes]\nday0 = "end"\n')["episode"]["day0"] is None
    early = stand("uuuuuuu", "[episodes]\nsince = 2000-01-05\n")["episode"]
    assert early == {"start": None, "trigger": "2000-01-03", "day0": None, "sessions": 7}


def test_pending_then_quiet(stand):
    pending = stand("...u..")
    assert pending["state"] == "pending"
    assert [(one["day0"], one["horizon"], one["passed"]) for one in pending["pending"]] == [("2000-01-06", 3, 2)]
    assert stand("...u...")["state"] == "quiet"


def test_what_is_unknown_is_not_called_quiet(stand):
    # the series goes on to the last session but one: it is judged there, and the row says so
    found = stand("u......?")
    assert (found["state"], found["at"], found["ended"]) == ("quiet", "2000-01-11", ["M"])
    whole = stand(".......?u")
    assert whole["state"] == "in an episode"


def test_the_end_of_the_sample_window_is_named(stand):
    found = stand("u...........", "[episodes]\nuntil = 2000-01-10\n")
    assert (found["at"], found["ended"]) == ("2000-01-10", ["episodes.until"])


def test_one_that_cannot_be_run_is_listed_with_the_reason_and_last(plan_of, history_of, workspace):
    prices = history_of({"A": [100.0, 101.0], "B": [50.0, 50.0], "M": [0.0, 1.0]}, kinds={"M": "rate"})
    data = plan_of(prices).dataset
    folder = workspace.root / "strategies"
    (folder / "broken.toml").write_text("schema = 1\n", encoding="utf-8")
    (folder / "absent.toml").write_text(
        'schema = 1\ntitle = "Absent"\n[detector]\nuse = "move"\nseries = "nowhere"\n', encoding="utf-8"
    )
    rows = watch_on(data, workspace, ["broken", "absent", "marked"])["strategies"]
    assert [(row["strategy"], row["state"]) for row in rows] == [
        ("marked", "in an episode"), ("absent", "refused"), ("broken", "refused"),
    ]  # fmt: skip
    assert "series 'nowhere': the dataset has no such role or series" in rows[1]["reason"]
    assert "title: is required and missing" in rows[2]["reason"]


def test_a_proxy_is_named_where_a_study_rests_on_one(plan_of, history_of, workspace, capsys):
    prices = history_of({"A": [100.0] * 6, "B": [50.0] * 6, "M": [0.0, 0.0, 1.0, 1.0, 0.0, 0.0]}, kinds={"M": "rate"})
    info = replace(prices.series["M"], derivation="proxy, no futures: A minus B", proxy=True)
    data = plan_of(replace(prices, series={**prices.series, "M": info})).dataset
    resting = """schema = 1
title = "Rests on M"
[detector]
use = "change"
series = "M"
threshold = 1.0
sessions = 1
[measure]
asset = "A"
benchmark = "B"
horizons = [1]
window = [-1, 1]
"""
    (workspace.root / "strategies" / "resting.toml").write_text(resting, encoding="utf-8")
    content = watch_on(data, workspace, ["marked", "resting"])
    notes = {row["strategy"]: row["notes"] for row in content["strategies"]}
    assert notes == {
        "marked": [],
        "resting": [{"code": "condition", "about": "detector", "text": "M is a proxy, no futures: A minus B."}],
    }
    shown(content)
    assert "Note (resting): M is a proxy, no futures: A minus B." in capsys.readouterr().out


def test_nothing_after_the_day_matters(plan_of, history_of, workspace):
    rng = np.random.default_rng(3)
    levels = 100 * np.cumprod(1 + rng.normal(0, 0.01, (80, 2)), axis=0)
    marks = (rng.random(80) < 0.2).astype(float)
    columns = {"A": levels[:, 0], "B": levels[:, 1], "M": marks}
    data = plan_of(history_of(columns, kinds={"M": "rate"})).dataset
    for n in (30, 47, 61):
        other = {key: np.where(np.arange(80) < n, values, 7.0 + np.arange(80)) for key, values in columns.items()}
        changed = replace(data, prices=history_of(other, kinds={"M": "rate"}))
        day = data.prices.sessions[n - 1].item()
        now = watch_on(as_of(data, day), workspace, ["marked"])
        assert now["session"] == str(day)
        assert now == watch_on(as_of(changed, day), workspace, ["marked"])
        assert now == watch_on(replace(data, prices=data.prices.until(n)), workspace, ["marked"])


def test_a_day_between_sessions_is_the_session_before_and_one_outside_is_refused(plan_of, history_of):
    data = plan_of(history_of({"A": [1.0] * 7, "B": [1.0] * 7, "M": [0.0] * 7})).dataset  # Monday to Tuesday
    assert str(as_of(data, dt.date(2000, 1, 9)).prices.sessions[-1]) == "2000-01-07"
    for day in (dt.date(2000, 1, 2), dt.date(2000, 1, 12)):
        with pytest.raises(StudyRefused, match="runs from 2000-01-03 to 2000-01-11"):
            as_of(data, day)


def test_a_slip_of_a_name_is_refused(workspace):
    with pytest.raises(NotFound, match="Did you mean 'streak5'"):
        watch(workspace, ["streek5"], "sample")


def test_the_sample_around_a_streak(workspace):
    before = watch(workspace, [], "sample", dt.date(2024, 7, 15))
    after = watch(workspace, [], "sample", dt.date(2024, 7, 16))
    assert {row["strategy"] for row in before["strategies"]} == set(workspace.strategies())
    streak = [next(row for row in found["strategies"] if row["strategy"] == "streak5") for found in (before, after)]
    assert [row["state"] for row in streak] == ["close", "in an episode"]
    assert streak[1]["episode"]["start"] == "2024-07-10"
    order = ["in an episode", "close", "pending", "quiet", "unknown", "refused"]
    states = [row["state"] for row in after["strategies"]]
    assert states == sorted(states, key=order.index)
    assert before["dataset"]["synthetic"]


def test_real_history_on_the_eve_of_the_fifth_session_and_on_it(us_size):
    data = load_dataset(us_size.dataset("us-size"))
    eve = watch_on(as_of(data, dt.date(2024, 7, 15)), us_size, ["streak5"])["strategies"][0]
    assert eve["state"] == "close"
    assert (eve["distance"]["value"], eve["distance"]["threshold"], eve["distance"]["unit"]) == (4, 5, "sessions")
    day = watch_on(as_of(data, dt.date(2024, 7, 16)), us_size, ["streak5"])["strategies"][0]
    assert day["state"] == "in an episode"
    assert day["episode"] == {"start": "2024-07-10", "trigger": "2024-07-16", "day0": "2024-07-16", "sessions": 1}
    assert [one["passed"] for one in day["pending"]] == [0] * 7
    whole = watch_on(data, us_size, ["streak5"])["strategies"][0]
    assert whole["n_events"] == 5


AHEAD = """
import numpy as np

def detect(prices, *, series: str = "small_index"):
    \"\"\"Flag a session before a rise of 2%: nobody knows it then.\"\"\"
    close = prices.close(series)
    return np.append(close[1:] / close[:-1], 1.0) > 1.02
"""


def test_a_detector_that_looks_ahead_is_listed_with_the_reason(workspace):
    folder = workspace.root / "strategies"
    (folder / "ahead.py").write_text(AHEAD, encoding="utf-8")
    (folder / "ahead.toml").write_text('schema = 1\ntitle = "Ahead"\n[detector]\nuse = "ahead.py"\n', encoding="utf-8")
    (row,) = watch(workspace, ["ahead"], "sample", dt.date(2024, 7, 15))["strategies"]
    assert row["state"] == "refused"
    assert "looks ahead" in row["reason"]
    assert row["reason"].endswith("Fix it: 'backtest audit ahead' says more.")  # and no option that watch lacks
