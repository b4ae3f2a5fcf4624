"""``backtest show DETECTOR``: what a detector flags, read from its source, in the terminal or as a page."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from backtest.cli.console import print_json, print_path, print_table, print_text, shown_path, working, write
from backtest.errors import NotFound, did_you_mean
from backtest.format import NONE
from backtest.untyped import Json
from backtest.workspace import Workspace

if TYPE_CHECKING:
    from backtest.detect.docs.describe import Argument, Described
    from backtest.detect.docs.markup import Block

ALL = "detectors"
"""The word that stands for all detectors when pages are written."""


def detector_files(workspace: Workspace) -> dict[str, Path]:
    """Return the source of each known detector by its name in ``use``: built-ins, then those beside strategies."""
    from backtest.detect.docs.describe import builtin_files

    folders = dict.fromkeys(path.parent for path in workspace.strategies().values())
    beside = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    own = (workspace.root / "strategies").glob("*.py")  # even before a strategy uses them
    found = builtin_files()
    for path in [*beside, *sorted(own)]:
        found.setdefault(path.name, path)
    return found


def show_detector(name: str, path: Path, as_json: bool) -> None:
    """Print one detector, without running it."""
    from backtest.detect.docs.describe import describe

    found = describe(name, path)
    if as_json:
        print_json(_json(found))
        return
    from backtest.detect.docs.markup import unmarked

    print_text(f"{name}: {unmarked(found.summary) or '(no docstring)'}", bold=True)
    _print_blocks(found.description)
    if found.arguments:
        print_text()
        rows = [(one.name, f"{_takes(one)}\n{unmarked(one.text)}".strip()) for one in found.arguments]
        print_table(("parameter", ""), rows, left=(0, 1))
    for heading, section in (("Answer", found.returns), ("Notes", found.notes), ("Example", found.examples)):
        if section:
            print_text()
            print_text(heading, bold=True)
            _print_blocks(section, first=False)
    if found.references:
        print_text()
        print_text("References", bold=True)
        for reference in found.references:
            print_text(unmarked(reference))
    print_text()
    print_path("File", path)


def write_pages(workspace: Workspace, name: str, files: dict[str, Path], picture: bool, as_json: bool) -> None:
    """Write the page of one detector, or all pages with an index, under ``reports/detectors/``.

    Raises
    ------
    NotFound
        There is no detector with that name; strategies, datasets and runs have no such page.
    """
    from backtest.catalog.detectors import write_detector_page, write_detector_pages
    from backtest.catalog.runs import refresh_index

    if name != ALL and name not in files:
        raise NotFound(f"--page: there is no detector '{name}'.", did_you_mean(name, [*files, ALL]))
    with working("Drawing…"):
        if name == ALL:
            paths = write_detector_pages(workspace, files, picture)
        else:
            paths = [write_detector_page(workspace, name, files[name], picture)]
    refresh_index(workspace.reports)
    if as_json:
        print_json({"schema": 1, "files": [shown_path(path) for path in paths]})
        return
    for path in paths:
        print_path("Page", path)


def _json(found: Described) -> Json:
    from dataclasses import asdict

    fields = asdict(found)
    arguments = fields.pop("arguments")
    return {
        "schema": 1,
        "detector": fields.pop("name"),
        **fields,
        "parameters": {one["name"]: _default(one["default"]) for one in arguments},
        "arguments": arguments,
    }


def _default(text: str) -> object:
    from backtest.detect.docs.annotations import UNSET
    from backtest.spec.overrides import parse_value

    return None if text in ("", UNSET) else parse_value(text)


def _takes(one: Argument) -> str:
    default = "required" if one.required else f"default {one.default}"
    return f"{', '.join(filter(None, (one.kind, one.allowed)))}; {default}"


def _print_blocks(blocks: Iterable[Block], *, first: bool = True) -> None:
    from backtest.detect.docs.markup import unmarked

    for block in blocks:
        if first:
            print_text()
        first = True
        if block.kind == "literal":
            write("\n".join(f"    {line}".rstrip() for line in block.text.splitlines()))
        else:
            print_text(f"{NONE} {unmarked(block.text)}" if block.kind == "item" else unmarked(block.text))
