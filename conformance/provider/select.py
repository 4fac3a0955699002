"""From the names on the command line to the targets of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from conformance.provider.load import REFERENCE, Providers, embedded
from conformance.provider.mistakes import shown, suggestion
from conformance.provider.model import Offer, Provider, Target
from conformance.provider.proxy import ProxyError, proxy_of
from conformance.provider.secrets import KeyMissing, key_of, private_headers, private_values

ALL = "all"
"""Stands for every entry of providers.yaml."""


class SelectionError(ValueError):
    """What was asked for cannot be tested. Its text is one line for each reason."""


class Selection(NamedTuple):
    """The targets of a run, and what `all` had to leave out: one line for each entry, with the reason."""

    targets: tuple[Target, ...]
    skipped: tuple[str, ...]


def select(
    providers: Providers,
    names: Sequence[str],
    model: str | None = None,
    environ: Mapping[str, str] | None = None,
    contracts: Sequence[str] = (),
) -> Selection:
    """The targets that the names stand for: every model of each provider, in the order named, each once.

    `contracts` are those to test; empty: all that the entries name.

    No name means the embedded provider, which can be named whether or not the file has it. `all` means every
    entry of the file that can be asked now; the others come back as skipped, with the reason. `model`
    replaces the models of an entry, and need not be among them; the embedded provider has its own model
    only. `environ` is where the keys are looked up; None for a run that sends nothing.

    Raises SelectionError: a name is unknown, a key is missing, the model cannot be had, or nothing is left.
    """
    faults: list[str] = []
    skipped: dict[str, str] = {}
    chosen: dict[str, Provider] = {}
    if model is not None and not (model.strip() and model.isprintable()):
        raise SelectionError("--model must be a model id")
    for name in names or (REFERENCE,):
        if name == ALL:
            for each in providers.entries.values():
                if reasons := _obstacles(each, model, environ, contracts):
                    skipped[each.name] = "; ".join(reasons)
                else:
                    chosen.setdefault(each.name, each)
        elif (provider := _named(providers, name)) is None:
            faults.append(_unknown(providers, name))
        elif reasons := _obstacles(provider, model, environ, contracts):
            faults += reasons
        else:
            chosen.setdefault(name, provider)
    if faults:
        raise SelectionError("\n".join(dict.fromkeys(faults)))
    if not chosen:
        raise SelectionError("\n".join(["nothing to test:", *skipped.values()]))
    return Selection(tuple(_targets(chosen.values(), model, contracts)), tuple(skipped.values()))


def _named(providers: Providers, name: str) -> Provider | None:
    return providers.entries.get(name) or (embedded() if name == REFERENCE else None)


def _unknown(providers: Providers, name: str) -> str:
    known = list(dict.fromkeys([*providers.entries, REFERENCE]))
    unknown = f"unknown provider {shown(name)}{suggestion(name, [*known, ALL])}"
    if providers.file is None:
        where = f" in {' or '.join(providers.looked)}" if providers.looked else ""
        return f"{unknown}; there is no providers.yaml{where}; name one with --providers-file=FILE"
    return f"{unknown}; {providers.file} has: {', '.join(known)}"


def _obstacles(
    provider: Provider, model: str | None, environ: Mapping[str, str] | None, contracts: Sequence[str]
) -> list[str]:
    """Why the provider cannot be asked, one line for each reason."""
    found = []
    offered = [one.claims.contract for one in provider.offers]
    if contracts and not set(contracts).intersection(offered):
        wanted = " or ".join(contracts)
        missing = f"{contracts[0]}: " if provider.embedded else f"{contracts[0]}: {{models: […]}}"
        found.append(
            f"'{provider.name}' names no models for {wanted}; it has: {', '.join(offered)}; "
            f"add contracts: {{{missing}}} at {provider.where}"
        )
    if provider.embedded and model not in (None, REFERENCE):
        found.append(
            f"the embedded provider '{provider.name}' has only the model '{REFERENCE}', not {shown(model)}"
        )
    for read in (key_of, private_headers, private_values, proxy_of) if environ is not None else ():
        try:
            read(provider, environ or {})
        except (KeyMissing, ProxyError) as error:
            found.append(str(error))
    return found


def _targets(chosen: Iterable[Provider], model: str | None, contracts: Sequence[str]) -> Iterator[Target]:
    for provider in chosen:
        offers = [one for one in provider.offers if not contracts or one.claims.contract in contracts]
        if model is None:
            yield from (Target(provider, each, one.claims.contract) for one in offers for each in one.models)
        elif having := [one for one in offers if model in one.models]:
            # The entry keeps its list, so that the target has the same name as in a run of all of them.
            yield from (Target(provider, model, one.claims.contract) for one in having)
        else:
            contract = offers[0].claims.contract
            places = {**provider.places, f"contracts.{contract}.models": "--model"}
            replaced = replace(with_models(provider, offers[0], (model,)), places=places)
            yield Target(replaced, model, contract)


def with_models(provider: Provider, offer: Offer, models: tuple[str, ...]) -> Provider:
    """The provider, with other models for that contract."""
    first, *further = (replace(one, models=models) if one == offer else one for one in provider.offers)
    return replace(provider, models=first.models, claims=first.claims, further=tuple(further))
