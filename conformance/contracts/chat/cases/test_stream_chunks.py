"""The chunks of a stream: objects of the documented shape, and what each member of them holds."""

from __future__ import annotations

import re
from collections import Counter

from conformance.contracts.chat.cases.streaming import (
    UNICODE,
    UNICODE_STREAM,
    asked_for_usage,
    choices,
    failure,
    moderates,
    stream_requirement,
)
from conformance.contracts.chat.reading.choices import raw_choices
from conformance.contracts.chat.reading.schema import violations
from conformance.contracts.chat.reading.view import FINISH_REASONS, View
from conformance.contracts.chat.selecting import every_stream
from conformance.contracts.chat.sources import CLIENTS, OPENAI, RFC
from conformance.judging.requirement import MUST, SHOULD, controls, probes
from conformance.judging.saying import assume, needs, note, warn, wrong
from conformance.provider.model import Claims
from conformance.wire.place import Place
from conformance.wire.strict_json import is_integer

LATE = ("reasoning_content", "reasoning", "refusal", "function_call")
"""What else a delta can say that is too late after finish_reason; calls are another requirement's."""

CHOICE = {"index", "delta", "finish_reason", "logprobs"}

OWNED = re.compile(
    r"^\$(\.(id|object|created|model|choices)|\.choices\[\d+\](\.(index|delta|finish_reason|delta\.content))?)$"
    r"|^\$\.usage|^\$\.choices\[\d+\]\.delta\.tool_calls\b"
)
"""Paths whose violations other requirements report."""


@stream_requirement(
    "stream.chunks-are-chunks",
    MUST,
    source=OPENAI.chunk,
    hurts="openai-python's stream helper ignores the chunk, then fails.",
)
@every_stream
def test_events_are_chunks(answer: View) -> None:
    """The data of every event but the sentinel is a JSON object with `object` "chat.completion.chunk"."""
    for number, chunk in enumerate(answer.chunks, 1):
        value = chunk.get("object")
        # Some services send a first chunk with empty members, to report on the prompt.
        excused = "error" in chunk or (value == "" and chunk.get("choices") == [])
        assert value == "chat.completion.chunk" or excused, wrong(
            "object of chunk {number} is {object!r}", answer.at("object", chunk), number=number, object=value
        )


@stream_requirement(
    "stream.id-created-model-constant",
    MUST,
    source=(OPENAI.chunk_id, OPENAI.chunk_created),
    hurts="Clients that gather chunks by id see several answers.",
)
@every_stream
def test_id_created_and_model_are_constant(answer: View) -> None:
    """All chunks of a stream have the same id, created and model."""
    for name in ("id", "created", "model"):
        values = {repr(chunk.get(name)): chunk for chunk in answer.objects}
        assert len(values) == 1, wrong(
            "{name} has {count} values: {values}",
            *(answer.at(name, chunk) for chunk in list(values.values())[:3]),
            name=name,
            count=len(values),
            values=", ".join(sorted(values)[:3])[:120],
        )


@stream_requirement(
    "stream.choices-present",
    MUST,
    source=OPENAI.chunk_choices,
    hurts="Loops that read chunk.choices[0] fail.",
)
@every_stream
def test_choices_are_present(answer: View, claims: Claims) -> None:
    """`choices` is an array in every chunk, empty only in the usage chunk that was asked for."""
    empty, told = [], [number for number, chunk in enumerate(answer.chunks, 1) if raw_choices(chunk)]
    for number, chunk in enumerate(answer.chunks, 1):
        found = chunk.get("choices")
        if chunk.get("object") != "chat.completion.chunk" and found is None:
            continue  # no chunk at all, which stream.chunks-are-chunks reports
        where = answer.at("choices", chunk)
        assert isinstance(found, list), wrong(
            "choices of chunk {number} is {choices!r}, as in audio streams of api.openai.com"
            if "audio" in answer.request
            else "choices of chunk {number} is {choices!r}",
            where,
            number=number,
            choices=found,
        )
        if not found and not (asked_for_usage(answer) and chunk.get("usage")) and not moderates(chunk):
            amid = told and told[0] < number and not chunk.get("usage")
            assert not amid, wrong(
                "chunk {number} of {all} has no choices and no usage: a heartbeat, on which loops crash that "
                "read choices[0]",
                where,
                number=number,
                all=len(answer.chunks),
            )
            empty.append(where)
    if empty:
        say = wrong if claims.detail("stream", "choices_never_empty") else note
        say("{count} chunks have no choices, though no usage chunk was asked for", *empty, count=len(empty))


@stream_requirement(
    "stream.choice-index-and-delta",
    MUST,
    source=OPENAI.chunk_delta,
    hurts="openai-python's stream helper fails; clients cannot tell choices apart.",
)
@every_stream
def test_every_choice_has_index_and_delta(answer: View) -> None:
    """Every choice of a chunk has an integer `index` and an object `delta`."""
    for number, chunk in enumerate(answer.chunks, 1):
        for choice in raw_choices(chunk):
            assert isinstance(choice, dict), wrong(
                "a choice of chunk {number} is {choice!r}",
                answer.at("choices", chunk),
                number=number,
                choice=choice,
            )
            index, delta = choice.get("index"), choice.get("delta")
            assert is_integer(index), wrong(
                "index in chunk {number} is {index!r}", answer.at("index", choice), number=number, index=index
            )
            assert isinstance(delta, dict), wrong(
                "delta in chunk {number} is {delta!r}", answer.at("delta", choice), number=number, delta=delta
            )


@stream_requirement(
    "stream.role-once-first",
    SHOULD,
    source=(OPENAI.chunk_delta, CLIENTS.openai_python),
    hurts='openai-python\'s stream helper puts roles together: "assistantassistant".',
)
@every_stream
def test_role_comes_once_and_first(answer: View) -> None:
    """The first delta of a choice has the role "assistant", and no later one repeats it."""
    seen: Counter[int] = Counter()
    for number, choice, delta in choices(answer):
        index = choice["index"]
        role = delta.get("role")
        if seen[index] == 0:
            assert role == "assistant", wrong(
                "the first delta of choice {index} has the role {role!r}",
                answer.at("role", delta),
                index=index,
                role=role,
            )
        else:
            assert not role, wrong("chunk {number} repeats the role", answer.at("role", delta), number=number)
        seen[index] += 1


@stream_requirement(
    "stream.deltas-are-text",
    MUST,
    source=OPENAI.chunk_delta,
    hurts="Clients that put the pieces of a stream together fail, or show an object instead of text.",
)
@every_stream
def test_deltas_are_text(answer: View) -> None:
    """`content` of a delta is a string, null or absent."""
    for number, _, delta in choices(answer):
        content = delta.get("content")
        assert content is None or isinstance(content, str), wrong(
            "content in chunk {number} is {content!r}",
            answer.at("content", delta),
            number=number,
            content=content,
        )


@stream_requirement(
    "stream.finish-reason-once",
    MUST,
    source=OPENAI.chunk_finish_reason,
    hurts="Agents cannot tell whether the answer is whole, was cut, or asks for a tool.",
)
@every_stream
def test_finish_reason_comes_exactly_once(answer: View) -> None:
    """Each choice gets exactly one finish_reason, and no text after it."""
    if answer.failed is not None:
        wrong(
            "the stream fails under way, and says so in an event: {message}",
            answer.at("error", answer.failed),
            message=answer.failed["error"]["message"][:100],
        )
    finished: dict[int, str | None] = {}
    idle: list[Place] = []
    for number, choice, delta in choices(answer):
        index, reason = choice["index"], choice.get("finish_reason") or None
        where = answer.at("finish_reason", choice)
        if finished.get(index) is None:
            assert reason is None or reason in FINISH_REASONS, wrong(
                "finish_reason is {reason!r}", where, reason=reason
            )
            finished[index] = reason
            continue
        assert not reason, wrong(
            "choice {index} gets a second finish_reason, {reason!r}, in chunk {number}",
            where,
            index=index,
            reason=reason,
            number=number,
        )
        assert not delta.get("content"), wrong(
            "text comes after finish_reason, in chunk {number}", answer.at("content", delta), number=number
        )
        late = next((name for name in LATE if delta.get(name)), "")
        assert not late, wrong(
            "{member} comes after finish_reason, in chunk {number}",
            answer.at(late, delta),
            member=late,
            number=number,
        )
        # What a bill or a content filter has to say comes in a chunk of its own, with some services.
        told = answer.chunks[number - 1].get("usage") or set(choice) - CHOICE
        if not told:
            idle.append(where)
    missing = [index for index, reason in finished.items() if reason is None]
    failed = failure(answer) if missing or not finished else None
    if failed is not None:
        place, said = failed
        wrong("{said}, and has no finish_reason", place, said=said)
    assert not missing, wrong("the stream ends without finish_reason", answer.at("choices[0].finish_reason"))
    if idle:
        warn("{count} chunks come after finish_reason, and say nothing", *idle[:3], count=len(idle))


@stream_requirement(
    "stream.finish-reason-null-before-end",
    SHOULD,
    source=OPENAI.chunk_finish_reason,
    hurts="Loops that stop at `finish_reason is not None` stop too early.",
)
@every_stream
def test_finish_reason_is_null_before_the_end(answer: View) -> None:
    """finish_reason is null in the chunks before the last of a choice."""
    absent = []
    for number, choice, _ in choices(answer):
        reason = choice.get("finish_reason")
        assert reason is None or (isinstance(reason, str) and reason), wrong(
            "it is {reason!r} in chunk {number}",
            answer.at("finish_reason", choice),
            reason=reason,
            number=number,
        )
        if "finish_reason" not in choice:
            absent.append(choice)
    if absent:
        note(
            "finish_reason is absent instead of null in {count} chunks",
            answer.at("finish_reason", absent[0]),
            count=len(absent),
        )


@stream_requirement(
    "stream.characters-whole",
    MUST,
    source=(RFC.json_unicode, RFC.json_utf8),
    hurts="Emoji and non-Latin text arrive broken.",
)
@controls(plain=UNICODE)
@probes(streamed=UNICODE_STREAM)
def test_characters_are_whole(plain: View, streamed: View) -> None:
    """No delta holds half a character."""
    needs("stream.framing", "invalid-utf8" not in streamed.stream.counts, "the stream is not UTF-8")
    for number, document in enumerate(streamed.documents, 1):
        halves = [fault for fault in document.faults if fault.kind == "lone-surrogate"]
        assert not halves, wrong(
            "half a surrogate pair in chunk {number}", streamed.at_fault(halves[0], number - 1), number=number
        )
    broken = "\ufffd" in streamed.text
    assume(not broken or "\ufffd" not in plain.text, "the model itself writes U+FFFD, streamed or not")
    assert not broken, wrong(
        "U+FFFD in the stream, not in the plain answer: {text!r}",
        streamed.at_text("\ufffd"),
        text=streamed.text[:40],
    )


@stream_requirement(
    "stream.matches-schema", MUST, source=OPENAI.chunk, hurts="Typed clients cannot decode a chunk."
)
@every_stream
def test_chunks_match_the_schema(answer: View) -> None:
    """Every chunk matches the schema of the chunk object, in what no other requirement judges."""
    for number, chunk in enumerate(answer.objects, 1):
        found = [one for one in violations("chunk", chunk) if not OWNED.match(one.path)]
        assert not found, wrong(
            "chunk {number}: {violations}",
            *(answer.at(one.path, chunk) for one in found[:5]),
            number=number,
            violations="; ".join(map(str, found[:5])),
        )
    for choice in (one for chunk in answer.objects for one in raw_choices(chunk)):
        delta = choice.get("delta") if isinstance(choice, dict) else None
        if isinstance(delta, dict) and delta.get("tool_calls", "absent") in (None, []):
            note(
                "tool_calls of a delta is {calls!r}: the schema has an array of at least one piece",
                answer.at("delta.tool_calls", choice),
                calls=delta["tool_calls"],
            )
