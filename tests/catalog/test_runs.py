"""What is damaged under ``reports/`` is named, and takes nothing else down."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from backtest.catalog.other_pages import claim_pages, comparison_pages, detector_pages, tuning_pages
from backtest.catalog.runs import refresh_index, run_lines
from backtest.model.labels import Labels
from backtest.record.sidecar import write_labels

SOUND = {
    "schema": 1,
    "run_id": "20261126T022358Z-efe990dd",
    "created": "2026-11-26T02:23:58Z",
    "version": "0.1.0",
    "strategy": "streak5",
    "title": "Five sessions",
    "question": "",
    "verdict": "V",
    "dataset": {"name": "d", "title": "D", "synthetic": False, "sha256": "0" * 64},
    "parameters": {"detector.sessions": 5, "trade.hold": 21},
    "sample": {"first": "2000-01-03", "last": "2020-12-31", "sessions": 5000},
    "files": {},
    "events": [],
    "notes": [],
    **dict.fromkeys(("n_episodes", "n_events"), 0),
    **dict.fromkeys(("observed", "trade")),
    "legs": {"asset": dict.fromkeys(("name", "title", "kind", "unit", "derivation"), "A")},
    "horizons": [],
}


ROW = {"horizon": 5, "n": 1, "pending": 0} | dict.fromkeys(("ci_low", "ci_high", "mde", "p_adjusted"), 0)


def record(reports: Path, run_id: str, content: object = None, strategy: str = "streak5", **changes: object) -> Path:
    folder = reports / strategy / run_id
    folder.mkdir(parents=True)
    run = {**SOUND, "strategy": strategy, "run_id": run_id, "created": f"{run_id[:4]}-01-01T00:00:00Z", **changes}
    text = content if isinstance(content, str) else json.dumps(run)
    (folder / "run.json").write_text(text, encoding="utf-8")
    return folder


def without(*keys: str) -> dict[str, object]:
    return dict.fromkeys(keys)


@pytest.mark.parametrize(
    ("content", "changes", "said"),
    [
        ("", {}, "cannot be read"),
        ("[" * 100_000, {}, "cannot be read"),
        ("null", {}, "schema None"),
        (None, {"schema": 99}, "schema 99"),
        (None, without("title"), "'title' is missing, or not as a run has it"),
        (None, {"dataset": {}}, "'dataset.name' is missing"),
        (None, {"dataset": {"name": "d", "title": "D", "sha256": ""}}, "'dataset.synthetic' is missing"),
        (None, {"sample": {}}, "'sample.first' is missing"),
        (None, {"horizons": [{}]}, "'horizons[0].horizon' is missing"),
        (
            None,
            {"horizons": [ROW | {"excess": "x", "p_value": 2}]},
            "'horizons[0].excess' is",
        ),
        (None, {"overrides": 5}, "'overrides' is missing"),
    ],
)
def test_one_damaged_record_is_named_and_the_others_are_listed(tmp_path, content, changes, said):
    reports = tmp_path / "reports"
    record(reports, "20250101T000000Z-00000001")
    record(reports, "20260101T000000Z-00000002", content, **changes)
    newest, oldest = run_lines(reports)
    assert (newest.short, newest.facts) == ("00000002", None)
    assert newest.refusal.startswith("reports/streak5/20260101T000000Z-00000002")
    assert said in newest.refusal
    assert oldest.facts is not None
    refresh_index(reports)
    page = (reports / "index.html").read_text(encoding="utf-8")
    assert "Cannot be read." in page
    assert "./streak5/20250101T000000Z-00000001/report.html" in page


def test_a_record_that_is_a_folder_or_damaged_labels_take_nothing_down(tmp_path):
    (tmp_path / "streak5" / "20260101T000000Z-00000001" / "run.json").mkdir(parents=True)
    labelled = record(tmp_path, "20260101T000000Z-00000002")
    (labelled / "labels.json").write_text("{", encoding="utf-8")
    sound, broken = sorted(run_lines(tmp_path), key=lambda line: line.facts is None)
    assert "labels.json" in sound.refusal
    assert "run.json" in broken.refusal
    refresh_index(tmp_path)


def test_runs_are_listed_by_time_across_strategies(tmp_path):
    record(tmp_path, "20250101T000000Z-00000001", strategy="a")
    record(tmp_path, "20270101T000000Z-00000002", strategy="a")
    record(tmp_path, "20260101T000000Z-00000003", strategy="b")
    write_labels(tmp_path / "b" / "20260101T000000Z-00000003", Labels("mine", ("x",)))
    assert [line.short for line in run_lines(tmp_path)] == ["00000002", "00000003", "00000001"]
    assert run_lines(tmp_path)[1].labels == Labels("mine", ("x",))


def test_runs_of_earlier_versions_are_told_apart_by_what_differs(tmp_path):
    for n, (sessions, told) in enumerate([(3, None), (4, None), (5, {"trade.hold": 21})]):
        changes = {} if told is None else {"overrides": told}
        parameters = {"detector.sessions": sessions, "trade.hold": 21}
        record(tmp_path, f"20260101T00000{n}Z-0000000{n}", parameters=parameters, **changes)
    record(tmp_path, "20260101T000009Z-00000009", strategy="other")
    settings = {line.short: line.facts.settings for line in run_lines(tmp_path)}
    assert settings == {
        "00000000": {"detector.sessions": 3},
        "00000001": {"detector.sessions": 4},
        "00000002": {"trade.hold": 21},
        "00000009": {},
    }


def page(path: Path, title: str, question: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    said = f'<p class="question">{question}</p>' if question else ""
    path.write_text(f"<title>{title}</title>{said}", encoding="utf-8")


def test_the_other_pages_are_found_by_kind(tmp_path):
    page(tmp_path / "compare" / "20260101T000000Z-0a.html", "Comparison of 2", "a &amp; b, c")
    page(tmp_path / "compare" / "20270101T000000Z-0b.html", "Comparison of 3", "d")
    page(tmp_path / "compare" / ".20270101T000000Z-0b.html-xyz", "unfinished")
    page(tmp_path / "claims" / "20260101T000000Z-us-size.html", "Said")
    tuned = tmp_path / "streak5" / "tune-20260101T000000Z-0c"
    page(tuned / "report.html", "Tuning")
    (tuned / "tune.json").touch()
    (tmp_path / "streak5" / "tune-20260101T000000Z-0d").mkdir()  # no record, no page
    page(tmp_path / "detectors" / "streak.html", "Detector streak", "Flag <code>n</code>\n&lt; 3.")
    page(tmp_path / "detectors" / "index.html", "Detectors")
    newer, older = comparison_pages(tmp_path)
    assert (newer.title, newer.about, newer.made) == ("Comparison of 3", "d", "2027-01-01T00:00:00Z")
    assert (older.href, older.about) == ("compare/20260101T000000Z-0a.html", "a & b, c")
    assert [(link.title, link.about) for link in claim_pages(tmp_path)] == [("Said", "us-size")]
    assert [(link.href, link.about) for link in tuning_pages(tmp_path)] == [
        ("streak5/tune-20260101T000000Z-0c/report.html", "streak5")
    ]
    assert [link.title for link in detector_pages(tmp_path)] == ["Detectors", "Detector streak"]
    assert detector_pages(tmp_path)[1].about == "Flag n\n< 3."
