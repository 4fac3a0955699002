"""Judges recordings in tests: verdicts by requirement."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.judging.catalogue import catalogue
from conformance.judging.judge import Judge
from conformance.judging.verdict import Judgement, Verdict
from conformance.provider.claims import profile
from conformance.provider.model import Target
from conformance.recordings.collecting import Collection
from conformance.recordings.found import Found

DATA = Path(__file__).parent / "data"

BAD = (Verdict.FAIL, Verdict.WARN, Verdict.ERROR)


def judgements(collection: Collection) -> dict[Target, Mapping[str, Judgement]]:
    """Every judgement on what was collected, by target and requirement."""
    cases, claims = catalogue(), profile("openai")
    found: dict[Target, Mapping[str, Judgement]] = {}
    for target, exchanges in collection.targets({"chat": claims}, {"chat": list(cases.values())}):
        judge = Judge(claims, Found.of(exchanges), cases)
        found[target] = {name: judge.judge(case) for name, case in cases.items()}
    return found


def judged(path: Path) -> Mapping[str, Judgement]:
    """Every judgement on the only target of a recording."""
    collection = Collection()
    collection.add(path)
    (found,) = judgements(collection).values()
    return found


def having(found: Mapping[str, Judgement], *verdicts: Verdict) -> set[str]:
    """The requirements with one of these verdicts."""
    return {name for name, one in found.items() if one.verdict in verdicts}


def pair(request: Mapping[str, Any] | None, body: Any, status: int = 200, **members: Any) -> dict[str, Any]:
    """A pair of a JSONL recording; `body` is JSON, or a text."""
    text = body if isinstance(body, str) else json.dumps(body)
    headers = {"content-type": "application/json", "date": "Tue, 14 Nov 2023 22:13:21 GMT"}
    url = "https://api.example/v1/chat/completions"
    return {"url": url, "request": request, "status": status, "headers": headers, "body": text} | members


def pairs(folder: Path, *lines: Mapping[str, Any]) -> Path:
    """A JSONL recording."""
    path = folder / "pairs.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def asked(**members: Any) -> dict[str, Any]:
    """A request."""
    return {"model": "m-1", "messages": [{"role": "user", "content": "Hi"}], **members}


def answer(text: str | None = "Hello", *, id: str = "chatcmpl-1", **message: Any) -> dict[str, Any]:
    """An answer without a fault."""
    return {
        "id": id,
        "object": "chat.completion",
        "created": 1700000000,
        "model": "m-1",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text, "refusal": None, **message},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 8, "completion_tokens": 2, "total_tokens": 10},
    }
