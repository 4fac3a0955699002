"""Undoes the compression of a recorded body, where the recorder did not; never into more than is bounded."""

from __future__ import annotations

import zlib
from importlib import import_module
from typing import Any

MAX_BODY = 16 * 2**20
"""Bytes of a body that is judged."""


class UndecodableError(Exception):
    """A body cannot be decoded; the message says why, and what would help."""


def decoded(body: bytes, encoding: str) -> bytes:
    """The body without its Content-Encoding. Recorders often keep the header and decode the body."""
    for name in reversed([part.strip().lower() for part in encoding.split(",")]):
        body = _decoded(body, name)
        if len(body) > MAX_BODY:
            raise UndecodableError(f"a body of more than {MAX_BODY // 2**20} MiB")
    return body


def _decoded(body: bytes, name: str) -> bytes:
    if name in ("gzip", "x-gzip") and body.startswith(b"\x1f\x8b"):
        return _zlib(body, zlib.MAX_WBITS | 16)
    if name not in ("deflate", "br", "zstd") or _is_text(body):
        return body
    if name == "deflate":
        try:
            return _zlib(body, zlib.MAX_WBITS)
        except UndecodableError:
            return _zlib(body, -zlib.MAX_WBITS)
    return _brotli(body) if name == "br" else _zstd(body)


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _zlib(body: bytes, bits: int) -> bytes:
    engine = zlib.decompressobj(bits)
    try:
        found = engine.decompress(body, MAX_BODY + 1)
    except zlib.error as error:
        raise UndecodableError(f"the compressed body is damaged: {error}") from None
    if not engine.eof and len(found) <= MAX_BODY:
        raise UndecodableError("the compressed body is cut short")
    return found


def _brotli(body: bytes) -> bytes:
    brotli = _library("brotli", "brotli")
    engine = brotli.Decompressor()
    try:
        found: bytes = engine.process(body, output_buffer_limit=MAX_BODY + 1)
        whole = engine.is_finished() or len(found) > MAX_BODY
    except brotli.error as error:
        raise UndecodableError(f"the compressed body is damaged: {error}") from None
    if not whole:
        raise UndecodableError("the compressed body is cut short")
    return found


def _zstd(body: bytes) -> bytes:
    zstandard = _library("zstandard", "zstandard")
    try:
        with zstandard.ZstdDecompressor().stream_reader(body) as reader:
            found: bytes = reader.read(MAX_BODY + 1)
    except zstandard.ZstdError as error:
        raise UndecodableError(f"the compressed body is damaged: {error}") from None
    return found


def _library(module: str, package: str) -> Any:
    try:
        return import_module(module)
    except ModuleNotFoundError:
        raise UndecodableError(f"it is compressed: pip install {package}") from None
