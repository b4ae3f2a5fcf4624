"""A disk that is full at any moment: the old data stay, and nothing is left beside them."""

import contextlib
import os

import pytest

from backtest import cli
from backtest.data.store import leftovers
from backtest.data.store.exclusive import FILE
from backtest.data.store.read import load_dataset

from .conftest import PRICES


@contextlib.contextmanager
def disk_full_after(size):
    """Let no file grow beyond some bytes, as a full disk would."""
    resource = pytest.importorskip("resource", reason="this system has no limits on the size of files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def files_in(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("size", [0, 100, 600, 900, 1_200])
def test_nothing_is_lost_or_left(simple, monkeypatch, capsys, size):
    simple.run()
    before = files_in(simple.folder)
    simple.deliver(a=PRICES.replace("99.5", "98.5"))
    monkeypatch.chdir(simple.workspace.root)
    capsys.readouterr()
    with disk_full_after(size):
        status = cli.status_of(["data", "import", "mine", "--from", "delivered"])
    said = capsys.readouterr().err
    assert (status, said.count("\n")) == (1, 1)
    assert said.startswith("Error: ")
    assert "too large" in said
    assert load_dataset(simple.folder).prices.close("A")[-1] == 99.5
    kept = files_in(simple.folder)
    assert {path: kept[path] for path in before} == before
    assert not [path for path in kept if path.name.startswith(".") and path.name != FILE]


def test_remains_of_a_killed_import_go_after_an_hour(simple):
    simple.run()
    old, young = (simple.folder / f".{name}-abc" for name in ("lock.json", "manifest.toml"))
    for path in (old, young):
        path.write_text("half")
    then = old.stat().st_mtime - leftovers.STALE_SECONDS - 1
    os.utime(old, (then, then))
    simple.run()
    assert (old.exists(), young.exists()) == (False, True)
