"""What is written to the journal is what is read from it, and what is damaged is named."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from math import nan
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.exchange import journal
from conformance.exchange.record import Attempt, Exchange, Failure, Request, Unseen

chunks = st.lists(st.tuples(st.floats(0, 1e6), st.binary(max_size=50)), max_size=4).map(tuple)
pairs = st.lists(st.tuples(st.text(max_size=10), st.text(max_size=10)), max_size=3).map(tuple)
attempts = st.builds(
    Attempt,
    started=st.floats(0, 2e9),
    ended=st.floats(0, 1e4),
    status=st.none() | st.integers(100, 599),
    http_version=st.text(max_size=8),
    headers=pairs,
    chunks=chunks,
    failure=st.none() | st.builds(Failure, st.text(max_size=8), st.text(max_size=20)),
)
exchanges = st.builds(
    Exchange,
    id=st.text(max_size=5),
    provider=st.text(max_size=8),
    model=st.text(max_size=8),
    probe=st.text(max_size=8),
    key=st.text(max_size=8),
    request=st.builds(Request, st.text(max_size=4), st.text(max_size=20), pairs, st.text(max_size=40)),
    attempts=st.lists(attempts, min_size=1, max_size=3).map(tuple),
    expects=st.sampled_from(["answer", "refusal", "either"]),
    claims=st.lists(st.text(max_size=8), max_size=3).map(tuple),
    adapted=st.lists(st.text(max_size=8), max_size=3).map(tuple),
    unseen=st.lists(st.sampled_from(Unseen), max_size=2).map(tuple),
)

ONE = Exchange(
    "x001",
    "p",
    "m",
    "count",
    "k",
    Request("POST", "http://h/v1", (), "{}"),
    (Attempt(1, 2, 200, "", (), ()),),
)
STARTED = "2026-01-01T00:00:00+00:00"
TARGETS = (("p", "m", "http://h/v1"),)


def header(**members: object) -> bytes:
    return json.dumps({"format": journal.FORMAT, **members}).encode() + b"\n"


def written(path: Path, *found: Exchange) -> Path:
    with journal.Writer(path, STARTED, TARGETS) as writer:
        for one in found:
            writer.write(one)
    return path


@given(st.lists(exchanges, max_size=3))
def test_round_trip(tmp_path_factory: pytest.TempPathFactory, found: list[Exchange]) -> None:
    path = written(tmp_path_factory.mktemp("journal") / "j.jsonl", *found)
    read = journal.read(path)
    assert (read.exchanges, read.targets, read.damaged) == (tuple(found), TARGETS, ())
    assert read.started == STARTED


def test_every_exchange_is_on_disk_as_soon_as_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    with journal.Writer(path, STARTED, TARGETS) as writer:
        writer.write(ONE)
        assert journal.read(path).exchanges == (ONE,)


def test_a_journal_without_adaptations_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "j", ONE)
    text = path.read_text().replace(',"adapted":[]', "")
    assert "adapted" not in text
    path.write_text(text)
    assert journal.read(path).exchanges == (ONE,)


def test_a_line_that_is_cut_off_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "j.jsonl", ONE, ONE)
    path.write_bytes(path.read_bytes()[:-20])
    read = journal.read(path)
    assert read.exchanges == (ONE,)
    assert read.damaged == (f"{path}:3: not a whole exchange; it is left out",)


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "[]",
        "null",
        '{"id": 1}',
        "[" * 100_000,
        json.dumps({"id": "x", "attempts": [{"chunks": [[0, {}]]}]}),
        pytest.param(json.dumps({**asdict(ONE), "attempts": []}), id="no attempt"),
        pytest.param(
            json.dumps(asdict(replace(ONE, attempts=(Attempt(nan, 2, 200, "", (), ()),)))), id="nan"
        ),
        pytest.param(
            json.dumps(asdict(replace(ONE, attempts=(Attempt(1e300, 2, 200, "", (), ()),)))), id="late"
        ),
    ],
)
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    path = written(tmp_path / "j.jsonl", ONE)
    path.write_text(path.read_text() + line + "\n")
    read = journal.read(path)
    assert read.exchanges == (ONE,)
    assert len(read.damaged) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", ":1: not a journal"),
        (b"hello\n", ":1: not a journal"),
        (b"[]\n", ":1: not a journal"),
        (b'{"format": "openai-conformance-journal/9"}\n', "this version reads"),
        (header(), ":1: the first line does not say"),
        (header(started="2026", targets=[]), ":1: the first line does not say"),
        (header(started=STARTED), ":1: the first line does not say"),
        (header(started=STARTED, targets=[["p", "m"]]), ":1: the first line does not say"),
        (header(started=STARTED, targets=[]), ":1: the first line does not say"),
        (header(started=STARTED, targets=5), ":1: the first line does not say"),
        (header(started=5, targets=[]), ":1: the first line does not say"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_what_is_no_journal(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "j.jsonl"
    path.write_bytes(content)
    with pytest.raises(journal.JournalError) as caught:
        journal.read(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_journal(tmp_path: Path) -> None:
    with pytest.raises(journal.JournalError, match="No such file"):
        journal.read(tmp_path / "j.jsonl")
