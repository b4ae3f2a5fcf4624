"""The wheel: what is in it, what is not, and that it runs elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(
    not (ROOT / ".git").exists(), reason="not a git checkout: what is committed cannot be seen"
)


def tracked(*folders: str) -> list[str]:
    done = subprocess.run(["git", "ls-files", *folders], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel from a copy of what is committed, with a git-ignored file lying in wait."""
    copy, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in [*tracked(), ".gitignore"]:
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            (copy / name).write_bytes((ROOT / name).read_bytes())
    ignored = copy / "datasets" / "us-size" / "data" / "abc"
    ignored.mkdir(parents=True)
    (ignored / "prices.parquet").write_bytes(b"somebody's property")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(out.glob("*.whl"))


def test_top_level_is_backtest_alone(wheel: Path):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"backtest"}


def test_every_builtin_is_carried_and_nothing_ignored(wheel: Path):
    names = set(zipfile.ZipFile(wheel).namelist())
    carried = {name.removeprefix("backtest/_builtin/") for name in names if name.startswith("backtest/_builtin/")}
    assert carried == set(tracked("strategies", "datasets"))
    assert set(tracked("backtest")) <= names


def test_size_is_below_5_mb(wheel: Path):
    assert wheel.stat().st_size < 5_000_000


def test_licences_are_carried(wheel: Path):
    names = [name.partition("/licenses/")[2] for name in zipfile.ZipFile(wheel).namelist() if "/licenses/" in name]
    assert names == ["LICENSE"]


def test_installed_elsewhere_it_runs(wheel: Path, tmp_path: Path):
    site, folder = tmp_path / "site", tmp_path / "elsewhere"
    folder.mkdir()
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(site),
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    code = "import backtest, sys; from backtest.cli import main; print(backtest.__file__, file=sys.stderr); main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "run", "streak5", "--no-trade", "--json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(str(site))
    run = json.loads(done.stdout)
    assert run["n_events"] == 5
    assert (folder / run["files"]["report"]).is_file()
