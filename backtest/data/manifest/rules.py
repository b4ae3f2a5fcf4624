"""Rules of a manifest that concern its series, roles and calendar together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from backtest.data.manifest.kinds import DEFINES_SESSIONS, LEVELS, TABLES, WAYS
from backtest.errors import did_you_mean
from backtest.model.panel import OWN
from backtest.spec.validation import dotted, toml_value
from backtest.workspace import is_device

SESSION = "session"
"""The column of dates beside the series in the stored file."""

if TYPE_CHECKING:
    from backtest.data.manifest.manifest import Manifest


def broken_rules(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Yield each broken rule, as message and hint."""
    yield from _unknown_names(manifest)
    yield from _wrong_kinds(manifest)
    for key, names in (("series", manifest.series), ("roles", manifest.roles)):
        if manifest.panel is not None and OWN in names:
            yield f"{dotted([key, OWN])}: is the name by which a detector reads each asset of the panel.", "Rename it."
    circular = [name for name, spec in manifest.series.items() if spec.inputs]
    circular = [name for name in circular if name not in manifest.derived_in_order()]
    if circular:
        yield f"{dotted(['series', circular[0]])}: is derived from itself, through {', '.join(circular)}.", ""
    seen: dict[str, str] = {"prices": "prices"}  # prices.parquet is taken, and file names may ignore case
    for name, spec in manifest.series.items():
        if spec.kind in TABLES and seen.setdefault(name.lower(), name) != name:
            yield f"{dotted(['series', name])}: differs only in case from {seen[name.lower()]}.", "Rename it."
    for name, spec in manifest.series.items():
        if taken := name_is_taken(name, spec.kind):
            yield f"{dotted(['series', name])}: {taken}.", "Rename it."


def name_is_taken(name: str, kind: str) -> str:
    """Say why the stored dataset has no place for a series of this name; empty if it has."""
    if name == SESSION:
        return "is the name of the column of dates in the dataset's own file"
    if kind in TABLES and (name == "prices" or name.lower().startswith("panel-")):
        return "is the name of the dataset's own file" if name == "prices" else "is named as the files of a panel are"
    return "is the name of a device on Windows, not of a file" if kind in TABLES and is_device(name) else ""


def _wrong_kinds(manifest: Manifest) -> Iterator[tuple[str, str]]:
    kind_of = {name: spec.kind for name, spec in manifest.series.items()}
    for name, spec in manifest.series.items():
        key = dotted(["series", name])
        kinds = [kind_of[other] for other in spec.inputs]
        if spec.expects:
            wrong = spec.expects.broken_rule(spec.kind, spec.title, kind_of)
            if wrong:
                yield f"{key}.expects: {wrong}.", ""
        elif spec.index_of and (kinds != ["percent_return"] or spec.kind not in LEVELS):
            yield f"{key}.index_of = {toml_value(spec.index_of)}: must derive a level from a percent_return.", ""
        elif spec.splice and spec.kind not in LEVELS:
            yield f"{key}.splice = {toml_value(spec.splice)}: must join levels, not series of kind {spec.kind}.", ""
        elif not spec.index_of and any(kind != spec.kind for kind in kinds):
            mixed = f"{key}.kind = {toml_value(spec.kind)}: must be the kind of all of {', '.join(spec.inputs)}"
            yield f"{mixed} ({', '.join(kinds)}).", ""


def _unknown_names(manifest: Manifest) -> Iterator[tuple[str, str]]:
    uses: list[tuple[list[str | int], str]] = [(["roles", role], name) for role, name in manifest.roles.items()]
    uses += [(["calendar", "series"], name) for name in manifest.calendar.series or []]
    uses += [(["checks", "accept"], item.series) for item in manifest.checks.accept if "," not in item.series]
    for series, spec in manifest.series.items():
        ways = [way for way in WAYS if getattr(spec, way) is not None]
        uses += [(["series", series, way], name) for way in ways for name in spec.inputs]
    for keys, name in uses:
        if name not in manifest.series:
            hint = did_you_mean(name, manifest.series)
            yield f"{dotted(keys)} = {toml_value(name)}: must be a series of this manifest.", hint
    if manifest.calendar.series is not None:
        for name in manifest.calendar.series:
            if manifest.series[name].kind not in DEFINES_SESSIONS or manifest.series[name].inputs:
                yield f"calendar.series = {toml_value(name)}: must be a delivered level or percent_return.", ""
