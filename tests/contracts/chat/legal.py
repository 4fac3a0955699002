"""A legal value for each schema, with most of what the contract knows, and how to change one member of it."""

from __future__ import annotations

import json
from typing import Any

from conformance.contracts.chat.reading.schema import Name

USAGE = {
    "prompt_tokens": 9,
    "completion_tokens": 12,
    "total_tokens": 21,
    "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 0, "accepted_prediction_tokens": 0},
}
CALL = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Paris"}'}}
FRAGMENTS = [{"index": 0, **CALL}, {"index": 0, "function": {"arguments": "}"}}]
CUSTOM_CALL = {"id": "call_2", "type": "custom", "custom": {"name": "shell", "input": "ls"}}
TOKEN = {
    "token": "é",
    "logprob": -0.25,
    "bytes": [195, 169],
    "top_logprobs": [{"token": "é", "logprob": -0.25, "bytes": None}],
}
COMPLETION = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1760000000,
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hi", "refusal": None, "annotations": []},
            "logprobs": {"content": [TOKEN], "refusal": None},
            "finish_reason": "stop",
        }
    ],
    "usage": USAGE,
    "service_tier": "default",
    "system_fingerprint": None,
}
CHUNK = {
    "id": "chatcmpl-1",
    "object": "chat.completion.chunk",
    "created": 1760000000,
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [
        {
            "index": 0,
            "delta": {"role": "assistant", "content": "Hi", "refusal": None, "tool_calls": FRAGMENTS},
            "logprobs": None,
            "finish_reason": None,
        }
    ],
    "usage": None,
    "obfuscation": "aB3",
}
ERROR = {
    "error": {"message": "No such model.", "type": "invalid_request_error", "param": None, "code": "no_model"}
}
MODEL = {"id": "gpt-4o-mini", "object": "model", "created": 1721172741, "owned_by": "system"}
LEGAL: dict[Name, Any] = {
    "completion": COMPLETION,
    "chunk": CHUNK,
    "usage": USAGE,
    "error": ERROR,
    "models": {"object": "list", "data": [MODEL, MODEL]},
    "model": MODEL,
}

ABSENT = object()
"""Stands for taking a member away."""


def changed(name: Name, path: str, value: Any) -> Any:
    """A copy of the legal value with another value at the path, such as `choices.0.index`."""
    root = json.loads(json.dumps(LEGAL[name]))
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place = root
    for part in parents:
        place = place[part]
    if value is ABSENT:
        del place[last]
    else:
        place[last] = value
    return root
