"""One embedding: a bounded row of finite numbers, however it was written.

An answer writes it as an array of JSON numbers, or as base64 of 32-bit floats, the lowest byte first.
"""

from __future__ import annotations

import base64
import binascii
import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import mul
from typing import Any

from conformance.contracts.hidden import Blocked, Malformed
from conformance.wire.excerpt import describe, quote

WIDEST = 65_536
"""Numbers in a vector. The widest that are sold have some 12,000."""

NUMBERS, FLOAT32 = "vectors.finite-numbers", "encoding.base64-is-float32"
"""The requirements that own what keeps a vector from being read."""

_SINGLE = 4
"""Bytes of a 32-bit float."""

_LONGEST = WIDEST * _SINGLE * 4 // 3 + _SINGLE
"""Characters of base64 that hold the widest vector."""

_LARGEST: float = struct.unpack("<f", b"\xff\xff\x7f\x7f")[0]
"""No 32-bit float is larger."""


@dataclass(frozen=True)
class Vector:
    """The numbers, as doubles. `packed` tells that they came as bytes."""

    numbers: tuple[float, ...]
    packed: bool = False

    def __len__(self) -> int:
        return len(self.numbers)

    @cached_property
    def bits(self) -> bytes:
        """The numbers as 32-bit floats, which models compute with: equal vectors have equal bits."""
        return struct.pack(f"<{len(self.numbers)}f", *self.numbers)

    @cached_property
    def length(self) -> float:
        """The Euclidean length."""
        return math.hypot(*self.numbers)

    def cosine(self, other: Vector) -> float:
        """1 where both point in the same direction. Raises Blocked where they cannot be compared."""
        if len(self) != len(other):
            widths = "one vector has {one} numbers, and another {other}"
            raise Blocked("vectors.one-width", widths, one=len(self), other=len(other))
        if not self.length or not other.length:
            raise Blocked("vectors.not-zero", "a vector has nothing but zeros")
        # Scaled first: the squares of very large or small numbers would be infinite, or zero.
        ours, theirs = ([one / vector.length for one in vector.numbers] for vector in (self, other))
        return math.fsum(map(mul, ours, theirs))


def read(entry: Mapping[str, Any]) -> Vector:
    """The vector that an entry holds as `embedding`. Raises Malformed for what is none."""
    value = entry.get("embedding")
    if isinstance(value, str):
        return _unpacked(value, entry)
    if not isinstance(value, list):
        raise Malformed(
            NUMBERS, "`embedding` is {found}", within=entry, at="embedding", found=describe(value)
        )
    return Vector(_numbers(value, entry))


def _numbers(values: Sequence[Any], entry: Mapping[str, Any]) -> tuple[float, ...]:
    if not values:
        raise Malformed(NUMBERS, "`embedding` is an empty array", within=entry, at="embedding")
    if len(values) > WIDEST:
        many = "`embedding` has {count} numbers; no model has more than {most}"
        raise Malformed(NUMBERS, many, within=entry, at="embedding", count=len(values), most=WIDEST)
    for place, value in enumerate(values):
        if not _is_single(value):
            why = "embedding[{place}] is {found}, which is no finite 32-bit float"
            at = f"embedding[{place}]"
            raise Malformed(NUMBERS, why, within=entry, at=at, place=place, found=describe(value))
    return tuple(map(float, values))


def _is_single(value: Any) -> bool:
    if type(value) is int:
        return abs(value) <= int(_LARGEST)
    return type(value) is float and math.isfinite(value) and abs(value) <= _LARGEST


def _unpacked(text: str, entry: Mapping[str, Any]) -> Vector:
    """The vector that base64 holds, read strictly."""

    def wrong(why: str, **found: Any) -> Malformed:
        return Malformed(FLOAT32, why, within=entry, at="embedding", **found)

    if len(text) > _LONGEST:
        raise wrong("the base64 has {count} characters; no vector takes so many", count=len(text))
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise wrong("{text} is not base64: {error}", text=quote(text, 20), error=str(error)) from None
    if not data or len(data) % _SINGLE:
        raise wrong("the base64 holds {count} bytes, which are no 32-bit floats", count=len(data))
    numbers = struct.unpack(f"<{len(data) // _SINGLE}f", data)
    odd = next((one for one in numbers if not math.isfinite(one)), None)
    if odd is not None:
        raise wrong("read as little-endian 32-bit floats, the base64 holds {found}", found=str(odd))
    return Vector(numbers, packed=True)


_FORMS = {">f": "32-bit floats with the highest byte first", "<d": "64-bit floats", "<e": "16-bit floats"}


def disguised(text: Any, numbers: Sequence[float]) -> str:
    """As what else than little-endian 32-bit floats a string in base64 holds these numbers; else empty."""
    if not isinstance(text, str) or len(text) > 2 * _LONGEST:
        return ""
    try:
        data = base64.b64decode(text)
    except (binascii.Error, ValueError):
        return ""
    for form, name in _FORMS.items():
        if len(data) != struct.calcsize(form) * len(numbers):
            continue
        held = struct.unpack(f"{form[0]}{len(numbers)}{form[1]}", data)
        pairs = zip(held, numbers, strict=True)
        if any(numbers) and all(math.isclose(*pair, rel_tol=0.01, abs_tol=1e-4) for pair in pairs):
            return name
    return ""
