"""A few attacks on files, manifests, strategies and arguments; ``python -m tests.attack.data`` makes many."""

import contextlib
import json
import random
import signal

import pytest

from backtest.data.store.read import load_dataset
from backtest.errors import DatasetCorrupt
from backtest.files import read_file
from tests.attack import data, files

SEEDS = range(14)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return data.prepared(tmp_path_factory.mktemp("attacked"))


@pytest.fixture(autouse=True)
def without_alarm(monkeypatch):
    if not hasattr(signal, "SIGALRM"):
        monkeypatch.setattr(data, "limited", contextlib.nullcontext)


@pytest.mark.parametrize("kind", data.KINDS)
def test_attacks_break_nothing(place, kind, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    found = {(seed, *broken) for seed in SEEDS for _, _, broken in [data.attack(place, kind, seed)] if broken}
    assert not found


def test_an_attack_can_be_repeated():
    for seed in range(5):
        made = [(files.delivery(rng), files.arguments(rng)) for rng in (random.Random(seed), random.Random(seed))]
        assert made[0][0][0] == made[1][0][0]
        assert made[0][1] == made[1][1] or made[0][0][0].endswith(("gz", "xlsx", "zip"))


def test_a_broken_promise_is_noticed(place, monkeypatch):
    import click

    def shouts(command):
        (place.root.parent / "new.txt").touch()
        (place.root / "datasets" / "mine" / "lock.json").write_text("{")
        click.echo("x" * 2_001, err=True)
        return 3

    monkeypatch.setattr(data.cli, "status_of", shouts)
    _, _, broken = data.attack(place, "arguments", 0)
    words = " ".join(broken)
    assert all(part in words for part in ("traceback", "2,001 characters", "cannot be read", "outside was touched"))


@pytest.mark.parametrize("size", [10**12, 10**40])
def test_a_lock_file_that_allows_more_than_memory_holds_takes_no_more(tmp_path, size):
    path = tmp_path / "a"
    path.write_bytes(b"x" * 2_000_000)
    assert len(read_file(path, size)) == 2_000_000
    with pytest.raises(OSError, match=r"is larger than 1,999,999 bytes"):
        read_file(path, 1_999_999)


@pytest.mark.parametrize("empty", ["blocks", "assets"])
def test_a_lock_file_of_a_panel_without_assets_is_damaged(tmp_path, empty):
    workspace = data.prepared(tmp_path)
    path = workspace.root / "datasets" / "many" / "lock.json"
    lock = json.loads(path.read_text())
    if empty == "blocks":
        lock["panel"]["blocks"] = []
    else:
        lock["panel"]["blocks"][0]["assets"] = []
    path.write_text(json.dumps(lock))
    with pytest.raises(DatasetCorrupt, match="blocks"):
        load_dataset(path.parent)
