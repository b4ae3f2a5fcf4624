from __future__ import annotations

import inspect
import re
import sys
import textwrap

import numpy as np
import pytest

from backtest.detect.registry import builtin_names, find_detector
from backtest.errors import BacktestError, DetectorFailed, NotFound, StrategyInvalid
from backtest.spec.strategy import load_strategy

TEN_LINES = '''
"""Flag a session that closes above every close of the last `length` sessions."""


def detect(prices, *, series: str = "small_index", length: int = 3):
    close = prices.pandas(series)
    highest = close.shift(1).rolling(length).max()
    return close > highest


PATTERN = "length"
'''


@pytest.fixture
def detector(tmp_path):
    """Write ``own.py`` beside a strategy and find the detector in it."""

    def build(code):
        (tmp_path / "own.py").write_text(textwrap.dedent(code), encoding="utf-8")
        return find_detector("own.py", tmp_path)

    return build


@pytest.fixture
def rising(history_of):
    return history_of({"RUT": [1.0, 2.0, 3.0, 2.0, 4.0]}, roles={"small_index": "RUT"})


def refusal(of, kind=BacktestError):
    with pytest.raises(kind) as refused:
        of()
    assert "\n" not in str(refused.value)
    return str(refused.value)


# A user's own detector


def test_ten_lines_beside_a_strategy_are_a_detector(detector, rising):
    found = detector(TEN_LINES)
    values = found.check({"length": 2}, "own.toml")
    assert values == {"series": "small_index", "length": 2}
    condition = found.condition(rising, values)
    # Closes 1 2 3 2 4: the third is above 1 and 2, the fifth above 3 and 2.
    assert condition.met.tolist() == [0, 0, 1, 0, 1]
    assert condition.known.tolist() == [1, 1, 1, 1, 1]
    assert (found.name, found.pattern(values)) == ("own", 2)
    assert rising.read >= {"RUT"}


def test_an_answer_may_be_numpy(detector, rising):
    found = detector("def detect(prices, *, least: float):\n    return prices.close('small_index') >= least\n")
    condition = found.condition(rising, found.check({"least": 3.0}, "own.toml"))
    assert condition.met.tolist() == [0, 0, 1, 0, 1]
    assert found.pattern({"least": 3.0}) == 1


def test_an_answer_may_be_a_condition_of_pandas_that_is_true_only_where_it_is_known(detector, rising):
    found = detector(
        """
        from backtest.model import Condition, Indicator

        def detect(prices):
            close = prices.pandas("small_index")
            return Condition(close > 1, close != 3, Indicator("close", "points", close))
        """
    )
    condition = found.condition(rising, {})
    assert condition.met.tolist() == [0, 1, 0, 1, 1]
    assert condition.known.tolist() == [1, 1, 0, 1, 1]
    assert [type(a) for a in (condition.met, condition.known, condition.indicator.values)] == [np.ndarray] * 3


def test_annotations_may_be_postponed_and_imported_for_type_checking_only(detector, rising):
    found = detector(
        """
        from __future__ import annotations
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from backtest.model import Bools, Prices

        def detect(prices: Prices, *, least: float = 3.0) -> Bools:
            return prices.close("small_index") >= least
        """
    )
    assert found.condition(rising, found.check({}, "own.toml")).met.tolist() == [0, 0, 1, 0, 1]
    assert refusal(lambda: found.check({"least": "x"}, "own.toml"), StrategyInvalid) == (
        'own.toml: detector.least = "x": must be a number.'
    )


def test_nothing_is_written_beside_the_strategy(detector, tmp_path):
    writes = sys.dont_write_bytecode
    detector(TEN_LINES)
    assert [path.name for path in tmp_path.iterdir()] == ["own.py"]
    assert sys.dont_write_bytecode is writes


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            "np.ones(len(prices))",
            "detector 'own' returned ndarray of float64; one boolean per session is needed.",
        ),
        ("None", "detector 'own' returned NoneType of object; one boolean per session is needed."),
        ("[True, 'x']", "detector 'own' returned list of <U"),
        ("[[True], [True, False]]", "detector 'own' returned list"),
        (
            "np.ones(4, dtype=bool)",
            "detector 'own' returned an answer of shape (4,) for 5 sessions. Return one flag per session.",
        ),
        ("np.ones((5, 1), dtype=bool)", "detector 'own' returned an answer of shape (5, 1) for 5 sessions."),
        ("True", "detector 'own' returned an answer of shape () for 5 sessions."),
        ("Condition(np.ones(5), np.ones(5, dtype=bool))", "detector 'own' returned Condition of float64;"),
        (
            "Condition(np.ones(5, dtype=bool), np.ones(4, dtype=bool))",
            "detector 'own' returned an answer of shape (5,), known where (4,), for 5 sessions.",
        ),
    ],
)
def test_another_answer_is_refused(detector, rising, answer, message):
    found = detector(
        f"import numpy as np\nfrom backtest.model import Condition\ndef detect(prices):\n    return {answer}\n"
    )
    assert refusal(lambda: found.condition(rising, {}), DetectorFailed).startswith(message)


@pytest.mark.parametrize("values", ["np.ones(4)", "['a'] * 5", "None", "5.0"])
def test_an_indicator_is_one_number_a_session(detector, rising, values):
    found = detector(
        f"""
        import numpy as np
        from backtest.model import Condition, Indicator

        def detect(prices):
            flags = np.ones(5, dtype=bool)
            return Condition(flags, flags, Indicator("x", "points", {values}))
        """
    )
    assert refusal(lambda: found.condition(rising, {}), DetectorFailed) == (
        "detector 'own' returned an indicator that is not one number per session. Return one number per session."
    )


def test_a_detector_that_raises_is_named_with_its_line(detector, rising):
    found = detector("def detect(prices):\n    first = 0\n    return 1 / first\n")
    assert refusal(lambda: found.condition(rising, {}), DetectorFailed) == (
        "detector 'own' failed: ZeroDivisionError: division by zero (own.py, line 3). "
        "Fix the detector; it gets prices and its parameters, and returns one flag per session."
    )


def test_a_mistake_that_another_library_finds_is_named_with_the_line_that_made_it(detector, rising):
    found = detector("def detect(prices):\n    import json\n    return json.loads('{')\n")
    assert "(own.py, line 3)" in refusal(lambda: found.condition(rising, {}), DetectorFailed)


def test_a_refusal_inside_a_detector_stays_what_it_is(detector, rising):
    found = detector("def detect(prices):\n    return prices.close('small_indx') > 1\n")
    assert "Did you mean 'small_index'?" in refusal(lambda: found.condition(rising, {}), NotFound)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "x = 1\n",
            "detector 'own' has no function 'detect'. Define detect(prices, *, …) returning one flag per session.",
        ),
        ("detect = 5\n", "detector 'own' has no function 'detect'."),
        ("def detect(prices, *args): ...\n", "detector 'own': *args and **kwargs cannot be checked. Name every"),
        ("def detect(prices, **kwargs): ...\n", "detector 'own': *args and **kwargs cannot be checked. Name every"),
        ("def detect(*args): ...\n", "detector 'own': *args and **kwargs cannot be checked. Name every parameter."),
        ("def detect(): ...\n", "detector 'own': 'detect' takes no prices."),
        (
            "PATTERN = 'days'\ndef detect(prices, *, n: int): ...\n",
            "detector 'own': PATTERN = 'days' is not one of",
        ),
        ("BY_BLOCK = 'yes'\ndef detect(prices): ...\n", "detector 'own': BY_BLOCK = 'yes' is neither True nor False."),
        ("detect = dict\n", "detector 'own': 'detect' has no signature."),
        ("def detect(prices, *, n: 'Nowhere'): ...\n", "detector 'own': its parameters cannot be checked: NameError"),
        ("def detect(prices, *, use: str): ...\n", "detector 'own': a parameter cannot be called 'use'."),
        ("def detect(prices, *, _n: int): ...\n", "detector 'own': a parameter cannot be called '_n'."),
        ("def detect(prices, *, model_dump: int): ...\n", "detector 'own': a parameter cannot be called 'model_dump'."),
        (
            "class Odd: ...\ndef detect(prices, *, n: Odd): ...\n",
            "detector 'own': its parameters cannot be checked: PydanticSchemaGenerationError",
        ),
    ],
)
def test_a_module_without_a_checkable_detect_is_refused(detector, code, message):
    assert refusal(lambda: detector(code), DetectorFailed).startswith(message)


@pytest.mark.parametrize(
    "code", ["def detect(:\n", "raise RuntimeError('at import')\n", "import nowhere_at_all\n", "\0"]
)
def test_a_file_that_cannot_be_imported_is_refused(detector, tmp_path, code):
    message = refusal(lambda: detector(code), DetectorFailed)
    assert message.startswith(f"detector file '{tmp_path / 'own.py'}' cannot be imported: ")
    assert message.endswith("Fix the file.")


@pytest.mark.parametrize("name", ["json", "copy", "schema", "fields", "n"])
def test_a_parameter_may_be_called_anything_a_model_has(detector, rising, name):
    found = detector(f"def detect(prices, *, {name}: int = 3):\n    return prices.close('small_index') >= {name}\n")
    assert found.condition(rising, found.check({name: 4}, "own.toml")).met.tolist() == [0, 0, 0, 0, 1]
    assert found.check({}, "own.toml") == {name: 3}


@pytest.mark.parametrize(
    "use", ["../own.py", "inner/../own.py", "inner/own.py", "./own.py", ".py", "none.py", "a\0.py"]
)
def test_only_a_file_beside_the_strategy_is_run(tmp_path, use):
    ran = tmp_path / "ran"
    code = f"open({str(ran)!r}, 'w').close()\ndef detect(prices): ...\n"
    folder = tmp_path / "strategies"
    for place in (tmp_path, folder, folder / "inner"):
        place.mkdir(exist_ok=True)
        (place / "own.py").write_text(code, encoding="utf-8")
    message = refusal(lambda: find_detector(use, folder), NotFound)
    assert message.endswith("'use' names a built-in, or a .py file beside the strategy.")
    assert not ran.exists()


def test_an_absolute_path_is_not_beside_the_strategy(tmp_path):
    (tmp_path / "own.py").write_text("def detect(prices): ...\n", encoding="utf-8")
    (tmp_path / "strategies").mkdir()
    refusal(lambda: find_detector(str(tmp_path / "own.py"), tmp_path / "strategies"), NotFound)


@pytest.mark.parametrize("annotation", ["Path", "Path | None = None", "Optional[Path] = None"])
def test_a_file_is_read_beside_the_strategy_and_recorded_as_written(detector, rising, tmp_path, annotation):
    (tmp_path / "least.txt").write_text("3", encoding="utf-8")
    found = detector(
        f"""
        from pathlib import Path
        from typing import Optional

        def detect(prices, *, least: {annotation}):
            return prices.close("small_index") >= float(least.read_text())
        """
    )
    values = found.check({"least": "least.txt"}, "own.toml")
    assert values == {"least": "least.txt"}
    assert found.condition(rising, values).met.tolist() == [0, 0, 1, 0, 1]
    assert refusal(lambda: found.check({"least": "../least.txt"}, "own.toml"), StrategyInvalid) == (
        'own.toml: detector.least = "../least.txt": must name a file beside the strategy or in a folder below it.'
    )


# Built-in detectors


def test_the_built_in_detectors_are_the_documented_ones():
    assert builtin_names() == [
        "breadth",
        "change",
        "dates",
        "divergence",
        "drawdown",
        "expectation_shift",
        "level",
        "meeting",
        "move",
        "moving_average",
        "new_high",
        "policy_change",
        "probability_cross",
        "relative",
        "streak",
        "volatility",
        "year_to_date",
    ]


# Of these an episode starts on the first session of what its trigger completes.
PATTERNS = {"breadth", "change", "divergence", "expectation_shift", "move", "streak"}


@pytest.mark.parametrize("name", builtin_names())
def test_a_built_in_detector_says_what_it_is_and_checks_its_defaults(tmp_path, name):
    found = find_detector(name, tmp_path)
    values = found.check({}, "x.toml")
    assert found.summary.startswith("Flag a session")
    assert found.pattern({**values, "sessions": 7}) == (7 if name in PATTERNS else 1)
    assert values == found.check(values, "x.toml")


@pytest.mark.parametrize("name", builtin_names())
def test_the_example_of_a_built_in_detector_is_a_strategy(tmp_path, name):
    documented = inspect.getdoc(find_detector(name, tmp_path).detect)
    examples = re.findall(r"^    \[detector\]\n(?:    .*\n?)+", documented, re.MULTILINE)
    assert len(examples) == 1
    for example in examples:
        (tmp_path / "own.toml").write_text('schema = 1\ntitle = "Own"\n' + textwrap.dedent(example), encoding="utf-8")
        strategy = load_strategy(tmp_path / "own.toml")
        assert strategy.detector.use == name
        assert find_detector(name, tmp_path).check(strategy.detector.parameters, "own.toml")


@pytest.mark.parametrize("name", builtin_names())
def test_the_shown_parameters_are_the_documented_ones(tmp_path, name):
    found = find_detector(name, tmp_path)
    parameters = inspect.getdoc(found.detect).split("Parameters\n")[1].split("Returns\n")[0]
    listed = [key for line in re.findall(r"^([a-z_, ]+) : ", parameters, re.MULTILINE) for key in line.split(", ")]
    assert sorted(listed) == sorted(["prices", *found.parameters.model_fields])


@pytest.mark.parametrize(
    ("use", "message"),
    [
        ("streaks", "detector 'streaks' is not built in. Did you mean 'streak'?"),
        ("registry", "detector 'registry' is not built in. Known: breadth, change, dates, divergence, "),
        ("episodes", "detector 'episodes' is not built in. Known: breadth, change, dates, divergence, "),
        ("os.path", "detector 'os.path' is not built in. Known: breadth, change, dates, divergence, "),
        ("streak\nError: no", "detector 'streak Error: no' is not built in."),
    ],
)
def test_another_name_is_refused(tmp_path, use, message):
    assert refusal(lambda: find_detector(use, tmp_path), NotFound).startswith(message)


@pytest.mark.parametrize(
    ("use", "values", "message"),
    [
        ("streak", {"sessions": 0}, "detector.sessions = 0: must be at least 1."),
        ("streak", {"sessions": 2521}, "detector.sessions = 2521: must be at most 2520."),
        ("streak", {"sessions": 5.0}, "detector.sessions = 5.0: must be a whole number."),
        ("streak", {"sessions": "5"}, 'detector.sessions = "5": must be a whole number.'),
        ("streak", {"sessions": True}, "detector.sessions = true: must be a whole number."),
        ("streak", {"threshold": -0.01}, "detector.threshold = -0.01: must be at least 0."),
        ("streak", {"threshold": float("nan")}, "detector.threshold = nan: must be a finite number."),
        ("streak", {"threshold": "1%"}, 'detector.threshold = "1%": must be a number.'),
        (
            "streak",
            {"direction": "upp"},
            'detector.direction = "upp": must be one of "up", "down". Did you mean \'up\'?',
        ),
        ("streak", {"direction": "left"}, 'detector.direction = "left": must be one of "up", "down".'),
        ("streak", {"series": 5}, "detector.series = 5: must be a text in quotes."),
        ("streak", {"treshold": 0.02}, "detector.treshold = 0.02: unknown key. Did you mean 'threshold'?"),
        (
            "move",
            {"zzz": 1},
            "detector.zzz = 1: unknown key. Known: against, direction, series, sessions, threshold.",
        ),
        ("expectation_shift", {"moves": 0}, "detector.moves = 0: must be above 0."),
        ("expectation_shift", {"months": 37}, "detector.months = 37: must be at most 36."),
        ("expectation_shift", {"direction": "cut"}, 'detector.direction = "cut": must be one of "cuts", "hikes".'),
    ],
)
def test_a_bad_parameter_is_named_with_its_value_and_the_rule(tmp_path, use, values, message):
    found = find_detector(use, tmp_path)
    assert refusal(lambda: found.check(values, "x.toml"), StrategyInvalid).startswith(f"x.toml: {message}")


def test_a_whole_number_is_a_number(tmp_path):
    assert find_detector("streak", tmp_path).check({"threshold": 0}, "x.toml")["threshold"] == 0.0


def test_a_missing_parameter_without_default_is_named(detector):
    found = detector("def detect(prices, *, least: float): ...\n")
    assert refusal(lambda: found.check({}, "own.toml"), StrategyInvalid) == (
        "own.toml: detector.least: is required and missing."
    )
