"""results.json: the versioned file that every report is made from, and its reader and writer."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from conformance.exchange.record import Failure
from conformance.provider.model import Document, Quote
from conformance.report.file import FORMAT, parsed, refuse
from conformance.report.promises import Promise, PromiseStatus
from conformance.source import Source
from conformance.verdict import Level, Verdict

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
    """What a target was judged against; `documents` are those that its promises are quoted from."""

    profile: str
    title: str
    url: str
    documents: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds to the last byte, and to the first one, over all answers with status 200."""

    median: float
    p95: float
    first_byte_median: float | None


@dataclass(frozen=True, slots=True)
class TargetResult:
    """What one target was asked and what came of it. `cost` is in US dollars, None without a price.

    `traits` says in which ways requests were adapted to the model.
    """

    provider: str
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


@dataclass(frozen=True, slots=True)
class Known:
    """An entry under `expected` in providers.yaml: a failure that is known. `until` is an ISO date."""

    because: str
    link: str
    until: str | None


@dataclass(frozen=True, slots=True)
class JudgementResult:
    """The verdict on one requirement at one target; see `conformance.verdict.Judgement`.

    `level_because` is why the level is what it is at this target; `stale` why a known failure may no longer
    be called one.
    """

    provider: str
    model: str
    requirement: str
    level: Level
    level_because: str
    verdict: Verdict
    message: str
    detail: str
    see: str | None
    sources: tuple[Source, ...]
    exchanges: tuple[str, ...]
    offending: tuple[str, ...]
    expected: Known | None
    stale: str | None


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

    `events` is the number of server-sent events, None where the answer is no stream.
    """

    headers: Headers
    body: str
    length: int
    events: int | None


@dataclass(frozen=True, slots=True)
class EarlierAttempt:
    """An attempt that was followed by another one. `failure` is the kind of failure, if any."""

    status: int | None
    latency: float
    failure: str | None


@dataclass(frozen=True, slots=True)
class ExchangeResult:
    """The summary of one exchange. Times are seconds; the whole is in the journal.

    `adapted` says how the request differs from the probe, to suit the model.
    """

    id: str
    provider: str
    model: str
    probe: str
    request: RequestResult
    status: int | None
    latency: float
    first_byte: float | None
    attempts: int
    earlier: tuple[EarlierAttempt, ...]
    failure: Failure | None
    response: ResponseResult
    prompt_tokens: int | None
    completion_tokens: int | None
    adapted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Results:
    """A whole run. A judgement's identity is (provider, model, requirement)."""

    suite: Suite
    started: datetime
    finished: datetime
    incomplete_because: str | None
    targets: tuple[TargetResult, ...]
    judgements: tuple[JudgementResult, ...]
    exchanges: Mapping[str, ExchangeResult]

    @property
    def complete(self) -> bool:
        """Whether everything that was selected could be asked."""
        return self.incomplete_because is None


def to_json(results: Results) -> dict[str, Any]:
    """The results as the plain values that results.json consists of."""
    requirements = {entry.id: _plain(entry) for entry in results.suite.requirements}
    exchanges = {key: _plain(exchange) for key, exchange in results.exchanges.items()}
    for row in (*requirements.values(), *exchanges.values()):
        del row["id"]
    return {
        "format": FORMAT,
        "suite": {
            "version": results.suite.version,
            "catalogue": results.suite.catalogue,
            "requirements": requirements,
        },
        "started": _plain(results.started),
        "finished": _plain(results.finished),
        "complete": results.complete,
        "incomplete_because": results.incomplete_because,
        "targets": _plain(results.targets),
        "judgements": _plain(results.judgements),
        "exchanges": exchanges,
    }


def write(results: Results, path: Path) -> None:
    """Writes results.json; a reader sees the old file or the whole new one."""
    text = json.dumps(to_json(results), ensure_ascii=False, indent=1) + "\n"
    part = path.with_name(path.name + ".part")
    # A lone surrogate has no UTF-8 form; written as \udXXX it is valid JSON.
    part.write_bytes(text.encode("utf-8", "backslashreplace"))
    os.replace(part, path)


def read(path: Path) -> Results:
    """Reads results.json. Raises ResultsError where it is missing, cut off, of another format, or edited."""
    value = parsed(path)
    error = min(_validator().iter_errors(value), key=lambda error: list(map(str, error.path)), default=None)
    if error is not None:
        refuse(path, _place(error.absolute_path), error.message)
    try:
        results = _results(value)
    except ValueError as error:
        refuse(path, "started or finished", f"is no time ({error})")
    _check(path, results)
    return results


def counts(judgements: Iterable[JudgementResult]) -> Counts:
    """How often each verdict was given at each level, worst first, without those that were not given."""
    seen = Counter((judgement.level, judgement.verdict) for judgement in judgements)
    return {
        level: {verdict: seen[level, verdict] for verdict in Verdict if seen[level, verdict]}
        for level in Level
    }


@cache
def schema() -> Any:
    """The JSON Schema of results.json."""
    text = resources.files("conformance").joinpath("schemas/results.schema.json").read_text("utf-8")
    return json.loads(text)


@cache
def _validator() -> Any:
    import jsonschema

    return jsonschema.Draft202012Validator(schema())


def _place(path: Iterable[str | int]) -> str:
    """A path into the file, such as `judgements[3].level`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part[:60]}" for part in path)
    return text.lstrip(".") or "the top level"


def _check(path: Path, results: Results) -> None:
    """Refuses what the schema cannot see: names that lead nowhere, and counts that do not add up."""
    requirements = {entry.id for entry in results.suite.requirements}
    rows: dict[tuple[str, str], list[JudgementResult]] = {(t.provider, t.model): [] for t in results.targets}
    seen: set[tuple[str, str, str]] = set()
    for number, row in enumerate(results.judgements):
        place = f"judgements[{number}]"
        if row.requirement not in requirements:
            refuse(path, place, f"judges {row.requirement!r}, which suite.requirements does not have")
        if (row.provider, row.model) not in rows:
            refuse(path, place, f"is about {row.provider!r} and {row.model!r}, which targets does not have")
        identity = (row.provider, row.model, row.requirement)
        if identity in seen:
            refuse(path, place, f"judges {row.requirement!r} a second time")
        seen.add(identity)
        rows[row.provider, row.model].append(row)
    for number, target in enumerate(results.targets):
        if counts(rows[target.provider, target.model]) != target.counts:
            refuse(path, f"targets[{number}].counts", "does not agree with the judgements")


def _plain(value: Any) -> Any:
    """Dataclasses as objects, tuples as arrays, enumerations as text, times as ISO 8601 in UTC."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value) if isinstance(value, StrEnum) else value


def _results(value: Any) -> Results:
    suite = value["suite"]
    requirements = tuple(
        CatalogueEntry(
            **{**entry, "id": key, "level": Level(entry["level"]), "sources": _sources(entry["sources"])}
        )
        for key, entry in suite["requirements"].items()
    )
    return Results(
        suite=Suite(suite["version"], suite["catalogue"], requirements),
        started=datetime.fromisoformat(value["started"]),
        finished=datetime.fromisoformat(value["finished"]),
        incomplete_because=value["incomplete_because"],
        targets=tuple(map(_target, value["targets"])),
        judgements=tuple(map(_judgement, value["judgements"])),
        exchanges={key: _exchange(key, exchange) for key, exchange in value["exchanges"].items()},
    )


def _sources(value: Any) -> tuple[Source, ...]:
    return tuple(Source(**source) for source in value)


def _target(value: Any) -> TargetResult:
    latency = value["latency"]
    given = {
        Level(level): {Verdict(verdict): count for verdict, count in verdicts.items()}
        for level, verdicts in value["counts"].items()
    }
    return TargetResult(
        **{
            **value,
            "claims": _claims(value["claims"]),
            "counts": given,
            "latency": latency and Latency(**latency),
            "promises": tuple(map(_promise, value["promises"])),
            "traits": tuple(value["traits"]),
        }
    )


def _claims(value: Any) -> ClaimsReference:
    return ClaimsReference(**{**value, "documents": tuple(Document(**one) for one in value["documents"])})


def _promise(value: Any) -> Promise:
    return Promise(
        **{
            **value,
            "quotes": tuple(Quote(**quote) for quote in value["quotes"]),
            "status": PromiseStatus(value["status"]),
            "requirements": tuple(value["requirements"]),
            "inferred": tuple(value["inferred"]),
        }
    )


def _judgement(value: Any) -> JudgementResult:
    return JudgementResult(
        **{
            **value,
            "level": Level(value["level"]),
            "verdict": Verdict(value["verdict"]),
            "sources": _sources(value["sources"]),
            "exchanges": tuple(value["exchanges"]),
            "offending": tuple(value["offending"]),
            "expected": value["expected"] and Known(**value["expected"]),
        }
    )


def _exchange(key: str, value: Any) -> ExchangeResult:
    request, response = value["request"], value["response"]
    return ExchangeResult(
        **{
            **value,
            "id": key,
            "request": RequestResult(**{**request, "headers": _headers(request["headers"])}),
            "response": ResponseResult(**{**response, "headers": _headers(response["headers"])}),
            "earlier": tuple(EarlierAttempt(**attempt) for attempt in value["earlier"]),
            "failure": value["failure"] and Failure(**value["failure"]),
            "adapted": tuple(value["adapted"]),
        }
    )


def _headers(value: Any) -> Headers:
    return tuple((name, text) for name, text in value)
