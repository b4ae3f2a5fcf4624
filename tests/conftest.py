"""What the tests share: real data where they are there, small histories, workspaces."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from backtest.data.ingest.importing import import_dataset
from backtest.data.store.read import load_dataset
from backtest.model import Contracts, Dataset, Floats, Prices, SeriesInfo
from backtest.plan import Plan, plan_on
from backtest.workspace import Workspace

# The same examples on every machine and every day: what fails here fails there.
settings.register_profile("suite", max_examples=60, deadline=None, derandomize=True, database=None)
settings.load_profile("suite")

ROOT = Path(__file__).resolve().parents[1]


def pytest_collection_finish() -> None:
    """Put aside what three thousand tests have imported: to look through it for garbage takes a twentieth of them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data and oracles that lies beside the repository and may not be passed on."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip(
            "needs real market data, which may not be passed on and are not part of this repository: "
            "nothing is missing from your installation"
        )
    return folder


@pytest.fixture(scope="session")
def us_size(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with the real history, imported once for all tests that only read it, of every worker."""
    return _imported("us-size", shared, tmp_path_factory)


@pytest.fixture(scope="session")
def us_stocks_workspace(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace with 1,193 real stocks, imported once as `us_size` is."""
    return _imported("us-stocks", shared, tmp_path_factory)


@pytest.fixture(scope="session")
def us_stocks_dataset(us_stocks_workspace: Workspace) -> Dataset:
    """The dataset of 1,193 real stocks."""
    return load_dataset("us-stocks", us_stocks_workspace)


def _imported(name: str, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp(name)
    base = tmp_path_factory.getbasetemp()
    common = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    if not common.exists():
        (root / "backtest.toml").touch()
        import_dataset(name, shared / "data", Workspace(root, marked=True))
        with suppress(OSError):  # another worker was first
            root.rename(common)
    return Workspace(common, marked=True)


def weekdays(n: int, first: str = "2000-01-03") -> np.ndarray:
    """`n` Mondays to Fridays in a row."""
    return np.busday_offset(first, np.arange(n)).astype("datetime64[D]")


HistoryOf = Callable[..., Prices]


@pytest.fixture(scope="session")
def history_of() -> HistoryOf:
    """Build prices from columns by series name: ``history_of({"A": [...]}, kinds={"A": "rate"}, roles={...})``."""

    def build(
        columns: Mapping[str, Floats | list[float]],
        *,
        kinds: Mapping[str, str] | None = None,
        roles: Mapping[str, str] | None = None,
        tables: Mapping[str, Contracts] | None = None,
        sessions: np.ndarray | None = None,
    ) -> Prices:
        arrays = {key: np.asarray(values, dtype=np.float64) for key, values in columns.items()}
        if sessions is None:
            sessions = weekdays(len(next(iter(arrays.values()))))
        names = dict.fromkeys([*(key.partition(".")[0] for key in arrays), *(tables or {})])
        kind = {name: "futures" if name in (tables or {}) else "total_return_index" for name in names}
        kind |= dict(kinds or {})
        series = {name: SeriesInfo(name, f"Title of {name}", kind[name], "points") for name in names}
        return Prices(sessions, arrays, series, dict(roles or {}), dict(tables or {}))

    return build


@pytest.fixture(scope="session")
def dataset_of() -> Callable[..., Dataset]:
    """Wrap prices as a dataset."""

    def build(prices: Prices, *, name: str = "made", synthetic: bool = False, notes: tuple[str, ...] = ()) -> Dataset:
        return Dataset(name, f"Title of {name}", synthetic, "0" * 64, prices, notes)

    return build


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty workspace."""
    (tmp_path / "backtest.toml").write_text("", encoding="utf-8")
    (tmp_path / "strategies").mkdir()
    return Workspace(tmp_path, marked=True)


MARKED = """
from backtest.model import Condition, Indicator


def detect(prices, *, series: str = "M", least: float = 1.0, pattern: int = 1):
    \"\"\"Flag a session on which the series is at least so much; unknown where it is missing.\"\"\"
    values = prices.close(series)
    return Condition(values >= least, values == values, Indicator("mark", "1", values))


PATTERN = "pattern"
"""
"""A detector whose answer a test writes down itself, as a series."""

MARKED_STRATEGY = """
schema = 1
title = "Marked sessions"

[detector]
use = "marked.py"

[measure]
asset = "A"
benchmark = "B"
horizons = [1, 3]
window = [-2, 3]
"""


@pytest.fixture
def plan_of(workspace: Workspace, dataset_of: Callable[..., Dataset]) -> Callable[..., Plan]:
    """Plan a study of prices: the events are where the series ``M`` is 1, the legs are ``A`` and ``B``."""

    def build(prices: Prices, overrides: Mapping[str, object] | None = None, more: str = "", **dataset: object) -> Plan:
        folder = workspace.root / "strategies"
        (folder / "marked.py").write_text(MARKED, encoding="utf-8")
        (folder / "marked.toml").write_text(MARKED_STRATEGY + more, encoding="utf-8")
        return plan_on(dataset_of(prices, **dataset), workspace, "marked", overrides)

    return build
