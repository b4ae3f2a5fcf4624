"""Several studies by pattern, tag or ``--all``; ``--quiet``, ``--output``."""

from __future__ import annotations

from pathlib import Path

import pytest

TEXT = 'schema = 1\ntitle = "T"\n{more}\n[detector]\nuse = "streak"\nsessions = {n}\nthreshold = {least}\n'


@pytest.fixture
def strategies(folder: Path) -> Path:
    """Two that run, one without an event, one that cannot be read."""
    of = {"mine-a": (4, 0.01, 'tags = ["x", "y"]'), "mine-b": (5, 0.01, 'tags = ["x"]'), "mine-never": (5, 0.9, "")}
    for name, (n, least, more) in of.items():
        text = TEXT.format(n=n, least=least, more=more)
        (folder / "strategies" / f"{name}.toml").write_text(text, encoding="utf-8")
    (folder / "strategies" / "other.toml").write_text("[", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("names", "run"),
    [
        (["mine-[ab]"], ["mine-a", "mine-b"]),
        (["tag:x"], ["mine-a", "mine-b"]),
        (["tag:y", "tag:x"], ["mine-a", "mine-b"]),
        (["mine-b", "mine-?"], ["mine-b", "mine-a"]),
        (["tag:y", "rotation"], ["mine-a", "rotation"]),
    ],
)
def test_selectors_name_each_study_once(backtest, strategies, names, run):
    done = backtest("run", *names, "--no-trade", "--json")
    assert done.status == 0
    assert [one["strategy"] for one in done.json["runs"]] == run
    assert done.json["failed"] == []


def test_a_selector_of_one_is_as_its_name(backtest, strategies):
    assert backtest("run", "tag:y", "--no-trade", "--json").json["strategy"] == "mine-a"


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (["run", "zzz*"], 1, "no strategy matches 'zzz*'."),
        (["run", "tag:z"], 1, "no strategy has the tag 'z'. Known: fed, x, y."),
        (["compare", "runs:z"], 1, "no recorded run has the tag 'z'."),
        (["run", "--all", "streak5"], 2, "--all takes no names."),
        (["run"], 2, "Name strategies, or use --all."),
        (["events"], 2, "Name strategies, or use --all."),
    ],
)
def test_a_selector_that_finds_nothing_is_refused(backtest, strategies, arguments, status, line):
    done = backtest(*arguments)
    assert done.status == status
    assert line in done.err


def test_one_that_fails_does_not_stop_the_others(backtest, strategies):
    done = backtest("run", "mine-*", "--no-trade")
    assert done.status == 1
    first, last = done.err.splitlines()
    assert first.startswith("mine-never: failed: ")
    assert "no event between" in first
    assert last == "Error: 1 of 3 studies failed: mine-never. See above."
    assert done.out.count("Report: reports/mine-") == 2
    assert done.out.count("SIMULATED") == 2
    assert "2 studies recorded on sample." in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    index = (strategies / "reports" / "index.html").read_text(encoding="utf-8")
    assert "./mine-a/" in index
    assert "./mine-b/" in index
    content = backtest("run", "mine-*", "--no-trade", "--json").json
    assert [one["strategy"] for one in content["runs"]] == ["mine-a", "mine-b"]
    assert [one["strategy"] for one in content["failed"]] == ["mine-never"]


def test_all_runs_everything_and_names_what_cannot_be_read(backtest, strategies):
    done = backtest("run", "--all", "--no-trade", "--quiet")
    assert done.status == 1
    # The sample has not all that published claims read.
    failed = done.err.splitlines()[-1].partition(" studies failed: ")[2].removesuffix(". See above.").split(", ")
    assert {"mine-never", "other"} <= set(failed)
    paths = [Path(line) for line in done.out.splitlines()]
    assert len(paths) >= 10
    assert all(path.is_file() and path.name == "report.html" for path in paths)


def test_the_same_study_in_brief_and_alone(backtest, strategies):
    several = backtest("run", "mine-a", "mine-b", "--no-trade", "--json").json["runs"]
    alone = backtest("run", "mine-b", "--no-trade", "--json").json
    apart = {"run_id", "created", "files"}
    for key in alone.keys() - apart:
        assert several[1][key] == alone[key], key


def test_quiet_prints_the_path_and_on_stderr_the_finding(backtest, folder):
    done = backtest("run", "streak5", "--no-trade", "--quiet")
    assert (folder / done.out.strip()).is_file()
    assert done.err == "streak5: 5 events, consistent with chance, adjusted p 0.759 (SIMULATED)\n"


def test_output_records_elsewhere_and_touches_nothing_else(backtest, folder):
    target = folder / "out"
    target.mkdir()
    (target / "index.html").write_text("mine", encoding="utf-8")
    done = backtest("run", "streak5", "--no-trade", "--json", "-o", "out", "--name", "n").json
    run = target / "streak5" / done["run_id"]
    assert (run / "report.html").is_file()
    assert (run / "labels.json").is_file()
    assert (target / "index.html").read_text(encoding="utf-8") == "mine"
    assert not (folder / "reports").exists()
    assert backtest("show", f"out/streak5/{done['run_id']}").status == 0
    assert "Run:" not in backtest("run", "streak5", "--no-trade", "-o", "out").out


def test_events_compare_audit_watch_and_claims_take_the_same_selectors(backtest, strategies):
    done = backtest("events", "mine-*", "--json")
    assert done.status == 0  # a list without events is no refusal
    assert [one["strategy"] for one in done.json["strategies"]] == ["mine-a", "mine-b", "mine-never"]
    assert [one["n_events"] for one in done.json["strategies"]][1:] == [5, 0]
    compared = backtest("compare", "tag:x", "--json").json
    assert [study["label"] for study in compared["studies"]] == ["mine-a", "mine-b"]
    audited = backtest("audit", "tag:y", "--json").json
    assert [one["strategy"] for one in audited["strategies"]] == ["mine-a"]
    watched = backtest("watch", "tag:x", "--json").json
    assert [one["strategy"] for one in watched["strategies"]] == ["mine-a", "mine-b"]
    assert backtest("claims", "tag:y").status == 1  # it has no claim


@pytest.fixture
def foreign(strategies: Path) -> Path:
    """One more strategy that reads a series of other data."""
    text = TEXT.format(n=4, least=0.01, more='tags = ["x", "z"]') + 'series = "NOPE"\n'
    for name in ("mine-foreign", "mine-other"):
        (strategies / "strategies" / f"{name}.toml").write_text(text, encoding="utf-8")
        text = text.replace('"x", ', "")
    return strategies


@pytest.mark.parametrize("command", ["run", "events"])
def test_what_the_data_cannot_serve_is_skipped_and_listed_if_it_was_not_named(backtest, foreign, command):
    more = ["--no-trade"] if command == "run" else []
    listed = "Skipped 1 of 3 strategies, as sample lacks what it reads: mine-foreign (NOPE)."
    done = backtest(command, "tag:x", *more)
    assert done.status == 0
    assert "failed" not in done.err
    assert listed in " ".join(done.out.split())
    done = backtest(command, "tag:x", *more, "--json")
    assert (done.status, done.json["failed"]) == (0, [])
    assert done.json["skipped"] == [{"strategy": "mine-foreign", "lacks": "NOPE"}]
    assert listed in done.err
    done = backtest(command, "mine-a", "mine-foreign", *more)
    assert done.status == 1
    assert "1 of 2 studies failed: mine-foreign." in done.err


def test_where_all_are_skipped_the_command_fails(backtest, foreign):
    done = backtest("run", "tag:z", "--quiet")
    assert done.status == 1
    assert "mine-foreign (NOPE), mine-other (NOPE)." in done.err
    assert done.err.endswith("no strategy can run on this dataset. Name another with --dataset.\n")
    assert "none of the strategies can run on this dataset" in backtest("compare", "tag:z").err


def test_compare_leaves_out_what_was_not_named_and_a_note_says_so(backtest, foreign):
    found = backtest("compare", "tag:x", "--json").json
    assert [study["label"] for study in found["studies"]] == ["mine-a", "mine-b"]
    assert found["skipped"] == [{"strategy": "mine-foreign", "lacks": "NOPE"}]
    assert "mine-foreign (NOPE)" in next(note["text"] for note in found["notes"] if note["code"] == "skipped")
    refused = backtest("compare", "mine-a", "mine-b", "mine-foreign")
    assert refused.status == 1
    assert "series 'NOPE'" in refused.err


def test_audit_of_a_selector_does_not_fail_for_other_data(backtest, foreign):
    assert backtest("audit", "mine-foreign").status == 1
    assert backtest("audit", "tag:z").status == 0


def test_compare_takes_short_ids_names_and_tags_of_runs(backtest):
    one = backtest("run", "streak5", "--no-trade", "--json", "--tag", "draft").json["run_id"]
    two = backtest("run", "streak5", "--no-trade", "--json", "--name", "four", "--set", "sessions=4").json["run_id"]
    found = backtest("compare", one[-8:], "four", "--json").json
    assert [study["run_id"] for study in found["studies"]] == [one, two]
    assert backtest("tag", "four", "draft").status == 0
    found = backtest("compare", "runs:draft", "--json").json
    assert {study["run_id"] for study in found["studies"]} == {one, two}
    for command in ("report", "show"):
        assert backtest(command, one[-8:]).status == 0
        assert "fits 2 runs" in backtest(command, one[:6]).err
    assert "fits 2 runs" in backtest("compare", one[:6], "rotation").err
