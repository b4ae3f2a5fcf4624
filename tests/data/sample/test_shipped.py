"""What ships is what the generator writes, is small, and says that it is a simulation."""

import json
import shutil
import subprocess
import sys
import tomllib

import numpy as np
import pytest

from backtest.data.sample.__main__ import main
from backtest.data.sample.output import write_sample
from backtest.data.store.read import load_dataset
from backtest.errors import DataRefused

ROLES = {
    "small_index": "price_index",
    "market_index": "price_index",
    "tech_index": "price_index",
    "small": "total_return_index",
    "mega": "total_return_index",
    "market": "total_return_index",
    "equal_weight": "total_return_index",
    "policy_rate": "rate",
    "fed_funds_futures": "futures",
}


@pytest.fixture(scope="module")
def written(sample_folder, tmp_path_factory):
    """The sample, written again beside copies of its facts and manifest."""
    folder = tmp_path_factory.mktemp("again") / "sample"
    folder.mkdir()
    for name in ("facts.toml", "manifest.toml"):
        shutil.copy(sample_folder / name, folder)
    write_sample(folder)
    return folder


def contents(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_generator_gives_the_shipped_levels(written, prices):
    """To one unit of the fourth decimal: another processor may round the last bit of a logarithm differently."""
    again = load_dataset(written).prices
    assert np.array_equal(again.sessions, prices.sessions)
    assert list(again.columns) == list(prices.columns)
    for name in prices.columns:
        np.testing.assert_allclose(again.columns[name], prices.columns[name], rtol=0, atol=1.5e-4, err_msg=name)


def test_the_generator_gives_the_shipped_futures(written, prices):
    again, shipped = load_dataset(written).prices.contracts("fed_funds_futures"), prices.contracts("fed_funds_futures")
    assert np.array_equal(again.session, shipped.session)
    assert np.array_equal(again.month, shipped.month)
    np.testing.assert_allclose(again.price, shipped.price, rtol=0, atol=0.0051)
    assert np.mean(again.price != shipped.price) < 0.001


def test_writing_twice_gives_the_same_bytes(written):
    first = contents(written)
    write_sample(written)
    assert contents(written) == first


def test_it_says_that_it_is_a_simulation(sample_folder):
    dataset = load_dataset(sample_folder)
    assert dataset.synthetic is True
    assert "simulated" in dataset.title.lower()
    readme = (sample_folder / "README.md").read_text(encoding="utf-8")
    assert "**Forward returns on it mean nothing**" in readme
    lock = json.loads((sample_folder / "lock.json").read_text(encoding="utf-8"))
    manifest = tomllib.loads((sample_folder / "manifest.toml").read_text(encoding="utf-8"))
    assert lock["synthetic"] is True
    assert manifest["synthetic"] is True
    assert "Forward returns on it mean nothing." in manifest["description"]
    assert manifest["redistributable"] is True
    for name, info in dataset.prices.series.items():
        assert name.startswith("SIM_")
        assert info.title.startswith("Simulated")


def test_the_data_belong_to_the_manifest_beside_them(sample_folder):
    assert load_dataset(sample_folder).notes == ()  # no word of a manifest that has changed since


def test_every_role_is_there(prices):
    assert {role: prices.info(role).kind for role in prices.roles} == ROLES


def test_it_is_small(sample_folder):
    assert sum(path.stat().st_size for path in sample_folder.rglob("*") if path.is_file()) < 2_000_000


def test_only_what_ships_lies_in_its_folder(sample_folder):
    files = {path.relative_to(sample_folder).as_posix() for path in sample_folder.rglob("*") if path.is_file()}
    lock = json.loads((sample_folder / "lock.json").read_text(encoding="utf-8"))
    assert files == {"README.md", "facts.toml", "lock.json", "manifest.toml", *lock["files"]}


def test_the_command_writes_and_says_what(written, capsys):
    assert main([str(written)]) == 0
    out = capsys.readouterr().out
    assert "prices.parquet: 9573 rows" in out
    assert "SIM_FED_FUNDS_FUTURES.parquet" in out


def test_the_command_refuses_a_folder_without_facts(sample_folder, tmp_path, capsys):
    (tmp_path / "sample").mkdir()
    shutil.copy(sample_folder / "manifest.toml", tmp_path / "sample")
    assert main([str(tmp_path / "sample")]) == 1
    assert "facts.toml does not exist" in capsys.readouterr().err
    assert main(["--help"]) == 2


def test_without_the_calendar_it_says_what_to_install(sample_folder, tmp_path, monkeypatch):
    folder = tmp_path / "sample"
    shutil.copytree(sample_folder, folder)
    monkeypatch.setitem(sys.modules, "exchange_calendars", None)
    with pytest.raises(DataRefused, match=r"pip install 'episode-backtest\[test\]'"):
        write_sample(folder)


def test_loading_it_does_not_import_the_generator():
    code = (
        "import sys; from backtest.data.store.read import load_dataset; sys.exit('backtest.data.sample' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
