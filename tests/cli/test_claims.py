from __future__ import annotations

import pytest

from backtest.cli.claims_view import _choice


def test_one_json_object_and_a_page(backtest, folder):
    done = backtest("claims", "streak5", "--json")
    assert (done.status, done.err) == (0, "")
    (claim,) = done.json["claims"]
    assert (claim["strategy"], claim["verdict"], claim["number"]) == ("streak5", "holds", 1)
    page = folder / done.json["files"]["report"]
    assert page.parent == folder / "reports" / "claims"
    assert "<title>SIMULATED: " in page.read_text(encoding="utf-8")


def test_a_claim_that_does_not_hold_is_an_answer(backtest):
    done = backtest("claims", "day_gain", "streak5")
    assert done.status == 0
    assert done.out.splitlines()[1] == "SIMULATED DATA: only figures pinned to public facts are judged."
    assert max(len(line) for line in done.out.splitlines() if not line.startswith("Report")) <= 80
    assert done.out.index("streak5: ") < done.out.index("day_gain: ")  # in the order they were said
    assert "+3.505%" in done.out
    assert "does not hold" in done.out


def test_all_claims_fit_in_eighty_columns(backtest):
    done = backtest("claims")
    assert done.status == 0
    assert "2 hold, 1 does not hold, 22 cannot" in " ".join(done.out.split())
    assert max(len(line) for line in done.out.splitlines() if not line.startswith("Report")) <= 80


def test_all_claims_take_one_line_each(backtest):
    lines = backtest("claims").out.splitlines()
    head = next(at for at, line in enumerate(lines) if line.split() == ["strategy", "verdict", "said"])
    told = lines[head + 1 : lines.index("", head)]
    assert len(told) == 25
    assert told[0].split()[:3] == ["1", "streak5", "holds"]
    assert all(line.rstrip()[-1] in "…rn7s6%" or line.rstrip()[-1].isalnum() for line in told)
    assert sum(line.split()[1] == "cut_a_year_later" for line in told) == 3


def test_the_choices_that_were_tried_are_listed(backtest):
    told = backtest("claims", "five_percent_day").out
    assert "4 other choices tried, as fixed in the file:" in told
    assert "five_percent_day: cannot be checked" in told  # on a simulation
    assert [told.index(kind) for kind in ("horizon  ", "span  ", "returns  ", "cooldown  ")] == sorted(
        told.index(kind) for kind in ("horizon  ", "span  ", "returns  ", "cooldown  ")
    )
    assert max(len(line) for line in told.splitlines() if not line.startswith("Report")) <= 80


def test_two_pages_of_one_second_are_two(backtest, folder):
    for _ in range(3):
        assert backtest("claims", "streak5", "--json").status == 0
    assert len(list((folder / "reports" / "claims").glob("*.html"))) == 3


def test_what_is_no_claim_is_refused(backtest):
    for name, message in (
        ("rotation", "Error: strategy 'rotation' has no [claim]. Write down what was said; see docs/claims.md."),
        ("streak6", "Error: strategy 'streak6' is not in "),
    ):
        done = backtest("claims", name)
        assert done.status == 1
        assert done.err.startswith(message)
        assert done.err.count("\n") == 1


def test_the_name_of_the_folder_is_taken(backtest, folder):
    text = 'schema = 1\ntitle = "T"\n[detector]\nuse = "streak"\n'
    (folder / "strategies" / "claims.toml").write_text(text, encoding="utf-8")
    assert "strategy name 'claims' is reserved" in backtest("run", "claims").err


def test_a_basis_that_could_not_be_checked_is_named(backtest):
    told = " ".join(backtest("claims", "day_gain").out.split())
    assert "2 day_gain: Not checked on IWM, price, at the close: series 'IWM_price': the dataset has no such" in told
    assert "close: not checked" in told
    assert "not checked" not in backtest("claims", "streak5").out.lower()  # it holds on the first


@pytest.mark.parametrize(
    ("holds", "verdict"),
    [
        ([True, True], "holds"),
        ([True, False], "does not hold"),
        ([None, False], "does not hold"),
        ([True, None], "–"),
        ([None], "–"),
    ],
)
def test_a_choice_holds_if_all_of_it_does(holds, verdict):
    results = [{"found": None, "holds": None}, *({"found": None, "holds": one} for one in holds)]
    figures = [{"decides": True, "results": [results[0], one]} for one in results[1:]]
    beyond = {"decides": True, "results": [results[0], {"found": None, "holds": None, "beyond": True}]}
    claim = {"figures": [*figures, beyond], "tried": [{}, {"choice": "span", "basis": "later"}]}
    told = "; ".join(["not checked"] * (len(holds) + 1))
    assert _choice(claim, 1) == ("span", "later", told, verdict)
