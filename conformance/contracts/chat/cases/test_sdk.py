"""The client's side: what a user of the official openai-python gets from the bytes that were recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import pairwise, takewhile
from typing import Any

from conformance.contracts.chat import sdk as client
from conformance.contracts.chat.cases.replaying import response, sdk_requirement
from conformance.contracts.chat.probes.named import COUNT_USAGE
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sdk import Mismatch, Seen
from conformance.contracts.chat.selecting import (
    every_plain_answer,
    every_stream,
    every_success,
)
from conformance.judging.requirement import MUST, SHOULD, probes
from conformance.judging.saying import assume, concerns, needs, note, warn, wrong
from conformance.wire import sse
from conformance.wire.message import Message
from conformance.wire.place import Place
from conformance.wire.record import Attempt
from conformance.wire.scanning import means_done

stream_requirement = partial(sdk_requirement, claim="stream", basis="stream.content-type")

CORE = ("object", "role", "finish_reason", "type")
"""Members whose values are the contract itself; other closed lists of the SDK grow with OpenAI's services."""

TEXT = ("str", "NoneType")
"""Types of a content that users can rely on."""


def iterated(view: View) -> Seen:
    """What comes of reading the stream chunk by chunk, where that is possible."""
    seen = client.iterate(response(view))
    readable = not seen.raised and seen.result == "ChatCompletionChunk"
    needs("sdk.stream-iterates", readable, "openai-python cannot read the stream")
    return seen


def accumulated(view: View) -> Seen:
    """What the stream helper puts together, where it comes to an end."""
    iterated(view)
    seen = client.accumulate(response(view))
    owner = "sdk.tool-calls-accumulate" if any(pieces(view)) else "sdk.stream-helper-works"
    needs(owner, not seen.raised, "openai-python's stream helper fails")
    return seen


def sent(view: View) -> list[sse.Event]:
    """The chunks of the stream, also where what they say cannot be trusted."""
    events = sse.read(view.last.chunks).events
    return [event for event in takewhile(lambda one: not means_done(one.data), events) if event.data]


def progress(seen: Seen, view: View) -> Message:
    """How far the user got."""
    of = max(len(sent(view)), seen.chunks)
    return Message.of("after {chunks} of {of} chunks", chunks=seen.chunks, of=of)


def stopper(seen: Seen, view: View) -> Place:
    """The chunk that the user did not get any more; the last one where that cannot be told."""
    events = sent(view)
    return view.at_event(events[min(seen.chunks, len(events) - 1)].number) if events else view.at()


def a_chunk(seen: Seen, view: View) -> Message:
    """What strict validation refuses in a stream."""
    return Message.of("a chunk {progress}", progress=progress(seen, view))


def helper_survives(seen: Seen, view: View) -> None:
    """The stream helper comes to the end of the stream."""
    assert not seen.raised, wrong(
        "the helper raises {exception} ({progress})",
        stopper(seen, view),
        exception=str(seen.raised),
        progress=progress(seen, view),
    )


def tolerable(mismatch: Mismatch) -> bool:
    """A value that a closed list of the SDK does not have yet, or an empty text where it wants none."""
    of_a_list = mismatch.kind == "literal_error"
    return of_a_list and (mismatch.text == "" or mismatch.path.rpartition(".")[2] not in CORE)


def validates(seen: Seen, what: Message, where: Place) -> None:
    """Strict validation accepts it."""
    if seen.raised is None:
        return
    found = seen.raised.mismatches
    say = warn if found and all(map(tolerable, found)) else wrong
    say(
        "strict validation refuses {what}: {first}, and {more} more"
        if len(found) > 1
        else "strict validation refuses {what}: {first}",
        *(replace(where, path=one.path) for one in found[:3]),
        where,
        what=what,
        first=str(found[0] if found else seen.raised),
        more=len(found) - 1,
    )


def pieces(answer: View) -> Iterator[Mapping[str, Any]]:
    """The pieces of tool calls in the deltas, as they were sent."""
    return (piece for _, piece in pieces_by_choice(answer))


def pieces_by_choice(answer: View) -> Iterator[tuple[object, Mapping[str, Any]]]:
    """The same, each with the index of its choice."""
    for chunk in answer.chunks:
        for choice in objects(chunk.get("choices")):
            delta = choice.get("delta")
            for piece in objects(delta.get("tool_calls") if isinstance(delta, dict) else None):
                yield choice.get("index"), piece


def reports(answer: View) -> list[int]:
    """The places of the chunks that have neither choices nor usage: they report on something else."""
    chunks = enumerate(answer.chunks)
    return [place for place, chunk in chunks if chunk.get("choices") == [] and not chunk.get("usage")]


def spared(answer: View, places: list[int]) -> Attempt:
    """The response without the chunks at these places."""
    attempt = response(answer)
    spare = {answer.payloads[place].offset for place in places}
    starts = [event.offset for event in answer.stream.events]
    parts = pairwise([*starts, len(attempt.body)])
    kept = [attempt.body[start:end] for start, end in parts if start not in spare]
    return replace(attempt, chunks=((attempt.ended, b"".join(kept)),))


def _place(one: tuple[object, str]) -> int:
    """The place of a choice among the others."""
    return one[0] if isinstance(one[0], int) else 0


def objects(value: object) -> list[Mapping[str, Any]]:
    """The objects of an array, if it is one."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


@sdk_requirement(
    "sdk.create-reads-the-answer",
    MUST,
    hurts="The call fails with an error that no document speaks of, or gives an empty answer in silence.",
)
@every_success
def test_create_reads_the_answer(answer: View) -> None:
    """openai-python's `create` raises nothing, and has the text of the answer in choices[0].message."""
    concerns(not answer.streamed, "it is a stream")
    top = answer.document.value
    hides_error = isinstance(top, dict) and top.get("error")
    concerns(answer.exchange.expects != "refusal" or hides_error, "an invalid request was served")
    seen = client.create(response(answer))
    assert not seen.raised, wrong(
        "openai-python raises {exception}", answer.at_byte(0), exception=str(seen.raised)
    )
    assert seen.result == "ChatCompletion", wrong(
        "openai-python returns {type}, without an exception", answer.at_byte(0), type=seen.result
    )
    assert seen.first, wrong(
        "openai-python gives an answer without choices, and without an exception", answer.at("choices")
    )
    content = seen.first.content
    assert content, wrong(
        "openai-python gives a choice without a message, and without an exception",
        answer.at("choices[0].message"),
    )
    assert content in TEXT, wrong(
        "openai-python gives a content of type {type}, without an exception",
        answer.at("choices[0].message.content"),
        type=content,
    )


@sdk_requirement(
    "sdk.response-validates", MUST, hurts="Typed programs get None, or another type than their types say."
)
@every_plain_answer
def test_response_validates(answer: View) -> None:
    """openai-python accepts an answer that is not streamed under `_strict_response_validation=True`."""
    attempt = response(answer)
    plain = client.create(attempt)
    usable = plain.first is not None and plain.first.content in TEXT
    needs("sdk.create-reads-the-answer", usable, "openai-python cannot read the answer")
    validates(client.create(attempt, strict=True), Message("the answer"), answer.at())


@stream_requirement(
    "sdk.stream-iterates",
    MUST,
    hurts="The loop over the stream ends in an exception, or in silence without a word.",
)
@every_stream
def test_stream_iterates(answer: View) -> None:
    """Iterating over `create(stream=True)` of openai-python raises nothing, and gives all the text."""
    seen = client.iterate(response(answer))
    reported = seen.raised is not None and seen.raised.name == "APIError"
    exception = str(seen.raised)
    assume(
        not reported,
        "the stream reports an error, and openai-python raises it: {exception}",
        exception=exception,
    )
    assert not seen.raised, wrong(
        "openai-python raises {exception} ({progress})",
        stopper(seen, answer),
        exception=exception,
        progress=progress(seen, answer),
    )
    assert seen.chunks, wrong(
        "openai-python gives no chunk, and no exception, for {body}",
        answer.at_byte(0),
        body=f"{answer.last.body[:40]!r}",
    )
    assert seen.result == "ChatCompletionChunk", wrong(
        "openai-python gives chunks of the types {types}", stopper(seen, answer), types=seen.result
    )
    lost, of = len(sent(answer)) - seen.chunks, len(sent(answer))
    assert lost <= 0, wrong(
        "openai-python loses {lost} of {of} chunks, without an exception",
        stopper(seen, answer),
        lost=lost,
        of=of,
    )
    got = (seen.first.text if seen.first else None) or ""
    assert got == answer.text, wrong(
        "the user gets {got!r}, of {sent!r}, without an exception",
        answer.at_text(),
        got=got[:30],
        sent=answer.text[:30],
    )


@stream_requirement("sdk.chunks-validate", MUST, hurts="Typed programs get None where their types say text.")
@every_stream
def test_chunks_validate(answer: View) -> None:
    """openai-python accepts every chunk of a stream under `_strict_response_validation=True`."""
    accumulated(answer)
    seen = client.iterate(response(answer), strict=True)
    beside = reports(answer)
    if seen.raised and seen.chunks in beside:
        rest = client.iterate(spared(answer, beside), strict=True)
        validates(rest, a_chunk(rest, answer), stopper(rest, answer))
        note(
            "strict validation refuses a chunk without choices, which carries nothing of the answer",
            stopper(seen, answer),
        )
    validates(seen, a_chunk(seen, answer), stopper(seen, answer))


@stream_requirement(
    "sdk.stream-helper-works",
    MUST,
    hurts="Programs that use `.stream()` get an exception, or half an answer.",
)
@every_stream
def test_stream_helper_works(answer: View) -> None:
    """openai-python's `.stream()` helper comes to an end with all the text and a finish_reason."""
    plain = iterated(answer)
    concerns(not any(pieces(answer)), "the stream has tool calls")
    seen = client.accumulate(response(answer))
    helper_survives(seen, answer)
    assert seen.first, wrong(
        "the helper gives a completion without choices, and without an exception", answer.at("choices")
    )
    expected = (plain.first.text if plain.first else None) or ""
    got = seen.first.text or ""
    assert got == expected, wrong(
        "the helper gives {got!r}, the chunks {expected!r}",
        answer.at_text(),
        got=got[:30],
        expected=expected[:30],
    )
    assert seen.first.finish_reason, wrong(
        "the helper gives a completion whose finish_reason is None", answer.at("choices[0].finish_reason")
    )


@stream_requirement(
    "sdk.role-accumulates",
    SHOULD,
    hurts="Programs that append the message to the conversation send a role that is refused next time.",
)
@every_stream
def test_role_accumulates(answer: View) -> None:
    """The message that openai-python's `.stream()` helper puts together has the role "assistant"."""
    seen = accumulated(answer)
    role = seen.first.role if seen.first else None
    assert role == "assistant", wrong(
        "the helper gives a message with the role {role!r}", answer.at("choices[0].delta.role"), role=role
    )


@sdk_requirement(
    "sdk.usage-accumulates",
    SHOULD,
    claim="stream_options",
    claimed=MUST,
    basis="stream.usage-chunk-last",
    hurts="Programs that use the helper cannot check the bill.",
)
@probes(answer=COUNT_USAGE)
def test_usage_accumulates(answer: View) -> None:
    """The completion that openai-python's `.stream()` helper puts together has the usage that was sent."""
    usage = answer.usage
    seen = accumulated(answer)
    assert seen.usage is not None, wrong(
        "usage was sent, and the helper gives a completion whose usage is None", answer.at("usage")
    )
    expected = (usage.prompt, usage.completion, usage.total)
    assert seen.usage == expected, wrong(
        "the helper gives the counts {got}, but {sent} were sent",
        answer.at("usage"),
        got=seen.usage,
        sent=expected,
    )


@sdk_requirement(
    "sdk.tool-calls-accumulate",
    SHOULD,
    claim="tools",
    claimed=MUST,
    hurts="Agents call a tool that does not exist, or with arguments that cannot be read.",
)
@every_stream
def test_tool_calls_accumulate(answer: View) -> None:
    """openai-python's `.stream()` helper puts tool calls together with the ids and names that were sent."""
    iterated(answer)
    called = any(pieces(answer))
    assume(called or not answer.request.get("tools"), "tools are offered, and no call is streamed")
    concerns(called, "the stream has no tool calls")
    seen = client.accumulate(response(answer))
    helper_survives(seen, answer)
    calls = [call for choice in seen.choices or () for call in choice.calls]
    # Two choices may call with one id: it tells apart the calls of one message.
    given = [(index, piece.get("id")) for index, piece in pieces_by_choice(answer)]
    told_apart = dict.fromkeys((index, id) for index, id in given if isinstance(id, str) and id)
    ids = [id for _, id in sorted(told_apart, key=_place)]
    functions = [piece["function"] for piece in pieces(answer) if isinstance(piece.get("function"), dict)]
    names = [function.get("name") for function in functions]
    got = [call.id for call in calls]
    first = next(pieces(answer))
    lost = [piece for piece in pieces(answer) if piece.get("id") and piece["id"] not in got]
    # Those of several choices come in the order of the choices, however they took turns.
    assert sorted(map(str, got)) == sorted(ids), wrong(
        "the helper gives calls with the ids {got}, but {sent} were sent",
        answer.at("id", lost[-1] if lost else first),
        got=got,
        sent=ids,
    )
    unheard = [call.name for call in calls if call.name not in names]
    assert not unheard, wrong(
        "the helper gives a call of {name!r}, which no chunk names",
        answer.at("function.name", first),
        name=unheard[0] if unheard else None,
    )
