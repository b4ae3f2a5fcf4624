"""Names of months, in full and abbreviated, in six languages."""

from __future__ import annotations

import unicodedata

NAMES = (
    "january february march april may june july august september october november december",
    "januar februar marz april mai juni juli august september oktober november dezember",
    "janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro",
)
"""English, German, French, Spanish, Italian, Portuguese; without accents."""
OTHERWISE = {"maerz": 3, "mrz": 3, "janner": 1, "setiembre": 9}
SHORT = (3, 4)
"""The number of letters in an abbreviated name."""


def _by_name() -> dict[str, int]:
    found: dict[str, set[int]] = {}
    for names in NAMES:
        for number, name in enumerate(names.split(), 1):
            for text in (name, *(name[:letters] for letters in SHORT)):
                found.setdefault(text, set()).add(number)
    return {text: months.pop() for text, months in found.items() if len(months) == 1} | OTHERWISE


BY_NAME = _by_name()
"""Without abbreviations of two months, such as ``jui`` in French."""


def month_of(name: str) -> int:
    """Return the month of a name, 1 to 12; 0 if it is not a month."""
    bare = unicodedata.normalize("NFKD", name.lower().rstrip("."))
    return BY_NAME.get("".join(c for c in bare if not unicodedata.combining(c)), 0)
