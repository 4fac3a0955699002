"""What a file looks like that is of no format that is read, and how it can be brought into one."""

from __future__ import annotations

import re
from typing import Any

AS_PAIRS = (
    'write each exchange as a line {"url": …, "request": {…}, "status": 200, "headers": {…}, "body": …}'
)
"""How anything is brought into a format that is read."""

_CHAT = re.compile(rb'chat\\?/completions|"chat\.completion|/embeddings\b')
_SSE = re.compile(rb"(?m)\A\s*(?:data|event):")
_HTTP = re.compile(rb"(?m)^(?:< )?HTTP/[12][.\d]* \d{3}")


def speaks_of_chat(head: bytes) -> bool:
    """Whether there is a chat completion or an embedding in what a file begins with."""
    return _CHAT.search(head) is not None


def hint(head: bytes, value: Any) -> str:
    """What a file looks like, and what it takes to judge it. `value` is what a parser made of it, or None."""
    return f"{_kind(head, value)}; {AS_PAIRS}"


def _kind(head: bytes, value: Any) -> str:
    if isinstance(value, dict):
        return _of_object(value)
    if isinstance(value, list):
        return "it looks like an array of other things than requests with their responses"
    if _SSE.match(head):
        return "it looks like the events of a stream, without the request and the URL"
    if _HTTP.search(head):
        return "it looks like the text of an HTTP exchange, such as curl -v prints"
    if b"\0" in head[:1024]:
        return "it is a binary file"
    return "it is no recording of a format that is read"


def _of_object(value: dict[Any, Any]) -> str:
    names = value.keys()
    if str(value.get("object")).startswith("chat.completion") or {"choices", "usage"} <= names:
        return "it looks like an answer alone: its request and URL are missing"
    if {"model", "messages"} <= names:
        return "it looks like a request alone: its URL and the response are missing"
    if {"custom_id", "method", "url"} <= names:
        return "it looks like the input of a batch: the responses are missing"
    if {"request", "response"} <= names:
        return "it looks like a request with its response, of which the URL is missing"
    if "resourceSpans" in names or "spans" in names:
        return "it looks like traces of OpenTelemetry, which have no bytes of an answer"
    first = next((one for one in value.values() if isinstance(one, dict)), None)
    if first is not None and "response" in first and {"url", "request", "init"} & first.keys():
        return "it looks like tapes by name: the array or lines that the exchanges stand in are missing"
    return "it is JSON of another kind"
