"""Streams: server-sent events that every client can read, and that say what the plain answer says."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from conformance.asking.change import setting, stream, to_be_refused
from conformance.contracts.chat.cases.thinking import shown
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.named import (
    COUNT,
    COUNT_CUT,
    COUNT_CUT_STREAM,
    COUNT_STREAM,
    COUNT_USAGE,
    OK,
    echo,
)
from conformance.contracts.chat.reading.schema import violations
from conformance.contracts.chat.reading.view import FINISH_REASONS, View
from conformance.contracts.chat.selecting import every_stream
from conformance.contracts.chat.sources import CLIENTS, METHOD, OPENAI, RFC, WHATWG
from conformance.contracts.hidden import Blocked
from conformance.judging.requirement import MAY, MUST, SHOULD, controls, probes, requirement
from conformance.judging.saying import assume, concerns, needs, note, visible, warn, wrong
from conformance.provider.model import Claims
from conformance.wire import sse
from conformance.wire.strict_json import is_integer

stream_requirement = partial(requirement, claim="stream", basis="stream.content-type")
usage_requirement = partial(
    requirement, source=OPENAI.include_usage, claim="stream_options", basis="stream.usage-chunk-last"
)

UNICODE = echo(prompts.UNICODE, "unicode")
UNICODE_STREAM = UNICODE | stream
REFUSED = OK | stream | setting(messages=[]) | to_be_refused

ENOUGH_TOKENS = 25
"""A stream of fewer tokens may arrive at once from a fast model."""

ENOUGH_TIME = 0.2
"""Seconds; what is written in less may arrive at once from a fast model."""

APART = 0.01
"""Seconds between arrivals that are told apart."""

OWNED = re.compile(
    r"^\$(\.(id|object|created|model|choices)|\.choices\[\d+\](\.(index|delta|finish_reason|delta\.content))?)$"
    r"|^\$\.usage|^\$\.choices\[\d+\]\.delta\.tool_calls\b"
)
"""Paths whose violations other requirements report."""

Chunk = Mapping[str, Any]


def listed(chunk: Chunk) -> list[Any]:
    """The choices of a chunk as they stand; none where there is no array of them."""
    value = chunk.get("choices")
    return value if isinstance(value, list) else []


def choices(answer: View) -> Iterator[tuple[int, Chunk, Chunk]]:
    """Number of the chunk, choice and delta of every well-formed choice of a stream."""
    for number, chunk in enumerate(answer.chunks, 1):
        for choice in listed(chunk):
            delta = choice.get("delta") if isinstance(choice, dict) else None
            if not isinstance(delta, dict) or not is_integer(choice.get("index")):
                where = answer.at("choices", chunk)
                raise Blocked("stream.choice-index-and-delta", "a choice lacks index or delta", where)
            yield number, choice, delta


def read(answer: View) -> None:
    """The framing leaves every event readable."""
    visible(answer.chunks)


def asked_for_usage(answer: View) -> bool:
    """Whether the request set include_usage."""
    options = answer.request.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def moderates(chunk: Chunk) -> bool:
    """Whether a chunk only says what moderation found, which comes last where the request asks for it."""
    return not chunk.get("choices") and isinstance(chunk.get("moderation"), dict)


@stream_requirement(
    "stream.content-type",
    MUST,
    basis=None,
    source=(OPENAI.stream, WHATWG.media_type),
    hurts="Clients that look at the media type hand the stream to the wrong reader.",
)
@every_stream
def test_media_type_is_event_stream(answer: View) -> None:
    """A stream has status 200 and the media type text/event-stream."""
    assert answer.status == 200, wrong("status {status}", answer.at_status(), status=answer.status)
    assert answer.media_type == "text/event-stream", wrong(
        "the media type is {kind!r}", answer.at_header("content-type"), kind=answer.media_type[:60]
    )


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
    "stream.done-once-and-last",
    MUST,
    source=(OPENAI.done, CLIENTS.openai_python),
    hurts="Clients wait for the connection to close, or cannot tell a whole answer from a broken one.",
)
@every_stream
def test_stream_ends_with_done(answer: View) -> None:
    """A stream ends with exactly one [DONE], and nothing comes after it."""
    read(answer)
    for kind in ("done-missing", "done-twice", "data-after-done"):
        notes = [one for one in answer.stream.notes if one.kind == kind]
        assert not notes, wrong("{fault}", answer.at_note(notes[0]), fault=str(notes[0]))


@stream_requirement(
    "stream.done-readable-by-clients",
    MUST,
    source=(OPENAI.done, CLIENTS.vercel, CLIENTS.openai_python),
    hurts="Clients try to read the sentinel as JSON, and fail after the whole answer.",
)
@every_stream
def test_done_is_written_as_clients_read_it(answer: View) -> None:
    """The sentinel is exactly [DONE], in an event of its own."""
    read(answer)
    notes = [one for one in answer.stream.notes if one.kind == "done-variant"]
    assert not notes, wrong("{fault}", answer.at_note(notes[0]), fault=str(notes[0]))


@stream_requirement("stream.closes-after-done", SHOULD, source=CLIENTS.openai_python)
@every_stream
def test_response_ends_after_done(answer: View) -> None:
    """The response ends soon after [DONE]."""
    failure = answer.last.failure
    open = failure is not None and failure.kind == "held-open"
    assert not open, wrong("{failure}", answer, failure=failure and failure.message)


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
    empty = []
    for number, chunk in enumerate(answer.chunks, 1):
        found = chunk.get("choices")
        if chunk.get("object") != "chat.completion.chunk" and found is None:
            continue  # no chunk at all, which stream.chunks-are-chunks reports
        where = answer.at("choices", chunk)
        assert isinstance(found, list), wrong(
            "choices of chunk {number} is {choices!r}", where, number=number, choices=found
        )
        if not found and not (asked_for_usage(answer) and chunk.get("usage")) and not moderates(chunk):
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
        for choice in listed(chunk):
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
    finished: dict[int, str | None] = {}
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
    missing = [index for index, reason in finished.items() if reason is None]
    assert not missing, wrong("the stream ends without finish_reason", answer.at("choices[0].finish_reason"))


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
    "stream.incremental",
    MUST,
    source=OPENAI.stream,
    hurts="Users wait for the whole answer; time-outs strike on long ones.",
)
@controls(again=COUNT_USAGE, other=UNICODE_STREAM, short=COUNT_CUT_STREAM)
@probes(answer=COUNT_STREAM)
def test_stream_is_incremental(again: View, other: View, short: View, answer: View) -> None:
    """A stream arrives piece by piece while it is generated, not at once."""
    words = len(answer.text.split())
    assume(words >= ENOUGH_TOKENS // 2, "the answer has only {words} words", words=words)
    written = _written(answer)
    assert len(written) >= 3, wrong(
        "{words} words arrived in {events} events", answer.at_text(), words=words, events=len(written)
    )
    arrivals = _moments(written)
    if arrivals >= 3:
        return
    # A busy gateway that has a fast model behind it may do this to one stream, but not to every stream.
    twice = (answer, again) if again.served and again.text == answer.text else (answer,)
    late = all(_writing_time(one, short) >= ENOUGH_TIME for one in twice)
    in_pieces = [one for one in (again, other) if one.served and _moments(_written(one)) >= 3]
    assume(
        late and not in_pieces,
        "the whole stream took {seconds:.2f} s, of which writing took little: too fast to tell",
        seconds=answer.seconds,
    )
    wrong(
        "{events} events arrived at {moments} moments, {seconds:.2f} s after the request was sent",
        answer,
        events=len(written),
        moments=arrivals,
        seconds=written[0],
    )


def _written(answer: View) -> list[float]:
    """When the events with text came, in order."""
    return sorted(event.time for event in answer.payloads if '"content"' in event.data)


def _moments(times: Iterable[float]) -> int:
    """How many moments can be told apart. A fast model's tokens are closer to each other than that."""
    count, last = 0, -math.inf
    for time in times:
        if time - last >= APART:
            count, last = count + 1, time
    return count


def _writing_time(answer: View, short: View) -> float:
    """Seconds that writing took. What a gateway or a queue takes before it, a short stream takes too."""
    is_short = len(short.text.split()) <= len(answer.text.split()) // 2
    return answer.seconds - short.seconds if is_short else answer.seconds


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
    "stream.framing",
    MUST,
    source=WHATWG.sse,
    hurts="Clients lose the last event, or try to read an empty one as JSON.",
)
@every_stream
def test_framing_is_valid(answer: View) -> None:
    """The stream is valid by the rules for server-sent events: UTF-8, and a blank line after every event."""
    found = [one for one in answer.stream.violations if one.kind not in sse.SENTINEL]
    assert not found, wrong("{fault}", answer.at_note(found[0]), fault=str(found[0]))


@stream_requirement("stream.usage-only-when-asked", MAY, source=OPENAI.chunk_usage)
@every_stream
def test_usage_comes_only_when_asked(answer: View) -> None:
    """Without include_usage, no chunk has usage."""
    if not asked_for_usage(answer):
        unasked = [chunk for chunk in answer.chunks if chunk.get("usage") is not None]
        if unasked:
            note(
                "{count} chunks have usage that was not asked for",
                answer.at("usage", unasked[-1]),
                count=len(unasked),
            )


@usage_requirement(
    "stream.usage-chunk-last",
    SHOULD,
    claimed=MUST,
    basis=None,
    hurts="Streamed answers cannot be accounted for.",
)
@probes(answer=COUNT_USAGE)
def test_usage_comes_in_a_last_chunk(answer: View) -> None:
    """With include_usage, one last chunk has usage and empty choices; usage is null or absent before it."""
    listing = [chunk for chunk in answer.chunks if isinstance(chunk.get("choices"), list)]
    chunks = [chunk for chunk in listing if not moderates(chunk)]
    places = [number for number, chunk in enumerate(chunks, 1) if chunk.get("usage") is not None]
    assert places or not answer.finish_reason, wrong(
        "include_usage is ignored: no chunk has usage", answer.at("usage"), answer
    )
    where = [answer.at("usage", chunks[place - 1]) for place in places]
    assert len(places) == 1, wrong(
        "{count} chunks have usage, where one should", *where[:3], count=len(places)
    )
    assert places[0] == len(chunks), wrong(
        "usage is in chunk {place} of {chunks}, not in the last", *where, place=places[0], chunks=len(chunks)
    )
    if chunks[-1].get("choices"):
        warn("usage is in a chunk that has choices, not in one of its own", *where)


@usage_requirement("stream.usage-valid", SHOULD, source=OPENAI.usage_total)
@probes(answer=COUNT_USAGE)
def test_streamed_usage_is_valid(answer: View) -> None:
    """Streamed usage has integer counts, greater than 0."""
    members = answer.usage_members
    needs("stream.usage-chunk-last", members is not None, "no chunk has usage")
    found = violations("usage", members)
    assert not found, wrong(
        "{violations}",
        *(answer.at(one.path, members) for one in found[:3]),
        violations="; ".join(map(str, found[:3])),
    )
    prompt, completion = answer.usage.prompt, answer.usage.completion
    assert min(prompt, completion) > 0, wrong(
        "{prompt} prompt and {completion} completion tokens",
        answer.at("usage.completion_tokens" if prompt > 0 else "usage.prompt_tokens"),
        prompt=prompt,
        completion=completion,
    )


@stream_requirement(
    "stream.refusal-is-http-error",
    MUST,
    source=CLIENTS.openai_python,
    hurts="openai-python raises nothing, and the stream is silently empty.",
)
@probes(answer=REFUSED)
def test_refusal_of_a_stream_is_an_http_error(answer: View) -> None:
    """A streamed request that is invalid gets a 4xx status, not a stream."""
    status = answer.status
    assert status >= 400, wrong(
        "HTTP {status} for a request without messages", answer.at_status(), status=status
    )
    assert answer.media_type != "text/event-stream", wrong(
        "HTTP {status} with an event stream", answer.at_header("content-type"), status=status
    )


@stream_requirement("stream.failure-is-error-event", SHOULD, source=CLIENTS.openai_python)
@every_stream
def test_failure_is_an_error_event(answer: View) -> None:
    """A stream that fails under way says so in an event {"error": {"message": …}}."""
    failed = [chunk for chunk in answer.chunks if chunk.get("error")]
    ended = answer.stream.counts.get("done-missing", 0) == 0 or any(
        choice.get("finish_reason") for _, choice, _ in choices(answer)
    )
    concerns(failed or not ended, "no stream failed under way")
    assert failed, wrong("the stream ends in silence, without finish_reason or [DONE]", answer)
    error = failed[0]["error"]
    message, where = error.get("message") if isinstance(error, dict) else None, answer.at("error", failed[0])
    assert isinstance(message, str), wrong("the error has no message: {error!r}", where, error=error)
    assert message, wrong("the error message is empty", where)


@stream_requirement(
    "stream.truncation-visible",
    MUST,
    source=METHOD.metamorphic,
    hurts="Half an answer is taken for a whole one.",
)
@controls(plain=COUNT)
@probes(streamed=COUNT_STREAM)
def test_truncation_is_visible(plain: View, streamed: View) -> None:
    """A stream that breaks off before the answer is complete does not look complete."""
    whole, got = plain.text.strip(), streamed.text.strip()
    assume(whole, "the plain answer is empty")
    cut = whole.startswith(got) and len(got) < len(whole)
    reasons = {choice.get("finish_reason") for _, choice, _ in choices(streamed)}
    ended = "done-missing" not in streamed.stream.counts
    looks_complete = reasons & {"stop"} or (ended and not reasons & {"length", "content_filter"})
    assert not (cut and looks_complete), wrong(
        "{got} of {all} characters were streamed, and the stream ends as if that were all",
        streamed.at_text(),
        got=len(got),
        all=len(whole),
    )


@stream_requirement("stream.same-text-as-not-streamed", SHOULD, source=METHOD.metamorphic)
@controls(plain=COUNT, again=COUNT_USAGE)
@probes(streamed=COUNT_STREAM)
def test_text_is_the_same_as_not_streamed(plain: View, again: View, streamed: View) -> None:
    """The same request gives the same text, streamed and not, but for white space at its ends."""
    if plain.text.strip() == streamed.text.strip():
        return  # one newline more is what a model writes that is not quite deterministic
    assume(plain.text, "the plain answer is empty")
    visible(streamed.finish_reason)
    steady = again.served and again.text == streamed.text
    assume(steady, "two streams of the same request differ too: the model is not deterministic")
    contained = streamed.text in plain.text or plain.text in streamed.text
    blank = "".join(plain.text.split()) == "".join(streamed.text.split())
    texts = [delta["content"] for _, _, delta in choices(streamed) if delta.get("content")]
    twice = texts[::2] == texts[1::2] and "".join(texts[::2]) == plain.text
    assume(contained or blank or twice, "the model answered differently: not the streaming's fault")
    wrong(
        "{plain!r} plain, {streamed!r} streamed",
        streamed.at_text(),
        plain=plain.text[:40],
        streamed=streamed.text[:40],
    )


@usage_requirement("stream.same-usage-as-not-streamed", SHOULD, source=METHOD.metamorphic)
@controls(plain=COUNT, cut=COUNT_CUT[1])
@probes(streamed=COUNT_USAGE)
def test_usage_is_the_same_as_not_streamed(plain: View, cut: View, streamed: View) -> None:
    """The same request costs the same, streamed and not."""
    one, other = plain.usage, streamed.usage
    assert one.prompt == other.prompt, wrong(
        "{plain} prompt tokens plain, {streamed} streamed",
        streamed.at("usage.prompt_tokens"),
        plain=one.prompt,
        streamed=other.prompt,
    )
    if plain.text == streamed.text and not plain.thinks:
        off = abs(one.completion - other.completion)
        if off > 1:
            shown(cut)
        assert off <= 1, wrong(
            "{plain} completion tokens plain, {streamed} streamed",
            streamed.at("usage.completion_tokens"),
            plain=one.completion,
            streamed=other.completion,
        )


@usage_requirement("stream.deltas-agree-with-usage", MAY, source=METHOD.metamorphic)
@probes(answer=COUNT_USAGE)
def test_number_of_deltas_agrees_with_usage(answer: View) -> None:
    """There are no more deltas with text than tokens billed, and not far fewer."""
    deltas = sum(bool(delta.get("content")) for _, _, delta in choices(answer))
    billed = answer.usage.completion
    assume(deltas >= billed / 40 or not answer.thinks, "the model thinks before it answers")
    assert billed / 40 <= deltas <= billed + 2, wrong(
        "{deltas} deltas with text, {billed} tokens billed",
        answer.at("usage.completion_tokens"),
        deltas=deltas,
        billed=billed,
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
