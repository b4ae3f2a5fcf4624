"""Put everything a page needs inside it: styles, scripts, data, and a policy that blocks everything else."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from backtest import format as words

ROOT = Path(__file__).parents[1]

BREAKOUT = {sign: f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}
"""Characters that could end a script element or a line of JavaScript early, and their safe spelling in JSON."""


def data_json(value: object) -> str:
    """Return JSON that is safe inside a script element, whatever strings it contains."""
    text = json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for sign, spelling in BREAKOUT.items():  # str.translate takes twenty times as long
        text = text.replace(sign, spelling)
    return text


def styles(names: Sequence[str]) -> str:
    """Return the named style sheets as one."""
    return "\n".join(_asset(f"{name}.css") for name in names)


def scripts(names: Sequence[str]) -> str:
    """Return the named scripts as one, in their own scope."""
    return '"use strict";\n(() => {\n' + "\n".join(_asset(f"{name}.js") for name in names) + "\n})();\n"


def policy(sources: Sequence[str]) -> str:
    """Return a Content-Security-Policy: no network, and only the given scripts, each identified by its hash."""
    hashes = " ".join(f"'sha256-{_digest(source)}'" for source in sources)
    script = f"script-src {hashes}" if hashes else "script-src 'none'"
    rest = "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    return f"default-src 'none'; {script}; {rest}"


NUMBERS = frozenset((float, int, bool, type(None)))


def _plain(value: object) -> object:
    if isinstance(value, str):
        return words.plain(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [item if type(item) in NUMBERS else _plain(item) for item in value]  # there may be tens of thousands
    return value


def _asset(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _digest(source: str) -> str:
    return base64.b64encode(hashlib.sha256(source.encode()).digest()).decode("ascii")
