"""Labels of a run in the terminal."""

from __future__ import annotations

from pathlib import Path

from backtest.cli.console import print_text
from backtest.errors import RunUnreadable
from backtest.model import Note
from backtest.model.labels import Labels
from backtest.record.sidecar import labels_json, read_labels
from backtest.untyped import Json


def labels_words(labels: Labels) -> str:
    """Write name and tags on one line: ``baseline #paper``."""
    return " ".join(filter(None, (labels.name, *(f"#{tag}" for tag in labels.tags))))


def print_labels(folder: Path) -> None:
    """Print the labels of a run, if it has any; damaged ones are named."""
    try:
        labels = read_labels(folder)
    except RunUnreadable as error:
        print_text(f"Note (labels): {error}")
        return
    if words := labels_words(labels):
        print_text(f"Labels: {words}")
    if labels.note:
        print_text(f"Note (yours): {labels.note}")


def with_labels(run: Json, folder: Path) -> Json:
    """Return a run's summary with its labels; damaged ones are null, and a note names the file."""
    try:
        return {**run, "labels": labels_json(read_labels(folder))}
    except RunUnreadable as error:
        note = Note("labels_unreadable", "labels", str(error)).to_json()
        return {**run, "labels": None, "notes": [*run["notes"], note]}
