"""Variants in how JSON is written: order, whitespace, escapes, numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from conformance.contracts.chat.sources import DEEPSEEK, RFC
from conformance.reference.call import Call, Frame, Reply, encode
from conformance.reference.fault import Fault, on_reply
from conformance.reference.variant import legal

Write = Callable[[Any], str]
PREFIX = b"data: "


def on_json(write: Write) -> Fault:
    """Writes every JSON document of a response, whole or in an event, in another way."""

    def apply(reply: Reply, _: Call) -> Reply:
        if reply.streamed:
            return replace(reply, frames=tuple(_event(frame, write) for frame in reply.frames))
        return _body(reply, write)

    return _renamed(write, apply)


def on_documents(write: Write) -> Fault:
    """Writes every body that is one JSON document in another way, and leaves streams as they are."""
    return _renamed(write, lambda reply, _: reply if reply.streamed else _body(reply, write))


def _event(frame: Frame, write: Write) -> Frame:
    if not frame.data.startswith(PREFIX + b"{"):
        return frame
    text = write(json.loads(frame.data.removeprefix(PREFIX)))
    return replace(frame, data=PREFIX + text.encode() + b"\n\n")


def _body(reply: Reply, write: Write) -> Reply:
    return replace(reply, frames=(Frame(write(json.loads(reply.body)).encode()),)) if reply.body else reply


def _renamed(write: Write, apply: Callable[[Reply, Call], Reply]) -> Fault:
    apply.__name__, apply.__doc__ = write.__name__, write.__doc__
    return on_reply()(apply)


def reversed_members(value: Any) -> Any:
    """The value with the members of all its objects in reverse order."""
    if isinstance(value, dict):
        return {name: reversed_members(one) for name, one in reversed(value.items())}
    return [reversed_members(one) for one in value] if isinstance(value, list) else value


@legal(RFC.json_order, aspect="order")
@on_json
def members_reversed(value: Any) -> str:
    """The members of every object come in reverse order."""
    return encode(reversed_members(value)).decode()


@legal(RFC.json_order, aspect="order")
@on_json
def members_sorted(value: Any) -> str:
    """The members of every object are sorted by name."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@legal(RFC.json_whitespace, aspect="writing")
@on_json
def spaces_after_separators(value: Any) -> str:
    """There is a space after every colon and comma."""
    return json.dumps(value, ensure_ascii=False)


@legal(RFC.json_whitespace, aspect="writing")
@on_json
def tabs_around_separators(value: Any) -> str:
    """There is whitespace on both sides of every colon and comma."""
    return "\t" + json.dumps(value, ensure_ascii=False, separators=(" ,\t", "\t: ")) + " "


@legal(RFC.json_whitespace, aspect="writing")
@on_documents
def indented(value: Any) -> str:
    """JSON that is not streamed is indented, and ends with a newline."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


@legal(DEEPSEEK.keep_alive, aspect="writing")
@on_documents
def empty_lines_first(value: Any) -> str:
    """Empty lines come before JSON that is not streamed, to keep the connection alive."""
    return "\n" * 30 + encode(value).decode()


@legal(RFC.json_strings, aspect="writing")
@on_json
def ascii_only(value: Any) -> str:
    r"""Everything but ASCII is written as \u escapes, and half of an emoji in each."""
    return json.dumps(value, separators=(",", ":"))


@legal(RFC.json_strings, aspect="writing")
@on_json
def escapes_in_capitals(value: Any) -> str:
    r"""The digits of \u escapes are capitals."""
    return re.sub(r"(\\\\)|\\u([0-9a-f]{4})", _capital, json.dumps(value, separators=(",", ":")))


@legal(RFC.json_strings, aspect="writing")
@on_json
def solidus_escaped(value: Any) -> str:
    r"""Every / is written as \/."""
    return encode(value).decode().replace("/", "\\/")


@legal(RFC.json_strings, aspect="writing")
@on_json
def safe_for_html(value: Any) -> str:
    r"""The characters <, > and & are written as \u escapes."""
    text = encode(value).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@legal(RFC.json_numbers, aspect="writing")
@on_json
def numbers_with_exponents(value: Any) -> str:
    """Numbers that are not integers have an exponent, and a zero may be negative."""
    text = json.dumps(_marked(value), ensure_ascii=False)
    return re.sub(r'"\\u0000(-?[0-9.]+)E([+-][0-9]+)"', r"\1E\2", text)


def _capital(match: re.Match[str]) -> str:
    return match[1] or f"\\u{match[2].upper()}"


def _marked(value: Any) -> Any:
    """The value with its fractions as strings that begin with a NUL."""
    if isinstance(value, dict):
        return {name: _marked(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_marked(one) for one in value]
    return f"\0{value or -0.0:.17E}" if isinstance(value, float) else value
