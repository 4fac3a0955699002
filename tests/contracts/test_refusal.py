"""The shapes in which services say what was wrong with a request."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contracts.refusal import parameter, words

MISSING = {"type": "missing", "loc": ["body", "tool_choice", "str"], "msg": "Input should be a valid string"}
PRINTED = "[{'type': 'int_type', 'loc': ('body', 'n'), 'msg': 'Input should be a valid integer'}]"


@pytest.mark.parametrize(
    ("body", "said", "about"),
    [
        ({"error": {"message": "No.", "param": "n"}}, "No.", "n"),
        ({"error": {"message": "No.", "param": "tools[0].function.name"}}, "No.", "tools"),
        ({"error": {"message": "No.", "param": None}}, "No.", None),
        ({"error": "n must be 1"}, "n must be 1", None),
        ({"message": "no such route"}, "no such route", None),
        ({"object": "error", "message": "No.", "param": "top_p"}, "No.", "top_p"),
        ({"detail": "Not Found"}, "Not Found", None),
        ({"detail": [MISSING]}, "tool_choice.str: Input should be a valid string", "tool_choice"),
        ({"error": {"message": PRINTED}}, PRINTED, "n"),
        ({"detail": {"message": "No."}}, "No.", None),
        ({"detail": [{"loc": ["query", "page"], "msg": "No."}]}, "query.page: No.", "query"),
        ({"detail": [{"loc": "body", "msg": 1}, "No."]}, "No.", None),
        ({"error": [], "detail": None}, None, None),
        ("no", None, None),
        (None, None, None),
    ],
    ids=[
        *("an error object", "a path", "no parameter", "a text", "a message", "a flat object", "a detail"),
        *("FastAPI", "FastAPI as Python prints it", "a detail with a message", "a query", "no place"),
        *("nothing", "no object", "no JSON"),
    ],
)
def test_what_an_error_says_and_what_it_is_about(body: Any, said: str | None, about: str | None) -> None:
    assert (words(body), parameter(body)) == (said, about)
