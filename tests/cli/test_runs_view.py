"""The list of runs at any width: whole words, the finding beside its run, nothing wider than the terminal."""

from __future__ import annotations

import dataclasses

import pytest

from backtest.cli.runs_view import print_runs
from backtest.model.home import Look, RunFacts, RunLine
from backtest.model.labels import Labels

FACTS = RunFacts(
    title="T", version="0.1.0", dataset="sample", synthetic=True, lookahead=False, late_day0="", n_events=612,
    first="2000-01-03", last="2020-12-31", verdict="V", looks=(Look(252, -0.0098, 0.037, "", "", 0.01),),
    settings={"detector.sessions": 4},
)  # fmt: skip
LINE = RunLine(
    "three_up", "20261126T110528Z-7b128368", "7b128368", "2026-11-26T11:05:28Z", Labels("base", ("paper",)), FACTS
)
FINDING = "stands out: −0.98 pp over 252 sessions, adjusted p 0.037"


@pytest.fixture
def printed(capsys, monkeypatch):
    def at(columns, *lines):
        monkeypatch.setenv("COLUMNS", str(columns))
        capsys.readouterr()
        print_runs(lines or (LINE,), 1)
        return capsys.readouterr().out

    return at


def test_eighty_columns_hold_an_entry_of_a_few_lines(printed):
    assert printed(80) == (
        "7b128368  2026-11-26  three_up, sample (simulated)\n"
        f"          612 events, {FINDING}\n"
        "          base #paper\n"
        "          sessions = 4\n"
    )


def test_where_every_row_fits_there_is_a_table(printed):
    head, first, labels, settings = printed(200).splitlines()
    assert head.split() == ["run", "made", "strategy,", "dataset", "events", "finding"]
    assert first.split("  ")[0] == "7b128368"
    assert first.endswith(f"612  {FINDING}")
    assert (labels.strip(), settings.strip()) == ("base #paper", "sessions = 4")
    assert max(len(line) for line in (head, first)) < 120


@pytest.mark.parametrize("columns", [40, 60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal_and_no_word_is_cut(printed, columns):
    long = dataclasses.replace(LINE, short=LINE.run_id, strategy="tech_underperformance")
    out = printed(columns, LINE, long)
    assert all(len(line) <= max(columns, 45) for line in out.splitlines())  # an id, a date and their gap are 44
    words = out.split()
    assert {*FINDING.split(), LINE.run_id, "tech_underperformance,"} <= {*words}


def test_a_look_that_does_not_hold_says_so_beside_its_size(printed):
    facts = dataclasses.replace(FACTS, looks=(dataclasses.replace(FACTS.looks[0], doubt="the halves disagree"),))
    assert "612 events, does not hold: −0.98 pp" in printed(80, dataclasses.replace(LINE, facts=facts))
