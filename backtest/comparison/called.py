"""What each study of a comparison is called: as short as it can be and still tell it from the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from backtest.comparison.entries import Entry
from backtest.format import parameter


def labels_of(entries: Sequence[Entry]) -> list[str]:
    """Return a label for each study, all different.

    It is the strategy with its asset if it has several; where that is not enough, with the settings that were asked
    for, then with the dataset, then with the name or the id of the run. Beside real data, simulated data are named.
    """
    labels = [entry.label() for entry in entries]
    ids = [str(entry.run["run_id"]) for entry in entries]
    # The same study on the same data gives the same results, whenever it was run.
    short = [run_id[-8:] for run_id in ids]
    shown_ids = short if len(set(zip(labels, short, strict=True))) == len(ids) else ids
    labels = _told_apart(labels, lambda at: f" {text}" if (text := _settings(entries[at])) else "")
    labels = _told_apart(labels, lambda at: f"@{entries[at].run['dataset']['name']}", only_if_apart=True)
    labels = _told_apart(labels, lambda at: f" ({entries[at].named or shown_ids[at]})")
    simulated = [bool(entry.run["dataset"]["synthetic"]) for entry in entries]
    if all(simulated) or not any(simulated):
        return labels
    return [f"{label}, simulated" if fake else label for label, fake in zip(labels, simulated, strict=True)]


def _told_apart(labels: Sequence[str], more: Callable[[int], str], *, only_if_apart: bool = False) -> list[str]:
    """Add to labels that several studies have; if asked to, only where what is added differs."""
    result = list(labels)
    for label in {label for label in labels if labels.count(label) > 1}:
        places = [at for at, one in enumerate(labels) if one == label]
        added = [more(at) for at in places]
        if only_if_apart and len(set(added)) == 1:
            continue
        for at, text in zip(places, added, strict=True):
            result[at] = label + text
    return result


def _settings(entry: Entry) -> str:
    """Write the settings that were asked for, without their tables where that leaves them different."""
    given = entry.variant or {}
    short = [key.rpartition(".")[2] for key in given]
    names = short if len(set(short)) == len(short) else list(given)
    return ", ".join(f"{name}={parameter(value)}" for name, value in zip(names, given.values(), strict=True))
