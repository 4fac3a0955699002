"""Reading JSON strictly: every departure from RFC 8259 is reported, and the value is read all the same.

`json.loads` keeps silent about duplicate names, NaN, lone surrogates and numbers that no other parser will
read alike. A spotless text is read with it; any other is read again, slowly, to say what is wrong and where.
"""

from __future__ import annotations

import json
import math
import re
import sys
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Literal

from conformance.wire.excerpt import json_path, quote
from conformance.wire.outline import depth, without_strings

MAX_DEPTH = 200
"""The most arrays and objects within each other. RFC 8259, section 9, allows a parser such a limit."""

MAX_VALUES = 100_000
"""The most values in one text; RFC 8259, section 9, allows such limits. A long list of models has 25,000."""

TOO_MANY = f"more than {MAX_VALUES} values"

LARGEST = int(sys.float_info.max)
"""An integer beyond this is beyond any double, and is read as an infinity: what is read can be computed."""

_MAX_DIGITS = len(str(LARGEST))

MAX_OF_A_KIND = 10
"""How many faults of one kind are reported."""

Kind = Literal[
    "empty",
    "not-json",
    "trailing-data",
    "too-deep",
    "too-many",
    "bom",
    "invalid-utf8",
    "duplicate-key",
    "nan",
    "control-character",
    "lone-surrogate",
    "leading-whitespace",
    "big-integer",
    "overflow",
]

_LEGAL: frozenset[Kind] = frozenset({"leading-whitespace", "big-integer", "overflow"})
_SAFE_INTEGER = 2**53 - 1
_BOM = "\ufeff"

# Groups are repeated greedily, not possessively: before Python 3.11.5 a possessive repetition may end in the
# middle of an alternative (CPython's issue 106052).
_SPACE = re.compile(r"[ \t\n\r]*+")
# A repetition takes memory for each round, so that a long string is read in portions of so many.
_IN_STRING = re.compile(r'(?:[^"\\]++|\\.){0,1000}', re.DOTALL)
_ESCAPED = re.compile(r'(?:[^\\]++|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}){0,1000}')
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*+))(\.[0-9]++)?([eE][+-]?[0-9]++)?")
_WORD = re.compile(r"true|false|null|NaN|-?Infinity")
_WORDS: dict[str, bool | float | None] = {
    "true": True,
    "false": False,
    "null": None,
    "NaN": math.nan,
    "Infinity": math.inf,
    "-Infinity": -math.inf,
}
_CONTROL = re.compile(r"[\x00-\x1f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_UNDECODED = re.compile("[\udc80-\udcff]+")


class Missing(Enum):
    """The type of MISSING."""

    MISSING = "missing"


MISSING: Final = Missing.MISSING
"""Stands where there is no value; null is a value."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """A departure from RFC 8259, or (`legal`) something it allows but parsers do not read alike.

    `offset` counts bytes from the start of the text. `path` is the JSON path of the value in question, empty
    where there is none.
    """

    kind: Kind
    message: str
    offset: int
    path: str = ""
    legal: bool = False

    @property
    def where(self) -> str:
        """The place, for people."""
        return f"{self.path} (byte {self.offset})" if self.path else f"byte {self.offset}"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What was read. `value` is MISSING where the text is not JSON at all.

    Faults are in the order of their places, at most MAX_OF_A_KIND of each kind. In spite of faults the value
    is what lenient parsers make of it: of duplicate names the last one counts, bytes that are not UTF-8
    become U+FFFD, what follows the first value is left out.
    """

    value: Any
    faults: tuple[Flaw, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether there is a value."""
        return self.value is not MISSING

    @property
    def violations(self) -> tuple[Flaw, ...]:
        """The faults that RFC 8259 does not allow, or that leave the meaning of the text open."""
        return tuple(fault for fault in self.faults if not fault.legal)


def read(data: bytes) -> Parsed:
    """Read one JSON text in linear time. Never raises, whatever the bytes are.

    An integer stays an `int` and a number with a fraction or an exponent a `float`, so that 13 and 13.0 can
    be told apart.
    """
    try:
        return Parsed(_spotless(data))
    except (_SuspectError, ValueError, RecursionError):
        return _Reader(data).document()


class _SuspectError(Exception):
    """Something about the text calls for a closer look."""


def _spotless(data: bytes) -> object:
    """The value of a text without any fault; raises on every other."""
    text = data.decode("utf-8")
    # There are at most so many values, and one more; and fewer brackets than the limit cannot nest too deep.
    opened = text.count("[") + text.count("{")
    many = opened + text.count(",") >= MAX_VALUES
    if text[:1].isspace() or many or (opened > MAX_DEPTH and depth(text) > MAX_DEPTH):
        raise _SuspectError
    value = json.loads(
        text,
        object_pairs_hook=_object,
        parse_int=_integer,
        parse_float=_float,
        parse_constant=_constant,
    )
    if _SURROGATE_ESCAPE.search(text):
        json.dumps(value, ensure_ascii=False).encode()  # a UnicodeEncodeError means a lone surrogate
    return value


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where what the pattern matches ends, however often it has to be applied."""
    while (match := pattern.match(text, at)) and match.end() > at:
        at = match.end()
    return at


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _SuspectError
    return members


def _integer(text: str) -> int:
    if len(text) > 15:
        raise _SuspectError
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _SuspectError
    return value


def _constant(_: str) -> None:
    raise _SuspectError


@dataclass(slots=True)
class _Open:
    """An array or object whose end was not reached yet, and the name of the member that is being read."""

    container: list[Any] | dict[str, Any]
    key: str | None = None


class _UnreadableError(Exception):
    """Reading cannot go on: kind, message and character position."""

    def __init__(self, kind: Kind, message: str, at: int) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.at = at


class _Reader:
    """A parser with its own stack, for texts that have, or may have, a fault."""

    def __init__(self, data: bytes) -> None:
        # Undecodable bytes become one character each, in `_raw` such that encoding gives the bytes back.
        self._raw = data.decode("utf-8", "surrogateescape")
        self._text = _UNDECODED.sub(lambda match: "\ufffd" * len(match[0]), self._raw)
        self._stack: list[_Open] = []
        self._values = 0
        self._faults: list[Flaw] = []
        self._counts: Counter[Kind] = Counter()

    def document(self) -> Parsed:
        if self._text.count(",") >= MAX_VALUES and without_strings(self._text).count(",") >= MAX_VALUES:
            return Parsed(MISSING, (Flaw("too-many", TOO_MANY, 0),))
        for match in _UNDECODED.finditer(self._raw):
            wrong = match[0].encode("utf-8", "surrogateescape")
            self._report("invalid-utf8", f"0x{wrong[:8].hex()} is not UTF-8", match.start())
        value: object = MISSING
        try:
            value = self._document()
        except _UnreadableError as stop:
            self._report(stop.kind, stop.message, stop.at)
        return Parsed(value, tuple(sorted(self._faults, key=lambda fault: fault.offset)))

    def _document(self) -> object:
        start = 0
        if self._text.startswith(_BOM):
            start = 1
            self._report("bom", "the text begins with a byte order mark", 0)
        at = self._skip(start)
        if at == len(self._text):
            raise _UnreadableError("empty", "there is no text", start)
        if at > start:
            self._report("leading-whitespace", f"{at - start} characters of white space come first", start)
        value, at = self._value(at)
        at = self._skip(at)
        if at < len(self._text):
            rest = quote(self._text[at:])
            self._report("trailing-data", f"after the first value the text goes on with {rest}", at)
        return value

    def _value(self, at: int) -> tuple[Any, int]:
        while True:
            value, at, opened = self._start(at)
            while not opened:
                if not self._stack:
                    return value, at
                value, at, opened = self._attach(value, at)

    def _start(self, at: int) -> tuple[Any, int, bool]:
        """Read a scalar or an empty container, or open a container that is not empty.

        Returns the value, where to go on, and whether a value is expected there (rather than the end of one).
        """
        self._values += 1
        if self._values > MAX_VALUES:
            raise _UnreadableError("too-many", TOO_MANY, at)
        char = self._text[at : at + 1]
        if char == '"':
            return *self._string(at), False
        if char not in ("[", "{"):
            return *self._scalar(at), False
        if len(self._stack) == MAX_DEPTH:
            raise _UnreadableError(
                "too-deep", f"more than {MAX_DEPTH} arrays and objects within each other", at
            )
        container: list[Any] | dict[str, Any] = [] if char == "[" else {}
        at = self._skip(at + 1)
        if self._text[at : at + 1] == _closing(container):
            return container, at + 1, False
        self._stack.append(_Open(container))
        return None, self._key(at), True

    def _attach(self, value: Any, at: int) -> tuple[Any, int, bool]:
        """Put a finished value into its container, then open the next member or close the container."""
        top = self._stack[-1]
        if isinstance(top.container, list):
            top.container.append(value)
        elif top.key is not None:
            top.container[top.key] = value
        at = self._skip(at)
        char = self._text[at : at + 1]
        if char == ",":
            return None, self._key(self._skip(at + 1)), True
        top.key = None
        if char == _closing(top.container):
            self._stack.pop()
            return top.container, at + 1, False
        raise self._unexpected(at, f"a comma or {_closing(top.container)}")

    def _key(self, at: int) -> int:
        """In an object, read the name of a member and its colon; in an array, do nothing."""
        top = self._stack[-1]
        if isinstance(top.container, list):
            return at
        top.key = None
        if self._text[at : at + 1] != '"':
            raise self._unexpected(at, "the name of a member")
        top.key, end = self._string(at)
        if top.key in top.container:
            self._report("duplicate-key", f"the name {quote(top.key)} stands twice in one object", at)
        end = self._skip(end)
        if self._text[end : end + 1] != ":":
            raise self._unexpected(end, "a colon")
        return self._skip(end + 1)

    def _string(self, at: int) -> tuple[str, int]:
        end = _end(_IN_STRING, self._text, at + 1) + 1
        if end > len(self._text):
            raise _UnreadableError("not-json", "the text ends inside a string", at)
        token = self._text[at:end]
        if control := _CONTROL.search(token):
            message = f"U+{ord(control[0]):04X} stands unescaped in a string"
            self._report("control-character", message, at + control.start())
        if "\\" not in token:
            return token[1:-1], end
        known = _end(_ESCAPED, token, 0)
        if known < len(token):
            raise _UnreadableError("not-json", "a backslash begins no known escape", at + known)
        value = str(json.loads(token, strict=False))
        if lone := _SURROGATE.search(value):
            message = f"\\u{ord(lone[0]):04x} is half a surrogate pair: no character, and not encodable"
            self._report("lone-surrogate", message, at)
        return value, end

    def _scalar(self, at: int) -> tuple[Any, int]:
        if match := _WORD.match(self._text, at):
            if match[0] not in ("true", "false", "null"):
                self._report("nan", f"{match[0]} is not a JSON value", at)
            return _WORDS[match[0]], match.end()
        if match := _NUMBER.match(self._text, at):
            return self._number(match), match.end()
        raise self._unexpected(at, "a value")

    def _number(self, match: re.Match[str]) -> int | float:
        token, fraction, exponent = match[0], match[2], match[3]
        whole = fraction is None and exponent is None
        if whole and len(token) <= _MAX_DIGITS + len("-") and abs(integer := int(token)) <= LARGEST:
            if abs(integer) > _SAFE_INTEGER:
                message = f"the integer {quote(token)} is beyond 2^53 - 1: many parsers round it"
                self._report("big-integer", message, match.start())
            return integer
        value = math.copysign(math.inf, float(token)) if whole else float(token)
        if math.isinf(value):
            message = f"the number {quote(token)} is beyond what a double can hold"
            self._report("overflow", message, match.start())
        return value

    def _skip(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        return match.end() if match else at

    def _unexpected(self, at: int, wanted: str) -> _UnreadableError:
        found = quote(self._text[at : at + 20]) if at < len(self._text) else "the end of the text"
        return _UnreadableError("not-json", f"expected {wanted}, found {found}", at)

    def _report(self, kind: Kind, message: str, at: int) -> None:
        self._counts[kind] += 1
        if self._counts[kind] <= MAX_OF_A_KIND:
            offset = len(self._raw[:at].encode("utf-8", "surrogateescape"))
            self._faults.append(Flaw(kind, message, offset, self._path(), kind in _LEGAL))

    def _path(self) -> str:
        parts: list[str | int] = []
        for level in self._stack:
            if isinstance(level.container, list):
                parts.append(len(level.container))
            elif level.key is not None:
                parts.append(level.key)
        return json_path(parts) if parts else ""


def _closing(container: list[Any] | dict[str, Any]) -> str:
    return "]" if isinstance(container, list) else "}"


def is_integer(value: Any) -> bool:
    """Whether a JSON value is an integer: true and 1.0 are not."""
    return isinstance(value, int) and not isinstance(value, bool)
