"""The JSON texts of a stream are bounded together."""

from __future__ import annotations

from conformance.wire import json_texts
from conformance.wire.json_texts import read_all


def test_each_text_is_read_strictly() -> None:
    one, other = read_all([b'{"a": 1}', b"{"])
    assert one.value == {"a": 1}
    assert [fault.kind for fault in other.faults] == ["not-json"]


def test_no_text_is_read_once_there_are_too_many_values() -> None:
    text = b"[" + b"0," * 99_990 + b"0]"
    documents = list(read_all([text] * 6))
    many = json_texts.MAX_VALUES // 99_992
    assert [document.readable for document in documents] == [True] * many + [False] * (6 - many)
    assert {fault.message for document in documents[many:] for fault in document.faults} == {
        "more than 200000 values in one stream"
    }


def test_a_long_stream_of_an_ordinary_service_is_read() -> None:
    event = (
        b'{"id":"c","choices":[{"index":0,"delta":{"content":"x"},"logprobs":{"content":[{"token":"x"}]}}]}'
    )
    assert all(document.readable for document in read_all([event] * 10_000))
