"""The checks agree as the code is, and each subject disagrees as soon as what it is about is broken."""

from __future__ import annotations

import importlib
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from backtest.selftest import environment, many_looks
from backtest.selftest.subjects import SUBJECTS, check_all
from backtest.selftest.witnessed import Subject, compare

ROOT = Path(__file__).resolve().parents[2]
BY_NAME = {subject.name: subject for subject in SUBJECTS}


@pytest.fixture(scope="module")
def found():
    return {one.subject.name: one for one in check_all(SUBJECTS)}


@pytest.mark.parametrize("name", BY_NAME)
def test_all_agree(found, name):
    assert [check.what for check in found[name].checks if not check.ok] == []
    assert found[name].ok


def test_the_figures_that_others_published(found):
    size = {check.what: (check.expected, check.found) for check in found["overlap"].checks}
    for horizon, known in {5: 0.38, 20: 0.66, 60: 0.80}.items():
        assert size[f"size of t, {horizon} sessions: closed form"] == (known, pytest.approx(known, abs=0.005))
    assert found["cuts"].checks[0].found == pytest.approx(5.56, abs=1e-9)


INFERENCE = "backtest.inference"
BROKEN = {
    "streaks": ("backtest.detect.builtin.streak.beyond", lambda whole: lambda *of: ~whole(*of)),
    "forward": ("backtest.measure.forward.forward_returns", lambda whole: lambda *of: whole(*of) * 1.000001),
    "variance": (f"{INFERENCE}.variance.DECAY", lambda whole: whole + 1e-7),
    "shift": (f"{INFERENCE}.circular_shift.PRIOR", lambda whole: whole + 1e-6),
    "standardised": (f"{INFERENCE}.circular_shift.PRIOR", lambda whole: whole + 1e-6),
    "interval": (f"{INFERENCE}.effect.TIE", lambda whole: -0.02),
    "detectable": (f"{INFERENCE}.detectable.POWER", lambda whole: 0.95),
    "looks": (f"{INFERENCE}.multiple._standardised", lambda whole: np.abs),
    "distributions": ("backtest.selftest.classical_tests.student_p", lambda whole: lambda t, n: whole(t, n + 0.01)),
    "counts": (f"{INFERENCE}.opinions.distributions.AS_LIKELY", lambda whole: 0.99),
    "ranks": (f"{INFERENCE}.opinions.signed_rank.EXACT", lambda whole: 10),
    "regression": (f"{INFERENCE}.opinions.regression.normal_p", lambda whole: lambda z: whole(z) * 1.000001),
    "overlap": (f"{INFERENCE}.opinions.naive_t.student_p", lambda whole: lambda t, n: whole(t, n) * 2),
    "trade": ("backtest.trade.simulate.fill_orders", lambda whole: lambda *of: whole(*of[:3], of[3] * 1.001)),
    "fedwatch": ("backtest.rates.fedwatch._rest", lambda whole: lambda *of: whole(*of) + 1e-6),
    "cuts": ("backtest.rates.surprise.MOVE", lambda whole: whole * 1.000001),
}
"""Something of each subject that is broken a little, by what comes in its place."""


def test_each_subject_has_something_to_break():
    assert BROKEN.keys() == BY_NAME.keys()


@pytest.mark.parametrize("name", BROKEN)
def test_a_subject_disagrees_when_it_is_broken(monkeypatch, name):
    where, instead = BROKEN[name]
    module, _, attribute = where.rpartition(".")
    monkeypatch.setattr(where, instead(getattr(importlib.import_module(module), attribute)))
    (one,) = check_all([BY_NAME[name]])
    assert not one.ok
    assert not one.worst.ok


def test_what_raises_disagrees_and_names_itself(monkeypatch):
    def broken(*given):
        raise ZeroDivisionError("of a kind")

    monkeypatch.setattr(many_looks, "holm", broken)
    after = []
    first, second = check_all([BY_NAME["looks"], BY_NAME["cuts"]], lambda *step: after.append(step))
    assert second.ok
    assert after == [(1, 2), (2, 2)]
    assert [check.ok for check in first.checks] == [True, True, False]
    assert re.match(r"ZeroDivisionError: of a kind \(\S+test_subjects.py, line \d+\)", first.checks[-1].reason)
    assert first.worst is first.checks[-1]


def test_a_subject_without_checks_does_not_agree():
    (one,) = check_all([Subject("nothing", "nothing", "nobody", lambda: ())])
    assert not one.ok


def test_comparison():
    nan, inf = np.nan, np.inf
    assert compare("", "", 1.0, 1.25, 0.25).ok
    assert not compare("", "", 1.0, 1.25, 0.24).ok
    worst = compare("", "", [1.0, 2.0, nan, inf], [1.0, 2.5, nan, inf])
    assert (worst.expected, worst.found, worst.difference, worst.ok) == (2.0, 2.5, 0.5, False)
    for expected, found in (([1.0], [nan]), ([nan], [1.0]), ([inf], [-inf]), ([1.0], [1.0, 1.0]), ([1.0], 1.0)):
        assert compare("", "", expected, found, 1e300).difference == inf
    assert compare("", "", [1.0, 2.0], [1.0], 1.0).reason == "(1,) figures instead of (2,)"
    assert compare("", "", [True, False], [True, False]).ok


def test_every_dependency_is_named():
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    names = {re.split(r"[>\[]", one)[0] for one in wanted}
    assert set(environment.DEPENDENCIES) == names | {"vectorbt-rust"}
    assert all(environment.versions().values())
