"""Find recorded runs: by id or part of it, by name, by strategy (its latest), or by path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from backtest.errors import Ambiguous, NotFound, RunUnreadable, closest
from backtest.format import some
from backtest.record.sidecar import FILE, read_labels

SEARCH, COMPARISONS = "tune.json", "compare"
SHORTEST = 4
"""Characters of a run id that are enough to look for it."""
TO_THE_SECOND = len("20240716T210000")
"""Characters of a run id that say when it was made."""
LONG = 10
"""Digits of a number behind an id that is none of ours."""
LISTING = "'backtest list runs' shows what there is."


def run_folders(reports: Path) -> list[Path]:
    """Return the folders of all runs under ``reports/``, by strategy as they were made.

    A folder whose name is not UTF-8 is none of ours: no program could write its name into a page or print it.
    """
    folders = (path.parent for path in reports.glob("*/*/run.json") if not path.parent.name.startswith("."))
    return sorted((one for one in folders if _is_text(one.name)), key=lambda one: (one.parent.name, made(one)))


def made(folder: Path) -> tuple[str, int, str]:
    """Order runs as they were made: by the time in the id; within a second, by the number behind the id."""
    stamp, _, rest = folder.name.partition("Z-")
    digest, _, number = rest.partition("-")
    return stamp, int(number) if number.isascii() and number.isdigit() and len(number) < LONG else 1, digest


def _is_text(name: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in name)


def named_runs(reports: Path) -> dict[str, Path]:
    """Return the folders of runs that have a name, by name; damaged labels give none."""
    found: dict[str, Path] = {}
    for path in sorted(reports.glob(f"*/*/{FILE}")):
        try:
            name = read_labels(path.parent).name
        except RunUnreadable:
            continue
        if name:
            found[name] = path.parent
    return found


def find_run(reports: Path, name: str) -> Path:
    """Return the folder of a run.

    Parameters
    ----------
    reports : Path
        The workspace's reports.
    name : str
        A run id, or ``strategy/id``; a name given to a run; a strategy (for its latest run); the beginning of an id, or
        of the hash at its end, with at least four characters; or the path of a run's folder.

    Raises
    ------
    NotFound
        There is no such run, or it is a search or a comparison.
    Ambiguous
        Several ids begin so.
    """
    if (Path(name) / "run.json").is_file():
        return Path(name)
    folders = run_folders(reports)
    named = named_runs(reports)
    by_id = [folder for folder in folders if name in (folder.name, _long(folder))]
    by_strategy = [folder for folder in folders if folder.parent.name == name]
    if not by_id and name in named:
        return named[name]
    if not by_id and by_strategy:
        return by_strategy[-1]
    found = by_id or _beginning_with(name, folders)
    if not found:
        _refuse_others(reports, name)
        known = {folder.name for folder in folders} | {folder.parent.name for folder in folders} | set(named)
        raise NotFound(f"run '{name}' is not under {reports}.", closest(name, known) or LISTING)
    if len(found) > 1:
        ids = some([_long(folder) for folder in found])
        raise Ambiguous(f"'{name}' fits {len(found)} runs: {ids}.", "Write more of the id, or give one a name.")
    return found[0]


def find_search(reports: Path, name: str) -> Path | None:
    """Return the folder of a search, by its id or path; None if there is none."""
    if (Path(name) / SEARCH).is_file():
        return Path(name)
    found = sorted(path.parent for path in reports.glob(f"*/*/{SEARCH}"))
    return next((one for one in reversed(found) if name in (one.name, _long(one))), None)


def find_comparison(reports: Path, name: str) -> Path | None:
    """Return the JSON file of a comparison, by its id or path, or ``compare`` for the latest; None if there is none."""
    if name.endswith((".json", ".html")) and Path(name).with_suffix(".json").is_file():
        return Path(name).with_suffix(".json")
    found = sorted((reports / COMPARISONS).glob("*.json"))
    if name == COMPARISONS:
        return found[-1] if found else None
    return next((one for one in found if name in (one.stem, f"{COMPARISONS}/{one.stem}")), None)


def _refuse_others(reports: Path, name: str) -> None:
    """Refuse a search or a comparison where a run is wanted, and say what takes it."""
    searched, compared = find_search(reports, name), find_comparison(reports, name)
    if searched is None and compared is None:
        return
    what = "search" if searched else "comparison"
    again = "tune again" if searched else "verify the runs that it compares, or compare again"
    raise NotFound(f"'{name}' is a {what}, and no run.", f"'backtest export' takes it; to check it, {again}.")


def _long(folder: Path) -> str:
    return f"{folder.parent.name}/{folder.name}"


def _hash(folder: Path) -> str:
    """Return what follows the time in a run id: the hash of the study, which repetitions share."""
    return folder.name.partition("Z-")[2]


def _beginning_with(name: str, folders: Sequence[Path]) -> list[Path]:
    """Return the runs whose hash this is; without any, those whose id or hash begins so."""
    strategy, _, text = name.rpartition("/")
    if len(text) < SHORTEST:
        return []
    among = [folder for folder in folders if strategy in ("", folder.parent.name)]
    exact = [folder for folder in among if _hash(folder) == text]
    return exact or [folder for folder in among if folder.name.startswith(text) or _hash(folder).startswith(text)]


def short_ids(folders: Iterable[Path], names: Iterable[str] = ()) -> dict[Path, str]:
    """Return for each run the shortest of its ids that `find_run` takes for it alone.

    Parameters
    ----------
    folders : iterable of Path
        All runs of a workspace.
    names : iterable of str
        Names given to runs, which come first.
    """
    every = list(folders)
    taken = {*names, *(folder.parent.name for folder in every)}
    shortened = _unlike(sorted(folder.name for folder in every))
    forms = [(_hash(folder), shortened[folder.name], folder.name) for folder in every]
    counts = [Counter(column) for column in zip(*forms, strict=True)]
    return {
        folder: next(
            (
                form
                for form, count in zip(own, counts, strict=True)
                if count[form] == 1 and len(form) >= SHORTEST and form not in taken
            ),
            _long(folder),
        )
        for folder, own in zip(every, forms, strict=True)
    }


def _unlike(ids: Sequence[str]) -> dict[str, str]:
    """Cut ids, given in order, to the beginning that no other id has, but not within the time."""
    found = {}
    for before, own, after in zip(["", *ids], ids, [*ids[1:], ""], strict=False):
        alike = max(_alike(own, other) for other in (before, after))
        found[own] = own[: max(alike + 1, TO_THE_SECOND)]
    return found


def _alike(one: str, other: str) -> int:
    """Count the characters with which both begin."""
    return next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(other))


def short_id(reports: Path, folder: Path) -> str:
    """Return the short id of one run under ``reports/``."""
    return short_ids(run_folders(reports), named_runs(reports)).get(folder, folder.name)
