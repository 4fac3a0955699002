"""How servers hand on what they were sent: what programs make of a text, and in what pieces they send it."""

from __future__ import annotations

import base64
import gzip
import html
import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

Encoding = Callable[[str], bytes]


def _wrapped(data: bytes) -> str:
    return base64.encodebytes(data).decode()


def _deflated(data: bytes) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return engine.compress(data) + engine.flush()


TEXTUAL: dict[str, Encoding] = {
    "as it is": lambda key: key.encode(),
    "in capitals": lambda key: key.upper().encode(),
    "in small letters": lambda key: key.lower().encode(),
    "for a URL": lambda key: quote(key, safe="").encode(),
    "for a URL, twice": lambda key: quote(quote(key, safe=""), safe="").encode(),
    "for JSON": lambda key: json.dumps(key)[1:-1].replace("/", "\\/").encode(),
    "for JSON in JSON": lambda key: json.dumps(json.dumps(key).replace("/", "\\/"))[3:-3].encode(),
    "as code points": lambda key: "".join(f"\\u{ord(one):04x}" for one in key).encode(),
    "for HTML": lambda key: html.escape(key).replace("/", "&sol;").encode(),
    "for HTML, by numbers": lambda key: "".join(f"&#{ord(one)};" for one in key).encode(),
    "in base64": lambda key: base64.b64encode(b"Bearer " + key.encode() + b"."),
    "in base64 for URLs": lambda key: base64.urlsafe_b64encode(b"k" + key.encode()).rstrip(b"="),
    "in base64, in lines": lambda key: _wrapped(b"user:" + key.encode() * 3).encode(),
    "in base64, in lines, for JSON": lambda key: json.dumps(_wrapped(b"u:" + key.encode() * 3))[
        1:-1
    ].encode(),
    "for JSON, in base64": lambda key: base64.b64encode(b'{"k":"%b"}' % key.replace("/", "\\/").encode()),
    "in base64, twice": lambda key: base64.b64encode(base64.b64encode(key.encode())),
    "in UTF-16, in base64": lambda key: base64.b64encode(key.encode("utf-16-le")),
    "compressed, in base64": lambda key: base64.b64encode(gzip.compress(key.encode() * 2)),
    "in hex": lambda key: key.encode().hex().encode(),
    "in hex, in capitals": lambda key: key.encode().hex().upper().encode(),
    "in lines": lambda key: "\r\n ".join(key[start : start + 7] for start in range(0, len(key), 7)).encode(),
}
"""What programs make of a key that may stand among other text."""

WHOLE: dict[str, Encoding] = {
    "in UTF-16": lambda key: f"Who sent {key}?".encode("utf-16"),
    "in UTF-16, big end first": lambda key: f"Who sent {key}?".encode("utf-16-be"),
    "by gzip": lambda key: gzip.compress(f"Who sent {key}?".encode()),
    "by gzip, the second member": lambda key: gzip.compress(b"nobody") + gzip.compress(key.encode()),
    "by gzip, twice": lambda key: gzip.compress(gzip.compress(key.encode())),
    "by gzip, after text": lambda key: b"nobody " + gzip.compress(key.encode()),
    "by zlib": lambda key: zlib.compress(f"Who sent {key}?".encode()),
    "by deflate": lambda key: _deflated(f"Who sent {key}?".encode()),
    "by deflate, after gzip": lambda key: gzip.compress(b"nobody") + _deflated(b"Who? " + key.encode()),
}
"""What programs make of a whole body."""

Pieces = Sequence[str]


def _choice(text: str, index: int = 0) -> dict[str, object]:
    return {"index": index, "delta": {"content": text}, "logprobs": None, "finish_reason": None}


def _chunk(*choices: object) -> str:
    return json.dumps({"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": choices})


def _stream(data: Iterable[str], ending: str = "\n", field: str = "data: ") -> bytes:
    return "".join(f"{field}{one}{ending * 2}" for one in (*data, "[DONE]")).encode()


def _token(text: str) -> dict[str, object]:
    this = {"token": text, "logprob": -0.1, "bytes": list(text.encode())}
    return {**this, "top_logprobs": [this, {"token": "zz", "logprob": -3.5, "bytes": [122, 122]}]}


def _call(text: str, index: int) -> str:
    return _chunk({"index": 0, "delta": {"tool_calls": [{"index": index, "function": {"arguments": text}}]}})


def _in_lines(text: str) -> str:
    return "\ndata: ".join(json.dumps(json.loads(_chunk(_choice(text))), indent=1).split("\n"))


LAYOUTS: dict[str, Callable[[Pieces], bytes]] = {
    "LF": lambda pieces: _stream(_chunk(_choice(one)) for one in pieces),
    "CR LF": lambda pieces: _stream((_chunk(_choice(one)) for one in pieces), "\r\n"),
    "CR": lambda pieces: _stream((_chunk(_choice(one)) for one in pieces), "\r"),
    "a tab": lambda pieces: _stream((_chunk(_choice(one)) for one in pieces), field="data:\t"),
    "no space": lambda pieces: _stream((_chunk(_choice(one)) for one in pieces), field="data:"),
    "named events": lambda pieces: _stream(
        (json.dumps({"type": "delta", "delta": one}) for one in pieces), field="event: delta\ndata: "
    ),
    "several data lines": lambda pieces: _stream(map(_in_lines, pieces)),
    "no blank lines": lambda pieces: b"".join(
        b"data: %b\n" % _chunk(_choice(one)).encode() for one in pieces
    ),
    "arrays": lambda pieces: _stream(f"[{_chunk(_choice(one))}]" for one in pieces),
    "several in an array": lambda pieces: _stream(
        f"[{','.join(_chunk(_choice(one)) for one in pieces[at : at + 3])}]"
        for at in range(0, len(pieces), 3)
    ),
    "one array": lambda pieces: b"[%b]" % ",\n".join(_chunk(_choice(one)) for one in pieces).encode(),
    "lines of JSON": lambda pieces: "\n".join(_chunk(_choice(one)) for one in pieces).encode(),
    "two choices": lambda pieces: _stream(_chunk(_choice(one, at)) for one in pieces for at in (0, 1)),
    "two choices in a chunk": lambda pieces: _stream(
        _chunk(_choice("-", 1), _choice(one, 0)) for one in pieces
    ),
    "choices without index": lambda pieces: _stream(
        _chunk({"delta": {"content": "-"}}, {"delta": {"content": one}}) for one in pieces
    ),
    "an index that counts": lambda pieces: _stream(
        _chunk(_choice(one, number)) for number, one in enumerate(pieces)
    ),
    "a text that grows": lambda pieces: _stream(
        _chunk(_choice("".join(pieces[: number + 1]))) for number in range(len(pieces))
    ),
    "two tool calls": lambda pieces: _stream(
        _call(text, at) for one in pieces for at, text in ((0, "-"), (1, one))
    ),
    "tokens": lambda pieces: _chunk({"logprobs": {"content": list(map(_token, pieces))}}).encode(),
    "streamed tokens": lambda pieces: _stream(
        _chunk({"index": 0, "delta": {}, "logprobs": {"content": [_token(one)]}}) for one in pieces
    ),
    "bytes of tokens": lambda pieces: _chunk(
        {"logprobs": {"content": [{"token": "?", "bytes": list(one.encode())} for one in pieces]}}
    ).encode(),
    "bytes": lambda pieces: json.dumps({"bytes": list("".join(pieces).encode())}).encode(),
    "parts of content": lambda pieces: _stream(
        _chunk({"index": 0, "delta": {"content": [{"type": "text", "text": one}]}}) for one in pieces
    ),
    "no JSON, but Python": lambda pieces: _stream(str(json.loads(_chunk(_choice(one)))) for one in pieces),
    "JSON cut off": lambda pieces: _stream(_chunk(_choice(one))[:-2] for one in pieces),
    "JSON too deep": lambda pieces: _stream(
        f'{{"x": {"[" * 1500}0{"]" * 1500}, "text": {json.dumps(one)}}}' for one in pieces
    ),
    "bare text": _stream,
    "bare strings": lambda pieces: _stream(map(json.dumps, pieces)),
}
"""How a text may come piece by piece."""
