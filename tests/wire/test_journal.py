"""What is written to the journal is what is read from it, and what is damaged is named."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import asdict, replace
from io import FileIO
from math import nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.wire import journal
from conformance.wire.record import Attempt, Exchange, Failure, Request, TargetId, Unseen
from tests.ids import by_value

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
TWO, THREE = replace(ONE, id="x002", key="k2"), replace(ONE, id="x003", key="k3")
STARTED = "2026-01-01T00:00:00+00:00"
FORMER_HEADER = (
    b'{"format":"openai-conformance-journal/1","started":"2026-11-20T10:38:12+00:00",'
    b'"targets":[["p","m","http://h/v1"]]}\n'
)
TARGETS = ((TargetId("p", "chat", "m"), "http://h/v1"),)


def header(**members: object) -> bytes:
    return json.dumps({"format": journal.FORMAT, **members}).encode() + b"\n"


def written(path: Path, *found: Exchange) -> Path:
    with journal.Writer(path, STARTED, TARGETS) as writer:
        for one in found:
            writer.write(one)
    return path


@given(st.lists(exchanges, max_size=3, unique_by=lambda one: one.id))
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


def test_a_journal_of_the_format_before_is_about_the_one_contract_there_was(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    with journal.Writer(path, STARTED, TARGETS) as writer:
        writer.write(ONE)
    _, line = path.read_bytes().splitlines(keepends=True)
    assert b'"contract":"chat"' in line
    path.write_bytes(FORMER_HEADER + line.replace(b',"contract":"chat"', b""))
    assert journal.read(path).targets == TARGETS
    assert journal.read(path).exchanges == (ONE,)


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
    ids=by_value,
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
        (b"\xff\xfe", ":1: not a journal"),
    ],
    ids=by_value,
)
def test_what_is_no_journal(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "j.jsonl"
    path.write_bytes(content)
    with pytest.raises(journal.JournalError) as caught:
        journal.read(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_bad_byte_damages_one_line(tmp_path: Path) -> None:
    path = written(tmp_path / "j", ONE, TWO)
    path.write_bytes(path.read_bytes().replace(b'"count"', b'"c\xffunt"', 1))
    read = journal.read(path)
    assert (read.exchanges, len(read.damaged)) == ((TWO,), 1)


def go_on(path: Path, *found: Exchange, into: Path | None = None, part: bool = False) -> Path:
    with journal.Writer(into or path, STARTED, TARGETS, nonce="n", after=path, part=part) as writer:
        for one in found:
            writer.write(one)
    return into or path


TORN = [pytest.param(0, id="whole"), pytest.param(1, id="no line break"), pytest.param(40, id="half a line")]


@pytest.mark.parametrize("torn", TORN)
@pytest.mark.parametrize("elsewhere", [False, True], ids=["in its place", "in another folder"])
def test_a_journal_that_is_gone_on_with_only_grows(tmp_path: Path, torn: int, elsewhere: bool) -> None:
    path = written(tmp_path / "j", ONE, TWO)
    before = path.read_bytes()[: -torn or None]
    path.write_bytes(before)
    into = tmp_path / "other" if elsewhere else path
    go_on(path, THREE, into=into)
    assert into.read_bytes().startswith(before)
    assert into == path or path.read_bytes() == before
    read = journal.read(into)
    assert read.exchanges == ((ONE, THREE) if torn > 1 else (ONE, TWO, THREE))
    assert (read.damaged, read.nonce) == ((), "n")
    assert sorted(os.listdir(tmp_path)) == (["j", "other"] if elsewhere else ["j"])


def test_what_is_made_again_takes_the_place_of_what_was_made_before(tmp_path: Path) -> None:
    again = replace(ONE, attempts=(Attempt(9, 9, 500, "", (), ()),))
    other = replace(again, provider="q"), replace(again, key="l"), replace(again, model="n")
    path = go_on(go_on(written(tmp_path / "j", ONE, TWO), *other), again)
    assert journal.read(path).exchanges == (TWO, *other, again)


def test_what_is_damaged_may_be_missing_until_the_whole_run_was_planned_anew(tmp_path: Path) -> None:
    path = written(tmp_path / "j", ONE, TWO)
    path.write_bytes(path.read_bytes()[:-30])
    part = journal.read(go_on(path, THREE, part=True))
    assert (part.exchanges, len(part.damaged)) == ((ONE, THREE), 1)
    assert journal.read(go_on(path)).damaged == ()


def test_a_line_about_the_journal_that_is_torn_is_no_end(tmp_path: Path) -> None:
    path = written(tmp_path / "j", ONE)
    size = path.stat().st_size
    go_on(path)
    path.write_bytes(path.read_bytes()[: size + 60])
    torn = journal.read(path)
    assert (torn.exchanges, torn.nonce, len(torn.damaged)) == ((ONE,), "", 1)
    assert journal.read(go_on(path, TWO)).exchanges == (ONE, TWO)


class Full:
    """A file on a disk that has room for so many bytes more."""

    def __init__(self, file: FileIO, room: int) -> None:
        self._file = file
        self._room = room

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: memoryview) -> int:
        if not self._room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = self._file.write(data[: self._room])
        self._room -= written
        return written


@pytest.mark.parametrize("room", [0, 1, 100])
def test_on_a_full_disk_a_line_is_written_whole_or_not_at_all(tmp_path: Path, room: int) -> None:
    path = tmp_path / "j"
    with journal.Writer(path, STARTED, TARGETS) as writer:
        writer.write(ONE)
        before = path.read_bytes()
        writer._file = Full(writer._file, room)  # type: ignore[assignment]
        with pytest.raises(OSError, match="No space left"):
            writer.write(TWO)
        assert path.read_bytes() == before
    assert journal.read(path).damaged == ()


def test_where_a_journal_cannot_be_begun_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    old = written(tmp_path / "old", ONE)
    monkeypatch.setattr("pathlib.Path.replace", full)
    for after in (None, old):
        with pytest.raises(OSError, match="No space left"):
            journal.Writer(tmp_path / "j", STARTED, TARGETS, after=after)
    assert os.listdir(tmp_path) == ["old"]


def test_a_missing_journal(tmp_path: Path) -> None:
    with pytest.raises(journal.JournalError, match="No such file"):
        journal.read(tmp_path / "j.jsonl")
