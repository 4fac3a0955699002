"""Requests of every kind that a conformance run sends, asked of the service without a network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import Any

from conformance.probe import prompts
from conformance.reference.call import Call
from conformance.reference.service import Service
from tests.reference.asking import KEY
from tests.reference.pictures import png, uri

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"type": "function", "function": {"name": "get_weather", "parameters": CITY}}
TIME = {"type": "function", "function": {"name": "get_time", "parameters": CITY}}
NAMED = {"type": "function", "function": {"name": "get_time"}}
PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
    "required": ["name", "age"],
    "additionalProperties": False,
}
BEARER = (("content-type", "application/json"), ("authorization", f"Bearer {KEY}"))
CALLED = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}],
}


@dataclass(frozen=True)
class Asked:
    """A request. `cut` hangs up after two frames of the reply."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = BEARER
    body: bytes = b""
    cut: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.body.decode(errors='replace')[:300]}"


def user(text: Any) -> dict[str, Any]:
    """A user message."""
    return {"role": "user", "content": text}


def raw(body: bytes, *headers: tuple[str, str], base: tuple[tuple[str, str], ...] = BEARER) -> Asked:
    """A chat completion with exactly these bytes; further headers replace those of the same name."""
    names = {name for name, _ in headers}
    kept = tuple(pair for pair in base if pair[0] not in names)
    return Asked("POST", "/v1/chat/completions", (*kept, *headers), body)


def chat(*messages: Any, **parameters: Any) -> Asked:
    """A chat completion; a string is a user message."""
    turns = [user(m) if isinstance(m, str) else m for m in messages]
    return raw(
        json.dumps({"model": "reference", "messages": turns, **parameters}, ensure_ascii=False).encode()
    )


def _plain() -> Iterator[Asked]:
    yield chat(prompts.COUNT, stream=True, temperature=0)
    yield chat(prompts.COUNT, stream=True, stream_options={"include_usage": True}, max_tokens=5)
    for text in (prompts.COUNT, prompts.COUNT, prompts.QUESTION, prompts.OK, prompts.PHRASE):
        yield chat(text, temperature=0)
    yield chat(prompts.COUNT, stop=None, n=None, temperature=None, top_p=None)
    for text in (prompts.UNIT, prompts.UNIT * 4, prompts.ECHO + prompts.UNICODE):
        yield chat(text, max_tokens=100)
        yield chat(text, max_tokens=100, stream=True)
    yield raw(json.dumps({"model": "reference", "messages": [user(prompts.UNICODE)]}).encode())
    yield from (chat(prompts.ECHO + word, temperature=0) for word in ("ember", "cedar"))


def _ended() -> Iterator[Asked]:
    for stop in ("Foxtrot", ["@@1", "@@2", "@@3", "Foxtrot"], ["1", "2", "3", "4", "Foxtrot"], "Alfa"):
        yield chat(prompts.NATO, stop=stop, temperature=0)
    yield chat(prompts.NATO, stop=["@@1", "Alfa", "@@3"], temperature=0)
    yield chat(prompts.NATO, stop="Echo\nFoxtrot", stream=True, temperature=0)
    for limit in (1, 5, 16, 0, -1, 1.5, "5"):
        yield chat(prompts.COUNT, max_tokens=limit)
    yield chat(prompts.COUNT, max_tokens=5, stream=True)
    yield chat(prompts.COUNT, max_completion_tokens=5)
    yield chat(prompts.OK, stop=5)


def _sampled() -> Iterator[Asked]:
    for temperature in (0, 1.5, 1.5, 2, -0.1, 2.1, "hot"):
        yield chat(prompts.PHRASE, temperature=temperature)
    for top_p in (0.01, 1, 0, -0.1, 1.1):
        yield chat(prompts.PHRASE, top_p=top_p)
    yield chat(prompts.PHRASE, temperature=0.7, top_p=0.9, seed=7)
    for penalties in ((2, 0), (0, 2), (-1, 0), (2.1, 0), (0, -2.1)):
        yield chat(
            prompts.REPEAT, temperature=0, frequency_penalty=penalties[0], presence_penalty=penalties[1]
        )
    for n in (3, 0, -1, 1.5):
        yield chat(prompts.PHRASE, n=n)
    yield chat(prompts.COUNT, n=2, temperature=0, stream=True, max_tokens=8)
    yield chat(prompts.COUNT, temperature=0, max_tokens=5, logit_bias={"900": 100})


def _conversations() -> Iterator[Asked]:
    history = (
        user(prompts.SECRET_USER_TURN),
        {"role": "assistant", "content": prompts.SECRET_ASSISTANT_TURN},
    )
    yield chat(*history, prompts.SECRET_QUESTION_USER)
    yield chat(*history, prompts.SECRET_QUESTION_ASSISTANT)
    yield chat(prompts.SECRET_USER_TURN, prompts.SECRET_QUESTION_USER)
    yield chat(
        prompts.CHANGED_FIRST.format(word="lemon"),
        {"role": "assistant", "content": prompts.CHANGED_ACKNOWLEDGED},
        prompts.CHANGED_THEN.format(word="cobalt"),
        {"role": "assistant", "content": prompts.CHANGED_ACKNOWLEDGED},
        prompts.CHANGED_QUESTION,
    )
    for role in ("system", "developer"):
        yield chat({"role": role, "content": prompts.PINEAPPLE}, prompts.QUESTION)
    yield chat(user([{"type": "text", "text": prompts.QUESTION}]))
    yield chat({**user(prompts.OK), "name": "alice"})
    for model in ("reference", "reference-text"):
        for url in (uri(png(b"\xff\0\0", side=64)), uri(png(b"\xff\xff\0")), "data:image/png;base64,AAAA"):
            image = {"type": "image_url", "image_url": {"url": url}}
            yield chat(user([{"type": "text", "text": prompts.COLOUR}, image]), model=model)


def _called() -> Iterator[Asked]:
    for choice in ("auto", "none", "required", NAMED):
        yield chat(prompts.WEATHER, tools=[WEATHER, TIME], tool_choice=choice)
    yield chat(prompts.WEATHER, tools=[WEATHER], tool_choice="required", stream=True)
    yield chat(prompts.WEATHER_TWO, tools=[WEATHER], stream=True)
    yield chat(prompts.WEATHER_TWO, tools=[WEATHER], parallel_tool_calls=False)
    yield chat(prompts.WEATHER_TWO, tools=[WEATHER])
    yield chat(
        prompts.WEATHER,
        CALLED,
        {"role": "tool", "tool_call_id": "c1", "content": "21 degrees"},
        tools=[WEATHER],
    )
    seat = {"seat": {"type": "string", "enum": ["teal-41"]}}
    strict = {"type": "object", "properties": seat, "required": ["seat"], "additionalProperties": False}
    reserve = {"name": "reserve_seat", "strict": True, "parameters": strict}
    yield chat(prompts.NO_TOOL, tools=[{"type": "function", "function": reserve}], tool_choice="required")
    yield chat(prompts.PERSON_JSON, response_format={"type": "json_object"})
    schema = {"name": "person", "schema": PERSON, "strict": True}
    yield chat(prompts.PERSON_JSON, response_format={"type": "json_schema", "json_schema": schema})
    yield chat(prompts.NO_JSON, response_format={"type": "json_schema", "json_schema": schema})
    yield chat(prompts.PERSON_JSON, response_format={"type": "xml"})
    yield chat(prompts.COUNT, logprobs=True, top_logprobs=2, max_tokens=5)


def _rare() -> Iterator[Asked]:
    usual = {"response_format": {"type": "text"}, "service_tier": "auto", "store": False, "user": "someone"}
    yield chat(prompts.OK, temperature=0, **usual)
    function = {"name": "get_weather", "parameters": CITY}
    yield chat(prompts.WEATHER, functions=[function], function_call={"name": "get_weather"})
    for wrong in ({"top_p": "wide"}, {"logit_bias": {"1": 101}}, {"service_tier": "no-such-tier"}):
        yield chat(prompts.OK, temperature=0, **wrong)


def _wrong() -> Iterator[Asked]:
    valid = {"model": "reference", "messages": [user(prompts.OK)], "max_tokens": 4}
    changes: tuple[dict[str, Any], ...] = (
        {"model": None},
        {"model": 123},
        {"model": ""},
        {"model": "no-such-model"},
        {"messages": None},
        {"messages": "hi"},
        {"messages": []},
        {"messages": [1]},
        {"messages": [{"content": "hi"}]},
        {"messages": [{"role": "robot", "content": "hi"}]},
        {"messages": [{"role": "user"}]},
        {"messages": [{"role": "tool", "tool_call_id": "x", "content": "hi"}]},
        {"x_conformance_probe": 1},
        {"stream": "yes"},
        {"messages": [], "stream": True},
        {"tools": [1], "tool_choice": 5, "stop": 7, "n": "x", "max_tokens": [], "response_format": "json"},
        {
            "tools": [{}],
            "tool_choice": {},
            "temperature": [],
            "top_p": {},
            "frequency_penalty": "x",
            "seed": "x",
        },
    )
    for change in changes:
        yield raw(json.dumps({**valid, **change}).encode())
    yield raw(json.dumps({"messages": valid["messages"]}).encode())
    yield raw(b'{"model":')
    yield raw(b"[]")
    body = json.dumps(valid).encode()
    yield raw(body, ("content-type", "text/plain"))
    for credential in ("Bearer sk-invalid", "Basic c2VjcmV0", "Bearer "):
        yield raw(body, ("authorization", credential))
    yield raw(body, base=BEARER[:1])
    yield raw(b'{"model":', ("authorization", "Bearer sk-invalid"))
    yield raw(json.dumps({**valid, "stream": True}).encode(), ("accept", "text/event-stream"))


def _others() -> Iterator[Asked]:
    for headers in (BEARER, ()):
        yield Asked("GET", "/v1/models", headers)
        yield Asked("GET", "/v1/models/reference", headers)
    yield Asked("GET", "/v1/models/no/such")
    yield Asked("GET", "/v1beta/models")
    yield Asked("GET", "/v1/chat/completionz")
    yield Asked("GET", "/v1/chat/completions")
    preflight = (
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization"),
    )
    yield Asked("OPTIONS", "/v1/chat/completions", preflight)
    yield chat(prompts.COLOUR)
    whole = chat(prompts.COUNT, stream=True)
    yield Asked(whole.method, whole.path, whole.headers, whole.body, cut=True)
    yield chat(prompts.OK, max_tokens=4)


EXCHANGES = (
    *_plain(),
    *_ended(),
    *_sampled(),
    *_conversations(),
    *_called(),
    *_rare(),
    *_wrong(),
    *_others(),
)


def ask(service: Service, asked: Asked, memory: dict[str, Any], chance: Random) -> tuple[Any, ...]:
    """Everything that a service sends for a request, with its delays, so that two can be compared."""
    call = Call(asked.method, asked.path, asked.headers, asked.body, memory, chance, at=1_800_000_000.0)
    reply = service.respond(call)
    if asked.cut:
        return tuple(islice(reply.frames, 2))
    return reply.status, reply.headers, tuple((frame.data, round(frame.delay, 6)) for frame in reply.frames)
