"""Transport: what HTTP promises holds, so that clients need not know who is behind the endpoint."""

from __future__ import annotations

import re

from conformance.asking.change import after, cut_after, header
from conformance.asking.retry import FAILED
from conformance.contracts.chat.cases.twins import sound
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.named import (
    COUNT,
    COUNT_CUT_STREAM,
    COUNT_STREAM,
    COUNT_USAGE,
    OK,
    PARALLEL,
    PRIVATE,
    echo,
)
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import CLIENTS, METHOD
from conformance.judging.requirement import MAY, MUST, controls, probes, requirement
from conformance.judging.saying import assume, needs, wrong
from conformance.wire.record import Attempt

MARKERS = ("falcon-17-amber", "badger-29-cedar", "osprey-43-topaz")
"""Texts that no model writes by chance."""


CUT = COUNT_STREAM | cut_after(2)


def words(text: str) -> set[str]:
    """The words of a text, and its numbers, that nobody writes by chance."""
    return {word for word in re.findall(r"[^\W_]+", text.lower()) if len(word) > 3} - {"example"}


def copied(view: View) -> str:
    """The text that the request asks to be repeated."""
    return str(view.request["messages"][0]["content"]).removeprefix(prompts.ECHO)


def overlap(one: Attempt, other: Attempt) -> bool:
    """Whether two responses were under way at the same time."""
    first, second = sorted((one, other), key=lambda attempt: attempt.started)
    return second.started < first.started + first.ended


def streams(view: View) -> bool:
    """Whether the answer is a stream of events."""
    return view.served and not isinstance(view.document.value, dict) and bool(view.stream.events)


@requirement(
    "transport.stream-any-accept",
    MUST,
    source=CLIENTS.openai_python,
    hurts="The official SDKs, which accept application/json even for a stream, get none.",
)
@probes(json=COUNT_CUT_STREAM, sse=COUNT_CUT_STREAM | header("Accept", "text/event-stream"))
def test_streams_do_not_depend_on_accept(json: View, sse: View) -> None:
    """A stream is sent whether the request accepts application/json or text/event-stream."""
    as_json, as_sse = streams(json), streams(sse)
    refusal = json.refusal_in_words
    assume(json.served or sse.served, "the request is refused anyway: {refusal}", refusal=refusal)
    if not (as_json or as_sse):
        answer = json if json.served else sse
        needs("stream.framing", answer.stream.events, "there is no event, whatever is accepted")
    for streamed, view, accepted in (
        (as_json, json, "application/json"),
        (as_sse, sse, "text/event-stream"),
    ):
        assert streamed, wrong(
            "no stream with Accept: {accepted} (HTTP {status}, {kind})",
            view.at_header("content-type"),
            accepted=accepted,
            status=view.status,
            kind=view.media_type[:40],
        )


@requirement("transport.abort-leaves-service-usable", MAY, source=METHOD.practice)
@controls(cut=CUT)
@probes(next=OK | after(CUT))
def test_a_client_that_hangs_up_does_no_harm(cut: View, next: View) -> None:
    """After a client hung up in the middle of a stream, the next request is served."""
    assume(cut.last.failure and cut.last.failure.kind == "cut", "there was no stream to hang up on")
    assert next.served, wrong(
        "after a client hung up, a plain request gets {refusal}",
        next.at_status(),
        refusal=next.refusal_in_words,
    )
    first = next.exchange.attempts[0].status
    assert first != FAILED, wrong(
        "after a client hung up, a plain request gets HTTP {status} at first", next, status=first
    )


@requirement(
    "transport.no-cross-talk",
    MUST,
    source=METHOD.practice,
    hurts="The text of one customer is in the answer to another.",
)
@probes(answers=tuple(echo(marker, f"echo {marker}") for marker in MARKERS))
def test_parallel_answers_are_not_mixed_up(answers: tuple[View, ...]) -> None:
    """Of requests that are sent at the same time, each gets its own answer."""
    pairs = list(zip(answers, MARKERS, strict=True))
    for view, own in pairs:
        foreign = [marker for marker in MARKERS if marker != own and marker in view.text]
        assert not foreign, wrong(
            "{exchange}, who asked for {own!r}, was given {foreign!r}",
            view.at_text(foreign[0]),
            exchange=view.id,
            own=own,
            foreign=foreign[0],
        )
    assume(all(own in view.text for view, own in pairs), "the model does not repeat what it is asked to")


@requirement(
    "transport.no-cross-talk-in-streams",
    MUST,
    source=METHOD.practice,
    claim="stream",
    hurts="The text of one customer is in the stream to another.",
)
@controls(plain=PRIVATE, count=COUNT)
@probes(streamed=PARALLEL, others=(COUNT_STREAM, COUNT_USAGE))
def test_parallel_streams_are_not_mixed_up(
    plain: View, count: View, streamed: tuple[View, ...], others: tuple[View, ...]
) -> None:
    """Of streams that are under way at the same time, each gets its own text, and all of it."""
    seen = [view for view in streamed if view.served]
    assume(len(seen) > 1, "fewer than two of the streams were served")
    for view in (*seen, *(one for one in others if one.last.succeeded)):
        said = words(view.text)
        for other in seen:
            foreign = sorted(said & words(copied(other)), key=len)[-1:] if other.id != view.id else []
            assert not foreign, wrong(
                "the stream {exchange} has {foreign!r}, which is of the text of {other}: {text!r}",
                view.at_text(),
                exchange=view.id,
                foreign=foreign[0] if foreign else "",
                other=other.id,
                text=view.text[:60],
            )
    assume(copied(plain) in plain.text, "the model does not repeat a long text plain either")
    sound(count, others[0])
    damaged = [view for view in seen if copied(view) not in view.text]
    cut = [view for view in damaged if view.finish_reason == "length"]
    assume(not cut, "the text was cut by the limit")
    assert len(damaged) < max(2, len(seen)), wrong(
        "plain, a long text comes back as it was sent; each of {all} streams at once is altered: {text!r}",
        *(view.at_text() for view in damaged),
        all=len(seen),
        text=damaged[0].text[:60] if damaged else "",
    )
    assume(not damaged, "the model does not repeat each of the long texts exactly")
    alone = [one for one in seen if not any(overlap(one.last, two.last) for two in seen if two is not one)]
    assume(not alone, "the streams were not under way at the same time")
