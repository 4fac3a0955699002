"""The sample run with something nasty wherever a provider, a model's name or a document can put text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from enum import StrEnum
from typing import Any

from conformance.report.results.results import Results
from tests.report.sample import sample

NASTY = (
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)> ' onmouseover='alert(1)",
    "</style></pre></details><svg onload=alert(1)>",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "a\u202eb\u2066c\x00d\x1b[31me\u200bf\ufeffg\ud800h\r\ni",
    "javascript:alert(1)//https://x.example",
    "| a | b |\n\n# heading\n\n[text](https://x.example) ![i](https://x.example/i.png) @someone `c` ***",
    "&lt;b&gt; &#x3c;script&#x3e;",
    "unbroken" * 50,
    "\u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd",
    "",
)

_KEPT = frozenset({"id", "exchange", "requirement", "see", "test", "method", "area", "until", "credential"})
"""Members that the schema or the suite itself keeps in form."""

_IDS = frozenset({"exchanges", "offending"})


def hostile(text: str) -> Results:
    """The sample run with that text in every other member that holds text."""
    results: Results = _with(sample(), text)
    # A request's address is the suite's own; the schema has it begin like one.
    exchanges = {
        key: replace(one, request=replace(one.request, url=f"https://x.example/{text}"))
        for key, one in results.exchanges.items()
    }
    return replace(results, exchanges=exchanges)


def _with(value: Any, text: str) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: _member(field.name, getattr(value, field.name), text) for field in fields(value)
        }
        return replace(value, **changed)
    if isinstance(value, Mapping):
        return {key: _with(item, text) for key, item in value.items()}
    if isinstance(value, tuple):
        return tuple(_with(item, text) for item in value)
    return text if type(value) is str else value


def _member(name: str, value: Any, text: str) -> Any:
    if name in _KEPT or isinstance(value, StrEnum) or (name in _IDS and isinstance(value, tuple)):
        return value
    if name in ("provider", "model"):
        # Two targets must stay two.
        return text + value
    return _with(value, text)
