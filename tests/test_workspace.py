from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from backtest import workspace as module
from backtest.errors import BacktestError, NotFound, WorkspaceInvalid
from backtest.workspace import Workspace, builtin, check_name, is_marked

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize(
    ("files", "marked"),
    [
        ({}, False),
        ({"backtest.toml": ""}, True),
        ({"pyproject.toml": "[tool.backtest]\n"}, True),
        ({"pyproject.toml": "[tool.other]\n"}, False),
        ({"pyproject.toml": "[project]\nname = 'x'\n"}, False),
        ({"pyproject.toml": "tool = 5\n"}, False),
        ({"pyproject.toml": "tool = 'backtest'\n"}, False),
    ],
)
def test_a_marker_makes_a_folder_a_workspace(tmp_path, files, marked):
    for name, content in files.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert is_marked(tmp_path) is marked


@pytest.mark.parametrize("content", [b"[tool", b"\xff\xfe"])
def test_a_marker_that_cannot_be_read_is_refused(tmp_path, content):
    (tmp_path / "pyproject.toml").write_bytes(content)
    with pytest.raises(WorkspaceInvalid) as refused:
        is_marked(tmp_path)
    assert str(refused.value).startswith(f"{tmp_path / 'pyproject.toml'}: cannot be read: ")
    assert str(refused.value).endswith("Fix it, or run in another folder.")


def test_the_nearest_marker_above_is_found(tmp_path, monkeypatch):
    (tmp_path / "backtest.toml").write_text("", encoding="utf-8")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert Workspace.find(inner) == Workspace(tmp_path, marked=True)
    (tmp_path / "a" / "backtest.toml").write_text("", encoding="utf-8")
    monkeypatch.chdir(inner)
    assert Workspace.find() == Workspace(tmp_path / "a", marked=True)
    assert Workspace.find().reports == tmp_path / "a" / "reports"


def test_without_a_marker_the_folder_itself_is_taken(tmp_path):
    found = Workspace.find(tmp_path)
    assert (found.root, found.marked) == (tmp_path, False)
    assert "streak5" in found.strategies()  # built-ins work everywhere
    assert "sample" in found.datasets()


def test_the_workspaces_own_come_before_built_ins(workspace):
    own = workspace.root / "strategies" / "streak5.toml"
    own.write_text("", encoding="utf-8")
    assert workspace.strategy("streak5") == own
    assert workspace.strategy("ratecut") == ROOT / "strategies" / "ratecut.toml"
    folder = workspace.root / "datasets" / "sample"
    folder.mkdir(parents=True)
    assert workspace.dataset("sample") == ROOT / "datasets" / "sample"  # a folder without a manifest is no dataset
    (folder / "manifest.toml").write_text("", encoding="utf-8")
    assert workspace.dataset("sample") == folder
    assert list(workspace.strategies()) == sorted(workspace.strategies())


def test_what_others_published_lies_in_a_folder_of_its_own(workspace):
    built_in = ROOT / "strategies" / "published" / "death_cross.toml"
    assert workspace.strategy("death_cross") == built_in
    folder = workspace.root / "strategies" / "published"
    folder.mkdir()
    for name in ("mine", "death_cross", "streak5"):
        (folder / f"{name}.toml").write_text("", encoding="utf-8")
    (workspace.root / "strategies" / "streak5.toml").write_text("", encoding="utf-8")
    (workspace.root / "strategies" / "drafts").mkdir()
    (workspace.root / "strategies" / "drafts" / "draft.toml").write_text("", encoding="utf-8")
    assert workspace.strategy("mine") == folder / "mine.toml"
    assert workspace.strategy("death_cross") == folder / "death_cross.toml"  # the workspace's own, before the built-in
    assert workspace.strategy("streak5").parent == workspace.root / "strategies"
    assert "draft" not in workspace.strategies()  # another folder is the user's own business


def test_a_strategy_may_be_a_path(tmp_path, workspace):
    path = tmp_path / "elsewhere.toml"
    path.write_text("", encoding="utf-8")
    assert workspace.strategy(str(path)) == path
    with pytest.raises(NotFound) as refused:
        workspace.strategy("nowhere/x.toml")
    assert str(refused.value) == (
        "strategy file 'nowhere/x.toml' does not exist. 'backtest list' shows the strategies known here."
    )


def test_a_path_that_is_no_strategy_says_what_it_is(tmp_path, workspace):
    (tmp_path / "one.toml").touch()
    (tmp_path / "two.toml").mkdir()
    (tmp_path / "three.txt").touch()
    listed = "'backtest list' shows the strategies known here."
    for name, told in (
        ("one", f"does not exist. Did you mean '{tmp_path / 'one.toml'}'?"),
        ("two.toml", f"is a folder. {listed}"),
        ("three.txt", f"does not end with .toml. {listed}"),
        ("four", f"does not exist. {listed}"),
    ):
        with pytest.raises(NotFound) as refused:
            workspace.strategy(str(tmp_path / name))
        assert str(refused.value) == f"strategy file '{tmp_path / name}' {told}"


def test_an_unknown_name_is_refused_with_where_it_was_looked_for(workspace):
    with pytest.raises(NotFound) as refused:
        workspace.strategy("streek5")
    searched = f"{workspace.root / 'strategies'}, {ROOT / 'strategies'}"
    assert str(refused.value) == f"strategy 'streek5' is not in {searched}. Did you mean 'streak5'?"
    with pytest.raises(NotFound) as refused:
        workspace.dataset("../sample")
    assert str(refused.value).startswith(f"dataset '../sample' is not in {ROOT / 'datasets'}. ")


@pytest.mark.parametrize("name", ["a", "us-size", "A_9", "9", "x" * 64])
def test_a_name_is_a_folder_and_a_word(name, workspace):
    check_name("dataset", name)
    assert workspace.own_dataset(name) == workspace.root / "datasets" / name


@pytest.mark.parametrize("name", ["", "-a", "_a", ".", "..", "a/b", "a b", "a.b", "é", "a\n", "x" * 65, "../x"])
def test_another_name_is_refused(name, workspace):
    with pytest.raises(NotFound) as refused:
        workspace.own_dataset(name)
    assert str(refused.value).endswith(
        "is not allowed. Use up to 64 letters, digits, '-' and '_', starting with a letter or digit."
    )


def test_a_broken_installation_does_not_look_into_other_peoples_folders(tmp_path, monkeypatch):
    # As in site-packages: no folder of built-ins inside the package, and beside it somebody else's `datasets`.
    (tmp_path / "datasets").mkdir()
    monkeypatch.setattr(module, "PACKAGE", tmp_path / "backtest")
    builtin.cache_clear()
    try:
        with pytest.raises(BacktestError) as refused:
            builtin("datasets")
        assert str(refused.value).startswith("the installed package carries no built-in datasets.")
        carried = tmp_path / "backtest" / "_builtin" / "datasets"
        carried.mkdir(parents=True)
        assert builtin("datasets") == carried
        shutil.rmtree(tmp_path / "backtest")
        (tmp_path / "pyproject.toml").write_text("[tool.backtest]\n", encoding="utf-8")
        builtin.cache_clear()
        assert builtin("datasets") == tmp_path / "datasets"
    finally:
        builtin.cache_clear()
