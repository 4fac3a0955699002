"""The results of a run as values: what every report is made from. `stored` keeps them in results.json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from conformance.asking.plan import Tier
from conformance.judging.source import Source
from conformance.judging.verdict import Finding, Verdict
from conformance.provider.level import Level
from conformance.provider.model import Document, days_since
from conformance.report.results.arrivals import Arrival
from conformance.report.results.marks import Mark
from conformance.report.results.promises import Promise
from conformance.wire.message import Message
from conformance.wire.record import Failure, TargetId

Counts = Mapping[Level, Mapping[Verdict, int]]
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One requirement of the catalogue.

    `claim` names the documented parameter it depends on, `test` is the pytest id of its case, and `impact`
    says who is hurt where it is violated (may be empty).
    """

    id: str
    area: str
    level: Level
    statement: str
    claim: str | None
    sources: tuple[Source, ...]
    test: str
    impact: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """The version of the suite and the requirements that were selected, in the order of the catalogue."""

    version: str
    catalogue: str
    requirements: tuple[CatalogueEntry, ...]


@dataclass(frozen=True, slots=True)
class ClaimsReference:
    """What a target was judged against; `documents` are those that its promises are quoted from.

    `read` is the day on which they were read, as an ISO date, where the profile says it.
    """

    profile: str
    title: str
    url: str
    documents: tuple[Document, ...] = ()
    read: str | None = None

    def age(self, today: date) -> int | None:
        """Days since the documents were read."""
        return days_since(date.fromisoformat(self.read) if self.read else None, today)


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds to the last byte, and to the first one, over all answers with status 200."""

    median: float
    p95: float
    first_byte_median: float | None


@dataclass(frozen=True, slots=True)
class Stated:
    """The tokens that answers state, and how many are not charged at that, by the reason (`Doubt`)."""

    prompt_tokens: int
    completion_tokens: int
    doubts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TargetResult:
    """What one target was asked and what came of it. `cost` is in US dollars, None without a price.

    Tokens are those that count towards the ceilings of a run; `stated` is what the provider says instead,
    None where a file is so old that they are the same. `traits` says in which ways requests were adapted
    to the model, `proxies` through what they went. `unreachable` says why nothing came back, `untested` why
    nothing could be tested though something did: a key, the credit, the model, the path, or a wall.
    """

    provider: str
    contract: str
    model: str
    base_url: str
    claims: ClaimsReference
    counts: Counts
    requests: int
    attempts: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    latency: Latency | None
    unreachable: str | None
    promises: tuple[Promise, ...] = ()
    traits: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    stated: Stated | None = None
    untested: str | None = None

    @property
    def closed(self) -> str | None:
        """Why nothing at all could be tested, whether it was reached or not."""
        return self.unreachable or self.untested

    @property
    def at(self) -> TargetId:
        """The target."""
        return TargetId(self.provider, self.contract, self.model)


@dataclass(frozen=True, slots=True)
class Known:
    """An entry under `expected` in providers.yaml: a failure that is known. `until` is an ISO date."""

    because: str
    link: str
    until: str | None


@dataclass(frozen=True, slots=True)
class JudgementResult:
    """The verdict on one requirement at one target; see `conformance.judging.verdict.Judgement`.

    `level_because` is why the level is what it is at this target; `message` the reason in words; `stale` why
    a known failure may no longer be called one. `marks` are the places of the findings, as far as they were
    found in what was recorded.
    """

    provider: str
    contract: str
    model: str
    requirement: str
    level: Level
    level_because: str
    verdict: Verdict
    message: str
    reason: Message
    findings: tuple[Finding, ...]
    see: str | None
    sources: tuple[Source, ...]
    exchanges: tuple[str, ...]
    offending: tuple[str, ...]
    expected: Known | None
    stale: str | None
    marks: tuple[Mark, ...] = ()

    @property
    def at(self) -> TargetId:
        """The target."""
        return TargetId(self.provider, self.contract, self.model)


@dataclass(frozen=True, slots=True)
class RequestResult:
    """A request as it was sent. `length` is that of the whole body in bytes; `body` is cut where it is long.

    `credential` says what stood in the Authorization header, which is itself never kept.
    """

    method: str
    url: str
    headers: Headers
    body: str
    length: int
    credential: str


@dataclass(frozen=True, slots=True)
class ResponseResult:
    """What came back. `body` is an excerpt for people, `length` that of the whole in bytes.

    `events` is the number of server-sent events, None where the answer is no stream; `arrivals` when its
    pieces came.
    """

    headers: Headers
    body: str
    length: int
    events: int | None
    arrivals: tuple[Arrival, ...] = ()


@dataclass(frozen=True, slots=True)
class EarlierAttempt:
    """An attempt that was followed by another one. `failure` is the kind of failure, if any."""

    status: int | None
    latency: float
    failure: str | None


@dataclass(frozen=True, slots=True)
class ExchangeResult:
    """The summary of one exchange. Times are seconds; the whole is in the journal.

    `latency` is None where a recording that others made does not say how long the answer took. `adapted`
    says how the request differs from the probe, to suit the model.
    """

    id: str
    provider: str
    contract: str
    model: str
    probe: str
    request: RequestResult
    status: int | None
    latency: float | None
    first_byte: float | None
    attempts: int
    earlier: tuple[EarlierAttempt, ...]
    failure: Failure | None
    response: ResponseResult
    prompt_tokens: int | None
    completion_tokens: int | None
    adapted: tuple[str, ...] = ()

    @property
    def at(self) -> TargetId:
        """The target."""
        return TargetId(self.provider, self.contract, self.model)


@dataclass(frozen=True, slots=True)
class Results:
    """A whole run. A judgement's identity is (provider, model, requirement).

    `recorded`: nothing was sent; what others recorded was judged. `tier`: how much was asked.
    """

    suite: Suite
    started: datetime
    finished: datetime
    incomplete_because: str | None
    targets: tuple[TargetResult, ...]
    judgements: tuple[JudgementResult, ...]
    exchanges: Mapping[str, ExchangeResult]
    recorded: bool = False
    tier: Tier = Tier.FULL

    @property
    def complete(self) -> bool:
        """Whether everything that was selected could be asked."""
        return self.incomplete_because is None


def counts(judgements: Iterable[JudgementResult]) -> Counts:
    """How often each verdict was given at each level, worst first, without those that were not given."""
    seen = Counter((judgement.level, judgement.verdict) for judgement in judgements)
    return {
        level: {verdict: seen[level, verdict] for verdict in Verdict if seen[level, verdict]}
        for level in Level
    }
