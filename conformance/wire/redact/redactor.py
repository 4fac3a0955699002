"""Finds secrets in whatever is to be recorded, and puts a mark in their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from conformance.wire.redact.layers import (
    LOWER,
    PART,
    SKIPPED,
    UnreadError,
    decoded,
    deflated,
    inflated,
    long_words,
    unescaped,
)
from conformance.wire.redact.pieces import in_pieces
from conformance.wire.redact.secret import SHORTEST, Secret, is_word, parts
from conformance.wire.redact.spans import MOST, Chunks, Place, blanked, joined, merged, narrowed, replaced

MARK = "[REDACTED KEY]"
"""Stands where a key stood; `errors.key-never-echoed` looks for it in what the provider sent."""

UNREAD = "[REDACTED: TOO MUCH TO BE SEARCHED FOR KEYS]"
"""Stands for what is compressed, and is too much once it is not."""

_DEEPEST = 3
"""Layers that are taken off, one after the other."""

_LONG_WORD = 48
"""Characters from which on a word may be something encoded twice, or compressed."""

_LONGEST_ESCAPE = 24
"""Characters that one may have become."""


class Redactor:
    """Replaces secrets by MARK, however programs have handed them on."""

    def __init__(self, secrets: Iterable[str]) -> None:
        # What is read as Latin-1, as the values of headers are, looks different.
        texts = {
            form
            for secret in secrets
            for part in parts(secret)
            if len(part) >= SHORTEST and not is_word(part)
            for form in (part, part.encode("utf-8", "surrogatepass").decode("latin-1"))
        }
        found = [Secret(text) for text in sorted(texts, key=lambda text: (-len(text), text))]
        self._telling = [secret for secret in found if secret.telling]
        self._plain = [secret for secret in found if not secret.telling]
        self._mark = MARK.encode()
        self._least = min([_LONG_WORD, *(len(secret) * 16 // 9 for secret in found)])
        self._overlap = _LONGEST_ESCAPE * max(map(len, found), default=0)

    def texts(self, texts: Sequence[str]) -> Sequence[str]:
        """The texts without secrets. Most have none, so that one look at all of them suffices."""
        return (
            list(map(self.text, texts))
            if self._holds("\n".join(texts).encode("utf-8", "surrogatepass"))
            else texts
        )

    def text(self, text: str) -> str:
        """The text without secrets."""
        data = text.encode("utf-8", "surrogatepass")
        try:
            spans = self._find(data)
        except UnreadError:
            return UNREAD
        if not spans:
            return text
        clean = replaced(((0.0, data),), [(*span, self._mark) for span in spans])
        return joined(clean).decode("utf-8", "surrogatepass")

    def chunks(self, chunks: Chunks) -> Chunks:
        """The chunks without secrets, also where one spans several of them: it is marked in the first."""
        if not self._telling and not self._plain:
            return chunks
        whole = joined(chunks)
        try:
            if not whole.isascii() and self._is_packed(whole):
                return ((chunks[0][0], self._mark),)
            if spans := self._find(whole):
                chunks = replaced(chunks, [(*span, self._mark) for span in spans])
            return self._put_together(chunks)
        except UnreadError:
            return ((chunks[0][0], UNREAD.encode()),)

    def _put_together(self, chunks: Chunks) -> Chunks:
        """The chunks without what is a secret only together, as text is that comes word by word."""
        whole = joined(chunks)
        plain = whole.replace(b"\0", b"")
        spans = in_pieces(plain, self._find, MARK)
        if not spans:
            return chunks
        if plain == whole:
            chunks = replaced(chunks, spans)
            if not in_pieces(joined(chunks), self._find, MARK):
                return chunks
        return ((chunks[0][0], self._mark),)

    def _is_packed(self, data: bytes, depth: int = 0) -> bool:
        """Whether a secret is in what is compressed in there."""
        return any(
            self._holds(inner)
            or bool(in_pieces(inner, self._find, MARK))
            or (depth < _DEEPEST and self._is_packed(inner, depth + 1))
            for inner in chain(inflated(data), deflated(data))
        )

    def _find(self, data: bytes) -> Sequence[Place]:
        """Where secrets stand in there, in order: as exactly as can be said, or with what they are within."""
        if not self._holds(data):
            return ()
        found = list(islice(self._exactly(data), MOST + 1))
        if len(found) <= MOST:
            rest = blanked(data, found)
            if not self._holds(rest):
                return merged(data, found)
            found += narrowed(rest, self._holds)
            if not self._holds(blanked(data, found)):
                return merged(data, found)
        return ((0, len(data)),)

    def _exactly(self, data: bytes) -> Iterator[Place]:
        """Where secrets stand plain or escaped; only the parts are searched in which some do."""
        for end in range(PART, len(data) + PART, PART):
            start = max(0, end - PART - self._overlap)
            part = data[start:end]
            if self._stands(unescaped(part)):
                for secret in (*self._telling, *self._plain):
                    yield from ((start + first, start + last) for first, last in secret.spans(part))

    def _holds(self, data: bytes, depth: int = 0) -> bool:
        """Whether a secret is in there, beneath whatever layers."""
        plain = unescaped(data)
        if any(map(self._stands, decoded(plain, itself=True))):
            return True
        words = long_words(plain, self._least) if depth < _DEEPEST else b""
        return bool(words) and any(
            self._holds(inner, depth + 1) or any(self._holds(one, depth + 1) for one in inflated(inner))
            for inner in decoded(words)
        )

    def _stands(self, plain: bytes) -> bool:
        """Whether a secret is in an unescaped text."""
        view = plain.translate(LOWER, SKIPPED)
        for secret in self._telling:
            if secret.within(view):
                return True
        if not self._plain:
            return False
        view = plain.translate(LOWER, b"\0")
        return any(secret.within(view) for secret in self._plain)
