"""Locks written before a dropped row's rule and action, and a series' proxy, had fields of their own."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from backtest.cli.data.view import print_lock
from backtest.data.store.lock import LOCK, Dropped, LockedSeries, read_lock

from .conftest import A

DROPPED = {"rows": 2, "first": "2024-07-15", "last": "2024-07-16", "dates": ["2024-07-15", "2024-07-16"]}
SERIES = {
    "title": "A",
    "kind": "price_index",
    "unit": "dollars",
    "source": "a file",
    "rows": 3,
    "first": "2024-07-15",
    "last": "2024-07-17",
    "gaps": 0,
}


@pytest.mark.parametrize(
    ("reason", "rule", "action", "group", "stays"),
    [  # reasons as version 0.1 wrote them
        ("no price", "", "", "no price", False),
        ("repaired on request: unsorted = sort", "unsorted", "sort", ..., True),
        ("repaired on request: nonpositive = blank (open)", "nonpositive", "blank", ..., True),
        ("repaired on request: duplicate_date = last", "duplicate_date", "last", ..., False),
        ("repaired on request: off_calendar = drop", "off_calendar", "drop", ..., False),
        (
            "repaired on request: stale_futures = drop (contract 2001-05 at 93.425)",
            "stale_futures",
            "drop",
            "repaired on request: stale_futures = drop",
            False,
        ),
    ],
)
def test_what_a_repair_did_is_known(reason, rule, action, group, stays):
    dropped = Dropped.model_validate({**DROPPED, "reason": reason})
    assert (dropped.reason, dropped.rule, dropped.action) == (reason, rule, action)
    assert dropped.group == (reason if group is ... else group)
    assert dropped.stays is stays


def test_a_field_is_believed_before_the_sentence():
    reason = "repaired on request: unsorted = sort"
    dropped = Dropped.model_validate({**DROPPED, "reason": reason, "rule": "", "action": "", "group": "other"})
    assert (dropped.action, dropped.group) == ("", "other")
    proxy = {**SERIES, "derivation": "proxy, no futures: A minus B", "proxy": False}
    assert not LockedSeries.model_validate(proxy).proxy


@pytest.mark.parametrize(
    ("derivation", "proxy"),
    [("proxy, no futures: DFF minus DGS1, in moves", True), ("A minus B", False), (None, False)],
)
def test_a_proxy_is_known(derivation, proxy):
    content = SERIES if derivation is None else {**SERIES, "derivation": derivation}
    series = LockedSeries.model_validate(content)
    assert series.proxy is proxy
    assert series.info("A").proxy is proxy


def test_they_are_shown_as_before(simple, capsys):
    simple.manifest(A, '[checks.repair]\nunsorted = "sort"\n')
    simple.deliver(a="date,close\n2024-07-16,101\n2024-07-15,100\n2024-07-17,99.5\n")
    lock = simple.run()
    print_lock("Imported", lock)
    shown = capsys.readouterr().out
    path: Path = simple.folder / LOCK
    content = json.loads(path.read_text())
    for series in content["series"].values():
        del series["proxy"]
        for dropped in series["dropped"]:
            for name in ("rule", "action", "group"):
                del dropped[name]
    path.write_text(json.dumps(content))
    earlier = read_lock(simple.folder)
    assert earlier == lock
    print_lock("Imported", earlier)
    assert capsys.readouterr().out == shown
    assert re.search(r"A +price +2024-07-15 +2024-07-17 +3 +0", shown)  # the moved row is not left out
