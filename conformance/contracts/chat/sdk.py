"""What a user of the official openai-python gets from a recorded chat completion, or list of models."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from conformance.contracts.sdk import (
    Mismatch,
    Progress,
    Raised,
    remembered,
    replay,
    replayable,
    text,
    type_name,
)
from conformance.wire.record import Attempt

if TYPE_CHECKING:
    from openai import OpenAI

__all__ = [
    "Mismatch",
    "Raised",
    "Said",
    "SdkCall",
    "Seen",
    "accumulate",
    "create",
    "iterate",
    "list_models",
    "replayable",
    "retrieve_model",
]

NO_MESSAGES: tuple[()] = ()
"""The SDK turns what it sends into JSON first, which costs as much as what it makes of an answer."""


@dataclass(frozen=True, slots=True)
class SdkCall:
    """A tool call as the SDK gives it; what is not text is None."""

    id: str | None
    name: str | None
    arguments: str | None


@dataclass(frozen=True, slots=True)
class Said:
    """A choice as the SDK gives it.

    `content` is the type of its content: "str", "NoneType", "list" …; empty where there is no message.
    """

    text: str | None
    content: str
    role: str | None
    finish_reason: str | None
    calls: tuple[SdkCall, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What the SDK makes of a response.

    `result` is the type of what it gives ("" where it raises), `chunks` the number of chunks that reached
    the user before the end or the exception. `choices` are those with a message, or put together from their
    deltas by index; None stands for no array of choices. `usage` is prompt, completion and total tokens.
    """

    raised: Raised | None = None
    result: str = ""
    chunks: int = 0
    choices: tuple[Said, ...] | None = None
    usage: tuple[object, object, object] | None = None
    ids: tuple[str | None, ...] = ()

    @property
    def first(self) -> Said | None:
        """The first choice, if there is one."""
        return self.choices[0] if self.choices else None


@remembered
def create(attempt: Attempt, *, strict: bool = False) -> Seen:
    """`client.chat.completions.create(…)`; `strict` turns on `_strict_response_validation`.

    Whoever validates everything strictly and finds it valid gets the same as who does not.
    """
    if not strict and attempt.succeeded and (valid := create(attempt, strict=True)).raised is None:
        return valid

    def use(client: OpenAI, _: Progress) -> Seen:
        return _whole(client.chat.completions.create(model="m", messages=NO_MESSAGES))

    return _seen(attempt, use, strict=strict)


@remembered
def iterate(attempt: Attempt, *, strict: bool = False) -> Seen:
    """`for chunk in client.chat.completions.create(…, stream=True)`; the loop skips what is not there."""

    def use(client: OpenAI, progress: Progress) -> Seen:
        stream = client.chat.completions.create(model="m", messages=NO_MESSAGES, stream=True)
        return _gathered(progress.count(stream))

    return _seen(attempt, use, strict=strict)


@remembered
def accumulate(attempt: Attempt) -> Seen:
    """`with client.chat.completions.stream(…) as stream`, and the completion it puts together.

    Of an answer that was cut off or filtered, it is the one that comes with the exception that says so.
    """

    def use(client: OpenAI, progress: Progress) -> Seen:
        from openai import ContentFilterFinishReasonError, LengthFinishReasonError

        with client.chat.completions.stream(model="m", messages=NO_MESSAGES) as stream:
            for _ in progress.count(event for event in stream if event.type == "chunk"):
                pass
            try:
                return _whole(stream.get_final_completion())
            except (LengthFinishReasonError, ContentFilterFinishReasonError):
                return _whole(stream.current_completion_snapshot)

    return _seen(attempt, use)


@remembered
def list_models(attempt: Attempt) -> Seen:
    """`for model in client.models.list()`; `ids` are the models' ids."""

    def use(client: OpenAI, _: Progress) -> Seen:
        page = client.models.list()
        ids = tuple(text(getattr(model, "id", None)) for model in page)
        return Seen(result=type_name(page), ids=ids)

    return _seen(attempt, use)


@remembered
def retrieve_model(attempt: Attempt) -> Seen:
    """`client.models.retrieve(…)`; `ids` has the model's id."""

    def use(client: OpenAI, _: Progress) -> Seen:
        model: Any = client.models.retrieve("m")
        return Seen(result=type_name(model), ids=(text(getattr(model, "id", None)),))

    return _seen(attempt, use)


def _seen(attempt: Attempt, use: Callable[[OpenAI, Progress], Seen], *, strict: bool = False) -> Seen:
    found, chunks = replay(attempt, use, strict=strict)
    return replace(Seen(raised=found) if isinstance(found, Raised) else found, chunks=chunks)


def _whole(completion: Any) -> Seen:
    """A completion, of which every member can be of any type: the SDK does not look."""
    choices = getattr(completion, "choices", None)
    found = tuple(map(_said, choices)) if isinstance(choices, list) else None
    return Seen(
        result=type_name(completion),
        choices=found,
        usage=_usage(getattr(completion, "usage", None)),
    )


def _said(choice: Any) -> Said:
    message = getattr(choice, "message", None)
    content = getattr(message, "content", None)
    calls = getattr(message, "tool_calls", None)
    return Said(
        text=text(content),
        content="" if message is None else type(content).__name__,
        role=text(getattr(message, "role", None)),
        finish_reason=text(getattr(choice, "finish_reason", None)),
        calls=tuple(map(_call, calls)) if isinstance(calls, list) else (),
    )


def _call(call: Any) -> SdkCall:
    function = getattr(call, "function", None)
    return SdkCall(
        id=text(getattr(call, "id", None)),
        name=text(getattr(function, "name", None)),
        arguments=text(getattr(function, "arguments", None)),
    )


def _usage(usage: Any) -> tuple[object, object, object] | None:
    if usage is None:
        return None
    prompt, completion, total = (
        value if isinstance(value, int | float | None) else type(value).__name__
        for value in (
            getattr(usage, name, None) for name in ("prompt_tokens", "completion_tokens", "total_tokens")
        )
    )
    return prompt, completion, total


def _gathered(chunks: Iterable[Any]) -> Seen:
    """The choices of a stream, by a loop that skips whatever is not there."""
    texts: dict[int, list[str]] = {}
    reasons: dict[int, str] = {}
    usage = None
    results: set[str] = set()
    for chunk in chunks:
        results.add(type_name(chunk))
        usage = _usage(getattr(chunk, "usage", None)) or usage
        choices = getattr(chunk, "choices", None)
        for choice in choices if isinstance(choices, list) else ():
            index = getattr(choice, "index", None)
            index = index if isinstance(index, int) else 0
            delta = getattr(choice, "delta", None)
            pieces = texts.setdefault(index, [])
            pieces += filter(None, [text(getattr(delta, "content", None))])
            reasons[index] = text(getattr(choice, "finish_reason", None)) or reasons.get(index, "")
    return Seen(
        result=", ".join(sorted(results)),
        choices=tuple(
            Said("".join(texts[index]), "str", None, reasons[index] or None) for index in sorted(texts)
        ),
        usage=usage,
    )
