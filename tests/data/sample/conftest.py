import tomllib
from pathlib import Path

import pytest

from backtest.data.store.read import load_dataset

SAMPLE = Path(__file__).resolve().parents[3] / "datasets" / "sample"


@pytest.fixture(scope="session")
def sample_folder():
    return SAMPLE


@pytest.fixture(scope="session")
def raw_facts():
    return tomllib.loads((SAMPLE / "facts.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def prices():
    """The shipped sample, as a study sees it."""
    return load_dataset(SAMPLE).prices
