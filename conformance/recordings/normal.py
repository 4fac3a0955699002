"""From what stood in a file to an exchange that can be judged: recognised, decoded, and without keys."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from conformance.contracts import asked_at
from conformance.recordings import keys
from conformance.recordings.address import address
from conformance.recordings.coding import MAX_BODY, UndecodableError, decoded
from conformance.recordings.doubtful import doubts, is_native_list
from conformance.recordings.entry import Entry, Other, Unreadable, json_value
from conformance.wire.record import NO_MODEL, Attempt, Exchange, Request, Unseen, http_date

_MODELS = re.compile(r"(?P<prefix>.*)/models(?:/(?P<model>[^/]+(?:/[^/]+)?))?")
_DEPLOYMENT = re.compile(r"(?P<prefix>.*)/deployments/(?P<name>[^/]+)")
_AZURE = (".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com")
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Recorded:
    """An exchange, and what tells where it belongs.

    `base` is the URL before the endpoint; `contract` is the one that it was asked by, empty for
    a question about models, which belongs to all of them.
    `digest` is the same for two records of one exchange.
    """

    exchange: Exchange
    base: str
    contract: str
    digest: bytes


def recorded(entry: Entry) -> Recorded | Unreadable | Other:
    """The exchange that an entry records, if it is one with the endpoints that are judged."""
    found = address(entry.url)
    if found is None:
        return Unreadable(entry.place, "its URL cannot be read")
    host, url = found
    path = url.path.rstrip("/")
    method = entry.method.upper()
    contract = asked_at(path) if method == "POST" else None
    models = None if contract or method != "GET" else _MODELS.fullmatch(path)
    if not host or not (contract or models):
        return Other()
    prefix = path.removesuffix(contract.endpoint) if contract else models["prefix"] if models else ""
    deployment = _DEPLOYMENT.fullmatch(prefix)
    base = host + (deployment["prefix"] if deployment else prefix)
    why = _missing(entry, needs_request=contract is not None)
    if why:
        return Unreadable(entry.place, why)
    secrets = keys.redactor(entry, url.path, url.query, url.netloc.rpartition("@")[0])
    error = (entry.status or 0) >= 400
    try:
        body = decoded(entry.body or b"", entry.header("content-encoding"))
    except UndecodableError as reason:
        return Unreadable(entry.place, str(reason))
    body = keys.without_keys(secrets.chunks(((0.0, body),))[0][1], error=error)
    sent = keys.without_keys(secrets.chunks(((0.0, entry.request_body or b""),))[0][1])
    members = _members(sent)
    if contract and members is None and not error:
        return Unreadable(entry.place, "the request's body is not the JSON that was answered")
    doubtful = set(doubts(entry, body, answers=contract is not None))
    lost = Unseen.BODY in doubtful
    cut = contract.cut_off(body, members or {}, entry.status or 0) if contract and not lost else ""
    if cut:
        return Unreadable(entry.place, cut)
    asked = (members or {}).get("model")
    model = unquote(deployment["name"]) if deployment else asked if isinstance(asked, str) else None
    if models and is_native_list(entry, _value(body)):
        return Other()
    unseen = set(entry.unseen) | doubtful
    if deployment or host.endswith(_AZURE):
        unseen.add(Unseen.MODEL)

    def clean(text: str) -> str:
        return keys.without_keys(secrets.text(text).encode("utf-8", "replace")).decode()

    attempt = _attempt(entry, body, clean)
    told = f"{entry.url}\n{entry.status}\n{entry.header('date')}\n".encode("utf-8", "replace")
    digest = hashlib.sha256(b"\0".join((told, sent, body))).digest()
    exchange = Exchange(
        id="",
        provider="",
        model=clean(model)[:_LONGEST] if model else NO_MODEL,
        probe=entry.place,
        key=digest.hex()[:32],
        request=Request(
            method,
            clean(host + path),
            keys.kept_of_request(entry.request_headers),
            sent.decode("utf-8", "replace"),
        ),
        attempts=(attempt,),
        claims=tuple(sorted(contract.exercised(members or {}))) if contract else (),
        contract=contract.name if contract else "",
        unseen=tuple(sorted(unseen)),
    )
    return Recorded(exchange, clean(base), exchange.contract, digest)


def _missing(entry: Entry, *, needs_request: bool) -> str:
    """What of the exchange was not recorded, without which nothing can be judged."""
    if entry.status is None:
        return f"the request got no response{f' ({entry.lost})' if entry.lost else ''}"
    if entry.body is None:
        return "the body of the response was not kept"
    if len(entry.body) > MAX_BODY:
        return f"a body of more than {MAX_BODY // 2**20} MiB"
    if entry.lost:
        return f"the body of the response is not whole: {entry.lost}"
    if needs_request and entry.request_body is None:
        return "the body of the request was not kept"
    return ""


def _members(body: bytes) -> Mapping[str, Any] | None:
    value = _value(body)
    return value if isinstance(value, dict) else None


def _value(body: bytes) -> Any:
    """The JSON value of a body; None where it is none."""
    try:
        return json_value(body)
    except (ValueError, RecursionError):
        return None


def _attempt(entry: Entry, body: bytes, clean: Callable[[str], str]) -> Attempt:
    headers = tuple((name, clean(value)) for name, value in keys.kept_of_response(entry.headers))
    seconds = entry.seconds or 0.0
    return Attempt(
        started=entry.started if entry.started is not None else _seconds(entry.header("date")),
        ended=seconds,
        status=entry.status,
        http_version=entry.http_version,
        headers=headers,
        chunks=((seconds, body),) if body else (),
    )


def _seconds(date: str) -> float:
    """An HTTP-date as seconds since the epoch; 0 where it is none, or before."""
    time = http_date(date)
    return 0.0 if time is None else max(0.0, time.timestamp())
