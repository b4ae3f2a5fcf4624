"""Two at once: one writer waits for the other, and a reader has the data before or the data after."""

import os
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from backtest.data.store import exclusive as writing
from backtest.data.store import read as load
from backtest.data.store.read import load_dataset
from backtest.errors import DataRefused, DatasetCorrupt

from .conftest import PRICES, A

F = '[series.F]\ntitle = "F"\nkind = "futures"\nunit = "price"\nfile = "f.csv"\n'
FUTURES = "date,contract,price\n2024-07-15,2024-08,{0}\n2024-07-16,2024-08,{0}\n"
SLOW = """
import pathlib, sys, time
from backtest.data.ingest import importing
from backtest.data.store import write as store
from backtest.workspace import Workspace
root, begun, whole = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), store._describe
def slow(*given):
    begun.touch()
    time.sleep(float(sys.argv[3]))
    return whole(*given)
store._describe = slow
importing.import_dataset("mine", root / "delivered", Workspace(root, marked=True))
"""


@pytest.fixture
def slow(simple, tmp_path):
    """Start an import in another process, and come back when its files lie there and its lock file does not."""
    started = []

    def start(seconds):
        begun = tmp_path / "begun"
        child = subprocess.Popen([sys.executable, "-c", SLOW, str(tmp_path), str(begun), str(seconds)])
        started.append(child)
        while not begun.exists():
            assert child.poll() is None
            threading.Event().wait(0.01)
        return child

    yield start
    for child in started:
        child.kill()
        child.wait()


def test_a_second_import_waits_for_the_first(simple, slow):
    simple.run()
    simple.deliver(a=PRICES.replace("99.5", "98"))
    child = slow(0.5)
    simple.deliver(a=PRICES.replace("99.5", "97"))
    simple.run()
    assert child.wait() == 0
    assert load_dataset(simple.folder).prices.close("A")[-1] == 97.0


def test_who_waits_too_long_is_refused_with_one_line(simple, slow, monkeypatch):
    before = simple.run()
    child = slow(60)
    monkeypatch.setattr(writing, "WAIT", 0.1)
    with pytest.raises(DataRefused) as refused:
        simple.run()
    assert str(refused.value) == (
        "dataset 'mine': another import or pull is writing it. Try again when it has finished."
    )
    assert load_dataset(simple.folder).sha256 == before.sha256
    child.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    child.wait()
    simple.run()  # the system has taken the lock back


def test_threads_keep_each_other_out(tmp_path):
    inside, most, lock = [], [], threading.Lock()

    def work():
        for _ in range(20):
            with writing.writing(tmp_path):
                with lock:
                    inside.append(1)
                    most.append(len(inside))
                with lock:
                    inside.pop()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 80


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_process_forked_while_it_is_held_does_not_hold_it_for_ever(tmp_path):
    with writing.writing(tmp_path):
        child = os.fork()
        if child == 0:
            signal.pause()
    try:
        with writing.writing(tmp_path, wait=0.0):
            pass
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@pytest.fixture
def futures(simple):
    """Deliver and import prices and futures that are all of one number."""
    simple.manifest(A, F)

    def run(number):
        simple.deliver(a=PRICES.replace("100", str(number)), f=FUTURES.format(number))
        return simple.run()

    run(90)
    run.folder = simple.folder
    return run


@pytest.mark.parametrize("times", [1, 2, 3])
def test_data_replaced_while_they_are_opened_are_opened_anew(futures, monkeypatch, times):
    left, whole = list(range(91, 91 + times)), load._open

    def replaced(folder, lock, name):
        numbers, left[:] = list(left), []  # an import loads what is there, too
        for number in numbers:
            futures(number)
        return whole(folder, lock, name)

    monkeypatch.setattr(load, "_open", replaced)
    prices = load_dataset(futures.folder).prices
    number = prices.close("A")[0]
    assert number == (90 if times == 1 else 90 + times)
    np.testing.assert_array_equal(prices.contracts("F").price, [number] * 2)


def test_tables_are_read_late_and_are_of_the_same_data(futures):
    prices = load_dataset(futures.folder).prices
    futures(91)
    np.testing.assert_array_equal(prices.contracts("F").price, [90, 90])
    late = load_dataset(futures.folder).prices
    futures(92)
    futures(93)
    with pytest.raises(DatasetCorrupt, match=r"rewritten more than once since it was loaded\. Load it again\."):
        late.contracts("F")
    np.testing.assert_array_equal(late.close("A"), [91, 101, 99.5])
