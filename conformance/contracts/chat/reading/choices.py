"""Choices: read from an answer, or put together from the chunks of a stream."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.contracts.hidden import Malformed
from conformance.wire.strict_json import is_integer


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice, put together from its chunks where it was streamed.

    `message` has the members of an answer that was not streamed; `thoughts` is the reasoning that came with
    it, streamed or not; `pieces` are the texts of its deltas where it was streamed.
    """

    index: int
    text: str
    finish_reason: str | None
    role: Any
    message: Mapping[str, Any]
    thoughts: str = ""
    pieces: tuple[str, ...] = ()

    @property
    def thought(self) -> bool:
        """Whether reasoning came with it."""
        return bool(self.thoughts)


def whole_choices(answer: Mapping[str, Any]) -> tuple[Choice, ...]:
    """The choices of an answer that was not streamed, by index. Raises Malformed."""
    found = []
    for position, choice in enumerate(raw_choices(answer)):
        message = choice.get("message") if isinstance(choice, dict) else None
        if not isinstance(message, dict):
            raise Malformed(
                "envelope.matches-schema",
                "choices[{position}].message is not an object",
                answer,
                f"choices[{position}].message",
                position=position,
            )
        index = choice.get("index")
        found.append(
            Choice(
                index=index if is_integer(index) else position,
                text=_text(message, "envelope.content-text"),
                finish_reason=_string(choice.get("finish_reason")),
                role=message.get("role"),
                message=message,
                thoughts=_thoughts(message),
            )
        )
    if not found:
        raise Malformed("envelope.one-choice-by-default", "the answer has no choices", answer, "choices")
    return tuple(sorted(found, key=lambda choice: choice.index))


def streamed_choices(chunks: Iterable[Mapping[str, Any]]) -> tuple[Choice, ...]:
    """The choices that the chunks of a stream add up to, by index. Raises Malformed."""
    owner = "stream.choice-index-and-delta"
    texts: dict[int, list[str]] = {}
    reasons: dict[int, str | None] = {}
    roles: dict[int, Any] = {}
    thoughts: dict[int, str] = {}
    for chunk in chunks:
        for position, choice in enumerate(raw_choices(chunk)):
            delta = choice.get("delta") if isinstance(choice, dict) else None
            if not isinstance(delta, dict):
                raise Malformed(owner, "a choice has no delta object", chunk, f"choices[{position}].delta")
            index = choice.get("index")
            if not is_integer(index):
                raise Malformed(owner, "a choice has no integer index", choice, "index")
            texts.setdefault(index, []).append(_text(delta, "stream.deltas-are-text"))
            reasons[index] = _string(choice.get("finish_reason")) or reasons.get(index)
            roles.setdefault(index, None)
            roles[index] = roles[index] or delta.get("role")
            thoughts[index] = thoughts.get(index, "") + _thoughts(delta)
    if not texts:
        raise Malformed("stream.choices-present", "no chunk has a choice", None)
    return tuple(
        Choice(
            index,
            "".join(texts[index]),
            reasons[index],
            roles[index],
            {},
            thoughts[index],
            tuple(filter(None, texts[index])),
        )
        for index in sorted(texts)
    )


def raw_choices(holder: Mapping[str, Any]) -> list[Any]:
    """The choices of an answer or a chunk as they stand; none where there is no array of them."""
    value = holder.get("choices")
    return value if isinstance(value, list) else []


def _text(message: Mapping[str, Any], requirement: str) -> str:
    content = message.get("content")
    if content is not None and not isinstance(content, str):
        kind = type(content).__name__
        raise Malformed(requirement, "content is {kind}, not text", message, "content", kind=kind)
    return content or ""


def _thoughts(message: Mapping[str, Any]) -> str:
    """The reasoning that a message or delta carries; some services always send the member, empty or null."""
    found = message.get("reasoning_content") or message.get("reasoning")
    return found if isinstance(found, str) else "…" if found else ""


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
