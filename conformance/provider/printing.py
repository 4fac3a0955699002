"""A claims profile as YAML, and how one differs from another."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from conformance.provider.importing import Imported
from conformance.provider.model import Claim, Claims
from conformance.wire.excerpt import printable

_ASIDE = frozenset(("quote", "url", "read", "note"))


def as_profile(found: Imported, read: date, where: str, url: str = "") -> str:
    """The YAML of a profile. What comes from the file is written as JSON, which is YAML too."""
    lines = [f"# Made of {printable(where)}, of {printable(found.model)}."]
    lines += [f"# {printable(words)}"[:300] for words in found.words]
    lines += [
        f"title: {_json(printable(found.title))}",
        f"url: {_json(url or found.url)}",
        f"read: {read}",
        "",
        "claims:",
        *(f"  {name}: {_json(details)}" for name, details in found.claims.items()),
    ]
    return "\n".join(lines) + ("\n" if found.claims else " {}\n")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "")


def differences(found: Claims, profile: Claims) -> Iterator[str]:
    """What the one says otherwise than a profile that comes with the suite, a line for each claim."""
    for name in dict.fromkeys([*found.claims, *profile.claims]):
        here, there = found.claims.get(name), profile.claims.get(name)
        if there is None:
            yield f"+ {name}: {_words(here)}"
        elif here is None:
            yield f"- {name}: {_words(there)}"
        elif _words(here) != _words(there):
            yield f"~ {name}: {_words(here)}; {profile.profile}: {_words(there)}"


def _words(claim: Claim | None) -> str:
    if claim is None:
        return "nothing"
    details: Mapping[str, Any] = {name: value for name, value in claim.details.items() if name not in _ASIDE}
    return f"{claim.state}{f' {_json(details)}' if details else ''}"
