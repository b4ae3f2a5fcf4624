"""From a name to a handout: a recorded run, search or comparison with all its tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from backtest import format as words
from backtest.errors import RunUnreadable
from backtest.files import read_text
from backtest.handout.compared import comparison_tables
from backtest.handout.handout import SIMULATED, Handout
from backtest.model.by_asset import said_beside_verdict
from backtest.record.find import COMPARISONS, SEARCH, find_comparison, find_run, find_search
from backtest.record.read import MOST_BYTES, read_run, read_table
from backtest.record.searched_shape import damage_in_comparison, damage_in_search
from backtest.untyped import Json

LONGEST = 2_000
"""Characters of a line of what a handout is about: a list of thousands of dates is in the tables."""


def gather_handout(reports: Path, name: str) -> Handout:
    """Read what is to be handed out.

    Parameters
    ----------
    reports : Path
        The workspace's reports.
    name : str
        A run, as `find_run` finds it; the id of a search or a comparison; ``compare``, the latest comparison; or the
        path to the folder of a search or to the JSON file of a comparison.

    Raises
    ------
    NotFound
        There is nothing of that name.
    RunUnreadable
        Its files are damaged, or of a version that this one cannot read.
    """
    if (search := find_search(reports, name)) is not None:
        return _of_search(search)
    if (comparison := find_comparison(reports, name)) is not None:
        return _of_comparison(comparison)
    return _of_run(find_run(reports, name))


def _of_run(folder: Path) -> Handout:
    record = read_run(folder)
    run = record.run
    about = (
        ("what", "run of a study by episode-backtest"),
        ("run", folder.name),
        *_asked(run),
        ("sample window", f"{run['sample']['first']} to {run['sample']['last']}"),
        ("events", str(run["n_events"])),
        ("verdict", run["verdict"]),
        *(("beside the verdict", text) for text in said_beside_verdict(run)),
        *_how(run),
    )
    return _handout("run", folder.name, run, about, record.tables, record=record)


def _of_search(folder: Path) -> Handout:
    summary = _content(folder / SEARCH, damage_in_search)
    table = read_table(folder / "sets.parquet", summary.get("sha256"))
    about = (
        ("what", "search over parameters by episode-backtest"),
        ("search", folder.name),
        *_asked(summary),
        ("objective", f"{words.objective_words(summary['objective'])}, horizon {summary['horizon']}"),
        *((f"grid {key}", words.parameter(values)) for key, values in summary["grid"].items()),
        ("sets", str(summary["n_sets"])),
        ("looks", str(summary["looks"])),
        ("verdict", summary["verdict"]),
        *_how(summary),
    )
    return _handout("search", folder.name, summary, about, {"sets": table}, content=summary)


def _of_comparison(path: Path) -> Handout:
    content = _content(path, damage_in_comparison)
    labels = [one["label"] for one in content["studies"]]
    shown = {**content, "title": words.some(labels), "strategy": COMPARISONS}
    about = (
        ("what", "comparison of studies by episode-backtest"),
        ("comparison", path.stem),
        *((f"study {i}", _study(one)) for i, one in enumerate(content["studies"], 1)),
        ("verdict", content["verdict"]),
        *_how(content),
    )
    return _handout("comparison", path.stem, shown, about, comparison_tables(content["studies"]), content=content)


def _handout(
    kind: str,
    ident: str,
    summary: Mapping[str, Any],
    about: tuple[tuple[str, str], ...],
    tables: Mapping[str, pa.Table],
    **more: Any,  # noqa: ANN401  the record of a run, the JSON of others
) -> Handout:
    simulated = bool(summary["synthetic"] if "synthetic" in summary else summary["dataset"]["synthetic"])
    if simulated:
        about = (("SIMULATED", SIMULATED), *about)
    lines = tuple((words.plain(what), _cut(words.plain(text))) for what, text in about)
    name, title, verdict = f"{summary['strategy']}-{ident}", str(summary["title"]), str(summary["verdict"])
    return Handout(kind, name, title, verdict, simulated, lines, tables, str(summary["created"]), **more)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"


def _asked(summary: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    data = summary["dataset"]
    yield "strategy", str(summary["strategy"])
    yield "title", str(summary["title"])
    if summary.get("question"):
        yield "question", str(summary["question"])
    yield "dataset", f"{data['title']} ({data['name']})"
    yield "dataset sha256", str(data["sha256"])


def _how(summary: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Say by what and when it was made, with which parameters, of which files, and what a reader must know."""
    yield "made", f"{summary['created']} by episode-backtest {summary.get('version', '')}"
    for key, value in (summary.get("parameters") or {}).items():
        yield key, words.parameter(value)
    for file, digest in ((summary.get("source") or {}).get("files") or {}).items():
        yield f"sha256 of {file}", str(digest)
    for file, digest in (summary.get("sha256") or {}).items():
        yield f"sha256 of {file}", str(digest)
    for note in summary["notes"]:
        yield f"note ({note.get('about', 'study')})", str(note["text"])


def _study(one: Mapping[str, Any]) -> str:
    data = one["dataset"]
    mark = ", SIMULATED" if data["synthetic"] else ""
    return f"{one['label']}: {one['title']}, on {data['name']} (sha256 {data['sha256']}{mark})"


def _content(path: Path, damage: Callable[[Json], str | None]) -> Json:
    """Read the JSON of a search or a comparison.

    Raises
    ------
    RunUnreadable
        It cannot be read, or a field is missing or not as such a file has it.
    """
    try:
        content = json.loads(read_text(path, "utf-8", MOST_BYTES))
    except (OSError, ValueError, RecursionError) as error:
        raise RunUnreadable(f"{path}: cannot be read: {error}.", "Make it again.") from error
    if not isinstance(content, dict) or content.get("schema") != 1:
        found = content.get("schema") if isinstance(content, dict) else None
        raise RunUnreadable(
            f"{path}: schema {found!r}; this version reads schema 1.",
            "Make it again, or install the version that wrote it.",
        )
    wrong = damage(content)
    if wrong is not None:
        raise RunUnreadable(f"{path}: '{wrong}' is missing, or not as such a file has it.", "Make it again.")
    return content
