"""The envelope of an answer: one JSON object with the members that clients rely on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from conformance.contracts.chat.probes.named import COUNT, COUNT_STREAM
from conformance.contracts.chat.reading.choices import raw_choices
from conformance.contracts.chat.reading.offering import offered, written_call
from conformance.contracts.chat.reading.schema import violations
from conformance.contracts.chat.reading.thoughts import THOUGHT_TAG
from conformance.contracts.chat.reading.view import FINISH_REASONS, View
from conformance.contracts.chat.selecting import (
    all_answers,
    every_answer,
    every_plain_answer,
    every_success,
)
from conformance.contracts.chat.sources import CLIENTS, METHOD, OPENAI, RFC
from conformance.contracts.model_ids import extends, same_model
from conformance.judging.requirement import MAY, MUST, SHOULD, controls, probes, requirement
from conformance.judging.saying import assume, needs, note, visible, warn, wrong
from conformance.wire.strict_json import is_integer

KNOWN_MEMBERS = {
    "answer": "id object created model choices usage system_fingerprint service_tier metadata moderation",
    "choice": "index message finish_reason logprobs",
    "message": "role content refusal tool_calls annotations audio function_call",
}

OWNED = re.compile(
    r"^\$(\.(id|object|created|model|choices|usage)|\.choices\[\d+\]\.(index|finish_reason|message\.(role|content)))$"
    r"|^\$\.usage\.|^\$\.choices\[\d+\]\.(message\.tool_calls|logprobs)\b"
)
"""Paths whose violations other requirements report."""

MARKUP = re.compile(
    r"</?think>|</?(?:minimax:)?tool_calls?(?:_section)?>|</?function_calls?>|<function=|<invoke name="
    r"|</?arg_(?:key|value)>|\[/?(?:AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]|\[/?INST\]|\bfunctools\[\{"
    r"|<\|/?(?:im_start|im_end|eot_id|end|endoftext|start_header_id|end_header_id|eom_id|python_tag|channel"
    r"|message|call|constrain|tool_call|tool_calls?_(?:section_)?(?:begin|end)|observation|assistant)\|?>"
    r"|<｜[^｜<>\n]{1,32}｜|<(?:start|end)_of_turn>|<escape>"
)
"""Marks that chat templates put around turns, thoughts and calls. No probe asks for any of them."""


@requirement(
    "envelope.one-json-object",
    MUST,
    source=(OPENAI.completion, RFC.json_names),
    hurts="Nothing works: clients cannot read the answer.",
)
@every_plain_answer
def test_answer_is_one_json_object(answer: View) -> None:
    """A request that was not streamed is answered with status 200 and exactly one JSON object."""
    assert answer.status == 200, wrong(
        "the answer has status {status}", answer.at_status(), status=answer.status
    )
    visible(answer.json)
    trailing = [fault for fault in answer.document.faults if fault.kind == "trailing-data"]
    assert not trailing, wrong(
        "something follows the JSON object: {fault} at {where}",
        answer.at_byte(trailing[0].offset),
        fault=trailing[0].message,
        where=trailing[0].where,
    )


@requirement(
    "envelope.object-constant",
    MUST,
    source=OPENAI.object,
    hurts="Clients that tell types by `object` take the answer for something else.",
)
@every_plain_answer
def test_object_is_chat_completion(answer: View) -> None:
    """`object` is always "chat.completion"."""
    value = answer.json.get("object")
    assert value == "chat.completion", wrong("object is {object!r}", answer.at("object"), object=value)


@requirement(
    "envelope.id-present",
    MUST,
    source=(OPENAI.id, OPENAI.chunk_id),
    hurts="Strictly typed clients (Rust, Swift, Scala) cannot decode the answer; nothing can be traced.",
)
@every_answer
def test_id_is_present(answer: View) -> None:
    """`id` is a string that is not empty, in the answer and in every chunk."""
    for item in answer.objects:
        value, where = item.get("id"), answer.at("id", item)
        assert isinstance(value, str), wrong("id is {id!r}", where, id=value)
        assert value, wrong("id is empty", where)


@requirement(
    "envelope.id-unique",
    MUST,
    source=OPENAI.id,
    hurts="Logs, caches and bills that are keyed by id mix up answers.",
)
@all_answers
def test_id_is_unique(answers: tuple[View, ...]) -> None:
    """No two answers of a run have the same `id`."""
    seen: dict[str, View] = {}
    assume(len(answers) > 1, "one answer alone cannot repeat an id")
    for answer in answers:
        values = [item.get("id") for item in answer.objects]
        ids = {value for value in values if isinstance(value, str) and value}
        for value in ids:
            assert value not in seen, wrong(
                "{first} and {second} both have the id {id!r}",
                seen[value].at("id"),
                answer.at("id"),
                first=seen[value].probe,
                second=answer.probe,
                id=value[:40],
            )
        seen |= dict.fromkeys(ids, answer)


@requirement("envelope.id-prefix", MAY, source=OPENAI.id)
@every_answer
def test_id_begins_with_chatcmpl(answer: View) -> None:
    """`id` begins with "chatcmpl-"."""
    for item in answer.objects:
        value = item.get("id")
        needs("envelope.id-present", isinstance(value, str) and value, "there is no id")
        assert str(value).startswith("chatcmpl-"), wrong(
            "the id is {id!r}", answer.at("id", item), id=str(value)[:40]
        )


@requirement(
    "envelope.model-names-the-requested",
    MUST,
    source=OPENAI.answering_model,
    hurts="Whoever pays for one model may get another; cost trackers keyed by model miss it.",
)
@every_answer
def test_model_names_the_requested(answer: View) -> None:
    """`model` names the requested model: the same id, or a version or prefix of it."""
    requested = str(answer.request.get("model"))
    named = answer.objects[0].get("model") if answer.objects else None
    where = answer.at("model", answer.objects[0]) if answer.objects else answer.at()
    assert isinstance(named, str), wrong("model is {model!r}", where, model=named)
    assert named, wrong("model is empty", where)
    if not same_model(requested, named):
        found = {"requested": requested[:60], "named": named[:60]}
        if extends(requested, named):
            warn("{requested!r} was asked for, {named!r} is named: perhaps another model", where, **found)
        wrong("{requested!r} was asked for, {named!r} is named", where, **found)


@requirement("envelope.model-same-when-streamed", SHOULD, source=OPENAI.answering_model)
@controls(plain=COUNT)
@probes(streamed=COUNT_STREAM)
def test_model_is_the_same_when_streamed(plain: View, streamed: View) -> None:
    """`model` is the same in a stream as in the answer to the same request that is not streamed."""
    named = plain.json.get("model")
    right = isinstance(named, str) and same_model(str(plain.request.get("model")), named)
    needs("envelope.model-names-the-requested", right, "the plain answer names {model!r}", model=named)
    names = {item.get("model") for item in streamed.objects}
    needs("stream.id-created-model-constant", len(names) == 1, "the chunks of the stream name several")
    assert names == {named}, wrong(
        "{plain!r} plain, {streamed!r} streamed", streamed.at("model"), plain=named, streamed=list(names)
    )


@requirement(
    "envelope.one-choice-by-default",
    MUST,
    source=OPENAI.n,
    hurts="Programs that read choices[0] fail, or pay for answers that they never asked for.",
)
@every_answer
def test_there_is_one_choice_by_default(answer: View) -> None:
    """There is exactly one choice where `n` was not given."""
    if answer.request.get("n") in (None, 1):
        count = len(answer.choices) if answer.streamed else len(raw_choices(answer.json))
        assert count == 1, wrong("there are {count} choices", answer.at("choices"), count=count)


@requirement(
    "envelope.index-is-position",
    MUST,
    source=OPENAI.choice_index,
    hurts="Clients that sort choices by `index` mix them up, or fail to decode the answer.",
)
@every_plain_answer
def test_index_is_the_position(answer: View) -> None:
    """`index` of each choice is an integer: its position in the list."""
    for position, choice in enumerate(raw_choices(answer.json)):
        index = choice.get("index") if isinstance(choice, dict) else None
        right = is_integer(index) and index == position
        assert right, wrong(
            "choices[{position}].index is {index!r}",
            answer.at(f"choices[{position}].index"),
            position=position,
            index=index,
        )


@requirement(
    "envelope.role-assistant",
    MUST,
    source=OPENAI.role,
    hurts="Programs that append the message to the conversation are refused on the next turn.",
)
@every_plain_answer
def test_role_is_assistant(answer: View) -> None:
    """`role` of each message is "assistant"."""
    for choice in answer.choices:
        assert choice.role == "assistant", wrong(
            "role is {role!r}", answer.at("message.role", choice), role=choice.role
        )


@requirement(
    "envelope.content-text",
    MUST,
    source=OPENAI.content,
    hurts="Every client shows an empty answer, or fails on a content that is not text.",
)
@every_plain_answer
def test_content_is_text(answer: View) -> None:
    """`content` is a string, and not empty where text was generated and the answer ended by itself."""
    for choice in answer.choices:
        where = answer.at("message.content", choice)
        assert "content" in choice.message, wrong("message has no member `content`", where)
        other = any(choice.message.get(name) for name in ("tool_calls", "function_call", "refusal", "audio"))
        if choice.text or other or answer.request.get("stop") or choice.finish_reason != "stop":
            continue
        if choice.message.get("content") == "" and choice.thought:
            warn("content is empty: all that was written is in its thoughts", where)
        assume(not answer.thinks, "the model thought aloud and wrote nothing else")
        billed = answer.usage.completion if answer.has_usage else 0
        assert billed <= 1, wrong(
            "content is {content!r}, though {billed} tokens are billed",
            where,
            content=choice.message.get("content"),
            billed=billed,
        )


@requirement(
    "envelope.finish-reason-known",
    MUST,
    source=OPENAI.finish_reason,
    hurts="Agents loop on finish_reason; clients with a closed set of values fail to decode.",
)
@every_plain_answer
def test_finish_reason_is_known(answer: View) -> None:
    """`finish_reason` of each choice is one of stop, length, tool_calls, content_filter, function_call."""
    for position, choice in enumerate(raw_choices(answer.json)):
        reason = choice.get("finish_reason") if isinstance(choice, dict) else None
        assert reason in FINISH_REASONS, wrong(
            "choices[{position}].finish_reason is {reason!r}",
            answer.at(f"choices[{position}].finish_reason"),
            position=position,
            reason=reason,
        )


@requirement(
    "envelope.no-markup-of-the-model",
    SHOULD,
    source=METHOD.practice,
    hurts="Readers see the model's own marks, or its thoughts; parsers stumble over them.",
)
@every_answer
def test_text_is_free_of_the_models_own_markup(answer: View) -> None:
    """The text has no marks of the model's own: end tokens, thoughts in tags, or tool calls in tags."""
    prompt = answer.exchange.request.body
    tools = offered(answer.request) or ()
    may_call = answer.request.get("tool_choice") != "none"
    for choice in answer.choices:
        called = may_call and choice.finish_reason != "length" and written_call(choice.text, tools)
        needs("tools.calls-not-in-text", not called, "a call stands in the text")
        marks = MARKUP.search(choice.text) or THOUGHT_TAG.search(choice.text)
        markup = marks[0] if marks else ""
        wanted = marks and markup in prompt
        assume(not wanted, "the request itself speaks of {markup!r}", markup=markup[:40])
        assert not marks, wrong("the text contains {markup!r}", answer.at_text(markup), markup=markup[:40])


@requirement("envelope.nullable-members-present", MAY, source=(OPENAI.refusal, OPENAI.completion))
@probes(answer=COUNT)
def test_nullable_members_are_present(answer: View) -> None:
    """`logprobs` of a choice and `refusal` of a message are present, though they may be null."""
    assume(answer.choices, "there are no choices")
    missing = [
        (name, answer.at(name, choice))
        for choice in raw_choices(answer.json)
        for name, holder in (("logprobs", choice), ("message.refusal", choice["message"]))
        if name.rpartition(".")[2] not in holder
    ]
    assert not missing, wrong(
        "not present: {missing}",
        *(where for _, where in missing),
        missing=", ".join(name for name, _ in missing),
    )


@requirement(
    "envelope.no-error-in-success",
    MUST,
    source=(OPENAI.errors, CLIENTS.openai_python),
    hurts="openai-python raises nothing and hands out an answer in which every member is None.",
)
@every_success
def test_success_carries_no_error(answer: View) -> None:
    """An answer with a 2xx status has no top-level `error`."""
    if not answer.streamed:
        value = answer.document.value
        error = value.get("error") if isinstance(value, dict) else None
        assert error is None, wrong(
            "HTTP {status} with an error: {error!r}", answer.at("error"), status=answer.status, error=error
        )


@requirement("envelope.extra-members-listed", MAY, source=OPENAI.completion)
@every_plain_answer
def test_extra_members_are_listed(answer: View) -> None:
    """Members that the contract does not name are allowed; the report lists them."""
    visible(answer.choices)
    extra = {name: answer.at(name) for name in _beyond("answer", answer.json)}
    for choice in raw_choices(answer.json):
        extra |= {f"choice.{name}": answer.at(name, choice) for name in _beyond("choice", choice)}
        said = choice["message"]
        extra |= {f"message.{name}": answer.at(name, said) for name in _beyond("message", said)}
    if extra:
        note(
            "members beyond the contract: {members}",
            *extra.values(),
            members=", ".join(sorted(extra))[:160],
        )


def _beyond(what: str, value: Mapping[str, Any]) -> list[str]:
    """The members of an object of an answer that the contract does not name."""
    return [name for name in map(str, value) if name not in KNOWN_MEMBERS[what].split()]


@requirement(
    "envelope.matches-schema", MUST, source=OPENAI.completion, hurts="Typed clients cannot decode the answer."
)
@every_plain_answer
def test_answer_matches_the_schema(answer: View) -> None:
    """The answer matches the schema of the chat completion object, in what no other requirement judges."""
    found = [one for one in violations("completion", answer.json) if not OWNED.match(one.path)]
    assert not found, wrong(
        "{violations}",
        *(answer.at(one.path) for one in found[:5]),
        violations="; ".join(map(str, found[:5])),
    )
    # Where no tools were offered, an empty array is what tools.absent-when-not-asked reports.
    none_at_all: tuple[object, ...] = (None, []) if answer.request.get("tools") else (None,)
    for choice in raw_choices(answer.json):
        message = choice.get("message") if isinstance(choice, dict) else None
        if isinstance(message, dict) and message.get("tool_calls", "absent") in none_at_all:
            note(
                "tool_calls is {calls!r}: the schema has an array of at least one call, or no such member",
                answer.at("message.tool_calls", choice),
                calls=message["tool_calls"],
            )
