"""Nobody is accused who keeps their documents: not a vendor, not a weak model, not one that thinks.

What a model is not able to show is inconclusive. What its documents say it refuses is unsupported, or passes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pytest

from conformance.exchange.record import Exchange
from conformance.exchange.usage import token_counts
from conformance.proof.asking import everything, judgements, recorded
from conformance.provider.claims import differing, profile, profiles
from conformance.provider.model import Claims
from conformance.reference.call import Call
from conformance.reference.faults.change import each_delta, each_message, without
from conformance.reference.faults.fault import on_answer, on_events, on_usage
from conformance.reference.personas import PERSONAS, THINKING, Persona
from conformance.reference.request import JsonObject
from conformance.reference.stream import Event
from conformance.verdict import Verdict

MOST_REQUESTS, MOST_TOKENS = 140, 12_000

DOCUMENTED = {name: "reference" if name == "openai" else name for name in profiles()}
"""The persona that keeps the documents of each profile."""

ONE_VALUE = {"values": [1], "model_dependent": True}
DIFFERING: Mapping[str, Mapping[str, Any]] = {
    "weak": {},
    "stubborn": {},
    "thinking": {},
    "reasoning": {"temperature": ONE_VALUE, "top_p": ONE_VALUE, "max_tokens": False},
    "text-only": {"vision": {"supported": False, "refused": True}},
}
"""What the documents of the models that no profile is about say other than OpenAI's."""


@on_usage()
def details_withheld(usage: JsonObject, _: Call) -> JsonObject:
    """Usage does not say how much was thought."""
    return without(usage, "completion_tokens_details")


@on_answer()
def thoughts_withheld(answer: JsonObject, _: Call) -> JsonObject:
    """An answer does not show what was thought."""
    return each_message(answer, lambda message: without(message, "reasoning_content"))


@on_events()
def streamed_thoughts_withheld(events: list[Event], _: Call) -> list[Event]:
    """A stream does not show what was thought."""
    return each_delta(events, lambda delta: without(delta, "reasoning_content"))


SILENT = Persona(
    "thinks, and does not say so",
    THINKING,
    alterations=(details_withheld, thoughts_withheld, streamed_thoughts_withheld),
)


def claims_of(name: str) -> Claims:
    return differing(profile("openai"), DIFFERING[name], {})


@cache
def exchanges(name: str) -> Sequence[Exchange]:
    """What is recorded with a persona that no profile is about."""
    return recorded(claims=claims_of(name), persona=PERSONAS[name])


def accused(found: Sequence[Exchange], claims: Claims, *further: Verdict) -> dict[str, tuple[Verdict, str]]:
    """What the persona is accused of, or given the benefit of the doubt about."""
    wrong = (Verdict.FAIL, Verdict.WARN, Verdict.ERROR, *further)
    judged = judgements(found, claims)
    return {name: (one.verdict, one.message) for name, one in judged.items() if one.verdict in wrong}


def cost(found: Sequence[Exchange]) -> tuple[int, int]:
    """Requests and tokens. A choice of the tokens is drawn, but few of them."""
    served = [one for one in found if one.last.status == 200]
    counts = [token_counts(one.last.body) for one in served]
    tokens = sum((prompt or 0) + (completion or 0) for prompt, completion in counts)
    return sum(len(one.attempts) for one in found), tokens


@pytest.mark.parametrize("name", DOCUMENTED)
def test_who_keeps_the_documents_to_the_letter_passes(name: str) -> None:
    found = recorded(claims=name, persona=PERSONAS[DOCUMENTED[name]])
    assert accused(found, profile(name), Verdict.INCONCLUSIVE) == {}
    assert all(one.adapted == () for one in found)
    requests, tokens = cost(found)
    assert requests <= MOST_REQUESTS
    assert tokens <= MOST_TOKENS


@pytest.mark.parametrize("name", DIFFERING)
def test_nobody_is_accused_of_what_the_model_cannot_do(name: str) -> None:
    claims = claims_of(name)
    assert accused(exchanges(name), claims) == {}
    requests, tokens = cost(exchanges(name))
    assert requests <= MOST_REQUESTS
    assert tokens <= MOST_TOKENS


def test_nobody_is_accused_of_thinking_silently() -> None:
    assert accused(recorded(persona=SILENT), profile("openai")) == {}


def test_no_persona_is_left_out() -> None:
    assert {*DOCUMENTED.values(), *DIFFERING} == PERSONAS.keys()


def test_requests_are_adapted_to_a_reasoning_model() -> None:
    found = {one.probe: one for one in exchanges("reasoning")}
    left_out, raised, renamed = "temperature left out", "limit raised to 1024 tokens", "max_completion_tokens"
    for name in ("nato", "count stream", "echo stream"):
        assert found[name].adapted == (left_out, raised, f"{renamed} in place of max_tokens")
        assert found[name].last.status == 200
    assert found["count max_tokens=5"].last.status == 400
    judged = judgements(exchanges("reasoning"), claims_of("reasoning"))
    assert judged["sampling.temperature-range-accepted"].verdict is Verdict.UNSUPPORTED
    assert judged["limits.max-tokens-bounds"].verdict is Verdict.PASS
    assert judged["stop.string-stops"].verdict is Verdict.PASS


def test_a_refusal_of_what_is_documented_is_still_a_finding() -> None:
    judged = judgements(exchanges("reasoning"), profile("openai"))
    for name in ("sampling.temperature-range-accepted", "limits.truncation-is-success"):
        assert judged[name].verdict is Verdict.FAIL
    assert len([one for one in judged.values() if one.verdict is Verdict.FAIL]) == 3


def test_every_persona_is_asked_the_same() -> None:
    keys = {probe.key for probe in everything("openai").probes}
    assert {one.key for one in exchanges("weak")} == keys
