"""Numbers, integers and thresholds at the ends of their ranges."""

import errno
import os

import pytest

from backtest import files
from backtest.data.store.read import load_dataset
from backtest.errors import DataRefused, ManifestInvalid, StrategyInvalid
from backtest.spec.strategy import load_strategy
from backtest.untyped import read_toml

from .conftest import HEAD, PRICES, A

HEX = f"0x{'f' * 6_000}"


@pytest.mark.parametrize("value", ["1e-306", "5e-324", "-1e-101", "1.01e100", "-1e300"])
def test_numbers_whose_changes_cannot_be_computed(simple, value):
    simple.deliver(a=PRICES.replace("101", value))
    with pytest.raises(DataRefused, match=r"a\.csv line 3: close = .*: must lie between 1e-100 and 1e\+100 in size"):
        simple.run()


@pytest.mark.parametrize("value", ["1e-100", "1e100"])
def test_the_ends_of_the_range_are_numbers(simple, value):
    simple.deliver(a=f"date,close\n2024-07-15,{value}\n2024-07-16,{value}\n")
    simple.run()
    assert load_dataset(simple.folder).prices.close("A").tolist() == [float(value)] * 2


def test_an_integer_that_python_cannot_print(simple, tmp_path):
    simple.manifest(A, head=HEAD.replace("schema = 1", f"schema = {HEX}"))
    with pytest.raises(ManifestInvalid, match="is not TOML: a whole number has 24,000 bits"):
        simple.run()
    path = tmp_path / "a.toml"
    path.write_text(f"title = [[{HEX}]]\n")
    with pytest.raises(StrategyInvalid, match="not valid TOML: a whole number has 24,000 bits"):
        load_strategy(path)
    assert read_toml(f"a = {2**63 - 1}\nb = [{{ c = {-(2**63)} }}]") == {"a": 2**63 - 1, "b": [{"c": -(2**63)}]}


OPENS = "[checks]\nopen_is_close = {}\n"


@pytest.mark.parametrize(("threshold", "found"), [("0.25", True), ("0", False), ("0.0", False)])
def test_zero_switches_copied_opens_off(bench, threshold, found):
    import numpy as np

    days = np.busday_offset("2024-07-08", np.arange(40))
    days = days[days != np.datetime64("2024-09-02")]
    closes = 100 + np.sin(np.arange(len(days)))
    rows = [
        f"{day},{before:.6f},{close:.6f}" for day, before, close in zip(days[1:], closes[:-1], closes[1:], strict=True)
    ]
    bench.manifest(A + 'columns = { open = "open" }\n', OPENS.format(threshold))
    bench.deliver(a="\n".join(["date,open,close", *rows]) + "\n")
    assert ("open_is_close" in {finding.rule for finding in bench.run().findings}) == found


def test_windows_waits_for_a_reader(tmp_path, monkeypatch):
    path, refused = tmp_path / "lock.json", [PermissionError(errno.EACCES, "held")] * 2
    path.write_text("old")
    replace = os.replace

    def held(old, new):
        if refused:
            raise refused.pop()
        replace(old, new)

    monkeypatch.setattr(files.os, "replace", held)
    with pytest.raises(PermissionError):
        files.write_file(path, "new")  # elsewhere, a reader does not matter: this is about permissions
    monkeypatch.setattr(files, "WAITS_FOR_READERS", True)
    files.write_file(path, "new")
    assert (path.read_text(), list(tmp_path.iterdir())) == ("new", [path])


def test_a_manifest_nested_too_deeply_is_damage_not_a_crash(simple):
    simple.run()
    path = simple.folder / "manifest.toml"
    path.write_text(f"{path.read_text()}\na = {'[' * 3_000}{']' * 3_000}\n")
    with pytest.raises(ManifestInvalid, match="is not TOML: it is nested too deeply"):
        simple.run()
    assert len(load_dataset(simple.folder).prices) == 3  # the lock decides
