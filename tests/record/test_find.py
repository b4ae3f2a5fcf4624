"""Runs by whatever names them: written down by hand, and with many ids drawn at random."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.errors import Ambiguous, NotFound
from backtest.model.labels import Labels
from backtest.record.find import find_run, run_folders, short_id, short_ids
from backtest.record.sidecar import write_labels

RUNS = (
    "streak5/20261126T022358Z-efe990dd",
    "streak5/20261127T080000Z-efe990dd",  # the same study again: its hash is the same
    "streak5/20261127T080000Z-efe990dd-2",
    "slump/20261126T022358Z-efab12cd",
    "slump/20261201T000000Z-0123abcd",
)


def make(reports: Path, runs=RUNS) -> Path:
    for run in runs:
        (reports / run).mkdir(parents=True)
        (reports / run / "run.json").touch()
    return reports


@pytest.mark.parametrize(
    ("name", "run"),
    [
        ("20261126T022358Z-efab12cd", RUNS[3]),
        ("slump/20261126T022358Z-efab12cd", RUNS[3]),
        ("efab12cd", RUNS[3]),
        ("efab", RUNS[3]),
        ("0123", RUNS[4]),
        ("20261201", RUNS[4]),
        ("20261126T022358Z-efe", RUNS[0]),
        ("slump/2026112", RUNS[3]),
        ("slump/0123abcd", RUNS[4]),
        ("efe990dd-2", RUNS[2]),
        ("20261127T080000Z-efe990dd", RUNS[1]),
        ("slump", RUNS[4]),
    ],
)
def test_a_run_is_found_by_what_names_it_alone(tmp_path, name, run):
    assert find_run(make(tmp_path), name) == tmp_path / run


@pytest.mark.parametrize(
    ("name", "fitting"),
    [
        ("efe990dd", (RUNS[0], RUNS[1])),
        ("efe9", RUNS[:3]),
        ("20261126T", (RUNS[3], RUNS[0])),
        ("2026", sorted(RUNS)),
        ("slump/2026", (RUNS[3], RUNS[4])),
    ],
)
def test_what_fits_several_runs_is_refused_with_all_of_them(tmp_path, name, fitting):
    with pytest.raises(Ambiguous) as refused:
        find_run(make(tmp_path), name)
    assert str(refused.value) == (
        f"'{name}' fits {len(fitting)} runs: {', '.join(fitting)}. Write more of the id, or give one a name."
    )


@pytest.mark.parametrize("name", ["efe", "0", "", "990dd", "efe990de", "streak5/0123", "T022358Z", "streak"])
def test_anything_else_is_not_found(tmp_path, name):
    with pytest.raises(NotFound):
        find_run(make(tmp_path), name)


def test_a_name_given_to_a_run_comes_before_strategies_and_beginnings(tmp_path):
    reports = make(tmp_path)
    write_labels(reports / RUNS[0], Labels("efab"))
    assert find_run(reports, "efab") == reports / RUNS[0]
    write_labels(reports / RUNS[0], Labels("slump"))
    assert find_run(reports, "slump") == reports / RUNS[0]
    (reports / RUNS[0] / "labels.json").write_text("damaged", encoding="utf-8")
    assert find_run(reports, "slump") == reports / RUNS[4]


def test_a_missing_run_does_not_print_every_other(tmp_path):
    with pytest.raises(NotFound) as refused:
        find_run(make(tmp_path), "zzzzzz")
    assert str(refused.value) == f"run 'zzzzzz' is not under {tmp_path}. 'backtest list runs' shows what there is."


@pytest.mark.parametrize(
    ("path", "names", "what"),
    [
        ("streak5/tune-20260101T000000Z-1234abcd/tune.json", ("tune-20260101T000000Z-1234abcd",), "search"),
        ("compare/20260101T000000Z-1234abcd.json", ("20260101T000000Z-1234abcd", "compare"), "comparison"),
    ],
)
def test_a_search_or_comparison_is_no_run_and_what_to_do_is_said(tmp_path, path, names, what):
    reports = make(tmp_path)
    (reports / path).parent.mkdir(parents=True)
    (reports / path).touch()
    folder = reports / path
    for name in (*names, str(folder.parent if what == "search" else folder)):
        with pytest.raises(NotFound) as refused:
            find_run(reports, name)
        assert str(refused.value).startswith(
            f"'{name}' is a {what}, and no run. 'backtest export' takes it; to check it, "
        )


def test_short_ids_by_hand(tmp_path):
    reports = make(tmp_path)
    short = short_ids(run_folders(reports))
    assert [short[reports / run] for run in RUNS] == [
        "20261126T022358Z-efe",  # its hash has a twin, and its second, too
        "20261127T080000Z-efe990dd",  # the beginning of the next one: only whole is it alone
        "efe990dd-2",
        "efab12cd",
        "0123abcd",
    ]
    assert short_id(reports, reports / RUNS[3]) == "efab12cd"
    write_labels(reports / RUNS[0], Labels("efab12cd"))  # taken by a name
    assert short_id(reports, reports / RUNS[3]) == "20261126T022358Z-efa"


STAMPS = st.sampled_from(["20261126T022358Z", "20261126T022359Z", "20250101T000000Z"])
HASHES = st.sampled_from(["efe990dd", "efe990de", "efe990dd-2", "20261126", "00000000"])
IDS = st.builds("{}/{}-{}".format, st.sampled_from(["a", "streak5", "efe990dd"]), STAMPS, HASHES)


@given(st.sets(IDS, max_size=12))
def test_every_short_id_finds_its_own_run(ids):
    with tempfile.TemporaryDirectory() as folder:
        reports = make(Path(folder), sorted(ids))
        for run, short in short_ids(run_folders(reports)).items():
            assert find_run(reports, short) == run
