"""A lazy, strict reading of one exchange. What cannot be seen says which requirement keeps it from sight."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import Any

from conformance.contracts.chat.reading.calls import (
    Fragment,
    MalformedCall,
    ToolCall,
    fragments,
    joined_calls,
    whole_calls,
)
from conformance.contracts.chat.reading.choices import (
    Choice,
    is_integer,
    listed,
    streamed_choices,
    whole_choices,
)
from conformance.contracts.chat.reading.logprobs import MalformedLogprobs, Written, tokens
from conformance.contracts.hidden import Blocked, CannotSee, NotAsked, NotRecorded
from conformance.wire import sse, strict_json
from conformance.wire.record import Attempt, Exchange, Unseen

__all__ = [
    "BROKEN",
    "FINISH_REASONS",
    "NOT_NOW",
    "Blocked",
    "CannotSee",
    "Choice",
    "Crashed",
    "NotAsked",
    "NotRecorded",
    "Refused",
    "Usage",
    "View",
    "is_integer",
]

PATIENCE = 600.0
"""Seconds after which openai-python gives up, unless it is told otherwise."""

READ_OF_AN_ERROR = 4000
"""Bytes of an error in which the name of a parameter is looked for."""

_OUT_OF_ROOM = re.compile(r"max_(?:completion_)?tokens\b.{0,40}\breached|\bhigher max_(?:completion_)?tokens")

LIMITS = frozenset({"max_tokens", "max_completion_tokens", "max_output_tokens"})

_TOO_SMALL = re.compile(
    r"max_(?:completion_|output_)?tokens\b[^\n]{0,100}"
    r"(?:>=|\b(?:minimum|at least|greater|range|too small|too low)\b)"
)

OUT_OF_TIME = frozenset({"silence", "timeout"})
BROKEN = frozenset({"reset", "incomplete", "too-large"})
NOT_NOW = frozenset({429, 502, 503, 504})

LOSING: frozenset[sse.Kind] = frozenset({"bom", "unknown-field", "missing-blank-line", "json-not-one-line"})
"""Framing that makes events unreadable: what a stream says can then not be judged."""

FINISH_REASONS = ("stop", "length", "tool_calls", "content_filter", "function_call")
"""OpenAI API reference, the chat completion object."""


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


@dataclass(frozen=True, slots=True)
class Usage:
    """Token counts as the provider states them."""

    prompt: int
    completion: int
    total: int
    members: Mapping[str, Any]

    def detail(self, group: str, name: str) -> int | None:
        """A count of `prompt_tokens_details` or `completion_tokens_details`, if it is there."""
        details = self.members.get(group)
        value = details.get(name) if isinstance(details, dict) else None
        return value if is_integer(value) else None

    @property
    def reasoning(self) -> int:
        """Tokens that were spent on thinking and are not in the text."""
        return self.detail("completion_tokens_details", "reasoning_tokens") or 0


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

    @property
    def streamed(self) -> bool:
        """Whether a stream was asked for."""
        return self.request.get("stream") is True

    # -- HTTP ---------------------------------------------------------------------------------------------

    @property
    def last(self) -> Attempt:
        """The attempt that counts."""
        return self.exchange.last

    @property
    def response(self) -> Attempt:
        """The last attempt, if it got a response at all."""
        if self.last.status is None:
            failure = self.last.failure
            raise NotAsked(failure.message if failure else "there was no response")
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
            raise NotAsked(f"the answer did not end in time: {failure.message}")
        if failure.kind in BROKEN:
            raise Blocked("transport.complete-framing", f"the answer broke off: {failure.message}")
        if failure.kind == "runaway":
            raise Blocked("limits.stream-ends", failure.message)
        if failure.kind == "encoding":
            raise Blocked("transport.content-encoding", failure.message)
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
            raise NotAsked(f"HTTP {self.status} after {len(self.exchange.attempts)} attempts")
        return self.response.succeeded

    @property
    def refusal_in_words(self) -> str:
        """Status and error message, short enough for a line."""
        error = self._error_members
        message = error.get("message") if error else None
        text = message if isinstance(message, str) else self.last.body[:120].decode("utf-8", "replace")
        return f"HTTP {self.last.status}: {' '.join(text.split())[:160]}"

    @cached_property
    def _error_members(self) -> Mapping[str, Any] | None:
        value = self.document.value
        error = value.get("error") if isinstance(value, dict) else None
        return error if isinstance(error, dict) else None

    @property
    def named_parameter(self) -> str | None:
        """The parameter that the error names, if it names one."""
        name = (self._error_members or {}).get("param")
        return name if isinstance(name, str) else None

    def blames(self, parameter: str) -> bool:
        """Whether the error names the parameter: by `param`, or by its name in the text."""
        return parameter == self.named_parameter or parameter in re.findall(r"\w+", self._error_text)

    @property
    def out_of_room(self) -> bool:
        """Whether the error says that nothing could be said within the limit.

        OpenAI's models that reason, where the limit is used up before the first word: "Could not finish the
        message because max_tokens or model output limit was reached. Please try again with higher
        max_tokens."
        """
        return self.last.status == 400 and _OUT_OF_ROOM.search(self._error_text) is not None

    @property
    def small_limit(self) -> bool:
        """Whether the error is about the limit, as too small: some services serve none below 16.

        They call it by either name, or by that of another interface behind them.
        """
        refused = self.last.status in (400, 422)
        named = self.named_parameter in LIMITS or _TOO_SMALL.search(self._error_text) is not None
        return refused and named

    @property
    def _error_text(self) -> str:
        return self.last.body[:READ_OF_AN_ERROR].decode("utf-8", "replace").lower()

    @property
    def error(self) -> Mapping[str, Any]:
        """The members of the error object."""
        if self._error_members is None:
            raise Blocked("errors.json-error-object", f"no error object: {self.refusal_in_words}")
        return self._error_members

    # -- the answer ---------------------------------------------------------------------------------------

    @cached_property
    def document(self) -> strict_json.Document:
        """The body, read as JSON with all faults noted."""
        return strict_json.read(self.last.body)

    def require_answer(self) -> Attempt:
        """The complete 2xx response; raises what stands in its way."""
        if not self.served:
            if self.status in (403, 503) and self.media_type == "text/html":
                raise Blocked("transport.no-bot-wall", f"HTTP {self.status} with a page instead of an answer")
            if self.status >= 500:
                raise Crashed(self)
            if self.status >= 400:
                raise Refused(self)
            raise Blocked("transport.no-redirect", f"HTTP {self.status} instead of an answer")
        return self.whole

    @cached_property
    def json(self) -> Mapping[str, Any]:
        """The members of an answer that was not streamed."""
        self.require_answer()
        value = self.document.value
        if not isinstance(value, dict):
            kinds = ", ".join(sorted({fault.kind for fault in self.document.faults})) or type(value).__name__
            raise Blocked("envelope.one-json-object", f"the body is not a JSON object ({kinds})")
        if value.get("error") is not None and not value.get("choices"):
            raise Blocked("envelope.no-error-in-success", f"instead of an answer {self.refusal_in_words}")
        return value

    @cached_property
    def stream(self) -> sse.Stream:
        """The events of a streamed answer, with every irregularity noted."""
        self.require_answer()
        if isinstance(self.document.value, dict) and not self.document.violations:
            raise Blocked("stream.content-type", "the answer is one JSON object, not a stream")
        return sse.read(self.last.chunks)

    @cached_property
    def chunks(self) -> tuple[Mapping[str, Any], ...]:
        """The JSON objects of a stream, in order, without the sentinel."""
        lost = [note for note in self.stream.violations if note.kind in LOSING]
        if lost:
            raise Blocked("stream.framing", f"{lost[0].message} ({lost[0].where})")
        if not self.documents and self.stream.unterminated:
            raise Blocked("stream.framing", "no event is ended by a blank line")
        if not self.documents:
            raise Blocked("stream.chunks-are-chunks", f"no events, but {self.last.body[:40]!r}")
        for event, document in zip(self.payloads, self.documents, strict=True):
            whole = not any(fault.kind == "trailing-data" for fault in document.faults)
            if not isinstance(document.value, dict) or not whole:
                where = f"event {event.number} is not one JSON object: {event.data[:40]!r}"
                raise Blocked("stream.chunks-are-chunks", where)
        return tuple(document.value for document in self.documents)

    @cached_property
    def payloads(self) -> tuple[sse.Event, ...]:
        """The events up to the sentinel, as clients read them; one without data says nothing."""
        before = takewhile(lambda event: not sse.means_done(event.data), self.stream.events)
        return tuple(event for event in before if event.data)

    @cached_property
    def documents(self) -> tuple[strict_json.Document, ...]:
        """Every JSON text of the response: the body, or the data of each event."""
        if not self.streamed or self.status >= 400:
            return (self.document,)
        return tuple(strict_json.read(event.data.encode("utf-8", "surrogatepass")) for event in self.payloads)

    @property
    def objects(self) -> tuple[Mapping[str, Any], ...]:
        """The objects that carry the envelope: the answer itself, or its chunks.

        A chunk without choices is left out unless it carries usage: some services send one first, with
        empty members, to report on the prompt.
        """
        if not self.streamed:
            return (self.json,)
        return tuple(chunk for chunk in self.chunks if chunk.get("choices") or chunk.get("usage"))

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        """The choices by index."""
        return streamed_choices(self.chunks) if self.streamed else whole_choices(self.json)

    @property
    def text(self) -> str:
        """The text of the first choice; empty where it is null."""
        return self.choices[0].text

    @cached_property
    def tool_fragments(self) -> tuple[Fragment, ...]:
        """The pieces of tool calls in the first choice of a stream, as they came."""
        first = self.choices[0].index
        parts = (part for chunk in self.chunks for part in listed(chunk.get("choices")))
        try:
            return fragments(part["delta"] for part in parts if part["index"] == first)
        except MalformedCall as wrong:
            raise Blocked("tools.streamed-deltas", str(wrong)) from wrong

    @cached_property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The tool calls of the first choice, put together where they were streamed."""
        try:
            return (
                joined_calls(self.tool_fragments) if self.streamed else whole_calls(self.choices[0].message)
            )
        except MalformedCall as wrong:
            owner = "tools.streamed-deltas" if self.streamed else "tools.call-shape"
            raise Blocked(owner, str(wrong)) from wrong

    @cached_property
    def logprobs(self) -> tuple[Written, ...]:
        """The log probabilities of the first choice of an answer that was not streamed."""
        try:
            return tokens(listed(self.json.get("choices"))[0].get("logprobs") if self.choices else None)
        except MalformedLogprobs as wrong:
            raise Blocked("logprobs.shape", str(wrong)) from wrong

    @property
    def finish_reason(self) -> str:
        """Why the first choice ended."""
        reason = self.choices[0].finish_reason
        if reason not in FINISH_REASONS:
            owner = "stream.finish-reason-once" if self.streamed else "envelope.finish-reason-known"
            why = f"finish_reason is {reason!r:.40}" if reason else "there is no finish_reason"
            raise Blocked(owner, why)
        return reason

    @property
    def thinks(self) -> bool:
        """Whether the model visibly spent tokens on reasoning before it answered, be it in its text."""
        first = self.choices[0]
        aloud = first.thought or first.text.lstrip().startswith("<think>")
        return aloud or (self.has_usage and self.usage.reasoning > 0)

    @property
    def limit(self) -> int | None:
        """The tokens that the request allows an answer, by the newer name if it has both."""
        limit = self.request.get("max_completion_tokens", self.request.get("max_tokens"))
        return limit if is_integer(limit) else None

    @property
    def cut(self) -> bool:
        """Whether the answer ends at its limit; not where it bills much less, whatever reason it gives."""
        if self.limit is None or not self.served:
            return False
        full = not self.has_usage or self.usage.completion >= 0.9 * self.limit
        return full and any(choice.finish_reason == "length" for choice in self.choices)

    @property
    def usage_members(self) -> Any:
        """The raw `usage` member: of the answer, or the last non-null one of a stream."""
        found = [value for value in (item.get("usage") for item in self.objects) if value is not None]
        return found[-1] if found else None

    @property
    def has_usage(self) -> bool:
        """Whether usage can be read."""
        try:
            return bool(self.usage)
        except Blocked:
            return False

    @cached_property
    def usage(self) -> Usage:
        """What was billed."""
        members = self.usage_members
        names = ("prompt_tokens", "completion_tokens", "total_tokens")
        source = "stream.usage-chunk-last" if self.streamed else "usage.present-and-integer"
        if not isinstance(members, dict):
            raise Blocked(source, "there is no usage object")
        wrong = [name for name in names if not is_integer(members.get(name))]
        if wrong:
            raise Blocked("usage.present-and-integer", f"usage.{', usage.'.join(wrong)}: not an integer")
        prompt, completion, total = (members[name] for name in names)
        return Usage(prompt, completion, total, members)

    # -- time ---------------------------------------------------------------------------------------------

    @property
    def seconds(self) -> float:
        """From sending to the end of the response; as long as clients wait, where nobody knows."""
        return PATIENCE if Unseen.DURATION in self.exchange.unseen else self.last.ended
