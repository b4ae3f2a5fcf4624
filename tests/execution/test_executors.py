"""Every executor gives the same results, loses none with a worker, and refuses in one line what it cannot do."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backtest.errors import BacktestError, ExecutionRefused
from backtest.execution import local_processes
from backtest.execution.choose import executor_of
from backtest.execution.executor import Serial, in_order
from backtest.execution.local_processes import LocalProcesses

PIECES = [5, 0, 3, 8, 1, 9, 2]


def power(base, piece):
    time.sleep(piece / 200)  # so that they are not finished in order
    return base**piece


def dies_once(folder, piece):
    """Kill the process that is given the third piece, the first time."""
    mark = Path(folder) / "died"
    if piece == PIECES[2] and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return piece * 2


def dies(_shared, piece):
    if piece == PIECES[2]:
        os.kill(os.getpid(), signal.SIGKILL)
    return piece


def refuses(_shared, piece):
    raise BacktestError(f"piece {piece}: is refused.", "Give another.")


@pytest.mark.parametrize("executor", [Serial(), LocalProcesses(2), LocalProcesses(4)])
def test_results_are_in_the_order_of_the_pieces(executor):
    steps = []
    assert list(in_order(executor, power, 3, PIECES, lambda: steps.append(1))) == [3**n for n in PIECES]
    assert len(steps) == len(PIECES)


@pytest.mark.parametrize("executor", [Serial(), LocalProcesses(2)])
def test_no_pieces_give_no_results(executor):
    assert list(in_order(executor, power, 3, [])) == []


def test_what_a_killed_process_was_computing_is_computed_again(tmp_path):
    assert list(in_order(LocalProcesses(2), dies_once, str(tmp_path), PIECES)) == [2 * n for n in PIECES]
    assert (tmp_path / "died").exists()


def test_a_process_killed_from_outside_loses_nothing():
    running = LocalProcesses(2).run(power, 3, range(40))
    found = dict([next(running)])
    os.kill(multiprocessing.active_children()[0].pid, signal.SIGKILL)
    found.update(running)
    assert found == {n: 3**n for n in range(40)}


def test_a_piece_that_always_kills_its_process_is_refused_and_not_tried_forever():
    with pytest.raises(ExecutionRefused, match=r"lost 4 times in the same piece.*killed, most likely for lack of mem"):
        list(in_order(LocalProcesses(2), dies, None, PIECES))
    assert not multiprocessing.active_children()


RUNS_WORKERS = """
from backtest.errors import ExecutionRefused
from backtest.execution.local_processes import LocalProcesses
try:
    list(LocalProcesses(2).run(len, "x" * 1_000_000, range(20)))
except ExecutionRefused as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("unguarded", "read"),
    [(False, "file"), (True, "file"), (True, "standard input")],
    ids=["raises", "without a guard", "from standard input"],
)
def test_a_program_whose_workers_cannot_start_is_refused_and_does_not_wait(tmp_path, unguarded, read):
    """What all pieces share is more than a pipe holds: who writes it to a process that is gone waits for ever."""
    guard = "import sys\nif 'multiprocessing.spawn' in sys.modules: 1 / 0\n"
    program = RUNS_WORKERS if unguarded else guard + RUNS_WORKERS
    path = tmp_path / "program.py"
    path.write_text(program)
    called = [sys.executable, str(path)] if read == "file" else [sys.executable, "-"]
    given = program if read == "standard input" else ""
    done = subprocess.run(called, input=given, capture_output=True, text=True, timeout=120, check=False)
    assert "could not start" in done.stdout
    assert '__name__ == "__main__"' in done.stdout


OUTLIVED = """
import os, sys, time
from pathlib import Path
from backtest.execution.local_processes import LocalProcesses

def busy(folder, piece):
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(0.05)
    return bytes(1_000_000)  # more than a pipe holds: a writer waits until it is read

if __name__ == "__main__":
    for _ in LocalProcesses(2).run(busy, sys.argv[1], range(1_000_000)):
        pass
"""


def is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up under /proc")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_a_parent_that_was_killed(tmp_path, how):
    """They waited for work for ever, each with all that it had read."""
    program, seen = tmp_path / "program.py", tmp_path / "seen"
    program.write_text(OUTLIVED)
    seen.mkdir()
    parent = subprocess.Popen([sys.executable, str(program), str(seen)])
    until(lambda: len(list(seen.iterdir())) == 2)
    workers = [int(one.name) for one in seen.iterdir()]
    os.kill(parent.pid, how)
    parent.wait(60)
    try:
        until(lambda: not any(map(is_there, workers)))
    finally:
        for worker in filter(is_there, workers):
            os.kill(worker, signal.SIGKILL)


def until(true, patience=60):
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_refusal_of_a_worker_keeps_its_hint():
    with pytest.raises(BacktestError, match=r"piece 5: is refused\. Give another\."):
        list(in_order(LocalProcesses(2), refuses, None, [5]))


class Changed:
    """Data that a worker finds changed when it loads them."""

    def __reduce__(self):
        return _changed, ()


def _changed():
    raise BacktestError("the data have changed.", "Start again.")


def test_what_a_worker_cannot_load_is_its_refusal_and_no_lost_process(capfd):
    with pytest.raises(BacktestError, match=r"the data have changed\. Start again\."):
        list(in_order(LocalProcesses(2), power, Changed(), PIECES))
    assert "Traceback" not in capfd.readouterr().err


def test_what_was_begun_when_it_was_stopped_is_given():
    running = LocalProcesses(2).run(power, 3, iter(PIECES))
    first = next(running)[0]
    begun = running.throw(KeyboardInterrupt())
    assert begun[0] != first
    assert begun[1] == 3 ** begun[0]
    with pytest.raises(KeyboardInterrupt):
        list(running)
    assert not multiprocessing.active_children()


def test_the_number_of_workers_is_chosen():
    with executor_of(1) as one, executor_of(3) as three, executor_of() as usual:
        assert isinstance(one, Serial)
        assert three.workers == 3
        assert usual.workers == os.cpu_count()


def test_refusals():
    with pytest.raises(ExecutionRefused, match="workers = 0: at least 1"), executor_of(0):
        pass
    with pytest.raises(ExecutionRefused, match="its workers are its own"), executor_of(2, "tcp://127.0.0.1:1"):
        pass


def test_threads_of_libraries_are_limited_only_while_processes_start(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    with local_processes._one_thread_each():
        assert os.environ["OMP_NUM_THREADS"] == "1"
    assert os.environ["OMP_NUM_THREADS"] == "7"
