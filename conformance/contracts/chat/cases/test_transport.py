"""Transport: what HTTP promises holds, so that clients need not know who is behind the endpoint."""

from __future__ import annotations

from conformance.asking.change import after, cut_after, header
from conformance.asking.retry import FAILED
from conformance.contracts.chat.probes.named import COUNT_CUT_STREAM, COUNT_STREAM, OK, echo
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import CLIENTS, METHOD
from conformance.judging.requirement import MAY, MUST, controls, probes, requirement
from conformance.judging.saying import assume, needs, wrong

MARKERS = ("falcon-17-amber", "badger-29-cedar", "osprey-43-topaz")
"""Texts that no model writes by chance."""


CUT = COUNT_STREAM | cut_after(2)


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
