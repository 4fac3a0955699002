"""Claims profiles: what the documents of a vendor promise, read from the claims folder of a contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Any

from conformance import DEFAULT
from conformance.provider import located
from conformance.provider.level import Level
from conformance.provider.mistakes import Mistake, ProvidersError, shown, suggestion
from conformance.provider.model import (
    STATES,
    Claim,
    Claims,
    Document,
    Example,
    LevelOverride,
    Quote,
    Sentence,
)
from conformance.provider.stating import day_fault, misstated
from conformance.provider.validate import claims_of, schema, violations


def vocabulary(contract: str = DEFAULT) -> Mapping[str, str]:
    """Every name that a claim about a contract can have, parameters first, and its meaning in one line."""
    members = schema(claims_of(contract))["$defs"]["claims"]["properties"]
    return {name: member["description"] for name, member in members.items()}


@cache
def profiles(contract: str = DEFAULT) -> tuple[str, ...]:
    """The names of the profiles of a contract that come with the suite, in alphabetical order."""
    found = (entry.name for entry in _folder(contract).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in found if name.endswith(".yaml")))


def profile(name: str, contract: str = DEFAULT) -> Claims:
    """A profile that comes with the suite: one object, however it is asked for.

    Raises LookupError where there is none of that name, ProvidersError where its file is wrong.
    """
    return _profile(name, contract)


@cache
def _profile(name: str, contract: str) -> Claims:
    if name not in profiles(contract):
        raise LookupError(f"there is no claims profile {name!r} of {contract}")
    file = f"{name}.yaml"
    return parse(_folder(contract).joinpath(file).read_bytes(), file, contract)


def _folder(contract: str) -> Traversable:
    return files("conformance").joinpath("contracts", contract, "claims")


def parse(data: bytes, file: str, contract: str = DEFAULT) -> Claims:
    """A profile from the bytes of its file, whose name without `.yaml` is the profile's.

    Raises ProvidersError with everything that is wrong.
    """
    document = located.read(data, file, ours=True)
    # Only what has the right shape can be looked through.
    faults = [*document.faults, *violations(document, claims_of(contract))] or [*_inconsistencies(document)]
    if faults:
        raise ProvidersError(faults)
    given = document.data
    read = date.fromisoformat(given["read"]) if "read" in given else None
    nothing = Claims(
        file.removesuffix(".yaml"), given["title"], given["url"], {}, {}, contract=contract, read=read
    )
    stated = differing(nothing, given["claims"], given.get("levels", {}))
    return replace(
        stated,
        examples=tuple(map(_example, given.get("examples", ()))),
        pages=tuple(Document(key, **document) for key, document in given.get("documents", {}).items()),
        sentences=tuple(map(_sentence, given.get("sentences", ()))),
    )


def _inconsistencies(document: located.Located) -> Iterator[Mistake]:
    """What the schema cannot see: an id that is there twice, a quote from a document that is not listed."""
    if (day := document.data.get("read")) is not None and (message := day_fault(day)):
        yield document.at_value(("read",), message)
    yield from misstated(document, ("claims",), is_dated=day is not None)
    known = document.data.get("documents", {})
    seen: set[str] = set()
    for number, sentence in enumerate(document.data.get("sentences", ())):
        path = ("sentences", number)
        if sentence["id"] in seen:
            yield document.at_value((*path, "id"), f"the sentence {shown(sentence['id'])} is there twice")
        seen.add(sentence["id"])
        for key in sentence["quotes"].keys() - known.keys():
            message = f"unknown document {shown(key)}{suggestion(key, known)}"
            yield document.at_key((*path, "quotes", key), message)


def differing(base: Claims, claims: Mapping[str, Any], levels: Mapping[str, Any]) -> Claims:
    """The base with some claims and levels replaced, as they stand in YAML.

    true and false mean documented and documented as unsupported, None not documented. Details are added to
    those of the base where both say that it is supported, or both that it is not.
    """
    changed = dict(base.claims)
    for name, value in claims.items():
        if value is None:
            changed.pop(name, None)
        else:
            changed[name] = _claim(value, changed.get(name))
    overridden = {
        requirement: LevelOverride(Level(given["level"]), given["because"])
        for requirement, given in levels.items()
    }
    return replace(
        base,
        claims=MappingProxyType(changed),
        levels=MappingProxyType({**base.levels, **overridden}),
    )


def _claim(value: bool | Mapping[str, Any], base: Claim | None) -> Claim:
    details = {} if isinstance(value, bool) else dict(value)
    unsaid = not any(map(details.get, STATES))  # what is refused or ignored is not supported
    supported = value if isinstance(value, bool) else details.pop("supported", unsaid)
    if base is not None and base.supported == supported:
        kept = {name: known for name, known in base.details.items() if unsaid or name not in STATES}
        details = {**kept, **details}
    return Claim(supported, MappingProxyType(details))


def _example(given: Mapping[str, Any]) -> Example:
    return Example(
        given["name"],
        MappingProxyType(given["body"]),
        given.get("expect", ""),
        MappingProxyType(given.get("members", {})),
    )


def _sentence(given: Mapping[str, Any]) -> Sentence:
    return Sentence(
        given["id"],
        given["type"],
        tuple(Quote(key, quote["line"], quote["text"]) for key, quote in given["quotes"].items()),
        tuple(given.get("decided_by", ())),
        tuple(given.get("inferred", ())),
        given.get("undecidable", ""),
        given.get("note", ""),
    )
