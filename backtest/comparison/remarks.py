"""What a reader of a comparison must know: its own notes and those of its studies, each once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backtest.comparison.entries import Entry
from backtest.format import joined
from backtest.model import Note, measured_by
from backtest.model.notes import SAID_BY_CONDITION
from backtest.model.record import is_panel
from backtest.study.study import Study
from backtest.untyped import Json

ALWAYS = frozenset(("late_day0", "left_open", "no_events", "no_window", "no_test", "panel"))
"""Codes of study notes that a comparison repeats."""

WHERE_EMPTY = frozenset(("pending", "not_covered", "ended", "missing"))
"""Codes of notes that say why a row is empty; repeated if one is."""


def notes_of(entries: Sequence[Entry], studies: Sequence[Json], how: str) -> list[Note]:
    """Collect the notes of a comparison.

    Parameters
    ----------
    entries : sequence of Entry
        The studies.
    studies : sequence of dict
        The same, as shown in the comparison, with labels and adjusted p.
    how : str
        How p was adjusted.
    """
    looks = sum(1 for study in studies for row in study["horizons"] if row["p_adjusted"] is not None)
    counted = "the one look" if looks == 1 else f"all {looks} looks"
    notes = [Note("adjusted_for", "p_adjusted", f"Adjusted for {counted} of this comparison, {how}.")]
    if any(entry.run["dataset"]["synthetic"] for entry in entries):
        notes.insert(0, Note("simulated", "dataset", "Data are simulated: returns and verdicts on them mean nothing."))
    notes += _of_measures(entries, [study["label"] for study in studies])
    notes += _of_studies(entries, [study["label"] for study in studies])
    if any(entry.study is not None for entry in entries):
        notes.append(
            Note("not_recorded", "run_id", "A study without a run id was run for this comparison, and not recorded.")
        )
    if len({entry.run["dataset"]["sha256"] for entry in entries}) > 1:
        notes.append(
            Note("different_data", "dataset", "The studies used different data, which may explain differences.")
        )
    return notes


def _of_measures(entries: Sequence[Entry], labels: Sequence[str]) -> Iterator[Note]:
    """Say where studies do not judge the same: a spread and a return are no rivals, nor are two assets."""
    words = {label: measured_by(entry.run["legs"]).word for label, entry in zip(labels, entries, strict=True)}
    if len(set(words.values())) > 1:
        alone = joined([label for label, word in words.items() if word == "return"])
        yield Note(
            "different_measures",
            "measure",
            f"{alone}: judged is the return of an asset alone, of the others a spread. The two are ranked apart, and "
            "no difference between them is tested.",
        )
        return
    held = {tuple(leg["name"] for leg in entry.run["legs"].values()) for entry in entries}
    if len(held) > 1 and is_panel(entries[0].run):
        yield Note(
            "different_assets",
            "measure",
            f"The assets are compared with different benchmarks ({joined(sorted(names[-1] for names in held))}): each "
            "excess is over its own base rate.",
        )
    elif len(held) > 1:
        what = joined(sorted(" minus ".join(names) for names in held))
        yield Note(
            "different_assets",
            "measure",
            f"The studies hold different assets ({what}): each excess is over its own base rate.",
        )


def cautions_of(entry: Entry) -> list[str]:
    """List the cautions of a study's condition; a recorded run has them among its notes, a study on a panel none."""
    if isinstance(entry.study, Study):
        return list(entry.study.detection.condition.cautions)
    # Earlier records have no codes; for them, every note on the detector is shown.
    return [
        one["text"]
        for one in entry.run["notes"]
        if one["about"].partition(".")[0] in ("detector", "conditions")
        and one.get("code", "condition") in SAID_BY_CONDITION
    ]


def _of_studies(entries: Sequence[Entry], labels: Sequence[str]) -> list[Note]:
    """Merge equal notes of several studies into one that names the studies."""
    said: dict[Note, list[str]] = {}
    for order in (_looks_ahead, _conditions, _carried, _changed):
        for entry, label in zip(entries, labels, strict=True):
            for note in dict.fromkeys(order(entry)):
                said.setdefault(note, []).append(label)
    return [Note(note.code, note.about, f"{', '.join(of)}: {note.text}") for note, of in said.items()]


def _looks_ahead(entry: Entry) -> Iterator[Note]:
    if found := entry.run.get("lookahead"):
        yield Note("looks_ahead", "look-ahead", found["text"])


def _conditions(entry: Entry) -> Iterator[Note]:
    for text in cautions_of(entry):
        yield Note("condition", "detector", text)


def _carried(entry: Entry) -> Iterator[Note]:
    empty = any(row["n"] == 0 for row in entry.run["horizons"])
    for one in entry.run["notes"]:
        code = one.get("code")
        if code in ALWAYS or (empty and code in WHERE_EMPTY):
            yield Note(code, one["about"], one["text"])


def _changed(entry: Entry) -> Iterator[Note]:
    if entry.change:
        yield Note("data_changed", "dataset", entry.change)
