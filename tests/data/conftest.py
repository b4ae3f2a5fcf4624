"""A workspace with one small dataset, described and delivered by the test."""

import sys

import pytest

from backtest import cli
from backtest.data.ingest.importing import import_dataset
from backtest.workspace import Workspace

HEAD = """schema = 1
name = "mine"
title = "My prices"
licence = "my own"
redistributable = true
[calendar]
exchange = "XNYS"
"""
A = '[series.A]\ntitle = "A"\nkind = "price_index"\nunit = "points"\nfile = "a.csv"\n'
PRICES = "date,close\n2024-07-15,100\n2024-07-16,101\n2024-07-17,99.5\n"


class Bench:
    """Writes manifest and files, imports them."""

    def __init__(self, root):
        (root / "backtest.toml").touch()
        self.workspace = Workspace(root, marked=True)
        self.folder = root / "datasets" / "mine"
        self.folder.mkdir(parents=True)
        self.source = root / "delivered"
        self.source.mkdir()

    def manifest(self, *series, roles="", head=HEAD):
        (self.folder / "manifest.toml").write_text("".join([head, *series, roles]))

    def deliver(self, **files):
        for name, text in files.items():
            (self.source / f"{name}.csv").write_text(text)

    def run(self):
        return import_dataset("mine", self.source, self.workspace)


@pytest.fixture
def bench(tmp_path):
    return Bench(tmp_path)


@pytest.fixture
def simple(bench):
    """One price index of three sessions, ready to import."""
    bench.manifest(A)
    bench.deliver(a=PRICES)
    return bench


@pytest.fixture
def here(bench, monkeypatch, capsys):
    """Import a new dataset from a file's content; return its status and what was said."""
    monkeypatch.chdir(bench.workspace.root)
    monkeypatch.setenv("COLUMNS", "200")

    def run(content, name="prices.csv", *options, dataset="fresh"):
        if content is not None:
            (bench.source / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        arguments = ["data", "import", dataset, "--from", f"delivered/{name}", *options]
        monkeypatch.setattr(sys, "argv", ["backtest", *arguments])
        return cli.status_of(), capsys.readouterr()

    run.folder = bench.workspace.root / "datasets" / "fresh"
    run.source = bench.source
    run.manifest = run.folder / "manifest.toml"
    return run
