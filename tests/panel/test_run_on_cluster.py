"""A scheduler and two workers, started by hand as docs/scale.md says, and what ``run --cluster`` records there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("distributed", reason="Dask distributed comes with the extra 'scale'")
ALONE = subprocess.DEVNULL
RUN = ("run", "streak5_panel", "-d", "sample-panel", "--quiet", "--output")


def dask(*arguments, folder):
    command = [sys.executable, "-m", "dask", *arguments]
    return subprocess.Popen(command, stdout=ALONE, stderr=ALONE, cwd=folder, env=os.environ | {"PYTHONWARNINGS": ""})


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Give the address of a scheduler, itself and its workers."""
    folder = tmp_path_factory.mktemp("cluster")
    file = folder / "scheduler.json"
    hosted = ("--host", "127.0.0.1", "--no-dashboard")
    began = [dask("scheduler", *hosted, "--port", "0", "--scheduler-file", str(file), folder=folder)]
    try:
        began += [
            dask("worker", *hosted, "--nthreads", "1", "--no-nanny", "--scheduler-file", str(file), folder=folder)
            for _ in range(2)
        ]
        address = _address(file)
        import distributed

        with distributed.Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=60)
        yield address, *began
    finally:
        for process in began:
            process.kill()
        for process in began:
            process.wait()


def _address(file):
    import json

    for _ in range(600):
        if file.exists() and file.read_text():
            return json.loads(file.read_text())["address"]
        time.sleep(0.1)
    raise TimeoutError(file)


def backtest(root, *arguments):
    command = [sys.executable, "-m", "backtest", *arguments]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def recorded(run):
    """The bytes of each table of a run."""
    out, err = run.communicate(timeout=120)
    assert run.returncode == 0, err
    return {file.name: file.read_bytes() for file in Path(out.strip()).parent.glob("*.parquet")}


@pytest.mark.filterwarnings("ignore")
def test_the_same_bytes_also_without_one_worker_and_a_line_without_a_scheduler(panel_workspace, cluster, tmp_path):
    root, (address, scheduler, first, _second) = panel_workspace.root, cluster
    alone = recorded(backtest(root, *RUN, str(tmp_path / "alone"), "--workers", "1"))
    assert len(alone) >= 8
    assert recorded(backtest(root, *RUN, str(tmp_path / "both"), "--cluster", address)) == alone

    running = backtest(root, *RUN, str(tmp_path / "one"), "--cluster", address)
    time.sleep(2)
    first.send_signal(signal.SIGKILL)
    assert recorded(running) == alone

    scheduler.kill()
    scheduler.wait()
    refused = backtest(root, *RUN, str(tmp_path / "none"), "--cluster", address)
    _, err = refused.communicate(timeout=60)
    assert refused.returncode == 1
    assert err.startswith("Error: ")
    assert f"cluster {address}: cannot be reached within 10 seconds" in err
    assert err.count("\n") == 1
