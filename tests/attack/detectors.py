"""Detectors of strangers: each is a source that must end as a refusal of its own strategy, and of no other."""

from __future__ import annotations

BODY = "import numpy as np\nfrom backtest.model import Condition, Indicator\n"
DETECT = "def detect(prices):\n    n = len(prices); met = np.arange(n) % 50 == 0\n    "

RAISED = (
    *("SystemExit", "SystemExit(0)", "KeyError('x')", "BaseException('b')", "GeneratorExit", "RecursionError"),
    *("MemoryError", "BaseExceptionGroup('g', [SystemExit(0), ValueError()])", "ExceptionGroup('g', [OSError()])"),
    *("StopIteration", "StopAsyncIteration", "ValueError('x' * 10**6)", "Warning", "ValueError(chr(0x202e))"),
)
ANSWERS = (
    *("None", "0", "'x'", "[1] * n", "met[:-1]", "met.reshape(1, -1)", "[met, [True]]", "lambda: met", "object()"),
    *("Condition(met, None)", "Condition(met, met[:5])", "Condition(None, met)", "Condition(met, met, 5)"),
    *("Condition(met, met, Indicator(1, 'x', np.ones(n)))", "Condition(met, met, Indicator('x', None, np.ones(n)))"),
    *("Condition(met, met, Indicator('x', 'y', None))", "Condition(met, met, Indicator('x', 'y', ['a'] * n))"),
    *("Condition(met, met, Indicator('x', 'y', np.ones(n), 'z'))",),
    *("Condition(met, met, Indicator('x', 'y', np.ones(n), float('nan')))",),
    *("Condition(met, met, Indicator('x', 'y', np.ones(n), 1.0, 'beside'))",),
    *("Condition(met, met, notes=5)", "Condition(met, met, accounts=('x',))", "Condition(met, met, begins=met[:3])"),
)
DEFAULTS = (
    "float('nan')",
    "float('inf')",
    "np.ones(3)",
    "b'x'",
    "object()",
    "10**5000",
    "{1}",
    "lambda: 1",
    "'\\udc80'",
)
NAMED = ("PATTERN = ['x']", "PATTERN = 5", "PATTERN = 'x'", "THRESHOLD = {}", "UNIT = 5", "UNIT = None", "detect = 5")
HOSTILE = """
class Hostile:
    def __getattr__(self, name): raise SystemExit(0)
    def __array__(self, *_, **__): raise SystemExit(0)
    def __str__(self): raise SystemExit(0)
"""
FILES = (
    "def detect(:",
    "\x00",
    "raise SystemExit(0)",
    "import os; os._exit(0)",
    "import no_such_module",
    "x = 1",
    "1 / 0",
    "async def detect(p): 0",
)


def sources() -> dict[str, str]:
    """Return the source of each hostile detector by a name for its strategy."""
    found = {f"raises{i}": f"{BODY}{DETECT}raise {what}\n" for i, what in enumerate(RAISED)}
    found |= {f"answers{i}": f"{BODY}{DETECT}return {what}\n" for i, what in enumerate(ANSWERS)}
    found |= {f"file{i}": text for i, text in enumerate(FILES)}
    found["leaves"] = f"from os import _exit\n{BODY}{DETECT}_exit(0)\n"
    for i, value in enumerate(DEFAULTS):
        found[f"default{i}"] = f"{BODY}{DETECT.replace('(prices)', f'(prices, *, a={value})')}return met\n"
    for i, line in enumerate(NAMED):
        found[f"named{i}"] = f"{BODY}{DETECT}return met\n{line}\n"
    found["reads"] = f"{BODY}{HOSTILE}{DETECT}return Hostile()\n"
    found["speaks"] = f"{BODY}class E(Exception):\n    def __str__(self): raise SystemExit(0)\n{DETECT}raise E\n"
    found["reports"] = f"{BODY}{HOSTILE}{DETECT}return Condition(met, met, notes=(Hostile(),))\n"
    return found


STRATEGY = 'schema = 1\ntitle = "{name}"\n[detector]\nuse = "{name}.py"\n[measure]\nhorizons = [5]\n'
