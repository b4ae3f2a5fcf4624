"""What a reader must know beside the numbers."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from backtest.data.store.read import load_dataset
from backtest.model.finding import Finding
from backtest.plan import plan_on
from backtest.study.run import run_plan

NAN = float("nan")


@pytest.fixture
def study_of(history_of, plan_of):
    """Run a study of forty weekdays from Monday 2000-01-03 on; marks are ``u`` met, ``.`` not, ``?`` missing."""

    def build(marks, overrides=None, a=None, b=None, more="", **dataset):
        rng = np.random.default_rng(1)
        walk = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 40)))
        values = [{"u": 1.0, ".": 0.0, "?": NAN}[mark] for mark in marks.ljust(40, ".")]
        columns = {"A": walk if a is None else a, "B": [50.0] * 40 if b is None else b, "M": values}
        return run_plan(plan_of(history_of(columns, kinds={"M": "rate"}), overrides, more=more, **dataset))

    return build


def notes(study, about=None):
    return [note["text"] for note in study.summary["notes"] if about in (None, note["about"])]


def horizon(study, h):
    return next(row for row in study.summary["horizons"] if row["horizon"] == h)


def test_a_plain_study_says_why_there_is_no_detectable_effect(study_of, monkeypatch):
    monkeypatch.setattr("backtest.study.notes_on_assets.FEW", 10)
    assert study_of("...u").summary["notes"] == []  # nothing is missing
    crowded = study_of("...u.u.u.u.u.u.u.u").summary
    assert crowded["horizons"][1]["no_size"] == "no effect of the sizes tried would be found in 80% of cases"
    assert [note["about"] for note in crowded["notes"] if note["code"] == "no_size"] == ["mde"]


def test_simulated_data_are_said_first_and_the_datasets_notes_last(study_of):
    found = study_of("...u", synthetic=True, notes=("May not be passed on.",)).summary["notes"]
    assert found[0] == {
        "code": "simulated",
        "about": "dataset",
        "text": "The data are simulated: returns and verdicts on them mean nothing.",
    }
    assert found[-1] == {"code": "dataset", "about": "dataset", "text": "May not be passed on."}


def test_sessions_that_cannot_be_judged_are_counted(study_of):
    study = study_of("..u???.u...?")
    assert notes(study, "detector") == [
        (
            "Cannot be judged at 4 of 40 sessions of the sample window (between 2000-01-06 and 2000-01-18): "
            "an input is missing there."
        )
    ]


def test_the_time_a_first_pattern_takes_is_no_gap(study_of):
    move = {"detector.use": "move", "detector.series": "A", "detector.sessions": 3, "detector.threshold": 0.0}
    walk = 100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.01, 40)))
    assert notes(study_of("", move, a=walk), "detector") == []
    walk[1:5] = NAN  # now the first return over three sessions is known on session 8
    assert notes(study_of("", move, a=walk), "detector") == [
        (
            "Cannot be judged at 8 of 40 sessions of the sample window (between 2000-01-03 and 2000-01-12): "
            "an input is missing there."
        )
    ]


def test_a_cooldown_says_what_it_left_out(study_of):
    assert notes(study_of("u.u.u.....u", {"episodes.cooldown": 3}), "events") == [
        # 0, 4 and 10 are taken; 2 is Wednesday 5 January
        "1 episode gave no event, within the cooldown: 2000-01-05; episodes.cooldown is 3, and 0 keeps all."
    ]
    assert notes(study_of("u.u.u.....u"), "events") == []


def test_a_late_or_an_early_day_0_is_told(study_of):
    assert notes(study_of("..uu.", {"episodes.day0": "end"}), "episodes.day0") == [
        (
            "As set, day 0 is the end of the run, which is only seen one session later: nobody could have entered at "
            "its close."
        )
    ]
    assert notes(study_of("..uu.", {"episodes.day0": "start"}), "episodes.day0") == [
        "As set, day 0 is the start of the pattern, before the event could be known: returns from there include it."
    ]


def test_an_episode_without_a_seen_end(study_of):
    assert notes(study_of("..uu?...u..uu"), "events") == [
        "1 episode has no seen end, as what follows is not known: 'end' is the last session observed."
    ]
    assert notes(study_of("..uu?...u?.uu"), "events")[0].startswith("2 episodes have no seen end")
    assert notes(study_of("..uu?...u..uu", {"episodes.day0": "end"}), "events") == [
        '1 episode gave no event, without a seen end: 2000-01-05; episodes.day0 = "trigger" keeps them.'
    ]


def test_events_of_which_one_end_lies_outside_the_window(study_of):
    # Patterns of three: sessions 0-2, 6-8, 12-14. The window is 1 to 13: the first starts before it, the third triggers
    # after it and starts in it.
    rules = {
        "detector.pattern": 3,
        "episodes.day0": "start",
        "episodes.since": dt.date(2000, 1, 4),
        "episodes.until": dt.date(2000, 1, 20),
    }
    study = study_of("..u.....u.....u", rules)
    assert [event["day0"] for event in study.summary["events"]] == ["2000-01-11", "2000-01-19"]
    assert study.summary["n_episodes"] == 2
    assert notes(study, "events") == [
        (
            "1 episode gave no event, with day 0 outside the sample window: 2000-01-05; it runs from 2000-01-04 to "
            "2000-01-20; episodes.since, episodes.until and the series that the detector reads set it."
        ),
        "1 with day 0 inside the sample window, but the trigger outside it: not an episode of it.",
    ]


def test_windows_that_are_not_complete_are_counted_by_reason(study_of):
    walk = 100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.01, 40)))
    walk[:5] = NAN  # begins on session 5
    walk[20] = NAN
    study = study_of("..u.......u......u...u...........u....u", a=walk)
    # Events on 2, 10, 17, 21, 33, 38; horizons 1 and 3 (the last session is 39).
    statuses = study.tables["forward_returns"].column("status").to_pylist()
    assert statuses == [
        *("not covered", "not covered"),
        *("complete", "complete"),
        *("complete", "missing"),
        *("complete", "complete"),
        *("complete", "complete"),
        *("complete", "pending"),
    ]
    assert notes(study, "horizons") == [
        "Events pending, by horizon: 1 at 3; the window ends after the data.",
        "Events not covered, by horizon: 1 at 1, 1 at 3; a leg's history begins later.",
        "Events missing, by horizon: 1 at 3; a leg has no level at entry or at the end.",
    ]
    assert [(row["n"], row["pending"], row["not_covered"]) for row in study.summary["horizons"]] == [
        (5, 0, 1),
        (3, 1, 2),  # one outside the leg's history, one at a missing level
    ]


# Every null has its reason


def nulls(row):
    return {key for key, value in row.items() if value is None}


def test_a_horizon_without_an_answer_is_null_and_says_so(study_of):
    study = study_of("." * 37 + "u")  # on session 37: one session on is there, three are not
    assert nulls(horizon(study, 1)) == set()
    row = horizon(study, 3)
    assert nulls(row) == {
        *("asset_mean", "benchmark_mean", "spread_mean", "spread_median", "hit_rate", "excess"),
        *("statistic", "p_value", "p_adjusted", "ci_low", "ci_high", "mde", "kept"),
        *("standardised_excess", "standardised_p", "variance_ratio", "variance_p"),
    }
    assert (row["n"], row["pending"]) == (0, 1)
    assert "No event has a complete window at 3: no number there." in notes(study, "horizons")
    assert re.search(
        r"the only horizon looked at\. 80% of such studies would find an effect of [\d.]+ points\.$", study.verdict
    )


def test_nothing_complete_at_all_is_said_in_the_verdict(study_of):
    study = study_of("." * 39 + "u")
    assert study.verdict == "Nothing can be said yet: the only event has no complete window at any horizon."


def test_events_before_a_leg_begins_are_not_pending(study_of):
    walk = 100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.01, 40)))
    walk[:20] = NAN
    assert study_of("..u.....u", a=walk).verdict == (
        "Nothing can be said: none of the 2 events has a complete window at any horizon, as a leg begins later."
    )
    # The third event is measured: it is the one that the verdict is about.
    verdict = study_of("..u.....u" + "." * 20 + "u", a=walk).verdict
    assert "after the 1 of 3 events with a complete window" in verdict
    assert verdict.endswith("With one event, only a very large effect could have been found.")


def test_an_event_on_the_first_session_of_a_leg_is_tested_like_any_other(study_of):
    walk = 100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.01, 40)))
    walk[:5] = NAN
    study = study_of(".....u", a=walk)  # the leg's very first session: no return has been seen yet
    assert nulls(horizon(study, 1)) == set()


def test_a_spread_that_never_moves_has_no_p(study_of):
    study = study_of("...u", a=[100.0] * 40)
    assert (horizon(study, 1)["spread_mean"], horizon(study, 1)["p_value"]) == (0, None)
    assert notes(study, "p_value")[0] == "Not given at 1, 3: the spread does not vary, so that there is no test."
    assert "the spread does not vary" in study.verdict


TRADE = "[trade]\nhold = 3\ncost_bps = 0\n"


def test_a_trade_that_could_not_be_entered_has_no_figures(study_of):
    study = study_of("." * 39 + "u", more=TRADE).with_trade()
    trade = study.summary["trade"]
    assert (trade["n_trades"], trade["sharpe"], trade["hit_rate"], trade["total_return"]) == (0, None, None, 0)
    assert notes(study, "trade.sharpe") == notes(study, "trade.hit_rate")
    assert notes(study, "trade.sharpe") == ["Not given: no event was known early enough to be traded."]


def test_an_account_that_never_moved_has_no_sharpe_ratio(study_of):
    study = study_of("...u", a=[100.0] * 40, more=TRADE).with_trade()
    assert (study.summary["trade"]["sharpe"], study.summary["trade"]["hit_rate"]) == (None, 0)
    assert notes(study, "trade.sharpe") == ["Not given: the account never moved."]
    assert notes(study, "trade.hit_rate") == []


def test_a_summary_is_plain_json_without_nan(study_of):
    study = study_of("?u....u......u.....?" + "." * 17 + "u", more=TRADE).with_trade()
    again = json.loads(json.dumps(study.summary, allow_nan=False))
    assert again == study.summary


def numbers(content, path=""):
    if isinstance(content, dict):
        for key, value in content.items():
            yield from numbers(value, f"{path}.{key}")
    elif isinstance(content, list):
        for value in content:
            yield from numbers(value, path)
    else:
        yield path, content


@pytest.mark.parametrize("marks", ["...u", "." * 37 + "u", "." * 39 + "u", "u", "...u" + "?" * 36])
def test_every_null_number_is_named_in_a_note(study_of, marks):
    study = study_of(marks, more=TRADE).with_trade()
    said = " ".join(f"{note['about']} {note['text']}" for note in study.summary["notes"])
    # not set, or not there: no numbers; under other rules the verdict beside it says why
    settings = (".parameters", ".observed", ".indicator", ".since", ".until")
    settings += (".rarity", ".rules", ".expectations", ".lookahead")
    settings += (".robustness",)  # a reason, or a count of none, stands beside it
    settings += (".calibration",)  # nothing was measured
    for path, value in numbers(study.summary):
        if value is None and not path.startswith(settings):
            key = path.rpartition(".")[2]
            assert key in said or "No event has a complete window" in said or "p_value Not given" in said, path


def test_a_reader_is_told_how_few_places_there_are_to_move_to(study_of):
    # 40 sessions: 39 with a complete window of 1, 37 with one of 3.
    assert notes(study_of("...u"), "p_value") == [
        "Few sessions to move the events to, by horizon: 39 at 1, 37 at 3; p is never below one of them."
    ]


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        (None, None, True),  # of the dataset as such
        (dt.date(1990, 1, 1), dt.date(1998, 1, 1), False),  # over, a year before the first session that is used
        (dt.date(1990, 1, 1), dt.date(2001, 2, 1), True),
        # The window is 300 to 400, the longest horizon 3, the latest entry a session later: 404 and on are not used.
        (dt.date(2001, 7, 23), dt.date(2001, 7, 24), False),
        (dt.date(2001, 7, 20), dt.date(2001, 7, 24), True),
    ],
)
def test_the_firewalls_warnings_are_those_of_the_span_that_is_used(history_of, plan_of, first, last, told):
    rng = np.random.default_rng(2)
    a, b = (100 * np.exp(np.cumsum(rng.normal(0, 0.01, 600))) for _ in range(2))
    marks = np.zeros(600)
    marks[350] = 1
    prices = history_of({"A": a, "B": b, "M": marks}, kinds={"M": "rate"})
    days = prices.sessions
    assert (str(days[48]), str(days[404]), str(days[405])) == ("2000-03-09", "2001-07-20", "2001-07-23")
    window = {"episodes.since": days[300].item(), "episodes.until": days[400].item()}
    plan = plan_of(prices, window)
    finding = Finding("stale", "A", "warning", "A stands still.", first, last)
    study = run_plan(plan.on(replace(plan.dataset, findings=(finding,))))
    assert (notes(study, "data") == ["A stands still."]) is told


def test_the_samples_readers_are_told_once_that_it_is_simulated(workspace):
    study = run_plan(plan_on(load_dataset(workspace.dataset("sample")), workspace, "streak5"))
    assert [note for note in notes(study) if "simulat" in note] == [
        "The data are simulated: returns and verdicts on them mean nothing."
    ]
