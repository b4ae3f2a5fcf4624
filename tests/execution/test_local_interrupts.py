"""Ctrl-C while processes are started: they never see it, and it is not lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from backtest.execution.local_processes import _interrupts_left_to_the_parent

pytestmark = pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="no signal masks here")
SLEEPS = "import sys, time; print('ready', flush=True); time.sleep(2); print('done', flush=True)"


def test_an_interrupt_comes_again_when_the_processes_have_started():
    inside = []

    def start():
        with _interrupts_left_to_the_parent():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.05)
            inside.append(True)

    with pytest.raises(KeyboardInterrupt):
        start()
    assert inside == [True]
    with _interrupts_left_to_the_parent():  # none came
        pass
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_an_interrupt_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with _interrupts_left_to_the_parent():
            os.kill(os.getpid(), signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_process_that_starts_meanwhile_passes_over_an_interrupt():
    with _interrupts_left_to_the_parent():
        process = subprocess.Popen([sys.executable, "-c", SLEEPS], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    os.kill(process.pid, signal.SIGINT)
    assert process.communicate(timeout=30)[0] == "done\n"
    assert process.returncode == 0
