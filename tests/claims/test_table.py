from __future__ import annotations

import re
from pathlib import Path

import pytest

from backtest.errors import StrategyInvalid
from backtest.spec.strategy import load_strategy

ROOT = Path(__file__).resolve().parents[2]

LEAST = 'schema = 1\ntitle = "T"\n[detector]\nuse = "streak"\n'
CLAIM = 'said = "words"\non = 2024-07-16\n'
VALUE = '[[claim.figures]]\nname = "n"\nfind = "value"\n'
OUTCOME = '[[claim.figures]]\nname = "n"\nfind = "outcome"\n'
CHOICE = '[[claim.choices]]\nkind = "span"\nname = "c"\n'
DATES = '[[claim.figures]]\nname = "n"\nfind = "triggers"\n'


@pytest.fixture
def load(tmp_path):
    def build(claims):
        path = tmp_path / "s.toml"
        path.write_text(LEAST + claims, encoding="utf-8")
        return load_strategy(path).claim

    return build


def test_one_table_is_a_list_of_one_and_several_keep_their_order(load):
    (one,) = load(f"[claim]\n{CLAIM}open = true\n")
    assert (one.said, one.on.isoformat(), one.open, one.figures, one.number) == ("words", "2024-07-16", True, [], None)
    two = load(f"[[claim]]\n{CLAIM}number = 9\nopen = true\n[[claim]]\n{CLAIM}number = 2\nunchecked = 'why'\n")
    assert [claim.number for claim in two] == [9, 2]
    assert load("") == []


def test_a_figure_may_end_on_its_first_day_or_after_the_claim(load):
    (claim,) = load(f"[claim]\n{CLAIM}{DATES}since = 2024-07-16\nsaid = []\n")
    assert claim.figures[0].since == claim.on
    (later,) = load(f"[claim]\n{CLAIM}{DATES}since = 2024-08-01\nuntil = 2024-09-01\nsaid = []\n")
    assert later.figures[0].until.isoformat() == "2024-09-01"


def test_a_time_is_as_exact_as_it_was_said(load):
    (claim,) = load(f'[claim]\n{CLAIM}{DATES}since = 2000-01-01\nsaid = ["2001", "2009-09", 2024-07-16]\n')
    assert claim.figures[0].said == ["2001", "2009-09", "2024-07-16"]


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        ("", "claim[0]: needs one of figures, open = true, or unchecked"),
        ('open = true\nunchecked = "w"\n', "claim[0]: needs one of figures, open = true, or unchecked"),
        (VALUE, "claim[0]: says nothing about any figure"),
        (f"{VALUE}about = 0.1\n", "claim[0].figures[0]: 'about' and 'tolerance' go together"),
        (f"{VALUE}tolerance = 0.1\n", "claim[0].figures[0]: 'about' and 'tolerance' go together"),
        (f"{VALUE}about = 1.0\ntolerance = 0.1\nbelow = 2.0\n", "claim[0].figures[0]: 'about' stands alone"),
        (f"{VALUE}about = 1.0\ntolerance = 0.0\n", "claim[0].figures[0].tolerance = 0.0: must be above 0."),
        (f"{VALUE}about = nan\ntolerance = 0.1\n", "claim[0].figures[0].about = nan: must be a finite number."),
        (f'{VALUE}said = ["2000"]\n', "claim[0].figures[0]: 'said' does not go with find = \"value\""),
        (f"{DATES}above = 1.0\n", "claim[0].figures[0]: 'above' does not go with find = \"triggers\""),
        (f'{DATES}said = ["2000"]\n', "claim[0].figures[0]: 'said' needs 'since'"),
        (f'{DATES}since = 2000-01-01\nsaid = ["2000"]\njoined = 5\n', "claim[0].figures[0]: 'joined' goes with find"),
        (
            f'{DATES}since = 2000-01-01\nsaid = ["2000-13"]\n',
            "claim[0].figures[0].said = [\"2000-13\"]: '2000-13' is no",
        ),
        (f'{DATES}since = 2000-01-01\nsaid = ["May"]\n', 'claim[0].figures[0].said[0] = "May": must match'),
        (f"{VALUE}abuot = 1.0\n", "claim[0].figures[0].abuot = 1.0: unknown key. Did you mean 'about'?"),
        (
            f"{DATES}since = 2025-07-01\nsaid = []\n",
            "claim[0]: since = 2025-07-01 of 'n' is after 2024-07-16, where it ends.",
        ),
        (
            f"{DATES}since = 2024-01-02\nuntil = 2024-01-01\n" + DATES + "since = 2024-07-16\nsaid = []\n",
            "claim[0]: since = 2024-01-02 of 'n' is after 2024-01-01, where it ends.",
        ),
        (f"{OUTCOME}above = 0.0\n", "claim[0].figures[0]: find = \"outcome\" needs 'what': n, mean, median,"),
        (f'{OUTCOME}what = "mean"\nabove = 0.0\n', "claim[0].figures[0]: what = \"mean\" needs 'horizon', such as"),
        (f'{OUTCOME}what = "n"\nleg = "asset"\nabove = 0.0\n', "claim[0].figures[0]: 'leg' does not go with what = "),
        (f'{OUTCOME}what = "n"\nsaid = ["2000"]\n', "claim[0].figures[0]: 'said' does not go with find = \"outcome\""),
        (
            f'{OUTCOME}what = "mean"\nhorizon = "1x"\n',
            'claim[0].figures[0].horizon = "1x": must be a number of sessions, or',
        ),
        (f'{OUTCOME}what = "mean"\nhorizon = "11y"\n', 'claim[0].figures[0].horizon = "11y": must be at most 10 years'),
        (f'{OUTCOME}what = "mean"\nhorizon = 0\n', "claim[0].figures[0].horizon = 0: must be at least 1."),
        (f"{VALUE}horizon = 21\nabove = 0.0\n", "claim[0].figures[0]: 'horizon' does not go with find = \"value\""),
        (f"{VALUE}above = 0.0\n{CHOICE}", "claim[0].choices[0]: 'c' changes nothing: give set, counting, span or hor"),
        (
            f'{VALUE}above = 0.0\n{CHOICE}span = "now"\n',
            'claim[0].choices[0].span = "now": must be one of "then", "later", "all".',
        ),
        (
            'open = true\nbasis = "c"\n' + CHOICE + 'span = "all"\n',
            "claim[0]: each basis needs its own name",
        ),
        (
            'open = true\nbasis = "b"\n[[claim.bases]]\nname = "b"\nset = { a = 1 }\n',
            "claim[0]: each basis needs its own name",
        ),
    ],
)
def test_a_claim_that_cannot_be_checked_as_written_is_refused_in_one_line(load, tmp_path, claim, message):
    with pytest.raises(StrategyInvalid) as refused:
        load(f"[claim]\n{CLAIM}{claim}")
    text = str(refused.value)
    assert text.startswith(f"{tmp_path / 's.toml'}: {message}"), text
    assert "\n" not in text


def test_a_count_is_exact_and_a_share_needs_a_tolerance(load):
    (claim,) = load(f'[claim]\n{CLAIM}{OUTCOME}what = "n"\nabout = 23\n')
    assert (claim.figures[0].bounds, claim.figures[0].tolerance) == ({"about": 23.0}, None)
    with pytest.raises(StrategyInvalid, match="'about' and 'tolerance' go together"):
        load(f'[claim]\n{CLAIM}{OUTCOME}what = "positive"\nhorizon = "1y"\nabout = 0.5\n')


def test_the_claim_of_the_documents_is_read(load):
    text = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    (claim,) = load(re.search(r"```toml\n(.*?)```", text, re.DOTALL)[1])
    assert claim.figures[0].bounds == {"about": 0.0333}
    assert claim.bases[0].set_ == {"detector.series": "IWM_price"}
