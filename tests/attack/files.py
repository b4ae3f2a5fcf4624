"""Malformed deliveries, manifests, strategies and arguments, drawn from a seed."""

from __future__ import annotations

import contextlib
import gzip
import io
import random
import zipfile
from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

GOOD = "date,open,close\n" + "".join(f"2024-07-{day:02d},{100 + day},{101 + day}.5\n" for day in (8, 9, 10, 11, 12, 15))
MANIFEST = """schema = 1
name = "mine"
title = "Mine"
licence = "my own"
redistributable = true
[calendar]
exchange = "XNYS"
[series.A]
title = "A"
kind = "price_index"
unit = "points"
file = "a.csv"
columns = { open = "open" }
[checks]
stale = 5
"""
ROWS = "symbol,session,open,close\n" + "".join(
    f"{name},2024-07-{day:02d},{at + day},{at + day}.5\n"
    for at, name in enumerate("ABC")
    for day in (8, 9, 10, 11, 12, 15)
)
MEMBERS = "symbol,from,to\nA,2024-07-08,\nB,,2024-07-12\nC,2024-07-09,2024-07-10\n"
PANEL = """schema = 1
name = "many"
title = "Many"
licence = "my own"
redistributable = true
[calendar]
exchange = "XNYS"
[roles]
market = "A"
[series.A]
title = "A"
kind = "price_index"
unit = "points"
file = "a.csv"
[panel]
title = "Stocks"
kind = "price_index"
unit = "dollars"
file = "rows.csv"
columns = { open = "open" }
symbols = ["A", "B"]
[panel.checks]
stale = 5
jump_up = 9.0
set_aside = ["stale"]
[panel.membership]
file = "members.csv"
"""
EACH = """schema = 1
title = "Each"
[detector]
use = "streak"
series = "close"
sessions = 2
[episodes]
cooldown = 0
[measure]
asset = "close"
benchmark = "market"
horizons = [1, 2]
window = [-1, 2]
"""
STRATEGY = """schema = 1
title = "Up"
[detector]
use = "streak"
series = "small"
sessions = 3
[measure]
asset = "small"
benchmark = "large"
horizons = [1, 5]
"""
WORDS = (
    *("", " ", "0", "-0", "nan", "inf", "-1", "1e308", "5e-324", "9" * 400, "0x" + "f" * 5000, "1_0", "true", "null"),
    *("session", "date", "close", "prices", "CON", "nul", "con.csv", "..", "../..", "/etc/passwd", "C:\\x", "~", "-h"),
    *("\u202e", "\u200b", "\x1b[31m", "💥", "é", "ﬀ", "\\", '"', "'", "'''", "#", "%s", "{0}", "${HOME}", "$(id)"),
    *("a" * 70, "a" * 5000, "2024-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "1969-12-31", "24:00"),
    *("[", "]", "[[", "{", "}", "=", "a.b.c", "[" * 500 + "]" * 500, "{a=" * 300, "\t", "\r", ",", ";", "|"),
)
TYPES = (
    *(
        pa.int8(),
        pa.uint64(),
        pa.int64(),
        pa.float16(),
        pa.float32(),
        pa.float64(),
        pa.bool_(),
        pa.string(),
        pa.binary(),
    ),
    *(
        pa.date32(),
        pa.date64(),
        pa.timestamp("s"),
        pa.timestamp("us", "America/New_York"),
        pa.timestamp("ns", "-05:00"),
    ),
    *(pa.time64("us"), pa.duration("ms"), pa.large_string(), pa.decimal128(38, 3), pa.null()),
)
Attack = tuple[str, bytes]


def spoiled(rng: random.Random, content: bytes) -> bytes:
    """Change bytes: flip, cut, repeat, swap, or put a hostile word somewhere."""
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        at, to = sorted(rng.randrange(len(content) + 1) for _ in range(2))
        word = rng.choice(WORDS).encode("utf-8", "surrogatepass")
        content = rng.choice(
            (
                content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :],
                content[:at],
                content[:at] + content[to:],
                content[:to] + content[at:to] * rng.choice((1, 2, 50)) + content[to:],
                content[:at] + word + content[at:],
                content[:at] + word + content[to:],
                content.replace(b"\n", rng.choice((b"\r", b"\r\n", b"\n\n", b"\0\n"))),
            )
        )[:200_000]
    return content


def cell(rng: random.Random, good: str = GOOD) -> bytes:
    """A table in which one cell, or one name, is a hostile word."""
    rows = [line.split(",") for line in good.strip().split("\n")]
    row = rng.randrange(len(rows))
    rows[row][rng.randrange(len(rows[0]))] = rng.choice(WORDS)
    return "\n".join(map(",".join, rows)).encode("utf-8", "surrogatepass") + b"\n"


def parquet(rng: random.Random, named: Sequence[str] = ("date", "open", "close")) -> bytes:
    """A Parquet file with columns of any type and bits; sometimes spoiled."""
    columns = {}
    for name in (*named, rng.choice(WORDS)[:50]):
        kind, n = rng.choice(TYPES), 4
        try:
            width = max(kind.bit_width, 8) // 8
            columns[name] = pa.Array.from_buffers(kind, n, [None, pa.py_buffer(rng.randbytes(width * n))])
        except (ValueError, pa.ArrowException):  # texts: their ends, then their bytes
            texts = [None if rng.random() < 0.2 else rng.choice(WORDS) for _ in range(n)]
            columns[name] = pa.array([text and text[:9] for text in texts]).cast(pa.string())
    out = io.BytesIO()
    try:
        pq.write_table(pa.table(columns), out)
    except pa.ArrowException:
        return b"PAR1" + rng.randbytes(40) + b"PAR1"
    return spoiled(rng, out.getvalue()) if rng.random() < 0.3 else out.getvalue()


def workbook(rng: random.Random) -> bytes:
    """An archive with the parts of a workbook, one of them spoiled."""
    import openpyxl

    book, out, again = openpyxl.Workbook(), io.BytesIO(), io.BytesIO()
    for line in GOOD.strip().split("\n"):
        book.active.append(line.split(","))
    book.save(out)
    if rng.random() < 0.3:
        return spoiled(rng, out.getvalue())
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new:
        broken = rng.choice(old.namelist())
        for name in old.namelist():
            new.writestr(name, spoiled(rng, old.read(name)) if name == broken else old.read(name))
    return again.getvalue()


def packed(rng: random.Random) -> bytes:
    """A gzipped table: spoiled inside, outside, or a small bomb."""
    if rng.random() < 0.1:
        return gzip.compress(rng.choice((b"\0", b",", b",\n", b"1\n", b'"')) * 300_000, 6)
    inside = spoiled(rng, GOOD.encode())
    return spoiled(rng, gzip.compress(inside)) if rng.random() < 0.5 else gzip.compress(inside)


DELIVERIES: dict[str, Callable[[random.Random], bytes]] = {
    "csv": lambda rng: spoiled(rng, GOOD.encode()) if rng.random() < 0.5 else cell(rng),
    "csv.gz": packed,
    "parquet": parquet,
    "xlsx": workbook,
    "zip": lambda rng: spoiled(rng, workbook(rng)),
    "tsv": lambda rng: cell(rng).replace(b",", b"\t"),
}


def delivery(rng: random.Random) -> Attack:
    """A file's name and content."""
    suffix = rng.choice(list(DELIVERIES))
    return f"a.{suffix}", DELIVERIES[suffix](rng)


def panel_delivery(rng: random.Random) -> Attack:
    """A long table or a list of members: its name, of a known kind or not, and its content."""
    stem, good = rng.choice((("rows", ROWS), ("rows", ROWS), ("members", MEMBERS)))
    suffix = rng.choice(("csv", "csv", "csv.gz", "parquet"))
    if suffix == "parquet":
        return f"{stem}.parquet", table(rng, good) if rng.random() < 0.7 else parquet(
            rng, good[:30].split("\n")[0].split(",")
        )
    content = spoiled(rng, good.encode()) if rng.random() < 0.5 else cell(rng, good)
    if suffix == "csv.gz":
        content = gzip.compress(content)
        content = spoiled(rng, content) if rng.random() < 0.5 else content
    return f"{stem}.{suffix}", content


def table(rng: random.Random, good: str) -> bytes:
    """A Parquet file of good rows, of which one column is of any type that takes them, or of any bits."""
    header, *lines = (line.split(",") for line in good.strip().split("\n"))
    columns: dict[str, pa.Array] = {}
    for at, name in enumerate(header):
        texts = pa.array([line[at] or None for line in lines])
        kind = {"open": pa.float64(), "close": pa.float64(), "symbol": pa.string()}.get(name, pa.date32())
        columns[name] = texts.cast(kind)
    changed, kind = rng.choice(header), rng.choice(TYPES)
    with contextlib.suppress(ValueError, pa.ArrowException):
        if rng.random() < 0.5:
            columns[changed] = columns[changed].cast(kind)
        else:
            bits = pa.py_buffer(rng.randbytes(max(kind.bit_width, 8) // 8 * len(lines)))
            columns[changed] = pa.Array.from_buffers(kind, len(lines), [None, bits])
    out = io.BytesIO()
    try:
        pq.write_table(pa.table(columns), out)
    except pa.ArrowException:
        return b"PAR1" + rng.randbytes(40) + b"PAR1"
    return spoiled(rng, out.getvalue()) if rng.random() < 0.2 else out.getvalue()


def text_file(rng: random.Random, good: str) -> bytes:
    """A spoiled manifest or strategy: bytes, or a value in its place."""
    if rng.random() < 0.5:
        return spoiled(rng, good.encode())
    lines = good.strip().split("\n")
    at = rng.randrange(len(lines))
    word, head = rng.choice(WORDS), lines[at].partition("=")[0]
    lines[at] = f"{head}= {word if rng.random() < 0.5 else chr(34) + word + chr(34)}"
    return "\n".join(lines).encode("utf-8", "surrogatepass")


COMMANDS = (
    *(
        "list",
        "list runs",
        "list detectors",
        "data list",
        "data check mine",
        "show mine",
        "run mine --quiet",
        "events mine",
    ),
    *("data import mine --from delivered", "data import fresh --new --from delivered/{}", "report", "export", "tag"),
    *("run mine --set {}", "run {}", "show {}", "data import {} --from delivered", "data check {}", "compare {} mine"),
)


def arguments(rng: random.Random) -> list[str]:
    """A command with hostile words in its places, or behind it."""
    words = [part.replace("{}", rng.choice(WORDS)) for part in rng.choice(COMMANDS).split(" ")]
    words += [rng.choice(WORDS) for _ in range(rng.choice((0, 0, 1, 2)))]
    return [word.replace("\0", "") for word in words]
