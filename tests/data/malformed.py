"""Files that nobody could read: 200 of them, drawn from a seed, each broken in one of many ways."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Iterator

GOOD = "date,open,close\n" + "".join(
    f"2024-{month:02d}-{day:02d},{100 + month + day / 7:.4f},{101 + month + day / 9:.4f}\n"
    for month in range(1, 7)
    for day in (2, 3, 4, 5, 8, 9, 10, 11, 12, 15, 16, 17, 18, 19, 22, 23, 24, 25, 26, 29)
    if f"{month:02d}-{day:02d}" not in ("01-15", "02-19", "02-30", "03-29", "05-27", "06-19")
    and not (month in (3, 6) and day in (2, 3, 9, 10, 16, 17, 23, 24, 8, 15, 22, 29))
    and not (month == 2 and day in (3, 4, 10, 11, 17, 18, 24, 25))
    and not (month == 4 and day in (6, 7, 13, 14, 20, 21, 27, 28))
    and not (month == 5 and day in (4, 5, 11, 12, 18, 19, 25, 26))
)
Mutation = Callable[[random.Random, list[str]], bytes]


def _line(change: Callable[[random.Random, str], str]) -> Mutation:
    """Change one line that is not the header."""

    def mutate(rng: random.Random, lines: list[str]) -> bytes:
        at = rng.randrange(1, len(lines))
        lines[at] = change(rng, lines[at])
        return "\n".join(lines).encode("utf-8", "surrogatepass") + b"\n"

    return mutate


def _cell(values: tuple[str, ...], column: int | None = None) -> Mutation:
    def change(rng: random.Random, line: str) -> str:
        cells = line.split(",")
        cells[rng.choice((1, 2)) if column is None else column] = rng.choice(values)
        return ",".join(cells)

    return _line(change)


def _whole(make: Callable[[random.Random, str], bytes]) -> Mutation:
    return lambda rng, lines: make(rng, "\n".join(lines) + "\n")


def _again(rng: random.Random, lines: list[str]) -> bytes:
    lines.insert(rng.randrange(2, len(lines)), lines[rng.randrange(1, len(lines))])
    return "\n".join(lines).encode()


def _swapped(rng: random.Random, lines: list[str]) -> bytes:
    at = rng.randrange(1, len(lines) - 1)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    return "\n".join(lines).encode()


NO_NUMBER = (
    "abc",
    "1_000",
    "nan",
    "NaN",
    "inf",
    "-inf",
    "1e999",
    "1.2.3",
    "--5",
    "0x1A",
    "1e",
    "٣٤",
    "$5",
    "5 5",
    "N/A",
    "5%",
    "(5)",
)
NO_DATE = (
    "",
    "yesterday",
    "2024-02-30",
    "2024-13-01",
    "20240101x",
    "45292",
    "24-01-02",
    "2024/1",
    "0000-00-00",
    "T00:00",
)
MUTATIONS: tuple[Mutation, ...] = (
    _cell(NO_NUMBER),
    _cell(NO_DATE, 0),
    _cell(("0", "-1", "-0.0", "0e0", "-1e-300")),
    _cell(
        (
            "9999-12-31T25:00",
            "2024-01-02 16:00:00",
            "02.01.24",
            "1/2/24 4:00 PM",
            "2024-01-02T16:00Z",
            "1/2/3",
            "Januember 2, 2024",
        ),
        0,
    ),
    _line(lambda rng, line: line + "," * rng.randrange(0, 4) + ",1"),
    _line(lambda rng, line: line.partition(",")[0]),
    _line(lambda rng, line: line[: rng.randrange(1, 9)]),
    _line(lambda rng, line: '"' + line),
    _line(lambda rng, line: line.replace(",", rng.choice(";|\t"))),
    _line(lambda rng, line: line[:5] + "\x00" + line[5:]),
    _line(lambda rng, line: line[:12] + rng.choice(("\u202e", "\u200b", "\x1b[31m", "💥", "\ud800")) + line[12:]),
    _again,
    _swapped,
    _whole(lambda rng, text: b""),
    _whole(lambda rng, text: text.partition("\n")[0].encode()),
    _whole(lambda rng, text: text.partition("\n")[2].encode()),
    _whole(lambda rng, text: text.replace("close", rng.choice(("Close", "open", "", "schluss")), 1).encode()),
    _whole(lambda rng, text: text.replace("date", rng.choice(("day", "close", "")), 1).encode()),
    _whole(lambda rng, text: b"<!DOCTYPE html><html><body>Too many requests</body></html>\n"),
    _whole(lambda rng, text: b'{"error": {"code": 404}}'),
    _whole(lambda rng, text: rng.randbytes(rng.randrange(1, 3000))),
    _whole(lambda rng, text: gzip.compress(text.encode())),
    _whole(lambda rng, text: b"PAR1" + text.encode() + b"PAR1"),
    _whole(lambda rng, text: text.encode("utf-16-le")),
    _whole(lambda rng, text: text.encode()[: rng.randrange(60, 200)] + b"\xff\xfe" + text.encode()),
    _whole(lambda rng, text: text.replace("\n", "\r\r\n\n,\n").encode()),
    _whole(lambda rng, text: ("date,open,close\n" + "2024-01-02," + "9" * rng.randrange(400, 999) + ",1\n").encode()),
)


def files(n: int, seed: int = 20240716) -> Iterator[tuple[str, bytes]]:
    """Yield names and contents: every way of breaking a file in turn; some are packed, some called Parquet."""
    rng = random.Random(seed)
    for number in range(n):
        content = MUTATIONS[number % len(MUTATIONS)](rng, GOOD.strip("\n").split("\n"))
        kind = rng.choice(("csv", "csv", "csv.gz", "torn", "parquet"))
        if kind == "csv.gz":
            content = gzip.compress(content, mtime=0)
        elif kind == "torn":
            packed = gzip.compress(content, mtime=0)
            content = packed[: rng.randrange(0, len(packed))]
        yield ("a.csv.gz" if kind == "torn" else f"a.{kind}"), content
