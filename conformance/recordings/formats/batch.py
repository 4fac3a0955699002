"""Output of OpenAI's batch API: answers, whose requests are in another file.

https://platform.openai.com/docs/guides/batch. So an answer is judged by itself alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.recordings.entry import Entry, MalformedError, code, encoded, member, written
from conformance.wire.record import Unseen

TITLE = "batch output"

_UNSEEN = frozenset(
    {Unseen.ARRIVALS, Unseen.ENDING, Unseen.HEADERS, Unseen.START, Unseen.DURATION, Unseen.BYTES}
    | {Unseen.REQUEST, Unseen.MODEL}
)
_HOST = "<batch>"
"""Whose output it is, it does not say."""


def matches(value: Mapping[str, Any]) -> bool:
    """It has the id that the request was given, and a response with a body."""
    return "custom_id" in value and isinstance(value.get("response"), dict) and "body" in value["response"]


def entries(place: str, value: Any, beside: Path | None) -> Iterator[Entry]:
    """One exchange for each."""
    del beside
    response = member(value, "response")
    body = response.get("body")
    if not isinstance(body, dict):
        raise MalformedError("the body of the answer is no object")
    kind = str(body.get("object"))
    endpoint = "/embeddings" if kind == "list" else "/chat/completions"
    yield Entry(
        place=place,
        method="POST",
        url=_HOST + endpoint,
        request_headers=(),
        request_body=encoded(json.dumps({"model": str(body.get("model") or "")})),
        status=code(response.get("status_code", 200)),
        headers=(("x-request-id", str(response["request_id"])),) if response.get("request_id") else (),
        body=written(body),
        unseen=_UNSEEN,
    )
