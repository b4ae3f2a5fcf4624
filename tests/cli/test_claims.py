from __future__ import annotations


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
    assert "1 holds, 1 does not hold, 9 cannot" in " ".join(done.out.split())
    assert max(len(line) for line in done.out.splitlines() if not line.startswith("Report")) <= 80


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
