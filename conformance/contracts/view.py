"""A lazy, strict reading of one exchange, as far as every contract has it: HTTP, JSON, errors and framing.

What cannot be seen says which requirement keeps it from sight.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from itertools import takewhile
from typing import Any

from conformance.contracts import pointing, refusal
from conformance.contracts.hidden import Blocked, CannotSee, NotAsked, NotRecorded
from conformance.wire import sse, strict_json
from conformance.wire.json_texts import read_all
from conformance.wire.message import Message
from conformance.wire.place import STATUS, Place
from conformance.wire.record import NOT_NOW, OUT_OF_TIME, Attempt, Exchange, Unseen
from conformance.wire.scanning import means_done

PATIENCE = 600.0
"""Seconds after which openai-python gives up, unless it is told otherwise."""

READ_OF_AN_ERROR = 4000
"""Bytes of an error in which the name of a parameter is looked for."""

BROKEN = frozenset({"reset", "incomplete", "too-large"})

_OWNERS = {
    **dict.fromkeys(BROKEN, ("transport.complete-framing", "the answer broke off: {failure}")),
    "runaway": ("limits.stream-ends", "{failure}"),
    "encoding": ("transport.content-encoding", "{failure}"),
}
"""What a response violates that is not whole, and in what words, by the kind of failure."""


class Refused(CannotSee):
    """The provider refused the request with a 4xx status."""

    def __init__(self, view: View) -> None:
        super().__init__(view.refusal_in_words)
        self.view = view


class Crashed(CannotSee):
    """The provider failed: a 5xx status other than "not now"."""

    def __init__(self, view: View) -> None:
        super().__init__(view.refusal_in_words)
        self.view = view


class View:
    """One exchange, read as far as it can be read. Everything is computed once, when first asked for."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange

    @property
    def id(self) -> str:
        """The id of the exchange in the journal."""
        return self.exchange.id

    @property
    def probe(self) -> str:
        """The name of the probe."""
        return self.exchange.probe

    @cached_property
    def request(self) -> Mapping[str, Any]:
        """The members of the request body."""
        value = strict_json.read(self.exchange.request.body.encode("utf-8", "surrogatepass")).value
        return value if isinstance(value, dict) else {}

    @cached_property
    def streamed(self) -> bool:
        """Whether a stream was asked for."""
        return self.request.get("stream") is True

    @cached_property
    def last(self) -> Attempt:
        """The attempt that counts."""
        return self.exchange.last

    @property
    def response(self) -> Attempt:
        """The last attempt, if it got a response at all."""
        if self.last.status is None:
            failure = self.last.failure
            if failure is not None and failure.kind == "not-recorded":
                raise NotRecorded("{failure}", failure=failure.message)
            why = Message.of("{failure}", failure=failure.message) if failure else "there was no response"
            raise NotAsked(why)
        return self.last

    @property
    def status(self) -> int:
        """The HTTP status."""
        assert self.response.status is not None
        return self.response.status

    def header(self, name: str) -> str | None:
        """A response header."""
        return self.response.header(name)

    @property
    def media_type(self) -> str:
        """The media type without its parameters, in lower case."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()

    @property
    def whole(self) -> Attempt:
        """The response, if it arrived completely."""
        response = self.response
        failure = response.failure
        if failure is None:
            return response
        if failure.kind in OUT_OF_TIME:
            raise NotAsked("the answer did not end in time: {failure}", failure=failure.message)
        if failure.kind in _OWNERS:
            owner, why = _OWNERS[failure.kind]
            raise Blocked(owner, why, self.at(), failure=failure.message)
        return response

    @property
    def refused(self) -> bool:
        """Whether the request was refused with a 4xx status; 429 says nothing about the request itself."""
        if self.status == 429:
            raise NotAsked("HTTP 429 instead of an answer")
        return 400 <= self.status < 500

    @property
    def served(self) -> bool:
        """Whether the request got a 2xx status."""
        if self.status in NOT_NOW and self.exchange.expects != "refusal":
            made = len(self.exchange.attempts)
            raise NotAsked("HTTP {status} after {made} attempts", status=self.status, made=made)
        return self.response.succeeded

    @property
    def refusal_in_words(self) -> Message:
        """Status and error message, short enough for a line."""
        text = refusal.words(self.document.value)
        if text is None:
            text = self.last.body[:120].decode("utf-8", "replace")
        said = " ".join(text.split())[:160]
        return Message.of("HTTP {status}: {said}", status=self.last.status, said=said)

    @cached_property
    def _error_members(self) -> Mapping[str, Any] | None:
        value = self.document.value
        error = value.get("error") if isinstance(value, dict) else None
        return error if isinstance(error, dict) else None

    @property
    def named_parameter(self) -> str | None:
        """The parameter that the error names, if it names one."""
        return refusal.parameter(self.document.value)

    @property
    def blamed(self) -> str | None:
        """The parameter that a refusal is about, as far as it says so."""
        return self.named_parameter

    def blames(self, parameter: str) -> bool:
        """Whether the error names the parameter: by `param`, or by its name in the text."""
        return parameter == self.named_parameter or parameter in re.findall(r"\w+", self.error_text)

    @property
    def error_text(self) -> str:
        """The beginning of the body, in lower case: of an error, what people are told."""
        return self.last.body[:READ_OF_AN_ERROR].decode("utf-8", "replace").lower()

    @property
    def error(self) -> Mapping[str, Any]:
        """The members of the error object."""
        if self._error_members is None:
            owner, why = "errors.json-error-object", "no error object: {refusal}"
            raise Blocked(owner, why, self.at("error"), self.at_status(), refusal=self.refusal_in_words)
        return self._error_members

    @cached_property
    def document(self) -> strict_json.Parsed:
        """The body, read as JSON with all faults noted."""
        return strict_json.read(self.last.body)

    def require_answer(self) -> Attempt:
        """The complete 2xx response; raises what stands in its way."""
        if not self.served:
            if self.status in (403, 503) and self.media_type == "text/html":
                owner, why = "transport.no-bot-wall", "HTTP {status} with a page instead of an answer"
                raise Blocked(owner, why, self.at_header("content-type"), status=self.status)
            if self.status >= 500:
                raise Crashed(self)
            if self.status >= 400:
                raise Refused(self)
            owner, why = "transport.no-redirect", "HTTP {status} instead of an answer"
            raise Blocked(owner, why, self.at_status(), status=self.status)
        return self.whole

    @cached_property
    def stream(self) -> sse.Stream:
        """The events of a streamed answer, with every irregularity noted."""
        self.require_answer()
        if isinstance(self.document.value, dict) and not self.document.violations:
            why = "the answer is one JSON object, not a stream"
            raise Blocked("stream.content-type", why, self.at_byte(0))
        return sse.read(self.last.chunks)

    @cached_property
    def payloads(self) -> tuple[sse.Event, ...]:
        """The events up to the sentinel, as clients read them; one without data says nothing."""
        before = takewhile(lambda event: not means_done(event.data), self.stream.events)
        return tuple(event for event in before if event.data)

    @property
    def legible(self) -> bool:
        """Whether the answer can be read at all."""
        return self.document.readable

    @cached_property
    def documents(self) -> tuple[strict_json.Parsed, ...]:
        """Every JSON text of the response: the body, or the data of each event."""
        if not self.streamed or self.status >= 400:
            return (self.document,)
        texts = (event.data.encode("utf-8", "surrogatepass") for event in self.payloads)
        return tuple(read_all(texts))

    @property
    def seconds(self) -> float:
        """From sending to the end of the response; as long as clients wait, where nobody knows."""
        return PATIENCE if Unseen.DURATION in self.exchange.unseen else self.last.ended

    # -- places -------------------------------------------------------------------------------------------

    @cached_property
    def roots(self) -> tuple[pointing.Root, ...]:
        """The JSON texts of the response, each with the number of its event."""
        return pointing.roots(self)

    @cached_property
    def links(self) -> pointing.Links:
        """How to get to each object in them."""
        return pointing.links(self.roots)

    def at(self, path: str = "", within: object = None) -> Place:
        """The place of a member, such as `usage.total_tokens`: of the answer, or of an object in it.

        Without either it is the whole exchange.
        """
        return pointing.member(self, path, within) if path or within is not None else Place(self.id)

    def at_status(self) -> Place:
        """The status as a place."""
        return Place(self.id, path=STATUS)

    def at_header(self, name: str) -> Place:
        """A header as a place."""
        return Place(self.id, path=name.lower())

    def at_event(self, number: int) -> Place:
        """An event of the stream as a place."""
        return Place(self.id, number)

    def at_byte(self, offset: int) -> Place:
        """A byte of the body as a place."""
        return Place(self.id, offset=offset)

    def at_fault(self, fault: strict_json.Flaw, number: int = 0) -> Place:
        """The place of a fault in the JSON text of that number, counted from 0: the body, or an event's."""
        text = self.roots[number][0]
        return self.at_byte(fault.offset) if text is None else Place(self.id, text, fault.path)

    def at_note(self, note: sse.Note) -> Place:
        """The place of an irregularity of the stream."""
        return Place(self.id, note.event, offset=note.offset)
