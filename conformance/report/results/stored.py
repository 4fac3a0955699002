"""The results of a run in results.json: written whole, read with suspicion."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conformance.asking.plan import Tier
from conformance.judging.source import Source
from conformance.judging.verdict import Finding, Verdict
from conformance.provider.level import Level
from conformance.provider.model import Document, Quote
from conformance.report.file import FORMAT, FORMER, parsed, refuse
from conformance.report.results.former import raised
from conformance.report.results.marks import Mark
from conformance.report.results.promises import Promise, PromiseStatus
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
    Stated,
    Suite,
    TargetResult,
    counts,
)
from conformance.report.text import MESSAGE, line
from conformance.wire import files
from conformance.wire.message import Message
from conformance.wire.message import from_json as message_from_json
from conformance.wire.message import to_json as message_to_json
from conformance.wire.place import Place
from conformance.wire.record import Failure, TargetId
from conformance.wire.shape import Shape

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_ADDRESS = "results.schema.json"


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
        **({"recorded": True} if results.recorded else {}),
        **({"tier": results.tier} if results.tier is not Tier.FULL else {}),
        "targets": _plain(results.targets),
        "judgements": _plain(results.judgements),
        "exchanges": exchanges,
    }


def write(results: Results, path: Path) -> None:
    """Writes results.json, as a whole."""
    files.replace(path, encoded(results))


def encoded(results: Results) -> bytes:
    """The bytes of results.json: a line for each requirement, target, judgement and exchange."""
    members = (f'"{name}": {_spread(one, 1 + (name == "suite"))}' for name, one in to_json(results).items())
    text = "{\n" + ",\n".join(members) + "\n}\n"
    # A lone surrogate has no UTF-8 form; written as \udXXX it is valid JSON.
    return text.encode("utf-8", "backslashreplace")


def _spread(value: Any, levels: int) -> str:
    """The value as JSON, with a line for each member of so many levels."""
    if not levels or not value or not isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return "[\n" + ",\n".join(_spread(one, levels - 1) for one in value) + "\n]"
    named = (
        f"{json.dumps(name, ensure_ascii=False)}: {_spread(one, levels - 1)}" for name, one in value.items()
    )
    return "{\n" + ",\n".join(named) + "\n}"


def read(path: Path) -> Results:
    """Reads results.json. Raises ResultsError where it is missing, cut off, of another format, or edited."""
    value = parsed(path)
    if value["format"] == FORMER:
        value = raised(value)
    error = min(_departures(value), key=lambda error: list(map(str, error.path)), default=None)
    if error is not None:
        refuse(path, _place(error.absolute_path), error.message)
    try:
        results = _results(value)
    except ValueError as error:
        refuse(path, "started or finished", f"is no time ({error})")
    _check(path, results)
    return results


@cache
def schema() -> Any:
    """The JSON Schema of results.json."""
    text = resources.files("conformance").joinpath("schemas/results.schema.json").read_text("utf-8")
    return json.loads(text)


@cache
def _shape() -> Shape:
    return Shape({_ADDRESS: schema()}, _ADDRESS)


def _departures(value: Any) -> Iterator[ValidationError]:
    """Where the value departs from the schema."""
    if _shape().fits(value):
        return
    from jsonschema import Draft202012Validator

    yield from Draft202012Validator(schema()).iter_errors(value)


def _place(path: Iterable[str | int]) -> str:
    """A path into the file, such as `judgements[3].level`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part[:60]}" for part in path)
    return text.lstrip(".") or "the top level"


def _check(path: Path, results: Results) -> None:
    """Refuses what the schema cannot see: names that lead nowhere, and counts that do not add up."""
    requirements = {entry.id for entry in results.suite.requirements}
    rows: dict[TargetId, list[JudgementResult]] = {t.at: [] for t in results.targets}
    seen: set[tuple[TargetId, str]] = set()
    for number, row in enumerate(results.judgements):
        place = f"judgements[{number}]"
        if row.requirement not in requirements:
            refuse(path, place, f"judges {row.requirement!r}, which suite.requirements does not have")
        if row.at not in rows:
            refuse(path, place, f"is about {row.provider!r} and {row.model!r}, which targets does not have")
        identity = (row.at, row.requirement)
        if identity in seen:
            refuse(path, place, f"judges {row.requirement!r} a second time")
        seen.add(identity)
        rows[row.at].append(row)
    for number, target in enumerate(results.targets):
        if counts(rows[target.at]) != target.counts:
            refuse(path, f"targets[{number}].counts", "does not agree with the judgements")


def _plain(value: Any) -> Any:
    """Dataclasses as objects, tuples as arrays, enumerations as text, times as ISO 8601 in UTC."""
    if value is None or type(value) in (str, int, float, bool):
        return value
    if isinstance(value, Message):
        return message_to_json(value)
    if isinstance(value, Finding):
        said = line(str(value.message), MESSAGE)
        return {"message": said, "reason": _plain(value.message), "places": _plain(value.places)}
    if isinstance(value, Place):
        known = {name: getattr(value, name) for name in _names(Place)}
        return {name: one for name, one in known.items() if one is not None and one != ""}
    if is_dataclass(value):
        kind: Any = type(value)
        return {name: _plain(getattr(value, name)) for name in _names(kind)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(value) if isinstance(value, StrEnum) else value


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


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
        recorded=value.get("recorded", False),
        tier=Tier(value.get("tier", Tier.FULL)),
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
            "proxies": tuple(value.get("proxies", ())),
            "stated": Stated(**value["stated"]) if value.get("stated") else None,
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
            "reason": message_from_json(value["reason"]),
            "findings": tuple(map(_finding, value["findings"])),
            "offending": tuple(value["offending"]),
            "expected": value["expected"] and Known(**value["expected"]),
            "marks": tuple(Mark(**one) for one in value.get("marks", ())),
        }
    )


def _finding(value: Any) -> Finding:
    return Finding(message_from_json(value["reason"]), tuple(Place(**place) for place in value["places"]))


def _exchange(key: str, value: Any) -> ExchangeResult:
    request, response = value["request"], value["response"]
    return ExchangeResult(
        **{
            **value,
            "id": key,
            "request": RequestResult(**{**request, "headers": _headers(request["headers"])}),
            "response": _response(response),
            "earlier": tuple(EarlierAttempt(**attempt) for attempt in value["earlier"]),
            "failure": value["failure"] and Failure(**value["failure"]),
            "adapted": tuple(value["adapted"]),
        }
    )


def _response(value: Any) -> ResponseResult:
    arrivals = tuple((seconds, size, events) for seconds, size, events in value.get("arrivals", ()))
    return ResponseResult(**{**value, "headers": _headers(value["headers"]), "arrivals": arrivals})


def _headers(value: Any) -> Headers:
    return tuple((name, text) for name, text in value)
