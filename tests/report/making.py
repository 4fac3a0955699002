"""Makes the values that a run consists of: targets, requests, and what came back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from conformance.contracts.chat.sources import OPENAI
from conformance.judging.source import Source
from conformance.judging.verdict import Finding, Judgement, Verdict
from conformance.provider.level import Level
from conformance.provider.model import (
    Claim,
    Claims,
    Document,
    Expected,
    LevelOverride,
    Price,
    Provider,
    Quote,
    Sentence,
    Target,
)
from conformance.report.results.results import CatalogueEntry
from conformance.wire.message import Message
from conformance.wire.place import Place
from conformance.wire.record import Attempt, Exchange, Failure, Request

STARTED = datetime(2026, 11, 20, 10, 38, 12, tzinfo=UTC)


def entry(
    id: str,
    level: Level,
    statement: str,
    claim: str | None = None,
    sources: tuple[Source, ...] = (OPENAI.completion,),
    impact: str = "",
) -> CatalogueEntry:
    """A row of the catalogue."""
    area, _, rest = id.partition(".")
    test = f"conformance/contracts/chat/cases/test_{area}.py::test_{rest.replace('-', '_')}"
    return CatalogueEntry(id, area, level, statement, claim, sources, test, impact)


SENTENCES = (
    Sentence(
        "ACM-01",
        "request-param",
        (Quote("en", 12, "The stop sequence is not returned"), Quote("zh", 12, "不返回停止序列")),
        decided_by=("stop.string-stops", "stop.not-in-output"),
    ),
    Sentence(
        "ACM-02",
        "streaming",
        (Quote("en", 20, "stream\nboolean"), Quote("zh", 20, "stream\n布尔值")),
        decided_by=("stream.content-type",),
        inferred=("stream.done-once-and-last",),
        note="the end of a stream is not documented",
    ),
    Sentence("ACM-03", "request-param", (Quote("zh", 31, "多个回答"),), decided_by=("choices.n-answers",)),
    Sentence("ACM-04", "request-param", (Quote("en", 40, "seed"),), decided_by=("sampling.seed-repeats",)),
    Sentence("ACM-05", "doc", (Quote("en", 50, "See the guide"),), undecidable="about the documents"),
)
"""Of the flawed target one is broken, one kept, and three are not decidable, each for another reason."""


def claims(profile: str = "acme", title: str = "Acme Cloud, Chat Completions") -> Claims:
    """What the documents of the sample's vendor promise."""
    documented = {name: Claim(supported=True) for name in ("stream", "stop", "temperature", "max_tokens")}
    return Claims(
        profile,
        title,
        f"https://docs.{profile}.example/chat",
        {**documented, "vision": Claim(supported=False)},
        {
            "stop.fifth-not-dropped-silently": LevelOverride(
                Level.SHOULD, "The page names the maximum of four."
            )
        },
        pages=(
            Document("en", f"{title} (English)", f"https://docs.{profile}.example/en/chat"),
            Document("zh", f"{title} (Chinese)", f"https://docs.{profile}.example/zh/chat"),
        ),
        sentences=SENTENCES,
    )


def target(
    name: str = "acme", model: str = "acme-large-2026", expected: tuple[Expected, ...] = (), **fields: str
) -> Target:
    """A target whose provider has this one model."""
    provider = Provider(
        name=name,
        base_url=fields.get("base_url", f"https://api.{name}.example/v1"),
        models=(model,),
        claims=claims(name, f"{name.capitalize()} Cloud, Chat Completions"),
        key_variable=f"{name.upper()}_API_KEY",
        price=Price(3.0, 15.0),
        expected=expected,
    )
    return Target(provider, model)


def answer(text: str, prompt: int, completion: int, total: int | None = None, finish: str = "stop") -> bytes:
    """The body of a chat completion."""
    value = {
        "id": "chatcmpl-9sVwLkZ2",
        "object": "chat.completion",
        "created": 1795171093,
        "model": "acme-large-2026",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": completion,
            "total_tokens": prompt + completion if total is None else total,
        },
    }
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def stream(words: Sequence[str], done: bool = True) -> bytes:
    """The body of a streamed chat completion."""
    events = []
    for word in words:
        chunk = {
            "id": "chatcmpl-9sVwLkZ3",
            "object": "chat.completion.chunk",
            "created": 1795171094,
            "model": "acme-large-2026",
            "choices": [{"index": 0, "delta": {"content": f"{word} "}, "finish_reason": None}],
        }
        events.append(f"data: {json.dumps(chunk, separators=(',', ':'))}\n\n")
    return ("".join(events) + ("data: [DONE]\n\n" if done else "")).encode()


def exchange(
    id: str,
    probe: str,
    body: Mapping[str, object],
    answered: bytes,
    status: int | None = 200,
    content_type: str = "application/json",
    latency: float = 0.8,
    failure: Failure | None = None,
    earlier: tuple[Attempt, ...] = (),
    at: Target | None = None,
) -> Exchange:
    """An exchange with a chat-completions endpoint."""
    where = at or target()
    sent = json.dumps({"model": where.model, **body}, ensure_ascii=False, separators=(",", ":"))
    headers = (
        ("date", "Fri, 20 Nov 2026 10:38:13 GMT"),
        ("content-type", content_type),
        ("server", "envoy"),
        ("x-request-id", f"req_{id}"),
        ("set-cookie", "session=4711; HttpOnly"),
    )
    half = len(answered) // 2
    chunks = ((latency / 2, answered[:half]), (latency, answered[half:])) if answered else ()
    attempt = Attempt(
        STARTED.timestamp() + 1,
        latency,
        status,
        "HTTP/2" if status else "",
        headers if status else (),
        chunks,
        failure,
    )
    request = Request(
        "POST",
        f"{where.provider.base_url}/chat/completions",
        (
            ("Accept", "application/json"),
            ("User-Agent", "OpenAI/Python 3.51.0"),
            ("Accept-Encoding", "gzip"),
            ("Content-Type", "application/json"),
        ),
        sent,
    )
    return Exchange(id, where.provider.name, where.model, probe, probe, request, (*earlier, attempt))


def judged(
    requirement: str,
    level: Level,
    verdict: Verdict,
    message: str = "",
    at: tuple[str | Place, ...] = (),
    consulted: tuple[str, ...] = (),
    *,
    said: str = "",
    see: str | None = None,
) -> Judgement:
    """A judgement with one finding at these places; `said`: in other words than the judgement."""
    places = tuple(Place(one) if isinstance(one, str) else one for one in at)
    finding = Finding(Message(said or message), places)
    return Judgement(
        requirement=requirement,
        level=level,
        verdict=verdict,
        reason=Message(message),
        findings=(finding,) if at else (),
        offending=finding.exchanges,
        consulted=consulted,
        see=see,
    )


def user(text: str, **parameters: object) -> dict[str, object]:
    """A request body with one user message."""
    return {"messages": [{"role": "user", "content": text}], **parameters}
