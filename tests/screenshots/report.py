"""Take the picture of the report in the README: ``python tests/screenshots/report.py``; needs Chromium.

With ``--check`` nothing is written: it fails where no picture can be taken, or the console says something.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from backtest.cli import status_of
from tests.browser import browser, found, said

PICTURE = ROOT / "docs" / "report.png"
SIZE = {"width": 1280, "height": 1500}


def take(target: Path) -> list[str]:
    """Run streak5 on the simulated sample and take its report; return what the browser's console said."""
    if found() is None:
        sys.exit("no Chromium on this machine.")
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
        if status_of(("run", "streak5", "--no-trade", "--dataset", "sample")):
            sys.exit("the run was refused.")
        (page,) = Path(folder).glob("reports/streak5/*/report.html")
        browser().look(**SIZE)
        browser().open(page)
        browser().screenshot(target)
    return said(browser().events())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="take it, and throw it away")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "report.png" if parser.parse_args().check else PICTURE
        told = take(target)
        if told or not target.exists():
            sys.exit("\n".join(told) or "no picture was taken.")
        print(f"{target.name}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
