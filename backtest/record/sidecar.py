"""Labels of a run: a small file beside its record, which itself is never changed."""

from __future__ import annotations

import json
from pathlib import Path

from backtest.errors import BacktestError, RunUnreadable
from backtest.files import read_text, write_file
from backtest.model.labels import Labels
from backtest.untyped import Json
from backtest.workspace import check_name

FILE = "labels.json"
SCHEMA = 1
LONGEST_NOTE = 1000
"""Characters of a note."""
AGAIN = "Remove this file, and write the labels again with 'backtest tag'."


def read_labels(folder: Path) -> Labels:
    """Read the labels of a run; without a file there are none.

    Raises
    ------
    RunUnreadable
        The file is damaged; the message names it and the key.
    """
    path = folder / FILE
    try:
        found = json.loads(read_text(path, "utf-8"))
    except FileNotFoundError:
        return Labels()
    except (OSError, ValueError, RecursionError) as error:
        raise RunUnreadable(f"{path}: cannot be read: {error}.", AGAIN) from error
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise RunUnreadable(f"{path}: no labels of schema {SCHEMA}.", AGAIN)
    tags = found.get("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise RunUnreadable(f"{path}: 'tags' is not a list of words.", AGAIN)
    wrong = next((key for key in ("name", "note") if not isinstance(found.get(key, ""), str)), None)
    if wrong is not None:
        raise RunUnreadable(f"{path}: '{wrong}' is not text.", AGAIN)
    return Labels(found.get("name", ""), tuple(tags), found.get("note", ""))


def labels_json(labels: Labels) -> Json:
    """Return labels as they are written."""
    return {"schema": SCHEMA, "name": labels.name, "tags": list(labels.tags), "note": labels.note}


def write_labels(folder: Path, labels: Labels) -> None:
    """Write the labels of a run; without any, remove the file.

    Raises
    ------
    OSError
        It cannot be written; the old labels stay.
    """
    if labels:
        write_file(folder / FILE, json.dumps(labels_json(labels), indent=2, ensure_ascii=False) + "\n")
    else:
        (folder / FILE).unlink(missing_ok=True)


def checked_labels(name: str = "", tags: tuple[str, ...] = (), note: str = "") -> Labels:
    """Return labels whose words and note are allowed; a tag given twice counts once.

    Raises
    ------
    BacktestError
        The name or a tag is no word, or the note is too long or cannot be printed.
    """
    for kind, word in (("run", name), *(("tag", tag) for tag in tags)):
        if word or kind == "tag":
            check_name(kind, word)
    folded = " ".join(note.split())
    if len(folded) > LONGEST_NOTE or not folded.isprintable():
        what = f"{len(folded):,} characters" if folded.isprintable() else "characters that cannot be printed"
        raise BacktestError(f"--note: {what}.", f"Use up to {LONGEST_NOTE:,} characters of printable text.")
    return Labels(name, tuple(dict.fromkeys(tags)), folded)
