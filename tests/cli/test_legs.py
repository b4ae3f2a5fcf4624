"""``run --legs`` and ``run --events``: each leg's table and each event's outcome, as a reader meets them."""

from __future__ import annotations

import pytest

FIVE = ["1998-10-20", "2000-01-20", "2009-09-10", "2020-04-28", "2024-07-16"]
RUN = ("run", "streak5", "--no-trade")


def block(out, first):
    """The lines of cells from the one that begins so to the next empty line."""
    lines = out.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(first))
    return [line.split() for line in lines[at : lines.index("", at)]]


def percent(value):
    return f"{value * 100:+.2f}%".replace("-", "−")


def points(value):
    return f"{value * 100:+.2f}".replace("-", "−")


def test_each_leg_has_its_table_with_base_rates_below(backtest):
    run = backtest(*RUN, "--json").json
    out = backtest(*RUN, "--legs").out
    assert max(len(line) for line in out.splitlines()) <= 80
    for leg, title, written in (
        ("asset", "asset: Simulated small caps, total return", percent),
        ("spread", "spread, in points; hits: the share in which the asset beat the benchmark", points),
    ):
        _, head, *lines = block(out[out.index("Below each") :], title)
        assert head == ["sessions", "n", "mean", "median", "hits", "best", "worst", "drawdown", "deepest"]
        assert [line[0] for line in lines[::2]] == ["1", "5", "10", "21", "63", "126", "252"]
        assert {line[0] for line in lines[1::2]} == {"base"}
        figures = run["horizons"][3]["legs"][leg]
        for line, prefix in zip(lines[6:8], ("", "base_"), strict=True):
            keys = ("mean", "median", "best", "worst", "drawdown_mean", "drawdown_worst")
            shown = [line[at] for at in (2, 3, 5, 6, 7, 8)]
            expected = [written(figures[f"{prefix}{key}"]).replace("−0.00", "0.00") for key in keys]
            assert [cell.lstrip("+") for cell in shown] == [cell.lstrip("+") for cell in expected]
            assert line[4] == f"{figures[f'{prefix}hit_rate'] * 100:.0f}%"


def test_by_default_neither_table_is_printed(backtest):
    out = backtest(*RUN).out
    assert "Below each horizon" not in out
    assert "After each event" not in out


def test_events_at_a_horizon_by_date_with_their_mean_below(backtest):
    run = backtest(*RUN, "--json").json
    out = backtest(*RUN, "--events", "21").out
    title, head, *lines = block(out, "After each event")
    assert " ".join(title) == "After each event, over 21 sessions:"
    assert " ".join(head) == "day 0 asset bench. spread drawdown window"
    assert [line[0] for line in lines[:5]] == FIVE
    for line, one in zip(lines, run["outcomes"], strict=False):
        cell = one["horizons"][3]
        assert one["day0"] == line[0]
        assert line[1:4] == [*(percent(cell[leg]) for leg in ("asset", "benchmark")), points(cell["spread"])]
        assert line[5:] == [percent(cell["asset_drawdown"]), "complete"]
    assert [" ".join(line).partition("+")[0].partition("−")[0].strip() for line in lines[5:]] == [
        *("mean", "base mean", "median", "base median")
    ]
    assert lines[5][1] == percent(run["horizons"][3]["asset_mean"])
    assert lines[5][-3:] == ["n", "=", "5"]


def test_without_a_horizon_it_is_that_of_the_verdict(backtest):
    out = " ".join(backtest(*RUN, "--events").out.split())
    assert "The most remarkable: over 10 sessions" in out
    assert "After each event, over 10 sessions: day 0" in out


def test_events_that_are_pending_say_why(backtest):
    done = backtest(*RUN, "--set", "horizons=21,504", "--events", "504")
    lines = block(done.out, "After each event")
    assert lines[6] == ["2024-07-16", "–", "–", "–", "–", "pending"]
    assert " ".join(lines[-1]) == "pending: the window ends after the data."
    cell = backtest(*RUN, "--set", "horizons=21,504", "--json").json["outcomes"][-1]["horizons"][1]
    assert (cell["status"], cell["reason"]) == ("pending", "the window ends after the data")
    assert cell["asset"] is None


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (
            ("--events", "30"),
            "streak5: --events 30: not a horizon of the strategy, which has 1, 5, 10, 21, 63, 126 and 252.",
        ),
        (("--events", "month"), "Write --events behind the names, alone or with one of these horizons."),
    ],
)
def test_another_horizon_is_refused_before_anything_is_run(backtest, folder, arguments, line):
    done = backtest(*RUN, *arguments)
    assert (done.status, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert line in done.err
    assert not (folder / "reports").exists()


def test_several_assets_without_a_benchmark(backtest):
    more = ("--set", "asset=small,mega", "--set", "benchmark=none", "--set", "horizons=5,21", "--legs", "--events", "5")
    out = backtest(*RUN, *more).out
    assert max(len(line) for line in out.splitlines()) <= 80
    for name in ("small", "mega"):
        _, columns, *lines = block(out, f"After each event, over 5 sessions, {name}:")
        assert " ".join(columns) == "day 0 asset drawdown window"
        assert [line[0] for line in lines[:5]] == FIVE
        assert len(block(out[out.index("Below each") :], f"{name}, asset:")) == 6
    found = backtest(*RUN, *more, "--json").json
    assert [len(one["outcomes"]) for one in found["assets"]] == [5, 5]


def test_rules_that_differ_stand_in_a_table_below_the_verdict(backtest):
    done = backtest(*RUN, "--set", "sessions=2", "--set", "horizons=252", "--json").json
    rows = {rule["rule"]: rule["horizons"][0] for rule in done["rules"]}
    out = backtest(*RUN, "--set", "sessions=2", "--set", "horizons=252").out
    head, *lines = block(out, "Counted by other rules")
    assert " ".join(head) == "Counted by other rules, over 252 sessions n spread hits"
    shown = {" ".join(line[:-4]): line[-4:] for line in lines}
    for words, key in (
        ("as the strategy sets it", "own"),
        ("every session on which it is met", "every"),
        ("cooldown of 63 sessions", "cooldown_63"),
        ("events whose windows do not overlap", "apart"),
    ):
        n, mean, _, hits = shown[words]
        assert (int(n), mean) == (rows[key]["n"], points(rows[key]["spread_mean"]))
        assert hits == f"{rows[key]['hit_rate'] * 100:.0f}%"
    counts = [int(line[-4]) for line in lines[1:]]
    assert counts == sorted(counts, reverse=True)
    said = " ".join(out.split())
    assert f"events, and only {rows['apart']['n']} lie more than 252 sessions (about a year) apart" in said
