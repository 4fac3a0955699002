"""Replays a recorded response through the official openai-python, and says what its user would see.

Nothing is sent: the SDK gets a transport that answers from the recording, and never opens a socket. The SDK
takes more than a second to import, so it is imported when the first response is replayed.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache, wraps
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from conformance.wire.excerpt import json_path
from conformance.wire.record import Attempt

if TYPE_CHECKING:
    from openai import OpenAI

NO_MESSAGES: tuple[()] = ()
"""The SDK turns what it sends into JSON first, which costs as much as what it makes of an answer."""

MAX_BYTES = 2**20
"""Bytes of a body that are replayed; no answer to a probe comes near."""

MAX_WORK = 2**26
"""Bytes times events of a stream that is replayed: at each event the SDK goes through all that it has."""

MAX_MISMATCHES = 20
"""How many complaints of the strict validation are kept; of more than a thousand, none."""

MAX_REMEMBERED = 4096
"""Responses whose replay is kept; requirements look at them one after the other, each at all of them."""

_LONGEST_MESSAGE = 200

_Use = TypeVar("_Use", bound="Callable[..., Seen]")


def _remembered(use: _Use) -> _Use:
    """Replays a response once, however many requirements look at it, or whenever it was received."""
    known = lru_cache(maxsize=MAX_REMEMBERED)(use)

    @wraps(use)
    def look_up(attempt: Attempt, **how: bool) -> Seen:
        headers = tuple((name, attempt.header(name) or "") for name in ("content-type", "location"))
        bare = replace(attempt, started=0.0, ended=0.0, headers=headers, chunks=((0.0, attempt.body),))
        return known(bare, **how)

    return look_up  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """What strict validation objects to: a place, pydantic's name for the fault and its words for it.

    `text` is the value that it found, if that is text.
    """

    path: str
    kind: str
    message: str
    text: str | None

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception that reaches the user.

    `own`: it is an OpenAIError, as documented, so that `except openai.OpenAIError` catches it. `status` is
    the HTTP status that it carries. `mismatches` are the complaints of the strict validation.
    """

    name: str
    message: str
    own: bool
    status: int | None = None
    mismatches: tuple[Mismatch, ...] = ()

    def __str__(self) -> str:
        foreign = "" if self.own else ", which is no OpenAIError"
        return f"{self.name}{foreign}" + (f": {self.message}" if self.message else "")


@dataclass(frozen=True, slots=True)
class ToolCall:
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
    calls: tuple[ToolCall, ...] = ()


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


def replayable(attempt: Attempt) -> bool:
    """Whether the response is small enough: no probe asks for more, and a hostile one would take for ever."""
    body = attempt.body
    return len(body) <= MAX_BYTES and len(body) * body.count(b"data:") <= MAX_WORK


@_remembered
def create(attempt: Attempt, *, strict: bool = False) -> Seen:
    """`client.chat.completions.create(…)`; `strict` turns on `_strict_response_validation`.

    Whoever validates everything strictly and finds it valid gets the same as who does not.
    """
    if not strict and attempt.succeeded and (valid := create(attempt, strict=True)).raised is None:
        return valid

    def use(client: OpenAI, _: _Progress) -> Seen:
        return _whole(client.chat.completions.create(model="m", messages=NO_MESSAGES))

    return _replay(attempt, use, strict=strict)


@_remembered
def iterate(attempt: Attempt, *, strict: bool = False) -> Seen:
    """`for chunk in client.chat.completions.create(…, stream=True)`; the loop skips what is not there."""

    def use(client: OpenAI, progress: _Progress) -> Seen:
        stream = client.chat.completions.create(model="m", messages=NO_MESSAGES, stream=True)
        return _gathered(progress.count(stream))

    return _replay(attempt, use, strict=strict)


@_remembered
def accumulate(attempt: Attempt) -> Seen:
    """`with client.chat.completions.stream(…) as stream`, and the completion it puts together.

    Of an answer that was cut off or filtered, it is the one that comes with the exception that says so.
    """

    def use(client: OpenAI, progress: _Progress) -> Seen:
        from openai import ContentFilterFinishReasonError, LengthFinishReasonError

        with client.chat.completions.stream(model="m", messages=NO_MESSAGES) as stream:
            for _ in progress.count(event for event in stream if event.type == "chunk"):
                pass
            try:
                return _whole(stream.get_final_completion())
            except (LengthFinishReasonError, ContentFilterFinishReasonError):
                return _whole(stream.current_completion_snapshot)

    return _replay(attempt, use)


def list_models(attempt: Attempt) -> Seen:
    """`for model in client.models.list()`; `ids` are the models' ids."""

    def use(client: OpenAI, _: _Progress) -> Seen:
        page = client.models.list()
        ids = tuple(_text(getattr(model, "id", None)) for model in page)
        return Seen(result=_type(page), ids=ids)

    return _replay(attempt, use)


def retrieve_model(attempt: Attempt) -> Seen:
    """`client.models.retrieve(…)`; `ids` has the model's id."""

    def use(client: OpenAI, _: _Progress) -> Seen:
        model: Any = client.models.retrieve("m")
        return Seen(result=_type(model), ids=(_text(getattr(model, "id", None)),))

    return _replay(attempt, use)


@dataclass(slots=True)
class _Progress:
    """Whether the response has been given to the SDK, and how many chunks have reached the user so far."""

    answered: bool = False
    chunks: int = 0

    def count(self, chunks: Iterable[Any]) -> Iterator[Any]:
        for chunk in chunks:
            self.chunks += 1
            yield chunk


def _replay(attempt: Attempt, use: Callable[[OpenAI, _Progress], Seen], *, strict: bool = False) -> Seen:
    """What the use of a client comes to, whose every request is answered with the recorded response."""
    progress = _Progress()
    # pydantic warns of values of the wrong type; what becomes of them is what is looked for here.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            client, transport = _client(strict=strict)
            transport.plays(attempt, progress)
            seen = use(client, progress)
        except Exception as error:
            if not progress.answered:
                raise  # The SDK failed of itself: that is no finding about the response.
            seen = Seen(raised=_raised(error))
    return replace(seen, chunks=progress.chunks)


class _Player(Protocol):
    """A transport that answers the next request from a recording, and no other."""

    def plays(self, attempt: Attempt, progress: _Progress) -> None: ...


@cache
def _client(*, strict: bool) -> tuple[OpenAI, _Player]:
    """A client that reaches nobody. There is one for all replays: to make one takes as long as a replay."""
    import httpx2
    from openai import OpenAI

    broken = {
        "reset": httpx2.ReadError,
        "incomplete": httpx2.RemoteProtocolError,
        "silence": httpx2.ReadTimeout,
        "timeout": httpx2.ReadTimeout,
        "encoding": httpx2.DecodingError,
    }

    class Body(httpx2.SyncByteStream):
        """The pieces as they arrived, and the end as it was."""

        def __init__(self, attempt: Attempt) -> None:
            self._attempt = attempt

        def __iter__(self) -> Iterator[bytes]:
            for _, data in self._attempt.chunks:
                yield data
            failure = self._attempt.failure
            if failure is not None and failure.kind in broken:
                raise broken[failure.kind](failure.message)

    class Recorded(httpx2.BaseTransport):
        """Answers the first request; what a redirect leads to was not recorded."""

        def plays(self, attempt: Attempt, progress: _Progress) -> None:
            self._recording = attempt, progress

        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            attempt, progress = self._recording
            if progress.answered or attempt.status is None:
                body = f"{len(request.read())} bytes"
                raise httpx2.ConnectError(f"there is no record of {request.method} {request.url} with {body}")
            progress.answered = True
            return httpx2.Response(attempt.status, headers=_headers(attempt), stream=Body(attempt))

    transport = Recorded()
    client = OpenAI(
        api_key="none",
        base_url="https://recorded.invalid/v1",
        organization="",
        project="",
        max_retries=0,
        http_client=httpx2.Client(transport=transport, trust_env=False, follow_redirects=True),
        _strict_response_validation=strict,
    )
    return client, transport


def _headers(attempt: Attempt) -> list[tuple[bytes, bytes]]:
    """The headers that the SDK looks at.

    The recorded bytes are decoded already. A character set is left out: Python knows some whose decoding
    takes for ever, and the SDK heeds none of them in an answer.
    """
    given = {"content-type": (attempt.header("content-type") or "").partition(";")[0]}
    given["location"] = attempt.header("location") or ""
    return [(name.encode(), value.encode("latin-1", "replace")) for name, value in given.items() if value]


def _raised(error: Exception) -> Raised:
    from openai import OpenAIError
    from pydantic import ValidationError

    cause, mismatches, message = error.__cause__, [], str(error)
    if isinstance(cause, ValidationError):
        mismatches = cause.errors(include_url=False) if cause.error_count() <= 1000 else []
    elif cause is not None:
        message += f" ({cause})"
    return Raised(
        name=type(error).__name__,
        message=_line(message),
        own=isinstance(error, OpenAIError),
        status=getattr(error, "status_code", None),
        mismatches=tuple(
            Mismatch(json_path(one["loc"]), one["type"], _line(one["msg"]), _text(one["input"]))
            for one in mismatches[:MAX_MISMATCHES]
        ),
    )


def _line(text: str) -> str:
    """A line that is short enough for a message."""
    return " ".join(text[: 2 * _LONGEST_MESSAGE].split())[:_LONGEST_MESSAGE]


def _whole(completion: Any) -> Seen:
    """A completion, of which every member can be of any type: the SDK does not look."""
    choices = getattr(completion, "choices", None)
    found = tuple(map(_said, choices)) if isinstance(choices, list) else None
    return Seen(
        result=_type(completion),
        choices=found,
        usage=_usage(getattr(completion, "usage", None)),
    )


def _said(choice: Any) -> Said:
    message = getattr(choice, "message", None)
    content = getattr(message, "content", None)
    calls = getattr(message, "tool_calls", None)
    return Said(
        text=_text(content),
        content="" if message is None else type(content).__name__,
        role=_text(getattr(message, "role", None)),
        finish_reason=_text(getattr(choice, "finish_reason", None)),
        calls=tuple(map(_call, calls)) if isinstance(calls, list) else (),
    )


def _call(call: Any) -> ToolCall:
    function = getattr(call, "function", None)
    return ToolCall(
        id=_text(getattr(call, "id", None)),
        name=_text(getattr(function, "name", None)),
        arguments=_text(getattr(function, "arguments", None)),
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
        results.add(_type(chunk))
        usage = _usage(getattr(chunk, "usage", None)) or usage
        choices = getattr(chunk, "choices", None)
        for choice in choices if isinstance(choices, list) else ():
            index = getattr(choice, "index", None)
            index = index if isinstance(index, int) else 0
            delta = getattr(choice, "delta", None)
            pieces = texts.setdefault(index, [])
            pieces += filter(None, [_text(getattr(delta, "content", None))])
            reasons[index] = _text(getattr(choice, "finish_reason", None)) or reasons.get(index, "")
    return Seen(
        result=", ".join(sorted(results)),
        choices=tuple(
            Said("".join(texts[index]), "str", None, reasons[index] or None) for index in sorted(texts)
        ),
        usage=usage,
    )


def _type(value: object) -> str:
    """The name of its type, without what a generic one is made of."""
    return type(value).__name__.partition("[")[0]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
