"""``backtest selftest``: whether this installation computes what it should."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from backtest._version import __version__
from backtest.cli.console import print_json, print_table, print_text, progress_of
from backtest.cli.options import json_option
from backtest.format import plural
from backtest.untyped import Json

if TYPE_CHECKING:
    from backtest.selftest.subjects import SubjectFound
    from backtest.selftest.witnessed import Check

DISAGREES = 3
"""Exit status where something does not agree: a bug."""


@click.command()
@click.option("--verbose", "-v", is_flag=True, help="List every check: expected, found, tolerance.")
@json_option
def selftest(verbose: bool, as_json: bool) -> None:
    """Check this installation: every figure beside its witness.

    Figures of the package stand beside closed forms, hand calculations, slow loops that follow a definition, and
    published values. It takes a few seconds, reads no data and needs no network. Simulated checks are seeded: they give
    the same figures each time. The difference shown is the one that comes nearest to its tolerance, or goes furthest
    beyond it. Exit status 3 (a bug) if something disagrees.

    \b
    backtest selftest
    backtest selftest --verbose             every check with its figures
    backtest selftest --json > here.json    to keep, or to send with a report
    """
    from backtest.selftest.subjects import SUBJECTS, check_all

    with progress_of("checking") as done:
        found = check_all(SUBJECTS, done)
    if as_json:
        print_json(_content(found))
    else:
        _print(found, verbose=verbose)
    if not all(one.ok for one in found):
        raise click.exceptions.Exit(DISAGREES)


def _print(found: Sequence[SubjectFound], *, verbose: bool) -> None:
    from backtest.selftest.environment import python_and_platform, versions

    rows = [
        (one.subject.title, one.subject.witness, str(len(one.checks)), _number(one.worst.difference), _word(one.ok))
        for one in found
    ]
    print_table(("subject", "witness", "checks", "difference", "ok"), rows, left=(0, 1))
    if verbose:
        for one in found:
            print_text()
            print_text(one.subject.title, bold=True)
            for check in one.checks:
                print_text(_sentence(check), red=not check.ok)
    print_text()
    print_text(f"backtest {__version__}, {', '.join(python_and_platform())}")
    print_text(", ".join(f"{name} {version or 'not installed'}" for name, version in versions().items()))
    count, seconds = sum(len(one.checks) for one in found), sum(one.seconds for one in found)
    wrong = [(one, check) for one in found for check in one.checks if not check.ok]
    if not wrong:
        print_text(f"All {plural(count, 'check')} agree with their witness, in {seconds:.1f} seconds.", bold=True)
        return
    for one, check in wrong:
        print_text(f"{one.subject.title}: {_sentence(check)}", red=True)
    said = f"{len(wrong)} of {plural(count, 'check')} {'does' if len(wrong) == 1 else 'do'} not agree: a bug"
    print_text(f"{said}, of backtest or of what it is built on. Please report it with the lines above.", bold=True)


def _sentence(check: Check) -> str:
    head = f"{check.what}: {check.witness}"
    if check.reason:
        return f"{head}; {check.reason}: DISAGREES"
    agrees = "agrees" if check.ok else "DISAGREES"
    figures = f"expected {check.expected:.12g}, found {check.found:.12g}"
    return f"{head}; {figures}, tolerance {_number(check.tolerance)}: {agrees}"


def _number(value: float) -> str:
    if value == 0:
        return "0"
    return f"{value:.1e}" if math.isfinite(value) else "no figure"


def _word(ok: bool) -> str:
    return "yes" if ok else "NO"


def _content(found: Sequence[SubjectFound]) -> Json:
    from backtest.selftest.environment import python_and_platform, versions

    python, machine = python_and_platform()
    return {
        "ok": all(one.ok for one in found),
        "version": __version__,
        "python": python,
        "platform": machine,
        "dependencies": versions(),
        "seconds": round(sum(one.seconds for one in found), 3),
        "subjects": [
            {
                "name": one.subject.name,
                "title": one.subject.title,
                "witness": one.subject.witness,
                "ok": one.ok,
                "seconds": round(one.seconds, 3),
                "checks": [_in_json(check) for check in one.checks],
            }
            for one in found
        ],
    }


def _in_json(check: Check) -> Json:
    figures = {name: getattr(check, name) for name in ("expected", "found", "tolerance", "difference")}
    finite = {name: value if math.isfinite(value) else None for name, value in figures.items()}
    return {"what": check.what, "witness": check.witness, **finite, "ok": check.ok, "reason": check.reason or None}
