"""A chain of sealed lines: whatever is done to it is noticed, and named."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backtest.ledger.chain import START, Chain, read_chain, sealed


def chain_of(*contents: dict) -> bytes:
    data, chain = b"", Chain()
    for content in contents:
        line, _ = sealed(content, chain)
        data += line
        chain = read_chain(data)
    return data


FOUR = chain_of(*({"kind": "x", "what": f"look {i}"} for i in range(1, 5)))
LINES = FOUR.splitlines(keepends=True)


def faults(data: bytes) -> list[tuple[int, str]]:
    return [(fault.line, fault.why) for fault in read_chain(data).faults]


def test_the_seal_is_the_sha256_of_the_line_without_it():
    # by hand: the line's own text, cut before its last key
    for line in LINES:
        body, _, seal = line.decode().rstrip("\n").rpartition(',"sha256":')
        assert json.loads(seal.rstrip("}")) == hashlib.sha256(f"{body}}}".encode()).hexdigest()


def test_each_line_holds_the_seal_of_the_line_before_it():
    entries = [json.loads(line) for line in LINES]
    assert [one["line"] for one in entries] == [1, 2, 3, 4]
    assert [one["previous"] for one in entries] == [START, *(one["sha256"] for one in entries[:-1])]


def test_an_intact_chain_has_no_fault():
    chain = read_chain(FOUR)
    assert chain.faults == ()
    assert (chain.lines, chain.number, chain.whole, chain.torn) == (4, 4, len(FOUR), 0)


def test_an_empty_file_is_an_empty_chain():
    assert read_chain(b"") == Chain()


def test_an_altered_line_is_named():
    found = faults(FOUR.replace(b"look 2", b"look 9"))
    assert found == [(2, "was altered: its SHA-256 is not that of its content")]
    assert len(read_chain(FOUR.replace(b"look 2", b"look 9")).entries) == 3


def test_the_last_line_is_guarded_too():
    assert faults(FOUR.replace(b"look 4", b"look 9")) == [(4, "was altered: its SHA-256 is not that of its content")]


def test_a_line_that_was_altered_and_sealed_again_breaks_the_next_link():
    changed, _ = sealed({"kind": "x", "what": "another"}, read_chain(LINES[0]))
    ((line, why),) = faults(LINES[0] + changed + LINES[2] + LINES[3])
    assert line == 3
    assert why.startswith("does not follow the line before it")


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_removed_line_is_named(gone):
    ((line, why),) = faults(b"".join(LINES[:gone] + LINES[gone + 1 :]))
    assert line == gone + 1
    assert f"says that it is line {gone + 2}" in why


def test_moved_lines_are_named():
    assert [line for line, _ in faults(LINES[0] + LINES[2] + LINES[1] + LINES[3])] == [2, 3, 4]


def test_a_repeated_line_is_named():
    assert [line for line, _ in faults(LINES[0] + LINES[1] + LINES[1] + LINES[2])] == [3]


def test_a_cut_line_in_the_middle_is_named():
    assert faults(LINES[0] + LINES[1][:40] + b"\n" + LINES[2] + LINES[3]) == [
        (2, "is not an entry: it was cut or overwritten")
    ]


def test_the_line_after_removed_ones_goes_on_from_the_last_number():
    cut = LINES[0] + LINES[2] + LINES[3]
    line, entry = sealed({"kind": "x"}, read_chain(cut))
    assert entry["line"] == 5
    assert len(faults(cut + line)) == 1


@given(st.integers(0, len(FOUR)))
def test_wherever_writing_stops_the_complete_lines_stay(at):
    chain = read_chain(FOUR[:at])
    ends = [len(b"".join(LINES[: i + 1])) for i in range(4)]
    whole = sum(at >= end - 1 for end in ends)  # a line is complete even without its end
    assert chain.faults == ()
    assert len(chain.entries) == whole
    assert chain.torn == (0 if at in (0, *ends) or at + 1 in ends else at - max([0, *(e for e in ends if e <= at)]))
    assert chain.whole + chain.torn == at


@given(st.integers(0, len(FOUR) - 1), st.integers(1, 255))
def test_no_changed_byte_goes_unnoticed(at, by):
    changed = FOUR[:at] + bytes([FOUR[at] ^ by]) + FOUR[at + 1 :]
    chain = read_chain(changed)
    if at == len(FOUR) - 1:  # the end of the last line: it is whole, with something after it
        assert chain.entries != read_chain(FOUR).entries or chain.torn or chain.unended
    else:
        assert chain.faults
