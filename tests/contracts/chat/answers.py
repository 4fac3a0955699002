"""Views of answers made by hand."""

from __future__ import annotations

import json
from typing import Any

from conformance.asking.probe import Probe
from conformance.contracts.chat.probes.named import COUNT, COUNT_STREAM
from conformance.contracts.chat.reading.view import View
from conformance.wire.record import Attempt
from tests.contracts.chat.cases.recorded import attempt, exchange

USAGE = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}


def of(probe: Probe, *attempts: Attempt) -> View:
    """The view of what became of a probe."""
    return View(exchange(probe, *attempts))


def plain(body: Any, status: int = 200, **fields: Any) -> View:
    """A response to the plainest request."""
    return of(COUNT, attempt(status, body, **fields))


def answer(*choices: Any, **members: Any) -> View:
    """A successful answer with these choices."""
    return plain({"choices": list(choices), "usage": USAGE, **members})


def choice(content: Any = "1 2 3", reason: Any = "stop", index: Any = 0, **members: Any) -> dict[str, Any]:
    """One choice of an answer."""
    message = {"role": "assistant", "content": content, **members}
    return {"index": index, "message": message, "finish_reason": reason}


def streamed(*events: Any, done: bytes = b"data: [DONE]\n\n") -> View:
    """A stream of these events: chunks, or bytes as they stand."""
    frames = [
        event if isinstance(event, bytes) else b"data: " + json.dumps(event).encode() + b"\n\n"
        for event in events
    ]
    return of(COUNT_STREAM, attempt(200, b"".join(frames) + done, {"content-type": "text/event-stream"}))


def delta(content: Any = None, reason: Any = None, index: Any = 0, **members: Any) -> dict[str, Any]:
    """A chunk with one choice."""
    text = {} if content is None else {"content": content}
    return {"choices": [{"index": index, "delta": {**text, **members}, "finish_reason": reason}]}
