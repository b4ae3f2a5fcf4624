from __future__ import annotations

from pathlib import Path

import pytest

from backtest.detect.tree import make_recipe, tables_of
from backtest.errors import StrategyInvalid
from backtest.spec.strategy import Strategy, load_strategy

HEAD = 'schema = 1\ntitle = "T"\n'
TWO = '[conditions.a]\nuse = "streak"\nsessions = 3\n[conditions.b]\nuse = "move"\n'


@pytest.fixture
def load(tmp_path):
    def read(text: str) -> Strategy:
        path = Path(tmp_path) / "s.toml"
        path.write_text(HEAD + text, encoding="utf-8")
        return load_strategy(path)

    return read


def test_a_detector_is_one_way_or_the_other(load):
    assert load('[detector]\nuse = "streak"\nsessions = 4\n').detector.how == "use"
    both = load('[detector]\nall = ["a", "not b"]\n' + TWO)
    assert (both.detector.how, both.detector.members) == ("all", ("a", "not b"))
    assert both.conditions["a"].parameters == {"sessions": 3}
    late = load('[detector]\nwithin = ["a", "b"]\nsessions = 10\n' + TWO)
    assert (late.detector.how, late.detector.sessions) == ("within", 10)
    assert load('[detector]\nnot = "a"\n[conditions.a]\nuse = "streak"\n').detector.members == ("a",)


def test_conditions_combine_conditions(load):
    nested = load('[detector]\nany = ["c", "b"]\n[conditions.c]\nnot = "a"\n' + TWO)
    assert nested.conditions["c"].how == "not"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[detector]\n", "detector: needs 'use', or one of all, any, not, within."),
        ('[detector]\nuse = "streak"\nall = ["a"]\n' + TWO, "it has use and all"),
        ('[detector]\nall = ["a", "c"]\n' + TWO, "detector.all names 'c', and there is no [conditions.c]"),
        ('[detector]\nall = ["a"]\n' + TWO, "conditions.b is not used"),
        ('[detector]\nuse = "streak"\n' + TWO, "conditions.a is not used"),
        ('[detector]\nall = ["a"]\n[conditions.a]\nnot = "a"\n', "conditions.a refers back to itself"),
        ('[detector]\nall = ["a"]\n[conditions.a]\nnot = "b"\n[conditions.b]\nany = ["a"]\n', "refers back to itself"),
        ('[detector]\nwithin = ["a", "b"]\n' + TWO, "'within' needs sessions = 1 to 2520"),
        ('[detector]\nwithin = ["a", "b"]\nsessions = 0\n' + TWO, "'within' needs sessions = 1 to 2520"),
        ('[detector]\nwithin = ["a", "b"]\nsessions = true\n' + TWO, "'within' needs sessions = 1 to 2520"),
        ('[detector]\nwithin = ["a"]\nsessions = 5\n' + TWO, "detector.within = "),
        ('[detector]\nall = ["a", "b"]\nsessions = 5\n' + TWO, "'sessions' goes with 'use'; 'all' combines"),
        (
            '[detector]\nall = ["a", "nor b"]\n' + TWO,
            """detector.all[1] = "nor b": must be the name of a condition, or 'not' and its name.""",
        ),
        ('[detector]\nnot = "not a"\n' + TWO, 'detector.not = "not a": must be the name of a condition.'),
        ('[detector]\nall = ["a", "bb"]\n' + TWO, "there is no [conditions.bb]. Did you mean 'b'?"),
        (
            '[detector]\nall = ["a"]\n[conditions.not]\nuse = "streak"\n',
            "'not' negates a condition; choose another name",
        ),
        ("[detector]\nall = []\n", "detector.all = []: must have at least 1 item(s)"),
        ('[detector]\nall = ["a b"]\n[conditions."a b"]\nuse = "streak"\n', "must be the name of a condition"),
        ('[detector]\nall = ["a"]\n[conditions.a]\n', "conditions.a: needs 'use', or one of"),
        ('[detector]\nall = ["a"]\n[conditions]\na = "streak"\n', "conditions.a"),
    ],
)
def test_what_cannot_be_combined_is_refused_in_one_line(load, text, message):
    with pytest.raises(StrategyInvalid) as refused:
        load(text)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def chain(n, each):
    """`n` conditions, each of which names the next one `each` times."""
    links = "".join(f"[conditions.c{i}]\nall = {[f'c{i + 1}'] * each}\n" for i in range(n - 1))
    return '[detector]\nall = ["c0"]\n' + links + f'[conditions.c{n - 1}]\nuse = "streak"\n'


def test_what_is_shared_is_looked_into_once(load):
    # Every level doubles the ways down: 2**49 of them, if each were walked.
    strategy = load(chain(50, 2))
    assert len(tables_of(make_recipe(strategy))) == 51


def test_too_many_conditions_are_refused(load):
    with pytest.raises(StrategyInvalid, match="1500 conditions; at most 50 can be combined"):
        load(chain(1500, 1))


COMBINED = '[detector]\nwithin = ["a", "not b"]\nsessions = 3\n' + TWO


@pytest.mark.parametrize(
    ("overrides", "how", "members", "conditions"),
    [
        ({"detector.all": ["a", "b"]}, "all", ("a", "b"), ["a", "b"]),  # and its sessions are gone
        ({"detector.all": ["not b"]}, "all", ("not b",), ["b"]),
        ({"detector.within": ["b", "a"]}, "within", ("b", "a"), ["a", "b"]),  # the same way: its sessions stay
        ({"detector.use": "streak", "detector.threshold": 0.02}, "use", (), []),
        ({"conditions.a.any": ["b"]}, "within", ("a", "not b"), ["a", "b"]),
        ({"detector.not": "a", "conditions.a.threshold": 0.5}, "not", ("a",), ["a"]),
    ],
)
def test_another_way_to_combine_starts_afresh_and_drops_what_is_named_no_more(
    load, tmp_path, overrides, how, members, conditions
):
    load(COMBINED)
    strategy = load_strategy(tmp_path / "s.toml", overrides)
    assert (strategy.detector.how, strategy.detector.members) == (how, members)
    assert sorted(strategy.conditions) == conditions


def test_what_was_never_named_is_refused_all_the_same(load, tmp_path):
    with pytest.raises(StrategyInvalid, match=r"conditions\.b is not used"):
        load('[detector]\nall = ["a"]\n' + TWO)
    for overrides in ({"detector.all": ["a"]}, {"detector.use": "streak"}):
        with pytest.raises(StrategyInvalid, match=r"conditions\.b is not used"):
            load_strategy(tmp_path / "s.toml", overrides)
