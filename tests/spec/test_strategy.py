from __future__ import annotations

import datetime as dt
import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.errors import StrategyInvalid
from backtest.spec.completed import changes_of, completed, parameters_of
from backtest.spec.overrides import parse_setting, parse_value, setting
from backtest.spec.strategy import Strategy, load_strategy, with_overrides

ROOT = Path(__file__).resolve().parents[2]
LEAST = 'schema = 1\ntitle = "T"\n[detector]\nuse = "streak"\n'
OWN = {path.stem: path for path in (ROOT / "strategies").rglob("*.toml")}
COUNTED = (
    'a number of sessions, or in quotes a count of weeks, months or years by the calendar, such as "2w", "3m" or "1y"'
)
KNOWN = (
    "Known: claim, conditions, detector, episodes, measure, origin, question, schema, study, tags, title, trade, tune."
)


@pytest.fixture
def load(tmp_path):
    """Write ``s.toml`` and load it, with overrides."""

    def build(content=LEAST, **overrides):
        path = tmp_path / "s.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_strategy(path, {key.replace("__", "."): value for key, value in overrides.items()})

    return build


@pytest.fixture
def refuse(load, tmp_path):
    """Load and return the refusal, with the folder's name as ``D``."""

    def build(content=LEAST, **overrides):
        with pytest.raises(StrategyInvalid) as refused:
            load(content, **overrides)
        text = str(refused.value).replace(str(tmp_path), "D")
        assert "\n" not in text
        assert text.isprintable()
        return text

    return build


# What a file says


def test_a_file_needs_no_more_than_schema_title_and_detector(load, tmp_path):
    strategy = load()
    assert (strategy.name, strategy.path, strategy.place) == ("s", tmp_path / "s.toml", str(tmp_path / "s.toml"))
    assert (strategy.title, strategy.question, strategy.trade, strategy.tune) == ("T", "", None, {})
    assert strategy.episodes.model_dump() == {"day0": "trigger", "cooldown": 0, "since": None, "until": None}
    assert strategy.measure.model_dump() == {
        "asset": "small",
        "benchmark": "mega",
        "horizons": [1, 5, 10, 21, 63, 126, 252],
        "entry": "close",
        "window": [-21, 126],
        "allow_mixed_basis": False,
    }


def test_a_trade_has_defaults_of_its_own(load):
    assert load(LEAST + "[trade]\n").trade.model_dump() == {"hold": 21, "cost_bps": 5.0, "entry": "next_close"}


def test_the_file_of_the_design_is_read_as_it_stands(load):
    strategy = load(
        LEAST
        + """
        series = "small_index"
        threshold = 0.01

        [episodes]
        day0 = "end"
        cooldown = 21
        since = 1988-01-01
        until = 1988-01-01

        [measure]
        asset = "A"
        horizons = [5, 21]
        entry = "next_open"
        window = [0, 1]
        allow_mixed_basis = true

        [trade]
        hold = 5
        cost_bps = 0

        [tune]
        "detector.sessions" = [3, 4]
        """
    )
    assert strategy.detector.parameters == {"series": "small_index", "threshold": 0.01}
    values = {"use": "streak", "series": "small_index", "threshold": 0.01, "sessions": 5}
    assert parameters_of(strategy, {"detector": values}) == {
        "detector.use": "streak",
        "detector.series": "small_index",
        "detector.threshold": 0.01,
        "detector.sessions": 5,
        "episodes.day0": "end",
        "episodes.cooldown": 21,
        "episodes.since": "1988-01-01",
        "episodes.until": "1988-01-01",
        "measure.asset": "A",
        "measure.benchmark": "mega",
        "measure.horizons": [5, 21],
        "measure.entry": "next_open",
        "measure.window": [0, 1],
        "measure.allow_mixed_basis": True,
        "trade.hold": 5,
        "trade.cost_bps": 0.0,
        "trade.entry": "next_close",
    }
    assert strategy.tune == {"detector.sessions": [3, 4]}


def test_a_study_without_a_trade_has_no_parameters_of_one(load):
    assert not [key for key in parameters_of(load(), {}) if key.startswith("trade")]


@pytest.mark.parametrize("name", sorted(OWN))
def test_our_own_strategies_come_back_from_a_round_trip(load, name):
    path = OWN[name]
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    dumped = load_strategy(path).model_dump(by_alias=True, exclude_unset=True)
    for claim in content.get("claim", []) if isinstance(content.get("claim"), list) else [content.get("claim", {})]:
        for figure in claim.get("figures", []):
            if "said" in figure:  # a day is kept as it is written
                figure["said"] = [str(text) for text in figure["said"]]
    if isinstance(content.get("claim"), dict):  # one claim is a list of one
        content["claim"] = [content["claim"]]
    assert dumped == content


def test_overriding_nothing_changes_nothing_and_overriding_all_gives_the_same(load):
    content = tomllib.loads(LEAST + "[measure]\nhorizons = [5, 21]\n[trade]\nhold = 3\n")
    flat = {f"{t}__{k}": v for t, table in content.items() if isinstance(table, dict) for k, v in table.items()}
    assert (
        load(LEAST, **flat).model_dump()
        == load(LEAST + "[measure]\nhorizons = [5, 21]\n[trade]\nhold = 3\n").model_dump()
    )


@pytest.mark.parametrize(
    "content", [b"\xef\xbb\xbf" + LEAST.encode(), LEAST.replace("\n", "\r\n").encode(), LEAST.rstrip().encode()]
)
def test_a_byte_order_mark_and_line_ends_of_windows_are_read(load, content):
    assert load(content).model_dump() == load().model_dump()


# What is refused, in one line


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("x", "not valid TOML: "),
        (LEAST + 'use = "x"\n', "not valid TOML: "),
        (LEAST + 'a = "\0"\n', "not valid TOML: "),
        (LEAST + "a = " + "[" * 9000 + "]" * 9000, "not valid TOML: "),
        (LEAST + "a = " + "9" * 9000, "not valid TOML: "),
        (LEAST.replace("T", "é").encode("latin-1"), "not UTF-8 text: 'utf-8' codec can't decode byte 0xe9 in position"),
        (LEAST.encode("utf-16"), "not UTF-8 text: "),
        ("", "schema: is required and missing."),
        (LEAST.replace("schema = 1\n", ""), "schema: is required and missing."),
        (LEAST.replace("schema = 1", "schema = 2"), "schema = 2: must be 1."),
        (LEAST.replace('title = "T"\n', ""), "title: is required and missing."),
        (LEAST.replace('"T"', "5"), "title = 5: must be a text in quotes."),
        (LEAST.replace('"T"', '""'), 'title = "": must have at least 1 character(s).'),
        (LEAST.replace('"T"', f'"{"x" * 301}"'), f'title = "{"x" * 58}…: must have at most 300 characters.'),
        (
            LEAST.replace("[detector]", "[[detector]]"),
            'detector = [{ use = "streak" }]: must be a table of keys and values.',
        ),
        (LEAST.replace('use = "streak"', ""), "detector: needs 'use', or one of all, any, not, within."),
        (LEAST.replace('"streak"', "5"), "detector.use = 5: must be a text in quotes."),
        (LEAST + '[measur]\na = "b"\n', "measur = { a = \"b\" }: unknown key. Did you mean 'measure'?"),
        (LEAST + "[zzz]\n", "zzz = { }: unknown key. " + KNOWN),
        ('path = "x"\n' + LEAST, 'path = "x": unknown key. ' + KNOWN),
        (LEAST + "[measure]\nassett = 1\n", "measure.assett = 1: unknown key. Did you mean 'asset'?"),
        (
            LEAST + '[measure]\n"\\u001b[31m" = 2\n',
            'measure."\\u001b[31m" = 2: unknown key. Known: allow_mixed_basis, asset,',
        ),
        (LEAST + '[measure]\n"a\\nb" = 2\n', 'measure."a\\nb" = 2: unknown key. Known: allow_mixed_basis, asset,'),
        (LEAST + '[measure]\nasset = ""\n', 'measure.asset = "": must have at least 1 character(s).'),
        (LEAST + "[measure]\nhorizons = 5\n", "measure.horizons = 5: must be a list in [ ]."),
        (LEAST + "[measure]\nhorizons = []\n", "measure.horizons = []: must have at least 1 item(s)."),
        (LEAST + "[measure]\nhorizons = [0]\n", "measure.horizons[0] = 0: must be at least 1."),
        (LEAST + "[measure]\nhorizons = [1, 2521]\n", "measure.horizons[1] = 2521: must be at most 2520."),
        (
            LEAST + "[measure]\nhorizons = [1.5]\n",
            "measure.horizons[0] = 1.5: must be a whole number of sessions, or in quotes",
        ),
        *(
            (LEAST + f"[measure]\nhorizons = [5, {written}]\n", f"measure.horizons[1] = {written}: {rule}")
            for written, rule in {
                '"1x"': f"must be {COUNTED}.",
                '"0m"': f"must be {COUNTED}.",
                '"-1m"': f"must be {COUNTED}.",
                '"1.5y"': f"must be {COUNTED}.",
                '"21"': f"must be {COUNTED}; sessions are written without quotes: 21.",
                '"5d"': f"must be {COUNTED}; days are counted in sessions: 5.",
                '"1 Y"': f'must be {COUNTED}; write "1y".',
                '"11y"': "must be at most 10 years.",
                '"121m"': "must be at most 10 years.",
                '"522w"': "must be at most 10 years.",
                "true": "must be a whole number of sessions, or in quotes a count of weeks, months or years by",
            }.items()
        ),
        *(
            (LEAST + f"[measure]\nhorizons = {written}\n", f"measure.horizons = {written}: {rule}")
            for written, rule in {
                '["1m", "1w"]': "horizons must ascend, without repeats.",
                '["5w", "1m"]': "horizons must ascend, without repeats.",
                '["1m", "1m"]': 'horizons must ascend, without repeats; "1m" and "1m" are the same.',
                '["12m", "1y"]': 'horizons must ascend, without repeats; "12m" and "1y" are the same.',
                '["1m", 21, 5]': "horizons must ascend, without repeats.",
            }.items()
        ),
        (LEAST + "[measure]\nhorizons = [5, 1]\n", "measure.horizons = [5, 1]: horizons must ascend, without repeats."),
        (LEAST + "[measure]\nhorizons = [5, 5]\n", "measure.horizons = [5, 5]: horizons must ascend, without repeats."),
        (
            LEAST + f"[measure]\nhorizons = {list(range(1, 52))}\n",
            f"measure.horizons = {str(list(range(1, 52)))[:59]}…: must have at most 50 item(s).",
        ),
        (LEAST + "[measure]\nwindow = [-5]\n", "measure.window = [-5]: must have at least 2 item(s)."),
        (
            LEAST + "[measure]\nwindow = [1, 5]\n",
            "measure.window = [1, 5]: window must be [first, last] with -2520 <= first <= 0 < last <= 2520.",
        ),
        (LEAST + "[measure]\nwindow = [-5, 0]\n", "measure.window = [-5, 0]: window must be [first, last] with"),
        (LEAST + "[measure]\nwindow = [-2521, 5]\n", "measure.window = [-2521, 5]: window must be [first, last] with"),
        (
            LEAST + '[measure]\nentry = "clos"\n',
            'measure.entry = "clos": must be one of "close", "next_open", "next_close". Did you mean \'close\'?',
        ),
        (LEAST + "[measure]\nallow_mixed_basis = 1\n", "measure.allow_mixed_basis = 1: must be true or false."),
        (LEAST + '[episodes]\nday0 = "first"\n', 'episodes.day0 = "first": must be one of "trigger", "start", "end".'),
        (LEAST + "[episodes]\ncooldown = -1\n", "episodes.cooldown = -1: must be at least 0."),
        (LEAST + "[episodes]\ncooldown = 1.0\n", "episodes.cooldown = 1.0: must be a whole number."),
        (
            LEAST + '[episodes]\nsince = "1988-01-01"\n',
            'episodes.since = "1988-01-01": must be a date such as 1988-01-01.',
        ),
        (
            LEAST + "[episodes]\nsince = 1988-01-01T09:30:00\n",
            "episodes.since = 1988-01-01T09:30:00: must be a date such as 1988-01-01.",
        ),
        (
            LEAST + "[episodes]\nsince = 1988-01-02\nuntil = 1988-01-01\n",
            "episodes: since (1988-01-02) must not be after until (1988-01-01).",
        ),
        (LEAST + "[trade]\nhold = 0\n", "trade.hold = 0: must be at least 1."),
        (LEAST + "[trade]\nhold = true\n", "trade.hold = true: must be a whole number."),
        (LEAST + "[trade]\ncost_bps = -1\n", "trade.cost_bps = -1: must be at least 0."),
        (LEAST + "[trade]\ncost_bps = 1001\n", "trade.cost_bps = 1001: must be at most 1000."),
        (LEAST + "[trade]\ncost_bps = nan\n", "trade.cost_bps = nan: must be a finite number."),
        (LEAST + "[trade]\ncost_bps = inf\n", "trade.cost_bps = inf: must be a finite number."),
        (LEAST + '[trade]\ncost_bps = "5"\n', 'trade.cost_bps = "5": must be a number.'),
        (LEAST + '[trade]\nentry = "close"\n', 'trade.entry = "close": must be one of "next_open", "next_close".'),
        ("tune = 5\n" + LEAST, "tune = 5: must be a table of keys and values."),
    ],
)
def test_a_bad_file_is_refused_by_key_value_and_rule(refuse, content, message):
    assert refuse(content).startswith(f"D/s.toml: {message}")


def test_an_unknown_key_is_told_before_what_it_leaves_missing(refuse):
    assert refuse(LEAST.replace("title", "titel")) == "D/s.toml: titel = \"T\": unknown key. Did you mean 'title'?"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"measure__horizons": [5, 1]}, "measure.horizons = [5, 1]: horizons must ascend, without repeats."),
        ({"measure__entry": "x"}, 'measure.entry = "x": must be one of "close", "next_open", "next_close".'),
        ({"episodes__since": "2000"}, 'episodes.since = "2000": must be a date such as 1988-01-01.'),
        ({"trade__hold": 0}, "trade.hold = 0: must be at least 1."),
        ({"trade__holt": 5}, "trade.holt = 5: unknown key. Did you mean 'hold'?"),
        ({"zzz": 1}, f"zzz = 1: unknown key. {KNOWN}"),
        ({"path": 1}, f"path = 1: unknown key. {KNOWN}"),
        ({"path__x": 1}, f"path = {{ x = 1 }}: unknown key. {KNOWN}"),
        ({"overrides": 1}, f"overrides = 1: unknown key. {KNOWN}"),
        ({"_path": 1}, f"_path = 1: unknown key. {KNOWN}"),
        ({"detector": 5}, "detector = 5: must be a table of keys and values."),
        ({"": 1}, f'"" = 1: unknown key. {KNOWN}'),
    ],
)
def test_an_override_is_checked_as_the_file_is(refuse, overrides, message):
    assert refuse(LEAST, **overrides) == f"D/s.toml as overridden: {message}"


def test_a_value_has_no_keys_of_its_own(refuse):
    assert refuse(LEAST, title__x=1) == (
        "D/s.toml as overridden: title.x: 'title' is a value, not a table. See 'backtest show NAME'."
    )


@pytest.mark.parametrize(
    ("given", "horizons"),
    [
        ("5,1m,1y", [5, "1m", "1y"]),
        ("1m,1y", ["1m", "1y"]),
        ("1y", ["1y"]),
        ("[5,1m]", [5, "1m"]),
        ('[5, 21, "1w", "18m", "10y", ]', [5, 21, "1w", "18m", "10y"]),
        ("521w", ["521w"]),
        ("2w,252", ["2w", 252]),  # each kind ascends
    ],
)
def test_horizons_by_the_calendar(load, given, horizons):
    assert load(measure__horizons=parse_setting(f"measure.horizons={given}")[1]).measure.horizons == horizons


def test_a_list_with_a_horizon_that_is_none_names_it(refuse):
    for horizons in ("5,1x", [5, "1x"]):
        told = refuse(LEAST, measure__horizons=horizons)
        assert told == f'D/s.toml as overridden: measure.horizons[1] = "1x": must be {COUNTED}.'


def test_an_override_may_mend_what_the_file_has_wrong(load):
    assert load(LEAST + "[trade]\nhold = 0\n", trade__hold=3).trade.hold == 3


def test_overrides_do_not_leak_into_the_next_reading(load):
    assert load(measure__horizons=[9]).measure.horizons == [9]
    assert load().measure.horizons == [1, 5, 10, 21, 63, 126, 252]


def test_a_file_that_is_not_there_is_refused(tmp_path):
    for path, why in ((tmp_path / "none.toml", "No such file or directory"), (tmp_path, "Is a directory")):
        with pytest.raises(StrategyInvalid) as refused:
            load_strategy(path)
        assert str(refused.value) == f"{path}: cannot be read: {why}. Check the path and its permissions."


# KEY=VALUE


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("detector.sessions=4", "detector.sessions", 4),
        ("a.b=0.005", "a.b", 0.005),
        ("a.b=1e-3", "a.b", 0.001),
        ("a.b=[5,21]", "a.b", [5, 21]),
        ("a.b=true", "a.b", True),
        ("a.b=1988-01-01", "a.b", dt.date(1988, 1, 1)),
        ('a.b="1988-01-01"', "a.b", "1988-01-01"),
        ("a.b=small_index", "a.b", "small_index"),
        ("a.b=True", "a.b", "True"),
        ("a.b=", "a.b", ""),
        ("a.b=c=d", "a.b", "c=d"),
        (" a.b = next_open ", "a.b", "next_open"),
        ("a.b=1\nc = 2", "a.b", "1\nc = 2"),  # one value, not a file
        ("a.b=[1, 2", "a.b", "[1, 2"),
        ("a.b=" + "[" * 9000, "a.b", "[" * 9000),
        ("a.b=" + "9" * 9000, "a.b", "9" * 9000),
        ("a.b=small,mega", "a.b", "small,mega"),  # a list of names is taken for a list of assets alone
        ("measure.asset=small", "measure.asset", "small"),
        ("measure.asset=small,mega", "measure.asset", ["small", "mega"]),
        ("asset= ^GSPC , BRK.B ", "asset", ["^GSPC", "BRK.B"]),
        ("asset=[small, mega]", "asset", ["small", "mega"]),
        ("asset=[small]", "asset", ["small"]),
        ("asset=[]", "asset", []),
        ('asset=["small", "mega"]', "asset", ["small", "mega"]),
        ('asset="one, with a comma"', "asset", "one, with a comma"),
        ('asset="one, with a comma",mega', "asset", ["one, with a comma", "mega"]),
        ("asset=small,,mega", "asset", ["small", "", "mega"]),
        ("asset=small,", "asset", ["small", ""]),
        ("asset=", "asset", ""),
    ],
)
def test_a_setting_is_a_key_and_a_toml_value_or_a_word(text, key, value):
    found = parse_setting(text)
    assert found == (key, value)
    assert type(found[1]) is type(value)


@pytest.mark.parametrize("text", ["a", "=5", "", "a..b=1", ".a=1", "a.=1", "a b=1", "a-b=1", "é=1", "a;b=1", "a\nb=1"])
def test_another_text_is_no_setting(text):
    with pytest.raises(StrategyInvalid) as refused:
        parse_setting(text)
    shown = " ".join(f"--set {text}".split()) if text else "--set "
    assert str(refused.value) == f"{shown}: not KEY=VALUE. For example --set detector.sessions=4"


@given(st.one_of(st.integers(-(10**12), 10**12), st.booleans(), st.floats(allow_nan=False, allow_infinity=False)))
def test_a_value_is_read_as_toml_writes_it(value):
    assert parse_value(str(value).lower()) == value


@given(st.text(max_size=30))
def test_any_text_at_all_gives_a_value(text):
    assert parse_value(text) is not None


@pytest.mark.parametrize("day", ["2016-02-11", "11.2.2016", dt.date(2016, 2, 11), np.datetime64("2016-02-11")])
def test_one_date_in_python_is_refused_with_the_list(day):
    with pytest.raises(
        StrategyInvalid, match=r"is one date: a list of dates is needed\. Write \[\"(2016-02-11|11\.2\.2016)\"\]"
    ):
        Strategy.of(day)


def test_one_value_that_is_set_is_a_list_of_one():
    made = with_overrides(Strategy.of("streak"), {"measure.horizons": 5})
    assert made.measure.horizons == [5]
    with pytest.raises(StrategyInvalid, match=r"measure\.horizons\[0\] = 0"):
        with_overrides(Strategy.of("streak"), {"measure.horizons": 0})


@pytest.mark.parametrize(
    ("day", "kept"),
    [
        (dt.date(2024, 1, 5), "2024-01-05"),
        (dt.datetime(2024, 1, 5), "2024-01-05"),
        (np.datetime64("2024-01-05T00:00", "ns"), "2024-01-05"),
        # The evening is another session: it is not left off, and refused where dates are checked.
        (dt.datetime(2024, 1, 5, 16, 5), "2024-01-05 16:05:00"),
    ],
)
def test_a_list_of_dates_in_python(day, kept):
    assert Strategy.of([day]).detector.parameters["dates"] == [kept]


@pytest.mark.parametrize("tags", ["fed", [1], ["a b"], [""], ["#a"]])
def test_tags_are_words(refuse, tags):
    assert refuse(f"tags = {json.dumps(tags)}\n" + LEAST).startswith("D/s.toml: tags")


def test_tags_are_read_once_and_change_no_parameter(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text('tags = ["a", "b", "a"]\n' + LEAST, encoding="utf-8")
    strategy = load_strategy(path)
    assert strategy.tags == ["a", "b"]
    assert not any("tags" in key for key in parameters_of(strategy, {}))


def test_only_what_changes_the_file_counts_as_changed(tmp_path):
    path = tmp_path / "s.toml"
    path.write_text(LEAST + "[episodes]\ncooldown = 5\nsince = 2000-01-01\n", encoding="utf-8")
    own = {"episodes.cooldown": 5, "episodes.since": dt.date(2001, 2, 3), "measure.horizons": [21], "title": "U"}
    strategy = load_strategy(path, own)
    assert changes_of(strategy, parameters_of(strategy, {})) == {
        "episodes.since": "2001-02-03",
        "measure.horizons": [21],
        "title": "U",
    }
    assert changes_of(load_strategy(path), {}) == {}


WORDS = st.text(st.characters(codec="utf-8"))
SETTING_VALUES = st.recursive(
    WORDS | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from(["detector.sessions", "measure.asset", "asset"]), SETTING_VALUES)
def test_a_setting_that_is_written_reads_the_same(key, value):
    found_key, found = parse_setting(setting(key, value))
    assert found_key == key
    assert found == value
    assert type(found) is type(value)


def test_a_value_that_toml_has_not_is_refused():
    with pytest.raises(TypeError, match="NoneType"):
        setting("measure.benchmark", None)


def test_a_strategy_keeps_the_text_it_was_read_from(load):
    strategy = load()
    assert strategy.text == LEAST
    assert with_overrides(strategy, {"detector.sessions": 4}).text == LEAST
    assert completed(strategy, {"measure.asset": "A"}).text == LEAST
