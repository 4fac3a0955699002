"""Secrets are replaced before anything is recorded, so that no later step can leak them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator

MARK = "[REDACTED KEY]"
"""Stands where a key stood; `errors.key-never-echoed` looks for it in what the provider sent."""


class Redactor:
    """Replaces secrets, also where they are escaped as in a URL or in JSON, or in base64, by MARK."""

    def __init__(self, secrets: Iterable[str]) -> None:
        forms = {form for secret in filter(None, secrets) for form in _forms(secret)}
        # The longest first, so that a form that contains another is replaced as a whole.
        ordered = sorted(forms, key=lambda form: (-len(form), form))
        self._text = re.compile("|".join(ordered) or r"(?!)")
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


def _forms(secret: str) -> Iterator[str]:
    """Patterns for what echoes make of a secret."""
    yield "".join(map(_escapable, secret))
    for before in range(3):  # bytes that stand before it in what was encoded, as in "Bearer KEY"
        data = bytes(before) + secret.encode()
        encoded = base64.b64encode(data).decode()
        # Only the characters that nothing but the secret decides.
        own = encoded[-(-before * 8 // 6) : len(data) * 8 // 6]
        for form in (encoded, own) if before == 0 else (own,):
            yield re.escape(form)
            yield re.escape(form.translate(_URL_SAFE))


def _escapable(character: str) -> str:
    """A pattern for the character, plain or escaped; no encoder touches letters and digits."""
    if character.isalnum():
        return character
    return rf"(?:\\?{re.escape(character)}|(?i:%{ord(character):02x}|\\u{ord(character):04x}))"


_URL_SAFE = str.maketrans("+/", "-_")
