"""What openai-python makes of embeddings."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contracts.embeddings import sdk
from tests.contracts.chat.cases.recorded import attempt
from tests.contracts.embeddings.answers import listed, packed

NUMBERS = [0.5, -0.25, 0.125]


def seen(body: Any, *, strict: bool = False) -> sdk.Seen:
    return sdk.create(attempt(200, body), strict=strict)


def test_numbers_and_base64_come_to_the_same() -> None:
    for value in (NUMBERS, packed(NUMBERS)):
        assert seen(listed(value, value)) == sdk.Seen(result="CreateEmbeddingResponse", widths=(3, 3))


@pytest.mark.parametrize(
    ("value", "error"),
    [
        pytest.param("AAAA", "ValueError", id="of odd length"),
        pytest.param("AAA", "Error", id="no base64"),
    ],
)
def test_a_string_that_cannot_be_decoded_raises(value: str, error: str) -> None:
    raised = seen(listed(value)).raised
    assert raised is not None
    assert (raised.name, raised.own) == (error, False)


def test_an_empty_list_raises() -> None:
    raised = seen(listed()).raised
    assert raised is not None
    assert raised.message == "No embedding data received"


def test_what_is_no_list_of_numbers_has_no_width() -> None:
    assert seen(listed(None, ["0.5"], [0.5])).widths == (None, None, 1)


def test_strict_validation() -> None:
    assert seen(listed(NUMBERS), strict=True).raised is None
    raised = seen({"object": "list", "data": [{"embedding": NUMBERS}]}, strict=True).raised
    assert raised is not None
    paths = {mismatch.path for mismatch in raised.mismatches}
    assert paths >= {"$.data[0].index", "$.data[0].object", "$.model", "$.usage"}
