"""The entry of a provider as it travels in a journal, to judge again where there is no providers.yaml."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from conformance.provider.claims import differing
from conformance.provider.load import Providers, parse
from conformance.provider.model import Provider
from conformance.provider.secrets import variables_in

Entries = Mapping[str, Mapping[str, Any]]
"""Entries of providers.yaml by the names of the providers."""


def travelling(provider: Provider) -> Mapping[str, Any]:
    """What its entry says, as JSON. Of the headers only those that name a variable: others may be private."""
    entry = dict(provider.entry)
    headers = {name: value for name, value in entry.pop("headers", {}).items() if variables_in(value)}
    return {**entry, **({"headers": headers} if headers else {})}


def arrived(entries: Entries, journal: str) -> Providers:
    """The providers that a journal describes. Messages name it as the place.

    Raises ProvidersError, as for a file that somebody wrote: another version may have, or anybody.
    """
    found = parse(json.dumps({"providers": entries}, ensure_ascii=False).encode(), journal)
    return replace(
        found,
        entries={
            name: replace(
                provider,
                where=journal,
                expected=tuple(replace(one, where=journal) for one in provider.expected),
            )
            for name, provider in found.entries.items()
        },
    )


def stating(provider: Provider, contract: str, documents: Mapping[str, Any]) -> Provider:
    """The provider, whose documents of that contract state these claims too."""
    offers = {one.claims.contract: one for one in provider.offers}
    if contract not in offers:
        return provider
    offers[contract] = replace(offers[contract], claims=differing(offers[contract].claims, documents, {}))
    first, *further = offers.values()
    # Beside the contract: what stands beside the entry counts for every contract that has none of its own.
    contracts = dict(provider.entry.get("contracts") or {})
    own = contracts.get(contract) or {}
    given = own.get("claims", provider.entry.get("claims", offers[contract].claims.profile))
    claims: Mapping[str, Any] = {"profile": given} if isinstance(given, str) else given
    contracts[contract] = {**own, "claims": {**claims, "but": {**claims.get("but", {}), **documents}}}
    return replace(
        provider,
        claims=first.claims,
        further=tuple(further),
        entry={**provider.entry, "contracts": contracts},
    )
