"""Whatever shape an answer has, every case comes to a verdict, and says it in one printable line."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from conformance.asking.plan import plan
from conformance.judging.catalogue import catalogue
from conformance.judging.judge import Judge
from conformance.judging.recording import Recording
from conformance.judging.verdict import Judgement, Verdict
from conformance.provider.claims import profile
from conformance.provider.load import embedded
from conformance.provider.model import Target
from tests.contracts.chat.cases.recorded import attempt, exchange

CASES = catalogue()
CLAIMS = profile("openai")
(PLAN,) = plan({Target(embedded(), "m"): [probe for case in CASES.values() for probe in case.probes(CLAIMS)]})
SENT = [exchange(probe, attempt(200)) for probe in PLAN.probes]

LONG = "\x1b[2J\u202e\ud800\x00\n" + "A" * 5000
VALUES: tuple[Any, ...] = (
    5,
    "text",
    [[]],
    True,
    {"a": LONG},
    [None],
    10**30,
    LONG,
    1.5,
    float("inf"),
    {},
    [5],
)


def bodies(slot: str, value: Any) -> list[Any]:
    """An answer and a stream that are right but for one member, named as part.member."""
    part, _, member = slot.partition(".")
    odd = {part: {member: value}}
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5, **odd.get("usage", {})}
    message = {"role": "assistant", "content": "1 2", **odd.get("message", {})}
    choice = {"index": 0, "finish_reason": "stop", **odd.get("choice", {})}
    envelope = {"id": "chatcmpl-1", "created": 1_767_225_600, "model": "m", "usage": usage}
    plain = {
        **envelope,
        "object": "chat.completion",
        "choices": [{"message": message, **choice}],
        **odd.get("top", {}),
    }
    chunk = {
        **envelope,
        "object": "chat.completion.chunk",
        "choices": [{"delta": message, **choice}],
        **odd.get("top", {}),
    }
    stream = b"data: " + json.dumps(chunk).encode() + b"\n\ndata: [DONE]\n\n"
    error = {"message": "no", "type": "t", "param": None, "code": None, **odd.get("error", {})}
    return [{"error": error}] if part == "error" else [plain, stream]


MEMBERS = {
    "top": ["id", "object", "created", "model", "choices", "usage", "error", "data"],
    "choice": ["index", "message", "delta", "finish_reason", "logprobs"],
    "message": ["role", "content", "refusal", "tool_calls", "reasoning_content"],
    "usage": ["prompt_tokens", "completion_tokens", "total_tokens", "completion_tokens_details"],
    "error": ["message", "type", "param", "code"],
}
SLOTS = [f"{part}.{member}" for part, members in MEMBERS.items() for member in members]
BYTES = [
    b"",
    b"<html>" + b"x" * 9000,
    bytes(range(256)),
    b"[" * 5000,
    b'{"id":' + b"9" * 9999 + b"}",
    b"data: [1]\n\n",
]


def judgements(body: Any, status: int, headers: dict[str, str]) -> list[Judgement]:
    """What all cases say where every request gets this response."""
    made = (attempt(status, body, headers),)
    judge = Judge(CLAIMS, Recording.of([replace(one, attempts=made) for one in SENT]), CASES)
    return [judge.judge(case) for case in CASES.values()]


def judged_soberly(body: Any, status: int) -> None:
    """Every case comes to a verdict by itself, and its message can be shown anywhere."""
    odd = {"content-type": LONG[:300], "date": "Mon, 99 Foo 2020", "retry-after": "1e400"}
    for one in judgements(body, status, odd):
        assert one.verdict is not Verdict.ERROR, (one.requirement, one.message)
        assert one.message.isprintable(), one.requirement
        assert len(one.message) <= 600, one.requirement


@pytest.mark.parametrize(("slot", "number"), [(slot, number) for number, slot in enumerate(SLOTS)])
def test_no_member_of_an_answer_surprises_a_case(slot: str, number: int) -> None:
    for step, form in ((0, 0), (5, -1)):  # one of the values in an answer, and another in a stream
        body = bodies(slot, VALUES[(number + step) % len(VALUES)])[form]
        judged_soberly(body, 400 if slot.startswith("error") else 200)


@pytest.mark.parametrize("body", BYTES, ids=lambda body: repr(body[:12]))
@pytest.mark.parametrize("status", [200, 400])
def test_no_bytes_surprise_a_case(body: bytes, status: int) -> None:
    judged_soberly(body, status)


def test_an_answer_that_is_right_is_not_the_reason() -> None:
    found = {one.requirement: one.verdict for one in judgements(bodies("none.", None)[0], 200, {})}
    assert found["envelope.one-json-object"] is Verdict.PASS
    assert found["usage.total-is-sum"] is Verdict.PASS
