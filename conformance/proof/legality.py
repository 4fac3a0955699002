"""Variants are judged as the embedded provider itself is, but for what they say about themselves.

Most variants come about before HTTP does, so the provider is called directly, and asked everything. Those of
the connection are asked over one, and only what shows every kind of response.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any

from conformance import DEFAULT
from conformance.asking.asking import Access, Work
from conformance.asking.change import stream
from conformance.asking.plan import Plan, plan
from conformance.contracts.chat.probes import prompts
from conformance.contracts.chat.probes.invalid import EMPTY_MESSAGES, EMPTY_MESSAGES_STREAMED, NO_KEY
from conformance.contracts.chat.probes.named import COUNT, COUNT_STREAM, COUNT_USAGE, MODEL_LIST, echo
from conformance.judging.verdict import Verdict
from conformance.proof.asking import carried_out, everything, is_a_profile
from conformance.proof.direct import BASE_URL, KEY, Direct
from conformance.proof.judging import judgements
from conformance.provider.claims import differing, profile
from conformance.provider.load import embedded
from conformance.provider.model import Claims, Target
from conformance.reference import serving
from conformance.reference.call import Call
from conformance.reference.fault import Fault, Stage
from conformance.reference.refusal import Refusal
from conformance.reference.service import PACE
from conformance.reference.variant import Variant
from conformance.reference.variants import BY_CONTRACT, contract_of, parts
from conformance.wire.record import Exchange

SAMPLE = (
    COUNT,
    COUNT_STREAM,
    COUNT_USAGE,
    echo(prompts.UNICODE),
    echo(prompts.UNICODE) | stream,
    EMPTY_MESSAGES,
    EMPTY_MESSAGES_STREAMED,
    NO_KEY,
    MODEL_LIST,
)
"""Answers, streams, refusals and a list: what a connection has to carry."""

MOST_TOGETHER = 14
"""Variants in a group. Each group is asked and judged once, which takes as long as for one variant."""


def needs_a_connection(variant: Variant) -> bool:
    """Whether it shows only once a client receives it."""
    return "coding" in variant.aspects or any(part.stage is Stage.WIRE for part in variant.parts)


def groups() -> tuple[tuple[Variant, ...], ...]:
    """All variants, those together that one service may have. Variants of the connection stand alone.

    The others are dealt twice, and no two meet twice: what one hides of another is seen beside the rest.
    """
    return tuple(group for contract in BY_CONTRACT for group in _groups(contract))


def _groups(contract: str) -> Iterator[tuple[Variant, ...]]:
    together = [one for one in BY_CONTRACT[contract].values() if not needs_a_connection(one)]
    met: set[frozenset[str]] = set()
    for _ in range(2):
        dealt = _dealt(together, met)
        met |= {frozenset((a.name, b.name)) for group in dealt for a, b in combinations(group, 2)}
        yield from dealt
    yield from ((one,) for one in BY_CONTRACT[contract].values() if needs_a_connection(one))


def _dealt(variants: Iterable[Variant], met: Collection[frozenset[str]]) -> list[tuple[Variant, ...]]:
    """The variants in groups, in which nobody is whom it has met before."""
    found: list[list[Variant]] = []
    for variant in variants:
        fitting = (group for group in found if _fits(variant, group, met))
        if (group := next(fitting, None)) is None:
            found.append([variant])
        else:
            group.append(variant)
    return [tuple(group) for group in found]


def _fits(variant: Variant, group: Sequence[Variant], met: Collection[frozenset[str]]) -> bool:
    return (
        len(group) < MOST_TOGETHER
        and bool(variant.documents) is bool(group[0].documents)
        and not any(variant.aspects & other.aspects for other in group)
        and not any(frozenset((variant.name, other.name)) in met for other in group)
    )


def claims_of(variants: Sequence[Variant]) -> Claims:
    """What the documents of a service with these variants state."""
    base = profile("openai", contract_of(variants[0].name) if variants else DEFAULT)
    stated = {name: value for variant in variants for name, value in variant.documents.items()}
    return differing(base, stated, {}) if stated else base


def recorded(
    variants: Sequence[Variant], *, seed: int = 0, pace: float = PACE, http: bool = False
) -> list[Exchange]:
    """The exchanges with an embedded provider that has these variants; `http` asks everything over HTTP.

    `pace` is seconds per streamed token.
    """
    faults, asked = parts(variants), everything(claims_of(variants))
    if http or any(map(needs_a_connection, variants)):
        with serving(KEY, faults=faults, seed=seed, pace=pace) as url:
            wanted = asked if http else _sample()
            return carried_out(Work(wanted, Access(url, KEY), wanted.ids()), None)
    return carried_out(
        Work(asked, Access(BASE_URL, KEY), asked.ids()), Direct(faults, seed=seed, pace=pace).send
    )


def unexpected(
    variants: Sequence[Variant], *, seed: int = 0, pace: float = PACE, http: bool = False
) -> Mapping[str, str]:
    """The verdicts that are other than they should be with these variants, by requirement, and why.

    A variant that does nothing is there by its own name. For the rest see `recorded`.
    """
    done: set[str] = set()
    claims = claims_of(variants)
    exchanges = recorded([_watched(one, done) for one in variants], seed=seed, pace=pace, http=http)
    found = judgements(exchanges, claims)
    whole = http or not any(map(needs_a_connection, variants))
    plain = _plain(claims) if whole else _sampled()
    # Where little is asked, what a variant changes may not be seen.
    changes = {
        n: v for one in variants for n, v in one.changes.items() if plain[n] is not Verdict.INCONCLUSIVE
    }
    expected = {**plain, **changes}
    other = {
        name: f"{one.verdict}, not {expected[name]}: {one.message}"
        for name, one in found.items()
        if one.verdict is not expected[name]
    }
    return other | {one.name: "changes nothing" for one in variants if one.name not in done}


def _watched(variant: Variant, done: set[str]) -> Variant:
    """The variant, which puts its name down once it has changed anything."""

    def watched(part: Fault) -> Fault:
        def apply(value: Any, call: Call) -> Any:
            before = copy(value) if isinstance(value, list) else value
            try:
                after = part.apply(value, call)
            except Refusal:
                done.add(variant.name)
                raise
            if variant.name not in done and _comparable(after) != _comparable(before):
                done.add(variant.name)
            return after

        return replace(part, apply=apply)

    return replace(variant, parts=tuple(map(watched, variant.parts)))


def _comparable(value: Any) -> Any:
    return vars(value) if isinstance(value, Refusal) else value


def _plain(claims: Claims) -> Mapping[str, Verdict]:
    """The verdicts without any variants."""
    if is_a_profile(claims):
        return _clean(claims.profile, claims.contract)
    return _verdicts(everything(claims), claims)


@cache
def _clean(name: str, contract: str) -> Mapping[str, Verdict]:
    claims = profile(name, contract)
    return _verdicts(everything(claims), claims)


@cache
def _sampled() -> Mapping[str, Verdict]:
    return _verdicts(_sample(), "openai")


def _verdicts(asked: Plan, claims: str | Claims) -> Mapping[str, Verdict]:
    found = carried_out(Work(asked, Access(BASE_URL, KEY), asked.ids()), Direct().send)
    return {name: one.verdict for name, one in judgements(found, claims).items()}


@cache
def _sample() -> Plan:
    target = Target(embedded(), "reference")
    (found,) = plan({target: SAMPLE})
    return found
