"""Secrets are replaced before anything is recorded, so that no later step can leak them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote

MARK = "[REDACTED KEY]"
"""Stands where a key stood; `errors.key-never-echoed` looks for it in what the provider sent."""


class Redactor:
    """Replaces secrets, also URL-encoded, escaped as in JSON or in base64, by MARK."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms: set[str] = set()
        for secret in filter(None, secrets):
            encoded = base64.b64encode(secret.encode()).decode()
            forms |= {secret, quote(secret, safe=""), json.dumps(secret)[1:-1], encoded}
        # The longest first, so that a form that contains another is replaced as a whole.
        ordered = sorted(forms, key=len, reverse=True)
        self._text = re.compile("|".join(map(re.escape, ordered)) or r"(?!)")
        self._bytes = re.compile(self._text.pattern.encode())

    def text(self, text: str) -> str:
        """The text without secrets."""
        return self._text.sub(MARK, text)

    def chunks(self, chunks: tuple[tuple[float, bytes], ...]) -> tuple[tuple[float, bytes], ...]:
        """The chunks without secrets, also where one spans several of them: it is marked in the first."""
        whole = b"".join(data for _, data in chunks)
        spans = [match.span() for match in self._bytes.finditer(whole)]
        if not spans:
            return chunks
        parts = []
        done = end = 0
        for at, data in chunks:
            end += len(data)
            part = b""
            while spans and spans[0][0] < end:
                start, stop = spans.pop(0)
                part += whole[done:start] + MARK.encode()
                done = stop
            part += whole[done:end]
            done = max(done, end)
            parts.append((at, part))
        return tuple(parts)
