"""Makes results out of what a run consists of: targets, judgements and exchanges."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from statistics import median
from types import MappingProxyType
from typing import Any

from conformance.asking.plan import Tier, cost
from conformance.asking.probe import TURN, Credential
from conformance.contracts import contract_of
from conformance.judging.verdict import Judgement, Verdict
from conformance.provider.model import Target
from conformance.report.results.arrivals import arrivals
from conformance.report.results.charged import charged
from conformance.report.results.marks import Mark, mark
from conformance.report.results.promises import promises
from conformance.report.results.results import (
    CatalogueEntry,
    ClaimsReference,
    EarlierAttempt,
    ExchangeResult,
    Headers,
    JudgementResult,
    Known,
    Latency,
    RequestResult,
    ResponseResult,
    Results,
    Suite,
    TargetResult,
    counts,
)
from conformance.report.show import plural
from conformance.report.text import MESSAGE, clip, excerpt, line, visible
from conformance.wire.message import Message
from conformance.wire.record import Attempt, Exchange, Failure, Request, TargetId, Unseen

PARAMETER = 450
"""Characters of a text that fills a gap of a message."""

BODY = 4096
"""Bytes of a response body; of a stream, half from its beginning and half from its end."""

REQUEST_BODY = 16 * 1024
"""Bytes of a request body. The suite's own requests are shorter, so that their curl lines run."""

BEGINNING = 300
"""Bytes of each body of a recording that no finding shows: the journal has them whole."""

TOLD = 6
"""Exchanges of a judgement on a recording that may be shown."""

_SAID = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.NOTE})

MARKED = 3
"""Exchanges of a judgement in which the offending part is looked for."""

_HEADERS, _HEADER = 60, 500
_SECRET = frozenset({"authorization", "proxy-authorization", "x-api-key", "api-key", "cookie"})
_HIDDEN = frozenset({"set-cookie"})


def build(
    *,
    version: str,
    catalogue: str,
    entries: Sequence[CatalogueEntry],
    targets: Sequence[Target],
    judgements: Iterable[tuple[Target, Judgement]],
    exchanges: Iterable[Exchange],
    started: datetime,
    finished: datetime,
    incomplete_because: str | None = None,
    today: date | None = None,
    unreachable: Mapping[TargetId, str] = MappingProxyType({}),
    untested: Mapping[TargetId, str] = MappingProxyType({}),
    credentials: Mapping[str, Credential] = MappingProxyType({}),
    recorded: bool = False,
    tier: Tier = Tier.FULL,
) -> Results:
    """The results of a run, in the order of targets and catalogue, whatever the order of the arguments.

    `today` is the day on which a known failure has expired or not: that of the start, unless given.
    `unreachable` says, by provider and model, why a target could not be reached at all, `untested` why
    nothing could be tested at one that was; `credentials` what the probes of these keys send in the
    Authorization header, where it is not the target's key. A run in which something could not be asked is
    incomplete, also where `incomplete_because` is None. Of two judgements on the same requirement and target
    the later one counts. Raises ValueError where a judgement is about a target or a requirement that is not
    among those given.
    """
    by_target: dict[TargetId, list[Exchange]] = {target.at: [] for target in targets}
    for exchange in exchanges:
        by_target.setdefault(exchange.at, []).append(exchange)
    by_id = {exchange.id: exchange for ones in by_target.values() for exchange in ones}
    rows = _judgements(targets, entries, judgements, by_id, today or started.date())
    if recorded:
        rows = tuple(map(_brief, rows))
    telling = _telling(rows)
    rows_at: dict[TargetId, list[JudgementResult]] = {}
    for row in rows:
        rows_at.setdefault(row.at, []).append(row)
    # A provider without a key variable is asked without a key.
    keyless = {target.at for target in targets if not target.provider.key_variable}
    keyless -= {target.at for target in targets if target.provider.embedded}
    summaries = {
        one.id: _exchange(
            one,
            credentials.get(
                one.key.partition(TURN)[0], Credential.NONE if name in keyless else Credential.VALID
            ),
            whole=not recorded or one.id in telling,
        )
        for name, ones in by_target.items()
        for one in sorted(ones, key=lambda one: one.id)
    }
    results = tuple(
        _target(
            target,
            rows_at.get(target.at, []),
            by_target[target.at],
            summaries,
            unreachable=unreachable.get(target.at),
            untested=untested.get(target.at),
        )
        for target in targets
    )
    return Results(
        suite=Suite(version, catalogue, tuple(entries)),
        started=started,
        finished=finished,
        incomplete_because=incomplete_because or _incomplete(results, rows),
        targets=results,
        judgements=rows,
        exchanges=summaries,
        recorded=recorded,
        tier=tier,
    )


def exchange_result(exchange: Exchange) -> ExchangeResult:
    """The summary of one exchange, as results.json has it."""
    return _exchange(exchange, Credential.VALID, whole=True)


def _brief(row: JudgementResult) -> JudgementResult:
    """What is said of a recording, which may have a hundred targets: without what no finding rests on.

    The sources of a requirement stand in the suite as well.
    """
    return row if row.verdict in _SAID else replace(row, sources=())


def _telling(rows: Iterable[JudgementResult]) -> Collection[str]:
    """The exchanges that findings and notes may show."""
    said = (row for row in rows if row.verdict in _SAID)
    return {name for row in said for name in (*row.offending[:TOLD], *row.exchanges[:TOLD])}


def _judgements(
    targets: Sequence[Target],
    entries: Sequence[CatalogueEntry],
    judgements: Iterable[tuple[Target, Judgement]],
    exchanges: Mapping[str, Exchange],
    today: date,
) -> tuple[JudgementResult, ...]:
    targets_at = {target.at: number for number, target in enumerate(targets)}
    entries_at = {entry.id: number for number, entry in enumerate(entries)}
    found: dict[tuple[int, int], JudgementResult] = {}
    for target, judgement in judgements:
        if target.at not in targets_at or judgement.requirement not in entries_at:
            raise ValueError(f"{judgement.requirement} at {target} is not part of this run")
        number = entries_at[judgement.requirement]
        found[targets_at[target.at], number] = _judgement(
            target, judgement, entries[number], exchanges, today
        )
    return tuple(row for _, row in sorted(found.items()))


def _judgement(
    target: Target,
    judgement: Judgement,
    entry: CatalogueEntry,
    exchanges: Mapping[str, Exchange],
    today: date,
) -> JudgementResult:
    known, stale = _known(target, judgement, today)
    return JudgementResult(
        provider=target.provider.name,
        contract=target.contract,
        model=target.model,
        requirement=judgement.requirement,
        level=judgement.level,
        level_because=target.claims.why(entry.id, entry.claim),
        verdict=judgement.verdict,
        message=line(str(judgement.reason), MESSAGE),
        reason=_kept(judgement.reason),
        findings=tuple(replace(one, message=_kept(one.message)) for one in judgement.findings),
        see=judgement.see,
        sources=entry.sources,
        exchanges=judgement.consulted,
        offending=judgement.offending,
        expected=known,
        stale=stale,
        marks=_marks(judgement, exchanges),
    )


def _kept(message: Message) -> Message:
    """The message with all that came from elsewhere bounded, and nothing invisible in it."""
    parameters = ((name, _kept_value(value)) for name, value in message.parameters)
    return Message(line(message.id, MESSAGE), tuple(parameters))


def _kept_value(value: Any) -> Any:
    if isinstance(value, Message):
        return _kept(value)
    if isinstance(value, tuple):
        return tuple(map(_kept_value, value))
    return clip(value, PARAMETER) if isinstance(value, str) else value


def _marks(judgement: Judgement, exchanges: Mapping[str, Exchange]) -> tuple[Mark, ...]:
    """What stands at the places of the findings, in the first exchanges that they are about."""
    found: dict[str, Mark | None] = {}
    for finding in judgement.findings:
        for place in finding.places:
            name = place.exchange
            if name in exchanges and len(found) < MARKED and found.get(name) is None:
                found[name] = mark(place, exchanges[name].last)
    return tuple(one for one in found.values() if one is not None)


def _known(target: Target, judgement: Judgement, today: date) -> tuple[Known | None, str | None]:
    """The known failure that the judgement meets, and why it may no longer be called one."""
    entry = next((e for e in target.provider.expected if e.requirement == judgement.requirement), None)
    if entry is None:
        return None, None
    known = Known(entry.because, entry.link, entry.until.isoformat() if entry.until else None)
    place = f"{entry.where}: " if entry.where else ""
    if judgement.verdict.holds and not entry.sometimes:
        return known, f"{place}it is expected to fail, but no longer does; remove the entry"
    if entry.until is not None and entry.until < today:
        return known, f"{place}the entry expired on {known.until}; remove it or set a later date"
    return known, None


def _target(
    target: Target,
    rows: Sequence[JudgementResult],
    exchanges: Sequence[Exchange],
    summaries: Mapping[str, ExchangeResult],
    *,
    unreachable: str | None,
    untested: str | None,
) -> TargetResult:
    own = [summaries[exchange.id] for exchange in exchanges]
    prompt, completion, stated = charged(exchanges)
    claims, dollars = target.claims, cost(target.provider.price, prompt, completion)
    return TargetResult(
        provider=target.provider.name,
        contract=target.contract,
        model=target.model,
        base_url=target.provider.base_url,
        claims=ClaimsReference(
            claims.profile,
            claims.title,
            claims.url,
            claims.pages,
            None if claims.read is None else claims.read.isoformat(),
        ),
        counts=counts(rows),
        requests=sum(exchange.attempts > 0 for exchange in own),
        attempts=sum(exchange.attempts for exchange in own),
        prompt_tokens=prompt,
        completion_tokens=completion,
        cost=None if dollars is None else round(dollars, 6),
        latency=_latency(own),
        unreachable=None if unreachable is None else line(unreachable, MESSAGE),
        promises=promises(claims.sentences, rows),
        traits=tuple(sorted({words for exchange in own for words in exchange.adapted})),
        proxies=tuple(sorted({each.proxy for one in exchanges for each in one.attempts if each.proxy})),
        stated=stated,
        untested=None if untested is None else line(untested, MESSAGE),
    )


def _latency(exchanges: Sequence[ExchangeResult]) -> Latency | None:
    answers = [one for one in exchanges if one.status == 200 and one.failure is None]
    times = sorted(one.latency for one in answers if one.latency is not None)
    if not times:
        return None
    first = [one.first_byte for one in answers if one.first_byte is not None]
    return Latency(
        median=round(median(times), 3),
        p95=times[math.ceil(0.95 * len(times)) - 1],
        first_byte_median=round(median(first), 3) if first else None,
    )


def _incomplete(targets: Sequence[TargetResult], rows: Sequence[JudgementResult]) -> str | None:
    closed = {target.at: target for target in targets if target.closed is not None}
    reasons = [
        f"{at} {'could not be reached' if one.unreachable else 'was not tested'}: {one.closed}"
        for at, one in list(closed.items())[:3]
    ]
    if len(closed) > 3:
        what = "reached" if all(one.unreachable for one in closed.values()) else "tested"
        reasons.append(f"{len(closed) - 3} more targets could not be {what}")
    unasked = [row for row in rows if row.verdict is Verdict.ERROR]
    unasked = [row for row in unasked if row.at not in closed]
    if unasked:
        hit, causes = {row.at for row in unasked}, {row.reason: row.message for row in unasked}
        where = "" if len(targets) == 1 else f" at {plural(len(hit), 'target')}"
        why = f": {unasked[0].message}" if len(causes) == 1 else ""
        reasons.append(f"{plural(len(unasked), 'requirement')} could not be asked{where}{why}")
    return "; ".join(reasons) or None


def _exchange(exchange: Exchange, credential: Credential, *, whole: bool) -> ExchangeResult:
    last, timed = exchange.last, Unseen.ARRIVALS not in exchange.unseen
    prompt, completion = contract_of(exchange).stated(last.body) if last.status == 200 else (None, None)
    return ExchangeResult(
        id=exchange.id,
        provider=exchange.provider,
        contract=exchange.contract,
        model=exchange.model,
        probe=line(exchange.probe, 200),
        request=_request(exchange.request, credential, REQUEST_BODY if whole else BEGINNING),
        status=last.status,
        latency=None if Unseen.DURATION in exchange.unseen else _seconds(last),
        first_byte=round(last.chunks[0][0], 3) if last.chunks and timed else None,
        attempts=sum(_was_sent(attempt) for attempt in exchange.attempts),
        earlier=tuple(
            EarlierAttempt(one.status, _seconds(one), one.failure.kind if one.failure else None)
            for one in exchange.attempts[:-1]
        ),
        failure=Failure(last.failure.kind, line(last.failure.message, MESSAGE)) if last.failure else None,
        response=_response(last, contract_of(exchange).tells, BODY if whole else BEGINNING, timed=timed),
        prompt_tokens=prompt,
        completion_tokens=completion,
        adapted=tuple(line(words, 200) for words in exchange.adapted),
    )


def _was_sent(attempt: Attempt) -> bool:
    return attempt.failure is None or attempt.failure.kind != "not-asked"


def _seconds(attempt: Attempt) -> float:
    """Until the last byte. A connection that stays open afterwards is another matter."""
    return round(attempt.chunks[-1][0] if attempt.chunks else attempt.ended, 3)


def _request(request: Request, credential: Credential, most: int) -> RequestResult:
    body = request.body.encode("utf-8", "surrogatepass")
    return RequestResult(
        method=request.method,
        url=request.url,
        headers=_headers(request.headers),
        body=request.body if len(body) <= most else excerpt(body, most),
        length=len(body),
        credential=credential.value,
    )


def _response(attempt: Attempt, tells: Callable[[str], bool], most: int, *, timed: bool) -> ResponseResult:
    body = attempt.body
    streamed = "text/event-stream" in (attempt.header("content-type") or "").lower()
    half = most // 2
    return ResponseResult(
        headers=_headers(attempt.headers),
        body=excerpt(body, half, half) if streamed else excerpt(body, most),
        length=len(body),
        events=_events(body) if streamed else None,
        arrivals=arrivals(attempt, tells) if streamed and timed else (),
    )


def _events(body: bytes) -> int:
    blocks = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n\n")
    return sum(block.startswith(b"data") or b"\ndata" in block for block in blocks)


def _headers(headers: Iterable[tuple[str, str]]) -> Headers:
    """The headers that may be shown, bounded. A cookie is the value of a session, and nobody's business."""
    kept = [(line(name, 100), value) for name, value in headers]
    kept = [(name, value) for name, value in kept if name.lower() not in _SECRET]
    shown = [
        (name, "[not kept]" if name.lower() in _HIDDEN else line(value, _HEADER))
        for name, value in kept[:_HEADERS]
    ]
    if len(kept) > _HEADERS:
        shown.append(("…", visible(f"{len(kept) - _HEADERS} more headers")))
    return tuple(shown)
