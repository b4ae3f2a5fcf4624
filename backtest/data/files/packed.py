"""Files inside files: the content of gzipped and zipped files."""

from __future__ import annotations

import gzip
import io
import re
import zipfile

from backtest.errors import DataRefused

TEXTS = (".csv", ".txt", ".tsv", ".dat", ".prn")
"""Suffixes of text files."""
ZIPPED, GZIPPED, EXCEL = ".zip", ".gz", (".xlsx", ".xlsm")
BESIDE = re.compile(r"(^|/)(__MACOSX/|\._|read.?me|licen[cs]e)", re.I)
"""Files that may accompany the data in an archive."""
MOST_BYTES = 256_000_000
"""Largest size of an unpacked file: its text is read line by line, which takes several times its size."""
HINT = "Unpack it and give the file: a long file is read piece by piece."


def unpacked(name: str, content: bytes) -> bytes:
    """Return the text of a file, of a gzipped file, or of the only text file in a zip archive."""
    lower = name.lower()
    if lower.endswith(GZIPPED):
        with gzip.open(io.BytesIO(content)) as file:
            text = file.read(MOST_BYTES + 1)
        if len(text) > MOST_BYTES:
            raise DataRefused(f"{name}: unpacks to more than {MOST_BYTES:,} bytes.", HINT)
        return text
    if not lower.endswith(ZIPPED):
        return content
    try:
        return _only_text(name, content)
    except (RuntimeError, NotImplementedError) as error:  # encrypted, or an unsupported version or method
        raise DataRefused(f"{name}: cannot be unpacked: {error}.", "Unpack it and give the file.") from error


def _only_text(name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        texts = [item for item in archive.infolist() if item.filename.lower().endswith(TEXTS)]
        members = [item for item in texts if not BESIDE.search(item.filename)] or texts
        if len(members) != 1:
            names = ", ".join(item.filename for item in members[:5]) or "none"
            raise DataRefused(
                f"{name}: must hold one file that ends with {', '.join(TEXTS)}: it holds {names}.",
                "Unpack it and give the folder: --from DIR",
            )
        if members[0].file_size > MOST_BYTES:
            raise DataRefused(f"{name}: unpacks to {members[0].file_size:,} bytes: the limit is {MOST_BYTES:,}.", HINT)
        return archive.read(members[0])
