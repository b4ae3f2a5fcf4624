"""Simulated data stay simulated, whatever is done to the lock file."""

from __future__ import annotations

import json
import shutil

import pytest

from backtest.data.store.read import load_dataset
from backtest.workspace import builtin


@pytest.mark.parametrize("file", ["lock.json", "manifest.toml"])
def test_an_edited_flag_does_not_make_them_real(tmp_path, file):
    folder = tmp_path / "sample"
    shutil.copytree(builtin("datasets") / "sample", folder)
    text = (folder / file).read_text(encoding="utf-8")
    if file == "lock.json":
        changed = json.dumps({**json.loads(text), "synthetic": False})
    else:
        changed = text.replace("synthetic = true", "synthetic = false")
    assert changed != text
    (folder / file).write_text(changed, encoding="utf-8")
    assert load_dataset(folder).synthetic is True
