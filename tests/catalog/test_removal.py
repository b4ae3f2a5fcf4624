"""What ``clean`` may remove: by hand, and never what is not plainly a run."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import pytest

from backtest.catalog.removal import find_removable, remove
from backtest.errors import BacktestError
from backtest.model.labels import Labels
from backtest.record.sidecar import write_labels

from .test_runs import record


def runs(reports: Path, n: int, strategy: str = "streak5") -> list[Path]:
    """Record runs, oldest first."""
    return [record(reports, f"2026010{i + 1}T000000Z-0000000{i}", strategy=strategy) for i in range(n)]


def going(reports: Path, keep: int = 1, **options: object) -> list[Path]:
    return [one.folder for one in find_removable(reports, keep, **options).removable]


def whole(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("keep", range(6))
def test_the_newest_of_each_strategy_stay(tmp_path, keep):
    streaks, slumps = runs(tmp_path, 4), runs(tmp_path, 2, "slump")
    assert going(tmp_path, keep) == [*slumps[: max(2 - keep, 0)], *streaks[: max(4 - keep, 0)]]
    assert going(tmp_path, keep, strategy="sl*") == slumps[: max(2 - keep, 0)]


def test_runs_of_one_second_are_ordered_by_the_number_behind_their_id(tmp_path):
    names = [f"20260101T000000Z-0000000a{end}" for end in ("", "-2", "-10")]
    folders = [record(tmp_path, name) for name in names]
    assert going(tmp_path, 1) == folders[:2]


def test_labelled_runs_stay_and_do_not_count(tmp_path):
    oldest, old, newest = runs(tmp_path, 3)
    for labels in (Labels("a"), Labels(tags=("x",)), Labels(note="n")):
        write_labels(newest, labels)
        found = find_removable(tmp_path, 1)
        assert [one.folder for one in found.removable] == [oldest]
        assert [(one.folder, one.reason) for one in found.kept] == [(newest, "it has labels")]
    assert going(tmp_path, 1, labelled=True) == [oldest, old]


def test_what_is_not_plainly_a_run_stays(tmp_path):
    damaged, other, renamed, foreign, nested, linked = runs(tmp_path, 6)
    (damaged / "run.json").write_text("{", encoding="utf-8")
    shutil.copy(linked / "run.json", other / "run.json")  # a record of another run
    renamed = renamed.rename(renamed.with_name("mine"))
    (foreign / "notes.txt").write_text("mine", encoding="utf-8")
    (nested / "run").mkdir()
    link = tmp_path / "streak5" / "20260107T000000Z-00000007"
    link.symlink_to(linked.rename(tmp_path / "elsewhere"))
    elsewhere = record(tmp_path / "x", "20260101T000000Z-00000001")  # one level too deep
    (tmp_path / "streak5" / "empty").mkdir()
    found = find_removable(tmp_path, 0)
    assert not found.removable
    assert {one.folder.name: one.reason for one in found.kept} == {
        damaged.name: "its record or its labels cannot be read; 'backtest list runs' says why",
        other.name: "its folder is not called as its record says",
        "mine": "its folder is not called as its record says",
        foreign.name: "it holds files that no run writes: notes.txt",
        nested.name: "it holds files that no run writes: run",
        link.name: "it is a link",
    }
    assert elsewhere.is_dir()


def test_orphans_go_after_an_hour_since_anything_was_written(tmp_path):
    old, used, new = (tmp_path / "streak5" / f".unfinished-{name}" for name in ("old", "used", "new"))
    for folder in (old, used, new):
        folder.mkdir(parents=True)
        (folder / "run.json").write_text("12345", encoding="utf-8")
    hour_ago = time.time() - 3700
    for path in (old / "run.json", old, used):
        os.utime(path, (hour_ago, hour_ago))
    (found,) = find_removable(tmp_path, 5).removable
    assert (found.folder, found.bytes, found.run) == (old, 5, False)


def test_only_what_was_found_is_removed(tmp_path):
    _, middle, newest = runs(tmp_path, 3)
    write_labels(middle, Labels("kept"))
    before = {name: content for name, content in whole(tmp_path).items() if "20260101" not in name}
    found = find_removable(tmp_path, 1).removable
    assert [one.bytes for one in found] == [(found[0].folder / "run.json").stat().st_size]
    remove(found)
    assert whole(tmp_path) == before
    assert sorted(path.name for path in (tmp_path / "streak5").iterdir()) == [middle.name, newest.name]


def test_a_removal_that_is_killed_leaves_no_half_run(tmp_path, monkeypatch):
    oldest, newest = runs(tmp_path, 2)
    found = find_removable(tmp_path, 1).removable

    def killed(_path: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(shutil, "rmtree", killed)
    with pytest.raises(BacktestError, match="cannot be removed: Input/output error"):
        remove(found)
    assert not oldest.exists()
    assert {path.name[:11] for path in newest.parent.iterdir()} == {".unfinished", newest.name[:11]}
