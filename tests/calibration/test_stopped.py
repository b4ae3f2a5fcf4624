"""Ctrl-C in the middle: what was begun is finished and kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMAND = [
    *("calibrate", "--world", "short", "--signal", "random", "-n", "13", "--horizon", "5"),
    *("--histories", "5000", "--jobs", "2"),
]


PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it, as nohup and & do
from backtest.cli import main
if __name__ == "__main__":
    main()
"""


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups here")
def test_interrupt_keeps_what_was_counted(tmp_path: Path):
    (tmp_path / "backtest.toml").touch()
    command = [sys.executable, "-c", PROGRAM, *COMMAND]
    process = subprocess.Popen(command, cwd=tmp_path, start_new_session=True, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not list(tmp_path.glob("reports/.calibration/*/seed-1/*.json")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert err.strip() == "Stopped."
    kept = sorted(path.name for path in tmp_path.glob("reports/.calibration/*/seed-1/*.json"))
    assert 1 <= len(kept) < 500
