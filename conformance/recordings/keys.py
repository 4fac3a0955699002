"""Keeps keys out: what recorders wrote down of them goes no further than this."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote

from conformance.asking.request import WRONG_KEY
from conformance.recordings.entry import Headers
from conformance.wire.redact import MARK, Redactor

_SENT = ("accept", "content-type", "user-agent", "openai-beta")
"""Headers of a request that are kept."""

_RECEIVED = re.compile(
    r"(?:content|access-control|x-ratelimit|openai)-[a-z-]+|.*(?:request|correlation)-?id|.*trace.*"
    r"|transfer-encoding|date|server|via|vary|age|allow|cache-control|retry-after(?:-ms)?"
    r"|www-authenticate|strict-transport-security|alt-svc|cf-(?:ray|mitigated|cache-status)|connection"
    r"|x-(?:envoy|ms|content-type|should-retry|served-by|powered-by)[a-z-]*|apim-request-id|azureml-.*"
)
"""Headers of a response that are kept; any other may be the value of a session."""

_PRIVATE = frozenset({"openai-organization", "openai-project"})
_CREDENTIAL = re.compile(
    r"auth|key|token|secret|cookie|password|session|signature|\bsig\b|\bcode\b", re.IGNORECASE
)
_HARMLESS = frozenset({"x-goog-api-client", "authority", ":authority"})

_PLACEHOLDER = re.compile(
    r"(?i)redact|filter|dummy|fake|mock|test|example|placeholder|your|scrub|secret|hidden|removed|sanit|"
    r"api[-_ ]?key|<.*>|\[.*\]|\{.*\}|\*{3}|x{4}|none|null|token|foo|bar\b|(.)\1{5}"
)
"""What recorders and tests put in the place of a key."""

_SHORTEST, _NO_WORD, _LONG = 8, 12, 40
"""Characters that a key has at least, that few words have, and that nothing has that stands for a key."""

_SHAPES = re.compile(
    rb"\bsk-(?!invalid-conformance-)[A-Za-z0-9_-]{16,}|\b(?:gsk_|xai-|hf_|ghp_|github_pat_|r8_|pplx-|fw_|nvapi-)[A-Za-z0-9_-]{20,}"
    rb"|\bAIza[A-Za-z0-9_-]{35}\b|\bAKIA[A-Z0-9]{16}\b"
    rb"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"
)
"""What keys in wide use look like, wherever they stand: in a prompt, or in an answer."""

_REMOVED = b"[REMOVED: LOOKS LIKE A KEY]"


def kept_of_request(headers: Headers) -> Headers:
    """The headers of a request that may be shown."""
    return tuple(pair for pair in headers if pair[0].lower() in _SENT)


def kept_of_response(headers: Headers) -> Headers:
    """The headers of a response that may be shown."""
    return tuple(
        (name, value)
        for name, value in headers
        if _RECEIVED.fullmatch(name.lower()) and name.lower() not in _PRIVATE
    )


def redactor(query: str, userinfo: str, headers: Headers) -> Redactor:
    """Removes the credentials of one request from everything that is kept of its exchange."""
    return Redactor(set(_secrets(query, userinfo, headers)))


def without_keys(data: bytes, *, error: bool = False) -> bytes:
    """The data without anything that looks like a key of somebody.

    An `error` that repeats a key repeats the one that was sent, whatever the recorder left of that.
    """
    return _SHAPES.sub(MARK.encode() if error else _REMOVED, data)


def _secrets(query: str, userinfo: str, headers: Headers) -> Iterator[str]:
    values = [(name, value) for name, value in headers if name.lower() not in _HARMLESS]
    values += parse_qsl(query[:10_000])
    for name, value in values:
        if _CREDENTIAL.search(name):
            for part in re.split(r"[\s;,=]+", value):
                if _is_secret(part):
                    yield part
    for part in userinfo.split(":"):
        if _is_secret(unquote(part)):
            yield unquote(part)


def _is_secret(text: str) -> bool:
    """Long enough to be a key, and neither a word nor what stands for a key."""
    if text == WRONG_KEY or len(text) < _SHORTEST or len(set(text)) < 4:
        return False
    if len(text) >= _LONG:
        return True
    mixed = re.search(r"[0-9]", text) or not (text.islower() or text.isupper() or text.istitle())
    return bool(mixed or len(text) >= _NO_WORD) and not _PLACEHOLDER.search(text)
