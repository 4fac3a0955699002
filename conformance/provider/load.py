"""providers.yaml: found, read, checked as a whole, and turned into providers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from conformance import CONTRACTS, DEFAULT
from conformance.provider import located
from conformance.provider.addresses import address_fault
from conformance.provider.claims import differing, profile, profiles
from conformance.provider.located import Located
from conformance.provider.mistakes import Mistake, ProvidersError, shown, suggestion
from conformance.provider.model import Claims, Expected, Extra, Limits, Offer, Price, Provider
from conformance.provider.reaching import unreachable
from conformance.provider.secrets import variable_of, variables_in
from conformance.provider.stating import date_fault, misstated
from conformance.provider.validate import PROVIDERS, violations

FILE_NAME = "providers.yaml"
REFERENCE = "reference"
"""The name of the embedded provider, and the id of its model."""


@dataclass(frozen=True, slots=True)
class Providers:
    """The entries of a providers.yaml by name, in its order.

    `file` is how messages name the file; None where there is none in the folders `looked` at. `overrides`
    are the requirements whose level the entries themselves set, with line and column.
    """

    file: str | None
    entries: Mapping[str, Provider]
    overrides: tuple[tuple[str, located.Place], ...] = ()
    looked: tuple[str, ...] = ()

    def check_requirements(self, known: Collection[str]) -> None:
        """Raise ProvidersError where an entry sets the level of a requirement that does not exist.

        Known failures are not looked at: one that names no requirement is a finding of the run.
        """
        faults = [
            Mistake(
                self.file or FILE_NAME, *place, f"unknown requirement {shown(name)}{suggestion(name, known)}"
            )
            for name, place in self.overrides
            if name not in known
        ]
        if faults:
            raise ProvidersError(faults)


def find(folders: Sequence[Path]) -> Providers:
    """The providers.yaml in the first of the folders that has one, else the embedded provider alone."""
    for folder in folders:
        if (file := folder / FILE_NAME).exists():
            return load(file)
    return default_providers(folders)


def default_providers(looked: Sequence[Path] = ()) -> Providers:
    """The embedded provider alone, for where there is no providers.yaml in the folders looked at."""
    places = tuple(dict.fromkeys(map(_display, looked)))
    return Providers(None, MappingProxyType({REFERENCE: embedded()}), looked=places)


def embedded() -> Provider:
    """The embedded provider as it is where no entry describes it: it offers every contract."""
    entry = {"embedded": True, "contracts": {name: None for name in CONTRACTS if name != DEFAULT}}
    first, *further = (_offer(contract, given) for contract, given in _stated(entry).items())
    return Provider(
        REFERENCE,
        "",
        first.models,
        first.claims,
        embedded=True,
        where="built in",
        further=tuple(further),
        entry=MappingProxyType(entry),
    )


def load(path: Path) -> Providers:
    """Read and check a file. Raises ProvidersError with everything that is wrong."""
    file = _display(path)
    try:
        with path.open("rb") as stream:
            data = stream.read(located.MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise ProvidersError([Mistake(file, 0, 0, f"cannot be read: {reason}")]) from None
    return parse(data, file)


def parse(data: bytes, file: str) -> Providers:
    """The providers in the bytes of a file, which messages call `file`.

    Raises ProvidersError with everything that is wrong.
    """
    document = located.read(data, file)
    further = [*_further(document)]
    said = {(one.line, one.column) for one in further}
    shapes = (one for one in violations(document, PROVIDERS) if (one.line, one.column) not in said)
    faults = [*document.faults, *shapes, *further]
    # Only what has the right shape can be looked through.
    if faults := faults or [*_incomplete(document), *_misstated(document)]:
        raise ProvidersError(faults)
    entries = document.data["providers"]
    return Providers(
        file,
        _Entries(document, entries),
        tuple(_overrides(document, entries)),
    )


class _Entries(Mapping[str, Provider]):
    """Makes a provider when it is asked for: most runs need one of many, and each has a profile to read."""

    def __init__(self, document: Located, entries: Mapping[str, Any]) -> None:
        self._document = document
        self._entries = entries
        self._made: dict[str, Provider] = {}

    def __getitem__(self, name: str) -> Provider:
        if name not in self._made:
            self._made[name] = _provider(self._document, name, self._entries[name])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def _display(path: Path) -> str:
    """The path as a message names it: from the current folder, where it lies within it."""
    try:
        inside = path.absolute().relative_to(Path.cwd())
    except ValueError:
        inside = path
    return str(inside).encode("utf-8", "replace").decode()


def _further(document: Located) -> Iterator[Mistake]:
    """What a JSON Schema cannot say about the values that are of the right type."""
    for path, text in document.texts():
        message = None
        match path:
            case ("providers", str(), "base_url"):
                message = address_fault(text)
            case ("providers", str(), *_, "claims") | ("providers", str(), *_, "claims", "profile"):
                message = _profile_fault(text, _every_profile())
            case ("providers", str(), "expected", int(), "until"):
                message = date_fault("until", text)
        if message:
            yield document.at_value(path, message)
    yield from unreachable(document)
    yield from _repeated(document)


def _every_profile() -> Collection[str]:
    return list(dict.fromkeys(name for contract in CONTRACTS for name in profiles(contract)))


def _profile_fault(text: str, known: Collection[str]) -> str | None:
    if text in known:
        return None
    near = suggestion(text, known) or f"; there are {', '.join(known)}"
    return f"unknown profile {shown(text)}{near}"


def _repeated(document: Located) -> Iterator[Mistake]:
    """Known failures and headers that are named twice."""
    seen: set[tuple[str, ...]] = set()
    for path, text in document.texts():
        mark: tuple[str, ...]
        match path:
            case ("providers", str(provider), "expected", int(), "requirement"):
                mark, message = (provider, text), f"{shown(text)} is already expected"
            case ("providers", str(provider), "headers", str(name)):
                mark, message = (provider, "header", name.lower()), f"the header {name} is named twice"
            case _:
                continue
        if mark in seen:
            yield document.at_key(path, message)
        seen.add(mark)


def _incomplete(document: Located) -> Iterator[Mistake]:
    """Contracts of which neither they nor their entry say what is to be tested, or by what profile."""
    for name, entry in document.data["providers"].items():
        for contract, given in _stated(entry).items():
            where = (
                "providers",
                name,
                *(("contracts", contract) if contract in entry.get("contracts", ()) else ()),
            )
            for key in () if entry.get("embedded") else ("models", "claims"):
                if key not in given:
                    yield document.at_key(where, f"{contract} lacks '{key}', and so does the entry")
            message = _profile_fault(_profile(given), profiles(contract))
            if message is not None:
                yield document.at_key(where, f"{message}, of {contract}")


def _misstated(document: Located) -> Iterator[Mistake]:
    """What entries say their documents say otherwise than a profile, and what does not go together."""
    for name, entry in document.data["providers"].items():
        for path, claims in _every_claims(name, entry):
            if "but" in claims:
                yield from misstated(document, (*path, "but"), is_dated=False)


def _every_claims(name: str, entry: Mapping[str, Any]) -> Iterator[tuple[located.Path, Mapping[str, Any]]]:
    """The claims of an entry and of its contracts, where they are more than the name of a profile."""
    stated: list[tuple[located.Path, Any]] = [(("providers", name), entry)]
    stated += [
        (("providers", name, "contracts", contract), given)
        for contract, given in (entry.get("contracts") or {}).items()
    ]
    for path, given in stated:
        if isinstance(claims := (given or {}).get("claims"), dict):
            yield (*path, "claims"), claims


def _stated(entry: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """What is stated of each contract of an entry, in the order in which reports show them.

    What a contract leaves out is the entry's. The models of an entry are those of the contract that is
    tested where no other is named.
    """
    named = entry.get("contracts") or {}
    own = {DEFAULT: None} if "models" in entry or not named or entry.get("embedded") else {}
    stated = {**own, **named}
    return {one: {**entry, **(stated[one] or {})} for one in sorted(stated, key=CONTRACTS.index)}


def _profile(given: Mapping[str, Any]) -> str:
    claims = given.get("claims", "openai")
    return str(claims if isinstance(claims, str) else claims["profile"])


def _offer(contract: str, given: Mapping[str, Any]) -> Offer:
    embedded = given.get("embedded", False)
    models = (REFERENCE,) if embedded else given["models"]
    claims = _claims(given.get("claims", "openai"), contract, is_keyless=not embedded and _is_keyless(given))
    claims = replace(claims, omitted=frozenset(given["omit"])) if "omit" in given else claims
    return Offer((models,) if isinstance(models, str) else tuple(models), claims)


def _provider(document: Located, name: str, entry: Mapping[str, Any]) -> Provider:
    is_embedded = entry.get("embedded", False)
    first, *further = (_offer(contract, given) for contract, given in _stated(entry).items())
    price = entry.get("price")
    return Provider(
        name=name,
        base_url=entry.get("base_url", "").rstrip("/"),
        models=first.models,
        claims=first.claims,
        further=tuple(further),
        key_variable=variable_of(entry.get("api_key", "")),
        embedded=is_embedded,
        persona=entry.get("persona", "reference"),
        headers=MappingProxyType(entry.get("headers", {})),
        extra=Extra(
            MappingProxyType(entry.get("query", {})),
            MappingProxyType(entry.get("extra_body", {})),
            frozenset(entry.get("omit", ())),
        ),
        limits=_limits(entry.get("limits", {})),
        price=Price(float(price["prompt"]), float(price["completion"])) if price else None,
        expected=tuple(
            _expected(document.where(("providers", name, "expected", index)), given)
            for index, given in enumerate(entry.get("expected", ()))
        ),
        where=document.where(("providers", name)),
        entry=MappingProxyType(entry),
        places=MappingProxyType(dict(_places(document, name, entry))),
    )


def _places(document: Located, name: str, entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """`file:line` of each member of an entry, those of its contracts too."""
    paths: list[tuple[str, ...]] = [(member,) for member in entry]
    paths += [
        ("contracts", contract, member)
        for contract, stated in (entry.get("contracts") or {}).items()
        for member in stated or ()
    ]
    for path in paths:
        yield ".".join(path), document.where(("providers", name, *path)).rpartition(":")[0]


def _is_keyless(entry: Mapping[str, Any]) -> bool:
    """Whether nothing that is sent to the provider could be a key."""
    added = (entry.get(member, {}) for member in ("headers", "query", "extra_body"))
    return "api_key" not in entry and not any(map(variables_in, added))


def _claims(given: str | Mapping[str, Any], contract: str, *, is_keyless: bool) -> Claims:
    if isinstance(given, str):
        given = {"profile": given}
    claims = profile(given["profile"], contract)
    if is_keyless:
        claims = differing(claims, {"auth": False, "auth-all-endpoints": False}, {})
    return differing(claims, given.get("but", {}), given.get("levels", {}))


def _limits(given: Mapping[str, Any]) -> Limits:
    # JSON Schema takes 8.0 for a whole number, and a semaphore does not.
    kinds: Mapping[str, Any] = {"concurrency": int, "rpm": int}
    return Limits(**{name: kinds.get(name, float)(value) for name, value in given.items()})


def _expected(where: str, given: Mapping[str, Any]) -> Expected:
    until = given.get("until")
    return Expected(
        given["requirement"],
        given["because"],
        given.get("link", ""),
        date.fromisoformat(until) if until else None,
        where,
        given.get("sometimes", False),
    )


def _overrides(document: Located, entries: Mapping[str, Any]) -> Iterator[tuple[str, located.Place]]:
    for name, entry in entries.items():
        for path, claims in _every_claims(name, entry):
            for requirement in claims.get("levels", {}):
                yield requirement, document.keys[(*path, "levels", requirement)]
