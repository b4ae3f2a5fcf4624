"""200 malformed files: each is refused in one line with status 1, and the dataset that was there is untouched."""

import sys

import pytest

from backtest import cli
from backtest.data.store import exclusive as writing

from . import malformed

SPEC = (
    '[series.A]\ntitle = "A"\nkind = "price_index"\nunit = "points"\nfile = "{file}"\ncolumns = {{ open = "open" }}\n'
)


@pytest.fixture
def here(bench, monkeypatch):
    monkeypatch.chdir(bench.workspace.root)
    bench.manifest(SPEC.format(file="a.csv"))
    bench.deliver(a=malformed.GOOD)
    bench.run()
    return bench


def snapshot(folder):
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and path.suffix != ".toml"}


def test_each_is_refused_and_nothing_is_touched(here, monkeypatch, capsys):
    before = snapshot(here.folder)
    assert before
    for number, (name, content) in enumerate(malformed.files(200)):
        (here.source / name).write_bytes(content)
        here.manifest(SPEC.format(file=name))
        monkeypatch.setattr(sys, "argv", ["backtest", "data", "import", "mine", "--from", "delivered"])
        status = cli.status_of()
        said = capsys.readouterr()
        assert status == 1, f"file {number} ({name}): {content[:200]!r}\n{said.err}"
        assert said.err.startswith("Error: "), said.err
        assert said.err.count("\n") == 1
        assert said.err.rstrip("\n").isprintable()
        assert "Traceback" not in said.err
        assert said.out == ""
        assert snapshot(here.folder) == before


def test_none_of_them_gets_a_first_manifest_that_breaks(here, monkeypatch, capsys):
    for number, (name, content) in enumerate(malformed.files(60, seed=5)):
        (here.source / name).write_bytes(content)
        guessed = f"guess{number}of"
        monkeypatch.setattr(
            sys, "argv", ["backtest", "data", "import", guessed, "--new", "--from", f"delivered/{name}", "--json"]
        )
        assert cli.status_of() in (0, 1)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        hidden = {path.name for path in (here.workspace.root / "datasets" / guessed).glob(".*")}
        assert hidden <= {writing.FILE}  # held by the one who writes, and stays
