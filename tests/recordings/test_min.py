"""Small recordings, each with what it shows: nothing where recording, editing or chance explains it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.judging.verdict import Judgement, Verdict
from tests.ids import by_value
from tests.recordings import layouts
from tests.recordings.judging import BAD, answer, asked, having, judged, pair, pairs

MIN = Path(__file__).parent / "min"

INCONCLUSIVE, FAIL, WARN, NOTE = Verdict.INCONCLUSIVE, Verdict.FAIL, Verdict.WARN, Verdict.NOTE

NOTHING = {
    "idcopy.jsonl": ("envelope.id-unique", INCONCLUSIVE),
    "models_only.jsonl": ("models.lists-the-configured", Verdict.NOT_APPLICABLE),
    "models_apart.jsonl": ("models.lists-the-configured", INCONCLUSIVE),
    "truncation.jsonl": ("stream.truncation-visible", INCONCLUSIVE),
    "emptybody.yaml": ("envelope.one-json-object", INCONCLUSIVE),
    "n2.jsonl": ("sdk.tool-calls-accumulate", Verdict.PASS),
    "reasoning_usage.jsonl": ("stream.same-usage-as-not-streamed", Verdict.PASS),
}
"""Recordings without a finding, and what becomes of the requirement that is easily misjudged."""

FOUND: Mapping[str, Mapping[str, Verdict]] = {
    "err_event.jsonl": {"stream.finish-reason-once": FAIL},
    "limit_oneword.jsonl": {"usage.within-limit": FAIL},
    "limit_words.jsonl": {"limits.max-tokens-bounds": FAIL},
    "limit_tools.jsonl": {"usage.within-limit": FAIL},
    "stop_in_text.jsonl": {"stop.not-in-output": FAIL},
    "json_schema_bad.jsonl": {"structured.json-schema": FAIL},
    "args_null.jsonl": {"tools.arguments-match-schema": WARN},
    "toolcallsnull.jsonl": {},
}
"""Recordings in which one exchange proves something: all that is found."""


@pytest.mark.parametrize("name", NOTHING)
def test_nothing_is_found_in_copies_edits_and_chance(name: str) -> None:
    found = judged(MIN / name)
    requirement, verdict = NOTHING[name]
    assert having(found, *BAD) == set()
    assert found[requirement].verdict is verdict, found[requirement].message


@pytest.mark.parametrize("name", FOUND)
def test_what_one_exchange_proves_is_found(name: str) -> None:
    found = judged(MIN / name)
    assert {one: found[one].verdict for one in having(found, *BAD)} == FOUND[name]


def test_a_stream_that_fails_is_found_by_its_error() -> None:
    (found,) = (judged(MIN / "err_event.jsonl")[name] for name in FOUND["err_event.jsonl"])
    assert "The server had an error while processing your request." in found.message


def test_a_stream_with_audio_is_said_to_be_as_it_is_at_openai() -> None:
    found = judged(MIN / "audio.jsonl")
    assert found["stream.choices-present"].verdict is FAIL
    assert "as in audio streams of api.openai.com" in found["stream.choices-present"].message


def test_tool_calls_that_are_null_are_noted() -> None:
    found = judged(MIN / "toolcallsnull.jsonl")["envelope.matches-schema"]
    assert (found.verdict, "tool_calls is None" in found.message) == (NOTE, True)


def one(folder: Path, request: dict[str, Any], *answers: Any, **members: Any) -> Mapping[str, Judgement]:
    return judged(pairs(folder, *(pair(request, given, **members) for given in answers)))


def made(
    text: str | None, *, at: int = 1700000000, name: str = "chatcmpl-a", **message: Any
) -> dict[str, Any]:
    return {**answer(text, id=name, **message), "created": at}


def ended(given: dict[str, Any], reason: str) -> dict[str, Any]:
    given["choices"][0]["finish_reason"] = reason
    return given


@pytest.mark.parametrize(
    "name", ["chatcmpl-REDACTED", "<ID>", "chatcmpl-***", "id-scrubbed", "xxxxx"], ids=by_value
)
def test_an_id_that_was_replaced_proves_nothing(tmp_path: Path, name: str) -> None:
    found = one(tmp_path, asked(), made("a", name=name), made("b", name=name, at=1700000009))
    assert found["envelope.id-unique"].verdict is INCONCLUSIVE
    again = one(tmp_path, asked(), made("a"), made("b", at=1700000009))
    assert again["envelope.id-unique"].verdict is FAIL


def test_an_id_that_was_replaced_in_some_chunks_is_no_other_id(tmp_path: Path) -> None:
    chunk = {"object": "chat.completion.chunk", "created": 1700000000, "model": "m-1"}
    ids = ("req_REDACTED_1", "e0efe646-8468")
    chunks = [
        {**chunk, "id": name, "choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": reason}]}
        for name, reason in zip(ids, (None, "stop"), strict=True)
    ]
    body = "".join(f"data: {json.dumps(one)}\n\n" for one in chunks) + "data: [DONE]\n\n"
    found = one(tmp_path, asked(stream=True), body, headers={"content-type": "text/event-stream"})
    assert found["stream.id-created-model-constant"].verdict is INCONCLUSIVE


def test_a_list_of_models_of_an_unknown_host_is_held_against_nobody(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        layouts.wiremock(
            [pair(asked(), answer()), pair(None, {"object": "list", "data": [{}]}, url="https://x/v1/models")]
        )
    )
    found = judged(tmp_path / "a.json")
    assert having(found, *BAD) == set()
    assert found["models.list-shape"].verdict is INCONCLUSIVE


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("J. R. R. Tolkien wrote of a ring that rules the others", INCONCLUSIVE),
        ("J.R.R.Tolkienwroteofaringthatrulestheothers", FAIL),
    ],
    ids=["a blank here and there", "no blank at all"],
)
def test_a_text_that_is_spaced_otherwise_by_chance(tmp_path: Path, text: str, verdict: Verdict) -> None:
    whole = made("J.R.R. Tolkien wrote of a ring that rules the others")
    chunk = {"id": "chatcmpl-s", "object": "chat.completion.chunk", "created": 1700000000, "model": "m-1"}
    chunks = [
        {**chunk, "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]},
        {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    ]
    body = "".join(f"data: {json.dumps(one)}\n\n" for one in chunks) + "data: [DONE]\n\n"
    events = {"content-type": "text/event-stream"}
    lines = [pair(asked(), whole), pair(asked(stream=True), body, headers=events)]
    found = judged(pairs(tmp_path, *lines))["stream.same-text-as-not-streamed"]
    assert found.verdict is verdict, found.message


def test_a_copy_with_another_count_is_no_second_answer(tmp_path: Path) -> None:
    costly = {**made("a"), "usage": {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}}
    found = one(tmp_path, asked(), made("a"), costly)
    assert found["usage.same-prompt-same-count"].verdict is INCONCLUSIVE
    found = one(tmp_path, asked(), made("a"), {**costly, "id": "chatcmpl-b"})
    assert found["usage.same-prompt-same-count"].verdict is FAIL


@pytest.mark.parametrize(
    "members",
    [{"web_search_options": {}}, {"plugins": [{"id": "web"}]}, {"tools": [{"type": "web_search"}]}],
    ids=["search", "plugins", "tools"],
)
def test_what_tools_at_the_server_read_is_not_compared(tmp_path: Path, members: dict[str, Any]) -> None:
    costly = {
        **made("a", name="b"),
        "usage": {"prompt_tokens": 90, "completion_tokens": 2, "total_tokens": 92},
    }
    found = one(tmp_path, asked(**members), made("a"), costly)
    assert found["usage.same-prompt-same-count"].verdict is INCONCLUSIVE


@pytest.mark.parametrize(
    ("headers", "verdict"),
    [
        ({"content-length": "612"}, INCONCLUSIVE),
        ({"transfer-encoding": "chunked"}, INCONCLUSIVE),
        ({"x-envoy-upstream-service-time": "80"}, INCONCLUSIVE),
        ({"content-length": "0"}, FAIL),
        ({}, FAIL),
    ],
    ids=["length", "chunked", "time", "empty", "silent"],
)
def test_an_empty_body_is_held_against_nobody_where_there_was_one(
    tmp_path: Path, headers: dict[str, str], verdict: Verdict
) -> None:
    found = one(tmp_path, asked(), "", headers={"content-type": "application/json", **headers})
    assert found["envelope.one-json-object"].verdict is verdict


def test_a_date_months_from_created_is_another_answers(tmp_path: Path) -> None:
    given = {**made("cobalt " * 9), "model": "other"}
    edited = one(tmp_path, asked(max_tokens=1), given, headers={"date": "Tue, 14 May 2024 22:13:21 GMT"})
    assert having(edited, *BAD) == set()
    assert "its Date is weeks from `created`" in edited["envelope.model-names-the-requested"].message
    wrong_sum = {**given, "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 9}}
    edited = one(tmp_path, asked(max_tokens=1), wrong_sum, headers={"date": "Tue, 14 May 2024 22:13:21 GMT"})
    assert having(edited, *BAD) == {"usage.total-is-sum"}


def test_a_date_on_the_wrong_day_of_the_week_was_written_by_hand(tmp_path: Path) -> None:
    wrong = {**made("a"), "object": "text_completion"}
    headers = {"content-type": "application/json", "date": "Mon, 14 Nov 2023 22:13:21 GMT"}
    found = one(tmp_path, asked(), wrong, headers=headers)
    assert having(found, *BAD) == set()
    assert "another day of the week" in found["envelope.object-constant"].message
    found = one(tmp_path, asked(), wrong, headers={**headers, "date": "Tue, 14 Nov 2023 22:13:21 GMT"})
    assert found["envelope.object-constant"].verdict is FAIL


@pytest.mark.parametrize(
    ("headers", "listed"),
    [
        ({}, {"data": [{"type": "model", "id": "c", "display_name": "C"}], "has_more": False}),
        ({}, {"models": [{"name": "models/g-1", "displayName": "G"}]}),
    ],
    ids=["Anthropic", "Google"],
)
def test_a_list_of_another_interface_is_not_judged(tmp_path: Path, headers: Any, listed: Any) -> None:
    listing = pair(None, listed, url="https://api.example/v1/models", **headers)
    found = judged(pairs(tmp_path, pair(asked(), answer()), listing))
    assert having(found, *BAD) == set()
    assert found["models.list-shape"].verdict is INCONCLUSIVE


def test_a_model_that_was_only_refused_may_be_missing_from_the_list(tmp_path: Path) -> None:
    refused = {"error": {"message": "no such model", "type": "t", "param": None, "code": None}}
    models = {"object": "list", "data": [{"id": "m-2", "object": "model", "created": 1, "owned_by": "a"}]}
    listing = pair(None, models, url="https://api.example/v1/models")
    found = judged(pairs(tmp_path, pair(asked(), refused, status=404), listing))
    assert found["models.lists-the-configured"].verdict is INCONCLUSIVE
    found = judged(pairs(tmp_path, pair(asked(), answer()), listing))
    assert found["models.lists-the-configured"].verdict is FAIL


FUNCTION = {
    "type": "function",
    "function": {
        "name": "f",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def call(arguments: str = '{"city": "Paris"}', name: str = "f") -> dict[str, Any]:
    return {"id": "call_1", "type": "function", "function": {"name": name, "arguments": arguments}}


SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}


def strict(schema: Any, **members: Any) -> dict[str, Any]:
    described = {"name": "a", "strict": True, "schema": schema, **members}
    return asked(response_format={"type": "json_schema", "json_schema": described})


def tools(choice: Any = None) -> dict[str, Any]:
    return asked(tools=[FUNCTION], **({} if choice is None else {"tool_choice": choice}))


NAMED = {"type": "function", "function": {"name": "f"}}

DECIDED: Mapping[str, tuple[dict[str, Any], dict[str, Any], str, Verdict]] = {
    "stop string": (asked(stop="END"), made("a END"), "stop.not-in-output", FAIL),
    "no stop string": (asked(stop="END"), made("a"), "stop.not-in-output", INCONCLUSIVE),
    "stop kept": (
        asked(stop="END", include_stop_str_in_output=True),
        made("a END"),
        "stop.not-in-output",
        INCONCLUSIVE,
    ),
    "other members": (strict(SCHEMA), made('{"a": "1"}'), "structured.json-schema", FAIL),
    "its members": (strict(SCHEMA), made('{"a": 1}'), "structured.json-schema", Verdict.PASS),
    "cut JSON": (
        strict(SCHEMA),
        ended(made('{"a": '), "length"),
        "structured.json-schema",
        INCONCLUSIVE,
    ),
    "refused JSON": (
        strict(SCHEMA),
        made(None, refusal="I cannot."),
        "structured.json-schema",
        INCONCLUSIVE,
    ),
    "not strict": (strict(SCHEMA, strict=False), made("no"), "structured.json-schema", INCONCLUSIVE),
    "no schema": (strict({"type": "nonsense"}), made("{}"), "structured.json-schema", INCONCLUSIVE),
    "hours of a pattern": (
        strict({"type": "object", "properties": {"a": {"pattern": "^(a+)+$"}}}),
        made(json.dumps({"a": "a" * 40 + "!"})),
        "structured.json-schema",
        Verdict.PASS,
    ),
    "no object": (
        tools(),
        ended(made(None, tool_calls=[call("[1]")]), "tool_calls"),
        "tools.arguments-match-schema",
        WARN,
    ),
    "not required": (
        tools(),
        ended(made(None, tool_calls=[call("{}")]), "tool_calls"),
        "tools.arguments-match-schema",
        WARN,
    ),
    "arguments": (
        tools(),
        ended(made(None, tool_calls=[call()]), "tool_calls"),
        "tools.arguments-match-schema",
        Verdict.PASS,
    ),
    "cut call": (
        tools(),
        ended(made(None, tool_calls=[call('{"ci')]), "length"),
        "tools.arguments-match-schema",
        Verdict.NOT_APPLICABLE,
    ),
    "required": (tools("required"), made("no"), "tools.required-choice", FAIL),
    "required and called": (
        tools("required"),
        made(None, tool_calls=[call()]),
        "tools.required-choice",
        Verdict.PASS,
    ),
    "named": (tools(NAMED), made("no"), "tools.named-choice-among-several", FAIL),
    "named, another called": (
        tools(NAMED),
        made(None, tool_calls=[call(name="g")]),
        "tools.named-choice-among-several",
        FAIL,
    ),
    "reason without calls": (tools(), ended(made("no"), "tool_calls"), "tools.finish-reason", FAIL),
    "calls without reason": (tools(), made(None, tool_calls=[call()]), "tools.finish-reason", FAIL),
    "no logprobs": (asked(logprobs=True), made("a"), "logprobs.shape", FAIL),
    "no finish_reason": (asked(), made("a"), "envelope.finish-reason-known", FAIL),
    "thoughts alone": (asked(), made("", reasoning_content="OK"), "envelope.content-text", WARN),
    "an empty array": (tools(), made("a", tool_calls=[]), "envelope.matches-schema", NOTE),
    "words": (asked(max_completion_tokens=2), made("a b c"), "limits.max-tokens-bounds", FAIL),
}
DECIDED["no finish_reason"][1]["choices"][0].pop("finish_reason")


@pytest.mark.parametrize("name", DECIDED)
def test_what_was_asked_for_is_held_against_the_answer(name: str, tmp_path: Path) -> None:
    request, given, requirement, verdict = DECIDED[name]
    found = one(tmp_path, request, given)[requirement]
    assert found.verdict is verdict, found.message


@pytest.mark.parametrize("streamed", [False, True], ids=["plain", "streamed"])
def test_a_bare_text_of_an_error_is_judged(tmp_path: Path, *, streamed: bool) -> None:
    found = one(tmp_path, asked(stream=streamed), "Internal Server Error")
    owner = "stream.framing" if streamed else "envelope.one-json-object"
    assert found[owner].verdict is FAIL
