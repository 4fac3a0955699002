"""Replays a recorded response through the official openai-python, and says what its user would see.

Nothing is sent: the SDK gets a transport that answers from the recording, and never opens a socket. The SDK
takes more than a second to import, so it is imported when the first response is replayed that no earlier run
knew (see `kept`).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache, wraps
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from conformance.contracts import kept
from conformance.wire.excerpt import json_path
from conformance.wire.record import Attempt

if TYPE_CHECKING:
    from openai import OpenAI

MAX_BYTES = 2**20
"""Bytes of a body that are replayed; no answer to a probe comes near."""

MAX_COMMAS = 100_000
"""Commas of a body that is replayed: there are at most so many values, and the SDK makes much of each."""

MAX_WORK = 2**26
"""Bytes times events of a stream that is replayed: at each event the SDK goes through all that it has."""

MAX_MISMATCHES = 20
"""How many complaints of the strict validation are kept; of more than a thousand, none."""

MAX_REMEMBERED = 4096
"""Responses whose replay is kept; requirements look at them one after the other, each at all of them."""

_LONGEST_MESSAGE = 200

_Use = TypeVar("_Use", bound="Callable[..., object]")


def remembered(use: _Use) -> _Use:
    """Replays a response once, however many requirements look at it, or whenever it was received."""

    @lru_cache(maxsize=MAX_REMEMBERED)
    def known(bare: Attempt, **how: bool) -> object:
        return kept.result(use, (bare, how), lambda: use(bare, **how))

    @wraps(use)
    def look_up(attempt: Attempt, **how: bool) -> object:
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


def replayable(attempt: Attempt) -> bool:
    """Whether the response is small enough: no probe asks for more, and a hostile one would take for ever."""
    body = attempt.body
    if len(body) > MAX_BYTES or len(body) * body.count(b"data:") > MAX_WORK:
        return False
    return body.count(b",") <= MAX_COMMAS


@dataclass(slots=True)
class Progress:
    """Whether the response has been given to the SDK, and how many chunks have reached the user so far."""

    answered: bool = False
    chunks: int = 0

    def count(self, chunks: Iterable[Any]) -> Iterator[Any]:
        for chunk in chunks:
            self.chunks += 1
            yield chunk


T = TypeVar("T")


def replay(
    attempt: Attempt, use: Callable[[OpenAI, Progress], T], *, strict: bool = False
) -> tuple[T | Raised, int]:
    """What the use of a client comes to, whose every request is answered with the recorded response.

    And how many chunks reached the user before its end.
    """
    progress = Progress()
    # pydantic warns of values of the wrong type; what becomes of them is what is looked for here.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            client, transport = _client(strict=strict)
            transport.plays(attempt, progress)
            return use(client, progress), progress.chunks
        except Exception as error:
            if not progress.answered:
                raise  # The SDK failed of itself: that is no finding about the response.
            return _raised(error), progress.chunks


class _Player(Protocol):
    """A transport that answers the next request from a recording, and no other."""

    def plays(self, attempt: Attempt, progress: Progress) -> None: ...


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

        def plays(self, attempt: Attempt, progress: Progress) -> None:
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
            Mismatch(json_path(one["loc"]), one["type"], _line(one["msg"]), text(one["input"]))
            for one in mismatches[:MAX_MISMATCHES]
        ),
    )


def _line(text: str) -> str:
    """A line that is short enough for a message."""
    return " ".join(text[: 2 * _LONGEST_MESSAGE].split())[:_LONGEST_MESSAGE]


def type_name(value: object) -> str:
    """The name of its type, without what a generic one is made of."""
    return type(value).__name__.partition("[")[0]


def text(value: object) -> str | None:
    return value if isinstance(value, str) else None
