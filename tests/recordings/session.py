"""What the recordings in `data` record: a few requests of every kind that is judged, and others.

Each is a method, a path below the base URL, and the request's JSON. They are sent with a key, which must not
be found in anything that is made of a recording.
"""

from __future__ import annotations

from typing import Any

KEY = "sk-recorded-9f8e7d6c5b4a39281706"

Request = tuple[str, str, dict[str, Any] | None]

COUNT = "Count from 1 to 12."
TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
WEATHER = "What is the weather in Paris? Use the tool."


def asked(model: str, prompt: str, **members: Any) -> Request:
    """A chat completion."""
    body = {"model": model, "messages": [{"role": "user", "content": prompt}], **members}
    return "POST", "/chat/completions", body


def requests(model: str) -> list[Request]:
    """The requests, for a model of the provider."""
    cold = {"temperature": 0, "max_tokens": 60}
    usage = {"stream": True, "stream_options": {"include_usage": True}}
    return [
        ("GET", "/models", None),
        asked(model, COUNT, **cold),
        asked(model, COUNT, **cold, stream=True),
        asked(model, COUNT, **cold, **usage),
        asked(model, COUNT, temperature=0, max_tokens=8, n=2),
        asked(model, COUNT, temperature=0, max_tokens=5, logprobs=True, top_logprobs=2),
        asked(model, WEATHER, **cold, tools=[TOOL], tool_choice="required"),
        asked(model, WEATHER, **cold, tools=[TOOL], tool_choice="required", stream=True),
        asked(model, "Grüße, 你好 🙂", **cold),
        asked(model, COUNT, temperature="hot"),
        ("POST", "/chat/completions", {"model": model, "messages": []}),
        ("GET", "/no-such-path", None),
    ]
