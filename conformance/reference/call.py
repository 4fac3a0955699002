"""One request as it arrives, and the reply as it leaves."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random, SystemRandom
from typing import Any

Headers = tuple[tuple[str, str], ...]

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A request on the wire. `memory` lives as long as the server: faults that strike once count in it.

    `chance` is what ids and samples are drawn from. It arrived at `at`, in seconds since the epoch.
    """

    method: str
    path: str
    headers: Headers
    body: bytes = b""
    memory: dict[str, Any] = field(default_factory=dict)
    chance: Random = field(default_factory=SystemRandom)
    at: float = field(default_factory=time.time)

    def header(self, name: str) -> str:
        """The first header of that name, or the empty string."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def is_chat(self) -> bool:
        """Whether it asks for a chat completion."""
        return self.method == "POST" and self.path.endswith("/chat/completions")

    def fresh_id(self) -> str:
        """24 hexadecimal digits that no other request gets."""
        return f"{self.chance.getrandbits(96):024x}"

    def json(self) -> dict[str, Any]:
        """The body as an object; empty if it is none."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class Frame:
    """Bytes that leave together, `delay` seconds after the frame before them."""

    data: bytes
    delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Reply:
    """A response. A streamed one is sent frame by frame in chunks, another has a Content-Length."""

    status: int
    headers: Headers
    frames: Sequence[Frame]
    streamed: bool = False

    @property
    def body(self) -> bytes:
        """All the bytes of the body."""
        return b"".join(frame.data for frame in self.frames)


def encode(value: object) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def json_reply(value: object, status: int = 200, headers: Headers = ()) -> Reply:
    """A reply that is one JSON document."""
    return Reply(status, (("content-type", "application/json"), *headers), (Frame(encode(value)),))
