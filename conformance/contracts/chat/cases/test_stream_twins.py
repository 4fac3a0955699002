"""What is asked plain is asked streamed, too: what is right there and wrong here is the stream's fault."""

from __future__ import annotations

import re

from conformance.contracts.chat.cases.streaming import UNICODE, UNICODE_STREAM, stream_requirement
from conformance.contracts.chat.cases.twins import SAME, recorded, undamaged
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.invalid import (
    EMPTY_MESSAGES_STREAMED,
    NO_CHOICES,
    NO_CHOICES_STREAMED,
    UNKNOWN_MODEL,
    UNKNOWN_MODEL_STREAMED,
)
from conformance.contracts.chat.probes.named import (
    COUNT,
    COUNT_CUT,
    COUNT_STREAM,
    COUNT_USAGE,
    NATO_FOUR_STOPS,
    NATO_FOUR_STOPS_STREAMED,
)
from conformance.contracts.chat.reading.view import View
from conformance.contracts.chat.sources import CLIENTS, METHOD
from conformance.judging.requirement import MUST, controls, probes
from conformance.judging.saying import assume, needs, visible, warn, wrong
from conformance.wire.strict_json import Parsed


def is_object(document: Parsed) -> bool:
    """Whether an event is a JSON object."""
    return isinstance(document.value, dict)


def counts(view: View) -> bool:
    """The text is the numbers that were asked for."""
    return re.findall(r"\d+", view.text) == prompts.COUNTED.split()


def as_asked(plain: View, cut: View, streamed: View, again: View) -> None:
    """The plain answers are what was asked for, and the streams are not: no model errs so one-sidedly."""
    if not recorded(cut, again) or not counts(plain) or not plain.text.startswith(cut.text):
        return
    found = {"plain": plain.text[:40], "streamed": streamed.text[:40]}
    where = (streamed.at_text(), again.at_text())
    whole, texts = plain.text.strip(), [streamed.text.strip(), again.text.strip()]
    before = all(text.endswith(whole) and len(text) >= len(whole) + SAME for text in texts)
    assert not before, wrong("both streams have a text before the answer: {streamed!r}", *where, **found)
    if counts(streamed) or counts(again):
        return
    alike = texts[0] == texts[1]
    assert not alike, wrong(
        "plain, the answer is {plain!r} as it was asked for; both streams have {streamed!r}", *where, **found
    )
    warn("plain, the answer is {plain!r} as asked for; no stream has it: {streamed!r}", *where, **found)


def blank_before(plain: View, cut: View, streamed: View, again: View) -> None:
    """No stream begins with white space where no plain answer does."""
    plains, streams = [plain.text, cut.text], [streamed.text, again.text]
    odd = all(text[:1].isspace() for text in streams) and not any(text[:1].isspace() for text in plains)
    if odd:
        warn(
            "both streams begin with white space, {begins!r}, and no plain answer does",
            streamed.at_text(streamed.choices[0].pieces[0]),
            begins=streamed.text[:8],
        )


@stream_requirement(
    "stream.same-text-as-not-streamed",
    MUST,
    source=METHOD.metamorphic,
    hurts="What users see in a stream is not what the model said.",
)
@controls(plain=COUNT, cut=COUNT_CUT[-1], whole=(UNICODE, NATO_FOUR_STOPS))
@probes(streamed=COUNT_STREAM, again=COUNT_USAGE, pieces=(UNICODE_STREAM, NATO_FOUR_STOPS_STREAMED))
def test_text_is_the_same_as_not_streamed(
    plain: View,
    cut: View,
    whole: tuple[View, ...],
    streamed: View,
    again: View,
    pieces: tuple[View, ...],
) -> None:
    """The same request gives the same text, streamed and not, but for white space at its ends."""
    pairs = ((plain, streamed), (plain, again), *zip(whole, pieces, strict=True))
    same = plain.text.strip() == streamed.text.strip()
    if not same:
        assume(plain.text, "the plain answer is empty")
        visible(streamed.finish_reason)
    for one, other in pairs:
        if recorded(one, other):
            undamaged(one, other)
    if same and recorded(cut, again):
        blank_before(plain, cut, streamed, again)
    if same:
        return  # one newline more is what a model writes that is not quite deterministic
    ended_early = plain.text.startswith(streamed.text) and streamed.finish_reason == "stop"
    needs("stream.truncation-visible", not ended_early, "the stream ends early, and does not say so")
    as_asked(plain, cut, streamed, again)
    steady = again.served and again.text == streamed.text
    assume(steady, "two streams of the same request differ too: the model is not deterministic")
    contained = streamed.text in plain.text or plain.text in streamed.text
    blank = plain.text.split() == streamed.text.split()
    assume(contained or blank, "the model answered differently: not the streaming's fault")
    warn(
        "{plain!r} plain, {streamed!r} streamed",
        streamed.at_text(),
        plain=plain.text[:40],
        streamed=streamed.text[:40],
    )


@stream_requirement(
    "stream.refused-as-not-streamed",
    MUST,
    source=(CLIENTS.openai_python, METHOD.metamorphic),
    hurts="Programs that stream are told nothing of the mistake: the stream is empty, or never ends.",
)
@controls(plain=(NO_CHOICES, UNKNOWN_MODEL), empty=EMPTY_MESSAGES_STREAMED)
@probes(streamed=(NO_CHOICES_STREAMED, UNKNOWN_MODEL_STREAMED))
def test_what_is_refused_plain_is_refused_in_a_stream(
    plain: tuple[View, ...], empty: View, streamed: tuple[View, ...]
) -> None:
    """A request that is refused with 4xx is refused so when it asks for a stream: not with a stream."""
    for one, other in zip(plain, streamed, strict=True):
        served = other.last.succeeded
        is_stream = served and not isinstance(other.document.value, dict) and other.stream.events
        says = other.last.body[:60].decode("utf-8", "replace")
        assert not is_stream or any(map(is_object, other.documents)), wrong(
            "HTTP {status}, and in the stream nothing but {says!r}, to {probe}",
            other.at_status(),
            status=other.status,
            says=says,
            probe=other.probe,
        )
        needs("stream.refusal-is-http-error", not empty.last.succeeded, "no stream is refused with 4xx")
        assert not (one.refused and served), wrong(
            "{probe}: HTTP {status} and {says!r}, though without `stream` it is refused with HTTP {plain}",
            other.at_status(),
            probe=other.probe,
            status=other.status,
            says=says,
            plain=one.status,
        )
    assume(any(one.refused for one in plain), "none of the invalid requests is refused plain either")
