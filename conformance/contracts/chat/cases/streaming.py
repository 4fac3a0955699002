"""What several checks of streams ask, and look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from conformance.asking.change import stream
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.named import (
    echo,
)
from conformance.contracts.chat.reading.choices import raw_choices
from conformance.contracts.chat.reading.view import View
from conformance.contracts.hidden import Blocked
from conformance.judging.requirement import requirement
from conformance.judging.saying import visible
from conformance.wire.message import Message
from conformance.wire.place import Place
from conformance.wire.strict_json import is_integer

stream_requirement = partial(requirement, claim="stream", basis="stream.content-type")

UNICODE = echo(prompts.UNICODE, "unicode")

UNICODE_STREAM = UNICODE | stream

Chunk = Mapping[str, Any]


def choices(answer: View) -> Iterator[tuple[int, Chunk, Chunk]]:
    """Number of the chunk, choice and delta of every well-formed choice of a stream."""
    for number, chunk in enumerate(answer.chunks, 1):
        for choice in raw_choices(chunk):
            delta = choice.get("delta") if isinstance(choice, dict) else None
            if not isinstance(delta, dict) or not is_integer(choice.get("index")):
                where = answer.at("choices", chunk)
                raise Blocked("stream.choice-index-and-delta", "a choice lacks index or delta", where)
            yield number, choice, delta


def read(answer: View) -> None:
    """The framing leaves every event readable."""
    visible(answer.chunks)


def failure(answer: View) -> tuple[Place, Message] | None:
    """Where a stream says that it failed under way, and in what words; None where it does not."""
    failed = next((chunk for chunk in answer.chunks if chunk.get("error")), None)
    if failed is None:
        return None
    error = failed["error"]
    said = error.get("message") if isinstance(error, dict) else error
    shown = " ".join(str(said).split())[:160]
    return answer.at("error", failed), Message.of("the stream fails with the error {said!r}", said=shown)


def asked_for_usage(answer: View) -> bool:
    """Whether the request set include_usage."""
    options = answer.request.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def moderates(chunk: Chunk) -> bool:
    """Whether a chunk only says what moderation found, which comes last where the request asks for it."""
    return not chunk.get("choices") and isinstance(chunk.get("moderation"), dict)
