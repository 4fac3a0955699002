"""Bodies that a recorder left compressed are decoded, whatever it did to the headers, and within bounds."""

from __future__ import annotations

import gzip
import sys
import zlib
from importlib import import_module
from typing import Any

import pytest
import zstandard

from conformance.recordings import coding
from conformance.recordings.coding import UndecodableError, decoded
from tests.ids import by_value

brotli: Any = import_module("brotli")  # it has no types

TEXT = '{"a": "ü"}'.encode() * 20


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("x-gzip", gzip.compress(TEXT, mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)[2:-4]),
        ("br", brotli.compress(TEXT)),
        ("zstd", zstandard.compress(TEXT)),
        ("gzip, br", brotli.compress(gzip.compress(TEXT, mtime=0))),
        ("GZIP", TEXT),
        ("br", TEXT),
        ("identity", TEXT),
        ("", TEXT),
    ],
    ids=by_value,
)
def test_a_body_is_decoded_once(name: str, body: bytes) -> None:
    assert decoded(body, name) == TEXT


@pytest.mark.parametrize(
    "pack", [gzip.compress, zlib.compress, brotli.compress, zstandard.compress], ids=by_value
)
def test_a_damaged_or_endless_body_is_refused(pack: object, monkeypatch: pytest.MonkeyPatch) -> None:
    assert callable(pack)
    module = pack.__module__.partition(".")[0].strip("_")
    name = {"gzip": "gzip", "zlib": "deflate", "brotli": "br", "zstandard": "zstd"}[module]
    whole: bytes = pack(bytes(range(256)) * 400)
    if name != "zstd":
        with pytest.raises(UndecodableError, match=r"cut short|damaged"):
            decoded(whole[: len(whole) // 2], name)
    monkeypatch.setattr(coding, "MAX_BODY", 1000)
    with pytest.raises(UndecodableError, match="more than"):
        decoded(whole, name)


def test_a_library_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    body = brotli.compress(TEXT)
    monkeypatch.setitem(sys.modules, "brotli", None)
    with pytest.raises(UndecodableError, match="pip install brotli"):
        decoded(body, "br")
