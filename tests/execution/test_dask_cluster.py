"""A Dask cluster on this machine: the same results as in one process, also after a worker is killed."""

from __future__ import annotations

import importlib
import logging
import os
import signal
import socket
import time
from threading import Event, Lock

import pytest

from backtest.calibration.choices import world_task
from backtest.calibration.named_worlds import SIMULATED
from backtest.calibration.runner import run_histories
from backtest.calibration.signals import Signal
from backtest.errors import BacktestError, ExecutionRefused
from backtest.execution import dask_cluster
from backtest.execution.choose import executor_of
from backtest.execution.dask_cluster import connected
from backtest.execution.executor import in_order

distributed = pytest.importorskip("distributed", reason="Dask distributed comes with the extra 'scale'")
pytestmark = pytest.mark.filterwarnings("ignore")  # of Dask's event loop, which warns when it is closed

WORLD = {world.name: world for world in SIMULATED}


def squared(base, piece):
    time.sleep(0.05)
    return base + piece**2


def refuses(_shared, piece):
    raise BacktestError(f"piece {piece}: is refused.", "Give another.")


def fails(_shared, piece):
    raise OSError("disk on fire")


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0", silence_logs=60) as made:
        yield made


@pytest.fixture
def address(cluster):
    return cluster.scheduler_address


def test_results_are_those_of_one_process(address):
    with executor_of(cluster=address) as executor:
        assert executor.workers == 2
        assert list(in_order(executor, squared, 7, [3, 1, 2])) == [16, 8, 11]
        assert list(in_order(executor, squared, 7, [])) == []


def test_text_tuples_and_functions_are_sent_as_they_are(address):
    with connected(address) as executor:
        pieces = ["a-key", (len, "a"), ("x", 1), {"of": [1]}]
        assert [
            result for _, result in sorted(executor.run(_same, None, pieces), key=lambda one: str(one[0]))
        ] == sorted(pieces, key=str)


def _same(_shared, piece):
    return piece


def test_a_killed_worker_loses_nothing(cluster, address):
    killed = next(iter(cluster.workers.values())).pid
    with connected(address) as executor:
        running = executor.run(squared, 7, range(30))
        found = dict([next(running)])
        os.kill(killed, signal.SIGKILL)
        found.update(running)
    assert found == {n: 7 + n**2 for n in range(30)}


class Opened:
    """Cannot be sent any more once it was used, as what has opened a file."""

    def use(self):
        self.lock = Lock()
        return os.getpid()


def uses(shared, piece):
    time.sleep(0.3)
    return piece, shared.use()


def test_a_worker_passes_on_what_it_was_given_as_it_came(address):
    with connected(address) as executor:
        found = [result for _, result in executor.run(uses, Opened(), range(16))]
    assert sorted(piece for piece, _ in found) == list(range(16))
    assert len({process for _, process in found}) == 2


def test_a_refusal_of_a_worker_keeps_its_hint(address):
    with connected(address) as executor:
        with pytest.raises(BacktestError, match=r"piece 5: is refused\. Give another\."):
            list(in_order(executor, refuses, None, [5]))
        with pytest.raises(OSError, match="disk on fire"):
            list(in_order(executor, fails, None, [5]))


def test_calibration_counts_the_same_on_a_cluster(address):
    task = world_task(WORLD["gjr"], (Signal("streak", 3),), (1, 21), 600, seed=7)
    alone, shared = run_histories(task, 8, jobs=1), run_histories(task, 8, cluster=address)
    assert alone.tried.keys() == shared.tried.keys()
    for key in alone.tried:
        assert alone.tried[key].tobytes() == shared.tried[key].tobytes()
        assert alone.total[key].tobytes() == shared.total[key].tobytes()
    with pytest.raises(ExecutionRefused, match="its workers are its own"):
        run_histories(task, 8, jobs=2, cluster=address)


def test_what_was_begun_when_it_was_stopped_is_given(address):
    with connected(address) as executor:
        running = executor.run(squared, 0, iter(range(100)))
        given = [next(running)[0], running.throw(KeyboardInterrupt())[0]]
        with pytest.raises(KeyboardInterrupt):
            given.extend(number for number, _ in running)
    assert len(set(given)) == len(given) <= 6


@pytest.mark.parametrize(
    "bad", ["", "localhost", "tcp://", "tcp://a b:1", "http://x:1", "tcp://x:1\n\x1b[31m", "x" * 9999]
)
def test_what_is_no_address_is_refused_in_one_line(bad):
    with pytest.raises(ExecutionRefused, match="must be the address of a Dask") as caught, connected(bad):
        pass
    assert len(str(caught.value)) < 2000
    assert str(caught.value).isprintable()


def test_nobody_answers(monkeypatch):
    monkeypatch.setattr(dask_cluster, "REACHED_WITHIN", 0.5)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (
        pytest.raises(ExecutionRefused, match=f"cluster tcp://127.0.0.1:{port}: cannot be reached within 0.5"),
        connected(f"tcp://127.0.0.1:{port}"),
    ):
        pass


def test_dask_is_not_installed(monkeypatch, address):
    def absent(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(importlib, "import_module", absent)
    with (
        pytest.raises(ExecutionRefused, match=r"Dask is not installed\. pip install 'episode-backtest\[scale\]'"),
        connected(address),
    ):
        pass


def test_another_version_is_refused(monkeypatch, address):
    own = distributed.Client.get_versions

    def other(self, *args, **kwargs):
        found = own(self, *args, **kwargs)
        next(iter(found["workers"].values()))["packages"]["numpy"] = "1.26.0"
        return found

    monkeypatch.setattr(distributed.Client, "get_versions", other)
    with (
        pytest.raises(ExecutionRefused, match=r"worker tcp://\S+ has numpy 1\.26\.0, this machine \d"),
        connected(address),
    ):
        pass


def test_a_cluster_without_workers_is_refused(monkeypatch):
    with distributed.LocalCluster(n_workers=0, dashboard_address=":0", silence_logs=60) as empty:
        words = r"it has no worker\. Start some: dask worker tcp://"
        with pytest.raises(ExecutionRefused, match=words), connected(empty.scheduler_address):
            pass


def test_workers_that_all_go_away_are_not_waited_for(monkeypatch):
    monkeypatch.setattr(dask_cluster, "WITHOUT_WORKERS", 1)
    made = distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0", silence_logs=60)
    with made, connected(made.scheduler_address) as executor:
        running = executor.run(squared, 0, range(1000))
        next(running)
        made.scale(0)
        with pytest.raises(ExecutionRefused, match="has had no worker for 1 seconds"):
            list(running)


def test_a_scheduler_that_goes_away_is_refused():
    made = distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=":0", silence_logs=60)
    with connected(made.scheduler_address) as executor:
        running = executor.run(squared, 0, range(1000))
        next(running)
        made.close()
        with pytest.raises(ExecutionRefused, match="connection was lost"):
            list(running)


def test_loggers_with_a_level_of_their_own_are_silenced_too_and_get_it_back():
    own = logging.getLogger("distributed.client")
    before = own.level
    assert logging.NOTSET < before < logging.CRITICAL  # as Dask sets it when it is imported
    with dask_cluster._quiet():
        assert own.level == logging.CRITICAL
    assert own.level == before


@pytest.fixture
def deaf():
    """A port that takes connections and never answers, as a web server that waits for a request."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


def test_what_takes_connections_and_never_answers_is_refused(deaf, monkeypatch):
    monkeypatch.setattr(dask_cluster, "ANSWERS_WITHIN", 1)
    words = rf"{deaf}: no answer of a Dask scheduler within 1 seconds\. Check the address"
    with pytest.raises(ExecutionRefused, match=words), connected(deaf):
        pass


def test_the_address_of_a_worker_is_refused(cluster):
    worker = next(iter(cluster.workers.values())).worker_address
    with (
        pytest.raises(ExecutionRefused, match=r"does not answer as a Dask scheduler: .*Check the address"),
        connected(worker),
    ):
        pass


def test_certificates_that_are_not_configured_are_named():
    with (
        pytest.raises(ExecutionRefused, match=r"TLS.*For tls://, Dask's configuration names the certificates"),
        connected("tls://127.0.0.1:1"),
    ):
        pass


def test_a_scheduler_that_stops_answering_is_not_waited_for(address, monkeypatch):
    monkeypatch.setattr(dask_cluster, "WITHOUT_WORKERS", 0.5)
    monkeypatch.setattr(dask_cluster, "ANSWERS_WITHIN", 0.5)
    monkeypatch.setattr(dask_cluster, "REACHED_WITHIN", 5)
    with connected(address) as executor:
        running = executor.run(slowly, None, range(3))
        asked = Event()
        monkeypatch.setattr(type(executor._client), "nthreads", lambda _client: asked.wait(30) and {})
        with pytest.raises(ExecutionRefused, match=r"connection was lost: no answer within 0\.5 seconds\."):
            next(running)
        asked.set()


def slowly(_shared, piece):
    time.sleep(2)
    return piece
