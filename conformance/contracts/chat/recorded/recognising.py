"""What a recorded request was about, and whether the recording has the whole of its answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from conformance.wire import sse
from conformance.wire.record import Attempt

_EVENT = re.compile(rb"(?m)^(?:data|event|id|retry)?:")


def exercised(members: Mapping[str, Any]) -> set[str]:
    """The documented parameters and features that a request makes use of, by the names that claims have."""
    found = set(map(str, members)) - {"model", "messages"}
    turns = members.get("messages")
    for turn in turns if isinstance(turns, list) else ():
        if not isinstance(turn, dict):
            continue
        role, content = turn.get("role"), turn.get("content")
        if role in ("system", "developer", "tool"):
            found.add(f"{role}-role")
        if role == "assistant":
            found.add("multi-turn")
        kinds = (
            {part.get("type") for part in content if isinstance(part, dict)}
            if isinstance(content, list)
            else ()
        )
        found |= {name for kind, name in (("text", "text-parts"), ("image_url", "vision")) if kind in kinds}
    kind = members.get("response_format")
    kind = kind.get("type") if isinstance(kind, dict) else None
    found |= {
        name for of, name in (("json_object", "json-mode"), ("json_schema", "json-schema")) if of == kind
    }
    return found


def interrupted(attempt: Attempt) -> bool:
    """Whether it is a stream of an answer without a finish_reason, and without an error."""
    label = (attempt.header("content-type") or "").lower()
    if not attempt.succeeded or attempt.failure is not None or not label.startswith("text/event-stream"):
        return False
    return b'"delta"' in attempt.body and not _is_ended(attempt.body)


def _is_ended(body: bytes) -> bool:
    return b'"finish_reason":"' in re.sub(rb"\s+", b"", body) or b'"error"' in body


_NO_JSON = re.compile(rb"data: ?[^\s{\[][^\n]*\Z")
"""A stream of one event, which is a text."""


def cut_short(body: bytes, members: Mapping[str, Any], status: int) -> str:
    """How it shows that the recording ends before the answer does: the recorder's doing, or the client's."""
    if not 200 <= status < 300:
        return ""
    text = body.strip()
    if text.startswith(b"{") and not text.endswith(b"}"):
        return "the recording ends within the answer"
    if members.get("stream") is not True or text.startswith(b"{"):
        return ""
    if not text:
        return "of the stream nothing was recorded"
    if not _EVENT.search(body) or _NO_JSON.match(text):
        return ""  # no stream at all, or nothing but a text in it, which is judged
    if not _is_ended(body) and "done-missing" in sse.read([(0.0, body)]).counts:
        return "the recording ends before the stream does"
    return ""
