"""A lazy, strict reading of one chat completion, streamed or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from conformance.contracts import view
from conformance.contracts.chat.reading import pointing
from conformance.contracts.chat.reading.calls import Fragment, ToolCall, fragments, joined_calls, whole_calls
from conformance.contracts.chat.reading.choices import (
    Choice,
    raw_choices,
    streamed_choices,
    whole_choices,
)
from conformance.contracts.chat.reading.logprobs import Written, tokens
from conformance.contracts.chat.reading.thoughts import THOUGHT_TAG
from conformance.contracts.hidden import Blocked, Malformed
from conformance.wire import sse
from conformance.wire.place import Place
from conformance.wire.strict_json import is_integer

_OUT_OF_ROOM = re.compile(r"max_(?:completion_)?tokens\b.{0,40}\breached|\bhigher max_(?:completion_)?tokens")

LIMITS = frozenset({"max_tokens", "max_completion_tokens", "max_output_tokens"})

_TOO_SMALL = re.compile(
    r"max_(?:completion_|output_)?tokens\b[^\n]{0,100}"
    r"(?:>=|\b(?:minimum|at least|greater|range|too small|too low)\b)"
)

LOSING: frozenset[sse.Kind] = frozenset({"bom", "unknown-field", "missing-blank-line", "json-not-one-line"})
"""Framing that makes events unreadable: what a stream says can then not be judged."""

FINISH_REASONS = ("stop", "length", "tool_calls", "content_filter", "function_call")
"""OpenAI API reference, the chat completion object."""


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


class View(view.View):
    """An exchange about a chat completion."""

    @property
    def out_of_room(self) -> bool:
        """Whether the error says that nothing could be said within the limit.

        OpenAI's models that reason, where the limit is used up before the first word: "Could not finish the
        message because max_tokens or model output limit was reached. Please try again with higher
        max_tokens."
        """
        return self.last.status == 400 and _OUT_OF_ROOM.search(self.error_text) is not None

    @property
    def small_limit(self) -> bool:
        """Whether the error is about the limit, as too small: some services serve none below 16.

        They call it by either name, or by that of another interface behind them.
        """
        refused = self.last.status in (400, 422)
        named = self.named_parameter in LIMITS or _TOO_SMALL.search(self.error_text) is not None
        return refused and named

    @property
    def blamed(self) -> str | None:
        """The parameter that a refusal is about; a limit that is too small goes by several names."""
        return "max_tokens" if self.small_limit else self.named_parameter

    @property
    def legible(self) -> bool:
        """Whether there are objects that carry the envelope."""
        return bool(self.objects)

    @cached_property
    def json(self) -> Mapping[str, Any]:
        """The members of an answer that was not streamed."""
        self.require_answer()
        value = self.document.value
        if not isinstance(value, dict):
            faults = self.document.faults
            kinds = ", ".join(sorted({fault.kind for fault in faults})) or type(value).__name__
            owner, why = "envelope.one-json-object", "the body is not a JSON object ({kinds})"
            place = self.at_byte(faults[0].offset if faults else 0)
            raise Blocked(owner, why, place, kinds=kinds)
        if value.get("error") is not None and not value.get("choices"):
            owner, why = "envelope.no-error-in-success", "instead of an answer {refusal}"
            raise Blocked(owner, why, self.at("error"), refusal=self.refusal_in_words)
        return value

    @cached_property
    def chunks(self) -> tuple[Mapping[str, Any], ...]:
        """The JSON objects of a stream, in order, without the sentinel."""
        lost = [note for note in self.stream.violations if note.kind in LOSING]
        if lost:
            raise Blocked("stream.framing", "{fault}", self.at_note(lost[0]), fault=str(lost[0]))
        if not self.documents and self.stream.unterminated:
            raise Blocked("stream.framing", "no event is ended by a blank line", self.at_byte(0))
        if not self.documents:
            begins = f"{self.last.body[:40]!r}"
            raise Blocked("stream.chunks-are-chunks", "no events, but {begins}", self.at(), begins=begins)
        for event, document in zip(self.payloads, self.documents, strict=True):
            whole = not any(fault.kind == "trailing-data" for fault in document.faults)
            if not isinstance(document.value, dict) or not whole:
                raise Blocked(
                    "stream.chunks-are-chunks",
                    "event {event} is not one JSON object: {data!r}",
                    self.at_event(event.number),
                    event=event.number,
                    data=event.data[:40],
                )
        return tuple(document.value for document in self.documents)

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
    def failed(self) -> Mapping[str, Any] | None:
        """The chunk by which a stream says that it fails under way, as clients understand it."""
        told = [chunk for chunk in self.chunks if isinstance(chunk.get("error"), dict)]
        proper = [chunk for chunk in told if isinstance(chunk["error"].get("message"), str)]
        parts = [part for chunk in self.chunks for part in raw_choices(chunk)]
        ended = any(isinstance(part, dict) and part.get("finish_reason") for part in parts)
        return proper[0] if proper and not ended else None

    @cached_property
    def choices(self) -> tuple[Choice, ...]:
        """The choices by index."""
        if self.streamed and self.failed is not None:
            owner, why = "stream.finish-reason-once", "the stream fails under way: {message}"
            message = self.failed["error"]["message"][:100]
            raise Blocked(owner, why, self.at("error", self.failed), message=message)
        try:
            return streamed_choices(self.chunks) if self.streamed else whole_choices(self.json)
        except Malformed as wrong:
            raise self._blocked(wrong) from wrong

    def _blocked(self, wrong: Malformed) -> Blocked:
        return Blocked(wrong.requirement, wrong.why, self.at(wrong.path, wrong.within))

    @property
    def text(self) -> str:
        """The text of the first choice; empty where it is null."""
        return self.choices[0].text

    @cached_property
    def tool_fragments(self) -> tuple[Fragment, ...]:
        """The pieces of tool calls in the first choice of a stream, as they came."""
        return self.fragments_of(self.choices[0])

    def fragments_of(self, choice: Choice) -> tuple[Fragment, ...]:
        """The pieces of tool calls in a choice of a stream, as they came."""
        parts = (part for chunk in self.chunks for part in raw_choices(chunk))
        try:
            return fragments(part["delta"] for part in parts if part["index"] == choice.index)
        except Malformed as wrong:
            raise self._blocked(wrong) from wrong

    @cached_property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """The tool calls of the first choice, put together where they were streamed."""
        return self.calls_of(self.choices[0])

    def calls_of(self, choice: Choice) -> tuple[ToolCall, ...]:
        """The tool calls of a choice, put together where they were streamed."""
        if choice.index not in self._calls:
            try:
                self._calls[choice.index] = (
                    joined_calls(self.fragments_of(choice)) if self.streamed else whole_calls(choice.message)
                )
            except Malformed as wrong:
                raise self._blocked(wrong) from wrong
        return self._calls[choice.index]

    @cached_property
    def _calls(self) -> dict[int, tuple[ToolCall, ...]]:
        return {}

    @cached_property
    def logprobs(self) -> tuple[Written, ...]:
        """The log probabilities of the first choice; of a stream, of all the chunks that have any."""
        if not self.streamed:
            weighed = raw_choices(self.json)[:1] if self.choices else []
        else:
            first = self.choices[0].index
            parts = (part for chunk in self.chunks for part in raw_choices(chunk))
            weighed = [part for part in parts if part.get("index") == first and part.get("logprobs")]
        try:
            return tuple(chain.from_iterable(map(tokens, weighed)))
        except Malformed as wrong:
            raise self._blocked(wrong) from wrong

    @property
    def finish_reason(self) -> str:
        """Why the first choice ended."""
        reason = self.choices[0].finish_reason
        if reason not in FINISH_REASONS:
            owner = "stream.finish-reason-once" if self.streamed else "envelope.finish-reason-known"
            why = "finish_reason is {reason!r}" if reason else "there is no finish_reason"
            raise Blocked(owner, why, self.at("finish_reason", self.choices[0]), reason=reason)
        return reason

    @property
    def thinks(self) -> bool:
        """Whether the model visibly spent tokens on reasoning before it answered, be it in its text."""
        return self.choices[0].thought or self.thinks_aloud or (self.has_usage and self.usage.reasoning > 0)

    @property
    def thinks_aloud(self) -> bool:
        """Whether the text begins with thoughts."""
        return THOUGHT_TAG.match(self.text.lstrip()) is not None

    @property
    def pieces(self) -> Iterator[Mapping[str, Any]]:
        """The message of the first choice, or the deltas that add up to it."""
        first = self.choices[0]
        if not self.streamed:
            yield first.message
            return
        for chunk in self.chunks:
            for part in raw_choices(chunk):
                if part["index"] == first.index:
                    yield part["delta"]

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

    @property
    def usage(self) -> Usage:
        """What was billed. Where all counts are 0, nothing was counted, and nothing follows from that."""
        stated = self.stated_usage
        if not (stated.prompt or stated.completion or stated.total):
            raise Blocked("usage.counts-positive", "usage is 0, 0 and 0", self.at("usage"))
        return stated

    @cached_property
    def stated_usage(self) -> Usage:
        """The counts as they stand there."""
        members = self.usage_members
        names = ("prompt_tokens", "completion_tokens", "total_tokens")
        source = "stream.usage-chunk-last" if self.streamed else "usage.present-and-integer"
        if not isinstance(members, dict):
            raise Blocked(source, "there is no usage object", self.at("usage"))
        wrong = [f"usage.{name}" for name in names if not is_integer(members.get(name))]
        if wrong:
            owner, why = "usage.present-and-integer", "{wrong}: not an integer"
            raise Blocked(owner, why, *map(self.at, wrong), wrong=", ".join(wrong))
        prompt, completion, total = (members[name] for name in names)
        return Usage(prompt, completion, total, members)

    def at(self, path: str = "", within: object = None) -> Place:
        """The place of a member: of the answer, of an object in it, or of one of its choices."""
        return pointing.choice(self, path, within) if isinstance(within, Choice) else super().at(path, within)

    def at_text(self, said: str = "") -> Place:
        """The place of the first choice's text, or of what is said in it."""
        return pointing.text(self, said)
