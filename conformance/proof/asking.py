"""Asks an embedded provider everything.

Most faults strike before HTTP does, so the provider is called directly. Faults of the connection are asked
over one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from conformance.asking.asking import Access, Send, Work, ask_all
from conformance.asking.plan import Plan, plan
from conformance.judging.catalogue import catalogue
from conformance.proof.direct import BASE_URL, KEY, Direct
from conformance.provider.claims import profile, profiles
from conformance.provider.load import embedded
from conformance.provider.model import Claims, Target
from conformance.reference import serving
from conformance.reference.chat.personas import PERSONAS, REFERENCE, Persona
from conformance.reference.fault import Fault, Stage
from conformance.running.tiers import in_order
from conformance.wire.record import Exchange

OF_THE_CONNECTION = {
    "brotli-unasked",
    "busy-while-it-streams",
    "gzip-claimed",
    "interrupted-by-the-next",
    "open-after-done",
    "stream-compressed-at-the-end",
    "worker-lost-by-abort",
}
"""Faults of a reply that show only once a client receives it."""

BRISK = 0.004
"""Seconds for each streamed token where what is asked is waited for."""

SLOW = 0.04
"""Seconds for each streamed token where time is what tells, and the machine may be busy with other things."""

TIMED = {"stream-compressed-at-the-end"}
"""Faults that only time tells."""


def stated(claims: str | Claims) -> Claims:
    """The claims; a name is that of a profile of chat completions."""
    return profile(claims) if isinstance(claims, str) else claims


def is_a_profile(claims: Claims) -> bool:
    """Whether they are those of a profile as it stands, so that what is known of it holds for them."""
    known = profiles(claims.contract)
    return claims.profile in known and claims is profile(claims.profile, claims.contract)


def everything(claims: str | Claims) -> Plan:
    """What the whole catalogue wants sent to a provider with these claims."""
    said = stated(claims)
    if is_a_profile(said):
        return _of_a_profile(said.profile, said.contract)
    return only(catalogue(said.contract), said)


def only(names: Iterable[str], claims: Claims) -> Plan:
    """What these requirements alone want sent."""
    target = Target(replace(embedded(), claims=claims, further=()), "reference", claims.contract)
    cases = catalogue(claims.contract)
    (found,) = plan({target: in_order([cases[name] for name in names], claims)})
    return found


@cache
def _of_a_profile(name: str, contract: str) -> Plan:
    return only(catalogue(contract), profile(name, contract))


def persona_of(claims: Claims) -> Persona:
    """The embedded provider as it is, or without eyes where the documents exclude them."""
    blind = claims.excludes("vision")
    return PERSONAS["text-only"] if blind else REFERENCE


def recorded(
    *faults: Fault,
    claims: str | Claims = "openai",
    persona: Persona = REFERENCE,
    seed: int = 0,
    asked: Plan | None = None,
    kept: Mapping[str, Exchange] = MappingProxyType({}),
    send: Send | None = None,
) -> list[Exchange]:
    """The exchanges with an embedded provider that plays this persona and has these faults.

    It is asked everything, unless a plan says what, but for what is kept. `send` takes its place.
    """
    wanted = everything(claims) if asked is None else asked
    if any(fault.stage is Stage.WIRE or fault.name in OF_THE_CONNECTION for fault in faults):
        pace = SLOW if any(fault.name in TIMED for fault in faults) else BRISK
        with serving(KEY, faults=faults, persona=persona, seed=seed, pace=pace) as url:
            return carried_out(Work(wanted, Access(url, KEY), wanted.ids(), kept), None)
    send = send or Direct(faults, persona, seed).send
    return carried_out(Work(wanted, Access(BASE_URL, KEY), wanted.ids(), kept), send)


def carried_out(work: Work, send: Send | None) -> list[Exchange]:
    """The exchanges that this work comes to; without `send`, over the network."""
    found: list[Exchange] = []
    asyncio.run(ask_all([work], "0123456789ab", found.append, lambda *_: None, send=send))
    return found
