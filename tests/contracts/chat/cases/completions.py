"""Answers made by hand: what a provider might say to a probe."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from conformance.asking.probe import Probe
from conformance.wire.record import Exchange
from tests.contracts.chat.cases.recorded import attempt, exchange

EVENT_STREAM = {"content-type": "text/event-stream"}


def usage(prompt: int, completion: int) -> dict[str, int]:
    """A usage object whose total is right."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def completion(
    *texts: str | None,
    finish: str = "stop",
    prompt: int = 10,
    completion: int = 8,
    id: str | None = "chatcmpl-1",
) -> dict[str, Any]:
    """A chat.completion with a choice for each text."""
    choices = [
        {"index": i, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
        for i, text in enumerate(texts)
    ]
    spent = usage(prompt, completion)
    return {
        "id": id,
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": choices,
        "usage": spent,
    }


def said(probe: Probe, *texts: str | None, **others: Any) -> Exchange:
    """A probe that is answered with these choices."""
    return exchange(probe, attempt(200, completion(*texts, **others)))


def all_said(probes: Sequence[Probe], texts: Iterable[str]) -> list[Exchange]:
    """A sample, one text for each probe, each answer with an id of its own."""
    return [
        said(probe, text, id=f"chatcmpl-{number}")
        for number, (probe, text) in enumerate(zip(probes, texts, strict=True))
    ]


def refused(probe: Probe) -> Exchange:
    """A probe that is refused."""
    return exchange(probe, attempt(400, {"error": {"message": "no", "type": "invalid_request_error"}}))


def streamed(probe: Probe, *pieces: tuple[int, str | None, str | None]) -> Exchange:
    """A probe that is answered with a chunk for each piece: index, text, finish_reason."""
    chunks = [
        {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "m",
            "choices": [{"index": index, "delta": {"content": text}, "finish_reason": finish}],
        }
        for index, text, finish in pieces
    ]
    lines = [*(json.dumps(chunk, ensure_ascii=False) for chunk in chunks), "[DONE]"]
    body = "".join(f"data: {line}\n\n" for line in lines).encode()
    return exchange(probe, attempt(200, body, EVENT_STREAM))
