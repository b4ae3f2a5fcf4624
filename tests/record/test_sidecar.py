"""Labels beside a record: what is written is read, what is damaged is named, and the record is never touched."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.errors import BacktestError, NotFound, RunUnreadable
from backtest.model.labels import Labels
from backtest.record.sidecar import checked_labels, read_labels, write_labels


def test_labels_are_read_as_they_were_written(tmp_path):
    assert not read_labels(tmp_path)
    labels = Labels("baseline", ("paper", "to-check"), "as in the draft, “so”")
    write_labels(tmp_path, labels)
    assert json.loads((tmp_path / "labels.json").read_text(encoding="utf-8")) == {
        "schema": 1,
        "name": "baseline",
        "tags": ["paper", "to-check"],
        "note": "as in the draft, “so”",
    }
    assert read_labels(tmp_path) == labels
    write_labels(tmp_path, Labels())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[1]", "no labels of schema 1."),
        ('{"schema": 2}', "no labels of schema 1."),
        ('{"schema": 1, "tags": "paper"}', "'tags' is not a list of words."),
        ('{"schema": 1, "tags": [1]}', "'tags' is not a list of words."),
        ('{"schema": 1, "name": 5}', "'name' is not text."),
        ('{"schema": 1, "note": null}', "'note' is not text."),
        ("{", "cannot be read: "),
        ("[" * 100_000, "cannot be read: "),
    ],
)
def test_damaged_labels_are_refused_with_file_and_key(tmp_path, content, said):
    (tmp_path / "labels.json").write_text(content, encoding="utf-8")
    with pytest.raises(RunUnreadable) as refused:
        read_labels(tmp_path)
    assert str(refused.value).startswith(f"{tmp_path / 'labels.json'}: {said}")


def test_a_tag_given_twice_counts_once_and_a_note_is_one_line():
    assert checked_labels("a", ("x", "y", "x"), " one\n two ") == Labels("a", ("x", "y"), "one two")


@pytest.mark.parametrize("word", ["a b", "a/b", "-a", "../a", "é", "#a", "x" * 65])
def test_names_and_tags_are_words(word):
    for given_as in ({"name": word}, {"tags": (word,)}):
        with pytest.raises(NotFound, match="is not allowed"):
            checked_labels(**given_as)
    with pytest.raises(NotFound):
        checked_labels(tags=("",))


@pytest.mark.parametrize(("note", "said"), [("x" * 1001, "1,001 characters"), ("a\x1b[31m", "cannot be printed")])
def test_a_note_is_short_and_printable(note, said):
    with pytest.raises(BacktestError, match=said):
        checked_labels(note=note)


@given(st.dictionaries(st.sampled_from(["schema", "name", "tags", "note"]), st.none() | st.integers() | st.text()))
def test_any_content_is_read_or_refused(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("labels")
    (folder / "labels.json").write_text(json.dumps(content), encoding="utf-8")
    sound = content.get("schema") == 1 and all(isinstance(content.get(key, ""), str) for key in ("name", "note"))
    if sound and "tags" not in content:
        assert read_labels(folder) == Labels(content.get("name", ""), (), content.get("note", ""))
    else:
        with pytest.raises(RunUnreadable, match=r"labels\.json"):
            read_labels(folder)
