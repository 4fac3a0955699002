"""Keeps keys out: what recorders wrote down of them goes no further than this."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote

from conformance.asking.request import NO_CREDENTIALS, WRONG_KEY
from conformance.recordings.entry import Entry, Headers
from conformance.recordings.shapes import REMOVED, without_shapes
from conformance.wire.redact import MARK, Redactor
from conformance.wire.redact.layers import unescaped
from conformance.wire.redact.secret import credentials, surprise

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

_ORDINARY = re.compile(
    r"(?i):?(?:accept|content|x-stainless|sec|if|access-control)-.*|accept|user-agent|host|authority|method|path"
    r"|scheme|connection|date|te|via|from|origin|referer|expect|pragma|cache-control|priority|forwarded"
    r"|transfer-encoding|upgrade.*|http2.*|x-forwarded-.*|.*(?:request|correlation|client|conversation|thread)-?id"
    r"|.*(?:trace|span|version|agent|retry|attempt|timeout|baggage|region|beta|title).*|openai-.*|x-goog-api-client"
)
"""Headers of a request whose values are nobody's secret; in any other what is random may be one."""

_NAMED = re.compile(
    rb'(?i)"([a-z0-9_.-]{0,40}(?:api[_-]?key|access[_-]?key|private[_-]?key|secret(?:[_-]?key)?|token|passw(?:or)?d'
    rb'|passphrase|authorization|credentials?|cookie))"\s*:\s*"([^"]{8,8192})"'
)
"""Members of a JSON text that are named like a secret, however the text is escaped."""

_PARAMETER = re.compile(
    rb"(?i)[?&;]([a-z0-9_.-]{0,40}(?:key|secret|token|password|sig|signature|code|auth))=([^&\s\"'<>]{8,8192})"
)
"""Parameters of a URL that are named like a secret."""

_OF_A_TOKEN = re.compile(rb'\s*,\s*"(?:logprob|bytes|top_logprobs)"')
_AFTER_A_LOGPROB = re.compile(rb'"logprob"\s*:\s*[-+.\w]{1,40}\s*,\s*$')
"""What stands behind or before a token of a text: recorders put members in another order."""

_PLACEHOLDER = re.compile(
    r"(?i)redact|filter|dummy|fake|mock|test|example|placeholder|your|scrub|secret|hidden|removed|sanit|"
    r"api[-_ ]?key|<.*>|\[.*\]|\{.*\}|\*{3}|x{4}|none|null|token|foo|bar\b|(.)\1{5}"
)
"""What recorders and tests put in the place of a key."""

_SHORTEST, _NO_WORD, _LONG = 8, 12, 40
"""Characters that a key has at least, that few words have, and that nothing has that stands for a key."""

_APART = re.compile(r"[\s;,=]+|(?<=-)1\d{9}(?:\d{3})?(?=-)")
"""What stands between the parts of a value; times in cookies do, too, and stand in every answer as well."""

_RANDOM_SEGMENT = 20
_NAMES = frozenset({"deployments", "models", "engines"})


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


def redactor(entry: Entry, path: str, query: str, userinfo: str) -> Redactor:
    """Removes the credentials of one request from everything that is kept of its exchange."""
    found = set(_sent(query, userinfo, entry.request_headers)) | set(_in_path(path))
    for body in (entry.request_body or b"", entry.body or b""):
        found.update(_named(body))
    return Redactor(found)


def without_keys(data: bytes, *, error: bool = False) -> bytes:
    """The data without anything that looks like a key of somebody.

    An `error` that repeats a key repeats the one that was sent, whatever the recorder left of that.
    """
    return without_shapes(data, MARK if error else REMOVED)


def _sent(query: str, userinfo: str, headers: Headers) -> Iterator[str]:
    """What was sent in the place of a secret."""
    for name, value in headers:
        if _CREDENTIAL.search(name) and name.lower() not in _HARMLESS:
            yield from _parts(value)
        elif not _ORDINARY.fullmatch(name):
            yield from (part for part in _parts(value) if surprise(part.encode()) > 1)
    for name, value in parse_qsl(query[:10_000]):
        if _CREDENTIAL.search(name):
            yield from _parts(value)
    for part in userinfo.split(":"):
        if _is_secret(unquote(part)):
            yield unquote(part)


def _parts(value: str) -> Iterator[str]:
    for part in _APART.split(value):
        if _is_secret(part):
            yield part
    scheme, _, rest = value.strip().partition(" ")
    if scheme.lower() == "basic" and rest != NO_CREDENTIALS:
        yield from credentials(rest)


def _in_path(path: str) -> Iterator[str]:
    """Segments of a path that are no word, no version and no model."""
    before = ""
    for segment in map(unquote, path.split("/")):
        if len(segment) >= _RANDOM_SEGMENT and surprise(segment.encode()) > 2 and before not in _NAMES:
            yield segment
        before = segment


def _named(body: bytes) -> Iterator[str]:
    """What stands in a body under the name of a secret. A token of a text does so, too, and is none."""
    plain = unescaped(body)
    for pattern in (_NAMED, _PARAMETER):
        for match in pattern.finditer(plain):
            value = match[2].decode("utf-8", "replace")
            before = plain[max(0, match.start() - 80) : match.start()]
            if not _OF_A_TOKEN.match(plain, match.end()) and not _AFTER_A_LOGPROB.search(before):
                yield from _parts(value)


def _is_secret(text: str) -> bool:
    """Long enough to be a key, and neither a word nor what stands for a key."""
    if text == WRONG_KEY or len(text) < _SHORTEST or len(set(text)) < 4:
        return False
    if len(text) >= _LONG:
        return True
    rest = _PLACEHOLDER.sub("", text)
    if rest != text:
        # A key of a test account says `test`, and is a key all the same.
        return len(rest) >= _SHORTEST and surprise(rest.encode("utf-8", "replace")) > 1
    mixed = re.search(r"[0-9]", text) or not (text.islower() or text.isupper() or text.istitle())
    return bool(mixed or len(text) >= _NO_WORD)
