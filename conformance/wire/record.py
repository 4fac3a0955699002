"""The record of one exchange: what was sent, every attempt, and every byte with its arrival time.

A record is what the journal stores and what every verdict rests on. It never contains a key: secrets are
replaced before a record comes into being.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from conformance import DEFAULT

LATEST = 1e11
"""Seconds since the epoch up to which a recorded time is believed; dates end at two and a half times that."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it went out. `headers` holds only an allow-list; `body` is the exact text sent."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: str

    @property
    def address(self) -> str:
        """The URL without its query, by which an endpoint is known."""
        return self.url.partition("?")[0]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt did not end as HTTP says it should.

    `kind` is one of: `dns`, `connect`, `tls`, `proxy` (which refused), `timeout-connect`,
    `timeout-first-byte` (nothing came back);
    `stale` (nothing came back on a connection that was kept open: the server had just closed it);
    `silence`, `timeout`, `too-large`, `reset`, `incomplete`, `protocol`, `encoding` (it broke off under way);
    `held-open` (complete, but the connection stayed open), `cut` (we hung up on purpose);
    `runaway` (we hung up on a stream that went on long after its limit);
    `internal` (the HTTP client itself failed);
    `ended` (the run was over, or had enough of the provider, and we hung up);
    `not-asked` (never sent: budget, unreachable provider, interruption).
    """

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. Times are seconds: `started` since the epoch, the others since `started`.

    `chunks` are the bytes of the body as they arrived, after content decoding, with their arrival times.
    `proxy` names the proxy that it went through. `written` is about how many tokens had arrived of a body of
    which only the beginning is kept. `beside` is how many other requests to the provider were under way
    meanwhile, at most. `interrupted`: it is a stream that ends without saying that it is finished. `lag` is
    by how many seconds our own machine was late meanwhile, at most: a busy one notices late what came.
    """

    started: float
    ended: float
    status: int | None
    http_version: str
    headers: tuple[tuple[str, str], ...]
    chunks: tuple[tuple[float, bytes], ...]
    failure: Failure | None = None
    proxy: str = ""
    written: int = 0
    beside: int = 0
    interrupted: bool = False
    lag: float = 0.0

    @property
    def succeeded(self) -> bool:
        """Whether it got a 2xx status."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return sum(len(data) for _, data in self.chunks)

    @property
    def body(self) -> bytes:
        """The whole body."""
        return b"".join(data for _, data in self.chunks)

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def clock(self) -> datetime:
        """The time by the provider's clock, which may be wrong; by ours where it does not say."""
        ours = datetime.fromtimestamp(self.started + self.ended, UTC)
        return http_date(self.header("date") or "") or ours


NOT_NOW = frozenset({429, 502, 503, 504})
"""Statuses that say: the same request may succeed later."""

OUT_OF_TIME = frozenset({"timeout-first-byte", "silence", "timeout"})
"""Kinds of failures in which too much time passed: before the response, within it, or in all."""

UNASKED = frozenset({"not-asked", "ended"})
"""Kinds of failures that are the run's own, and say nothing about a provider."""


def not_recorded(why: str) -> Attempt:
    """Stands for the attempt of an exchange that a journal does not have."""
    return Attempt(0.0, 0.0, None, "", (), (), Failure("not-recorded", why))


def ended(why: str, started: float, lasted: float, written: int = 0) -> Attempt:
    """Stands for an attempt that we ended; `written` is about how many tokens had arrived."""
    return Attempt(started, round(lasted, 4), None, "", (), (), Failure("ended", why), written=written)


def not_sent(why: str) -> Attempt:
    """Stands for the attempt that was never made."""
    return Attempt(0.0, 0.0, None, "", (), (), Failure("not-asked", why))


NO_MODEL = "(no model)"
"""Stands for the model where a recorded request names none."""


class Unseen(StrEnum):
    """What a record that others made does not show, though the exchange had it."""

    START = "when the request was sent"
    DURATION = "how long the answer took"
    ARRIVALS = "when each piece of the answer arrived"
    ENDING = "how the connection carried the body, and how it ended"
    BYTES = "the bytes of the body, only what a parser made of them"
    ENCODING = "the bytes of the body, only its characters"
    HEADERS = "which headers the recorder left out"
    MODEL = "which model the deployment that was asked runs"
    BODY = "the body of the answer, which the recorder lost"
    REQUEST = "the headers and the request of this answer: its Date is weeks from `created`"
    TRUTH = "what was sent: its Date names another day of the week than that day was"


class TargetId(NamedTuple):
    """Which target something is about, wherever it is written down."""

    provider: str
    contract: str
    model: str

    def __str__(self) -> str:
        contract = "" if self.contract == DEFAULT else f"{self.contract}: "
        return f"{self.provider} ({contract}{self.model})"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One probe at one target. `probe` is its name for people, `key` its identity for replay.

    `expects` says what the probe was made to get (`answer`, `refusal`, `either`, or `nothing`: it was asked
    aside), `claims` which documented
    parameters and features it exercises: what a judgement needs to know when only the journal is left.
    `adapted` says in which ways `request` differs from the probe to suit the model; earlier attempts may have
    been made before that. `unseen` is empty where the suite itself sent the request. `contract` names
    the one that it was asked by.
    """

    id: str
    provider: str
    model: str
    probe: str
    key: str
    request: Request
    attempts: tuple[Attempt, ...]
    expects: str = "answer"
    claims: tuple[str, ...] = ()
    adapted: tuple[str, ...] = ()
    unseen: tuple[Unseen, ...] = ()
    contract: str = DEFAULT

    @property
    def at(self) -> TargetId:
        """The target that was asked."""
        return TargetId(self.provider, self.contract, self.model)

    @property
    def last(self) -> Attempt:
        """The attempt that counts."""
        return self.attempts[-1]


def http_date(text: str) -> datetime | None:
    """An HTTP-date (RFC 9110, section 5.6.7); None for any other text."""
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(text)
        return date.replace(tzinfo=date.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
