"""Take the picture of the report in the README: ``python tests/screenshots/report.py``; needs Chromium.

With ``--check`` nothing is written: it fails where no picture can be taken, or the console says something.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "report.png"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SIZE = (1280, 1500)
OPTIONS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"),
    *("--disable-background-networking", "--virtual-time-budget=2000", "--enable-logging=stderr"),
)


def take(target: Path) -> str:
    """Run streak5 on the simulated sample and take its report; return what the browser's console said."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        sys.exit("no Chromium on this machine.")
    with tempfile.TemporaryDirectory() as folder:
        run = ["-c", "from backtest.cli import main; main()", "run", "streak5", "--no-trade"]
        subprocess.run([sys.executable, *run], cwd=folder, check=True, capture_output=True)
        (page,) = Path(folder).glob("reports/streak5/*/report.html")
        window = f"--window-size={SIZE[0]},{SIZE[1]}"
        command = [
            browser,
            *OPTIONS,
            f"--user-data-dir={folder}/profile",
            window,
            f"--screenshot={target}",
            page.as_uri(),
        ]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    return "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="take it, and throw it away")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "report.png" if parser.parse_args().check else PICTURE
        said = take(target)
        if said or not target.exists():
            sys.exit(said or "no picture was taken.")
        print(f"{target.name}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
