"""Whatever a file holds: each entry that cannot be read is counted and named, and the rest is judged."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.recordings import arrays, sequence
from conformance.recordings import entry as entries
from conformance.recordings.arrays import Elements
from conformance.recordings.collecting import Account, Collection
from conformance.recordings.entry import MAX_VALUES, Entry, Unreadable
from conformance.recordings.reading import read
from tests.ids import by_value
from tests.recordings.judging import DATA, answer, asked, pair, pairs


def account(path: Path) -> Account:
    collection = Collection()
    collection.add(path)
    return collection.account


def reasons(path: Path) -> list[str]:
    return [str(one) for one in account(path).named]


def har(*entries: Any) -> str:
    return json.dumps({"log": {"version": "1.2", "entries": entries}})


def entry(**response: Any) -> dict[str, Any]:
    """A HAR entry without a fault."""
    return {
        "startedDateTime": "2023-11-14T22:13:20.000Z",
        "time": 500,
        "request": {
            "method": "POST",
            "url": "https://api.example/v1/chat/completions",
            "headers": [{"name": "Authorization", "value": "Bearer sk-1234567890abcdefghij"}],
            "postData": {"mimeType": "application/json", "text": json.dumps(asked())},
        },
        "response": {
            "status": 200,
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "content": {"mimeType": "application/json", "text": json.dumps(answer())},
        }
        | response,
    }


def written(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("response", "why"),
    [
        ({"status": 0, "_error": "net::ERR_ABORTED"}, "the request got no response (net::ERR_ABORTED)"),
        ({"content": {"size": 900}}, "the body of the response was not kept"),
        ({"content": {"size": 900, "text": ""}}, "the body of the response was not kept"),
        ({"content": {"size": 9000, "text": "{" * 100}}, "not whole: only 100 of 9000 bytes are kept"),
        ({"content": {"text": json.dumps(answer())[:-30]}}, "the recording ends within the answer"),
        (
            {"content": {"text": "%%%", "encoding": "base64"}},
            "a body is not the base64 that it is said to be",
        ),
    ],
    ids=by_value,
)
def test_a_response_that_is_not_whole_is_left_out(tmp_path: Path, response: dict[str, Any], why: str) -> None:
    path = written(tmp_path, "a.har", har(entry(), entry(**response), entry(status=400)))
    found = account(path)
    assert "2 exchanges to judge, 1 that could not be used" in found.words
    assert str(found.named[0]).startswith("a.har entry 2: ")
    assert why in str(found.named[0])


def test_a_stream_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    """Whether the client hung up, or the recorder, or the provider, nobody can tell."""
    chunk = {"id": "c", "choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": None}]}
    event = f"data: {json.dumps(chunk)}\n\n"
    ended = event.replace("null", '"stop"')
    streamed = asked(stream=True)
    path = pairs(tmp_path, *(pair(streamed, body) for body in (event, ended, event + "data: [DONE]\n\n", "")))
    assert reasons(path) == [
        "pairs.jsonl:1: the recording ends before the stream does",
        "pairs.jsonl:4: of the stream nothing was recorded",
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "the file is empty"),
        ("hello", "not read: it"),
        ('{"a": 1}', "not read: it"),
        ("[1, 2]", "not read: it"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not read: it"),
        (b"\x1f\x8b\x08\x00broken", "compression is damaged"),
        ("interactions:\n", "not read: it"),
    ],
    ids=by_value,
)
def test_a_file_of_no_format_is_named(tmp_path: Path, text: str | bytes, why: str) -> None:
    (reason,) = reasons(written(tmp_path, "file.har", text))
    assert reason.startswith("file.har: ")
    assert why in reason


def test_files_of_other_formats_in_a_folder_are_counted(tmp_path: Path) -> None:
    written(tmp_path, "package.json", '{"name": "x"}')
    written(tmp_path, "notes.txt", "not looked at")
    (tmp_path / "deep").mkdir()
    written(tmp_path / "deep", "a.har", har(entry()))
    found = account(tmp_path)
    assert (found.foreign, found.unread) == (1, 0)
    assert found.words == "1 file, 1 entry: 1 exchange to judge, 1 file of other formats"


def test_a_har_that_is_cut_off_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    text = har(entry(), entry(status=400))
    found = account(written(tmp_path, "a.har", text[:-100]))
    assert [str(one) for one in found.named] == ["a.har entry 2: the file ends within it"]
    assert "1 exchange to judge" in found.words


def test_ten_thousand_other_entries_do_no_harm(tmp_path: Path) -> None:
    other = {
        "request": {"method": "GET", "url": "https://x/a.js"},
        "response": {"content": {"text": '{["\\'}},
    }
    path = written(tmp_path, "a.har", har(*[other] * 10_000, entry()))
    assert account(path).words == "1 file, 10,001 entries: 1 exchange to judge, 10,000 of other kinds"


def test_the_same_exchange_twice_is_one(tmp_path: Path) -> None:
    written(tmp_path, "a.har", har(entry(), entry()))
    written(tmp_path, "b.har", har(entry()))
    assert account(tmp_path).copies == 2


def test_what_is_beyond_the_limit_is_said(tmp_path: Path) -> None:
    collection = Collection(most=2)
    collection.add(pairs(tmp_path, *(pair(asked(seed=n), answer()) for n in range(5))))
    assert collection.account.beyond == 3
    assert collection.account.shortfall == "3 exchanges are more than are judged at once"


def test_pairs_one_of_which_is_damaged(tmp_path: Path) -> None:
    path = pairs(tmp_path, pair(asked(), answer()))
    path.write_text('{"url": "https://api\n' + path.read_text() + json.dumps({"status": 200}) + "\n[1]\n")
    found = account(path)
    assert [one.place for one in found.named] == [f"pairs.jsonl:{number}" for number in (1, 3, 4)]
    assert "1 exchange to judge" in found.words


def test_an_empty_recording_is_a_recording(tmp_path: Path) -> None:
    assert account(written(tmp_path, "a.har", har())).words == "1 file, 0 entries: 0 exchanges to judge"


def test_a_request_that_was_not_kept(tmp_path: Path) -> None:
    path = pairs(tmp_path, pair(None, answer(), method="POST"), pair("scrubbed", answer()))  # type: ignore[arg-type]
    assert reasons(path) == [
        "pairs.jsonl:1: the body of the request was not kept",
        "pairs.jsonl:2: the request's body is not the JSON that was answered",
    ]


CASSETTE = """\
interactions:
- request:
    body: '{"model": "m-1", "messages": [{"role": "user", "content": "one"}]}'
    headers: &shared
      Accept: ['*/*']
    method: POST
    uri: https://api.example/v1/chat/completions
  response: {status: {code: 500}, headers: {}, body: {string: 'oops'}}
- request:
    body: !!python/object/apply:os.system ['touch /tmp/never']
    headers: *shared
    method: POST
    uri: https://api.example/v1/chat/completions
  response: {status: {code: 500}, headers: {}, body: {string: !!binary b29wcw==}}
- request: {method: POST, uri: 'https://api.example/v1/chat/completions
- request:
    body: {string: '{"model": "m-1", "messages": [3]}'}
    method: post
    uri: https://api.example/v1/chat/completions
  response: {status: {code: 400}, headers: {}, body: {encoding: ASCII-8BIT, base64_string: e30=}}
version: 1
"""


def test_a_cassette_with_damage_and_tags_of_other_languages(tmp_path: Path) -> None:
    """What refers to another interaction cannot be read alone where the file is not whole."""
    found = account(written(tmp_path, "a.yaml", CASSETTE))
    assert [one.place for one in found.named] == ["a.yaml:9", "a.yaml:15"]
    assert "refers to another interaction" in found.named[0].why
    assert "2 exchanges to judge" in found.words
    whole = CASSETTE.replace("- request: {method: POST, uri: 'https://api.example/v1/chat/completions\n", "")
    found = account(written(tmp_path, "b.yaml", whole))
    assert (found.unread, "3 exchanges to judge" in found.words) == (0, True)


def test_a_small_file_that_stands_for_a_huge_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MAX_PARSED", 10_000)
    doubling = "".join(f"      a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    text = (
        "interactions:\n- request:\n    method: POST\n    uri: https://x.example/v1/chat/completions\n"
        "    parsed_body:\n      a0: &a0 [lol]\n"
        + doubling
        + "  response: {status: {code: 200}, body: {string: '{}'}}\n"
    )
    (reason,) = reasons(written(tmp_path, "bomb.yaml", text))
    assert reason == "bomb.yaml:2: a parsed body is too large"


def test_parsed_bodies_and_older_names(tmp_path: Path) -> None:
    text = (
        "interactions:\n- request: {method: POST, uri: 'https://x.example/v1/chat/completions',\n"
        "    parsed_body: {model: m-1, messages: []}}\n"
        '  response: {status_code: 400, headers: {}, content: \'{"error": {"message": "no"}}\'}\n'
    )
    assert account(written(tmp_path, "a.yaml", text)).unread == 0


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "compressed"])
def test_a_journal_that_was_gone_on_with_counts_what_was_made_again_once(
    tmp_path: Path, packed: bool
) -> None:
    header, *lines = (DATA / "journal.jsonl").read_bytes().splitlines(keepends=True)
    whole = Collection()
    whole.add(DATA / "journal.jsonl")
    unsent = json.loads(lines[0])
    unsent["attempts"] = [{**unsent["attempts"][0], "status": None, "chunks": []}]
    moved = header.replace(b"http://127.0.0.1:", b"http://127.0.0.1:1")
    parts = [header, json.dumps(unsent).encode() + b"\n", lines[1][:-40] + b"\n", moved, *lines]
    again = Collection()
    again.add(written(tmp_path, "j.jsonl", gzip.compress(b"".join(parts)) if packed else b"".join(parts)))
    assert again.account.named == whole.account.named == []
    assert again.account.entries == whole.account.entries
    assert {one.base for one in again._asked} == {json.loads(moved)["targets"][0][2]}


def test_a_compressed_file(tmp_path: Path) -> None:
    path = written(tmp_path, "ruby.yml.gz", gzip.compress((DATA / "ruby.yml").read_bytes()))
    assert account(path).words == account(DATA / "ruby.yml").words


def test_an_entry_that_is_too_long_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "MAX_ENTRY", 3000)
    monkeypatch.setattr(arrays, "_BLOCK", 500)
    monkeypatch.setattr(sequence, "MAX_ENTRY", 200)
    path = written(tmp_path, "a.har", har(entry(), entry(content={"text": "x" * 9000}), entry(status=400)))
    assert [str(one) for one in account(path).named] == ["a.har entry 2: longer than 32 MiB"]
    found = [item.raw is None for item in sequence.items(io.BytesIO(CASSETTE.encode()))]
    assert found == [True, True, False, True]


class Dribble(io.BytesIO):
    """Gives a few bytes at a time."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(size or 7, 7))


values = st.recursive(
    st.none() | st.integers() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(st.sampled_from(["a", "log", "entries", 'q"', "b\\"]), values, max_size=3)


@given(
    st.lists(objects, max_size=4),
    st.sampled_from(["log", "interactions", "http_interactions"]),
    st.booleans(),
)
def test_elements_are_found_wherever_the_file_is_cut_into_blocks(
    found: list[Any], name: str, indented: bool
) -> None:
    document: dict[str, Any] = {
        "first": {"entries": [{}]},
        name: {"pages": [{}], "entries": found} if name == "log" else found,
    }
    text = json.dumps(document, indent=2 if indented else None).encode()
    assert [json.loads(one.raw or b"") for one in Elements(Dribble(text))] == found


@given(st.lists(objects, min_size=1, max_size=3), st.data())
def test_a_cut_costs_no_more_than_what_it_cuts(found: list[Any], data: st.DataObject) -> None:
    text = json.dumps({"interactions": found}).encode()
    cut = data.draw(st.integers(0, len(text)))
    whole = [json.loads(one.raw or b"") for one in Elements(io.BytesIO(text[:cut])) if one.whole]
    assert whole == found[: len(whole)]


@pytest.mark.parametrize("where", ["request", "body"])
def test_an_entry_of_too_many_values_is_named_and_left_out(tmp_path: Path, where: str) -> None:
    one = {"url": "https://api.example/v1/chat/completions", "request": {}, "status": 200, "body": {}}
    lines = [json.dumps(line) for line in (one, {**one, where: {"x": [[]] * MAX_VALUES}})]
    (tmp_path / "pairs.jsonl").write_text("\n".join(lines), encoding="utf-8")
    whole, other = read(tmp_path / "pairs.jsonl", "pairs.jsonl")
    assert isinstance(whole, Entry)
    assert isinstance(other, Unreadable)
    assert other.place == "pairs.jsonl:2"
