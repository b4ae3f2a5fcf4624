"""One series from import to report: what is printed works as printed."""

from __future__ import annotations

import itertools
import json
import math
import shlex
import shutil

import pytest

UP = [0.004, 0.006, 0.003, -0.008, 0.002, -0.003, 0.005, 0.007, 0.001, -0.012]
"""A cycle of daily returns with two runs of three up sessions."""


def days(n):
    import numpy as np

    holidays = ["2019-01-01", "2019-01-21", "2019-02-18", "2019-04-19", "2019-05-27", "2019-07-04"]
    return np.busday_offset("2019-01-02", np.arange(n), holidays=holidays).astype(str).tolist()


def levels(n, start=100.0, returns=UP):
    found, level = [], start
    for t in range(n):
        level *= 1 + returns[t % len(returns)]
        found.append(f"{level:.2f}")
    return found


def write(folder, header, *columns, name="prices.csv"):
    lines = [header, *(",".join(row) for row in zip(*columns, strict=True))]
    (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def printed(done):
    """Return the arguments of the command that an import printed."""
    assert done.status == 0, done.err
    line = done.out.splitlines()[-1]
    assert line.startswith("Try: backtest "), done.out
    return shlex.split(line.removeprefix("Try: backtest "))


def imported(backtest, name="mine"):
    return backtest("data", "import", name, "--from", "prices.csv")


@pytest.mark.parametrize(
    ("header", "columns", "command"),
    [
        ("Date,Close", 1, "run three_up --dataset mine"),
        (
            "Date,AAA,BBB",
            2,
            "run three_up --dataset mine --set detector.series=AAA --set measure.asset=AAA --set measure.benchmark=BBB",
        ),
        (
            "Date,AAA,BBB,CCC",
            3,
            "run three_up --dataset mine --set detector.series=AAA --set measure.asset=AAA --set measure.benchmark=BBB",
        ),
    ],
)
def test_the_command_that_an_import_prints_ends_with_a_report(backtest, folder, header, columns, command):
    made = [levels(120, 100.0 * (k + 1), UP[k:] + UP[:k]) for k in range(columns)]
    write(folder, header, days(120), *made)
    arguments = printed(imported(backtest))
    assert arguments == command.split()
    done = backtest(*arguments)
    assert done.status == 0, done.err
    assert (folder / done.out.splitlines()[-1].removeprefix("Report: ")).is_file()


def test_a_history_without_a_run_of_three_is_offered_a_shorter_one(backtest, folder):
    write(folder, "Date,Close", days(60), levels(60, returns=[0.01, 0.01, -0.015]))
    arguments = printed(imported(backtest))
    assert arguments == ["run", "three_up", "--dataset", "mine", "--set", "detector.sessions=2"]
    assert backtest(*arguments).status == 0


def test_a_run_of_three_with_nothing_after_it_is_no_study_to_offer(backtest, folder):
    # Down and up in turn, then two more up: the third of three is the last session.
    write(folder, "Date,Close", days(60), levels(60, returns=[*[-0.01, 0.009] * 29, 0.01, 0.01]))
    assert printed(imported(backtest)) == ["run", "three_up", "--dataset", "mine", "--set", "detector.sessions=2"]


def test_where_nothing_can_be_held_the_dataset_is_shown(backtest, folder):
    rates = [f"{1.5 + 0.3 * math.sin(t / 9):.2f}" for t in range(120)]
    write(folder, "DATE,DGS10", days(120), rates, name="prices.csv")
    arguments = printed(imported(backtest))
    assert arguments == ["show", "mine"]
    assert backtest(*arguments).status == 0


def test_a_study_of_the_asset_alone_reads_sensibly_everywhere(backtest, folder):
    write(folder, "Date,Close", days(120), levels(120))
    imported(backtest)
    run = backtest("run", "three_up", "--dataset", "mine", "--set", "measure.horizons=[1,5]")
    lines = run.out.splitlines()
    assert "asset: mine; no benchmark: its returns beside its own base rate".replace("mine", "prices") in lines
    header = next(line for line in lines if line.startswith("sessions"))
    assert header.split() == ["sessions", "n", "return", "base", "hits", "base", "p", "p", "adj."]
    assert "Trade: long the asset, next close, held 5 sessions" in run.out
    outputs = [
        run,
        backtest("tune", "three_up", "--dataset", "mine", "--grid", "detector.sessions=2,3"),
        backtest("watch", "three_up", "--dataset", "mine"),
        backtest("events", "three_up", "--dataset", "mine"),
    ]
    for done in outputs:
        assert done.status == 0, done.err
        assert "spread" not in done.out
        assert "bench." not in done.out
        assert "the only level in the dataset, stands for" in " ".join(done.out.split())


def test_tune_records_the_assets_mean(backtest, folder):
    write(folder, "Date,Close", days(120), levels(120))
    imported(backtest)
    tuned = backtest("tune", "three_up", "--dataset", "mine", "--grid", "detector.sessions=2,3", "--json").json
    row = tuned["sets"][1]["horizons"][0]
    assert {"asset_mean", "excess"} < set(row)
    assert "spread_mean" not in row
    run = backtest("run", "three_up", "--dataset", "mine", "--json").json
    assert row["asset_mean"] == run["horizons"][0]["asset_mean"]


def test_several_assets_each_beside_its_own_base_rate_are_one_table(backtest, folder):
    write(folder, "Date,AAA,BBB", days(120), levels(120), levels(120, 50.0, UP[3:] + UP[:3]))
    imported(backtest)
    fixed = ["three_up", "--dataset", "mine", "--set", "detector.series=AAA", "--set", "measure.benchmark=none"]
    tuned = backtest("tune", *fixed, "--grid", "measure.asset=AAA,BBB", "--json").json
    for one in tuned["sets"]:
        run = backtest("run", *fixed, "--set", f"measure.asset={one['parameters']['measure.asset']}", "--json").json
        for row, alone in zip(one["horizons"], run["horizons"], strict=True):
            for key in ("n", "asset_mean", "base_asset_mean", "excess", "hit_rate", "p_value"):
                assert row[key] == alone[key]
    assert tuned["looks"] == 10  # two assets at the five horizons that fit into 120 sessions
    lines = backtest("tune", *fixed, "--grid", "measure.asset=AAA,BBB").out.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("set "))
    head, lines = lines[at].split(), lines[at + 1 : at + 3]
    assert head == ["set", "asset", "n", "return", "base", "excess", "hits", "p", "p", "adj."]
    at = tuned["horizon"]
    for one in tuned["sets"]:
        (row,) = [row for row in one["horizons"] if row["horizon"] == at]
        (cells,) = [line.split() for line in lines if line.split()[:1] == [str(one["set"])]]
        assert cells[3] == f"{row['asset_mean'] * 100:+.2f}%".replace("-", "−")
        assert cells[4] == f"{row['base_asset_mean'] * 100:+.2f}%".replace("-", "−")


def test_a_comparison_says_what_was_left_open(backtest, folder):
    write(folder, "Date,Close", days(120), levels(120))
    imported(backtest)
    first = backtest("run", "three_up", "--dataset", "mine", "--set", "detector.sessions=2", "--json").json
    notes = backtest("compare", first["run_id"], "three_up", "--dataset", "mine", "--json").json["notes"]
    (told,) = [note["text"] for note in notes if note["code"] == "left_open"]  # once, of both
    assert told.count("three_up (") == 2
    assert "stands for what the strategy leaves open" in told


def test_a_strategy_that_names_what_is_not_there_is_told_what_to_set(backtest, folder):
    write(folder, "Date,Close", days(120), levels(120))
    imported(backtest)
    done = backtest("run", "streak5", "--dataset", "mine")
    assert done.status == 1
    sets = "--set detector.series=prices --set measure.asset=prices --set measure.benchmark=none"
    assert done.err.strip().endswith(f"Known: prices. Its only level: {sets}")
    softer = ["--set", "detector.sessions=3", "--set", "detector.threshold=0"]
    assert backtest("run", "streak5", "--dataset", "mine", *sets.split(), *softer).status == 0
    # A series cannot outrun itself: there is nothing to set that would help.
    assert "--set" not in backtest("run", "rotation", "--dataset", "mine").err


def test_sets_with_and_without_a_benchmark_are_not_one_search(backtest, folder):
    write(folder, "Date,AAA,BBB", days(120), levels(120), levels(120, 50.0, UP[3:] + UP[:3]))
    *_, last = printed(imported(backtest))
    named = ["--set", "detector.series=AAA", "--set", "measure.asset=AAA"]
    done = backtest("tune", "three_up", "--dataset", "mine", *named, "--grid", "measure.benchmark=BBB,none")
    assert (done.status, last) == (1, "measure.benchmark=BBB")
    assert "some sets have a benchmark and others have none" in done.err


def test_studies_of_a_spread_and_of_an_asset_alone_are_compared(backtest, folder):
    write(folder, "Date,AAA,BBB", days(120), levels(120), levels(120, 50.0, UP[3:] + UP[:3]))
    arguments = printed(imported(backtest))
    pair = backtest(*arguments, "--json").json
    alone = backtest(*arguments[:-1], "measure.benchmark=none", "--json").json
    compared = backtest("compare", pair["run_id"], alone["run_id"], "--json").json
    first, second = (study["horizons"][0] for study in compared["studies"])
    assert first["spread_mean"] == pair["horizons"][0]["spread_mean"]
    assert second["asset_mean"] == alone["horizons"][0]["asset_mean"]
    assert "benchmark_mean" not in second
    done = backtest("compare", pair["run_id"], alone["run_id"])
    assert [line for line in done.out.splitlines() if line in ("spreads, ranked apart:", "returns:")] == [
        "spreads, ranked apart:",
        "returns:",
    ]
    assert "no difference between them is tested" in " ".join(done.out.split())
    differs = next(line for line in done.out.splitlines() if line.startswith("measure.benchmark"))
    assert differs.split()[1:] == ["BBB", "none"]
    twice = backtest("compare", alone["run_id"], "three_up", "--dataset", "mine")
    assert twice.status == 1  # of several series none is guessed


def test_the_case(backtest, folder, shared):
    case = shared / "cases" / "single_asset"
    if not case.is_dir():
        pytest.skip("../shared/cases is not here")
    shutil.copy(case / "spy.csv", folder / "prices.csv")
    (folder / "spy.csv").write_bytes((case / "spy.csv").read_bytes())
    shutil.copy(case / "three_up.toml", folder / "strategies" / "three_up.toml")
    assert backtest("data", "import", "spy", "--from", "spy.csv").status == 0
    run = backtest("run", "three_up", "--dataset", "spy", "--json").json
    assert list(run["legs"]) == ["asset"]
    # The close alone, in lists: three sessions in a row of at least +0.5%, the first session of each run.
    closes = [float(line.split(",")[4]) for line in (case / "spy.csv").read_text().splitlines()[1:]]
    far = [False] + [b / a - 1 >= 0.005 for a, b in itertools.pairwise(closes)]
    met = [all(far[max(t - 2, 0) : t + 1]) and t >= 2 for t in range(len(closes))]
    events = [t for t in range(len(met)) if met[t] and not met[t - 1]]
    for row in run["horizons"]:
        h = row["horizon"]
        every = [b / a - 1 for a, b in zip(closes, closes[h:], strict=False)]
        after = [every[t] for t in events if t < len(every)]
        assert row["n"] == len(after)
        assert row["asset_mean"] == pytest.approx(sum(after) / len(after), abs=1e-12)
        assert row["hit_rate"] == sum(r > 0 for r in after) / len(after)
        seen = every[1:]  # of the first session no move is known
        assert row["base_asset_mean"] == pytest.approx(sum(seen) / len(seen), abs=1e-12)
        assert row["base_hit_rate"] == pytest.approx(sum(r > 0 for r in seen) / len(seen))
        assert 0 < row["p_value"] <= 1


def test_a_recorded_run_is_repeated_by_the_command_on_its_page(backtest, folder):
    write(folder, "Date,Close", days(120), levels(120))
    imported(backtest)
    first = backtest("run", "three_up", "--dataset", "mine", "--json").json
    record = json.loads((folder / first["files"]["run"]).read_text(encoding="utf-8"))
    from backtest.report.pages.run.command import replay

    again = backtest(*shlex.split(replay(record))[1:], "--json").json
    assert again["horizons"] == first["horizons"]
    assert again["parameters"] == first["parameters"]


def test_an_open_claim_is_answered_by_the_asset_alone(backtest, folder):
    write(folder, "Date,Close", days(120), levels(120))
    imported(backtest)
    text = (
        'schema = 1\ntitle = "Two up"\n[detector]\nuse = "streak"\nsessions = 2\nthreshold = 0.0\n'
        '[claim]\nsaid = "Two up sessions, and then?"\non = 2019-06-03\nopen = true\n'
    )
    (folder / "strategies" / "said.toml").write_text(text, encoding="utf-8")
    content = backtest("claims", "said", "--dataset", "mine", "--json").json
    run = backtest("run", "said", "--dataset", "mine", "--json").json
    (claim,) = content["claims"]
    keys = ("horizon", "n", "asset_mean", "base_asset_mean", "excess", "p_value", "p_adjusted")
    assert claim["horizons"] == [{key: row[key] for key in keys} for row in run["horizons"]]
    assert any("the asset is measured alone" in text for text in claim["cautions"])
