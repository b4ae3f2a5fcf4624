"""``backtest selftest`` as a user meets it."""

from __future__ import annotations

import socket

import pytest

from backtest.selftest import subjects

QUICK = ("streaks", "variance", "shift", "trade", "cuts")


@pytest.fixture
def quick(monkeypatch):
    """Subjects that take no time."""
    monkeypatch.setattr(subjects, "SUBJECTS", [one for one in subjects.SUBJECTS if one.name in QUICK])


@pytest.fixture
def offline(monkeypatch):
    def refused(*given):
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket.socket, "connect", refused)


def test_all_of_it_agrees_anywhere_without_data_and_network(backtest, folder, offline):
    (folder / "backtest.toml").unlink()  # no workspace is needed
    done = backtest("selftest")
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= 80
    rows = lines[1 : lines.index("")]
    assert len(rows) == len(subjects.SUBJECTS)  # none of them wraps
    assert all(row.endswith("yes") for row in rows)
    assert "numpy" in done.out
    assert "agree with their witness" in lines[-1]
    assert [path.name for path in folder.iterdir()] == ["strategies"]  # nothing is written


def test_in_json(backtest, quick):
    found = backtest("selftest", "--json").json
    assert found["ok"] is True
    assert set(found["dependencies"]) >= {"numpy", "vectorbt-rust"}
    assert found["python"].startswith("CPython 3.")
    assert tuple(one["name"] for one in found["subjects"]) == QUICK
    cuts = found["subjects"][-1]["checks"][0]
    assert (cuts["expected"], cuts["found"], cuts["tolerance"], cuts["ok"]) == (5.56, pytest.approx(5.56), 0.005, True)
    assert cuts["witness"] == "published: 5.56, to two decimals"
    gap = found["subjects"][1]["checks"][2]
    assert (gap["expected"], gap["found"], gap["difference"]) == (None, None, 0.0)  # none on both sides


def test_every_check_in_words(backtest, quick):
    done = backtest("selftest", "--verbose")
    said = " ".join(done.out.split())
    assert "cuts priced on 2024-07-16: published: 5.56, to two decimals; expected 5.56, found 5.56" in said
    assert f"All {said.count(': agrees')} checks agree" in said
    assert max(map(len, done.out.splitlines())) <= 80


def test_a_broken_function_ends_with_status_3_and_the_name_of_the_check(backtest, quick, monkeypatch):
    monkeypatch.setattr("backtest.inference.circular_shift.PRIOR", 3.001)
    done = backtest("selftest")
    said = " ".join(done.out.split())
    assert done.status == 3
    assert "circular shift: S of all 151 shifts; 5 events, 7 sessions: a loop over all shifts" in said
    assert "DISAGREES" in said
    assert "a bug, of backtest or of what it is built on" in said
    assert [row.split()[-1] for row in done.out.splitlines()[1:6]] == ["yes", "yes", "NO", "yes", "yes"]
    in_json = backtest("selftest", "--json")
    assert in_json.status == 3
    assert [one["ok"] for one in in_json.json["subjects"]] == [True, True, False, True, True]


def test_what_raises_is_a_check_that_fails(backtest, quick, monkeypatch):
    monkeypatch.setattr("backtest.selftest.two_trades.simulate", None)
    done = backtest("selftest")
    assert done.status == 3
    assert "account of two trades: account of two trades: by hand; TypeError:" in " ".join(done.out.split())
    check = backtest("selftest", "--json").json["subjects"][3]["checks"][-1]
    assert (check["found"], check["ok"]) == (None, False)
    assert check["reason"].startswith("TypeError: ")
