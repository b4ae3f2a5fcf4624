"""Lists of events as people bring them, from the file to what the terminal and the JSON say."""

from __future__ import annotations

import pytest

HEAD = 'schema = 1\ntitle = "Listed events"\n[detector]\nuse = "dates"\n'
TAIL = '[measure]\nasset = "small_index"\nbenchmark = "market_index"\nhorizons = [1, 5]\n'
NEIGHBOURS = (
    "id,name,date\n1,first suit,2023-06-05\n2,second suit,2023-06-06\n3,ruling,2023-06-09\n4,appeal,2023-06-12\n"
)
PANEL = "ticker,date,when\nAAA,2022-02-03,after_close\nBBB,2022-02-03,before_open\nAAA,2022-05-05,after_close\n"


@pytest.fixture
def asked(backtest, folder):
    """Run a command on a strategy of listed dates, on the sample, whose sessions are New York's."""

    def ask(keys, text=None, command="events", *more):
        (folder / "strategies" / "ev.toml").write_text(f"{HEAD}{keys}\n{TAIL}", encoding="utf-8")
        if text is not None:
            (folder / "strategies" / "list.csv").write_text(text, encoding="utf-8", newline="")
        return backtest(command, "ev", *more)

    return ask


def day0(done):
    return [event["day0"] for event in done.json["events"]]


def test_neighbouring_dates_are_four_events(asked):
    done = asked('file = "list.csv"', NEIGHBOURS, "run", "--json")
    assert day0(done) == ["2023-06-05", "2023-06-06", "2023-06-09", "2023-06-12"]
    assert [row["n"] for row in done.json["horizons"]] == [4, 4]
    shown = asked('file = "list.csv"', NEIGHBOURS, "run")
    assert "4 dates read: 4 events.\n" in shown.out


def test_counting_back_knows_the_holidays_and_no_closure(asked):
    keys = "dates = [2008-01-22, 2024-01-02, 2001-09-17, 2020-02-18, 2024-07-16, 2012-10-31]\noffset = -1"
    done = asked(keys, None, "events", "--json")
    assert day0(done) == ["2008-01-18", "2020-02-14", "2023-12-29", "2024-07-15"]
    (note,) = [note for note in done.json["notes"] if note["code"] == "dates_closed_unforeseen"]
    assert "2001-09-17 (held was 2001-09-10), 2012-10-31 (held was 2012-10-26)" in note["text"]
    assert done.json["reconciliation"][0]["excluded"] == [
        {"reason": "closed_unforeseen", "n": 2, "dates": ["2001-09-17", "2012-10-31"]}
    ]
    out = asked(keys).out
    assert "6 dates read: 4 events, 2 before an unforeseen closure." in " ".join(out.split())
    assert "2001-09-17 (held was 2001-09-10)" in " ".join(out.split())


def test_every_date_that_is_moved_or_merged_is_named(asked):
    # Good Friday 2023 and the Saturday after fall on Monday 10 April; on the Monday itself came a third.
    text = "date\n2023-04-07\n2023-04-08\n2023-04-10\n"
    done = asked('file = "list.csv"', text, "run", "--json")
    assert day0(done) == ["2023-04-10"]
    said = {note["code"]: note["text"] for note in done.json["notes"]}
    assert "2023-04-07 to 2023-04-10, 2023-04-08 to 2023-04-10" in said["dates_moved"]
    assert "2023-04-08 (on 2023-04-10), 2023-04-10 (on 2023-04-10)" in said["dates_merged"]


def test_after_the_close_is_the_next_session(asked):
    text = "date,what\n2024-01-05 16:05:00,a\n2024-03-08 08:30:00,b\n"
    done = asked('file = "list.csv"', text, "events", "--json")
    assert day0(done) == ["2024-01-08", "2024-03-08"]
    (note,) = done.json["notes"]
    assert (note["code"], "2024-01-05 to 2024-01-08" in note["text"]) == ("dates_after_close", True)
    assert day0(asked('file = "list.csv"\nafter_close = false', text, "events", "--json")) == [
        *("2024-01-05", "2024-03-08")
    ]
    assert day0(asked("dates = [2024-01-05]\nafter_close = true", None, "events", "--json")) == ["2024-01-08"]


@pytest.mark.parametrize("command", ["run", "events", "audit"])
def test_day_0_before_the_listed_dates_is_said_wherever_it_matters(asked, command):
    done = asked("dates = [2020-02-18, 2024-07-16]\noffset = -1", None, command, "--json")
    (notes,) = [one["notes"] for one in done.json.get("strategies", [done.json])]
    (note,) = [one for one in notes if one["code"] == "day0_before_date"]
    assert note["about"] == "detector"
    assert "day 0 of 2 dates lies before the listed date" in note["text"]
    assert "day 0 of 2 dates lies before the listed" in " ".join(
        asked("offset = -1\ndates = [2020-02-18, 2024-07-16]", None, command).out.split()
    )


def test_a_note_says_of_which_condition_it_is(backtest, folder):
    lists = "".join(
        f'[conditions.{name}]\nuse = "dates"\ndates = ["{day}"]\n'
        for name, day in (("a", "2020-02-17"), ("b", "2021-07-05"))
    )
    text = f'schema = 1\ntitle = "Two"\n[detector]\nany = ["a", "b"]\n{lists}{TAIL}'
    (folder / "strategies" / "two.toml").write_text(text, encoding="utf-8")
    notes = [note for note in backtest("run", "two", "--json").json["notes"] if note["code"] == "dates_moved"]
    assert [(note["about"], note["text"].split(": ")[1][:10]) for note in notes] == [
        *(("conditions.a", "2020-02-17"), ("conditions.b", "2021-07-05"))
    ]
    assert "Note (conditions.b): 1 date on no session" in backtest("run", "two").out


def test_one_value_that_is_set_is_a_list_of_one(asked):
    more = ("--set", "dates=2020-01-03", "--set", "horizons=5", "--json")
    done = asked("dates = [2024-07-16]", None, "run", *more)
    assert (day0(done), [row["horizon"] for row in done.json["horizons"]]) == (["2020-01-03"], [5])


def test_values_with_commas_are_a_list_where_one_is_needed(asked):
    more = ("--set", "dates=2020-01-03,2024-07-16", "--set", "horizons=5,21", "--json")
    done = asked("dates = [2024-07-16]", None, "run", *more)
    assert (day0(done), [row["horizon"] for row in done.json["horizons"]]) == (["2020-01-03", "2024-07-16"], [5, 21])


def test_of_listed_dates_other_rules_say_nothing(asked):
    # The sample ends on Wednesday 31 December 2025: nothing follows it, and a date needs no end.
    done = asked("dates = [2020-01-03, 2025-12-31]", None, "run", "--json")
    cooldowns = ["cooldown_21", "cooldown_63", "cooldown_252"]
    assert [one["rule"] for one in done.json["rules"]] == ["own", "apart", *cooldowns]
    assert not [note for note in done.json["notes"] if note["code"] == "ongoing"]
    out = asked("dates = [2020-01-03, 2025-12-31]", None, "run").out
    assert "Counted by other rules" not in out
    assert "no seen end" not in out


def test_pairs_of_asset_and_date_are_refused(asked):
    done = asked('file = "list.csv"', PANEL)
    assert done.status == 1
    assert "column 'ticker' names 2 assets (AAA, BBB)" in done.err
    assert "every event of a study applies to all its assets" in done.err


def test_a_study_of_dates_outside_the_history_says_what_became_of_them(asked):
    done = asked("dates = [1901-01-02, 1902-01-02]", None, "run")
    assert done.status == 1
    assert "2 dates read: 0 events, 2 outside the history." in done.err


def test_watch_tells_an_event_of_its_own_from_the_one_before(asked):
    # The sample ends on Wednesday 31 December 2025.
    done = asked("dates = [2025-12-30, 2025-12-31]", None, "watch", "--json")
    (found,) = done.json["strategies"]
    assert found["episode"]["trigger"] == "2025-12-31"
    assert found["episode"]["sessions"] == 1


@pytest.mark.parametrize("name", ["dates_neighbours/ev", "dates_header/ev", "dates_offset/pre"])
def test_the_cases_on_real_history(shared, us_size, name):
    from backtest.plan import make_plan
    from backtest.study.detect_events import detect_events

    plan = make_plan(us_size, str(shared / "cases" / f"{name}.toml"), "us-size")
    found = detect_events(plan)
    expected = {
        "dates_neighbours/ev": ["2023-06-05", "2023-06-06", "2023-06-09", "2023-06-12"],
        "dates_header/ev": ["2024-01-05", "2024-03-08"],
        "dates_offset/pre": ["2008-01-18", "2020-02-14", "2023-12-29", "2024-07-15"],
    }
    assert plan.dataset.prices.sessions[found.events.day0].astype(str).tolist() == expected[name]
