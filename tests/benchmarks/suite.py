"""How long the README's test command takes on this machine, and which tests take most of it.

Run: ``python tests/benchmarks/suite.py``. The command is read from the README, so that what is timed is what is told.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
COMMAND = re.compile(r"&& python -m (pytest .+)$", re.MULTILINE)


def main() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = COMMAND.search(readme)
    if found is None:
        sys.exit(f"{ROOT / 'README.md'}: no line ends in '&& python -m pytest …'. Write the test command there.")
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", *found[1].split(), "--durations=15"], cwd=ROOT, check=False)
    minutes = (time.perf_counter() - began) / 60
    print(f"python -m {found[1]}: {minutes:.1f} minutes on {os.cpu_count()} cores, exit status {done.returncode}")
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
