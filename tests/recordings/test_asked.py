"""Answers are judged by what was asked: what the official API gives to special requests is no fault of it.

The shapes are those of recordings of api.openai.com that public projects keep for their tests.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.judging.verdict import Judgement, Verdict
from tests.recordings.judging import BAD, answer, asked, having, judged, pair, pairs

FUNCTION = {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def found(folder: Path, request: Mapping[str, Any], *answers: Any, **members: Any) -> Mapping[str, Judgement]:
    return judged(pairs(folder, *(pair(request, one, **members) for one in answers)))


def changed(base: dict[str, Any], *, reason: str = "stop", **usage: int) -> dict[str, Any]:
    """The answer with another reason to end, or another usage."""
    base["choices"][0]["finish_reason"] = reason
    return {**base, "usage": {**base["usage"], **usage}}


def stream(*deltas: tuple[Any, str | None], last: tuple[Mapping[str, Any], ...] = ()) -> str:
    """A stream of these deltas and reasons, and other chunks."""
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000, "model": "m-1"}
    chunks: list[dict[str, Any]] = [
        {**base, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}]}
        for delta, reason in deltas
    ]
    chunks += [{**base, "choices": [], **members} for members in last]
    return "".join(f"data: {json.dumps(chunk)}\n\n" for chunk in chunks) + "data: [DONE]\n\n"


HELLO: tuple[Any, ...] = (
    ({"role": "assistant", "content": ""}, None),
    ({"content": "Hello"}, None),
    ({}, "stop"),
)
USAGE = {"usage": {"prompt_tokens": 8, "completion_tokens": 2, "total_tokens": 10}}
MODERATED: Mapping[str, Any] = {
    "moderation": {"input": {"results": []}, "output": {"results": []}},
    "usage": None,
}
EVENTS = {"content-type": "text/event-stream", "date": "Tue, 14 Nov 2023 22:13:21 GMT"}

AUDIO = {"id": "audio_1", "data": "UklG", "expires_at": 1700003600, "transcript": "Hello"}
CITED = {"start_index": 0, "end_index": 5, "title": "News", "url": "https://news.example"}
CITATION = {"type": "url_citation", "url_citation": CITED}
CUSTOM = {"id": "call_1", "type": "custom", "custom": {"name": "c", "input": "1"}}
LEGACY = {"name": "f", "arguments": "{}"}

PLAIN = {
    "audio": (asked(modalities=["text", "audio"]), answer(None, audio=AUDIO)),
    "refusal": (asked(), {**answer(None, refusal="I cannot.")}),
    "legacy function": (
        asked(functions=[{"name": "f"}]),
        changed(answer(None, function_call=LEGACY), reason="function_call"),
    ),
    "custom tool": (
        asked(tools=[{"type": "custom", "custom": {"name": "c"}}]),
        changed(
            answer(None, tool_calls=[CUSTOM]),
            reason="tool_calls",
        ),
    ),
    "named tool": (
        asked(tools=[FUNCTION], tool_choice={"type": "function", "function": {"name": "f"}}),
        answer(None, tool_calls=[CALL]),
    ),
    "search": (asked(web_search_options={}), answer(annotations=[CITATION])),
    "thoughts only": (
        asked(max_completion_tokens=30),
        changed(answer(""), reason="length", completion_tokens=30, total_tokens=38),
    ),
    "several": (
        asked(n=2),
        {**answer(), "choices": [{**answer()["choices"][0], "index": index} for index in (0, 1)]},
    ),
    "asked for markup": (
        asked(messages=[{"role": "user", "content": "Think in <think> tags"}]),
        answer("<think>so</think> Hello"),
    ),
    "edited by hand": (asked(), {**answer(), "created": 1600000000}),
}


@pytest.mark.parametrize("name", PLAIN)
def test_what_was_asked_for_is_no_fault(name: str, tmp_path: Path) -> None:
    request, given = PLAIN[name]
    assert having(found(tmp_path, request, given), *BAD) == set()


@pytest.mark.parametrize(
    ("request_members", "body"),
    [
        ({}, stream(*HELLO)),
        ({"stream_options": {"include_usage": True}}, stream(*HELLO, last=(USAGE,))),
        (
            {"stream_options": {"include_usage": True}, "moderation": {"model": "omni"}},
            stream(*HELLO, last=(USAGE, MODERATED)),
        ),
        (
            {"functions": [{"name": "f"}]},
            stream(
                (
                    {"role": "assistant", "content": None, "function_call": LEGACY},
                    None,
                ),
                ({"function_call": {"arguments": ""}}, None),
                ({}, "function_call"),
            ),
        ),
        (
            {"tools": [FUNCTION], "tool_choice": "auto"},
            stream(
                ({"role": "assistant", "content": None, "tool_calls": [{"index": 0, **CALL}]}, None),
                ({}, "tool_calls"),
            ),
        ),
    ],
    ids=["plain", "usage", "moderation", "legacy function", "tool"],
)
def test_streams_that_were_asked_for_are_no_fault(
    request_members: dict[str, Any], body: str, tmp_path: Path
) -> None:
    judgements = found(tmp_path, asked(stream=True, **request_members), body, headers=EVENTS)
    assert having(judgements, *BAD) == set()
    assert judgements["stream.finish-reason-once"].verdict is Verdict.PASS


def test_a_deployment_need_not_have_the_name_of_its_model(tmp_path: Path) -> None:
    url = "https://acme.openai.azure.com/openai/deployments/ours/chat/completions?api-version=2024-02-01"
    judgements = found(tmp_path, asked(), {**answer(), "model": "gpt-4o"}, url=url)
    verdict = judgements["envelope.model-names-the-requested"]
    assert verdict.verdict is Verdict.INCONCLUSIVE
    assert verdict.message == "the recording does not show which model the deployment that was asked runs"


def test_an_alias_is_no_failure(tmp_path: Path) -> None:
    given = {**answer(), "model": "gpt-4-0125-preview"}
    judgements = found(tmp_path, asked(model="gpt-4-turbo-preview"), given)
    assert judgements["envelope.model-names-the-requested"].verdict is Verdict.WARN
    other = {**answer(), "model": "gpt-3.5-turbo-0125"}
    judgements = found(tmp_path, asked(model="gpt-4-turbo-preview"), other)
    assert judgements["envelope.model-names-the-requested"].verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("members", "hidden"),
    [
        ({"headers": {}}, {"stream.content-type", "sdk.stream-iterates", "transport.request-id"}),
        ({"headers": {"content-type": "text/event-stream"}}, {"envelope.created-now-in-seconds"}),
    ],
)
def test_headers_that_are_not_there_were_left_out(
    members: dict[str, Any], hidden: set[str], tmp_path: Path
) -> None:
    judgements = found(tmp_path, asked(stream=True), stream(*HELLO), **members)
    assert having(judgements, *BAD) == set()
    assert hidden <= having(judgements, Verdict.INCONCLUSIVE)


def test_what_only_a_parser_saw_is_not_judged_by_its_bytes(tmp_path: Path) -> None:
    line = {**pair(asked(), ""), "body": answer()}
    judgements = judged(pairs(tmp_path, line))
    assert having(judgements, *BAD) == set()
    assert "only what a parser made of them" in judgements["envelope.json-strict"].message


def test_requests_that_happen_to_be_each_others_control(tmp_path: Path) -> None:
    cold = asked(temperature=0)
    costly = changed(answer(id="chatcmpl-2"), prompt_tokens=9, total_tokens=11)
    judgements = found(tmp_path, cold, answer(), costly)
    assert judgements["usage.same-prompt-same-count"].verdict is Verdict.FAIL
    assert judgements["envelope.id-unique"].verdict is Verdict.PASS
    later = {**answer("Hi"), "created": 1700000001}
    same = found(tmp_path, cold, answer(), later)
    assert same["envelope.id-unique"].verdict is Verdict.FAIL


def test_requests_for_models_that_do_not_exist_are_judged_with_the_others(tmp_path: Path) -> None:
    refused = {"error": {"message": "no such model", "type": "t", "param": None, "code": None}}
    path = pairs(tmp_path, pair(asked(), answer()), pair(asked(model="nonsense"), refused, status=404))
    judgements = judged(path)
    assert judgements["errors.json-error-object"].verdict is Verdict.PASS
