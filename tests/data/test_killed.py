"""An import that is killed leaves the old dataset or the new one: 20 kills here, 100 in the benchmark."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "benchmarks" / "kills.py"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_random_moments():
    command = [sys.executable, "-W", "ignore", str(SCRIPT), "20"]
    done = subprocess.run(command, cwd=SCRIPT.parents[2], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "20 kills" in done.stdout
    assert "no mixture" in done.stdout
