from __future__ import annotations

import pytest

from conformance.contracts.chat.reading.usage import token_counts
from tests.report.making import answer, stream

_CHUNK = b'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}\n\ndata: [DONE]\n\n'


@pytest.mark.parametrize(
    ("body", "counts"),
    [
        (answer("hello", 12, 5), (12, 5)),
        (stream(["a"], done=False) + _CHUNK, (7, 3)),
        (stream(["a"], done=False) + _CHUNK.replace(b"\n", b"\r\n"), (7, 3)),
        (b'data: {"usage":{"prompt_tokens":1,"completion_tokens":1}}\n\n' + _CHUNK, (7, 3)),
        (stream(["a", "b"]), (None, None)),
        (b'{"usage":{"prompt_tokens":"12","completion_tokens":true}}', (None, None)),
        (b'{"usage":{"prompt_tokens":-1,"completion_tokens":1e9}}', (None, None)),
        (b'{"usage":{"prompt_tokens":12}}', (12, None)),
        (b'{"usage":null}', (None, None)),
        (b'["usage"]', (None, None)),
        (b'{"usage":', (None, None)),
        (b"", (None, None)),
        (b"\xff\xfe", (None, None)),
        (b'{"usage":' + b"[" * 100_000, (None, None)),
        (b'{"usage":{"prompt_tokens":' + b"9" * 10_000 + b"}}", (None, None)),
    ],
)
def test_the_last_stated_counts_are_read(body: bytes, counts: tuple[int | None, int | None]) -> None:
    assert token_counts(body) == counts


def test_only_the_end_of_a_huge_stream_is_read() -> None:
    padding = b": comment\n" * 500_000
    assert token_counts(padding + _CHUNK) == (7, 3)
    assert token_counts(_CHUNK + padding) == (None, None)
