"""A workspace with one small dataset, described and delivered by the test."""

import pytest

from backtest.data.importing import import_dataset
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
