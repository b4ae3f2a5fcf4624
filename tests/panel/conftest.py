"""A recorded study on the simulated panel, made once."""

from __future__ import annotations

import json

import pytest

from backtest.panel.panel_run import PanelRun, run_panel
from backtest.plan import make_plan
from backtest.workspace import Workspace


@pytest.fixture(scope="session")
def panel_workspace(tmp_path_factory) -> Workspace:
    folder = tmp_path_factory.mktemp("panel")
    (folder / "backtest.toml").touch()
    return Workspace.find(folder)


@pytest.fixture(scope="session")
def panel_run(panel_workspace) -> PanelRun:
    return run_panel(make_plan(panel_workspace, "streak5_panel", "sample-panel"))


@pytest.fixture(scope="session")
def panel_folder(panel_run, panel_workspace):
    return panel_run.save(panel_workspace)


@pytest.fixture(scope="session")
def panel_summary(panel_folder):
    return json.loads((panel_folder / "run.json").read_text("utf-8"))
